"""Every so many allocations fails once while plugin conversions are asked for: see test_allocations.py.

Starting a server with a host takes a while, so that a stride of 1 (TEST_PLUGIN_STRIDE) is for a long evening.
"""

import os
import signal

import numpy
import pytest

from oip import InferInput, infer_body, infer_headers
from plugins import change, index, needs_hosts, settled
from server import SLOW, Server
from test_allocations import run
from wire import Wire, convert, post, request

pytestmark = needs_hosts
STRIDE = int(os.environ.get("TEST_PLUGIN_STRIDE", "7"))
FLAGS = ("--loops", "1", "--threads", "1", "--plugins-hosts", "1")


def infer(name, size):
    body, length = infer_body([InferInput("x", numpy.ones(size))])
    return post(f"/v2/models/{name}/infer", body, infer_headers(length))


SCENARIOS = {
    "calls": [convert("quick", x=1), convert("quick", x=[1, 2, 3]), infer("quick", 20000), convert("joined", x=[1, 2]),
              convert("joined", x=[1013.0]), convert("joined", x=[1014.0])],
    "documents": [request("GET", path) for path in (
        "/v1/conversions/quick", "/v2/models/quick", "/v2/models/quick/stats", "/v2/models/quick/ready", "/metrics",
        "/v1/debug/memory")] + [post("/v2/repository/index", b"")],
    "long documents": [request("GET", path) for path in ("/v1/conversions", "/openapi.json")],
}
STRIDES = {"calls": max(1, STRIDE // 3), "documents": 8 * STRIDE, "long documents": 100 * STRIDE}


def start(fault=None):
    server = Server(*FLAGS, plugins="hosts", env={"ASTROLABE_FAULT_ALLOC": fault} if fault else None)
    server.expect_log(r"level=(error|warn)")
    return server


@pytest.mark.parametrize("name", SCENARIOS)
def test_allocations_fail_once(name):
    with start() as server:
        expected = run(server, SCENARIOS[name])
    assert None not in expected
    perfect, k, failed = 0, 1, 0
    while perfect < 8:
        with start(str(k)) as server:
            good = run(server, SCENARIOS[name], expected) == expected
            perfect, failed = (perfect + 1, failed) if good else (0, failed + 1)
            assert good or run(server, SCENARIOS[name], expected) == expected, f"{k}: not well again"
            server.census()
        k += STRIDES[name]
    assert failed > 0, "no allocation was made to fail"
    print(f"{name}: up to allocation {k}, {failed} of those tried mattered")


@pytest.mark.parametrize("first", range(2, 200, 40))
def test_all_allocations_fail_from_one_on(first):
    """Whoever is answered is answered properly; the end is an end."""
    for name in SCENARIOS:
        with start() as server:
            expected = run(server, SCENARIOS[name])
        server = start(f"{first}+")
        try:
            run(server, SCENARIOS[name], expected, timeout=0.3 * SLOW)
            assert server.alive(), f"allocation {first} and later: {server.log()[-3000:]}"
        finally:
            server.end()


@pytest.mark.parametrize("k", range(1, 400, 12 * STRIDE))
def test_reload_while_an_allocation_fails(k):
    """Either the new generation serves or the old one; never none."""
    with start(str(k)) as server:
        server.signal(signal.SIGHUP)
        with Wire(server) as wire:
            for _ in range(30):
                answer = wire.ask(convert("quick", x=1))
                assert answer.status in (200, 500, 503), answer
                if answer.closes:
                    break
        settled(server)
        answer = change(server, "load", "quick")
        assert answer.status in (200, 500, 503), answer
        settled(server)
        assert index(server)["quick"][0] == "READY"
        server.census()
