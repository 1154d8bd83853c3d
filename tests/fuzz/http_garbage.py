#!/usr/bin/python3
"""Seeded mutations of valid requests against the real server.

    tests/fuzz/http_garbage.py [--seconds N | --cases N] [--seed N] [--replay CASE]

Three kinds of cases. `frame`: the bytes of a whole request are mutated, with good requests before and
behind it. `body`: only the body is, so the framing is intact: exactly as many answers as requests, and the
connection usable afterwards. `head`: header lines are added, repeated or changed.
Every answer must be well-formed, no status may be 5xx, errors are JSON, nothing follows a closing answer,
and the server lives, with a ledger of zero at the end.
"""

import argparse
import gzip
import json
import pathlib
import random
import struct
import sys
import time
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from server import PATIENCE, Server  # noqa: E402
from wire import Wire, check_error, chunked, post, request, take_response  # noqa: E402

COLUMNS = json.dumps({"ra": [1.5, 2e-3, 359], "dec": [[-1, 0.5, 89.999]][0], "unit": "deg"}).encode()
OIP = json.dumps({"id": "f", "inputs": [
    {"name": "ra", "shape": [2], "datatype": "FP64", "parameters": {"binary_data_size": 16}},
    {"name": "dec", "shape": [2], "datatype": "INT32", "data": [0, 90]}],
    "outputs": [{"name": "x", "parameters": {"binary_data": True}}, {"name": "y"}],
    "parameters": {"unit": "deg", "timeout": 10000000}}).encode()
BASES = [
    ("/v1/convert/radec_to_xyz", COLUMNS, {}),
    ("/v1/convert/icrs_to_fk5?equinox=J2010", b'{"ra":[[1,2],[3,null]],"dec":0}', {"Accept-Encoding": "gzip"}),
    ("/v1/convert/separation", b'{"lon1":1,"lat1":2,"lon2":[3,4.5E+1],"lat2":[-5,6]}', {}),
    ("/v2/models/radec_to_xyz/infer", OIP + struct.pack("<2d", 1, 2),
     {"Inference-Header-Content-Length": str(len(OIP))}),
    ("/v2/models/icrs_to_galactic/infer", json.dumps({"inputs": [
        {"name": "ra", "shape": [2], "datatype": "FP64", "data": [[1], [2]]},
        {"name": "dec", "shape": [2], "datatype": "FP32", "data": [1, 2]}]}).encode(), {}),
    ("/v2/repository/index", b'{"ready":true}', {}),
    ("/v1/convert/radec_to_xyz", gzip.compress(COLUMNS), {"Content-Encoding": "gzip"}),
    ("/v1/convert/radec_to_xyz", zlib.compress(COLUMNS), {"Content-Encoding": "deflate"}),
]
GETS = ["/v2", "/v2/health/ready", "/v1/conversions/radec_to_xyz", "/v2/models/radec_to_xyz/stats", "/nowhere"]
TOKENS = [b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"0", b"-1", b"99999999999999999999", b"{", b"}", b"[",
          b"]", b'"', b",", b"null", b"NaN", b"1e999", b"-", b".", b"e", b"\\u0000", b"\\ud800", b"\xff", b"\xc3",
          b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"chunked", b"gzip", b"HTTP/1.0", b"%00",
          b"%", b"?", b"&", b"=", b"shape", b"binary_data_size", b"Host: x\r\n", b"GET / HTTP/1.1\r\n\r\n",
          b"0\r\n\r\n"]
HEADERS = ["Content-Length", "Transfer-Encoding", "Host", "Connection", "Expect", "Content-Encoding", "Accept-Encoding",
           "Inference-Header-Content-Length", "X-Request-Timeout", "X-Request-Id", "Authorization", "traceparent",
           "Upgrade", "Content-Type", "TE", "Trailer"]
VALUES = ["", "0", "1", "-1", "5", "16", "chunked", "gzip", "identity", "close", "keep-alive", "100-continue", "nan",
          "1e9", "h2c", "websocket", "Upgrade", "x" * 300, "\t", "a, b", "*", "gzip;q=x", "99999999999999999999"]
STATUSES = {100, 200, 400, 401, 403, 404, 405, 408, 413, 414, 415, 417, 431, 501, 505}
LIVE = request("GET", "/v2/health/live")


def base(rng):
    if rng.random() < 0.15:
        return request("GET", rng.choice(GETS))
    path, body, headers = rng.choice(BASES)
    if rng.random() < 0.3:
        cuts = sorted(rng.randrange(len(body)) for _ in range(rng.randrange(4)))
        return post(path, chunked(body, *cuts), {**headers, "Transfer-Encoding": "chunked"})
    return post(path, body, headers)


def mutate(rng, data):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(7)
        if kind == 0 and data:
            data[at % len(data)] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del data[at:at + rng.choice((1, 1, 2, 10, 100))]
        elif kind == 2:
            data[at:at] = rng.choice(TOKENS)
        elif kind == 3:
            data[at:at] = rng.randbytes(rng.choice((1, 2, 8, 40)))
        elif kind == 4:
            end = at + rng.choice((1, 5, 30))
            data[at:at] = data[at:end] * rng.choice((1, 2, 50))
        elif kind == 5:
            token = rng.choice(TOKENS)
            data[at:at + len(token)] = token
        else:
            other = base(rng)
            cut = rng.randrange(len(other))
            data[at:] = other[cut:]
    return bytes(data)


def read_answers(wire):
    """All answers up to the end of the stream, each checked."""
    rest, answers = wire.rest(), []
    while rest:
        taken = take_response(rest)
        assert taken, f"half an answer: {rest[:300]!r}"
        answer, rest = taken
        assert answer.status in STATUSES, answer
        if answer.status == 100:
            assert not answer.headers
            continue
        if answer.status != 200:
            check_error(answer, answer.status, plain=len(answer.json()) > 1)
        answers.append(answer)
        if answer.closes:
            assert rest == b"", f"something follows a closing answer: {rest[:300]!r}"
    return answers


def send(wire, data, rng):
    try:
        if rng.random() < 0.2:
            wire.send_in_pieces(data, rng.choice((1, 7, 100)) if len(data) < 3000 else 5000)
        else:
            wire.send(data)
        wire.half_close()
    except OSError:
        pass  # it was refused before its end; the answer is read all the same


def case_frame(server, rng):
    before = rng.randrange(3)
    data = LIVE * before + mutate(rng, base(rng)) + LIVE * rng.randrange(2)
    with Wire(server, unix=rng.random() < 0.8) as wire:
        send(wire, data, rng)
        answers = read_answers(wire)
    assert [answer.status for answer in answers[:before]] == [200] * before, "the good ones before it"
    assert len(answers) <= data.count(b"HTTP/1.") + before + 2, "more answers than requests"


def case_body(server, rng):
    count, data = rng.choice((1, 1, 3)), b""
    for _ in range(count):
        path, body, headers = rng.choice(BASES)
        body = mutate(rng, body)
        if rng.random() < 0.3:
            cuts = sorted(rng.randrange(len(body) + 1) for _ in range(3))
            data += post(path, chunked(body, *cuts), {**headers, "Transfer-Encoding": "chunked"})
        else:
            data += post(path, body, headers)
    with Wire(server, unix=rng.random() < 0.8) as wire:
        send(wire, data + LIVE, rng)
        answers = read_answers(wire)
    assert len(answers) == count + 1, f"{len(answers)} answers to {count + 1} requests"
    assert answers[-1].status == 200 and not any(answer.closes for answer in answers)


def case_head(server, rng):
    head, _, body = base(rng).partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    for _ in range(rng.choice((1, 1, 2, 4))):
        line = f"{rng.choice(HEADERS)}:{rng.choice((' ', '', '  '))}{rng.choice(VALUES)}".encode()
        if rng.random() < 0.5:
            lines.insert(rng.randrange(1, len(lines) + 1), line)
        else:
            lines[rng.randrange(1, len(lines))] = line
    data = b"\r\n".join(lines) + b"\r\n\r\n" + body
    with Wire(server, unix=rng.random() < 0.8) as wire:
        send(wire, data + LIVE, rng)
        answers = read_answers(wire)
    assert len(answers) <= 3, "more answers than requests"


KINDS = [case_frame, case_body, case_head]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--cases", type=int, default=None)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replay", type=int, default=None, help="only this case of the seed")
    options = parser.parse_args()
    with Server("--timeouts-head", "5s", "--timeouts-body", "5s") as server:
        begin, case, counts = time.monotonic(), options.replay or 0, {}
        while True:
            rng = random.Random(options.seed * 1_000_003 + case)
            kind = rng.choice(KINDS)
            counts[kind.__name__] = counts.get(kind.__name__, 0) + 1
            try:
                kind(server, rng)
            except (AssertionError, OSError) as error:
                print(f"seed {options.seed} case {case} ({kind.__name__}): {error!r}")
                print(f"replay: tests/fuzz/http_garbage.py --seed {options.seed} --replay {case}")
                print(server.log()[-3000:])
                return 1
            case += 1
            if options.replay is not None or case == options.cases:
                break
            if options.cases is None and time.monotonic() - begin > options.seconds:
                break
        server.census()
        print(f"{case} cases in {time.monotonic() - begin:.1f} s, all well: {counts} (patience {PATIENCE:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
