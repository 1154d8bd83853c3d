"""The plain API: columns in, columns out."""

import json
import math
import random
import struct
import threading

import pytest

from wire import Wire, check_error, convert, once, post, request

XYZ = "/v1/convert/radec_to_xyz"
GAL = "/v1/convert/icrs_to_galactic"


def ok(server, path, body, headers=None):
    answer = once(server, post(path, body, headers))
    assert answer.status == 200, answer
    return answer.json()


def fails(server, path, body, code, says=None, field=None, status=400):
    with Wire(server) as wire:
        answer = wire.ask(post(path, body))
        text = check_error(answer, status, code, plain=True, says=says)
        if field is not None:
            assert answer.json()["field"] == field, answer
        wire.usable()
    return text


# --- shapes ---------------------------------------------------------------------------------------


def test_scalars_give_scalars(server):
    assert ok(server, XYZ, {"ra": 90, "dec": 0}) == {"x": 0.0, "y": 1.0, "z": 0.0}


def test_arrays_give_arrays(server):
    assert ok(server, XYZ, {"ra": [0, 90, 180], "dec": [0, 0, 0]}) == {
        "x": [1.0, 0.0, -1.0], "y": [0.0, 1.0, 0.0], "z": [0.0, 0.0, 0.0]}
    assert ok(server, XYZ, {"ra": [0], "dec": [90]}) == {"x": [0.0], "y": [0.0], "z": [1.0]}


def test_scalars_broadcast(server):
    assert ok(server, XYZ, {"ra": [0, 90], "dec": 0, "distance": 2})["y"] == [0.0, 2.0]


def test_empty_columns(server):
    assert ok(server, XYZ, {"ra": [], "dec": []}) == {"x": [], "y": [], "z": []}
    assert ok(server, XYZ, {"ra": [], "dec": 1}) == {"x": [], "y": [], "z": []}


def test_any_shape(server):
    answer = ok(server, XYZ, {"ra": [[0, 90, 180], [0, 90, 180]], "dec": [[0, 0, 0], [90, 90, 90]]})
    assert answer["x"] == [[1.0, 0.0, -1.0], [0.0, 0.0, 0.0]] or answer["x"][0] == [1.0, 0.0, -1.0]
    assert answer["z"] == [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]
    deep = ok(server, XYZ, {"ra": [[[0], [90]]], "dec": [[[0], [0]]]})
    assert deep["y"] == [[[0.0], [1.0]]]
    assert ok(server, XYZ, {"ra": [[], []], "dec": [[], []]})["x"] == [[], []]


def test_shapes_that_do_not_fit(server):
    fails(server, XYZ, {"ra": [1, 2], "dec": [1, 2, 3]}, "shape_mismatch")
    fails(server, XYZ, {"ra": [[1, 2]], "dec": [1, 2]}, "shape_mismatch")
    fails(server, XYZ, {"ra": [[1, 2], [3]], "dec": 1}, "shape_mismatch", says="ra")
    fails(server, XYZ, {"ra": [1, [2]], "dec": 1}, "shape_mismatch", says="ra")
    fails(server, XYZ, {"ra": [1], "dec": [1, 2]}, "shape_mismatch")


def test_null_is_nan_both_ways(server):
    answer = ok(server, XYZ, {"ra": [None, 0], "dec": [0, 0]})
    assert answer == {"x": [None, 1.0], "y": [None, 0.0], "z": [None, 0.0]} or answer["z"] == [0.0, 0.0]
    assert ok(server, GAL, {"ra": None, "dec": 0}) == {"l": None, "b": None}
    assert ok(server, GAL, b'{"ra":[NaN,Infinity,-Infinity],"dec":[0,0,0]}') == {
        "l": [None] * 3, "b": [None] * 3}


def test_nothing_for_the_neighbours_of_nan(server):
    ra, dec = [1.5, None, 2.5, 3.5], [4.5, 5.5, None, 6.5]
    answer = ok(server, GAL, {"ra": ra, "dec": dec})
    assert answer["l"][1:3] == [None, None] and answer["b"][1:3] == [None, None]
    for i in (0, 3):
        alone = ok(server, GAL, {"ra": ra[i], "dec": dec[i]})
        assert (answer["l"][i], answer["b"][i]) == (alone["l"], alone["b"])


# --- arguments ------------------------------------------------------------------------------------


def test_unknown_keys_are_named(server):
    text = fails(server, XYZ, {"ra": 1, "dec": 1, "units": "rad"}, "unknown_name", "units", "units")
    assert "unit" in text
    fails(server, XYZ, {"ra": 1, "dek": 1}, "unknown_name", "dec")
    fails(server, XYZ + "?units=rad", {"ra": 1, "dec": 1}, "unknown_name", "units")


def test_missing_inputs_are_named(server):
    fails(server, XYZ, {"ra": 1}, "missing_input", "dec", "dec")
    fails(server, XYZ, {}, "missing_input", "ra")
    fails(server, "/v1/convert/precess_fk5", {"ra": 1, "dec": 1}, "missing_parameter", "equinox_in")


def test_duplicate_keys(server):
    fails(server, XYZ, b'{"ra":1,"dec":1,"ra":2}', "duplicate_key", "ra", "ra")
    fails(server, XYZ, b'{"ra":1,"dec":1,"\\u0072a":2}', "duplicate_key", "ra")
    fails(server, XYZ + "?unit=rad", {"ra": 1, "dec": 1, "unit": "deg"}, "duplicate_key", "unit")
    fails(server, XYZ + "?unit=rad&unit=deg", {"ra": 1, "dec": 1}, "duplicate_key", "unit")


@pytest.mark.parametrize("value", ['"1"', "true", '{"a":1}', '["1"]', "[true]", '[1,"x"]', "[{}]"])
def test_wrong_types(server, value):
    fails(server, XYZ, f'{{"ra":{value},"dec":1}}'.encode(), "bad_type", "ra", "ra")


def test_parameters_of_wrong_kind(server):
    fails(server, XYZ, {"ra": 1, "dec": 1, "unit": "parsec"}, "bad_parameter", "deg", "unit")
    for value in ([1], None, {}):
        answer = once(server, post(XYZ, {"ra": 1, "dec": 1, "unit": value}))
        check_error(answer, 400, plain=True)
        assert answer.get("X-Error-Code") in ("bad_parameter", "bad_type")
    fails(server, "/v1/convert/icrs_to_fk5", {"ra": 1, "dec": 1, "equinox": "2000"}, "bad_parameter",
          "J", "equinox")


def test_ranges(server):
    text = fails(server, XYZ, {"ra": [0] * 5, "dec": [0, 0, 0, 91.2, 95]}, "out_of_range", field="dec")
    assert text == "dec[3] = 91.2 is outside [-90, 90]"
    fails(server, XYZ, {"ra": [[0, 0]] * 2, "dec": [[0, 0], [0, -90.5]]}, "out_of_range",
          r"dec\[1,1\] = -90\.5 is outside")
    fails(server, XYZ, {"ra": 0, "dec": 91}, "out_of_range", r"^dec = 91(\.0)? is outside \[-90, 90\]")
    fails(server, XYZ, {"ra": 0, "dec": 2, "unit": "rad"}, "out_of_range", "dec = 2")
    fails(server, XYZ, {"ra": 0, "dec": 0, "distance": -1}, "out_of_range", "distance", "distance")
    assert ok(server, XYZ, {"ra": 1e300, "dec": 90})["z"] == 1.0


def test_the_first_failing_row_is_named_however_the_work_is_cut(server):
    n = 200000
    dec = [0.0] * n
    dec[170001] = dec[170000] = 99.0
    fails(server, GAL, {"ra": [0.0] * n, "dec": dec}, "out_of_range", r"dec\[170000\] = 99")


def close(one, other):
    """Within the accuracy of radec_to_xyz."""
    assert one.keys() == other.keys() and all(abs(one[key] - other[key]) < 1.4e-15 for key in one)


def test_units(server):
    degrees = ok(server, XYZ, {"ra": 30, "dec": 20})
    close(ok(server, XYZ, {"ra": 2, "dec": 20, "unit": "hourangle"}), degrees)
    radians = ok(server, XYZ, {"ra": math.radians(30), "dec": math.radians(20), "unit": "RAD"})
    close(radians, degrees)
    galactic = ok(server, GAL, {"ra": 1, "dec": 0.5, "unit": "rad"})
    assert 0 <= galactic["l"] < 2 * math.pi


def test_query_parameters(server):
    body = {"ra": 2, "dec": 20}
    hours = ok(server, XYZ, {**body, "unit": "hourangle"})
    for query in ("?unit=hourangle", "?unit=HOURANGLE", "?unit=hour%61ngle", "?%75nit=hourangle",
                  "?unit=hourangle&"):
        assert ok(server, XYZ + query, body) == hours, query
    inverse = ok(server, "/v1/convert/icrs_to_fk5?equinox=J1975.5", {"ra": 1, "dec": 2})
    assert inverse == ok(server, "/v1/convert/icrs_to_fk5", {"ra": 1, "dec": 2, "equinox": "J1975.5"})
    for query in ("?unit=%zz", "?unit=%f", "?unit=", "?unit", "?=rad"):
        check_error(once(server, post(XYZ + query, body)), 400, plain=True)


def test_percent_encoded_names(server):
    assert ok(server, "/v1/convert/radec%5Fto_xyz", {"ra": 0, "dec": 0})["x"] == 1.0
    assert ok(server, "/v1/convert/%72adec_to_xyz", {"ra": 0, "dec": 0})["x"] == 1.0


def test_content_type_is_not_judged(server):
    for value in ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-8"):
        assert ok(server, XYZ, {"ra": 0, "dec": 0}, {"Content-Type": value})["x"] == 1.0


def test_every_conversion_and_its_inverse(server):
    pairs = [("icrs_to_galactic", "galactic_to_icrs", "l", "b"), ("icrs_to_fk5", "fk5_to_icrs", "ra", "dec"),
             ("icrs_to_ecliptic", "ecliptic_to_icrs", "lon", "lat")]
    ra, dec = [0.1, 123.4, 359.9], [-89.0, 0.0, 45.5]
    for there, back, lon, lat in pairs:
        answer = ok(server, f"/v1/convert/{there}", {"ra": ra, "dec": dec})
        assert list(answer) == [lon, lat]
        again = ok(server, f"/v1/convert/{back}", answer)
        for want, got in zip(ra + dec, again["ra"] + again["dec"]):
            assert abs(want - got) < 1e-11
    xyz = ok(server, XYZ, {"ra": ra, "dec": dec, "distance": 3})
    again = ok(server, "/v1/convert/xyz_to_radec", xyz)
    assert all(abs(d - 3) < 1e-14 for d in again["distance"])
    moved = ok(server, "/v1/convert/precess_fk5?equinox_in=J2000&equinox_out=J2050", {"ra": ra, "dec": dec})
    assert moved["ra"] != ra
    pair = {"lon1": 0, "lat1": 0, "lon2": 90, "lat2": 0}
    assert abs(ok(server, "/v1/convert/separation", pair)["separation"] - 90) < 1e-13
    assert abs(ok(server, "/v1/convert/position_angle", pair)["position_angle"] - 90) < 1e-13


# --- numbers --------------------------------------------------------------------------------------


def doubles(seed, n):
    random_ = random.Random(seed)
    while n:
        (value,) = struct.unpack("<d", random_.randbytes(8))
        if math.isfinite(value) and abs(value) < 1e300:
            n -= 1
            yield value


def test_every_double_survives_the_round_trip(server):
    """x = distance where ra = dec = 0: 1 times any double."""
    values = [abs(value) for value in doubles(1, 20000)]
    values += [5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.1, 1 / 3, 1e22, 1e23, 0.0]
    answer = ok(server, XYZ, {"ra": 0, "dec": 0, "distance": values})
    assert answer["x"] == values
    # 17 digits, exponents in both cases, integers and long tails mean the same double.
    text = '{"ra":0,"dec":0,"distance":[%s]}' % ",".join(
        [*(f"{value:.17g}" for value in values), *(f"{value:.25E}" for value in values)])
    assert ok(server, XYZ, text.encode())["x"] == values * 2


def test_numbers_are_written_shortest_and_as_real_numbers(server):
    body = once(server, post(XYZ, {"ra": 0, "dec": 0, "distance": [1, 0.1, 1e22, 1e-7, 123456.75]})).body
    written = body.decode().split('"x":')[1].split("[")[1].split("]")[0].replace(" ", "").split(",")
    assert [float(word) for word in written] == [1, 0.1, 1e22, 1e-7, 123456.75]
    assert all(any(c in word for c in ".e") for word in written), written
    assert all(len(word) <= len(repr(float(word))) + 2 for word in written), written


def test_signed_zeros(server):
    assert math.copysign(1, ok(server, GAL, {"ra": 266.4, "dec": -28.9})["l"]) == 1
    assert str(ok(server, XYZ, {"ra": -0.0, "dec": 0})["y"]) == "-0.0"


# --- metadata -------------------------------------------------------------------------------------


def test_conversions_describe_themselves(server):
    document = once(server, request("GET", "/v1/conversions")).json()
    entries = document["conversions"]
    names = [entry["name"] for entry in entries]
    assert len(names) == len(set(names)) and {"radec_to_xyz", "icrs_to_galactic", "separation"} <= set(names)
    for entry in entries:
        assert {"name", "group", "summary", "inputs", "outputs", "parameters"} <= set(entry)
        alone = once(server, request("GET", f"/v1/conversions/{entry['name']}")).json()
        assert alone == entry
        for part in ("inputs", "outputs", "parameters"):
            assert all(field["name"] for field in entry[part])
    check_error(once(server, request("GET", "/v1/conversions/nothing")), 404, "unknown_conversion",
                plain=True)


def test_openapi(server):
    document = once(server, request("GET", "/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert any("/v1/convert/" in path for path in document["paths"])
    assert "icrs_to_galactic" in json.dumps(document)


# --- many at once ---------------------------------------------------------------------------------


def test_concurrent_clients_get_their_own_answers(server):
    failures = []

    def client(number):
        try:
            with Wire(server, unix=number % 2 == 0) as wire:
                for i in range(150):
                    n = [0, 1, 7, 400][i % 4]
                    data = convert("radec_to_xyz", ra=[0] * n, dec=[0] * n, distance=number * 1000 + i)
                    assert wire.ask(data).json()["x"] == [float(number * 1000 + i)] * n
        except Exception as error:  # handed to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_large_columns_equal_small_ones(server):
    """However the work is cut, a row's bits are the same."""
    random_ = random.Random(5)
    n = 120_000
    ra = [random_.uniform(0, 360) for _ in range(n)]
    dec = [random_.uniform(-90, 90) for _ in range(n)]
    whole = ok(server, GAL, {"ra": ra, "dec": dec})
    with Wire(server) as wire:
        for begin in (0, 1, 4095, 65537, n - 100):
            part = wire.ask(post(GAL, {"ra": ra[begin:begin + 100], "dec": dec[begin:begin + 100]})).json()
            assert part["l"] == whole["l"][begin:begin + 100]
            assert part["b"] == whole["b"][begin:begin + 100]
