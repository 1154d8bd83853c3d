"""SIGTERM drains, a second signal ends at once, and nothing is lost on the way."""

import json
import signal
import struct

import pytest

from server import Server, wait_until
from wire import EndOfStream, Wire, check_error, convert, once, post, request

SMALL = convert("radec_to_xyz", ra=0, dec=0)


def refuses(server):
    try:
        with Wire(server, timeout=5) as wire:
            wire.send(SMALL)
            return not wire.receive()
    except OSError:
        return True


@pytest.fixture
def server():
    server = Server("--shutdown-grace", "20s")
    yield server
    if not server.stopped:
        server.end()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_ends_at_once(server, number):
    with Wire(server) as idle:
        idle.usable()
        server.signal(number)
        assert server.wait() == 0
        idle.at_end()
    server.stop()


def test_a_request_in_flight_finishes(server):
    body = b'{"ra":0,"dec":0}'
    with Wire(server) as wire, Wire(server) as partial:
        wire.send(request("POST", "/v1/convert/radec_to_xyz", body[:5], {"Content-Length": len(body)}))
        partial.send(SMALL[:30])
        wait_until(lambda: server.live().get("requests", {}).get("objects", 0) >= 2, "both have begun")
        server.signal(signal.SIGTERM)
        wait_until(lambda: refuses(server), "the listeners are closed")
        assert server.alive()
        answer = wire.ask(body[5:])
        assert answer.status == 200 and answer.closes
        wire.at_end()
        answer = partial.ask(SMALL[30:])
        assert answer.closes and answer.status in (200, 503)
        partial.at_end()
    assert server.wait() == 0
    server.stop()


def test_ready_turns_false_while_draining(server):
    """Seen on a connection whose head had begun before the signal."""
    probe = request("GET", "/v2/health/ready")
    body = b'{"ra":0,"dec":0}'
    with Wire(server) as holder, Wire(server) as ready, Wire(server) as live:
        holder.send(request("POST", "/v1/convert/radec_to_xyz", body[:5], {"Content-Length": len(body)}))
        ready.send(probe[:10])
        live.send(request("GET", "/v2/health/live")[:10])
        wait_until(lambda: server.live().get("requests", {}).get("objects", 0) >= 3, "all have begun")
        server.signal(signal.SIGTERM)
        wait_until(lambda: refuses(server), "the listeners are closed")
        answer = ready.ask(probe[10:])
        assert answer.status == 503 and answer.closes
        answer = live.ask(request("GET", "/v2/health/live")[10:])
        assert answer.status == 200
        assert holder.ask(body[5:]).status == 200
    assert server.wait() == 0
    server.stop()


def test_a_large_answer_is_written_to_its_end(server):
    n = 1_000_000
    head = json.dumps({"inputs": [
        {"name": name, "datatype": "FP64", "shape": [n], "parameters": {"binary_data_size": 8 * n}}
        for name in ("ra", "dec")], "parameters": {"binary_data_output": True}}).encode()
    with Wire(server, rcvbuf=4096) as wire:
        wire.send(post("/v2/models/radec_to_xyz/infer", head + struct.pack("<d", 0.0) * (2 * n),
                       {"Inference-Header-Content-Length": len(head)}))
        wire.receive()
        server.signal(signal.SIGTERM)
        wait_until(lambda: refuses(server), "the listeners are closed")
        answer = wire.response()
        assert answer.status == 200 and len(answer.body) > 24 * n
        wire.at_end()
    assert server.wait() == 0
    server.stop()


def test_the_grace_is_bounded():
    with Server("--shutdown-grace", "300ms") as server:
        with Wire(server) as wire:
            wire.send(SMALL[:-3])
            wait_until(server.live, "it has begun")
            server.signal(signal.SIGTERM)
            server.expect_log(r"level=warn|level=error")
            server.wait()
            rest = wire.rest()
            assert rest == b"" or rest.startswith(b"HTTP/1.1 ")


def test_a_second_signal_ends_at_once(server):
    with Wire(server) as wire:
        wire.send(SMALL[:-3])
        wait_until(server.live, "it has begun")
        server.signal(signal.SIGTERM)
        wait_until(lambda: refuses(server), "the listeners are closed")
        assert server.alive()
        server.signal(signal.SIGTERM)
        server.wait()
        with pytest.raises((EndOfStream, ConnectionError)):
            wire.response()


def test_pipelined_requests_behind_the_signal(server):
    """Either answered, or refused with 503 and closed: never half an answer."""
    with Wire(server) as wire:
        wire.usable()
        wire.send(SMALL * 200)
        server.signal(signal.SIGTERM)
        try:
            while True:
                answer = wire.response()
                if answer.status != 200:
                    check_error(answer, 503, "draining", plain=True)
                if answer.closes:
                    break
        except EndOfStream as end:
            assert "b''" in str(end), end
    assert server.wait() == 0
    server.stop()


def test_restart_on_the_same_port(server):
    port = server.port
    server.stop()
    with Server(listen=[f"127.0.0.1:{port}"]) as again:
        assert again.port == port
        assert once(again, SMALL).status == 200


def test_stdout_has_nothing_but_the_banner(server):
    once(server, SMALL)
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    assert server.process.stdout.read() == ""
    server.stop()
