"""Plugins' columns of booleans and of text, in both APIs and both forms of tensors."""

import json
import struct
import threading

import numpy
import pytest

from plugins import needs_hosts, ok
from server import wait_until
from wire import Wire, once, post, request

pytestmark = needs_hosts
FLAGS = [True, False, True]
TEXTS = ["M31", "", "αβγ δ", "a \"b\" \\ \n", "\N{COMET}" * 50]


@pytest.fixture
def server(servers):
    server = servers.get("--plugins-hosts", "2", plugins="columns")
    server.expect_log(r"says|col_wrong|col_dies|plugin_error|host")
    return server


def convert(server, name, body):
    return once(server, post(f"/v1/convert/{name}", body))


def infer(server, name, inputs, tail=b"", outputs=None):
    document = {"inputs": inputs, **({} if outputs is None else {"outputs": outputs})}
    head = json.dumps(document).encode()
    headers = {"Inference-Header-Content-Length": str(len(head))} if tail else {}
    return once(server, post(f"/v2/models/{name}/infer", head + tail, headers))


def tensor(name, datatype, shape, data=None, size=None):
    rest = {"data": data} if size is None else {"parameters": {"binary_data_size": size}}
    return {"name": name, "datatype": datatype, "shape": shape, **rest}


def columns(answer):
    assert answer.status == 200, answer
    return {output["name"]: (output["datatype"], output["shape"], output["data"])
            for output in answer.json()["outputs"]}


def refused(answer, code, text=""):
    assert answer.status == 400 and answer.get("X-Error-Code") == code and text in answer.json()["error"], answer


# --- booleans -------------------------------------------------------------------------------------


@pytest.mark.parametrize("flag, other, both", [
    (True, True, True), (False, None, False), (FLAGS, None, FLAGS), (FLAGS, False, [False] * 3),
    (True, FLAGS, FLAGS), ([[True, False], [False, True]], [[True, True], [False, False]],
                           [[True, False], [False, False]]), ([], True, []), ([[], []], None, [[], []])])
def test_plain(server, flag, other, both):
    answer = ok(server, "col_and", {"flag": flag} if other is None else {"flag": flag, "other": other})
    assert json.dumps(answer["both"]) == json.dumps(both)  # True == 1
    assert answer["n"] == numpy.array(both, float).tolist()


@pytest.mark.parametrize("value, text", [
    (1, "flag is a number; true, false or an array of them is expected"),
    (0.0, "flag is a number"), (None, "flag is null"), ("true", "flag is a string"), ({}, "flag is an object"),
    ([True, False, True, 1], "flag[3] is a number, expected true or false"),
    ([True, None], "flag[1] is null, expected true or false"),
    ([[True], ["false"]], "flag[1][0] is a string, expected true or false")])
def test_plain_mistakes(server, value, text):
    refused(convert(server, "col_and", {"flag": value}), "bad_type", text)


def test_shapes_that_do_not_fit(server):
    refused(convert(server, "col_and", {"flag": FLAGS, "other": FLAGS[:2]}), "shape_mismatch")
    refused(convert(server, "col_and", {"flag": [True, [True]]}), "shape_mismatch", "ragged")


def test_numbers_take_no_booleans(server):
    refused(convert(server, "col_signed", {"flag": True, "x": True}), "bad_type")
    refused(infer(server, "col_signed", [tensor("flag", "BOOL", [1], [True]), tensor("x", "BOOL", [1], [True])]),
            "invalid_datatype")


def test_tensors_in_json(server):
    inputs = [tensor("flag", "BOOL", [3], FLAGS), tensor("other", "BOOL", [1], [True])]
    answer = columns(infer(server, "col_and", inputs))
    assert answer == {"both": ("BOOL", [3], FLAGS), "n": ("FP64", [3], [1, 0, 1])}
    answer = columns(infer(server, "col_not", [tensor("flag", "BOOL", [3, 1], [[True], [False], [True]])]))
    assert answer == {"not": ("BOOL", [3, 1], [False, True, False])}
    assert columns(infer(server, "col_not", [tensor("flag", "BOOL", [0], [])])) == {"not": ("BOOL", [0], [])}


def test_binary_tensors(server):
    answer = infer(server, "col_signed", [tensor("flag", "BOOL", [3], size=3), tensor("x", "FP64", [3], size=24)],
                   b"\1\0\1" + struct.pack("<3d", 1, 2, -3),
                   [{"name": name, "parameters": {"binary_data": True}} for name in ("negative", "y")])
    length = int(answer.get("Inference-Header-Content-Length"))
    head = json.loads(answer.body[:length])
    assert [(output["datatype"], output["parameters"]["binary_data_size"]) for output in head["outputs"]] == \
        [("BOOL", 3), ("FP64", 24)]
    assert answer.body[length:] == b"\0\1\1" + struct.pack("<3d", 1, -2, -3)


@pytest.mark.parametrize("name, inputs, tail, code", [
    ("a byte that is neither", [tensor("flag", "BOOL", [2], size=2)], b"\1\2", "bad_type"),
    ("too few bytes", [tensor("flag", "BOOL", [3], size=2)], b"\1\1", "invalid_binary_size"),
    ("eight bytes each", [tensor("flag", "BOOL", [2], size=16)], b"\1" + bytes(15), "invalid_binary_size"),
    ("a byte too many", [tensor("flag", "BOOL", [2], size=2)], b"\1\1\1", "invalid_binary_size"),
    ("bytes of numbers", [tensor("flag", "UINT8", [2], size=2)], b"\1\1", "bad_type"),
    ("real numbers", [tensor("flag", "FP64", [1], [1.0])], b"", "bad_type"),
    ("numbers as data", [tensor("flag", "BOOL", [2], [1, 0])], b"", "bad_type"),
    ("strings as data", [tensor("flag", "BOOL", [2], ["true", "false"])], b"", "bad_type"),
    ("too few values", [tensor("flag", "BOOL", [2], [True])], b"", "invalid_shape"),
])
def test_tensor_mistakes(server, name, inputs, tail, code):
    refused(infer(server, "col_not", inputs, tail), code)


def test_results_of_another_type_are_refused(server):
    answer = convert(server, "col_wrong", {"flag": FLAGS})
    assert answer.status == 502 and "int64, expected booleans (bool)" in answer.json()["error"]


def test_many_rows(server):
    """In parts, on the pool: JSON in and out, and binary."""
    flags = (numpy.arange(300_000) % 3 == 0)
    assert ok(server, "col_not", {"flag": flags.tolist()})["not"] == (~flags).tolist()
    answer = infer(server, "col_not", [tensor("flag", "BOOL", [flags.size], size=flags.size)], flags.tobytes(),
                   [{"name": "not", "parameters": {"binary_data": True}}])
    assert answer.body[int(answer.get("Inference-Header-Content-Length")):] == (~flags).tobytes()


def test_what_is_said_of_them(server):
    def get(path):
        return once(server, request("GET", path)).json()

    said = get("/v1/conversions/col_and")
    assert [(field["name"], field["datatype"]) for field in said["inputs"] + said["outputs"]] == \
        [("flag", "BOOL"), ("other", "BOOL"), ("both", "BOOL"), ("n", "FP64")]
    assert said["inputs"][1]["default"] is True
    metadata = get("/v2/models/col_and")
    assert [field["datatype"] for field in metadata["inputs"] + metadata["outputs"]] == ["BOOL"] * 3 + ["FP64"]
    config = get("/v2/models/col_and/config")
    assert [field["data_type"] for field in config["input"] + config["output"]] == ["TYPE_BOOL"] * 3 + ["TYPE_FP64"]
    api = json.dumps(get("/openapi.json"))
    assert '"#/components/schemas/Booleans"' in api


# --- texts ----------------------------------------------------------------------------------------


def test_texts(server):
    assert ok(server, "col_lengths", {"text": TEXTS}) == {"length": [len(text) for text in TEXTS], "y": [0.0] * 5}
    assert ok(server, "col_lengths", {"text": "Vega"}) == {"length": 4, "y": 0.0}
    assert ok(server, "col_lengths", {"text": "Vega", "x": [1, 2]})["y"] == [5.0, 6.0]
    assert ok(server, "col_lengths", {"text": [["a"], ["bc"]], "x": [[1], [2]]}) == \
        {"length": [[1], [2]], "y": [[2.0], [4.0]]}
    assert ok(server, "col_lengths", {"text": []}) == {"length": [], "y": []}
    assert ok(server, "col_lengths", {"text": ["", ""]})["length"] == [0, 0]


def test_several_texts(server):
    """Columns beside each other, and single ones, which all stand in the frame with those of parameters."""
    assert ok(server, "col_equal", {"a": "Vega", "b": "Vega"}) == {"equal": True}
    assert ok(server, "col_equal", {"a": "Ve", "b": "Vega", "c": "ga"}) == {"equal": True}
    assert ok(server, "col_equal", {"a": "", "b": "x", "c": "x"}) == {"equal": True}
    assert ok(server, "col_equal", {"a": TEXTS, "b": TEXTS[::-1]}) == {"equal": [False, False, True, False, False]}
    assert ok(server, "col_equal", {"a": ["x", "y"], "b": "y é", "c": " é"}) == {"equal": [False, True]}


def test_texts_as_tensors(server):
    def lengths_of(tail=b"", **more):
        return columns(infer(server, "col_lengths", [tensor("text", "BYTES", [5], **more)], tail))["length"]

    lengths = [len(text) for text in TEXTS]
    assert lengths_of(data=TEXTS) == ("INT64", [5], lengths)
    tail = b"".join(struct.pack("<I", len(text.encode())) + text.encode() for text in TEXTS)
    assert lengths_of(tail, size=len(tail))[2] == lengths
    # Behind the texts, at an address that is no multiple of 8.
    inputs = [tensor("text", "BYTES", [5], size=len(tail)), tensor("x", "FP64", [5], size=40)]
    answer = infer(server, "col_lengths", inputs, tail + struct.pack("<5d", *range(5)))
    assert columns(answer)["y"][2] == [length + i for i, length in enumerate(lengths)]
    one = struct.pack("<I", 4) + b"Vega"
    assert columns(infer(server, "col_lengths", [tensor("text", "BYTES", [1], size=8)], one))["length"][2] == [4]


@pytest.mark.parametrize("value, text", [(5, "text is a number"), (["a", True], "text[1] is true, expected a string"),
                                         (["a", None], "text[1] is null")])
def test_text_mistakes(server, value, text):
    refused(convert(server, "col_lengths", {"text": value}), "bad_type", text)


def test_many_texts(server):
    texts = [f"{i} " * (i % 20) for i in range(100_000)]
    assert ok(server, "col_lengths", {"text": texts})["length"] == list(map(len, texts))


def test_joined_texts_and_booleans(server):
    """Requests of several threads at once, each with rows of its own; one of them is refused alone."""
    wrong = []

    def one(n):
        with Wire(server) as wire:
            for i in range(40):
                texts = [f"{n}-{i}-{k}é" for k in range(n % 4 + 1)]
                body = {"text": texts[0] if n % 3 == 0 else texts, "n": n, "flag": n % 2 == 0}
                sums = [sum(map(ord, text)) * (n % 2 == 0) + n for text in texts]
                if n == 5 and i % 2:
                    body["text"] = ["bad"]
                answer = wire.ask(post("/v1/convert/col_codes", body))
                good = answer.status == 400 and "bad is no text" in answer.json()["error"] if n == 5 and i % 2 else \
                    answer.status == 200 and answer.json() == {"sum": sums[0] if n % 3 == 0 else sums}
                if not good:
                    wrong.append((body, answer))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[:3]


def test_texts_after_the_death_of_a_host(server):
    """What waited behind a call that ended its host goes to another one, whose region is another."""
    wrong = []

    def one():
        for i in range(30):
            texts = [f"{i} {k}" for k in range(50)]
            answer = convert(server, "col_lengths", {"text": texts, "x": list(range(50))})
            if answer.status != 200 or answer.json()["length"] != list(map(len, texts)):
                wrong.append(answer)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert convert(server, "col_dies", {"text": ["a"]}).get("X-Error-Code") == "plugin_crashed"
    for thread in threads:
        thread.join()
    assert not [answer for answer in wrong if answer.get("X-Error-Code") != "plugin_crashed"], wrong[:3]


def test_results_of_text_are_refused_when_the_plugin_is_loaded(server):
    row = wait_until(lambda: server.plugin("says"), "the plugin with results of text")
    assert row["state"] == "failed" and 'the output "text" is text' in row["reason"]
