"""data.leap_seconds: read at start, checked, read again on SIGHUP; contexts of the old table are forgotten."""

import hashlib
import signal
import subprocess

import pytest

from server import BINARY, Server, wait_until
from wire import Wire, post, request

GOLDEN = "tests/golden/time"
NTP = 2208988800  # seconds from 1900 to 1970


def golden(name):
    with open(f"{GOLDEN}/{name}") as file:
        return file.read()


def with_step(text):
    """One more leap second, at 2030-01-01, and the checksum that belongs to it."""
    lines, steps = [], []
    for line in text.splitlines():
        if line.startswith("#h"):
            continue
        lines.append(line)
        if line and not line.startswith("#"):
            steps.append(line.split()[:2])
    steps.append([str(NTP + 1893456000), "38"])
    lines.append(f"{steps[-1][0]}      38")
    marks = {line[:2]: line[2:].strip().split()[0] for line in lines if line[:2] in ("#$", "#@")}
    digest = hashlib.sha1((marks["#$"] + marks["#@"] + "".join(a + b for a, b in steps)).encode()).hexdigest()
    words = " ".join(digest[i:i + 8] for i in range(0, 40, 8))
    return "\n".join([*lines, f"#h {words}", ""])


def tai_minus_utc(server, jd):
    with Wire(server) as wire:
        answer = wire.ask(post("/v1/convert/tai_minus_utc", {"jd1": jd}))
    assert answer.status == 200, answer
    return answer.json()


def metric(server, name):
    with Wire(server) as wire:
        text = wire.ask(request("GET", "/metrics")).body.decode()
    return float(next(line for line in text.splitlines() if line.startswith(name + " ")).split()[1])


AFTER_2030 = 2462503.5 + 100


def test_reload(tmp_path):
    path = tmp_path / "leap-seconds.list"
    path.write_text(golden("leap-seconds.list"))
    with Server("--data-leap-seconds", str(path)) as server:
        assert tai_minus_utc(server, AFTER_2030)["tai_minus_utc"] == 37
        expires = metric(server, "astrolabe_leap_seconds_expiry_seconds")
        assert expires > 1.7e9
        path.write_text(with_step(path.read_text()))
        server.signal(signal.SIGHUP)
        wait_until(lambda: tai_minus_utc(server, AFTER_2030)["tai_minus_utc"] == 38, "the new table")
        path.write_text("#@ 1\nnonsense\n")
        server.expect_log(r"event=reload_failed what=data.leap_seconds")
        server.signal(signal.SIGHUP)
        wait_until(lambda: server.log_lines("event=reload_failed what=data.leap_seconds"), "the refusal")
        assert tai_minus_utc(server, AFTER_2030)["tai_minus_utc"] == 38


def test_expired(tmp_path):
    path = tmp_path / "leap-seconds.list"
    path.write_text(golden("leap-seconds-expired.list"))
    with Server("--data-leap-seconds", str(path)) as server:
        server.expect_log("event=leap_seconds_expired")
        assert server.log_lines("event=leap_seconds_expired .*expires=2026-06-28")
        answer = tai_minus_utc(server, AFTER_2030)
        assert answer["tai_minus_utc"] == 37
        assert [warning["code"] for warning in answer["warnings"]] == ["leap_seconds_expired"]


@pytest.mark.parametrize("text", ["", "nothing\n", None])
def test_a_file_that_was_asked_for_must_be_right(tmp_path, text):
    path = tmp_path / "leap-seconds.list"
    if text is not None:
        path.write_text(text)
    for action in (["--check-config"], ["--listen", "127.0.0.1:0"]):
        run = subprocess.run([BINARY, "--data-leap-seconds", str(path), *action], capture_output=True, text=True,
                             timeout=30)
        assert run.returncode == 2 and "data.leap_seconds" in run.stderr and str(path) in run.stderr, run


def test_a_cut_file_is_not_taken(tmp_path):
    path = tmp_path / "leap-seconds.list"
    lines = golden("leap-seconds.list").splitlines()
    last = max(i for i, line in enumerate(lines) if line and not line.startswith("#"))
    path.write_text("\n".join(lines[:last] + lines[last + 1:]) + "\n")
    run = subprocess.run([BINARY, "--data-leap-seconds", str(path), "--check-config"], capture_output=True,
                         text=True, timeout=30)
    assert run.returncode == 2 and "leap_seconds" in run.stderr, run


EXCERPT = "tests/golden/eop/finals2000A.excerpt"
OLD_TABLE = "event=eop_(old|expired)"


def convert(server, name, arguments, status=200):
    with Wire(server) as wire:
        answer = wire.ask(post(f"/v1/convert/{name}", arguments))
    assert answer.status == status, answer
    return answer


def last_days(number):
    with open(EXCERPT) as file:
        return file.readlines()[:number]


def test_eop_policies():
    with Server("--data-eop", EXCERPT, "--data-leap-seconds", f"{GOLDEN}/leap-seconds.list") as server:
        server.expect_log(OLD_TABLE)
        row = convert(server, "eop_lookup", {"mjd": [57023.0, 57023.5, None]}).json()
        assert row["dut1"][0] == -0.4599090 and row["xp"][0] == 0.030755 and row["status"] == [0, 0, -1]
        assert abs(row["dut1"][1] - (-0.4599090 - 0.4608087) / 2) < 1e-10 and row["dut1"][2] is None
        answer = convert(server, "eop_lookup", {"mjd": 61500.0})
        assert answer.json()["status"] == 1 and answer.get("x-astrolabe-warning") == "eop_predicted"
        answer = convert(server, "eop_lookup", {"mjd": 61500.0, "eop": "strict"}, 400)
        assert answer.get("x-error-code") == "eop_unavailable", answer
        answer = convert(server, "utc_to_ut1", {"jd1": [2457100.5, 2499999.5]}, 400)
        assert answer.get("x-error-code") == "eop_unavailable" and "eop=zero" in answer.json()["error"], answer
        answer = convert(server, "utc_to_ut1", {"jd1": [2457100.5, 2499999.5], "eop": "zero"})
        assert {warning["code"]: warning["count"] for warning in answer.json()["warnings"]} == {
            "eop_zero": 1, "leap_seconds_expired": 1}
        assert convert(server, "utc_to_ut1", {"jd1": 2499999, "dut1": 0.5}).json()["jd2"] == 0.5 / 86400
        assert metric(server, "astrolabe_eop_last_mjd") == 61638
        assert 61200 < metric(server, "astrolabe_eop_last_measured_mjd") < 61638


def test_only_obstime():
    """No column at all: one row, scalars out; in both APIs, and with the time in the query."""
    with Server("--data-eop", EXCERPT) as server, Wire(server) as wire:
        server.expect_log(OLD_TABLE)
        wanted = convert(server, "eop_lookup", {"mjd": 57023.0}).json()
        assert convert(server, "eop_lookup", {"obstime": "2015-01-01"}).json() == wanted
        answer = wire.ask(post("/v1/convert/eop_lookup?obstime=2015-01-01T00:00:00", {}))
        assert answer.status == 200 and answer.json() == wanted, answer
        answer = wire.ask(post("/v2/models/eop_lookup/infer", {"inputs": [], "parameters": {"obstime": "2015-01-01"}}))
        assert answer.status == 200, answer
        outputs = {output["name"]: output for output in answer.json()["outputs"]}
        assert outputs["dut1"]["data"] == [wanted["dut1"]] and outputs["dut1"]["shape"] == [1]
        assert outputs["status"]["data"] == [0] and outputs["status"]["datatype"] == "INT64"
        answer = wire.ask(post("/v1/convert/eop_lookup", {}))
        assert answer.status == 400 and answer.get("x-error-code") == "missing_parameter", answer
        answer = wire.ask(post("/v1/convert/eop_lookup", {"obstime": "2015-01-01", "mjd": 57023}))
        assert answer.status == 400 and answer.get("x-error-code") == "conflict", answer


def test_eop_reload(tmp_path):
    path = tmp_path / "finals2000A.all"
    path.write_text("".join(last_days(100)))
    with Server("--data-eop", str(path)) as server:
        server.expect_log(OLD_TABLE)
        assert convert(server, "utc_to_ut1", {"jd1": 2457600.5}, 400).get("x-error-code") == "eop_unavailable"
        path.write_text("".join(last_days(1000)))
        server.signal(signal.SIGHUP)
        wait_until(lambda: metric(server, "astrolabe_eop_last_mjd") == 57023 + 999, "the new table")
        wait_until(lambda: convert_status(server, 2457600.5) == 200, "contexts of the new table")
        path.write_text("15 1 1 57023.00 I  0.0307\n")
        server.expect_log("event=reload_failed what=data.eop")
        server.signal(signal.SIGHUP)
        wait_until(lambda: server.log_lines("event=reload_failed what=data.eop .*line 1"), "the refusal")
        assert convert_status(server, 2457600.5) == 200
        assert metric(server, "astrolabe_eop_last_mjd") == 57023 + 999


def convert_status(server, jd):
    with Wire(server) as wire:
        return wire.ask(post("/v1/convert/utc_to_ut1", {"jd1": jd})).status


def test_without_eop():
    with Server() as server:
        assert metric(server, "astrolabe_eop_last_mjd") == 0
        answer = convert(server, "utc_to_ut1", {"jd1": 2457100.5}, 400)
        assert answer.get("x-error-code") == "eop_unavailable" and "data.eop" in answer.json()["error"], answer
        assert convert(server, "utc_to_ut1", {"jd1": 2457100, "dut1": 0.1}).json()["jd1"] == 2457100


@pytest.mark.parametrize("text", ["", "nothing\n", "15 1 1 57023.00 X\n\0", None])
def test_an_eop_file_that_was_asked_for_must_be_right(tmp_path, text):
    path = tmp_path / "finals2000A.all"
    if text is not None:
        path.write_text(text)
    for action in (["--check-config"], ["--listen", "127.0.0.1:0"]):
        run = subprocess.run([BINARY, "--data-eop", str(path), *action], capture_output=True, text=True, timeout=30)
        assert run.returncode == 2 and "data.eop" in run.stderr and str(path) in run.stderr, run
