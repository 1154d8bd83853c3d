"""gzip and deflate, both ways: bodies that come packed, answers packed only when asked for."""

import gzip
import json
import random
import zlib

import pytest

from wire import Wire, check_error, chunked, once, post, request

PATH = "/v1/convert/icrs_to_galactic"
COLUMNS = {"ra": [i / 7 for i in range(2000)], "dec": [i / 50 for i in range(2000)]}
BODY = json.dumps(COLUMNS).encode()
PACK = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress}
UNPACK = {"gzip": gzip.decompress, "deflate": zlib.decompress}


def packed(how, body=BODY, **headers):
    return post(PATH, PACK[how](body), {"Content-Encoding": how, **headers})


@pytest.fixture
def expected(server):
    return once(server, post(PATH, BODY)).body


@pytest.mark.parametrize("how", ["gzip", "deflate"])
def test_packed_bodies(server, expected, how):
    with Wire(server) as wire:
        assert wire.ask(packed(how)).body == expected
        assert wire.ask(packed(how.upper() if how == "x" else how)).body == expected
        data = PACK[how](BODY)
        answer = wire.ask(post(PATH, chunked(data, 1, 2, 9, 10, 500, 501),
                               {"Content-Encoding": how, "Transfer-Encoding": "chunked"}))
        assert answer.body == expected
        wire.usable()


def test_identity_is_an_encoding(server, expected):
    assert once(server, post(PATH, BODY, {"Content-Encoding": "identity"})).body == expected


def test_encodings_that_are_not_known(server):
    for how in ("br", "zstd", "compress", "gzip, gzip", "lzma"):
        with Wire(server) as wire:
            answer = wire.ask(post(PATH, b"xxxx", {"Content-Encoding": how}))
            check_error(answer, 415, "unsupported_encoding", plain=True)
            assert not answer.closes
            wire.usable()


@pytest.mark.parametrize("how", ["gzip", "deflate"])
def test_damaged_bodies(server, how):
    good = PACK[how](BODY)
    random_ = random.Random(3)
    damaged = [b"", b"\x1f\x8b", good[:-1], good[:len(good) // 2], BODY, b"\x00" * 100, good + b"x"]
    for _ in range(30):
        data = bytearray(good)
        data[random_.randrange(len(data))] ^= 1 << random_.randrange(8)
        damaged.append(bytes(data))
    with Wire(server) as wire:
        for data in damaged:
            answer = wire.ask(post(PATH, data, {"Content-Encoding": how}))
            assert answer.status in (200, 400), answer  # a flipped flag in gzip's head may be harmless
            if answer.status == 400:
                check_error(answer, 400, plain=True)
        wire.usable()


@pytest.mark.parametrize("how", ["gzip", "deflate"])
def test_bombs_stop_at_the_limit(servers, how):
    server = servers.get("--limits-body-bytes", "1MiB")
    with Wire(server) as wire:
        answer = wire.ask(post(PATH, PACK[how](b" " * (64 << 20)), {"Content-Encoding": how}))
        check_error(answer, 413, "too_large", plain=True)
        wire.usable()
    assert server.ledger()["live"]["slabs"]["peak_bytes"] < 4 << 20


@pytest.mark.parametrize("accept,how", [
    ("gzip", "gzip"), ("deflate", "deflate"), ("gzip, deflate", "gzip"), ("GZIP", "gzip"),
    ("gzip;q=0.5", "gzip"), ("br, gzip", "gzip"), ("gzip;q=0, deflate", "deflate"), ("*", None),
    ("gzip;q=0", None), ("gzip;q=0.0", None), ("br", None), ("identity", None), ("", None), ("xgzip", None),
])
def test_answers_are_packed_only_when_asked_for(server, expected, accept, how):
    with Wire(server) as wire:
        answer = wire.ask(post(PATH, BODY, {"Accept-Encoding": accept}))
        assert answer.status == 200
        got = answer.get("Content-Encoding")
        if accept == "*":
            assert got in (None, "gzip", "deflate")
            how = got
        assert got == how
        assert (UNPACK[how](answer.body) if how else answer.body) == expected
        if how:
            assert len(answer.body) < len(expected)
            assert "accept-encoding" in (answer.get("Vary") or "accept-encoding").lower()
        wire.usable()


def test_no_answer_is_packed_unasked(server):
    assert once(server, post(PATH, BODY)).get("Content-Encoding") is None


def test_never_metadata_and_never_errors(server):
    """The asyncio client asks always and undoes it only for infer."""
    headers = {"Accept-Encoding": "gzip, deflate"}
    with Wire(server) as wire:
        for path in ("/v1/conversions", "/v2", "/v2/health/ready", "/v2/models/radec_to_xyz",
                     "/v2/models/radec_to_xyz/stats", "/v2/models/radec_to_xyz/config", "/metrics",
                     "/openapi.json", "/v1/debug/memory"):
            answer = wire.ask(request("GET", path, headers=headers))
            assert answer.status == 200 and answer.get("Content-Encoding") is None, path
        for data in (request("GET", "/nowhere", headers=headers), post(PATH, b"{", headers),
                     post(PATH, {"ra": 1}, headers)):
            assert wire.ask(data).get("Content-Encoding") is None
        wire.usable()


def test_both_ways_at_once_and_large(server):
    n = 100_000
    body = json.dumps({"ra": [1.25] * n, "dec": [float(i % 90) for i in range(n)]}).encode()
    plain = once(server, post(PATH, body))
    with Wire(server) as wire:
        for how in ("gzip", "deflate"):
            answer = wire.ask(packed(how, body, **{"Accept-Encoding": how}))
            assert answer.get("Content-Encoding") == how
            assert UNPACK[how](answer.body) == plain.body


def test_clients_that_leave_while_it_is_unpacked(server):
    data = packed("gzip", b" " * (16 << 20) + BODY, **{"Accept-Encoding": "gzip"})
    for unix in (False, True):
        for _ in range(5):
            Wire(server, unix=unix).send(data).reset()
