"""Bearer tokens with scopes, their reload, and the rule for admin paths."""

import hashlib
import signal

import pytest

from server import Server, run_binary, wait_until
from wire import Wire, check_error, convert, once, post, request

SMALL = '{"ra":0,"dec":0}'


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def tokens(tmp_path):
    path = tmp_path / "tokens"
    path.write_text(f"# two of them\n{digest('user')} convert a user\n{digest('root')} convert,admin\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def server(tokens, launch):
    return launch("--auth-tokens", tokens, admin_token="root")


def ask(server, headers=None, path="/v1/convert/radec_to_xyz"):
    return once(server, post(path, SMALL, headers))


def test_conversions_need_a_token(server):
    for headers in ({}, bearer("wrong"), bearer(""), {"Authorization": "Basic dXNlcjp1c2Vy"},
                    {"Authorization": "Bearer"}, {"Authorization": "user"}, bearer("user x")):
        answer = ask(server, headers)
        check_error(answer, 401, "unauthorized", plain=True)
        assert answer.get("WWW-Authenticate", "").startswith("Bearer")
    assert ask(server, bearer("user")).status == 200
    assert ask(server, {"Authorization": "bearer user"}).status == 200
    check_error(ask(server, {}, "/v2/models/radec_to_xyz/infer"), 401, "unauthorized")


def test_unix_sockets_need_one_too(server):
    answer = once(server, post("/v1/convert/radec_to_xyz", SMALL), unix=True)
    check_error(answer, 401, "unauthorized", plain=True)


def test_health_is_open(server):
    for path in ("/v2/health/live", "/v2/health/ready"):
        assert once(server, request("GET", path)).status == 200


def test_admin_paths_need_the_scope(server):
    for path in ("/v1/debug/memory",):
        check_error(once(server, request("GET", path)), 401, plain=True)
        check_error(once(server, request("GET", path, headers=bearer("user"))), 403, "forbidden", plain=True)
        assert once(server, request("GET", path, headers=bearer("root"))).status == 200
    for path in ("/v2/repository/models/radec_to_xyz/load", "/v2/repository/models/radec_to_xyz/unload"):
        check_error(once(server, post(path, "", bearer("user"))), 403, "forbidden")


def test_a_refused_request_leaves_the_connection_usable(server):
    with Wire(server) as wire:
        for _ in range(3):
            assert wire.ask(post("/v1/convert/radec_to_xyz", SMALL)).status == 401
            assert wire.ask(post("/v1/convert/radec_to_xyz", SMALL, bearer("user"))).status == 200
        wire.usable()


def test_reload_by_sighup(server, tokens):
    assert ask(server, bearer("new")).status == 401
    with Wire(server) as held:
        held.usable()
        tokens.write_text(f"{digest('new')} convert\n{digest('root')} convert,admin\n")
        server.signal(signal.SIGHUP)
        wait_until(lambda: ask(server, bearer("new")).status == 200, "the new token is known")
        wait_until(lambda: ask(server, bearer("user")).status == 401, "the old one is gone")
        held.usable()


def test_a_broken_file_keeps_the_old_table(server, tokens):
    tokens.write_text("nonsense\n")
    server.expect_log("token")
    server.signal(signal.SIGHUP)
    wait_until(lambda: server.log_lines("level=(warn|error)"), "the mistake is logged")
    assert ask(server, bearer("user")).status == 200


@pytest.mark.parametrize("text", ["nonsense\n", "abc convert\n", digest("x") + " fly\n",
                                  digest("x")[:-1] + "g convert\n"])
def test_files_that_are_wrong(tmp_path, text):
    path = tmp_path / "tokens"
    path.write_text(text)
    done = run_binary("--auth-tokens", path, "--listen", "127.0.0.1:0")
    assert done.returncode not in (0, -6, -11) and str(path) in done.stderr and done.stdout == "", done


def test_a_file_that_others_may_read_is_worth_a_warning(tokens, launch):
    tokens.chmod(0o644)
    server = launch("--auth-tokens", tokens, admin_token="root")
    server.expect_log("event=tokens_readable_by_others")
    wait_until(lambda: server.log_lines("level=warn event=tokens_readable_by_others"), "the warning")


def test_tokens_allow_listeners_beyond_loopback(tokens):
    with Server("--auth-tokens", tokens, listen=["0.0.0.0:0"], admin_token="root") as server:
        assert ask(server, bearer("user")).status == 200
        assert ask(server).status == 401
        server.census()


def test_without_tokens_admin_paths_answer_to_local_peers(launch):
    server = launch()
    for unix in (False, True):
        assert once(server, request("GET", "/v1/debug/memory"), unix=unix).status == 200


def test_without_tokens_admin_paths_refuse_others(launch):
    """A peer beyond loopback: this machine's own address on another interface, where it has one."""
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; only asks for the route
            address = probe.getsockname()[0]
        except OSError:
            address = "127.0.0.1"
    if address.startswith("127."):
        pytest.skip("this machine has loopback only")
    server = launch("--auth-anonymous", "on", listen=[f"{address}:0"])
    server.expect_log("event=open_to_all")
    check_error(once(server, request("GET", "/v1/debug/memory")), 403, "forbidden", plain=True)
    check_error(once(server, post("/v2/repository/models/separation/unload", "")), 403, "forbidden")
    assert once(server, convert("radec_to_xyz", ra=0, dec=0)).status == 200
