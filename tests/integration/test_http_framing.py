"""HTTP as it should be: pipelining, cut heads and bodies, Expect, HEAD, 1.0, keep-alive."""

import json
import random
import socket

import pytest

from server import wait_until
from wire import Wire, check_error, chunked, convert, once, post, request

STAR = {"ra": [10.684, 83.822], "dec": [41.269, -5.391]}
LIVE = request("GET", "/v2/health/live")


def test_head_and_body_in_one_segment(server):
    """geventhttpclient drops a connection whose body comes in a later segment."""
    for data in (LIVE, convert("icrs_to_galactic", **STAR), request("GET", "/nowhere"),
                 request("GET", "/v1/conversions/radec_to_xyz")):
        with Wire(server) as wire:
            wire.send(data)
            assert wire.receive()
            first = wire.buffer
            wire.response()
            assert wire.buffer == b"", "the whole answer came in the first segment"
            assert first


def test_the_usual_headers(server):
    answer = once(server, LIVE)
    assert answer.status == 200 and answer.reason == "OK"
    assert answer.get("Content-Type") == "application/json"
    assert answer.get("Date").endswith(" GMT")
    assert answer.get("X-Request-Id")
    assert answer.get("X-Error-Code") is None


def test_pipelined_answers_in_order(server):
    with Wire(server) as wire:
        count = 50
        wire.send(b"".join(convert("radec_to_xyz", ra=0, dec=0, distance=i) for i in range(count)))
        for i in range(count):
            assert wire.response().json() == {"x": float(i), "y": 0.0, "z": 0.0}
        wire.usable()


def test_answers_made_in_one_read_leave_in_one_write(server):
    with Wire(server) as wire:
        wire.usable()
        wire.send(LIVE * 16)
        assert wire.receive()
        for _ in range(16):
            assert wire.response().status == 200
        assert wire.buffer == b""


def test_pipelined_mixture_keeps_the_order(server):
    """Small ones, errors, and dear ones that go to the compute threads."""
    big = {"ra": [float(i % 360) for i in range(60000)], "dec": [10.0] * 60000}
    parts = [
        (convert("icrs_to_galactic", **STAR), 200), (request("GET", "/nowhere"), 404),
        (post("/v1/convert/icrs_to_galactic", big), 200), (LIVE, 200),
        (post("/v1/convert/icrs_to_galactic", b"{]"), 400),
        (post("/v1/convert/radec_to_xyz", big), 200), (request("PUT", "/v2"), 405), (LIVE, 200),
    ]
    with Wire(server) as wire:
        wire.send(b"".join(data for data, _ in parts))
        assert [wire.response().status for _ in parts] == [status for _, status in parts]
        wire.usable()


def test_a_pipelining_client_that_reads_late(server):
    with Wire(server) as wire:
        count = 3000
        wire.socket.setblocking(False)
        data, sent = LIVE * count, 0
        answers = 0
        # A client may stop sending until it has read; neither side may deadlock.
        while answers < count:
            try:
                while sent < len(data):
                    sent += wire.socket.send(data[sent:])
            except BlockingIOError:
                pass
            wire.socket.settimeout(20)
            assert wire.response().status == 200
            answers += 1
            wire.socket.setblocking(False)
        wire.socket.settimeout(20)
        assert wire.buffer == b""
        wire.usable()


def test_byte_by_byte(server):
    data = convert("icrs_to_galactic", **STAR)
    with Wire(server) as wire:
        answer = wire.send_in_pieces(data).response()
        assert answer.status == 200 and len(answer.json()["l"]) == 2
        wire.send_in_pieces(post("/v2/models/icrs_to_galactic/infer", b"{}"), 3)
        check_error(wire.response(), 400)
        wire.usable()


def test_cut_at_every_place(server):
    """Two requests, cut once at each byte: the answers are always the same two."""
    first = post("/v1/convert/radec_to_xyz", b'{"ra":0,"dec":0}')
    second = post("/v1/convert/radec_to_xyz", chunked(b'{"ra":90,"dec":0}', 5, 6),
                  {"Transfer-Encoding": "chunked"})
    data = first + second
    with Wire(server) as wire:
        for cut in range(1, len(data)):
            wire.send(data[:cut])
            if cut >= len(first):
                assert wire.response().json() == {"x": 1.0, "y": 0.0, "z": 0.0}
            wire.send(data[cut:])
            if cut < len(first):
                assert wire.response().json() == {"x": 1.0, "y": 0.0, "z": 0.0}
            assert wire.response().json() == {"x": 0.0, "y": 1.0, "z": 0.0}


@pytest.mark.parametrize("seed", range(8))
def test_chunked_bodies_cut_anywhere(server, seed):
    random_ = random.Random(seed)
    columns = {"ra": [random_.uniform(0, 360) for _ in range(400)],
               "dec": [random_.uniform(-90, 90) for _ in range(400)]}
    body = json.dumps(columns).encode()
    expected = once(server, post("/v1/convert/radec_to_xyz", body)).body
    with Wire(server) as wire:
        for _ in range(5):
            cuts = sorted(random_.randrange(len(body)) for _ in range(random_.randrange(30)))
            data = post("/v1/convert/radec_to_xyz", chunked(body, *cuts),
                        {"Transfer-Encoding": "chunked"})
            begin = 0
            for end in sorted(random_.randrange(len(data)) for _ in range(6)) + [len(data)]:
                wire.send(data[begin:end])
                begin = end
            assert wire.response().body == expected
        wire.usable()


def test_chunk_extensions_and_trailers(server):
    body = b'3;a=b\r\n{"r\r\n4;c\r\na":0\r\n9\r\n,"dec":0}\r\n0\r\nX-Trailer: 1\r\n\r\n'
    data = request("POST", "/v1/convert/radec_to_xyz", body, {"Transfer-Encoding": "chunked"})
    with Wire(server) as wire:
        assert wire.ask(data).json() == {"x": 1.0, "y": 0.0, "z": 0.0}
        wire.usable()


def test_expect_continue(server):
    body = b'{"ra":0,"dec":0}'
    head = request("POST", "/v1/convert/radec_to_xyz", None,
                   {"Expect": "100-continue", "Content-Length": len(body)})
    with Wire(server) as wire:
        interim = wire.ask(head)
        assert interim.status == 100 and interim.headers == []
        assert wire.ask(body).status == 200
        # A client that does not wait gets at most the interim answer besides.
        answer = wire.ask(head + body)
        assert (wire.response() if answer.status == 100 else answer).status == 200
        wire.usable()


def test_expect_continue_is_not_given_to_what_is_refused(server):
    for path, length, status in (("/nowhere", 10, 404), ("/v1/convert/nothing", 10, 404),
                                 ("/v1/convert/radec_to_xyz", 1 << 40, 413)):
        with Wire(server) as wire:
            answer = wire.ask(request("POST", path, None,
                                      {"Expect": "100-continue", "Content-Length": length}))
            assert answer.status == status, answer


def test_head_requests(server):
    for path in ("/v2/health/live", "/v1/conversions", "/v1/conversions/radec_to_xyz", "/metrics",
                 "/openapi.json", "/v2"):
        with Wire(server) as wire:
            full = wire.ask(request("GET", path))
            head = wire.ask(request("HEAD", path), head=True)
            assert head.status == full.status == 200
            if path != "/metrics":
                assert head.get("Content-Length") == full.get("Content-Length")
            assert head.get("Content-Type") == full.get("Content-Type")
            assert wire.buffer == b""
            wire.usable()
    with Wire(server) as wire:
        answer = wire.ask(request("HEAD", "/nowhere"), head=True)
        assert answer.status == 404 and answer.get("X-Error-Code")
        wire.usable()


def test_http_1_0(server):
    with Wire(server) as wire:
        answer = wire.ask(request(version="1.0", host=None))
        assert answer.status == 200 and answer.closes
        wire.at_end()
    with Wire(server) as wire:
        answer = wire.ask(request(version="1.0", headers={"Connection": "keep-alive"}))
        assert answer.status == 200 and not answer.closes
        assert answer.get("Connection", "").lower() == "keep-alive"
        wire.usable()


def test_absolute_form(server):
    with Wire(server) as wire:
        assert wire.ask(request("GET", "http://test/v2/health/live")).json() == {"live": True}
        assert wire.ask(request("GET", "http://test:9180/v2/health/live?x=1")).status == 200
        body = b'{"ra":0,"dec":0}'
        assert wire.ask(post("http://test/v1/convert/radec_to_xyz", body)).status == 200
        wire.usable()


@pytest.mark.parametrize("value", ["close", "Close", "keep-alive, close", "close, x"])
def test_connection_close(server, value):
    with Wire(server) as wire:
        wire.send(request(headers={"Connection": value}) + LIVE)
        assert wire.response().closes
        wire.at_end()


def test_half_close_still_gets_its_answer(server):
    with Wire(server) as wire:
        wire.send(convert("icrs_to_galactic", **STAR) + LIVE).half_close()
        assert wire.response().status == 200
        assert wire.response().status == 200
        wire.at_end()


def test_leading_blank_lines(server):
    """Old clients send a line end behind a body; the next request is still read."""
    with Wire(server) as wire:
        assert wire.ask(b"\r\n" + LIVE).status == 200
        wire.usable()


def test_connections_close_without_a_word(server):
    for unix in (False, True):
        for _ in range(20):
            Wire(server, unix=unix).close()


def test_many_connections_at_once(server):
    wires = [Wire(server, unix=i % 2 == 0) for i in range(200)]
    try:
        for wire in wires:
            wire.send(convert("radec_to_xyz", ra=0, dec=0))
        assert {wire.response().status for wire in wires} == {200}
    finally:
        for wire in wires:
            wire.close()


def test_header_names_in_any_case_and_blanks_around_values(server):
    body = b'{"ra":0,"dec":0}'
    data = (b"POST /v1/convert/radec_to_xyz HTTP/1.1\r\nhOsT:test\r\nCONTENT-LENGTH:  %d  \r\n"
            b"x-request-ID: \t mine \r\n\r\n%s" % (len(body), body))
    answer = once(server, data)
    assert answer.status == 200 and answer.get("X-Request-Id") == "mine"


def test_tcp_nodelay_and_unix_alike(server):
    for unix in (False, True):
        with Wire(server, unix=unix) as wire:
            for _ in range(50):
                wire.usable()


def test_get_with_a_body(server):
    """Has no meaning, but its bytes must not be taken for the next request."""
    with Wire(server) as wire:
        assert wire.ask(request("GET", "/v2/health/live", LIVE)).status == 200
        wire.usable()


def test_a_body_for_a_path_that_does_not_exist(server):
    with Wire(server) as wire:
        answer = wire.ask(post("/nowhere", b"x" * 100000))
        check_error(answer, 404, "not_found")
        if answer.closes:
            wire.rest()
        else:
            wire.usable()


def test_sockets_die_with_the_client(server):
    idle = [socket.create_connection((server.host, server.port)) for _ in range(50)]
    wait_until(lambda: len(server.fds()) >= len(server.fds_before) + 50, "connections are accepted")
    for peer in idle:
        peer.close()
