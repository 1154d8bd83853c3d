"""What somebody could do to others: take their memory, their descriptors, their connections, their answers."""

import json
import os
import resource
import signal
import socket
import struct

import pytest

from server import Server, wait_until
from wire import Wire, check_error, convert, once, post, request

SMALL = convert("radec_to_xyz", ra=0, dec=0)
LIVE = request("GET", "/v2/health/live")


@pytest.fixture
def server(servers):
    return servers.get()


@pytest.mark.parametrize("data", [
    request("GET", "/v2/health/live", headers={"Content-Length": 256 << 20}),
    request("GET", "/v1/conversions", headers={"Content-Length": 256 << 20}),
    request("POST", "/nowhere", headers={"Content-Length": 256 << 20}),
    request("POST", "/v2/repository/index", headers={"Content-Length": 256 << 20}),
])
def test_a_head_takes_no_memory_for_a_body_that_nobody_reads(server, data):
    with Wire(server) as wire:
        wire.send(data)
        once(server, LIVE)
        assert "slabs" not in server.live()


def test_a_large_body_behind_a_refusal_is_not_waited_for(server):
    with Wire(server) as wire:
        answer = wire.ask(request("POST", "/nowhere", headers={"Content-Length": 200_000_000}))
        check_error(answer, 404, "not_found")
        assert answer.closes


def test_a_small_body_of_a_document_is_skipped_and_the_connection_kept(server):
    with Wire(server) as wire:
        assert wire.ask(request("GET", "/v2/health/live", b"x" * 100_000)).status == 200
        wire.usable()


def test_names_that_are_no_text_are_shown_as_text(server):
    for path in ("/v1/convert/%ff%fe", "/v2/models/%80/infer", "/v1/convert/%22%0a"):
        answer = once(server, post(path, {"ra": 0, "dec": 0}))
        assert answer.status == 404 and "error" in json.loads(answer.body.decode("utf-8"))


def test_refused_connections_do_not_count(servers):
    server = servers.get("--limits-connections", "1", "--loops", "1")
    with server.connect() as first:
        first.sendall(LIVE)
        assert b"200 OK" in first.recv(4096)
        refused = [server.connect() for _ in range(100)]
        assert b"503" in refused[0].recv(4096)  # it lingers: our side stays open
    wait_until(lambda: once(server, LIVE).status == 200, "the place is free again")
    for one in refused:
        one.close()


def test_out_of_descriptors_it_serves_on_and_ends_when_told():
    few = 64
    server = Server("--loops", "4", unix=False)
    resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (few, few))  # behind its back
    server.expect_log("event=accept_failed")
    crowd = []
    try:
        for _ in range(300):
            crowd.append(socket.create_connection((server.host, server.port), timeout=20))
        for one in crowd:
            one.close()
        wait_until(lambda: len(os.listdir(f"/proc/{server.pid}/fd")) < few // 2, "they are gone")
        assert once(server, SMALL).status == 200
        server.stop()
    finally:
        server.end()


def test_a_drain_lets_the_whole_answer_out():
    """Its answer says close; what the client has sent behind it must not reset the connection."""
    n = 100_000
    big = convert("radec_to_xyz", ra=[1.25] * n, dec=[0.5] * n)
    with Server("--shutdown-grace", "20s") as server, Wire(server) as wire:
        wire.send(big)
        wait_until(server.live, "it is at work")
        server.signal(signal.SIGTERM)
        wire.send_what_it_takes(SMALL * 2000)
        answer = wire.response()
        assert answer.status == 200 and len(answer.json()["x"]) == n
        wire.close()
        assert server.wait() == 0


def test_a_successor_keeps_its_unix_socket(tmp_path):
    path = str(tmp_path / "socket")
    body = b'{"ra":0,"dec":0}'

    def connect():
        one = socket.socket(socket.AF_UNIX)
        one.settimeout(20)
        one.connect(path)
        return one

    first = Server(listen=[f"unix:{path}"], unix=False)
    first.unix_path = path
    with connect() as slow:
        slow.sendall(request("POST", "/v1/convert/radec_to_xyz", body[:3], {"Content-Length": len(body)}))
        wait_until(lambda: first.live(), "the request has begun")
        first.signal(signal.SIGTERM)

        def refused():
            try:
                connect().close()
                return False
            except OSError:
                return True

        wait_until(refused, "the first one's listener is closed")
        second = Server(listen=[f"unix:{path}"], unix=False)
        slow.sendall(body[3:])
        assert b"200 OK" in slow.recv(4096)
    assert first.wait() == 0
    first.stop()
    with connect() as one:
        one.sendall(LIVE)
        assert b"200 OK" in one.recv(4096)
    second.stop()
    assert not os.path.exists(path)


def test_http_10_with_chunks_is_not_kept_open(server):
    data = (b"POST /v1/convert/radec_to_xyz HTTP/1.0\r\nConnection: keep-alive\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n10\r\n{\"ra\":0,\"dec\":0}\r\n0\r\n\r\n")
    with Wire(server) as wire:
        answer = wire.ask(data)
        assert answer.closes
        wire.at_end()


def test_sizes_beyond_every_machine_are_refused(server):
    """Lies about sizes, far beyond what any machine has, cost nothing either."""
    head = json.dumps({"inputs": [{"name": "ra", "datatype": "FP64", "shape": [2 ** 62],
                                   "parameters": {"binary_data_size": 2 ** 63 - 8}}]}).encode()
    answer = once(server, post("/v2/models/radec_to_xyz/infer", head + struct.pack("<d", 1.0),
                               {"Inference-Header-Content-Length": len(head)}))
    assert answer.status == 400
