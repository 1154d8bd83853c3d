"""Columns of text, in both APIs and both forms of tensors: times as people write them."""

import json
import struct

import pytest

from wire import Wire, post

TIMES = ["2016-12-31T23:59:60.5", "J2000.0", "MJD60000.5"]
DATES = [(2457754.0, 0.4999942130299418), (2451545.0, 0.0), (2460001.0, 0.0)]


def ask(server, path, body, headers=()):
    with Wire(server) as wire:
        return wire.ask(post(path, body, dict(headers)))


def convert(server, name, body):
    return ask(server, f"/v1/convert/{name}", body)


def infer(server, name, document, tail=b""):
    head = json.dumps(document).encode()
    return ask(server, f"/v2/models/{name}/infer", head + tail,
               [("Inference-Header-Content-Length", str(len(head)))] if tail else [])


def packed(texts):
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def tensor(tail, count):
    return {"inputs": [{"name": "time", "datatype": "BYTES", "shape": [count],
                        "parameters": {"binary_data_size": len(tail)}}]}


def dates(document):
    columns = {output["name"]: output["data"] for output in document["outputs"]}
    return list(zip(columns["jd1"], columns["jd2"]))


def test_plain_scalar_and_shapes(server):
    assert convert(server, "iso_to_jd", {"time": TIMES[0]}).json() == dict(zip(("jd1", "jd2"), DATES[0]))
    answer = convert(server, "iso_to_jd", {"time": [TIMES[:2], TIMES[1:]]}).json()
    assert answer["jd1"] == [[DATES[0][0], DATES[1][0]], [DATES[1][0], DATES[2][0]]]
    assert convert(server, "iso_to_jd", {"time": []}).json() == {"jd1": [], "jd2": []}


def test_escapes_are_undone(server):
    body = b'{"time": ["\\u004a2000\\u002e0", "MJD60000.5"]}'
    assert convert(server, "iso_to_jd", body).json()["jd1"] == [DATES[1][0], DATES[2][0]]


@pytest.mark.parametrize("value,code,text", [
    (5, "bad_type", "time is a number; a string or an array of them is expected"),
    (None, "bad_type", "time is null"),
    (["2026-11-21", 5], "bad_type", "time[1] is a number, expected a string"),
    (["2026-11-21", None], "bad_type", "time[1] is null"),
    ([["2026-11-21"], "2026-11-21"], "shape_mismatch", "ragged"),
    ([["2026-11-21"], ["2016-13-01"]], "bad_time", 'time[1,0] = "2016-13-01"'),
])
def test_plain_mistakes(server, value, code, text):
    answer = convert(server, "iso_to_jd", {"time": value})
    assert answer.status == 400 and answer.json()["code"] == code and text in answer.json()["error"], answer


def test_plain_output(server):
    answer = convert(server, "jd_to_iso", {"jd1": 2457754.5, "jd2": [[0], [-0.25]], "precision": 3})
    assert answer.json() == {"time": [["2017-01-01T00:00:00.000"], ["2016-12-31T18:00:00.750"]]}
    assert convert(server, "jd_to_iso", {"jd1": 2451545}).json() == {"time": "2000-01-01T12:00:00.000000000"}


def test_tensors_in_json(server):
    document = {"inputs": [{"name": "time", "datatype": "BYTES", "shape": [3], "data": TIMES}]}
    assert dates(infer(server, "iso_to_jd", document).json()) == DATES


def test_binary_tensors(server):
    tail = packed([time.encode() for time in TIMES])
    assert dates(infer(server, "iso_to_jd", tensor(tail, 3), tail).json()) == DATES
    one = packed([TIMES[2].encode()])
    assert dates(infer(server, "iso_to_jd", tensor(one, 1), one).json()) == [DATES[2]]


@pytest.mark.parametrize("name,tail,count", [
    ("a text cut short", packed([b"J2000.0", b"J2000.0"])[:-1], 2),
    ("a byte too many", packed([b"J2000.0"]) + b"x", 1),
    ("a length beyond all", b"\xff" * 8, 2),
    ("no room for the lengths", b"\0\0\0", 1),
    ("more texts than there are", packed([b"J2000.0"]), 100),
    ("texts of an empty shape", packed([b"J2000.0"]), 0),
    ("no UTF-8", packed([b"\xff\xfe\xfd"]), 1),
])
def test_liars(server, name, tail, count):
    answer = infer(server, "iso_to_jd", tensor(tail, count), tail)
    assert answer.status == 400, (name, answer)
    assert answer.get("X-Error-Code") in ("invalid_binary_size", "bad_type"), answer


def test_other_datatypes_are_refused(server):
    document = {"inputs": [{"name": "time", "datatype": "FP64", "shape": [1], "data": [1.5]}]}
    assert infer(server, "iso_to_jd", document).get("X-Error-Code") == "bad_type"
    document = {"inputs": [{"name": "jd1", "datatype": "BYTES", "shape": [1], "data": ["1.5"]}]}
    assert infer(server, "jd_to_iso", document).get("X-Error-Code") == "invalid_datatype"


def test_binary_output(server):
    document = {"inputs": [{"name": "jd1", "datatype": "FP64", "shape": [2], "data": [2451545.0, 2457754.5]}],
                "outputs": [{"name": "time", "parameters": {"binary_data": True}}]}
    answer = infer(server, "jd_to_iso", document)
    length = int(answer.get("Inference-Header-Content-Length"))
    head, tail = json.loads(answer.body[:length]), answer.body[length:]
    assert head["outputs"] == [{"name": "time", "datatype": "BYTES", "shape": [2],
                                "parameters": {"binary_data_size": len(tail)}}]
    assert tail == packed([b"2000-01-01T12:00:00.000000000", b"2017-01-01T00:00:00.000000000"])


def test_many_rows_come_back(server):
    """On the pool, in parts: the texts of 200,000 rows and their dates again."""
    rows = 200_000
    fractions = [i / 432_000 for i in range(rows)]
    texts = convert(server, "jd_to_iso", {"jd1": 2460000.5, "jd2": fractions}).json()["time"]
    assert len(texts) == len(set(texts)) == rows
    answer = convert(server, "iso_to_jd", {"time": texts}).json()
    worst = max(abs((jd1 - 2460000.5) + jd2 - fraction)
                for jd1, jd2, fraction in zip(answer["jd1"], answer["jd2"], fractions))
    assert worst < 2e-14  # a nanosecond is 1.2e-14 days


def test_broadcast_text(server):
    answer = convert(server, "iso_to_jd", {"time": TIMES[1]})
    assert answer.json() == {"jd1": 2451545.0, "jd2": 0.0}
