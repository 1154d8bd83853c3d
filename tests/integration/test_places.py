"""Places of stars over the wire: one time or a time per row, missing values, refusals that name what is wrong."""

import pytest

from test_text_columns import convert, infer

SITE = {"lon": -5.698388888888889, "lat": -15.961888888888889, "height": 625, "dut1": 0.1550675, "xp": 0.050995,
        "yp": 0.376723}
AIR = {"pressure": 952, "temperature": 18.5, "relative_humidity": 0.83, "obswl": 0.55}
STAR = {"ra": 218.570049291667, "dec": -12.519554583333, "pm_ra_cosdec": -354.45, "pm_dec": 595.35, "parallax": 164.99}
TIME = "2013-04-02T23:15:43.55Z"  # the worked example of the SOFA cookbook


def test_the_cookbook(server):
    place = convert(server, "icrs_to_cirs", {**STAR, "obstime": TIME}).json()
    assert place == {"ra": pytest.approx(218.5843210779, abs=1e-9), "dec": pytest.approx(-12.5767726817, abs=1e-9)}
    seen = convert(server, "icrs_to_altaz", {**STAR, **SITE, **AIR, "obstime": TIME}).json()
    again = convert(server, "icrs_to_altaz", {**STAR, **SITE, **AIR, "jd1": 2456385, "jd2": 0.46925405092592595}).json()
    assert again == {key: pytest.approx(value, abs=1e-11) for key, value in seen.items()}
    back = convert(server, "altaz_to_icrs", {**seen, **SITE, **AIR, "obstime": TIME}).json()
    astrometric = convert(server, "icrs_to_astrometric", {**STAR, "obstime": TIME}).json()
    assert back == {key: pytest.approx(value, abs=2e-5) for key, value in astrometric.items()}  # refraction and back


def test_what_is_missing(server):
    """NaN is missing in parallax and radial velocity, and nowhere else."""
    body = {"ra": [10, 10, 10], "dec": [20, 20, 20], "pm_ra_cosdec": [5, 5, None], "parallax": [None, 0, 1],
            "obstime": "2020-01-01"}
    answer = convert(server, "icrs_to_gcrs", body).json()
    assert answer["ra"][0] == answer["ra"][1] and answer["ra"][2] is None and answer["dec"][2] is None


def test_a_time_per_row_of_a_tensor(server):
    document = {"inputs": [{"name": "ra", "datatype": "FP64", "shape": [2], "data": [10, 20]},
                           {"name": "dec", "datatype": "FP64", "shape": [2], "data": [-1, 89]},
                           {"name": "mjd", "datatype": "FP64", "shape": [2], "data": [60000, 92000]}],
                "parameters": {"scale": "tt"}}
    answer = infer(server, "icrs_to_tete", document)
    assert answer.status == 200 and "extrapolated" in answer.get("X-Astrolabe-Warning")
    assert [output["name"] for output in answer.json()["outputs"]] == ["ra", "dec"]


@pytest.mark.parametrize("name,body,code,text", [
    ("icrs_to_cirs", {}, "missing_parameter", "obstime"),
    ("icrs_to_cirs", {"obstime": TIME, "mjd": 60000}, "conflict", "mjd"),
    ("icrs_to_cirs", {"obstime": "yesterday"}, "bad_time", "obstime"),
    ("icrs_to_cirs", {"obstime": TIME, "lon": 3}, "unknown_name", "lon"),
    ("cirs_to_icrs", {"obstime": TIME, "parallax": 3}, "unknown_name", "parallax"),
    ("icrs_to_altaz", {"obstime": TIME, "lon": 3}, "missing_parameter", "lat"),
    ("icrs_to_altaz", {"obstime": TIME, **SITE, "pressure": -1}, "out_of_range", "pressure"),
    ("icrs_to_altaz", {"obstime": TIME, "lon": 3, "lat": 4, "xp": 0.1}, "missing_parameter", "dut1"),
    ("icrs_to_altaz", {"mjd": -1e300, **SITE}, "out_of_range", "mjd"),
])
def test_what_is_refused(server, name, body, code, text):
    answer = convert(server, name, {"ra": 1, "dec": 2, **body})
    assert answer.status == 400, answer.json()
    assert text in answer.json()["error"] and answer.get("X-Error-Code") == code
