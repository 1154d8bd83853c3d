"""Units and the horizon over the wire: strings with blanks, slashes and stars in bodies, queries and
tensors; refusals that name the unit and the place."""

from urllib.parse import quote

import pytest

from test_text_columns import convert, infer
from wire import Wire, post


def test_units_in_a_body(server):
    body = {"value": [1, 2, 1000], "unit_in": "km/s", "unit_out": "m s**-1"}
    assert convert(server, "convert_units", body).json() == {"value": [1000, 2000, 1000000]}
    body = {"value": None, "unit_in": "degC", "unit_out": "K"}
    assert convert(server, "convert_units", body).json() == {"value": None}
    body = {"value": 0, "unit_in": "um", "unit_out": "GHz", "equivalency": "spectral"}
    assert convert(server, "convert_units", body).json() == {"value": None}  # infinity
    body = {"value": 20, "unit_in": "mas", "unit_out": "pc", "equivalency": "parallax"}
    assert convert(server, "convert_units", body).json() == {"value": 50}


def test_units_in_a_query(server):
    query = f"unit_in={quote('10**3 m.s-1', safe='')}&unit_out={quote('km/s', safe='')}"
    with Wire(server) as wire:
        answer = wire.ask(post(f"/v1/convert/convert_units?{query}", {"value": 1.5}))
    assert answer.status == 200 and answer.json() == {"value": 1.5}


def test_units_of_a_tensor(server):
    document = {"inputs": [{"name": "value", "datatype": "FP64", "shape": [2], "data": [1, 4]}],
                "parameters": {"unit_in": "GHz", "unit_out": "km/s", "equivalency": "doppler_radio",
                               "rest_value": "2", "rest_unit": "GHz"}}
    output, = infer(server, "convert_units", document).json()["outputs"]
    assert output["name"] == "value" and output["datatype"] == "FP64"
    assert output["data"] == pytest.approx([149896.229, -299792.458], rel=1e-15)


@pytest.mark.parametrize("body,code,text", [
    ({"unit_in": "km/parsek", "unit_out": "m"}, "bad_parameter",
     'did you mean pc? "parsek" is not a unit at character 4'),
    ({"unit_in": "m", "unit_out": "s"}, "bad_parameter", "is a length (m), unit_out"),
    ({"unit_in": "(" * 200, "unit_out": "m"}, "bad_parameter", "more than 8 brackets"),
    ({"unit_in": "m" * 201, "unit_out": "m"}, "out_of_range", "unit_in has 201 bytes"),
    ({"unit_in": "m\u0000s", "unit_out": "m"}, "bad_parameter", "no part of a unit at character 2"),
    ({"unit_in": "", "unit_out": "m"}, "bad_parameter", "unit_in is empty"),
    ({"unit_in": 5, "unit_out": "m"}, "bad_type", "it must be a text"),
    ({"unit_out": "m"}, "missing_parameter", "unit_in"),
    ({"unit_in": "m", "unit_out": "km", "rest_value": 3}, "conflict", "rest_value"),
])
def test_units_that_are_refused(server, body, code, text):
    answer = convert(server, "convert_units", {"value": 1, **body})
    assert answer.status == 400 and answer.get("X-Error-Code") == code
    assert text in answer.json()["error"]


def test_horizon(server):
    there = convert(server, "hadec_to_altaz", {"ha": [12, 6], "dec": [80, 0], "lat": 40, "unit": "hourangle"})
    assert there.json() == {"az": [0, 270], "alt": [pytest.approx(30, rel=1e-14), pytest.approx(0, abs=1e-14)]}
    masses = convert(server, "airmass", {"alt": [90, -1, 30], "model": "secant"}).json()
    assert masses == {"airmass": [1, None, pytest.approx(2, rel=1e-15)]}
    beyond = convert(server, "refract_alt", {"alt": [10, 91], "pressure": 1000})
    assert beyond.status == 400 and "alt[1] = 91 is outside [-90, 90]" in beyond.json()["error"]
    idle = convert(server, "refract_alt", {"alt": 10.1, "temperature": 20})
    assert idle.json() == {"alt": 10.1}
