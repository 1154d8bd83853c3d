"""Servers with plugins: asking them, loading them, and waiting for their hosts."""

import os
import threading

import pytest

from server import HOST, wait_until
from wire import EndOfStream, Wire, check_error, once, post, request

needs_hosts = pytest.mark.skipif(not os.path.exists(HOST), reason="astrolabe-plugin-host is not built")


def ask(server, name, body, headers=None):
    """One plain conversion on a connection of its own."""
    return once(server, post(f"/v1/convert/{name}", body, headers))


def ok(server, name, body, headers=None):
    answer = ask(server, name, body, headers)
    assert answer.status == 200, answer
    return answer.json()


def fails(server, name, body, status, code, says=None, field=None):
    """The error's text; the connection is usable afterwards."""
    with Wire(server) as wire:
        answer = wire.ask(post(f"/v1/convert/{name}", body))
        text = check_error(answer, status, code, plain=True, says=says)
        if field is not None:
            assert answer.json()["field"] == field, answer
        if status == 503:
            assert int(answer.get("Retry-After")) >= 1
        wire.usable()
    return text


def ready(server):
    return once(server, request("GET", "/v2/health/ready")).status == 200


def model_ready(server, name):
    return once(server, request("GET", f"/v2/models/{name}/ready")).status == 200


def settled(server):
    """All hosts are up and everything is ready; returns their rows."""
    wait_until(lambda: server.hosts_settled() and ready(server), lambda: f"hosts: {server.hosts()}")
    return server.hosts()


def index(server):
    """The repository index: {name: (state, reason)}."""
    answer = once(server, post("/v2/repository/index", b""))
    assert answer.status == 200, answer
    return {row["name"]: (row["state"], row.get("reason", "")) for row in answer.json()}


def change(server, what, name):
    """POST .../load or unload."""
    return once(server, post(f"/v2/repository/models/{name}/{what}", b""))


def generation(server):
    return max((row["generation"] for row in server.hosts()), default=0)


def restarts(server):
    """astrolabe_plugin_host_restarts_total by reason."""
    answer = once(server, request("GET", "/metrics"))
    found = {}
    for line in answer.body.decode().splitlines():
        if line.startswith("astrolabe_plugin_host_restarts_total{"):
            labels, _, value = line.rpartition(" ")
            found[labels.partition('reason="')[2].partition('"')[0]] = float(value)
    return found


class Load:
    """Connections that send the same request again and again, until stop(). A context manager.

    Statuses are counted; `check(answer)` sees every answer. A connection that ends without an answer is an
    error, always: stop() raises the first one.
    """

    def __init__(self, server, data, clients=2, check=None, expect=(200,), unix=False):
        self.server, self.data, self.check, self.expect, self.unix = server, data, check, expect, unix
        self.counts, self.error, self.lock = {}, None, threading.Lock()
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(i,)) for i in range(clients)]

    def _run(self, number):
        data = self.data(number) if callable(self.data) else self.data
        wire = None
        try:
            while not self.ending.is_set():
                wire = wire or Wire(self.server, unix=self.unix)
                answer = wire.ask(data)
                with self.lock:
                    self.counts[answer.status] = self.counts.get(answer.status, 0) + 1
                assert answer.status in self.expect, answer
                if self.check:
                    self.check(answer)
                if answer.closes:
                    wire = wire.close()
        except (EndOfStream, OSError, AssertionError) as error:
            with self.lock:
                self.error = self.error or error
        finally:
            if wire:
                wire.close()

    def total(self):
        with self.lock:
            if self.error:
                raise self.error
            return sum(self.counts.values())

    def more(self, count):
        """Waits for so many more answers: load that has gone through what happened meanwhile."""
        goal = self.total() + count
        wait_until(lambda: self.total() >= goal, lambda: f"{goal} answers; {self.counts}")

    def stop(self):
        self.ending.set()
        for thread in self.threads:
            thread.join()
        if self.error:
            raise self.error
        return self.counts

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        if kind:
            self.ending.set()
            for thread in self.threads:
                thread.join()
        else:
            self.stop()
