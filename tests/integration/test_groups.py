"""What the groups of conversions bring to the wire beyond columns of doubles: pixels beyond 2^53, -1 for
what is missing, choices that exclude each other, rows named in errors, warnings that count rows."""

import struct

import pytest

from test_text_columns import convert, infer

LAST = 12 * 4**29 - 1  # the last pixel of order 29, far beyond 2^53


def test_pixels_keep_all_their_digits(server):
    answer = convert(server, "nested_to_ring", {"pixel": [0, LAST], "order": 29})
    assert answer.status == 200 and b"." not in answer.body
    rings = answer.json()["pixel"]
    assert convert(server, "ring_to_nested", {"pixel": rings, "order": 29}).json()["pixel"] == [0, LAST]
    tail = struct.pack("<2q", 0, LAST)
    document = {"inputs": [{"name": "pixel", "datatype": "INT64", "shape": [2],
                            "parameters": {"binary_data_size": len(tail)}}],
                "parameters": {"order": "29"}}
    outputs = infer(server, "nested_to_ring", document, tail).json()["outputs"]
    assert outputs == [{"name": "pixel", "datatype": "INT64", "shape": [2], "data": rings}]


def test_what_has_no_pixel(server):
    body = {"lon": [10, None, 10], "lat": [20, 20, None], "nside": 4, "ordering": "nested"}
    pixels = convert(server, "lonlat_to_healpix", body).json()["pixel"]
    assert pixels[0] >= 0 and pixels[1:] == [-1, -1]
    around = convert(server, "healpix_neighbours", {"pixel": 0, "nside": 1, "ordering": "nested"}).json()
    assert around == {"sw": 4, "w": -1, "nw": 3, "n": 2, "ne": 1, "e": -1, "se": 5, "s": 8}


@pytest.mark.parametrize("name,body,code,text", [
    ("healpix_to_lonlat", {"pixel": [[0, 1], [2, 12]], "nside": 1, "ordering": "ring"}, "out_of_range",
     "pixel[1,1] = 12 is outside [0, 11]"),
    ("healpix_to_lonlat", {"pixel": -1, "nside": 1, "ordering": "ring"}, "out_of_range",
     "pixel = -1 is outside [0, 11]"),
    ("healpix_to_lonlat", {"pixel": 1.5, "nside": 1, "ordering": "ring"}, "bad_type", "pixel"),
    ("healpix_to_lonlat", {"pixel": 0, "nside": 1}, "missing_parameter", "ordering"),
    ("healpix_to_lonlat", {"pixel": 0, "ordering": "ring"}, "missing_parameter", "nside"),
    ("healpix_to_lonlat", {"pixel": 0, "nside": 1, "order": 0, "ordering": "ring"}, "conflict", "order"),
    ("parse_angle", {"text": ["1d", "2d", "12 99 23"], "assume": "deg"}, "minute_out_of_range",
     'text[2] = "12 99 23"'),
    ("parse_angle", {"text": "12"}, "ambiguous_unit", 'text = "12"'),
    ("format_angle", {"angle": [1, 1e300]}, "out_of_range", "angle[1] = 1e+300"),
    ("transform_frame", {"lon": 1, "lat": 2, "frame_in": "icrs", "frame_out": "fk5", "equinox_in": "J2000"},
     "conflict", "equinox_in has no meaning"),
    ("fk4_to_fk5", {"ra": 1, "dec": 2, "obstime": "1950"}, "bad_time", "obstime"),
    ("apply_space_motion", {"ra": [1, 2], "dec": 2, "pm_ra_cosdec": 3, "pm_dec": 4, "epoch_in": "J2000"},
     "missing_parameter", "epoch_out is missing"),
    ("apply_space_motion", {"ra": 1, "dec": 2, "pm_ra_cosdec": 3, "pm_dec": 4, "epoch_in": "J2000",
                            "epoch_out": "J2016", "jyear_out": [2016, 2017]}, "conflict",
     "epoch_out and jyear_out"),
    ("aer_to_geodetic", {"az": 1, "el": 2, "range": [5, -5], "lon0": 0, "lat0": 0}, "out_of_range",
     "range[1] = -5 is negative"),
])
def test_refusals(server, name, body, code, text):
    answer = convert(server, name, body)
    assert answer.status == 400 and answer.get("X-Error-Code") == code
    assert answer.json()["error"].startswith(text) or text in answer.json()["error"]


def test_warnings_count_rows(server):
    answer = convert(server, "parse_angle", {"text": ["1d60m", "x", "1d59m60s", ""], "on_error": "nan"})
    assert answer.json()["angle"] == [2.0, None, 2.0, None]
    assert [(w["code"], w["count"]) for w in answer.json()["warnings"]] == [("sexagesimal_60", 2), ("bad_rows", 2)]
    star = {"ra": [10, 11], "dec": 20, "pm_ra_cosdec": 1e4, "pm_dec": 1e4, "parallax": 0.01,
            "radial_velocity": [2e5, 0], "epoch_in": "J2000", "epoch_out": "J2016"}
    answer = convert(server, "apply_space_motion", star)
    assert answer.get("X-Astrolabe-Warning") == "velocity_excessive"
    assert answer.json()["warnings"][0]["count"] == 1


def test_missing_values_come_back(server):
    star = {"ra": 10, "dec": 20, "pm_ra_cosdec": 100, "pm_dec": -50, "parallax": [None, -3, 20],
            "radial_velocity": [None, 0, 30], "epoch_in": "J1991.25", "epoch_out": "J2016"}
    answer = convert(server, "apply_space_motion", star).json()
    assert answer["parallax"][:2] == [None, -3.0] and answer["radial_velocity"][0] is None
    assert None not in answer["ra"]


def test_many_rows_fail_at_the_first(server):
    """On the pool, in parts: the error is that of the smallest row."""
    pixels = [i % 12 for i in range(300_000)]
    pixels[7_777] = pixels[250_000] = 99
    answer = convert(server, "healpix_to_lonlat", {"pixel": pixels, "nside": 1, "ordering": "nested"})
    assert answer.json()["error"] == "pixel[7777] = 99 is outside [0, 11]"
