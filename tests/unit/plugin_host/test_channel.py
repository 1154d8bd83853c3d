"""The rings, waking and sleeping, control messages, output: what astrolabed relies on, and lies."""

import ctypes
import os
import select
import time

import numpy
import pytest

import plugin_layout as layout
from server import wait_until

ARRAY = numpy.arange(5.0)


# --- rings ---

def test_calls_are_served_in_order(host):
    calls = [host.prepare("same", [{"a": ARRAY + n}]) for n in range(layout.CALLS)]
    for call in calls:
        host.submit(call)
    wait_until(lambda: host._take_done() is not None and len(host.done) == len(calls), "not all are done")
    assert host.done == [call.id for call in calls]
    for n, call in enumerate(calls):
        host.wait_done(call)
        assert call.answers()[0].outputs["b"].tolist() == (ARRAY + n).tolist()
        assert call.frame.busy_ns > 0
        call.release()


def test_each_loop_hears_of_its_own(launch):
    host = launch(None, loops=3)
    for loop in (2, 0, 1, 2):
        assert host.call("same", {"a": ARRAY}, loop=loop).status == layout.DONE
        assert all(host.channel.loops[other].done.tail == host.channel.loops[other].done.head for other in range(3))
    assert host.drain() == layout.EXIT_DRAINED


def test_only_a_sleeper_is_woken(host):
    loop = host.channel.loops[0]
    for asleep in (0, 1, 1, 0):
        loop.asleep = asleep
        call = host.prepare("same", [{"a": ARRAY}])
        host.submit(call)
        wait_until(lambda: loop.done.tail != loop.done.head, "no completion")
        wait_until(lambda: host.channel.host_asleep, "it does not go to sleep")
        assert loop.asleep == 0
        woken, _, _ = select.select([host.loops[0]], [], [], 0)
        assert bool(woken) == bool(asleep)
        if woken:
            assert os.eventfd_read(host.loops[0]) == 1
        host.wait_done(call)
        call.release()


def test_an_idle_host_uses_no_processor(host):
    wait_until(lambda: host.channel.host_asleep, "it does not go to sleep")
    before = open(f"/proc/{host.pid}/schedstat").read().split()[2]
    time.sleep(0.2)
    assert open(f"/proc/{host.pid}/schedstat").read().split()[2] == before


def test_spurious_wakes(host):
    for _ in range(20):
        os.eventfd_write(host.wake, 5)
        assert host.call("same", {"a": ARRAY}).status == layout.DONE


def test_the_call_at_work_is_seen(host):
    call = host.prepare("run", [{"a": ARRAY}], {"code": "import os\nos.read(0, 1)\nimport time\ntime.sleep(0.05)"})
    host.submit(call)
    wait_until(lambda: host.channel.running == call.id, "it is not seen")
    host.wait_done(call)
    assert host.channel.running == 0
    call.release()


# --- control ---

def test_control_is_heard_under_load(host):
    """A host that is never idle hears of `sample` all the same."""
    calls = [host.prepare("same", [{"a": ARRAY}]) for _ in range(layout.CALLS)]
    for call in calls:
        host.submit(call)
    before = len(host.messages)
    host.send({"type": "sample"})
    end = time.monotonic() + 20
    while not any(message["type"] == "ledger" for message in host.messages[before:]):
        host._take_done()
        for call in calls:
            if call.id in host.done:
                host.done.remove(call.id)
                host.submit(call)
        host._take_messages()
        assert time.monotonic() < end
    for call in calls:
        host.wait_done(call)
        call.release()


def test_ledger_message(host):
    host.call("same", {"a": ARRAY})
    before = len(host.messages)
    host.send({"type": "sample", "unknown": [1, 2]})
    message = host.wait_message("ledger", before)
    assert message["rss"] > 0 and {plugin["name"] for plugin in message["plugins"]} == {"shapes", "faults"}


def test_trace(host):
    for order, words in (({"plugin": "nobody", "action": "start"}, "no plugin of that name"), ({}, "no plugin of that name")):
        before = len(host.messages)
        host.send(dict({"type": "trace", "token": 7}, **order))
        answer = host.wait_message("traced", before)
        assert answer["token"] == 7 and words in answer["error"]
    before = len(host.messages)
    host.send({"type": "trace", "plugin": "shapes", "action": "start", "frames": 4, "token": 8})
    assert host.wait_message("traced", before) == {"type": "traced", "token": 8, "plugin": "shapes", "report": {}}
    host.call("same", {"a": ARRAY})
    before = len(host.messages)
    host.send({"type": "trace", "plugin": "shapes", "action": "stop", "token": 9})
    answer = host.wait_message("traced", before)
    assert answer["token"] == 9 and answer["plugin"] == "shapes" and answer["report"]


def test_drain_finishes_what_is_in_the_ring(launch):
    host = launch(None)
    calls = [host.prepare("pair", [{"a": ARRAY}]) for _ in range(10)]
    blocker = host.prepare("run", [{"a": ARRAY}], {"code": "import time\ntime.sleep(0.1)"})
    host.submit(blocker)
    for call in calls:
        host.submit(call)
    assert host.drain() == layout.EXIT_DRAINED
    for call in [blocker, *calls]:
        host.wait_done(call)
        assert call.answers()[0].status == layout.DONE


@pytest.mark.parametrize("message", [b"not JSON", b"{}", b"[]", b'{"type": "nonsense"}', b'{"type": 5}',
                                     b'{"type": "hello", "type": "drain"}'])
def test_control_messages_that_make_no_sense(launch, message):
    host = launch(None)
    host.send(message)
    assert host.wait() == layout.EXIT_CHANNEL


@pytest.mark.parametrize("hello", [{"version": 2}, {"version": None}, {"hello_directory": None}, {"type": "drain"}])
def test_hellos_that_make_no_sense(launch, hello):
    assert launch(None, ready=False, **hello).wait() == layout.EXIT_CHANNEL


# --- frames that lie ---

def set_piece(name, value):
    return lambda call: setattr(call.pieces[0], name, value)


def set_frame(name, value):
    return lambda call: setattr(call.frame, name, value)


def set_input(name, value):
    return lambda call: setattr(call.pieces[0].inputs[0], name, value)


def set_output(name, value):
    return lambda call: setattr(call.pieces[0].outputs[0], name, value)


def set_block(index, name, value):
    return lambda call: setattr(call.pieces[0].blocks[index], name, value)


def set_shape(*shape):
    def change(call):
        call.pieces[0].rank = len(shape)
        for i, length in enumerate(shape):
            call.pieces[0].shape[i] = length
    return change


@pytest.mark.parametrize("lie", [
    set_frame("call", 12345), set_frame("conversion", 9999), set_frame("n_pieces", 0), set_frame("n_pieces", 2),
    set_frame("n_pieces", 1 << 31), set_frame("n_values", 1000), set_frame("values_offset", 1 << 31),
    set_frame("pieces_offset", 4), set_frame("pieces_offset", 0xfffffff8), set_frame("bytes", 100),
    set_frame("bytes", 0xffffffff), set_piece("rank", 33), set_piece("count", 6), set_piece("rank", 0),
    set_shape(1 << 32, 1 << 32), set_shape(1 << 63, 2), set_shape((1 << 64) - 5), set_shape(0, 1 << 63),
    set_input("block", 4), set_input("block", 1), set_input("offset", 0), set_input("offset", 1 << 63),
    set_input("offset", (1 << 64) - 8), set_input("type", 1), set_input("type", 77), set_output("offset", 0),
    set_output("offset", (1 << 64) - 8), set_output("type", 2), set_block(0, "offset", 0), set_block(0, "bytes", 39),
    set_block(0, "offset", (1 << 64) - 64), set_block(0, "bytes", 1 << 40), set_block(3, "bytes", 0),
])
def test_frames_that_make_no_sense(launch, lie):
    host = launch(None)
    call = host.prepare("same", [{"a": ARRAY}])
    call.frame.call = call.id = 1
    lie(call)
    host.submit_raw(1, call.offset)
    assert host.wait() == layout.EXIT_CHANNEL, host.tail()
    assert "makes no sense" in host.output() or "there is none like that" in host.output()


@pytest.mark.parametrize("offset", [0, 8, 1 << 63, (64 << 20) - 8, 64 << 20, layout.CHANNEL_BYTES + 4])
def test_frames_that_are_nowhere(launch, offset):
    host = launch(None)
    host.submit_raw(1, offset)
    assert host.wait() == layout.EXIT_CHANNEL


@pytest.mark.parametrize("lie", [
    lambda slot, value: setattr(slot, "length", 1 << 40), lambda slot, value: setattr(slot, "offset", 8),
    lambda slot, value: setattr(slot, "offset", (1 << 64) - 1), lambda slot, value: setattr(value, "text_length", 1 << 31),
    lambda slot, value: setattr(value, "text_offset", 0xfffffff0), lambda slot, value: setattr(value, "parameter", 1)])
def test_texts_that_lie(launch, lie):
    host = launch("from astrolabe_plugin import conversion, Field\n"
                  "@conversion(inputs={'name': Field(dtype=str)}, outputs={'b': ''})\n"
                  "def f(name, *, word: str = ''):\n    return 1.0\n")
    call = host.prepare("f", [{"name": ["M31", "M33"]}], {"word": "abc"})
    slot = layout.Text.from_buffer(host.region.map, call.pieces[0].inputs[0].offset + 16)
    value = layout.Value.from_buffer(host.region.map, call.offset + call.frame.values_offset)
    lie(slot, value)
    host.submit(call)
    assert host.wait() == layout.EXIT_CHANNEL


def test_choices_that_lie(launch):
    host = launch(None)
    call = host.prepare("settings", [{"a": ARRAY}], {"frame": "icrs"})
    layout.Value.from_buffer(host.region.map, call.offset + call.frame.values_offset).choice = 3
    host.submit(call)
    assert host.wait() == layout.EXIT_CHANNEL


@pytest.mark.parametrize("loop", [1, 63, 255])
def test_loops_that_are_not_there(launch, loop):
    host = launch(None)
    host.submit(host.prepare("same", [{"a": ARRAY}]), loop)
    assert host.wait() == layout.EXIT_CHANNEL


def test_a_ring_that_lies(launch):
    host = launch(None)
    host.channel.calls.tail = 100
    os.eventfd_write(host.wake, 1)
    assert host.wait() == layout.EXIT_CHANNEL


@pytest.mark.parametrize("name, value", [("version", 2), ("n_loops", 0), ("n_loops", 65), ("region_bytes", 1)])
def test_a_head_that_lies(launch, monkeypatch, name, value):
    import plugin_host
    make = plugin_host.Region.__init__

    def lying(self, size, n_loops):
        make(self, size, n_loops)
        setattr(self.channel, name, value)

    monkeypatch.setattr(plugin_host.Region, "__init__", lying)
    monkeypatch.setattr(plugin_host.PluginHost, "send", lambda self, message: None)
    assert launch(None, ready=False).wait() == layout.EXIT_CHANNEL


def test_a_text_that_is_not_terminated(host):
    call = host.prepare("info", [{"a": ARRAY}])
    ctypes.memset(ctypes.addressof(call.pieces[0]) + layout.Piece.request_id.offset, ord("x"), 64)
    host.submit(call)
    host.wait_done(call)
    assert call.answers()[0].status == layout.DONE and "x" * 63 + " " in host.printed[1].decode()
    call.release()


# --- output ---

@pytest.mark.parametrize("code", ["print('from Python')", "import os\nos.write(1, b'from Python\\n')",
                                  "import ctypes\nctypes.CDLL(None).puts(b'from Python')",
                                  "import ctypes\nlib = ctypes.CDLL(None)\nlib.printf(b'from Python')\nlib.printf(b'\\n')",
                                  "import subprocess\nsubprocess.run(['echo', 'from Python'])",
                                  "import sys\nprint('from Python', file=sys.stderr)"])
def test_output_is_read_before_the_answer(host, code):
    """Whoever reads the pipes at once has taken all of a call's output when he hears of its completion."""
    for _ in range(5):
        before = [len(host.printed[number]) for number in (1, 2)]
        host.call("run", {"a": ARRAY}, code=code)
        assert host.unread() == 0
        wait_until(lambda: b"from Python\n" in (host.printed[1][before[0]:], host.printed[2][before[1]:]),
                   "what was printed is missing")


def test_a_completion_waits_for_its_output_to_be_read(launch):
    host = launch(None)
    host.call("run", {"a": ARRAY}, code="pass")
    host.reading.clear()
    begin = time.monotonic()
    host.call("run", {"a": ARRAY}, code="print('x')")
    assert time.monotonic() - begin >= 0.005  # in vain
    host.reading.set()


def test_output_that_nobody_reads_does_not_hold_calls_up(host):
    """The pipe is not read: each call waits a little, and not for ever; a thread that prints slows nobody down."""
    host.reading.clear()
    try:
        begin = time.monotonic()
        for _ in range(300):
            assert host.call("run", {"a": ARRAY}, code="print('x')").status == layout.DONE
        assert host.printed[1].count(b"x\n") < 300
    finally:
        host.reading.set()
    assert time.monotonic() - begin < 20
    wait_until(lambda: host.printed[1].endswith(b"x\n" * 300), "the rest is not read")
