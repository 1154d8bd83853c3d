"""Clients that leave at every stage, and those that are slow: nothing stays behind, others are served."""

import json
import struct

import pytest

from server import SLOW, wait_until
from wire import EndOfStream, Wire, check_error, convert, once, post, request

N = 300_000


def infer(n, **extra):
    """A large binary request of n points and a binary answer."""
    head = json.dumps({
        "inputs": [
            {"name": name, "datatype": "FP64", "shape": [n], "parameters": {"binary_data_size": 8 * n}}
            for name in ("ra", "dec")],
        "parameters": {"binary_data_output": True, **extra.pop("parameters", {})},
    }).encode()
    body = head + struct.pack("<d", 10.5) * (2 * n)
    return post("/v2/models/icrs_to_galactic/infer", body,
                {"Inference-Header-Content-Length": len(head), **extra})


BIG = infer(N)
BIG_JSON = post("/v1/convert/icrs_to_galactic", {"ra": [1.25] * N, "dec": [-0.5] * N})


@pytest.fixture(params=["tcp", "unix"])
def unix(request):
    return request.param == "unix"


@pytest.fixture(params=["close", "reset"])
def leave(request):
    return Wire.close if request.param == "close" else Wire.reset


def test_gone_mid_head(server, unix, leave):
    data = convert("radec_to_xyz", ra=1, dec=2)
    for cut in (1, 4, 20, data.index(b"\r\n\r\n") + 3):
        leave(Wire(server, unix=unix).send(data[:cut]))


def test_gone_mid_body(server, unix, leave):
    for data in (BIG, BIG_JSON):
        head = data.index(b"\r\n\r\n") + 4
        for cut in (head, head + 1, head + 100, head + 70000, len(data) // 2, len(data) - 1):
            leave(Wire(server, unix=unix).send(data[:cut]))
    leave(Wire(server, unix=unix).send(
        request("POST", "/v1/convert/radec_to_xyz", b"5\r\n{\"ra\"", {"Transfer-Encoding": "chunked"})))


def test_gone_mid_job(server, unix, leave):
    for data in (BIG, BIG_JSON):
        for _ in range(4):
            leave(Wire(server, unix=unix).send(data))


def test_gone_mid_write(server, unix, leave):
    for data in (BIG, BIG_JSON):
        for _ in range(3):
            wire = Wire(server, unix=unix, rcvbuf=4096)
            wire.send(data)
            wire.socket.recv(100)  # the answer has begun
            leave(wire)


def test_gone_with_many_pipelined(server, unix, leave):
    small = convert("radec_to_xyz", ra=1, dec=2)
    leave(Wire(server, unix=unix).send(small * 500 + BIG_JSON + small * 20))
    leave(Wire(server, unix=unix).send_what_it_takes(BIG * 2, 0.1))
    leave(Wire(server, unix=unix).send(small * 10 + small[:-3]))


def test_half_close_mid_request(server, unix):
    """The rest will never come: the request ends, at the most with an error."""
    for data in (BIG[:-1], BIG[:70], convert("radec_to_xyz", ra=1, dec=2)[:-1]):
        with Wire(server, unix=unix) as wire:
            wire.send(data).half_close()
            rest = wire.rest()
            assert rest == b"" or rest.startswith(b"HTTP/1.1 4"), rest


def test_half_close_of_a_large_request(server, unix):
    with Wire(server, unix=unix) as wire:
        wire.send(BIG).half_close()
        try:
            assert wire.response().status == 200
        except EndOfStream as end:  # told from a client that is gone only by writing to it
            assert "b''" in str(end), end
        wire.at_end()


def test_a_slow_reader_holds_only_its_own_request(server, unix):
    n = 1_500_000  # more than any socket buffer takes
    with Wire(server, unix=unix, rcvbuf=4096) as slow:
        slow.send(infer(n))
        wait_until(server.live, "its answer is held")
        for _ in range(20):
            assert once(server, convert("radec_to_xyz", ra=0, dec=0)).status == 200
        answer = slow.response()
        assert answer.status == 200
        head = int(answer.get("Inference-Header-Content-Length"))
        assert len(answer.body) == head + 16 * n
        slow.usable()


# --- timeouts -------------------------------------------------------------------------------------


@pytest.fixture
def hasty(servers):
    return servers.get("--timeouts-head", "300ms", "--timeouts-body", "300ms", "--timeouts-write",
                       "500ms", "--timeouts-idle", "400ms", "--timeouts-request", "20s")


def test_a_head_that_never_ends(hasty):
    for data in (b"G", b"GET /v2 HTTP/1.1\r\nHost: x\r\nX-"):
        with Wire(hasty) as wire:
            answer = wire.send(data).response()
            check_error(answer, 408, "timeout")
            assert answer.closes
            wire.at_end()


def test_a_body_that_never_ends(hasty):
    with Wire(hasty) as wire:
        wire.send(post("/v1/convert/radec_to_xyz", b'{"ra":0')[:-3])
        check_error(wire.response(), 408, "timeout", plain=True)
        wire.at_end()
    with Wire(hasty) as wire:
        wire.send(request("POST", "/v2/models/radec_to_xyz/infer", b"1\r\n{\r\n",
                          {"Transfer-Encoding": "chunked"}))
        check_error(wire.response(), 408, "timeout")
        wire.at_end()


def test_an_idle_connection_is_closed_silently(hasty):
    with Wire(hasty) as wire:
        wire.at_end()
    with Wire(hasty) as wire:
        wire.usable()
        wire.at_end()


def test_a_reader_that_never_reads(hasty):
    wire = Wire(hasty, rcvbuf=4096)
    with wire:
        wire.send(infer(2_000_000))
        wait_until(hasty.live, "its answer is held")
        wait_until(lambda: not hasty.live(), "the answer is given up")
        with pytest.raises((EndOfStream, ConnectionError)):
            wire.response()


def test_a_body_sent_byte_by_byte_is_bounded(servers):
    server = servers.get("--timeouts-body", "10s", "--timeouts-request", "700ms")
    data = post("/v1/convert/radec_to_xyz", b'{"ra":0,"dec":0' + b" " * 100000 + b"}")
    head = data.index(b"\r\n\r\n") + 4
    with Wire(server, timeout=0.005) as wire:
        wire.send(data[:head])
        for byte in data[head:]:
            try:
                wire.socket.send(bytes([byte]))
                if not wire.receive() or b"\r\n\r\n" in wire.buffer:
                    break
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
        wire.socket.settimeout(20)
        answer = wire.response()
        assert answer.status in (408, 504), answer
        assert answer.get("X-Error-Code") in ("timeout", "deadline")
        wire.at_end()


# --- deadlines ------------------------------------------------------------------------------------


def test_request_timeout_header(server):
    with Wire(server) as wire:
        answer = wire.send_what_it_takes(infer(N, **{"X-Request-Timeout": "0.000001"})).response()
        # Passed while the body was still arriving (408), or while it was at work (504).
        check_error(answer, answer.status)
        assert (answer.status, answer.get("X-Error-Code")) in ((504, "deadline"), (408, "timeout"))
        if not answer.closes:
            wire.usable()
    with Wire(server) as wire:
        assert wire.ask(infer(1000, **{"X-Request-Timeout": str(20 * SLOW)})).status == 200
        wire.usable()


def test_request_timeout_of_the_protocol(server):
    """Microseconds, in the request's parameters."""
    with Wire(server) as wire:
        answer = wire.ask(infer(N, parameters={"timeout": 1}))
        check_error(answer, 504, "deadline")
        if not answer.closes:
            wire.usable()
    assert once(server, infer(1000, parameters={"timeout": int(20e6 * SLOW)})).status == 200


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf", "1s", "", "1e400"])
def test_request_timeout_that_is_none(server, value):
    with Wire(server) as wire:
        check_error(wire.ask(infer(10, **{"X-Request-Timeout": value})), 400)
        wire.usable()


def test_deadline_of_the_settings(servers):
    """On the compute threads, with the body already there."""
    server = servers.get("--timeouts-request", "5ms")
    with Wire(server) as wire:
        answer = wire.send_what_it_takes(infer(2_000_000)).response()
        check_error(answer, answer.status)
        assert (answer.status, answer.get("X-Error-Code")) in ((504, "deadline"), (408, "timeout"))
    Wire(server).send_what_it_takes(infer(2_000_000)).reset()
