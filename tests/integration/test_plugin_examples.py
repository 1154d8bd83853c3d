"""The example plugins as the build leaves them, in a real host, beside the built-in conversions."""

import json
import math
import pathlib
import re

import pytest

from plugins import ask, needs_hosts, ok
from server import BINARY, wait_until
from wire import once, request

EXAMPLES = pathlib.Path(BINARY).parents[1] / "plugins"
STARS = {"ra": [0.0, 83.822, 266.405, 359.99], "dec": [90.0, -5.391, -28.936, 41.269]}

pytestmark = [needs_hosts, pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the example plugins are not built")]


@pytest.fixture
def server(servers):
    server = servers.get("--plugins-hosts", "1", plugins=str(EXAMPLES))
    server.expect_log("dubious year")  # ERFA's opinion of dates that are far away
    return server


def close(answer, reference, tolerance):
    assert set(answer) == set(reference)
    for name, values in reference.items():
        assert answer[name] == pytest.approx(values, abs=tolerance)


def test_numpy(server):
    close(ok(server, "my_radec_to_xyz", STARS), ok(server, "radec_to_xyz", STARS), 3e-16)
    assert ok(server, "my_radec_to_xyz?radius=2", {"ra": [0, 90], "dec": 0})["z"] == [0.0, 0.0]


def test_compiled(server):
    points = {"lon1": STARS["ra"], "lat1": STARS["dec"], "lon2": 10.684, "lat2": 41.269}
    close(ok(server, "fast_separation", points), ok(server, "separation", points), 1e-13)


def test_astropy(server):
    answer = ok(server, "astropy_frame", {**STARS, "frame": "galactic"})
    reference = ok(server, "icrs_to_galactic", STARS)  # by another definition: 0.025 arcsec
    for lon, lat, l, b in zip(answer["lon"], answer["lat"], reference["l"], reference["b"]):
        assert abs(lat - b) < 8e-6 and abs((lon - l + 180) % 360 - 180) * math.cos(math.radians(b)) < 8e-6
    close(ok(server, "astropy_frame?frame=fk5&equinox_out=J2025.5", {"ra": 83.822, "dec": -5.391}),
          {"lon": 84.13541612500042, "lat": -5.376110921351507}, 1e-4)


def test_log_and_request_id(servers):
    """What a plugin says comes into the log at its level, with its name and the request's id."""
    server = servers.get("--plugins-hosts", "1", plugins={"speaker.py": """
from astrolabe_plugin import conversion, log, request_id

@conversion(inputs={"a": ""}, outputs={"b": ""})
def speak(a, *, level: str = "info"):
    log(f"this is {request_id()}", level)
    print("plainly")
    return a
"""})
    server.expect_log("this is say-")
    for level, word in (("warning", "warn"), ("error", "error"), ("info", "info")):
        ask(server, f"speak?level={level}", {"a": 1}, {"X-Request-Id": f"say-{word}"})
        wait_until(lambda: re.search(rf'level={word} event=plugin_output .*plugin=speaker request_id=say-{word} '
                                     rf'stream=stderr text="this is say-{word}"', server.log()), server.log)
    assert re.search("level=info event=plugin_output .*plugin=speaker request_id=say-warn stream=stdout text=plainly",
                     server.log())


def test_what_is_said_of_them(server):
    answer = once(server, request("GET", "/v1/conversions/astropy_frame"))
    described = json.loads(answer.body)
    frame = next(parameter for parameter in described["parameters"] if parameter["name"] == "frame")
    assert "galactic" in frame["choices"] and frame["doc"] == "the frame of the results"
    refused = ask(server, "astropy_frame", {"ra": 1, "dec": 2, "frame": "galactic", "equinox_out": "J2000"})
    assert refused.status == 400 and refused.get("X-Error-Code") == "conflict"
    assert refused.json()["field"] == "equinox_out" and "the frame galactic has no equinox" in refused.json()["error"]
