"""Flags, environment and file; what is printed; what is refused before anything listens."""

import json
import os
import re

import pytest

from server import Server, run_binary, wait_until
from wire import once, request


def refused(*arguments, says, env=None):
    done = run_binary(*arguments, env=env)
    assert done.returncode not in (0, -6, -11), done
    assert done.stdout == "", "nothing was listening"
    assert re.search(says, done.stderr), done.stderr
    return done.stderr


def test_help_names_every_setting():
    done = run_binary("--help")
    assert done.returncode == 0 and done.stderr == ""
    for flag in ("--config", "--check-config", "--list", "--version", "--listen", "--loops", "--threads",
                 "--limits-connections", "--limits-header-bytes", "--limits-body-bytes", "--limits-memory",
                 "--limits-json-depth", "--timeouts-head", "--timeouts-body", "--timeouts-write",
                 "--timeouts-idle", "--timeouts-request", "--shutdown-grace", "--auth-tokens",
                 "--data-leap-seconds", "--data-eop", "--log-level", "--log-format", "--log-access",
                 "--plugins-directory", "--plugins-max-rss"):
        assert flag in done.stdout, flag


def test_version():
    done = run_binary("--version")
    assert done.returncode == 0
    assert re.search(r"\b\d+\.\d+\.\d+\b", done.stdout)


def test_man_page():
    done = run_binary("--man")
    assert done.returncode == 0 and done.stdout.startswith((".TH", '.\\"', "'"))


def test_list_has_every_conversion(server):
    done = run_binary("--list")
    assert done.returncode == 0
    names = [entry["name"] for entry in
             once(server, request("GET", "/v1/conversions")).json()["conversions"]]
    for name in names:
        assert re.search(rf"\b{name}\b", done.stdout), name


def test_check_config_prints_what_is_in_force(tmp_path):
    done = run_binary("--check-config", "--limits-memory", "64MiB", "--timeouts-head", "500ms")
    assert done.returncode == 0, done
    text = done.stdout
    assert json.loads(text)
    file = tmp_path / "printed.json"
    file.write_text(text)
    again = run_binary("--check-config", "--config", file)
    assert again.returncode == 0 and again.stdout == text


def value_of(*arguments, env=None, key):
    done = run_binary("--check-config", *arguments, env=env)
    assert done.returncode == 0, done
    document = json.loads(done.stdout)
    for part in key.split("."):
        document = document[part]
    return document


def test_a_flag_beats_a_variable_beats_the_file(tmp_path):
    file = tmp_path / "astrolabe.json"
    file.write_text('{"limits": {"connections": 11}}')
    variable = {"ASTROLABE_LIMITS_CONNECTIONS": "22"}
    key = "limits.connections"
    assert value_of(key=key) == 10000
    assert value_of("--config", file, key=key) == 11
    assert value_of("--config", file, env=variable, key=key) == 22
    assert value_of("--config", file, "--limits-connections", 33, env=variable, key=key) == 33
    assert value_of("--limits-connections=44", key=key) == 44


def test_unknown_names_come_with_the_nearest(tmp_path):
    refused("--limit-memory", "1GiB", says="--limits-memory")
    refused("--nonsense", says="nonsense")
    refused(says="ASTROLABE_LIMITS_MEMORY", env={"ASTROLABE_LIMITS_MEMROY": "1GiB"})
    file = tmp_path / "astrolabe.json"
    file.write_text('{"limits": {"memroy": "1GiB"}}')
    refused("--config", file, says="limits.memory")
    refused("--check-config", "--config", file, says="limits.memory")


@pytest.mark.parametrize("text", ["", "{", "[]", "1", '{"limits": 3}', '{"loops": 1, "loops": 2}',
                                  '{"limits": {"connections": "many"}}'])
def test_files_that_are_wrong(tmp_path, text):
    file = tmp_path / "astrolabe.json"
    file.write_text(text)
    refused("--config", file, says=re.escape(str(file)))


def test_a_file_that_is_not_there(tmp_path):
    refused("--config", tmp_path / "nothing", says="nothing")


@pytest.mark.parametrize("flag,value", [
    ("--limits-memory", "lots"), ("--limits-memory", "-1"), ("--limits-memory", "1"), ("--loops", "0"),
    ("--loops", "1.5"), ("--timeouts-head", "fast"), ("--timeouts-head", "-1s"), ("--log-level", "loud"),
    ("--log-format", "xml"), ("--log-access", "2"), ("--listen", "nowhere"), ("--listen", "127.0.0.1:99999"),
    ("--listen", "unix:"), ("--listen", "127.0.0.1"), ("--auth-tokens", "/nonexistent/tokens"),
])
def test_values_that_are_wrong(flag, value):
    refused(flag, value, says=flag.lstrip("-").split("-")[0])


def test_a_flag_without_its_value():
    refused("--limits-memory", says="--limits-memory")


def test_addresses_in_use(server):
    refused("--listen", f"unix:{server.folder.name}/no/such/folder", says="no/such/folder")
    refused("--listen", "192.0.2.1:0", "--auth-anonymous", "on", says="192.0.2.1")


def test_beyond_loopback_must_be_asked_for(launch):
    refused("--listen", "0.0.0.0:0", says="auth.anonymous|auth-anonymous")
    server = launch("--auth-anonymous", "on", listen=["0.0.0.0:0"])
    server.expect_log("event=open_to_all")
    wait_until(lambda: server.log_lines("level=warn event=open_to_all"), "it is said in the log")
    assert once(server, request()).status == 200


def test_several_listeners_one_line_each(launch):
    server = launch(listen=["127.0.0.1:0", "127.0.0.1:0", "[::1]:0"] if ipv6() else ["127.0.0.1:0"] * 2)
    assert len(server.banner) == len(set(server.banner)) >= 3
    for line in server.banner:
        assert re.fullmatch(r"listening on (http://(127\.0\.0\.1|\[::1\]):\d+|unix:/.+)", line), line
    if ipv6():
        server.host, server.port = "::1", int(server.banner[2].rsplit(":", 1)[1])
        assert once(server, request()).status == 200


def ipv6():
    return os.path.exists("/proc/net/if_inet6") and "lo" in open("/proc/net/if_inet6").read()


def test_a_file_configures_a_server(launch):
    server = launch(config={"loops": 1, "threads": 1, "log": {"format": "json"}, "limits": {"body_bytes": "1KiB"}})
    answer = once(server, request("POST", "/v1/convert/radec_to_xyz", b" " * 2000))
    assert answer.status == 413
    for line in server.log_lines():
        assert json.loads(line)["level"], line


def test_unix_sockets_come_and_go(tmp_path):
    path = tmp_path / "socket"
    with Server(listen=[f"unix:{path}"], unix=False) as server:
        server.unix_path = str(path)
        assert path.is_socket()
        assert once(server, request(), unix=True).status == 200
    assert not path.exists()


def test_a_stale_unix_socket_is_replaced(tmp_path):
    path = tmp_path / "socket"
    server = Server(listen=[f"unix:{path}"], unix=False)
    server.end()  # killed: the socket stays behind
    assert path.is_socket()
    with Server(listen=[f"unix:{path}"], unix=False) as server:
        server.unix_path = str(path)
        assert once(server, request(), unix=True).status == 200


@pytest.mark.parametrize("target", ["sse2", "avx2", "avx512", "neon"])
def test_every_vector_target_converts_or_is_refused(target):
    done = run_binary("--check-config", "--simd", target)
    if done.returncode == 0:
        try:
            with Server("--simd", target) as server:
                data = b'{"ra":[0,90,180,270],"dec":[0,0,0,90]}'
                answer = once(server, request("POST", "/v1/convert/radec_to_xyz", data))
                assert answer.json() == {"x": [1.0, 0.0, -1.0, answer.json()["x"][3]],
                                         "y": [0.0, 1.0, 0.0, answer.json()["y"][3]],
                                         "z": [0.0, 0.0, 0.0, 1.0]}
        except AssertionError as error:
            assert "listening on" in str(error) and target in str(error), error


def test_start_and_idle_memory_are_shown(launch):
    server = launch()
    once(server, request())
    print(f"start to listening: {server.start_seconds * 1e3:.1f} ms, "
          f"idle RSS: {server.rss_bytes() / 1e6:.1f} MB")
