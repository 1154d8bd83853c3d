"""Metrics, the ledger, logs, request ids: names that scripts and alerts rely on."""

import json
import re
import struct

import pytest

from server import Server, wait_until
from wire import Wire, check_error, convert, once, post, request

SMALL = convert("radec_to_xyz", ra=[0, 1], dec=[0, 1])
SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*)\})? (\S+)$')


def metrics(server):
    """{(name, labels): value}; checks the exposition format on the way."""
    answer = once(server, request("GET", "/metrics"))
    assert answer.status == 200 and answer.get("Content-Type").startswith("text/plain")
    text = answer.body.decode()
    assert text.endswith("\n")
    values, typed = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in typed, f"{name} twice"
            typed[name] = kind
        elif not line.startswith("#"):
            match = SAMPLE.match(line)
            assert match, line
            labels = tuple(sorted(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or "")))
            assert (match[1], labels) not in values, line
            values[match[1], labels] = float(match[3])
            base = re.sub(r"_(bucket|sum|count)$", "", match[1])
            assert match[1] in typed or base in typed, f"no TYPE for {line}"
    return values


def total(values, name, **labels):
    want = set(labels.items())
    return sum(v for (n, have), v in values.items() if n == name and want <= set(have))


def test_every_promised_name_is_there(server):
    once(server, SMALL)
    names = {name for name, _ in metrics(server)}
    for name in ("astrolabe_requests_total", "astrolabe_request_duration_seconds_bucket",
                 "astrolabe_request_duration_seconds_sum", "astrolabe_request_duration_seconds_count",
                 "astrolabe_points_total", "astrolabe_connections", "astrolabe_requests_in_flight",
                 "astrolabe_queue_depth", "astrolabe_loop_lag_seconds", "astrolabe_memory_live_objects",
                 "astrolabe_memory_live_bytes", "process_resident_memory_bytes",
                 "process_cpu_seconds_total", "process_open_fds", "process_start_time_seconds"):
        assert name in names, name


def test_counters_count(server):
    before = metrics(server)
    once(server, SMALL)
    once(server, SMALL)
    once(server, post("/v1/convert/radec_to_xyz", "{"))
    after = metrics(server)

    def grown(name, **labels):
        return total(after, name, **labels) - total(before, name, **labels)

    assert grown("astrolabe_requests_total", conversion="radec_to_xyz") == 3
    assert grown("astrolabe_points_total", conversion="radec_to_xyz") == 4
    assert grown("astrolabe_request_duration_seconds_count", conversion="radec_to_xyz") == 3
    codes = {dict(labels)["code"] for name, labels in after if name == "astrolabe_requests_total"}
    assert codes & {"200", "ok"}, codes
    assert total(after, "astrolabe_requests_in_flight") <= 1
    wait_until(lambda: total(metrics(server), "astrolabe_memory_live_objects") == 0, "all requests have ended")


def test_histograms_are_cumulative(server):
    once(server, SMALL)
    values = metrics(server)
    series = {}
    for (name, labels), value in values.items():
        if name == "astrolabe_request_duration_seconds_bucket":
            labels = dict(labels)
            bound = float(labels.pop("le"))
            series.setdefault(tuple(sorted(labels.items())), []).append((bound, value))
    assert series
    for labels, buckets in series.items():
        counts = [count for _, count in sorted(buckets)]
        assert counts == sorted(counts) and sorted(buckets)[-1][0] == float("inf")
        assert counts[-1] == values["astrolabe_request_duration_seconds_count", labels]


def test_the_ledger_counts_what_lives(server):
    ledger = server.ledger()
    assert set(ledger["live"]) == {"requests", "arenas", "slabs"}
    for row in ledger["live"].values():
        assert set(row) == {"objects", "bytes", "peak_objects", "peak_bytes"}
        assert row["objects"] == row["bytes"] == 0, "the asking request does not count itself"
    assert {"cached_bytes", "mapped_bytes"} <= set(ledger["pool"])
    assert {"objects", "bytes"} <= set(ledger["contexts"])
    assert ledger["plugins"] == [] and ledger["hosts"] == []
    body = bytes(1 << 20)
    data = post("/v2/models/radec_to_xyz/infer", body, {"Inference-Header-Content-Length": 100})
    with Wire(server) as wire, Wire(server) as head:
        wire.send(data[:-1])
        head.send(b"GET /")
        live = wait_until(lambda: (lambda rows: rows if rows.get("slabs") and
                                   rows["requests"]["objects"] == 2 else None)(server.live()),
                          lambda: f"two requests and a slab: {server.live()}")
        assert live["slabs"]["bytes"] >= 1 << 20
        assert live["requests"]["bytes"] > 0 and live["arenas"]["objects"] >= 1
        # in flight on the same figures
        assert total(metrics(server), "astrolabe_memory_live_objects", kind="requests") == 2
    assert server.ledger()["live"]["slabs"]["peak_bytes"] >= 1 << 20


def test_request_ids(server):
    assert once(server, request(headers={"X-Request-Id": "abc-1"})).get("X-Request-Id") == "abc-1"
    with Wire(server) as wire:
        made = [wire.ask(SMALL).get("X-Request-Id") for _ in range(20)]
    assert all(made) and len(set(made)) == 20
    answer = once(server, request("GET", "/nowhere", headers={"X-Request-Id": "abc-2"}))
    check_error(answer, 404)
    assert answer.get("X-Request-Id") == "abc-2"
    # What could split a header or a log line is not echoed as it came.
    for value in ("x" * 5000, "a\tb", 'a"b', "caf\u00e9"):
        answer = once(server, request(headers={"X-Request-Id": value}))
        assert answer.status in (200, 400), answer
        assert len(answer.get("X-Request-Id")) <= 256


@pytest.mark.parametrize("form", ["logfmt", "json"])
def test_access_log(launch, form):
    server = launch("--log-access", "on", "--log-format", form)
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    once(server, convert("radec_to_xyz", ra=0, dec=0))
    once(server, request("GET", "/nowhere?q=1", headers={"X-Request-Id": "find-me", "traceparent": trace}))
    (line,) = wait_until(lambda: server.log_lines("find-me"), "the access line")
    assert "404" in line and "/nowhere" in line and "0af7651916cd43dd8448eb211c80319c" in line
    lines = wait_until(lambda: server.log_lines("radec_to_xyz"), "the other line")
    for line in server.log_lines():
        if form == "json":
            json.loads(line)
        else:
            assert re.fullmatch(r'[\w.]+=("([^"\\]|\\.)*"|\S*)( [\w.]+=("([^"\\]|\\.)*"|\S*))*', line), line
    assert any("200" in line for line in lines)


def test_access_log_is_off_by_default(server):
    once(server, request(headers={"X-Request-Id": "silent"}))
    assert server.log_lines("silent") == []


def test_nothing_from_outside_breaks_a_log_line(launch):
    server = launch("--log-access", "on")
    wait_until(lambda: len(server.log_lines("event=listening")) == len(server.banner), "the first lines")
    before = len(server.log_lines())
    for path in ("/a%0Ab%22c", "/%C3%A9", '/"x"', "/a=b", "/\\n"):
        once(server, request("GET", path, headers={"X-Request-Id": "mark"}))
    lines = wait_until(lambda: len(server.log_lines("mark")) == 5 and server.log_lines("mark"), "all lines")
    assert len(server.log_lines()) == before + len(lines)


def test_log_levels():
    with Server("--log-level", "error") as server:
        once(server, SMALL)
        assert server.log_lines() == []
    with Server("--log-level", "debug") as server:
        once(server, SMALL)
        server.census()


def test_console(server):
    answer = once(server, request("GET", "/"))
    assert answer.status == 200 and answer.get("Content-Type").startswith("text/html")
    text = answer.body.decode()
    assert "<html" in text.lower()
    for match in re.findall(r'(?:src|href)="(https?:)?//', text):
        raise AssertionError(f"the console needs the network: {match}")


def test_loop_and_queue_figures_under_load(server):
    n = 400_000
    head = json.dumps({"inputs": [
        {"name": name, "datatype": "FP64", "shape": [n], "parameters": {"binary_data_size": 8 * n}}
        for name in ("ra", "dec")]}).encode()
    data = post("/v2/models/icrs_to_galactic/infer", head + struct.pack("<d", 1.0) * (2 * n),
                {"Inference-Header-Content-Length": len(head)})
    with Wire(server) as one, Wire(server) as two:
        one.send(data)
        two.send(data)
        metrics(server)
        assert one.response().status == two.response().status == 200
    assert total(metrics(server), "astrolabe_queue_depth") == 0
