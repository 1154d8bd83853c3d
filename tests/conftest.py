"""Servers for the tests, and the census after every one of them."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))

from server import Server  # noqa: E402


class Servers:
    """Servers of a module, one per configuration; started when first asked for."""

    def __init__(self):
        self.running = {}

    def get(self, *flags, **options):
        key = repr((flags, sorted(options.items())))
        if key not in self.running:
            self.running[key] = Server(*flags, **options)
        return self.running[key]

    def stop(self):
        servers, self.running = list(self.running.values()), {}
        failure = None
        for server in servers:
            try:
                server.stop()
            except AssertionError as error:
                failure = error
        if failure:
            raise failure


@pytest.fixture(scope="module")
def servers():
    """servers.get(*flags): the module's server with these flags."""
    servers = Servers()
    yield servers
    servers.stop()


@pytest.fixture
def server(servers):
    """The server as it is without any setting."""
    return servers.get()


@pytest.fixture(autouse=True)
def census(servers):
    """After every test: ledger zero, descriptors and threads as before, nothing odd in the log."""
    yield
    failure = None
    for key, server in list(servers.running.items()):
        try:
            server.census()
        except AssertionError as error:
            failure = error
            del servers.running[key]  # the next test gets a fresh one
            server.end()
    if failure:
        raise failure


@pytest.fixture
def launch():
    """launch(*flags): a server for this test alone, stopped (and checked) at its end."""
    started = []

    def start(*flags, **options):
        server = Server(*flags, **options)
        started.append(server)
        return server

    yield start
    failure = None
    for server in started:
        try:
            if not server.stopped:
                server.census()
                server.stop()
        except AssertionError as error:
            failure = error
        finally:
            if not server.stopped:
                server.end()
    if failure:
        raise failure
