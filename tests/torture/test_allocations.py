"""Every allocation of a scenario fails in turn, once, then from there on for good. Beyond the first hundred CI takes
every TEST_STRIDE-th; run by hand without it, this takes all.

Each run must answer with success or a proper error, or close the connection; never crash, never hang, and
with one failure the ledger is zero afterwards. The server counts allocations once it listens
(server/memory/alloc.h, ASTROLABE_FAULT_ALLOC).
"""

import gzip
import json
import os
import struct

import pytest

from server import SLOW, Server
from wire import EndOfStream, Wire, check_error, chunked, convert, post, request

N = 3000
HEAD = json.dumps({"id": "t", "inputs": [
    {"name": name, "datatype": "FP64", "shape": [N], "parameters": {"binary_data_size": 8 * N}}
    for name in ("ra", "dec")], "parameters": {"binary_data_output": True}}).encode()
COLUMNS = json.dumps({"ra": [1.5] * 500, "dec": [2.5] * 500}).encode()

SCENARIOS = {
    "plain": [convert("radec_to_xyz", ra=0, dec=0),
              post("/v1/convert/icrs_to_fk5?equinox=J1999.5", COLUMNS),
              post("/v1/convert/radec_to_xyz", chunked(COLUMNS, 7, 4000), {"Transfer-Encoding": "chunked"})],
    "packed": [post("/v1/convert/icrs_to_galactic", gzip.compress(COLUMNS),
                    {"Content-Encoding": "gzip", "Accept-Encoding": "gzip"}),
               post("/v1/convert/icrs_to_galactic", COLUMNS, {"Accept-Encoding": "deflate"})],
    "oip": [post("/v2/models/icrs_to_galactic/infer", HEAD + struct.pack("<d", 1.0) * (2 * N),
                 {"Inference-Header-Content-Length": len(HEAD)}),
            post("/v2/models/radec_to_xyz/infer", {"inputs": [
                {"name": "ra", "shape": [2], "datatype": "INT32", "data": [0, 90]},
                {"name": "dec", "shape": [1], "datatype": "FP32", "data": [0]}]})],
    "refused": [post("/v1/convert/radec_to_xyz", b'{"ra":1,"dec":[91]}'),
                convert("radec_to_xzy", ra=0, dec=0), request("PUT", "/v2"),
                post("/v2/models/radec_to_xyz/infer", b'{"inputs":[{"name":"ra"}]}')],
    "documents": [request("GET", path) for path in (
        "/v2", "/v2/health/ready", "/v1/conversions/radec_to_xyz", "/v2/models/radec_to_xyz",
        "/v2/models/radec_to_xyz/config", "/v2/models/radec_to_xyz/stats", "/metrics", "/v1/debug/memory")]
    + [post("/v2/repository/index", b"")],
    "pool": [post("/v1/convert/icrs_to_galactic", {"ra": [1.5] * 30000, "dec": [2.5] * 30000},
                  {"Accept-Encoding": "gzip"})],
}


def run(server, requests, expected=None, timeout=None):
    """One connection, as long as it lasts: the statuses; None where the server closed or did not accept.

    An answer is the one of an undisturbed run, or says that memory is short.
    """
    statuses, wire = [], None
    for number, data in enumerate(requests):
        try:
            if wire is None:
                wire = Wire(server, unix=True, timeout=timeout)
            answer = wire.ask(data)
        except (EndOfStream, ConnectionError, TimeoutError) as error:
            assert not isinstance(error, EndOfStream) or "b''" in str(error), error
            assert not isinstance(error, TimeoutError) or timeout is not None, "no answer"
            statuses.append(None)
            wire = wire and wire.close()
            continue
        statuses.append(answer.status)
        if expected and answer.status != expected[number]:
            assert answer.status in (500, 503), answer
            if answer.body:  # a canned answer needs no memory, and says at least which status
                check_error(answer, answer.status, plain=len(answer.json()) > 1)
                assert answer.get("X-Error-Code") in ("overloaded", "internal"), answer
        if answer.closes:
            wire = wire.close()
    if wire:
        wire.close()
    return statuses


FLAGS = ("--loops", "1", "--threads", "1")
STRIDE = int(os.environ.get("TEST_STRIDE", "1"))  # beyond the first hundred


def undisturbed(name):
    with Server(*FLAGS) as server:
        statuses = run(server, SCENARIOS[name])
    assert None not in statuses and max(statuses) < 500
    return statuses


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_allocation_fails_once(name):
    """Ends when many runs in a row were as good as an undisturbed one: the count has passed the end."""
    expected = undisturbed(name)
    perfect, k, failed = 0, 0, 0
    while perfect < 15 and k < 4000:
        k += STRIDE if k > 100 else 1
        with Server(*FLAGS, env={"ASTROLABE_FAULT_ALLOC": str(k)}) as server:
            server.expect_log(r"level=(error|warn)")
            good = run(server, SCENARIOS[name], expected) == expected
            perfect, failed = (perfect + 1, failed) if good else (0, failed + 1)
            assert good or run(server, SCENARIOS[name], expected) == expected, f"{k}: not well again"
            server.census()
    assert failed > 0 or name == "refused", "no allocation was made to fail"
    print(f"{name}: {k - 15} allocations reached, {failed} of them mattered")


@pytest.mark.parametrize("name", SCENARIOS)
def test_all_allocations_fail_from_one_on(name):
    """New connections may then wait for ever; those that were accepted get an answer or an end."""
    expected = undisturbed(name)
    for k in (*range(2, 16), *range(16, 130, 12)):
        with Server(*FLAGS, env={"ASTROLABE_FAULT_ALLOC": f"{k}+"}) as server:
            server.expect_log(r"level=(error|warn)")
            run(server, SCENARIOS[name], expected, timeout=0.15 * SLOW)
            assert server.alive(), f"allocation {k} and later: {server.log()[-3000:]}"
