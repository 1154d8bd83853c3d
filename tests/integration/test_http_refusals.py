"""What is refused: limits, wrong methods and paths, and garbage of every kind. One JSON error each."""

import pytest

from wire import Wire, check_error, chunked, convert, once, post, request

LIVE = request("GET", "/v2/health/live")
GOOD = b'{"ra":0,"dec":0}'
CONVERT = "/v1/convert/radec_to_xyz"


def refused(server, data, statuses=(400,), then=LIVE):
    """One error, and nothing after it: what follows on the connection is not answered."""
    with Wire(server) as wire:
        wire.send(data + then)
        answer = wire.response()
        assert answer.status in statuses, answer
        assert answer.closes, answer
        check_error(answer, answer.status, plain="/v1/" in data[:200].decode("latin-1")
                    and len(answer.json()) > 1)
        wire.at_end()
        return answer


# --- limits ---------------------------------------------------------------------------------------


def test_header_limit(server):
    answer = refused(server, request(headers={"X-Long": "a" * 20000}), (431,))
    assert answer.get("X-Error-Code") == "headers_too_large"
    refused(server, request(headers=[(f"X-{i}", "v" * 40) for i in range(600)]), (431,))
    refused(server, request(headers={"n" * 20000: "v"}), (431,))
    assert once(server, request(headers={"X-Long": "a" * 8000})).status == 200


def test_header_limit_is_a_setting(servers):
    server = servers.get("--limits-header-bytes", "1024")
    refused(server, request(headers={"X-Long": "a" * 1024}), (431,))
    assert once(server, request(headers={"X-Long": "a" * 700})).status == 200


def test_uri_limit(server):
    answer = refused(server, request("GET", "/v1/conversions/" + "x" * 20000), (414, 431))
    assert answer.get("X-Error-Code") == "uri_too_long"


def test_many_headers_within_the_limit(server):
    assert once(server, request(headers=[(f"X-{i}", "v") for i in range(100)])).status == 200


def test_body_limit(servers):
    server = servers.get("--limits-body-bytes", "10000")
    with Wire(server) as wire:
        text = check_error(wire.ask(post(CONVERT, b" " * 10001)), 413, "too_large", plain=True)
        assert "10000" in text
    padded = GOOD + b" " * (10000 - len(GOOD))
    assert once(server, post(CONVERT, padded)).status == 200
    # A declared length is refused before anything is sent.
    with Wire(server) as wire:
        answer = wire.ask(request("POST", CONVERT, None, {"Content-Length": 1 << 50}))
        check_error(answer, 413, "too_large", plain=True)
        assert answer.closes
        wire.at_end()
    # A chunked body is refused when it has grown over the limit, at its end at the latest.
    with Wire(server) as wire:
        body = chunked(b" " * 20000, 9000)
        answer = wire.ask(request("POST", CONVERT, body, {"Transfer-Encoding": "chunked"}))
        check_error(answer, 413, "too_large", plain=True)
        wire.at_end() if answer.closes else wire.usable()
    with Wire(server) as wire:
        wire.send(post("/v2/models/radec_to_xyz/infer", b" " * 20000))
        check_error(wire.response(), 413, "too_large")


# --- methods and paths ----------------------------------------------------------------------------


@pytest.mark.parametrize("method,path,allow", [
    ("GET", CONVERT, {"POST"}),
    ("PUT", CONVERT, {"POST"}),
    ("POST", "/v1/conversions", {"GET", "HEAD"}),
    ("DELETE", "/v2/health/live", {"GET", "HEAD"}),
    ("PATCH", "/metrics", {"GET", "HEAD"}),
    ("GET", "/v2/models/radec_to_xyz/infer", {"POST"}),
    ("GET", "/v2/repository/index", {"POST"}),
    ("OPTIONS", "/v2", {"GET", "HEAD"}),
])
def test_method_not_allowed(server, method, path, allow):
    with Wire(server) as wire:
        answer = wire.ask(request(method, path))
        check_error(answer, 405, "method_not_allowed", plain=path.startswith("/v1"))
        assert {word.strip() for word in answer.get("Allow").split(",")} >= allow
        wire.usable()


@pytest.mark.parametrize("path", ["/nowhere", "/v1", "/v1/convert", "/v1/convert/", "/v3", "//v2",
                                  "/v2//health", "/v1/convert/radec_to_xyz/x", "/%0A",
                                  "/v2/models/radec_to_xyz/versions", "/../etc/passwd"])
def test_not_found(server, path):
    with Wire(server) as wire:
        answer = wire.ask(request("GET", path))
        assert answer.status == 404, answer
        assert answer.get("X-Error-Code") in ("not_found", "unknown_conversion")
        wire.usable()


def test_unknown_conversion_names_the_nearest(server):
    text = check_error(once(server, convert("icrs_to_galatic", ra=1, dec=1)), 404,
                       "unknown_conversion", plain=True)
    assert "icrs_to_galactic" in text
    text = check_error(once(server, post("/v2/models/radec_to_xzy/infer", b"{}")), 404,
                       "unknown_conversion")
    assert "radec_to_xyz" in text


def test_errors_leave_the_connection_usable(server):
    with Wire(server) as wire:
        for _ in range(20):
            check_error(wire.ask(post(CONVERT, b'{"ra":[1')), 400, "invalid_json", plain=True)
            check_error(wire.ask(post("/v2/models/radec_to_xyz/infer", b"[1")), 400)
            check_error(wire.ask(request("GET", "/nowhere")), 404)
            check_error(wire.ask(request("PUT", CONVERT)), 405, plain=True)
        wire.usable()


# --- garbage --------------------------------------------------------------------------------------

HEAD = b"POST " + CONVERT.encode() + b" HTTP/1.1\r\nHost: test\r\n"

GARBAGE = {
    "noise": b"\x00\x01\x02\x03\xff\xfe\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x5a" * 64 + b"\r\n\r\n",
    "http2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "words": b"hello\r\n\r\n",
    "method": b"GE T /v2 HTTP/1.1\r\nHost: t\r\n\r\n",
    "lower method": b"get /v2 HTTP/1.1\r\nHost: t\r\n\r\n",
    "no version": b"GET /v2/health/live\r\n\r\n",
    "version 0.9": b"GET /v2 HTTP/0.9\r\n\r\n",
    "version 1.2": b"GET /v2 HTTP/1.2\r\nHost: t\r\n\r\n",
    "version 3": b"GET /v2 HTTP/3.0\r\nHost: t\r\n\r\n",
    "version text": b"GET /v2 HTTP/1.x\r\nHost: t\r\n\r\n",
    "blank in path": b"GET /v2/he alth HTTP/1.1\r\nHost: t\r\n\r\n",
    "no path": b"GET  HTTP/1.1\r\nHost: t\r\n\r\n",
    "nul in path": b"GET /v2\x00 HTTP/1.1\r\nHost: t\r\n\r\n",
    "two hosts": b"GET /v2/health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "bare lf": b"GET /v2/health/live HTTP/1.1\nHost: t\n\n",
    "bare lf in headers": b"GET /v2/health/live HTTP/1.1\r\nHost: t\nX: y\r\n\r\n",
    "bare cr": b"GET /v2/health/live HTTP/1.1\r\nHost: t\rX: y\r\n\r\n",
    "obs-fold": b"GET /v2/health/live HTTP/1.1\r\nHost: t\r\nX: a\r\n b\r\n\r\n",
    "nul in value": b"GET /v2/health/live HTTP/1.1\r\nHost: t\r\nX: a\x00b\r\n\r\n",
    "nul in name": b"GET /v2/health/live HTTP/1.1\r\nHost: t\r\nX\x00: a\r\n\r\n",
    "blank before colon": b"GET /v2/health/live HTTP/1.1\r\nHost: t\r\nX : a\r\n\r\n",
    "no colon": b"GET /v2/health/live HTTP/1.1\r\nHost: t\r\nnonsense\r\n\r\n",
    "empty name": b"GET /v2/health/live HTTP/1.1\r\nHost: t\r\n: a\r\n\r\n",
    "length and chunked": HEAD + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
    "chunked and length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nX",
    "two lengths": HEAD + b"Content-Length: 16\r\nContent-Length: 17\r\n\r\n" + GOOD,
    "two equal lengths": HEAD + b"Content-Length: 16\r\nContent-Length: 16\r\n\r\n" + GOOD,
    "length list": HEAD + b"Content-Length: 16, 16\r\n\r\n" + GOOD,
    "length sign": HEAD + b"Content-Length: +16\r\n\r\n" + GOOD,
    "length negative": HEAD + b"Content-Length: -1\r\n\r\n" + GOOD,
    "length text": HEAD + b"Content-Length: abc\r\n\r\n" + GOOD,
    "length hex": HEAD + b"Content-Length: 0x10\r\n\r\n" + GOOD,
    "length overflow": HEAD + b"Content-Length: 18446744073709551632\r\n\r\n" + GOOD,
    "length empty": HEAD + b"Content-Length:\r\n\r\n" + GOOD,
    "coding unknown": HEAD + b"Transfer-Encoding: rot13\r\n\r\n" + GOOD,
    "chunked not last": HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "chunked twice": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "chunked odd": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked in 1.0": b"POST /v1/convert/radec_to_xyz HTTP/1.0\r\nContent-Length: 5\r\n"
                      b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunk size text": HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "chunk size sign": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n",
    "chunk size 0x": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x10\r\n" + GOOD + b"\r\n0\r\n\r\n",
    "chunk size overflow": HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    "chunk too long": HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}{}\r\n0\r\n\r\n",
    "chunk ends in lf": HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n",
    "bad trailer": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n",
    "expect what": b"GET /v2/health/live HTTP/1.1\r\nHost: t\r\nContent-Length: 1x\r\n\r\n",
}
ALSO = {"chunked odd": (400, 415, 501), "version 0.9": (400, 505), "version 1.2": (400, 505),
        "version 3": (400, 505), "http2": (400, 505), "coding unknown": (400, 415, 501)}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage(server, name):
    refused(server, GARBAGE[name], ALSO.get(name, (400,)))


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_byte_by_byte_and_behind_a_good_request(server, name):
    with Wire(server) as wire:
        assert wire.ask(LIVE).status == 200
        try:
            wire.send_in_pieces(GARBAGE[name])
        except (ConnectionResetError, BrokenPipeError):
            pass  # it was refused before its end
        answer = wire.response()
        assert answer.status in ALSO.get(name, (400,)), answer
        wire.at_end()


@pytest.mark.parametrize("data,statuses", [
    (b"GET /v2/health/live HTTP/1.1\r\n\r\n", (400,)),
    (b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n", (400, 405)),
    (b"OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n", (200, 204, 400, 404, 405)),
    (b"GET /%00 HTTP/1.1\r\nHost: t\r\n\r\n", (400, 404)),
    (b"GET /%zz HTTP/1.1\r\nHost: t\r\n\r\n", (400, 404)),
    (b"GET /v2 HTTP/1.1\r\nHost: t\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n", (200, 400)),
    (b"BREW /pot HTTP/1.1\r\nHost: t\r\n\r\n", (400, 405, 501)),
])
def test_wrong_requests_with_intact_framing(server, data, statuses):
    """One answer each; then the connection is closed or serves on."""
    with Wire(server) as wire:
        answer = wire.ask(data)
        assert answer.status in statuses, answer
        if answer.status >= 400:
            check_error(answer, answer.status)
        wire.at_end() if answer.closes else wire.usable()


def test_garbage_behind_a_head_request_is_answered_with_a_body(server):
    """The parser keeps the method of the last message; garbage has none."""
    with Wire(server) as wire:
        assert wire.ask(request("HEAD", "/v2/health/live"), head=True).status == 200
        check_error(wire.ask(b"nonsense\r\n\r\n"), 400, "invalid_request")
        wire.at_end()


def test_smuggled_requests_are_never_answered(server):
    inner = request("GET", "/v1/conversions")
    for head in (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                 b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n\r\n0\r\n\r\n" % len(inner),
                 b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(inner),
                 b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
                 b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"):
        refused(server, HEAD + head, (400,), then=inner)


def test_errors_of_the_parser_have_the_common_shape(server):
    answer = refused(server, b"nonsense\r\n\r\n")
    assert answer.get("X-Error-Code") == "invalid_request"
    assert answer.get("X-Request-Id") and answer.get("Date")


@pytest.mark.parametrize("body", [
    b"", b" ", b"null", b"1", b"[]", b'"x"', b"{", b"{]", b'{"ra"}', b'{"ra":}', b'{"ra":1,}',
    b"{'ra':1}", b'{"ra":01,"dec":0}', b'{"ra":1.,"dec":0}', b'{"ra":.5,"dec":0}',
    b'{"ra":+1,"dec":0}', b'{"ra":0x1,"dec":0}', b'{"ra":1e,"dec":0}', b'{"ra":1e999,"dec":0}',
    b'{"ra":[1,],"dec":[0]}', b'{"ra":[1 2],"dec":[0,0]}', b'{"ra":[1],"dec":[0]}x',
    b'{"ra":[1],"dec":[0]}{}', b"\xff\xfe{}", b"\xef\xbb\xbf{}", b'{"\xff":1}', b'{"ra":tru}',
    b'{"ra":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1', b"[" * 100000, b'{"a":' * 5000,
    b'{"ra":"1","dec":0', b'{"ra":\x00}', b'{"ra":1,"dec":2}\x00',
])
def test_bodies_that_are_no_json(server, body):
    with Wire(server) as wire:
        check_error(wire.ask(post(CONVERT, body)), 400, plain=True)
        check_error(wire.ask(post("/v2/models/radec_to_xyz/infer", body)), 400)
        check_error(wire.ask(post(CONVERT, chunked(body, 1), {"Transfer-Encoding": "chunked"})), 400,
                    plain=True)
        wire.usable()
