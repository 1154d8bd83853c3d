"""The host's own code gives back every reference that it takes, on every way through it.

Two countings, over many calls of each kind. The debug build of Python counts all references; Debian's NumPy, which is
no debug build, gives some back without counting, so that the host leaves out what it hands over, and the kinds that make
NumPy work inside are judged by the other one: the sum of the references of all objects that can be found, and the
blocks of memory in use. That one holds for every build.
"""

import os
import pathlib

import numpy
import pytest

import plugin_layout as layout
from plugin_host import BINARY, PluginHost
from server import SLOW

PLUGINS = pathlib.Path(__file__).parent / "balance"
DEBUG = os.environ.get("ASTROLABE_PLUGIN_HOST_DBG")
CALLS = int(os.environ.get("TEST_BALANCE_CALLS", 20_000 if SLOW == 1 else 2_000))
# Ways that make NumPy work inside: what it does there is not counted.
NUMPY = {"converts", "strided", "from_list", "joined_converts", "ragged", "wrong_type", "wrong_object", "exchanged",
         "flags", "flags_out", "flags_wrong", "joined_flags"}
# Ways that take long: through the package's Python.
LONG = {"wrong_type", "flags_wrong", "ragged", "fails", "fails_in_a_circle", "fails_twice", "exits", "joined_fails"}

A = numpy.arange(16.0)
ONE, THREE = {"a": A}, {"a": A, "b": 1.0, "c": A}
TEXTS = {"name": ["M31", "ζ", ""] + ["x" * 100] * 13, "other": "Sirius"}
SETTINGS = {"frame": "fk5", "factor": 3.0, "count": 123456, "fast": True, "note": "ž" * 50}
KINDS = {  # conversion: (pieces, parameters, status)
    "three": ([THREE], {}, layout.DONE),
    "same": ([ONE], {}, layout.DONE),
    "nothing": ([{"a": 2.5}], {}, layout.DONE),
    "whole": ([{"n": 123456789}], {}, layout.DONE),
    "mapping": ([THREE], {}, layout.DONE),
    "listing": ([ONE], {}, layout.DONE),
    "absent": ([ONE], {}, layout.DONE),
    "settings": ([ONE], SETTINGS, layout.DONE),
    "into_out": ([THREE], {}, layout.DONE),
    "return_out": ([THREE], {}, layout.DONE),
    "into_empty": ([THREE], {}, layout.DONE),
    "texts": ([TEXTS], {}, layout.DONE),
    "flag": ([{"p": True}], {}, layout.DONE),
    "flags": ([{"p": A > 3}], {}, layout.DONE),
    "flags_out": ([{"p": A > 3}], {}, layout.DONE),
    "flags_wrong": ([{"p": A > 3}], {}, layout.FAILED),
    "joined_flags": ([{"p": A > 3}, {"p": True}], {}, layout.DONE),
    "info": ([ONE], {}, layout.DONE),
    "joined": ([ONE, {"a": 1.0}, ONE], {}, layout.DONE),
    "joined_out": ([ONE, {"a": 1.0}, ONE], {}, layout.DONE),
    "joined_texts": ([{"name": ["M31", "x"], "a": A[:2]}, {"name": "Sirius", "a": 1.0}], {}, layout.DONE),
    "joined_fails": ([ONE, ONE], {}, layout.FAILED),
    "joined_wrong": ([ONE, ONE], {}, layout.FAILED),
    "wrong_count": ([THREE], {}, layout.FAILED),
    "wrong_dict": ([THREE], {}, layout.FAILED),
    "wrong_shape": ([ONE], {}, layout.FAILED),
    "wrong_type": ([ONE], {}, layout.FAILED),
    "wrong_object": ([ONE], {}, layout.FAILED),
    "gives_none": ([ONE], {}, layout.FAILED),
    "too_large": ([{"n": 1}], {}, layout.FAILED),
    "fails": ([ONE], {}, layout.FAILED),
    "fails_in_a_circle": ([ONE], {}, layout.FAILED),
    "fails_twice": ([ONE], {}, layout.FAILED),
    "exits": ([ONE], {}, layout.FAILED),
    "refuses": ([ONE], {}, layout.FAILED),
    "keeps": ([ONE], {}, layout.DONE),
    "keeps_out": ([ONE], {}, layout.DONE),
    "exchanged": ([THREE], {}, layout.DONE),
    "converts": ([ONE], {}, layout.DONE),
    "strided": ([ONE], {}, layout.DONE),
    "from_list": ([ONE], {}, layout.DONE),
    "joined_converts": ([ONE, {"a": 1.0}], {}, layout.DONE),
    "ragged": ([ONE], {}, layout.FAILED),
    "bad_text": ([{"name": b"\xff", "other": "x"}], {}, layout.FAILED),
}


class Treadmill:
    """The same calls over and over, sixteen at once: the entries of the ring stay as they are."""

    def __init__(self, host, name, pieces, parameters):
        self.host = host
        self.calls = [host.prepare(name, pieces, parameters) for _ in range(layout.CALLS)]
        for n, call in enumerate(self.calls):
            call.frame.call = call.id = n + 1

    def run(self, n):
        host, calls = self.host, self.host.channel.calls
        for n_call, call in enumerate(self.calls):
            entry = calls.entries[(calls.tail + n_call) % layout.CALLS]
            entry.call, entry.frame = call.id, call.offset
        for _ in range(-(-n // layout.CALLS)):
            calls.tail += layout.CALLS
            if host.channel.host_asleep:
                host.channel.host_asleep = 0
                os.eventfd_write(host.wake, 1)
            host.wait_done(self.calls[-1])
            host.done.clear()
            host.channel.releases.head = host.channel.releases.tail

    def statuses(self):
        return {piece.status for call in self.calls for piece in call.pieces}

    def release(self):
        for call in self.calls:
            for block in [block for piece in call.pieces for block in piece.blocks]:
                block.retained = 0
            call.release()


def census(host):
    """References found, blocks, references counted, bytes from malloc."""
    call = host.prepare("census", [{"a": 0.0}])
    host.submit(call)
    host.wait_done(call)
    outputs = call.answers()[0].outputs
    call.release()
    host.channel.releases.head = host.channel.releases.tail  # what the treadmill's calls had kept
    return [int(outputs[name]) for name in ("references", "blocks", "counted", "malloced")]


@pytest.fixture(scope="module", params=["dbg", "release"])
def host(request):
    if request.param == "dbg" and not DEBUG:
        pytest.skip("there is no debug build of Python")
    binary = DEBUG if request.param == "dbg" else BINARY
    with PluginHost(PLUGINS, binary=binary, ledger={"sample_calls": 1 << 30}) as host:
        assert not host.of_type("failed"), host.of_type("failed")
        host.counts = request.param == "dbg"
        host.conversions["bad_text"] = host.conversions["texts"]
        for _ in range(3):
            census(host)
        yield host
        assert host.drain() == layout.EXIT_DRAINED


@pytest.mark.parametrize("name", KINDS)
def test_balance(host, name):
    pieces, parameters, status = KINDS[name]
    n = CALLS // 10 if name in LONG else CALLS if host.counts else CALLS // 4
    treadmill = Treadmill(host, name, pieces, parameters)
    treadmill.run(2000)
    assert treadmill.statuses() == {status}, treadmill.calls[0].answers()
    census(host)
    before = census(host)
    treadmill.run(n)
    after = census(host)
    references, blocks, counted, malloced = (b - a for a, b in zip(before, after))
    treadmill.release()
    print(name, n, references, blocks, counted, malloced)
    # What was kept for good was kept once, not by each call: a line of a traceback, a dictionary that has grown.
    most = max(64, n // 500)
    assert abs(references) <= most and abs(blocks) <= most
    assert malloced < n  # not a byte per call
    if host.counts and name not in NUMPY:
        assert counted == 0
