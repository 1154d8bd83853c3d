"""Plugin conversions on both APIs: what goes in, what comes out, and what is said about them."""

import json
import math
import zlib

import numpy
import pytest

from oip import InferInput, InferRequestedOutput, infer_body, infer_headers, result
from plugins import ask, fails, index, needs_hosts, ok
from server import wait_until
from wire import Wire, check_error, once, post, request

pytestmark = needs_hosts
XYZ = "plug_radec_to_xyz"


@pytest.fixture
def server(servers):
    server = servers.get("--plugins-hosts", "1", plugins="basic")
    server.expect_log(r"broken|no_such_module_anywhere|textual")
    return server


def xyz(ra, dec, radius=1.0):
    ra, dec = numpy.radians(ra), numpy.radians(dec)
    return {"x": radius * numpy.cos(dec) * numpy.cos(ra), "y": radius * numpy.cos(dec) * numpy.sin(ra),
            "z": radius * numpy.sin(dec)}


def same(answer, expected):
    assert set(answer) == set(expected)
    for name, array in expected.items():
        # NumPy rounds the last bit of a cosine by how the array lies in memory.
        numpy.testing.assert_allclose(numpy.array(answer[name], dtype=float), array, rtol=0, atol=1e-15)
        assert numpy.shape(answer[name]) == numpy.shape(array)


# --- the plain API --------------------------------------------------------------------------------


@pytest.mark.parametrize("ra, dec", [
    (10.684, 41.269), ([10.684, 83.822], [41.269, -5.391]), ([[0, 90, 180], [1, 2, 3]], [[0, 1, 2], [3, 4, 5]]),
    ([[[0], [90]]], [[[0], [0]]]), ([], []), ([[], []], [[], []]), ([5.0], [6.0]), ([1.0, 2.0, 3.0], 4.0), (3, [1, 2])])
def test_shapes(server, ra, dec):
    shape = numpy.broadcast_shapes(numpy.shape(ra), numpy.shape(dec))
    expected = xyz(*(numpy.broadcast_to(numpy.array(column, float), shape) for column in (ra, dec)))
    same(ok(server, XYZ, {"ra": ra, "dec": dec}), expected)
    same(ok(server, f"{XYZ}?radius=2.5", {"ra": ra, "dec": dec}),
         {name: 2.5 * value for name, value in expected.items()})


def test_scalars_give_scalars(server):
    assert ok(server, "plug_optional", {"x": 2}) == {"sum": 2.0}
    assert ok(server, "plug_optional", {"x": 2, "y": 3.5}) == {"sum": 5.5}


def test_not_numbers(server):
    answer = ok(server, "plug_optional", {"x": [1, None, 3], "y": [None, 2, 3]})
    assert answer == {"sum": [None, None, 6.0]}


def test_many_rows(server):
    n = 50000
    ra, dec = numpy.linspace(0, 360, n), numpy.linspace(-90, 90, n)
    answer = ok(server, XYZ, {"ra": ra.tolist(), "dec": dec.tolist()})
    same(answer, xyz(ra, dec))


def test_every_type_of_column(server):
    answer = ok(server, "plug_every_type", {"x": [1.5, 2.5], "n": [7, -(1 << 30)]})
    assert answer == {"sum": [8.5, 2.5 - 2.0 ** 30], "product": [49, 1 << 60]}
    assert ok(server, "plug_every_type", {"x": 1, "n": 2}) == {"sum": 3.0, "product": 4}
    assert ok(server, "plug_every_type", {"x": [], "n": []}) == {"sum": [], "product": []}
    assert ok(server, "plug_every_type", {"x": [1, 2], "n": 3}) == {"sum": [4.0, 5.0], "product": [9, 9]}


def test_results(server):
    """Written into `out`, into empty(), and as whatever NumPy makes."""
    assert ok(server, "plug_into_out", {"x": [1, 2]}) == {"double": [2.0, 4.0], "half": [0.5, 1.0]}
    assert ok(server, "plug_into_out", {"x": 3}) == {"double": 6.0, "half": 1.5}
    assert ok(server, "plug_into_out", {"x": []}) == {"double": [], "half": []}
    assert ok(server, "plug_from_empty", {"x": [[1, 2], [3, 4]]}) == {"square": [[1.0, 4.0], [9.0, 16.0]]}
    assert ok(server, "plug_from_empty", {"x": 3}) == {"square": 9.0}
    assert ok(server, "plug_odd_results", {"x": [1.25, -2.5]}) == {
        "a": [1.25, -2.5], "b": [1.25, -2.5], "c": [1.25, -2.5], "d": [1.0, -3.0]}
    assert ok(server, "plug_package", {"x": [2]}) == {"y": [6.0]}
    assert ok(server, "plug_after_setup", {"x": 1}) == {"y": 2.0}


def test_what_the_function_sees(server):
    assert ok(server, "plug_about_inputs", {"x": [[1, 2]]}) == {
        "writable": [[0.0, 0.0]], "aligned": [[1.0, 1.0]], "rank": [[2.0, 2.0]]}
    assert ok(server, "plug_about_inputs", {"x": 1})["rank"] == 0.0
    answer = ask(server, "plug_request_id", {"x": 1}, {"X-Request-Id": "who-am-i"})
    assert answer.json() == {"crc": zlib.crc32(b"who-am-i")} and answer.get("X-Request-Id") == "who-am-i"


# --- parameters -----------------------------------------------------------------------------------

EVERY = "plug_every_parameter"


def every(x=0, number=1.5, count=2, flag=False, word="abc", mode="add", choice=1, limited=5.0, maybe=0, needed=0):
    total = number + 10 * count + 100 * flag + 1000 * len(word) + limited / 10 + needed * 1e6 + maybe
    return (x + total if mode == "add" else x * total) * choice


@pytest.mark.parametrize("parameters", [
    {}, {"number": 2}, {"number": -0.25}, {"count": -7}, {"flag": True}, {"word": ""}, {"word": "a" * 500},
    {"mode": "scale", "x": 3}, {"choice": 3}, {"limited": 0}, {"limited": 10}, {"maybe": 0.5},
    {"number": 1e15, "needed": 0}, {"count": 1 << 40}])
def test_parameters_of_every_type(server, parameters):
    given = {"needed": 4, "x": 1, **parameters}
    expected = every(**given)
    body = dict(given)
    if "choice" in body:
        body["choice"] = str(body["choice"])
    assert ok(server, EVERY, body) == {"y": expected}
    query = "&".join(f"{key}={str(value).lower() if isinstance(value, bool) else value}"
                     for key, value in body.items() if key != "x")
    assert ok(server, f"{EVERY}?{query}", {"x": given["x"]}) == {"y": expected}


@pytest.mark.parametrize("parameters, code, field", [
    ({}, "missing_parameter", "needed"),
    ({"needed": 1, "number": "far"}, "bad_parameter|bad_type", "number"),
    ({"needed": 1.5}, "bad_parameter|bad_type", "needed"),
    ({"needed": "one"}, "bad_parameter|bad_type", "needed"),
    ({"needed": 1, "flag": "perhaps"}, "bad_parameter|bad_type", "flag"),
    ({"needed": 1, "mode": "divide"}, "bad_parameter", "mode"),
    ({"needed": 1, "choice": "4"}, "bad_parameter", "choice"),
    ({"needed": 1, "limited": 10.5}, "out_of_range|bad_parameter", "limited"),
    ({"needed": 1, "limited": -1}, "out_of_range|bad_parameter", "limited"),
    ({"needed": 1, "word": ["a"]}, "bad_parameter|bad_type|invalid_request", "word"),
    ({"needed": 1, "nubmer": 1}, "unknown_name", "nubmer")])
def test_wrong_parameters(server, parameters, code, field):
    body = {"x": [1.0], **parameters}
    with Wire(server) as wire:
        answer = wire.ask(post(f"/v1/convert/{EVERY}", body))
        text = check_error(answer, 400, plain=True)
        assert answer.get("X-Error-Code") in code.split("|"), answer
        assert field in text and answer.json()["field"] == field
        wire.usable()


def test_wrong_inputs(server):
    fails(server, XYZ, {"ra": [1]}, 400, "missing_input", "dec")
    fails(server, XYZ, {"ra": [1, 2], "dec": [1, 2, 3]}, 400, "shape_mismatch")
    fails(server, XYZ, {"ra": [[1], [2, 3]], "dec": 1}, 400, None)
    fails(server, XYZ, {"ra": 1, "dec": 91}, 400, "out_of_range", "dec")
    fails(server, XYZ, {"ra": 1, "dec": "north"}, 400, "bad_type", "dec")
    fails(server, "plug_every_type", {"x": 1, "n": 1.5}, 400, "bad_type", "n")
    fails(server, "plug_strict", {"x": [1, -1]}, 400, "out_of_range", "must not be negative", field="x")
    fails(server, "plug_radec_to_xzy", {"ra": 1, "dec": 1}, 404, "unknown_conversion", XYZ)


# --- the Open Inference Protocol ------------------------------------------------------------------


def infer(server, name, inputs, **more):
    body, length = infer_body(inputs, **more)
    return once(server, post(f"/v2/models/{name}/infer", body, infer_headers(length)))


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("dtype", [numpy.float64, numpy.float32])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (0,), (1,), (1000,)])
def test_tensors(server, binary, dtype, shape):
    random = numpy.random.default_rng(1)
    ra = random.uniform(0, 360, shape).astype(dtype)
    dec = random.uniform(-90, 90, shape).astype(dtype)
    outputs = [InferRequestedOutput(name, binary) for name in ("z", "x")]
    answer = infer(server, XYZ, [InferInput("ra", ra, binary), InferInput("dec", dec, binary)], outputs=outputs,
                   request_id="mine", parameters={"radius": 2.0})
    found, expected = result(answer), xyz(ra.astype(float), dec.astype(float), 2.0)
    assert found.response["id"] == "mine" and found.response["model_name"] == XYZ
    assert [output["name"] for output in found.response["outputs"]] == ["z", "x"]
    for name in ("z", "x"):
        assert found.as_numpy(name).shape == shape
        tolerance = 1e-6 if dtype is numpy.float32 else 1e-15
        numpy.testing.assert_allclose(found.as_numpy(name), expected[name].astype(found.as_numpy(name).dtype),
                                      rtol=tolerance, atol=tolerance)


def test_tensors_json_and_binary_mixed(server):
    ra, dec = numpy.array([10.0, 20.0]), numpy.array([30.0, 40.0])
    answer = infer(server, XYZ, [InferInput("ra", ra, False), InferInput("dec", dec, True)],
                   outputs=[InferRequestedOutput("x", True), InferRequestedOutput("y", False)])
    found, expected = result(answer), xyz(ra, dec)
    for name in ("x", "y"):
        numpy.testing.assert_allclose(found.as_numpy(name), expected[name], rtol=0, atol=1e-15)


@pytest.mark.parametrize("binary", [False, True])
def test_tensors_of_whole_numbers(server, binary):
    x, n = numpy.array([1.0, 2.0]), numpy.array([3, -(1 << 30)])
    for dtype in (numpy.int64, numpy.int32):
        inputs = [InferInput("x", x, binary), InferInput("n", n.astype(dtype), binary)]
        answer = infer(server, "plug_every_type", inputs,
                       outputs=[InferRequestedOutput("product", binary), InferRequestedOutput("sum", binary)])
        found = result(answer)
        assert found.as_numpy("product").dtype == numpy.int64
        assert found.as_numpy("product").tolist() == [9, 1 << 60]
        assert found.as_numpy("sum").tolist() == [4.0, 2.0 - 2.0 ** 30]


def test_a_large_tensor(server):
    """Read into the host's memory, used where it lies, written from there."""
    n = 1 << 20
    ra, dec = numpy.linspace(0, 360, n), numpy.linspace(-90, 90, n)
    answer = infer(server, XYZ, [InferInput("ra", ra), InferInput("dec", dec)])
    found, expected = result(answer), xyz(ra, dec)
    for name, array in expected.items():
        numpy.testing.assert_allclose(found.as_numpy(name), array, rtol=0, atol=1e-15)


def test_infer_errors(server):
    x = numpy.array([1.0])
    for parameters, says in (({"nubmer": 1, "needed": 1}, "nubmer"), ({}, "needed"), ({"needed": "x"}, "needed")):
        check_error(infer(server, EVERY, [InferInput("x", x)], parameters=parameters), 400, says=says)
    check_error(infer(server, "plug_strict", [InferInput("x", -x)]), 400, "out_of_range", says="negative")
    check_error(infer(server, XYZ, [InferInput("ra", x)]), 400, "missing_input")
    check_error(infer(server, XYZ, [InferInput("ra", numpy.zeros(3)), InferInput("dec", numpy.zeros(2))]),
                400, "shape_mismatch")
    check_error(infer(server, "plug_nothing", [InferInput("x", x)]), 404, "unknown_conversion")


def test_compressed_both_ways(server):
    import gzip

    body = json.dumps({"x": [1.5] * 5000}).encode()
    answer = ask(server, "plug_optional", gzip.compress(body),
                 {"Content-Encoding": "gzip", "Accept-Encoding": "gzip"})
    assert answer.status == 200 and answer.get("Content-Encoding") == "gzip"
    assert json.loads(gzip.decompress(answer.body)) == {"sum": [1.5] * 5000}


def test_pipelined_and_in_pieces(server):
    data = post("/v1/convert/plug_optional", {"x": [1, 2]})
    with Wire(server) as wire:
        wire.send(data * 5 + post("/v1/convert/radec_to_xyz", {"ra": 0, "dec": 0}) + data)
        answers = [wire.response().json() for _ in range(7)]
    assert answers[0] == answers[6] == {"sum": [1.0, 2.0]} and answers[5]["x"] == 1.0
    with Wire(server) as wire:
        assert wire.send_in_pieces(data, 7).response().json() == {"sum": [1.0, 2.0]}


# --- what is said about them ----------------------------------------------------------------------


def document(server, path):
    answer = once(server, request("GET", path))
    assert answer.status == 200, answer
    return answer.json()


def test_the_list_of_conversions(server):
    listed = document(server, "/v1/conversions")
    names = [row["name"] for row in (listed["conversions"] if isinstance(listed, dict) else listed)]
    assert XYZ in names and "radec_to_xyz" in names and len(names) == len(set(names))
    said = document(server, f"/v1/conversions/{XYZ}")
    assert said["name"] == XYZ and said["group"] == "plugins"
    assert said["summary"] == "Spherical to Cartesian, scaled."
    assert "in NumPy" in json.dumps(said)
    assert [row["name"] for row in said["inputs"]] == ["ra", "dec"] and said["inputs"][0]["unit"] == "deg"
    assert [row["name"] for row in said["outputs"]] == ["x", "y", "z"]
    (radius,) = [row for row in said["parameters"] if row["name"] == "radius"]
    assert float(radius["default"]) == 1.0
    every_one = {row["name"]: row for row in document(server, f"/v1/conversions/{EVERY}")["parameters"]}
    assert set(every_one) == {"number", "count", "flag", "word", "mode", "choice", "limited", "maybe", "needed"}
    assert every_one["mode"]["choices"] == ["add", "scale"] and every_one["limited"]["unit"] == "hPa"
    assert "at the telescope" in json.dumps(every_one["limited"])
    assert math.isclose(every_one["limited"]["maximum"], 10)


def test_model_documents(server):
    said = document(server, f"/v2/models/{XYZ}")
    assert said["name"] == XYZ
    assert [(row["name"], row["datatype"]) for row in said["inputs"]] == [("ra", "FP64"), ("dec", "FP64")]
    types = {row["name"]: row["datatype"] for row in document(server, "/v2/models/plug_every_type")["inputs"]}
    assert types == {"x": "FP64", "n": "INT64"}
    config = document(server, f"/v2/models/{XYZ}/config")
    assert config["max_batch_size"] == 0 and [row["name"] for row in config["output"]] == ["x", "y", "z"]
    assert once(server, request("GET", f"/v2/models/{XYZ}/ready")).status == 200
    before = document(server, f"/v2/models/{XYZ}/stats")["model_stats"][0]
    ok(server, XYZ, {"ra": [1, 2], "dec": [3, 4]})
    after = document(server, f"/v2/models/{XYZ}/stats")["model_stats"][0]
    assert after["inference_stats"]["success"]["count"] == before["inference_stats"]["success"]["count"] + 1
    assert XYZ in index(server) and index(server)[XYZ][0] == "READY"


def test_openapi(server):
    said = document(server, "/openapi.json")
    paths = [path for path in said["paths"] if XYZ in path]
    assert paths, "a path for the plugin"
    text = json.dumps([said["paths"][path] for path in paths])
    assert "Spherical to Cartesian, scaled." in text
    assert EVERY in json.dumps(said["paths"]) and "at the telescope" in json.dumps(said)


def test_the_one_that_is_broken(server):
    """It is named, with the reason; the others serve."""
    row = wait_until(lambda: server.plugin("broken"), "the broken plugin")
    assert row["state"] == "failed" and "no_such_module_anywhere" in row["reason"]
    assert server.log_lines(r"no_such_module_anywhere")
    row = server.plugin("textual")
    assert row["state"] == "failed" and "text" in row["reason"]
    assert {row["name"] for row in server.ledger()["plugins"]} >= {"basic", "package", "hooks"}


def test_metrics(server):
    ok(server, XYZ, {"ra": [1, 2], "dec": [3, 4]})
    text = once(server, request("GET", "/metrics")).body.decode()
    assert f'astrolabe_requests_total{{conversion="{XYZ}",code="ok"}}' in text
    assert f'astrolabe_points_total{{conversion="{XYZ}"}}' in text
    assert 'astrolabe_plugin_verdict{plugin="basic",verdict="' in text
    assert "astrolabe_plugin_host_rss_bytes{host=" in text
    assert "astrolabe_plugin_retained_objects{" in text
    (row,) = server.hosts()
    assert row["state"] == "ready" and row["rss_bytes"] > 10 << 20 and row["restarts"] == 0
