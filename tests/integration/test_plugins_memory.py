"""Arrays that plugins keep, memory that plugins leak, and what the operator sees of both."""

import json
import threading
import zlib

import numpy
import pytest

from oip import InferInput, infer_body, infer_headers, result
from plugins import Load, ask, change, fails, needs_hosts, ok, restarts, settled
from server import wait_until
from wire import Wire, convert, once, post, request

pytestmark = needs_hosts


@pytest.fixture
def server(launch):
    server = launch("--plugins-hosts", "1", plugins="memory")
    server.expect_log("keeper|glutton")
    return server


def infer(server, name, x, request_id, parameters=None, extra=()):
    body, length = infer_body([InferInput("x", x), *extra], parameters=parameters)
    headers = {**infer_headers(length), "X-Request-Id": request_id}
    return once(server, post(f"/v2/models/{name}/infer", body, headers))


def checksum(server, key):
    return ok(server, f"kept_checksum?key={key}", {"x": 1})


def crc(array):
    return zlib.crc32(numpy.ascontiguousarray(array).tobytes())


def retained(server):
    return server.plugin("keeper")["retained"]


def disturb(server, rounds=60):
    """Other requests of many sizes, which would overwrite what is free."""
    with Wire(server) as wire:
        for i in range(rounds):
            x = numpy.full(1 + 977 * (i % 40), float(i))
            body, length = infer_body([InferInput("x", x)])
            answer = wire.ask(post("/v2/models/use_memory/infer", body, infer_headers(length)))
            numpy.testing.assert_array_equal(result(answer).as_numpy("y"), x * 2)


@pytest.mark.parametrize("size", [1, 3, 500, 100000])
def test_a_kept_input_is_never_overwritten(server, size):
    x = numpy.random.default_rng(size).normal(size=size)
    answer = infer(server, "keep_input", x, "keeper-1", {"key": "a"})
    numpy.testing.assert_array_equal(result(answer).as_numpy("y"), x + 1)
    (row,) = wait_until(lambda: retained(server), "the retained array")
    assert row["request_id"] == "keeper-1" and row["age_s"] >= 0
    assert 8 * size <= row["bytes"] <= 8 * size + 65536, row
    disturb(server)
    assert checksum(server, "a") == {"sum": crc(x), "size": size}
    assert len(retained(server)) == 1, "others keep nothing"
    wait_until(lambda: server.live() == {}, "no request is alive: its memory is the plugin's now")
    assert ok(server, "forget?key=a", {"x": 1}) == {"n": 0}
    wait_until(lambda: retained(server) == [], lambda: f"released: {retained(server)}")
    assert server.plugin("keeper")["retained_objects"] == server.plugin("keeper")["retained_bytes"] == 0


def test_json_columns_too(server):
    x = [1.5, 2.5, 3.5]
    answer = ask(server, "keep_input?key=j", {"x": x}, {"X-Request-Id": "json-1"})
    assert answer.json() == {"y": [2.5, 3.5, 4.5]}
    (row,) = wait_until(lambda: retained(server), "the retained array")
    assert row["request_id"] == "json-1"
    disturb(server)
    assert checksum(server, "j") == {"sum": crc(numpy.array(x)), "size": 3}


def test_scalars_are_nobodys_memory(server):
    assert ok(server, "keep_input?key=s", {"x": 4.5}) == {"y": 5.5}
    disturb(server, 10)
    assert checksum(server, "s") == {"sum": crc(numpy.array(4.5)), "size": 1}
    assert retained(server) == []


@pytest.mark.parametrize("name", ["keep_output", "keep_out"])
def test_a_kept_output(server, name):
    x = numpy.arange(1000.0)
    answer = infer(server, name, x, "out-1", {"key": "o"})
    numpy.testing.assert_array_equal(result(answer).as_numpy("y"), x + 1)
    (row,) = wait_until(lambda: retained(server), "the retained array")
    assert row["request_id"] == "out-1" and row["bytes"] >= 8000
    disturb(server)
    assert checksum(server, "o") == {"sum": crc(x + 1), "size": 1000}
    ok(server, "forget?key=o", {"x": 1})
    wait_until(lambda: retained(server) == [], "released")


def test_a_view_of_a_view(server):
    x, z = numpy.arange(500.0), numpy.ones(500)
    answer = infer(server, "keep_view", x, "view-1", {"key": "v"}, extra=[InferInput("z", z)])
    numpy.testing.assert_array_equal(result(answer).as_numpy("y"), x + 1)
    wait_until(lambda: retained(server), "the retained array")
    disturb(server)
    assert checksum(server, "v") == {"sum": crc(x[1:][::2]), "size": 250}


def test_kept_by_a_call_that_failed(server):
    x = numpy.arange(300.0)
    answer = infer(server, "keep_and_raise", x, "fail-1", {"key": "f"})
    assert answer.status == 502
    (row,) = wait_until(lambda: retained(server), "the retained array")
    assert row["request_id"] == "fail-1"
    disturb(server)
    assert checksum(server, "f") == {"sum": crc(x), "size": 300}


def test_many_are_counted_exactly(server):
    n, total = 150, 0
    with Wire(server) as wire:
        for i in range(n):
            x = numpy.full(10 + i, float(i))
            body, length = infer_body([InferInput("x", x)], parameters={"key": f"k{i}"})
            assert wire.ask(post("/v2/models/keep_input/infer", body,
                                 {**infer_headers(length), "X-Request-Id": f"many-{i}"})).status == 200
            total += 8 * (10 + i)
    row = wait_until(lambda: (lambda found: found if found["retained_objects"] == n else None)(server.plugin("keeper")),
                     lambda: f"{n} retained: {server.plugin('keeper')}")
    assert row["retained_bytes"] >= total
    ages = [one["age_s"] for one in row["retained"]]
    assert ages == sorted(ages, reverse=True), "the oldest first"
    text = once(server, request("GET", "/metrics")).body.decode()
    assert f'astrolabe_plugin_retained_objects{{plugin="keeper"}} {n}' in text
    disturb(server, 20)
    for i in (0, 77, n - 1):
        assert checksum(server, f"k{i}") == {"sum": crc(numpy.full(10 + i, float(i))), "size": 10 + i}
    for i in range(n):
        ok(server, f"forget?key=k{i}", {"x": 1})
    wait_until(lambda: server.plugin("keeper")["retained_objects"] == 0, "all released")
    assert server.plugin("keeper")["retained_bytes"] == 0


def test_keeping_ends_with_the_host(server):
    import os
    import signal

    server.expect_log("host")
    infer(server, "keep_input", numpy.arange(5000.0), "gone-1", {"key": "a"})
    wait_until(lambda: retained(server), "the retained array")
    (pid,) = server.host_pids()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: retained(server) == [], "given up with the process")
    settled(server)


def test_a_full_region_refuses(launch):
    """What does not fit gets 503; the server and the other requests go on."""
    server = launch("--plugins-hosts", "1", "--plugins-shared-memory", "4MiB", plugins="memory")
    server.expect_log("keeper|glutton|shared")
    x = numpy.zeros(1 << 19)
    answer = infer(server, "use_memory", x, "large-1")
    assert answer.status == 503 and answer.get("X-Error-Code") == "overloaded", answer
    assert answer.get("Retry-After")
    kept = 0
    while kept < 200:
        answer = infer(server, "keep_input", numpy.full(8000, 1.0), f"fill-{kept}", {"key": f"k{kept}"})
        if answer.status != 200:
            break
        kept += 1
    assert 10 < kept < 200 and answer.status == 503, (kept, answer)
    # What is small still fits, once the outputs of the last large one have been given back.
    wait_until(lambda: ask(server, "use_memory", {"x": 1}).status == 200, "what is small still fits")
    for i in range(kept):
        ok(server, f"forget?key=k{i}", {"x": 1})
    assert infer(server, "keep_input", numpy.full(8000, 1.0), "again", {"key": "z"}).status == 200


def test_the_shared_memory_is_punched_when_idle(server):
    x = numpy.ones(1 << 20)
    for _ in range(3):
        assert infer(server, "use_memory", x, "big").status == 200
    wait_until(lambda: server.hosts()[0]["region_warm_bytes"] + server.hosts()[0]["region_live_bytes"] < 1 << 20,
               lambda: f"punched: {server.hosts()}", patience=60)


# --- growth ---------------------------------------------------------------------------------------


def test_a_host_that_grows_is_replaced_without_a_failure(launch):
    server = launch("--plugins-hosts", "2", "--plugins-max-rss", "150MiB", plugins="memory")
    server.expect_log("glutton|rss|memory|host")
    first = set(server.host_pids())
    with (Load(server, convert("leak_megabyte", x=[1]), clients=2) as leak,
          Load(server, convert("use_memory", x=[1, 2]), clients=1),
          Load(server, convert("radec_to_xyz", ra=0, dec=0), clients=1)):
        wait_until(lambda: restarts(server).get("memory", 0) >= 3, lambda: f"replacements: {restarts(server)}",
                   patience=120)
        leak.more(50)
    settled(server)
    assert not first & set(server.host_pids())


def test_unload_gives_the_memory_back(server):
    (host,) = settled(server)
    for _ in range(80):
        ok(server, "leak_megabyte", {"x": 1})
    grown = wait_until(lambda: (lambda row: row if row["rss_bytes"] > host["rss_bytes"] + (75 << 20) else None)(
        server.hosts()[0]), "a large host")
    assert change(server, "unload", "leak_megabyte").status == 200
    settled(server)
    row = wait_until(lambda: (lambda row: row if row["rss_bytes"] < grown["rss_bytes"] - (60 << 20) else None)(
        server.hosts()[0]), lambda: f"small again: {server.hosts()}")
    assert row["pid"] != grown["pid"]


def test_the_server_itself_stays_flat(server):
    """Many requests through a host, and the ledger of astrolabed is where it was."""
    disturb(server, 20)
    before = server.ledger()
    threads = [threading.Thread(target=disturb, args=(server, 100)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until(lambda: server.live() == {}, lambda: json.dumps(server.live()))
    after = server.ledger()
    assert after["contexts"] == before["contexts"]
    fails(server, "keep_input", {"x": 1}, 400, "missing_parameter")
