"""What goes wrong in plugins: the right answer to that request at once, and to everybody else as if nothing were."""

import json

import pytest

from plugins import Load, ask, fails, needs_hosts, ok, ready, restarts, settled
from server import SLOW, wait_until
from wire import Wire, check_error, convert, once, post

pytestmark = needs_hosts
unsanitized = pytest.mark.skipif(SLOW > 1, reason="the sanitizers have their own memory, and catch signals")
SMALL = convert("radec_to_xyz", ra=0, dec=0)


def right(answer):
    assert answer.json()["x"] == 1.0


@pytest.fixture
def server(servers):
    """For what does not cost a host its life."""
    server = servers.get("--plugins-hosts", "2", plugins="faults")
    server.expect_log(r"plugin=\"?faults|event=plugin_")
    return server


@pytest.fixture
def mortal(launch):
    """mortal(*flags): a server of one's own, for what does."""
    def start(*flags, hosts=2):
        server = launch("--plugins-hosts", str(hosts), *flags, plugins="faults")
        server.expect_log(r"plugin=\"?faults|event=plugin_")
        return server

    return start


# --- exceptions and wrong results -----------------------------------------------------------------

RAISED = {
    "fault_raise": r"ValueError.*no such star",
    "fault_raise_strangely": r"Odd",
    "fault_raise_unprintable": r"Unprintable",
    "fault_recursion": r"RecursionError",
    "fault_interrupt": r"KeyboardInterrupt",
    "fault_exit": r"SystemExit.*goodbye|sys\.exit.*goodbye",
    "fault_exit_zero": r"SystemExit|sys\.exit",
    "fault_count": r"\b2\b.*\b1\b|\b1\b.*\b2\b",
    "fault_shape": r"shape|\(2, 2\)",
    "fault_length": r"shape|length|\b3\b",
    "fault_type": r"y",
    "fault_complex": r"complex",
    "fault_returns_none": r"None",
    "fault_returns_dict": r"dict",
    "fault_write_input": r"read-only",
    "fault_memory": r"MemoryError|allocate",
}


@pytest.mark.parametrize("name", RAISED)
def test_what_raises_gets_502(server, name):
    pids = server.host_pids()
    text = fails(server, name, {"x": [1, 2]}, 502, "plugin_error", RAISED[name])
    assert "Traceback" not in text and "faults.py" not in text, "tracebacks are for the log"
    assert len(text) < 2000
    fails(server, name, {"x": 1}, 502, "plugin_error")
    assert ok(server, "fault_none", {"x": [1, 2]}) == {"y": [2.0, 3.0]}
    assert server.host_pids() == pids, "an exception is no reason to end a host"


def test_a_traceback_in_the_log(server):
    answer = ask(server, "fault_raise", {"x": 1}, {"X-Request-Id": "trace-me"})
    check_error(answer, 502, "plugin_error", plain=True)
    wait_until(lambda: [line for line in server.log_lines("trace-me") if "no such star" in line],
               "the exception in the log, with the request's id")


def test_tracebacks_when_configured(servers):
    server = servers.get("--plugins-hosts", "1", "--plugins-tracebacks", "on", plugins="faults")
    server.expect_log(r"plugin=\"?faults|event=plugin_")
    answer = ask(server, "fault_raise", {"x": 1})
    assert answer.status == 502 and set(answer.json()) == {"error", "code", "field", "traceback"}
    text = answer.json()["traceback"]
    assert text.startswith("Traceback") and "raise ValueError" in text
    assert str(server.plugins / "faults.py") in text, "the file is named as its owner knows it"
    assert len(ask(server, "fault_raise_strangely", {"x": 1}).json()["traceback"]) < 20000
    body = {"inputs": [{"name": "x", "shape": [1], "datatype": "FP64", "data": [1]}]}
    text = check_error(once(server, post("/v2/models/fault_raise/infer", body)), 502, "plugin_error")
    assert "no such star" in text and "raise ValueError" in text, "one key, for the sake of clients"


def test_infer_errors_have_their_one_shape(server):
    body = {"inputs": [{"name": "x", "shape": [1], "datatype": "FP64", "data": [1]}]}
    check_error(once(server, post("/v2/models/fault_raise/infer", body)), 502, "plugin_error", says="no such star")
    check_error(once(server, post("/v2/models/fault_invalid/infer", body)), 400, "out_of_range", says="x is odd")


def test_invalid_is_the_clients(server):
    fails(server, "fault_invalid", {"x": [1]}, 400, "out_of_range", "x is odd", field="x")


def test_finalisers_and_the_world(server):
    assert ok(server, "fault_unraisable", {"x": 1}) == {"y": 2.0}
    for _ in range(4):  # whichever host
        assert ok(server, "fault_changes_the_world", {"x": 1}) == {"y": 2.0}
    for _ in range(4):
        assert ok(server, "fault_none", {"x": 1}) == {"y": 2.0}
        fails(server, "fault_raise", {"x": 1}, 502, "plugin_error", "no such star")


# --- death ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, reason", [
    ("fault_os_exit", "exit"), ("fault_os_exit_zero", "exit"), ("fault_segfault", "crash"),
    ("fault_abort", "crash"), ("fault_kill", "killed"), ("fault_print_and_die", "exit")])
def test_death_gets_502_at_once(mortal, name, reason):
    server = mortal()
    before = settled(server)
    with Load(server, SMALL, clients=1, check=right) as load:
        load.more(20)
        text = fails(server, name, {"x": [1]}, 502, "plugin_crashed")
        assert ok(server, "fault_none", {"x": [1]}) == {"y": [2.0]}, "the other host serves"
        load.more(20)
        settled(server)
        load.more(20)
    assert name in text or "faults" in text, "the text names what it was"
    after = server.host_pids()
    assert len(set(after) & {row["pid"] for row in before}) == 1, "one was replaced"
    if SLOW > 1:  # a sanitizer makes an exit of a crash
        reason = "exit" if restarts(server)["exit"] else reason
    assert restarts(server)[reason] == 1
    if reason != "killed":  # which could have been anybody
        assert server.plugin("faults")["crashes"] == 1
    for _ in range(4):
        assert ok(server, "fault_none", {"x": [1]}) == {"y": [2.0]}


def test_the_only_host_dies(mortal):
    """Requests that come meanwhile wait for its successor."""
    server = mortal(hosts=1)
    fails(server, "fault_os_exit", {"x": [1]}, 502, "plugin_crashed")
    assert ok(server, "fault_none", {"x": [1]}) == {"y": [2.0]}
    settled(server)


def test_last_words(mortal):
    server = mortal(hosts=1)
    answer = ask(server, "fault_print_and_die", {"x": 1}, {"X-Request-Id": "the-last"})
    check_error(answer, 502, "plugin_crashed", plain=True)
    (line,) = wait_until(lambda: server.log_lines("last words"), "what it printed before")
    assert "faults" in line and "the-last" in line


@unsanitized
def test_memory_has_a_hard_limit(mortal):
    server = mortal("--plugins-max-rss", "128MiB", "--plugins-timeout", "30s")
    answer = ask(server, "fault_memory_for_good", {"x": 1})
    check_error(answer, 502, plain=True)
    assert answer.get("X-Error-Code") in ("plugin_error", "plugin_crashed")
    assert ok(server, "fault_none", {"x": 1}) == {"y": 2.0}
    settled(server)


# --- deadlines ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fault_loop", "fault_loop_in_c", "fault_sleep", "fault_ignores_signals"])
def test_endless_work_gets_504(mortal, name):
    server = mortal("--plugins-timeout", "400ms")
    before = {row["pid"] for row in settled(server)}
    with Load(server, SMALL, clients=1, check=right) as load:
        fails(server, name, {"x": [1]}, 504, "deadline", r"faults had worked [0-9.]+ s")
        assert ok(server, "fault_none", {"x": [1]}) == {"y": [2.0]}
        settled(server)
        load.more(10)
    assert restarts(server)["deadline"] == 1
    wait_until(lambda: len(set(server.host_pids()) & before) == 1, "the host was replaced")


def test_the_requests_own_deadline(mortal):
    """504 when the client's patience ends; what is at work a little longer is left alone."""
    server = mortal("--plugins-timeout", "20s", hosts=1)
    pids = server.host_pids()
    with Wire(server) as wire:
        answer = wire.ask(post("/v1/convert/fault_wait?seconds=0.6", {"x": 1}, {"X-Request-Timeout": "0.2"}))
        check_error(answer, 504, "deadline", plain=True)
        if not answer.closes:
            wire.usable()
    assert ok(server, "fault_none", {"x": 1}) == {"y": 2.0}
    assert server.host_pids() == pids
    answer = ask(server, "fault_loop", {"x": 1}, {"X-Request-Timeout": "0.3"})
    check_error(answer, 504, "deadline", plain=True)
    assert ok(server, "fault_none", {"x": 1}) == {"y": 2.0}, "the loop cost the host its life"
    settled(server)
    assert server.host_pids() != pids


# --- output ---------------------------------------------------------------------------------------


def lines_of(server):
    found = []
    for line in server.log().splitlines():
        found.append(json.loads(line))
    return found


def test_output_goes_into_the_log(servers):
    server = servers.get("--plugins-hosts", "2", "--log-format", "json", plugins="faults")
    server.expect_log("faults")
    for word in ("one", "two"):
        answer = ask(server, f"fault_print?word={word}", {"x": 1}, {"X-Request-Id": f"id-{word}"})
        assert answer.json() == {"y": 2.0}
    for word in ("one", "two"):
        for what in ("out", "err", "unended", "libc", "raw", "log"):
            (row,) = wait_until(lambda: [row for row in lines_of(server) if f"{what}-{word}" in json.dumps(row)],
                                f"{what}-{word} in the log")
            assert row["plugin"] == "faults", row
            assert f"id-{word}" in row.values(), row
    (row,) = [row for row in lines_of(server) if "log-one" in json.dumps(row)]
    assert row["level"] == "warn"


def test_much_output_and_forged_lines(servers):
    server = servers.get("--plugins-hosts", "2", "--log-format", "json", plugins="faults")
    server.expect_log("faults|plugin_output_suppressed")
    assert ok(server, "fault_print_much?lines=3000", {"x": 1}) == {"y": 2.0}
    wait_until(lambda: [row for row in lines_of(server) if row["event"] == "plugin_output_suppressed"],
               "what is too much is counted")
    assert any("forged-too" in json.dumps(row) for row in lines_of(server))
    for row in lines_of(server):
        if "forged" in json.dumps(row):
            assert row["plugin"] == "faults" and row["level"] != "error", row
    assert ok(server, "fault_none", {"x": 1}) == {"y": 2.0}


def test_closed_output(mortal):
    server = mortal(hosts=1)
    answer = ask(server, "fault_close_output", {"x": 1})
    assert answer.status in (200, 502), answer
    wait_until(lambda: ask(server, "fault_none", {"x": 1}).status == 200, "well again")
    assert ok(server, "fault_print", {"x": 1}) == {"y": 2.0}


# --- threads, children, descriptors ---------------------------------------------------------------


def test_threads_left_running(mortal):
    server = mortal(hosts=1)
    for _ in range(4):
        assert ok(server, "fault_threads", {"x": 1}) == {"y": 2.0}
    for _ in range(20):
        assert ok(server, "fault_none", {"x": [1, 2]}) == {"y": [2.0, 3.0]}


def test_a_child_that_goes(mortal):
    server = mortal(hosts=1)
    pids = server.host_pids()
    assert ok(server, "fault_fork_and_exit", {"x": 1}) == {"y": 2.0}
    assert ok(server, "fault_none", {"x": 1}) == {"y": 2.0}
    assert server.host_pids() == pids


def test_a_child_that_believes_it_is_the_host(mortal):
    """It must not answer anything, nor live on."""
    server = mortal(hosts=1)
    for _ in range(3):
        assert ok(server, "fault_fork_and_return", {"x": 1}) == {"y": 2.0}
    for _ in range(20):
        assert ok(server, "fault_none", {"x": [1, 2]}) == {"y": [2.0, 3.0]}
    wait_until(lambda: len(server.family()) == 1, lambda: f"children of the host: {server.family()}")


def test_a_child_that_stays(mortal):
    """It holds copies of every descriptor, so that nothing may depend on their being closed."""
    server = mortal(hosts=1)
    assert ok(server, "fault_fork_and_stay", {"x": 1}) == {"y": 2.0}
    fails(server, "fault_os_exit", {"x": 1}, 502, "plugin_crashed")
    assert ok(server, "fault_none", {"x": 1}) == {"y": 2.0}
    settled(server)


def test_closed_descriptors(mortal):
    server = mortal(hosts=1)
    answer = ask(server, "fault_close_descriptors", {"x": 1})
    assert answer.status == 200 or answer.get("X-Error-Code") == "plugin_crashed", answer
    wait_until(lambda: ask(server, "fault_none", {"x": 1}).status == 200, "well again")
    settled(server)
    assert ok(server, "fault_none", {"x": 1}) == {"y": 2.0}


def test_descriptors_run_out(mortal):
    server = mortal("--plugins-descriptors", "64", hosts=1)
    fails(server, "fault_descriptors_run_out", {"x": 1}, 502, "plugin_error", "OSError|open files")
    for _ in range(5):
        assert ok(server, "fault_none", {"x": 1}) == {"y": 2.0}
    settled(server)


def test_it_stays_ready_through_exceptions(server):
    for _ in range(10):
        ask(server, "fault_raise", {"x": 1})
        assert ready(server)
