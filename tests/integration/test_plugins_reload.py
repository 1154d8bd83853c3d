"""Reading the directory again: by signal, by load and unload, by watching; not one request fails meanwhile."""

import os
import shutil
import signal
import threading
import time

import pytest

from plugins import (Load, ask, change, fails, generation, index, model_ready, needs_hosts, ok, ready, restarts,
                     settled)
from server import wait_until
from wire import check_error, convert, once, post, request

pytestmark = needs_hosts

FIRST = '''
from astrolabe_plugin import conversion

@conversion(inputs={"x": ""}, outputs={"y": ""})
def version_of(x):
    "Version %d."
    return x + %d
'''
BROKEN = ("import astrolabe_plugin\nthis is no Python\n", "raise RuntimeError('not today')\n",
          "import os\nos._exit(5)\n", "import os\nos.abort()\n")


def write(server, name, text):
    """As editors and deployment tools do: all at once."""
    path = server.plugins / name
    scratch = server.plugins / f".{name}.new"
    scratch.write_text(text)
    scratch.rename(path)


def reload(server):
    """Sends SIGHUP and waits until a new generation serves alone."""
    before = generation(server)
    server.signal(signal.SIGHUP)
    wait_until(lambda: generation(server) > before and
               len({row["generation"] for row in server.hosts()}) == 1, "a new generation")
    settled(server)


@pytest.fixture
def server(launch):
    return launch("--plugins-hosts", "2", "--shutdown-grace", "10s", plugins="reload")


def test_a_new_version(server):
    pids = server.host_pids()
    assert ok(server, "version_of", {"x": 1}) == {"y": 2.0}
    write(server, "first.py", FIRST % (2, 2))
    assert ok(server, "version_of", {"x": 1}) == {"y": 2.0}, "not before anybody asks for it"
    reload(server)
    assert ok(server, "version_of", {"x": 1}) == {"y": 3.0}
    assert ok(server, "untouched", {"x": 1}) == {"y": 2.0}
    fails(server, "only_in_one", {"x": 1}, 404, "unknown_conversion")
    said = once(server, request("GET", "/v1/conversions/version_of")).json()
    assert said["summary"] == "Version 2."
    assert "only_in_one" not in once(server, request("GET", "/openapi.json")).body.decode()
    assert not set(server.host_pids()) & set(pids)
    assert restarts(server)["reload"] == 2


def test_files_come_and_go(server):
    write(server, "third.py", (FIRST % (3, 3)).replace("version_of", "third"))
    (server.plugins / "second.py").unlink()
    reload(server)
    assert ok(server, "third", {"x": 1}) == {"y": 4.0}
    fails(server, "untouched", {"x": 1}, 404, "unknown_conversion")
    names = {row["name"] for row in server.ledger()["plugins"]
             if row["state"] == "ready"}
    assert names == {"first", "third"}


def test_under_load_not_one_request_fails(server):
    seen = set()
    with (Load(server, convert("version_of", x=[1, 2]), clients=3,
               check=lambda answer: seen.add(answer.json()["y"][0])) as changing,
          Load(server, convert("untouched", x=[1, 2]), clients=2,
               check=lambda answer: seen.add(answer.json()["y"][1] == 4.0)) as staying,
          Load(server, convert("radec_to_xyz", ra=0, dec=0), clients=1) as built_in):
        for version in (2, 3, 4):
            write(server, "first.py", FIRST % (version, version))
            reload(server)
            changing.more(20)
            staying.more(20)
            built_in.more(20)
    assert seen == {2.0, 3.0, 4.0, 5.0, True}


def test_reloads_in_a_row(server):
    """Signals that come faster than hosts start end in the last version."""
    with Load(server, convert("version_of", x=1), clients=2):
        for version in range(2, 12):
            write(server, "first.py", FIRST % (version, version))
            server.signal(signal.SIGHUP)
            time.sleep(0.03)  # not for anything to happen: this is how they arrive
        wait_until(lambda: ok(server, "version_of", {"x": 1}) == {"y": 12.0}, "the last version")
        wait_until(lambda: len(server.hosts()) == 2 and len({row["generation"] for row in server.hosts()}) == 1,
                   "one generation is left")
    settled(server)


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_version_leaves_the_old_one(server, text):
    server.expect_log("first|plugin|host")
    pids = server.host_pids()
    with Load(server, convert("version_of", x=1), clients=2,
              check=lambda answer: answer.json() == {"y": 2.0} or pytest.fail("another version")) as load:
        write(server, "first.py", text)
        server.signal(signal.SIGHUP)
        row = wait_until(lambda: next((row for row in server.ledger()["plugins"]
                                       if row["name"] == "first" and row["reason"]), None), "the failure's reason")
        assert row["state"] in ("ready", "failed"), row
        load.more(20)
        wait_until(lambda: sorted(server.host_pids()) == sorted(pids), "the old hosts are left")
        assert ready(server) and model_ready(server, "version_of")
    assert server.log_lines("first")
    state, reason = index(server)["version_of"]
    assert state == "READY" and reason, "the index says that the new version failed"
    # A host that dies now loads what its siblings have, not what stands in the directory.
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not set(server.host_pids()) & set(pids) and server.hosts_settled(), "new hosts")
    for _ in range(6):
        assert ok(server, "version_of", {"x": 1}) == {"y": 2.0}
    write(server, "first.py", FIRST % (9, 9))
    reload(server)
    assert ok(server, "version_of", {"x": 1}) == {"y": 10.0}
    assert server.plugin("first")["reason"] == ""


def test_a_name_that_is_taken(server):
    server.expect_log("radec_to_xyz|untouched|plugin")
    for name in ("radec_to_xyz", "untouched"):
        write(server, "taker.py", (FIRST % (2, 2)).replace("version_of", name))
        server.signal(signal.SIGHUP)
        wait_until(lambda: server.log_lines(f"{name}"), "it is said")
        wait_until(lambda: server.hosts_settled() and ready(server), "settled")
        assert ok(server, "radec_to_xyz", {"ra": 0, "dec": 0})["x"] == 1.0
        assert ok(server, "untouched", {"x": 2}) == {"y": 4.0}
        assert ok(server, "version_of", {"x": 1}) == {"y": 2.0}


def test_requests_at_work_finish_on_the_old_hosts(launch, tmp_path):
    server = launch("--plugins-hosts", "1", plugins="hosts")
    mark = tmp_path / "mark"
    answers = []
    data = post("/v1/convert/until", {"x": 1, "path": str(mark)})
    thread = threading.Thread(target=lambda: answers.append(once(server, data)))
    thread.start()
    wait_until((tmp_path / "mark.begun").exists, "the call has begun")
    server.signal(signal.SIGHUP)
    wait_until(lambda: {row["state"] for row in server.hosts()} == {"ready", "draining"}, "the old one drains")
    assert ok(server, "quick", {"x": 1}) == {"y": 2.0}, "the new one serves"
    mark.touch()
    thread.join()
    assert answers[0].json() == {"y": 2.0}
    settled(server)


# --- load and unload ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["first", "version_of"])
def test_unload_and_load(server, name):
    """A plugin as a whole, or one of its conversions."""
    pids = server.host_pids()
    with Load(server, convert("untouched", x=[1]), clients=2) as load:
        answer = change(server, "unload", name)
        assert answer.status == 200, answer
        fails(server, "version_of", {"x": 1}, 404, "unknown_conversion")
        assert ask(server, "only_in_one", {"x": 1}).status == (404 if name == "first" else 200)
        assert index(server).get("version_of", ("UNAVAILABLE", ""))[0] == "UNAVAILABLE"
        if name == "first":
            assert index(server)["first"][0] == "UNAVAILABLE" and server.plugin("first")["state"] == "unloaded"
        assert not model_ready(server, "version_of") and ready(server)
        answer = change(server, "load", name)
        assert answer.status == 200, answer
        assert ok(server, "version_of", {"x": 1}) == {"y": 2.0}
        assert ok(server, "only_in_one", {"x": 1}) == {"y": 1.0}
        assert index(server)["version_of"][0] == "READY"
        load.more(20)
    settled(server)
    assert not set(server.host_pids()) & set(pids), "unloaded memory goes with its process"


def test_load_reads_the_file_again(server):
    write(server, "first.py", FIRST % (2, 2))
    assert change(server, "load", "version_of").status == 200
    assert ok(server, "version_of", {"x": 1}) == {"y": 3.0}
    settled(server)


def test_load_of_what_is_broken(server):
    server.expect_log("first|plugin|host")
    write(server, "first.py", "raise RuntimeError('not today')\n")
    answer = change(server, "load", "version_of")
    assert answer.status >= 400, answer
    assert "not today" in check_error(answer, answer.status)
    assert ok(server, "version_of", {"x": 1}) == {"y": 2.0}
    assert ready(server)
    settled(server)


def test_load_of_what_is_not_there(server):
    for what in ("load", "unload"):
        check_error(change(server, what, "nothing_of_this_name"), 404)
        check_error(change(server, what, "radec_to_xyz"), 400, says="built in")
    answer = change(server, "unload", "version_of")
    assert answer.status == 200
    assert change(server, "unload", "version_of").status in (200, 400, 404)
    settled(server)


# --- watching -------------------------------------------------------------------------------------


def test_watching(launch):
    server = launch("--plugins-hosts", "1", "--plugins-reload", "watch", plugins="reload")
    server.expect_log("first")
    assert ok(server, "version_of", {"x": 1}) == {"y": 2.0}
    with Load(server, convert("untouched", x=1), clients=1):
        write(server, "first.py", FIRST % (2, 2))
        wait_until(lambda: ok(server, "version_of", {"x": 1}) == {"y": 3.0}, "the new version")
        (server.plugins / "first.py").write_text(FIRST % (3, 3))  # in place
        wait_until(lambda: ok(server, "version_of", {"x": 1}) == {"y": 4.0}, "the version after it")
        write(server, "first.py", "broken(\n")
        wait_until(lambda: server.plugin("first")["reason"], "the failure")
        assert ok(server, "version_of", {"x": 1}) == {"y": 4.0}
        (server.plugins / "package").mkdir()
        write(server, "first.py", FIRST % (4, 4))
        (server.plugins / "package" / "__init__.py").write_text((FIRST % (5, 5)).replace("version_of", "packed"))
        wait_until(lambda: ask(server, "packed", {"x": 1}).status == 200, "a new package")
        (server.plugins / "package" / "__init__.py").write_text((FIRST % (6, 6)).replace("version_of", "packed"))
        wait_until(lambda: ok(server, "packed", {"x": 1}) == {"y": 7.0}, "a change inside of it")
    settled(server)


def test_no_watching_unless_asked(server):
    before = generation(server)
    write(server, "first.py", FIRST % (2, 2))
    for _ in range(30):
        assert ok(server, "version_of", {"x": 1}) == {"y": 2.0}
    assert generation(server) == before


# --- directories ----------------------------------------------------------------------------------


def test_an_empty_directory(launch):
    """Ready without plugins; what comes later is served after a signal."""
    server = launch("--plugins-hosts", "1", plugins={})
    assert ready(server)
    assert ok(server, "radec_to_xyz", {"ra": 0, "dec": 0})["x"] == 1.0
    write(server, "first.py", FIRST % (1, 1))
    server.signal(signal.SIGHUP)
    wait_until(lambda: ask(server, "version_of", {"x": 1}).status == 200, "the first plugin")
    settled(server)


def test_a_directory_that_vanishes(server):
    server.expect_log("plugin|directory")
    shutil.move(server.plugins, str(server.plugins) + ".gone")
    server.signal(signal.SIGHUP)
    wait_until(lambda: server.log_lines("directory|plugins"), "it is said")
    wait_until(lambda: server.hosts_settled() and ready(server), "settled")
    assert ok(server, "version_of", {"x": 1}) == {"y": 2.0}
    shutil.move(str(server.plugins) + ".gone", server.plugins)
    reload(server)
    assert ok(server, "version_of", {"x": 1}) == {"y": 2.0}


def test_a_plugin_cannot_take_the_servers_down_at_start(launch):
    """A host that dies at an import: that plugin is skipped and named, the rest serves."""
    server = launch("--plugins-hosts", "2", plugins={
        "good.py": FIRST % (1, 1), "dead.py": "import os\nos._exit(7)\n",
        "aborts.py": "import os\nos.abort()\n", "zzz.py": (FIRST % (2, 2)).replace("version_of", "last")})
    server.expect_log("dead|aborts|host")
    assert ready(server)
    assert ok(server, "version_of", {"x": 1}) == {"y": 2.0} and ok(server, "last", {"x": 1}) == {"y": 3.0}
    for name in ("dead", "aborts"):
        row = server.plugin(name)
        assert row["state"] == "failed" and row["reason"], row
        assert server.log_lines(name)
    settled(server)


@pytest.mark.skipif("TEST_LONG" not in os.environ, reason="a minute is what a start may take")
def test_a_plugin_that_hangs_at_import(launch):
    """A start has an end: the hosts' start is given up on, and the plugin is named."""
    server = launch("--plugins-hosts", "1", "--plugins-timeout", "1s", plugins={
        "good.py": FIRST % (1, 1), "hangs.py": "import time\ntime.sleep(100000)\n"})
    server.expect_log("hangs|host")
    assert ok(server, "version_of", {"x": 1}) == {"y": 2.0}
    assert server.plugin("hangs")["state"] == "failed"
    settled(server)
