"""Every allocation of a scenario fails in turn, once, then from there on for good.

Each run must answer with success or a proper error, or close the connection; never crash, never hang, and
with one failure the ledger is zero afterwards. The server counts allocations once it listens
(server/memory/alloc.h, ASTROLABE_FAULT_ALLOC).
"""

import gzip
import json
import os
import struct

import pytest

from server import Server
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


def run(server, requests):
    """One connection, as long as it lasts. True when everything succeeded."""
    perfect = True
    wire = None
    for data in requests:
        try:
            if wire is None:
                wire = Wire(server, unix=True)
            answer = wire.ask(data)
        except (EndOfStream, ConnectionError) as error:
            assert not isinstance(error, EndOfStream) or "b''" in str(error), error
            perfect, wire = False, None
            continue
        if answer.status >= 500:
            perfect = False
            if answer.body:  # a canned answer needs no memory, and says at least which status
                check_error(answer, answer.status, plain=len(answer.json()) > 1)
                assert answer.get("X-Error-Code") in ("overloaded", "internal"), answer
        else:
            assert answer.status in (200, 400, 404, 405), answer
        if answer.closes:
            wire.close()
            wire = None
    if wire:
        wire.close()
    return perfect


def tolerant(server):
    server.expect_log(r"level=(error|warn)")


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_allocation_fails_once(name):
    """Ends when a run is as good as an undisturbed one several times over: the count has passed the end."""
    flags = ("--loops", "1", "--threads", "1")
    with Server(*flags) as server:
        assert run(server, SCENARIOS[name]), "undisturbed"
    perfect, k = 0, 0
    stride = int(os.environ.get("ASTROLABE_TORTURE_STRIDE", "1"))
    while perfect < 12 and k < 4000:
        k += stride
        with Server(*flags, env={"ASTROLABE_FAULT_ALLOC": str(k)}) as server:
            tolerant(server)
            perfect = perfect + 1 if run(server, SCENARIOS[name]) else 0
            assert run(server, SCENARIOS[name]) or perfect, f"allocation {k}: not well again"
            server.census()
    print(f"{name}: {k - perfect * stride} allocations")


@pytest.mark.parametrize("name", SCENARIOS)
def test_all_allocations_fail_from_one_on(name):
    flags = ("--loops", "1", "--threads", "1")
    for k in (*range(1, 30), *range(30, 130, 7)):
        with Server(*flags, env={"ASTROLABE_FAULT_ALLOC": f"{k}+"}) as server:
            tolerant(server)
            run(server, SCENARIOS[name])
            assert server.alive(), f"allocation {k} and later: {server.log()[-3000:]}"
