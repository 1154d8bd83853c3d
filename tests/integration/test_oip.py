"""The Open Inference Protocol over a raw socket: every endpoint, JSON and binary tensors, and their errors."""

import json
import struct

import numpy
import pytest

from oip import InferInput, InferRequestedOutput, bytes_tensor, infer_body, infer_headers, result
from wire import Wire, check_error, once, post, request

XYZ = "/v2/models/radec_to_xyz/infer"
RA, DEC = numpy.array([0.0, 90.0, 180.0]), numpy.array([0.0, 0.0, 90.0])
EXPECTED_X = [1.0, 0.0, 0.0]


def tensors(data_ra=None, data_dec=None, shape=None, datatype="FP64", **more):
    def tensor(name, data):
        return {"name": name, "shape": shape or [3], "datatype": datatype, "data": data}

    return {"inputs": [tensor("ra", data_ra if data_ra is not None else [0, 90, 180]),
                       tensor("dec", data_dec if data_dec is not None else [0, 0, 90])], **more}


def infer(server, document, path=XYZ, headers=None):
    return once(server, post(path, document, headers))


def fails(server, document, code=None, says=None, headers=None, status=400):
    with Wire(server) as wire:
        answer = wire.ask(post(XYZ, document, headers))
        text = check_error(answer, status, code, says=says)
        wire.usable()
    return text


def binary(server, inputs, outputs=None, path=XYZ, **more):
    body, length = infer_body(inputs, outputs, **more)
    return once(server, post(path, body, infer_headers(length)))


# --- metadata, health, statistics -----------------------------------------------------------------


def test_server_metadata(server):
    document = once(server, request("GET", "/v2")).json()
    assert document["name"] and document["version"]
    assert {"binary_tensor_data", "model_repository", "statistics", "parameters"} <= set(
        word.split("(")[0] for word in document["extensions"])


def test_health(server):
    assert once(server, request("GET", "/v2/health/live")).json() == {"live": True}
    assert once(server, request("GET", "/v2/health/ready")).json() == {"ready": True}
    assert once(server, request("GET", "/v2/health/ready?verbose=1")).json() == {"ready": True}


def test_model_metadata_and_its_versions(server):
    document = once(server, request("GET", "/v2/models/radec_to_xyz")).json()
    assert document["name"] == "radec_to_xyz" and document["platform"]
    version = document["versions"][0]
    assert isinstance(version, str)
    names = [tensor["name"] for tensor in document["inputs"]]
    assert names == ["ra", "dec", "distance"]
    assert [tensor["name"] for tensor in document["outputs"]] == ["x", "y", "z"]
    for tensor in document["inputs"] + document["outputs"]:
        assert tensor["datatype"] == "FP64" and tensor["shape"] == [-1]
    assert "unit" in json.dumps({k: document[k] for k in ("properties", "parameters") if k in document})
    assert once(server, request("GET", f"/v2/models/radec_to_xyz/versions/{version}")).json() == document
    for tail in ("ready", "config", "stats"):
        for path in (f"/v2/models/radec_to_xyz/{tail}", f"/v2/models/radec_to_xyz/versions/{version}/{tail}"):
            assert once(server, request("GET", path)).status == 200, path
    for path in ("/v2/models/radec_to_xyz/versions/99", "/v2/models/nothing", "/v2/models/nothing/ready",
                 "/v2/models/nothing/config", "/v2/models/nothing/stats"):
        check_error(once(server, request("GET", path)), 404)
    answer = infer(server, tensors(), f"/v2/models/radec_to_xyz/versions/{version}/infer")
    assert answer.json()["model_version"] == version


def test_model_config(server):
    config = once(server, request("GET", "/v2/models/radec_to_xyz/config")).json()
    assert config["name"] == "radec_to_xyz" and config["max_batch_size"] == 0
    for tensor in config["input"] + config["output"]:
        assert tensor["name"] and tensor["data_type"] == "TYPE_FP64" and tensor["dims"] == [-1]


def stats(server, path="/v2/models/radec_to_xyz/stats"):
    (entry,) = once(server, request("GET", path)).json()["model_stats"]
    return entry


def test_statistics_have_every_field_and_count(server):
    before = stats(server)
    for _ in range(3):
        assert infer(server, tensors()).status == 200
    fails(server, tensors(data_dec=[0, 0, 99]))
    after = stats(server)
    durations = ("success", "fail", "queue", "compute_input", "compute_infer", "compute_output",
                 "cache_hit", "cache_miss")
    for name in durations:
        assert set(after["inference_stats"][name]) == {"count", "ns"}, name
    assert {"name", "version", "last_inference", "inference_count", "execution_count",
            "inference_stats", "batch_stats"} <= set(after)

    def grown(*path):
        a, b = after, before
        for key in path:
            a, b = a[key], b[key]
        return a - b

    assert grown("inference_stats", "success", "count") == 3
    assert grown("inference_stats", "fail", "count") == 1
    assert grown("execution_count") >= 3
    assert after["last_inference"] > 1.7e12
    everything = once(server, request("GET", "/v2/models/stats")).json()["model_stats"]
    assert {"radec_to_xyz", "separation"} <= {entry["name"] for entry in everything}


def test_repository_index(server):
    bare = b"POST /v2/repository/index HTTP/1.1\r\nHost: t\r\n\r\n"  # no body and no Content-Length
    with Wire(server) as wire:
        index = wire.ask(bare).json()
        assert all(set(entry) <= {"name", "version", "state", "reason"} for entry in index)
        assert {"radec_to_xyz", "separation"} <= {entry["name"] for entry in index}
        assert {entry["state"] for entry in index} == {"READY"}
        assert wire.ask(post("/v2/repository/index", b"")).json() == index
        assert wire.ask(post("/v2/repository/index", {"ready": True})).json() == index
        assert wire.ask(post("/v2/repository/index?x=y", {"ready": False})).status == 200
        wire.usable()


def test_repository_load_and_unload_answer_properly(server):
    with Wire(server) as wire:
        for action in ("load", "unload"):
            for name in ("radec_to_xyz", "nothing"):
                for body in (None, b"", b"{}"):
                    answer = wire.ask(request("POST", f"/v2/repository/models/{name}/{action}", body))
                    if answer.status != 200:
                        check_error(answer, 404 if name == "nothing" else answer.status)
                        assert answer.status in (400, 404)
        wire.usable()


def test_shared_memory_and_other_extensions_are_refused_in_json(server):
    with Wire(server) as wire:
        for method, path in (("POST", "/v2/systemsharedmemory/unregister"),
                             ("POST", "/v2/cudasharedmemory/unregister"),
                             ("GET", "/v2/systemsharedmemory/status"), ("GET", "/v2/trace/setting"),
                             ("POST", "/v2/logging")):
            answer = wire.ask(request(method, path))
            check_error(answer, answer.status)
            assert answer.status in (400, 404, 405, 501)
        wire.usable()


# --- infer: JSON ----------------------------------------------------------------------------------


def test_json_infer(server):
    document = infer(server, tensors(id="42")).json()
    assert set(document) == {"model_name", "model_version", "id", "outputs"}
    assert (document["model_name"], document["id"]) == ("radec_to_xyz", "42")
    assert document["outputs"][0] == {"name": "x", "datatype": "FP64", "shape": [3], "data": EXPECTED_X}
    assert [output["name"] for output in document["outputs"]] == ["x", "y", "z"]


def test_id_is_echoed_only_when_sent(server):
    assert "id" not in infer(server, tensors()).json()
    assert infer(server, tensors(id="")).json().get("id", "") == ""
    assert infer(server, tensors(id="\u00e9\"\\\n\U0001f52d")).json()["id"] == "\u00e9\"\\\n\U0001f52d"


def test_nested_and_flat_data_and_any_shape(server):
    nested = tensors([[0, 90, 180]], [[0, 0, 90]], [1, 3])
    flat = tensors([0, 90, 180], [0, 0, 90], [1, 3])
    for document in (nested, flat):
        output = infer(server, document).json()["outputs"][0]
        assert output["shape"] == [1, 3] and output["data"] == EXPECTED_X


def test_scalars_and_broadcasting(server):
    one = infer(server, tensors([0], [0], [1])).json()["outputs"][0]
    assert (one["shape"], one["data"]) == ([1], [1.0])
    document = tensors()
    document["inputs"][1] = {"name": "dec", "shape": [1], "datatype": "FP64", "data": [0]}
    assert infer(server, document).json()["outputs"][1]["data"] == [0.0, 1.0, 0.0]
    document["inputs"].append({"name": "distance", "shape": [1], "datatype": "FP64", "data": [2]})
    assert infer(server, document).json()["outputs"][1]["data"] == [0.0, 2.0, 0.0]


def test_empty_tensors(server):
    document = infer(server, tensors([], [], [0])).json()
    assert document["outputs"][0] == {"name": "x", "datatype": "FP64", "shape": [0], "data": []}
    empty = numpy.empty((0,))
    answer = binary(server, [InferInput("ra", empty), InferInput("dec", empty)])
    assert result(answer).as_numpy("x").shape == (0,)
    # `"data": null` beside binary_data_size 0; the header length equals the body's length.
    document = tensors(None, None, [0], parameters={"binary_data_output": True})
    for tensor in document["inputs"]:
        tensor.update(data=None, parameters={"binary_data_size": 0})
    body = json.dumps(document)
    answer = infer(server, body, headers={"Inference-Header-Content-Length": len(body)})
    assert result(answer).as_numpy("z").shape == (0,)


def test_nonfinite_values(server):
    body = json.dumps(tensors([float("nan"), 0, 0], [0, 0, 0]))  # bare NaN, as tritonclient
    document = infer(server, body).json()
    assert document["outputs"][0]["data"] == [None, 1.0, 1.0]
    assert infer(server, tensors([None, 0, 0], [0, 0, 0])).json() == document  # null, as orjson
    body = body.replace("NaN", "-Infinity")
    assert infer(server, body).json()["outputs"][0]["data"][0] is None


def test_requested_outputs(server):
    document = infer(server, tensors(outputs=[{"name": "z"}, {"name": "x"}])).json()
    assert [output["name"] for output in document["outputs"]] == ["z", "x"]
    fails(server, tensors(outputs=[{"name": "w"}]), None, "w")
    fails(server, tensors(outputs=[{"name": "x"}, {"name": "x"}]))
    fails(server, tensors(outputs=[{}]))
    fails(server, tensors(outputs={}))
    assert len(infer(server, tensors(outputs=[])).json()["outputs"]) == 3


def test_parameters(server):
    document = tensors([0, 6, 12], parameters={"unit": "hourangle"})
    assert infer(server, document).json()["outputs"][0]["data"] == EXPECTED_X
    assert infer(server, tensors([0, 6, 12]), XYZ + "?unit=hourangle").json()["outputs"][0]["data"] == EXPECTED_X
    text = fails(server, tensors(parameters={"units": "rad"}), "unknown_name", "units")
    assert "unit" in text
    fails(server, tensors(parameters={"unit": "parsec"}), "bad_parameter")
    fails(server, tensors(parameters=[]))


def test_what_clients_add_is_ignored(server):
    document = tensors(id="", model_name="radec_to_xyz", parameters={
        "sequence_id": 1, "sequence_start": True, "sequence_end": True, "priority": 3,
        "timeout": 50_000_000, "headers": {"a": "b"}, "content_type": "np", "triton_final_response": True})
    for tensor in document["inputs"]:
        tensor["parameters"] = {"content_type": "np", "headers": {}}
    assert infer(server, document).status == 200
    for value in (None, "", "application/octet-stream", "application/x-www-form-urlencoded", "text/html"):
        headers = {} if value is None else {"Content-Type": value}
        assert infer(server, tensors(), headers=headers).status == 200


# --- infer: binary --------------------------------------------------------------------------------


@pytest.mark.parametrize("datatype", ["f8", "f4", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])
@pytest.mark.parametrize("binary_data", [True, False])
def test_every_datatype(server, datatype, binary_data):
    ra, dec = numpy.array([0, 90], datatype), numpy.array([0, 0], datatype)
    answer = binary(server, [InferInput("ra", ra, binary_data), InferInput("dec", dec, binary_data)])
    assert list(result(answer).as_numpy("y")) == [0.0, 1.0]
    assert result(answer).as_numpy("y").dtype == "<f8"


@pytest.mark.parametrize("datatype,data", [("BOOL", [True]), ("FP16", [0.0]), ("BYTES", ["x"]),
                                           ("FP128", [0.0]), ("fp64", [0.0]), ("", [0]), (7, [0])])
def test_datatypes_that_do_not_fit(server, datatype, data):
    document = tensors(data, data, [1], datatype)
    answer = infer(server, document)
    check_error(answer, 400)
    assert answer.get("X-Error-Code") in ("bad_type", "invalid_datatype", "invalid_request"), answer
    raw = bytes_tensor([b"x"])
    for tensor in document["inputs"]:
        del tensor["data"]
        tensor["parameters"] = {"binary_data_size": len(raw)}
    head = json.dumps(document).encode()
    fails(server, head + raw * 2, headers=infer_headers(len(head)))


def test_binary_json_and_mixed(server):
    expected = infer(server, tensors()).json()["outputs"]
    for ra_binary in (True, False):
        for dec_binary in (True, False):
            inputs = [InferInput("ra", RA, ra_binary), InferInput("dec", DEC, dec_binary)]
            for outputs in (None, [InferRequestedOutput("x", True), InferRequestedOutput("y", False),
                                   InferRequestedOutput("z", True)],
                            [InferRequestedOutput("z", False), InferRequestedOutput("x", True)]):
                got = result(binary(server, inputs, outputs, request_id="7"))
                assert got.response["id"] == "7"
                for name, array in got.arrays.items():
                    (want,) = [output["data"] for output in expected if output["name"] == name]
                    assert list(array) == want
                if outputs:
                    assert [o["name"] for o in got.response["outputs"]] == [o.name for o in outputs]


def test_binary_output_flag_and_its_exceptions(server):
    document = tensors(parameters={"binary_data_output": True}, outputs=[
        {"name": "x", "parameters": {"binary_data": False}}, {"name": "y"}])
    got = result(infer(server, document))
    assert "data" in got.response["outputs"][0] and "parameters" in got.response["outputs"][1]
    assert list(got.as_numpy("x")) == EXPECTED_X


def test_order_of_inputs_is_the_client_s(server):
    answer = binary(server, [InferInput("dec", DEC), InferInput("distance", numpy.array([2.0])),
                             InferInput("ra", RA)])
    assert list(result(answer).as_numpy("x")) == [2.0, 0.0, 0.0]


def test_shapes_of_binary_tensors(server):
    ra = numpy.arange(24.0).reshape(2, 3, 4)
    got = result(binary(server, [InferInput("ra", ra), InferInput("dec", ra / 2)]))
    assert got.as_numpy("x").shape == (2, 3, 4)


def test_unaligned_json_heads(server):
    """Whatever the length of the JSON part, the arrays are read right."""
    inputs = [InferInput("ra", RA), InferInput("dec", DEC)]
    for pad in range(70):
        body, length = infer_body(inputs)
        body = body[:length] + b" " * pad + body[length:]
        answer = once(server, post(XYZ, body, infer_headers(length + pad)))
        assert list(result(answer).as_numpy("x")) == EXPECTED_X


@pytest.mark.parametrize("value", ["-1", "x", "1e3", "99999", "18446744073709551617", "", "0x10", "3.0"])
def test_header_lengths_that_lie(server, value):
    body, _ = infer_body([InferInput("ra", RA), InferInput("dec", DEC)])
    answer = once(server, post(XYZ, body, {"Inference-Header-Content-Length": value}))
    check_error(answer, 400, "invalid_header_length")


def test_header_length_zero_or_absent_means_all_json(server):
    for headers in ({}, {"Inference-Header-Content-Length": "0"}):
        assert infer(server, tensors(), headers=headers).status == 200
    body = json.dumps(tensors())
    assert infer(server, body, headers={"Inference-Header-Content-Length": str(len(body))}).status == 200


@pytest.mark.parametrize("sizes", [(24, 23), (24, 25), (0, 24), (48, 0), (24, -1), (24, 1 << 62), (24, 2.5),
                                   (24, "24"), (24, None), (24, (1 << 64) + 24), (16, 32), (24, 48)])
def test_binary_sizes_that_lie(server, sizes):
    document = {"inputs": [
        {"name": name, "shape": [3], "datatype": "FP64", "parameters": {"binary_data_size": size}}
        for name, size in zip(("ra", "dec"), sizes)]}
    head = json.dumps(document).encode()
    fails(server, head + RA.tobytes() + DEC.tobytes(), headers=infer_headers(len(head)))


def test_bytes_too_many_or_too_few(server):
    body, length = infer_body([InferInput("ra", RA), InferInput("dec", DEC)])
    for data in (body + b"x", body[:-1], body[:length], body + b"\0" * 8):
        fails(server, data, "invalid_binary_size", headers=infer_headers(length))


@pytest.mark.parametrize("shape", [[-1], [2], [4], [3, 2], [0], [3.0], ["3"], 3, None, [1 << 62, 4], [],
                                   [3, -1, -1], [1 << 63], [2 ** 32, 2 ** 32], [1] * 40 + [3], [[3]]])
def test_shapes_that_lie(server, shape):
    document = tensors()
    document["inputs"][0]["shape"] = shape
    answer = infer(server, document)
    check_error(answer, 400)
    for tensor in document["inputs"]:
        del tensor["data"]
        tensor.update(parameters={"binary_data_size": 24}, shape=shape)
    head = json.dumps(document).encode()
    fails(server, head + RA.tobytes() + DEC.tobytes(), headers=infer_headers(len(head)))


@pytest.mark.parametrize("change", [
    {"inputs": None}, {"inputs": {}}, {"inputs": []}, {"inputs": [1]}, {"inputs": [{}]}, {"id": 1},
    {"outputs": 1}, {"parameters": 1}, {"nonsense": 1}, {"inputs": [{"name": "ra"}]},
])
def test_documents_that_are_wrong(server, change):
    fails(server, {**tensors(), **change})


def test_inputs_that_are_wrong(server):
    document = tensors()
    document["inputs"].append(document["inputs"][0])
    fails(server, document, None, "ra")
    fails(server, {"inputs": tensors()["inputs"][:1]}, "missing_input", "dec")
    document = tensors()
    document["inputs"][1]["name"] = "dek"
    fails(server, document, "unknown_name", "dec")
    document = tensors()
    document["inputs"][0]["parameters"] = {"binary_data_size": 24}
    fails(server, document)  # both data and binary_data_size
    document = tensors()
    del document["inputs"][0]["data"]
    fails(server, document)
    fails(server, tensors([0, 1], [0, 0, 90]), None, "ra")
    fails(server, tensors(data_dec=[0, 0, 90.5]), "out_of_range", r"dec\[2\] = 90\.5")
    fails(server, tensors([0, 1.5, 2], datatype="INT32"), "bad_type")
    fails(server, tensors(["0", "1", "2"]), "bad_type")


def test_the_pole_in_single_precision(server):
    """The limit is judged in the input's own type."""
    pole = numpy.array([90.0, -90.0], "f4")
    assert result(binary(server, [InferInput("ra", pole), InferInput("dec", pole)])).as_numpy("z")[0] == 1.0
    rad = numpy.array([numpy.pi / 2], "f4")  # a little more than pi/2 as a double
    assert rad.astype("f8")[0] > numpy.pi / 2
    got = binary(server, [InferInput("ra", rad), InferInput("dec", rad)], parameters={"unit": "rad"})
    assert got.status == 200


def test_percent_encoded_names_and_queries(server):
    for path in ("/v2/models/radec%5Fto%5Fxyz/infer", "/v2/models/%72adec_to_xyz/infer?",):
        assert infer(server, tensors(), path).status == 200


def test_large_binary_values(server):
    n = 300_000
    ra, dec = numpy.linspace(0, 360, n), numpy.linspace(-90, 90, n)
    got = result(binary(server, [InferInput("ra", ra), InferInput("dec", dec)]))
    want = numpy.cos(numpy.deg2rad(dec)) * numpy.cos(numpy.deg2rad(ra))
    assert numpy.abs(got.as_numpy("x") - want).max() < 2e-15
    one = result(binary(server, [InferInput("ra", ra[1234:1235]), InferInput("dec", dec[1234:1235])]))
    assert one.as_numpy("x")[0] == got.as_numpy("x")[1234]
    assert struct.pack("<d", got.as_numpy("z")[-1]) == struct.pack("<d", 1.0)
