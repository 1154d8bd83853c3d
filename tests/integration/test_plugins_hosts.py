"""Hosts as a fleet: queueing, joining, readiness, the breaker, draining, and dying by the dozen."""

import os
import random
import signal
import threading
import time

import numpy
import pytest

from plugins import (Load, ask, fails, model_ready, needs_hosts, ok, ready, restarts, settled)
from server import Server, wait_until
from wire import EndOfStream, Wire, check_error, convert, once, post, request

pytestmark = needs_hosts
KILLS = int(os.environ.get("TEST_KILLS", "20"))


class Call(threading.Thread):
    """A request on a connection of its own, in the background."""

    def __init__(self, server, name, body, headers=None):
        super().__init__()
        self.server, self.data, self.answer = server, post(f"/v1/convert/{name}", body, headers), None
        self.start()

    def run(self):
        self.answer = once(self.server, self.data)

    def result(self):
        self.join()
        return self.answer


@pytest.fixture
def gate(tmp_path):
    """A file that calls of `until` wait for: gate.hold(server), gate.open()."""
    class Gate:
        path = tmp_path / "gate"

        def hold(self, server):
            call = Call(server, "until", {"x": 1, "path": str(self.path)})
            wait_until((tmp_path / "gate.begun").exists, "the call has begun")
            return call

        def open(self):
            self.path.touch()

    gate = Gate()
    yield gate
    gate.open()


# --- the queue ------------------------------------------------------------------------------------


def test_a_full_queue_refuses(launch, gate):
    server = launch("--plugins-hosts", "1", "--plugins-queue", "3", plugins="hosts")
    held = gate.hold(server)
    calls = [Call(server, "quick", {"x": i}) for i in range(12)]
    wait_until(lambda: sum(call.answer is not None for call in calls) >= 12 - 3 - 2,
               lambda: f"refusals: {[call.answer for call in calls]}")
    assert ok(server, "radec_to_xyz", {"ra": 0, "dec": 0})["x"] == 1.0
    gate.open()
    answers = [call.result() for call in calls]
    refused = [answer for answer in answers if answer.status == 503]
    assert 12 - 3 - 2 <= len(refused) <= 12 - 3
    for answer in refused:
        check_error(answer, 503, "overloaded", plain=True)
        assert int(answer.get("Retry-After")) >= 1
    for i, answer in enumerate(answers):
        assert answer.status == 503 or answer.json() == {"y": i + 1.0}
    assert held.result().json() == {"y": 2.0}
    for i in range(20):
        assert ok(server, "quick", {"x": i}) == {"y": i + 1.0}


def test_waiting_has_a_deadline(launch, gate):
    server = launch("--plugins-hosts", "1", plugins="hosts")
    held = gate.hold(server)
    calls = [Call(server, "quick", {"x": i}, {"X-Request-Timeout": "0.3"}) for i in range(4)]
    for call in calls:
        check_error(call.result(), 504, "deadline", plain=True)
    gate.open()
    assert held.result().json() == {"y": 2.0}
    assert ok(server, "quick", {"x": 1}) == {"y": 2.0}


def test_clients_that_leave(launch, gate):
    """While they wait, and while their call is at work: nothing is left of them, and nobody else notices."""
    server = launch("--plugins-hosts", "1", "--log-level", "error", plugins="hosts")
    held = Wire(server)
    held.send(post("/v1/convert/until", {"x": 1, "path": str(gate.path)}))
    wait_until((gate.path.parent / "gate.begun").exists, "the call has begun")
    leaving = [Wire(server) for _ in range(6)]
    for i, wire in enumerate(leaving):
        wire.send(post("/v1/convert/quick", {"x": [float(i)] * 1000}))
    wait_until(lambda: server.live().get("requests", {}).get("objects", 0) >= 7, "seven requests")
    for wire in leaving:
        wire.reset()
    wait_until(lambda: server.live().get("requests", {}).get("objects", 0) <= 2, "those who waited are gone")
    held.reset()
    other = Call(server, "quick", {"x": 5})
    gate.open()
    assert other.result().json() == {"y": 6.0}
    wait_until(lambda: server.live() == {}, lambda: f"nothing left: {server.live()}")


def test_a_slow_reader_of_an_answer(launch):
    """The answer lies in the host's memory until it is out; the host serves others meanwhile."""
    server = launch("--plugins-hosts", "1", plugins="hosts")
    with Wire(server, rcvbuf=4096) as slow:
        body = {"x": [1.25] * 400000}
        slow.send(post("/v1/convert/quick", body))
        for i in range(30):
            assert ok(server, "quick", {"x": [i] * 100}) == {"y": [i + 1.0] * 100}
        assert slow.response().json() == {"y": [2.25] * 400000}


# --- joining --------------------------------------------------------------------------------------


def test_waiting_requests_are_joined(launch, gate):
    server = launch("--plugins-hosts", "1", "--loops", "1", plugins="hosts")
    held = gate.hold(server)
    calls = [Call(server, "joined", {"x": [i, i + 0.5]}) for i in range(20)]
    wait_until(lambda: server.live()["requests"]["objects"] >= 21, "all are waiting")
    gate.open()
    held.result()
    rows = []
    for i, call in enumerate(calls):
        answer = call.result().json()
        assert answer["y"] == [i, i + 0.5]
        rows.append(answer["rows"][0])
    assert max(rows) > 2, "some were joined"
    assert max(rows) <= 64, "up to max_rows"


def test_only_what_may_be_joined(launch, gate):
    """Shapes come apart again; other parameters stay apart; large and empty ones are served."""
    server = launch("--plugins-hosts", "1", "--loops", "1", plugins="hosts")
    held = gate.hold(server)
    bodies = [{"x": 1.0}, {"x": [2.0]}, {"x": [[3.0, 4.0], [5.0, 6.0]]}, {"x": []}, {"x": [7.0], "offset": 100},
              {"x": [8.0] * 200}, {"x": [9.0] * 63}, {"x": 10.0, "offset": 100}, {"x": [[]]}, {"x": [11.0]}]
    calls = [Call(server, "joined", body) for body in bodies]
    wait_until(lambda: server.live()["requests"]["objects"] >= len(bodies) - 1,
               "all are waiting, but for the empty ones")
    gate.open()
    held.result()
    for body, call in zip(bodies, calls):
        expected = numpy.array(body["x"], float) + body.get("offset", 0)
        assert call.result().json()["y"] == expected.tolist()


def test_good_and_bad_requests_joined(launch, gate):
    """Each gets what it would get alone."""
    server = launch("--plugins-hosts", "1", "--loops", "1", plugins="hosts")
    server.expect_log("thirteen|plugin")
    for round in range(3):
        for leftover in gate.path.parent.iterdir():
            leftover.unlink()
        held = gate.hold(server)
        values = [1.0, 1013.0, 2.0, 1014.0, 3.0, 1013.0, 4.0]
        calls = [Call(server, "joined", {"x": [value, 0.5]}) for value in values]
        wait_until(lambda: server.live()["requests"]["objects"] >= 1 + len(values), "all are waiting")
        gate.open()
        held.result()
        for value, call in zip(values, calls):
            answer = call.result()
            if value == 1013.0:
                check_error(answer, 502, "plugin_error", plain=True, says="thirteen")
            elif value == 1014.0:
                check_error(answer, 400, "out_of_range", plain=True, says="fourteen")
            else:
                assert answer.json()["y"] == [value, 0.5]


def test_a_deadly_request_among_the_joined(launch, gate):
    """It gets 502; those that were joined with it are innocent and served."""
    server = launch("--plugins-hosts", "1", "--loops", "1", plugins="hosts")
    server.expect_log("host|plugin")
    held = gate.hold(server)
    values = [1.0, 2.0, 1015.0, 3.0, 4.0, 5.0]
    calls = [Call(server, "joined", {"x": [value, 0.5]}) for value in values]
    wait_until(lambda: server.live()["requests"]["objects"] >= 1 + len(values), "all are waiting")
    gate.open()
    held.result()
    for value, call in zip(values, calls):
        answer = call.result()
        if value == 1015.0:
            check_error(answer, 502, "plugin_crashed", plain=True)
        else:
            assert answer.status == 200, answer
            assert answer.json()["y"] == [value, 0.5]
    settled(server)


def test_joined_under_load(launch):
    server = launch("--plugins-hosts", "2", plugins="hosts")

    def data(i):
        return convert("joined", x=[float(i), 100.0 + i], offset=i % 2)

    def check(answer):
        y = answer.json()["y"]
        assert y[1] - y[0] == 100.0

    with Load(server, data, clients=16, check=check) as load:
        load.more(2000)


# --- readiness and the breaker --------------------------------------------------------------------


def test_readiness_tells_the_truth(launch):
    """Not ready as soon as no host is up; ready again with the first one; built-ins never notice."""
    server = launch("--plugins-hosts", "2", plugins="hosts")
    server.expect_log("host|plugin")
    assert ready(server) and model_ready(server, "quick")
    with Load(server, request("GET", "/v2/models/radec_to_xyz/ready"), clients=1):
        pids = server.host_pids()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not ready(server) or not set(server.host_pids()) & set(pids), "seen at once")
        settled(server)
    assert model_ready(server, "quick")
    assert restarts(server)["killed"] == 2


def test_no_python(launch):
    """Built-in conversions are served; not ready, because what was asked for is not there."""
    server = launch("--plugins-hosts", "1", "--plugins-python", "/nonexistent", plugins="hosts")
    server.expect_log("host|plugin_reload_failed")
    server.n_hosts = 0
    wait_until(lambda: len(server.log_lines("plugin_host_failed")) >= 3, "given up")
    wait_until(lambda: not any("memfd" in name for name in server.fds()), lambda: server.fds())
    server.fds_before = server.fds()  # at the start an attempt may have been under way
    assert not ready(server) and server.log_lines("/nonexistent")
    assert ok(server, "radec_to_xyz", {"ra": 0, "dec": 0})["x"] == 1.0
    assert ask(server, "quick", {"x": 1}).status == 404
    server.signal(signal.SIGHUP)
    wait_until(lambda: len(server.log_lines("plugin_host_failed")) >= 6, "tried once more, and given up again")
    assert not ready(server)


def test_one_host_of_two_is_enough(launch):
    server = launch("--plugins-hosts", "2", plugins="hosts")
    server.expect_log("host|plugin")
    pids = server.host_pids()
    with Load(server, convert("quick", x=1), clients=1, expect=(200, 502)) as load:
        os.kill(pids[0], signal.SIGKILL)
        load.more(20)
        settled(server)
    assert load.counts.get(502, 0) <= 1


def test_the_breaker_names_the_plugin(launch):
    server = launch("--plugins-hosts", "1", plugins={
        "deadly.py": '''
import os
from astrolabe_plugin import conversion

@conversion(inputs={"x": ""}, outputs={"y": ""})
def dies(x):
    os._exit(1)
''', "innocent.py": '''
from astrolabe_plugin import conversion

@conversion(inputs={"x": ""}, outputs={"y": ""})
def lives(x):
    return x + 1
'''})
    server.expect_log("host|plugin|deadly")
    deaths = []

    def switched_off():
        answer = ask(server, "dies", {"x": 1})
        if answer.status == 502:
            deaths.append(check_error(answer, 502, "plugin_crashed", plain=True))
            return None
        text = check_error(answer, 503, "overloaded", plain=True)
        assert int(answer.get("Retry-After")) >= 1
        return text if "switched off" in text else None  # else hosts are slow to come back

    text = wait_until(switched_off, lambda: f"the breaker: {deaths}")
    assert "deadly" in text and 2 <= len(deaths) <= 10
    row = server.plugin("deadly")
    assert row["state"] == "switched_off" and row["crashes"] >= 2, row
    assert server.plugin("innocent")["state"] == "ready"
    assert server.log_lines("deadly")
    assert not model_ready(server, "dies")
    wait_until(lambda: ask(server, "lives", {"x": 1}).status == 200, "the innocent one is served")
    assert model_ready(server, "lives")
    settled_hosts = [row["pid"] for row in server.hosts()]
    for _ in range(10):
        fails(server, "dies", {"x": 1}, 503, None, "deadly")
        assert ok(server, "lives", {"x": 1}) == {"y": 2.0}
    assert server.host_pids() == settled_hosts, "no host dies of it any more"


# --- shutdown and other instances -----------------------------------------------------------------


def test_requests_in_flight_finish(launch, gate):
    server = launch("--plugins-hosts", "1", "--shutdown-grace", "20s", plugins="hosts")
    with Wire(server) as wire, Wire(server) as waiting:
        wire.send(post("/v1/convert/until", {"x": 1, "path": str(gate.path)}))
        wait_until((gate.path.parent / "gate.begun").exists, "the call has begun")
        waiting.send(post("/v1/convert/quick", {"x": 5}))
        wait_until(lambda: server.live()["requests"]["objects"] >= 2, "both are there")
        server.remember_hosts(server.children())
        server.signal(signal.SIGTERM)
        wait_until(lambda: server.log_lines("drain|SIGTERM|ends|shut"), "it drains")
        assert server.alive()
        gate.open()
        answer = wire.response()
        assert answer.json() == {"y": 2.0} and answer.closes
        answer = waiting.response()
        assert answer.status == 200 and answer.json() == {"y": 6.0}
    assert server.wait() == 0
    server.stop()


def test_the_grace_has_an_end(launch, gate):
    server = launch("--plugins-hosts", "1", "--shutdown-grace", "300ms", plugins="hosts")
    server.expect_log("host|grace|request|plugin")
    held = Wire(server)
    held.send(post("/v1/convert/until", {"x": 1, "path": str(gate.path)}))
    wait_until((gate.path.parent / "gate.begun").exists, "the call has begun")
    server.remember_hosts(server.children())
    server.signal(signal.SIGTERM)
    server.wait()
    wait_until(lambda: not server.orphans(), lambda: f"orphans: {server.orphans()}")
    held.close()
    server.end()


def test_hosts_die_with_a_server_that_is_killed(launch, gate):
    server = launch("--plugins-hosts", "2", plugins="hosts")
    held = Wire(server)
    held.send(post("/v1/convert/until", {"x": 1, "path": str(gate.path)}))
    wait_until((gate.path.parent / "gate.begun").exists, "the call has begun")
    server.remember_hosts(server.children())
    assert len(server.host_identities) == 2
    server.process.kill()
    server.process.wait()
    wait_until(lambda: not server.orphans(), lambda: f"orphans: {server.orphans()}")
    held.close()
    server.end()


def test_a_second_instance(launch):
    """The same directory, the same time: they have nothing in common."""
    first = launch("--plugins-hosts", "1", plugins="hosts")
    second = launch("--plugins-hosts", "1", "--plugins-directory", first.plugins)
    second.plugins = first.plugins
    second.expect_log("host")
    assert ok(first, "pid", {"x": 1}) != ok(second, "pid", {"x": 1})
    first.signal(signal.SIGHUP)
    with Load(second, convert("quick", x=1), clients=2) as load:
        load.more(50)
        settled(first)
    settled(second)


def test_teardown_runs_when_hosts_end_in_order(tmp_path):
    trace = tmp_path / "trace"
    with Server("--plugins-hosts", "2", plugins="basic", env={"TEARDOWN_TRACE": str(trace)}) as server:
        server.expect_log("broken|no_such_module|textual")
        assert ok(server, "plug_after_setup", {"x": 1}) == {"y": 2.0}
        assert not trace.exists()
    assert trace.read_text() == "teardown\n" * 2


# --- many deaths ----------------------------------------------------------------------------------


def test_many_kills_under_mixed_load(launch):
    """TEST_KILLS hosts die of SIGKILL while everything is at work."""
    server = launch("--plugins-hosts", "3", "--plugins-queue", "1000", plugins="hosts")
    server.expect_log("host|plugin")
    settled(server)
    dice = random.Random(7)
    seen = {"plugin": 0}

    def quick(answer):
        if answer.status == 200:
            assert answer.json()["y"][0] == 2.0
            seen["plugin"] += 1
        else:
            assert answer.get("X-Error-Code") in ("plugin_crashed", "overloaded"), answer
            time.sleep(0.01)  # clients that are told to come back later do

    def built_in(answer):
        assert answer.json()["x"] == 1.0

    def joined(answer):
        if answer.status == 200:
            assert answer.json()["y"][1] == 5.0
        else:
            quick(answer)

    answered = (200, 502, 503)
    with (Load(server, convert("quick", x=[1, 2]), clients=3, check=quick, expect=answered) as plain,
          Load(server, convert("joined", x=[4, 5]), clients=4, check=joined, expect=answered) as batches,
          Load(server, convert("quick", x=[1.0] * 60000), clients=1, check=quick, expect=answered) as large,
          Load(server, convert("radec_to_xyz", ra=0, dec=0), clients=1, check=built_in) as small):
        killed = set()
        while len(killed) < KILLS:
            pids = [row["pid"] for row in server.hosts() if row["state"] == "ready" and row["pid"] not in killed]
            if not pids:
                continue
            victim = dice.choice(pids)
            killed.add(victim)
            os.kill(victim, signal.SIGKILL)
            before = small.total()
            wait_until(lambda: small.total() > before + 5, "built-in conversions go on")
        for load in (plain, batches, large, small):
            load.more(10)
    settled(server)
    print(f"{KILLS} kills, resident {server.rss_bytes() >> 10} KiB; {plain.counts} {batches.counts} {large.counts} "
          f"{small.counts} {restarts(server)}")
    assert sum(restarts(server).values()) >= KILLS
    assert seen["plugin"] > 0
    for load in (plain, batches, large):
        assert load.counts.get(200, 0) > 0, load.counts


def test_statuses_add_up(launch):
    """What clients were told and what the metrics say is the same."""
    server = launch("--plugins-hosts", "2", plugins="hosts")
    server.expect_log("host|plugin")
    counts = {}
    for i in range(30):
        answer = ask(server, "dies" if i % 15 == 7 else "quick", {"x": i})
        counts[answer.status] = counts.get(answer.status, 0) + 1
    text = once(server, request("GET", "/metrics")).body.decode()
    assert f'astrolabe_requests_total{{conversion="quick",code="ok"}} {counts[200]}' in text
    assert f'astrolabe_requests_total{{conversion="dies",code="plugin_crashed"}} {counts[502]}' in text
    settled(server)


def test_connections_survive_everything(launch):
    """One connection through errors, deaths and deadlines."""
    server = launch("--plugins-hosts", "2", "--plugins-timeout", "500ms", plugins="hosts")
    server.expect_log("host|plugin")
    wire = Wire(server)
    for name, body, status in (("quick", {"x": 1}, 200), ("dies", {"x": 1}, 502), ("quick", {"x": 2}, 200),
                               ("slow", {"x": 1, "seconds": 30}, 504), ("joined", {"x": 1013.0}, 502),
                               ("quick", {"x": 3}, 200)):
        try:
            answer = wire.ask(post(f"/v1/convert/{name}", body))
        except EndOfStream:
            pytest.fail(f"{name} cost the connection its life")
        assert answer.status == status, answer
        assert not answer.closes
    wire.close()
    settled(server)
