"""Limits: connections and memory. The server says so, survives, and is well again afterwards."""

import json
import threading

from server import wait_until
from wire import Wire, check_error, convert, once, post, request

SMALL = convert("radec_to_xyz", ra=0, dec=0)


def infer(n):
    head = json.dumps({"inputs": [
        {"name": name, "datatype": "FP64", "shape": [n], "parameters": {"binary_data_size": 8 * n}}
        for name in ("ra", "dec")], "parameters": {"binary_data_output": True}}).encode()
    return post("/v2/models/radec_to_xyz/infer", head + bytes(16 * n),
                {"Inference-Header-Content-Length": len(head)})


def test_memory_limit(servers):
    server = servers.get("--limits-memory", "32MiB")
    with Wire(server) as wire:
        for _ in range(3):
            answer = wire.send_what_it_takes(infer(4_000_000)).response()
            check_error(answer, 503, "overloaded")
            assert int(answer.get("Retry-After")) >= 1
            if answer.closes:
                break
    assert once(server, SMALL).status == 200
    assert once(server, infer(10_000)).status == 200
    assert server.ledger()["live"]["slabs"]["peak_bytes"] <= 32 << 20


def test_memory_limit_while_results_are_made(servers):
    """The body fits, the answer does not."""
    server = servers.get("--limits-memory", "32MiB")
    with Wire(server) as wire:
        answer = wire.ask(infer(1_400_000))
        check_error(answer, 503, "overloaded")
        wire.usable()


def test_many_at_once_under_the_memory_limit(servers):
    server = servers.get("--limits-memory", "32MiB")
    data, statuses = infer(150_000), []

    def client():
        for _ in range(10):
            with Wire(server) as wire:
                statuses.append(wire.send_what_it_takes(data).response().status)

    threads = [threading.Thread(target=client) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(statuses) == 160 and set(statuses) <= {200, 503}
    assert 200 in statuses, "goodput"
    assert server.ledger()["live"]["slabs"]["peak_bytes"] <= 32 << 20
    assert once(server, SMALL).status == 200


def test_chunked_bodies_under_the_memory_limit(servers):
    server = servers.get("--limits-memory", "32MiB")
    with Wire(server) as wire:
        wire.send(request("POST", "/v1/convert/radec_to_xyz", None, {"Transfer-Encoding": "chunked"}))
        chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        wire.send_what_it_takes(chunk * 64 + b"0\r\n\r\n")
        answer = wire.response()
        check_error(answer, 503, "overloaded", plain=True)
        wire.at_end() if answer.closes else wire.usable()


def test_connection_limit(servers):
    """More are not accepted (or told so) until one closes."""
    server = servers.get("--limits-connections", "8", "--loops", "1")
    held = [Wire(server) for _ in range(8)]
    try:
        for wire in held:
            wire.usable()
        with Wire(server) as more:
            more.send(SMALL)
            held.pop().close()
            answer = more.response()
            if answer.status != 200:
                check_error(answer, 503, "overloaded")
    finally:
        for wire in held:
            wire.close()
    wait_until(lambda: once(server, SMALL).status == 200, "well again")


def test_json_depth(servers):
    server = servers.get("--limits-json-depth", "4")
    assert once(server, convert("radec_to_xyz", ra=[[0]], dec=[[0]])).status == 200
    answer = once(server, convert("radec_to_xyz", ra=[[[[[0]]]]], dec=0))
    check_error(answer, 400, plain=True)


def test_memory_comes_back_after_a_burst(servers):
    server = servers.get()
    once(server, SMALL)
    before = server.rss_bytes()
    for _ in range(3):
        assert once(server, infer(1_000_000)).status == 200
    wait_until(lambda: server.ledger()["pool"]["cached_bytes"] == 0, "idle slabs go back to the kernel", 60)
    print(f"RSS before {before / 1e6:.1f} MB, after a burst of 3 x 40 MB {server.rss_bytes() / 1e6:.1f} MB")


def test_limits_pipeline(servers):
    server = servers.get("--limits-pipeline", "2")
    with Wire(server) as wire:
        wire.send(SMALL * 100)
        assert {wire.response().status for _ in range(100)} == {200}
        wire.usable()
