"""Plugins that harm their host: what it survives, and that it ends cleanly where it does not."""

import os
import pathlib
import select
import signal
import socket

import numpy
import pytest

import plugin_layout as layout
from plugin_host import HostDied
from server import wait_until

# A sanitizer reports crashes in the place of Python's own handler, and maps more than any limit allows.
not_sanitized = pytest.mark.skipif("TEST_SANITIZED" in os.environ, reason="crashes and memory are the sanitizer's")
ARRAY = numpy.arange(5.0)
RUN = """
from astrolabe_plugin import conversion
@conversion(inputs={"a": ""}, outputs={"b": ""})
def run(a, *, code: str):
    exec(code, globals(), {"a": a})
    return a
"""


def children(pid):
    return [int(child) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()]


def good(answer):
    assert answer.status == layout.DONE, answer
    return answer


def dies(host, code, **options):
    with pytest.raises(HostDied):
        host.call("run", {"a": ARRAY}, code=code, **options)
    return host.wait()


# --- what it survives ---

@pytest.mark.parametrize("how", ["exit", "return", "raise", "drop"])
def test_forks(host, how):
    before = len(host.printed[1])
    good(host.call("fork", {"a": ARRAY}, how=how))
    status = 1 if how == "raise" else 0
    assert host.printed[1][before:].decode() == f"child ended with {status}\n"
    assert good(host.call("same", {"a": ARRAY})).outputs["b"].tolist() == ARRAY.tolist()
    host.take_releases()
    assert not host.retained and not host.done and not children(host.pid)


def test_a_forked_child_dies_with_the_host(launch):
    host = launch(RUN)
    good(host.call("run", {"a": ARRAY}, code="import os, time\nif os.fork() == 0:\n    time.sleep(1000)"))
    child, = children(host.pid)

    def link(fd):
        try:
            return os.readlink(f"/proc/{child}/fd/{fd}")
        except FileNotFoundError:  # closed since it was listed
            return ""

    def links():
        return " ".join(map(link, os.listdir(f"/proc/{child}/fd")))

    wait_until(lambda: not any(word in links() for word in ("socket", "eventfd", "memfd")), links)
    host.kill()
    wait_until(lambda: not os.path.exists(f"/proc/{child}") or
               pathlib.Path(f"/proc/{child}/stat").read_text().split()[2] == "Z", "the child lives on")


def test_programs_that_a_plugin_starts_inherit_nothing(launch):
    host = launch(RUN)
    good(host.call("run", {"a": ARRAY}, code="import subprocess\nsubprocess.run(['ls', '-l', '/proc/self/fd'], close_fds=False)"))
    printed = host.printed[1].decode()
    assert "pipe" in printed and not any(word in printed for word in ("socket", "eventfd", "memfd"))
    good(host.call("run", {"a": ARRAY}, code="print(open('/proc/self/status').read())"))
    assert "NoNewPrivs:\t1" in host.printed[1].decode()
    good(host.call("run", {"a": ARRAY}, code="import subprocess\nsubprocess.run(['cat', '/proc/self/status'])"))
    ignored, = {line for line in host.printed[1].decode().splitlines()[-60:] if line.startswith("SigIgn")}
    assert int(ignored.split()[1], 16) & (1 << signal.SIGINT - 1 | 1 << signal.SIGTERM - 1) == 0


def test_signals_of_the_group(host):
    good(host.call("signalled", {"a": ARRAY}))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(host.pid, number)
    for name in ("same", "pair"):
        good(host.call(name, {"a": ARRAY}))


def test_threads_left_running(launch):
    host = launch(None)
    for _ in range(3):
        good(host.call("thread", {"a": ARRAY}))
    for _ in range(10):
        good(host.call("pair", {"a": ARRAY}))
    assert host.drain() == layout.EXIT_DRAINED


@pytest.mark.parametrize("code", ["import sys\nsys.stdout.close()\nsys.stderr.close()", "import sys\nsys.stdout = sys.stderr = None", "import os\nos.dup2(0, 1)\nos.dup2(0, 2)"])
def test_outputs_closed(launch, code):
    host = launch(RUN)
    good(host.call("run", {"a": ARRAY}, code=code))
    for _ in range(3):
        assert host.call("run", {"a": ARRAY}, code="print('x')").status in (layout.DONE, layout.FAILED)
    assert host.drain() == layout.EXIT_DRAINED


@pytest.mark.parametrize("code", ["import os\nos.close(1)\nos.close(2)", "import os\nos.close(1)", "import os\nos.close(2)"])
def test_output_descriptors_closed(launch, code):
    """What others print would be lost: the host ends, and another takes its place."""
    host = launch(RUN)
    with pytest.raises(HostDied):
        host.call("run", {"a": ARRAY}, code=code)
        for _ in range(100):
            host.call("run", {"a": ARRAY}, code="import time\ntime.sleep(0.01)")
    assert host.wait() == layout.EXIT_CHANNEL


@pytest.mark.parametrize("code", [
    "import signal\nsignal.signal(signal.SIGALRM, lambda *_: 1/0)\nsignal.setitimer(signal.ITIMER_REAL, 0.01)",
    "import gc\ngc.disable()", "import sys\nsys.setrecursionlimit(50)", "import sys\nsys.path.clear()",
    "import builtins\nbuiltins.tuple = builtins.len = None", "import os\nos.chdir('/')\nos.environ.clear()",
    "import sys\nsys.modules.clear()", "import locale\nlocale.setlocale(locale.LC_ALL, '')",
    "import warnings\nwarnings.simplefilter('error')", "import sys\nsys.settrace(lambda *a: 1/0)",
    "import numpy\nnumpy.seterr(all='raise')", "import astrolabe_plugin\nastrolabe_plugin._loader.format_exception = None"])
def test_vandals(launch, code):
    """Whatever is done to the interpreter: each call has its answer, and the host ends when it is told to."""
    host = launch(RUN)
    for order in (code, "pass", "raise ValueError('x')", "len(a) + 1"):
        answer = host.call("run", {"a": ARRAY}, code=order)
        assert answer.status in (layout.DONE, layout.FAILED)
        assert answer.status == layout.DONE or answer.text
    assert host.drain() == layout.EXIT_DRAINED


# --- where it ends ---

@not_sanitized
@pytest.mark.parametrize("code, status", [
    ("import os\nos._exit(7)", 7), ("import os\nos.abort()", -signal.SIGABRT),
    ("import ctypes\nctypes.string_at(0)", -signal.SIGSEGV), ("import os\nos.kill(os.getpid(), 9)", -signal.SIGKILL)])
def test_deaths(launch, code, status):
    host = launch(RUN)
    good(host.call("run", {"a": ARRAY}, code="pass"))
    assert dies(host, code) == status
    assert host.channel.running != 0  # who looks in sees which call it was
    if status in (-signal.SIGABRT, -signal.SIGSEGV):
        assert "Fatal Python error" in host.output() and "plugin.py" in host.output()


def test_what_was_printed_before_a_death_is_seen(launch):
    host = launch(RUN)
    dies(host, "import os\nprint('last words', end='')\nos._exit(1)")
    assert host.printed[1] == b"last words"


@pytest.mark.parametrize("code", ["import os\nos.closerange(3, 100)", "import os\nos.close(3)", "import os\nos.close(5)",
                                  "import os\nos.close(6)", "import os\nos.dup2(0, 3)",
                                  "import os\nos.dup2(os.open('/dev/zero', os.O_RDONLY), 5)"])
def test_descriptors_closed(launch, code):
    """The host cannot go on, and says why. What was complete is complete."""
    host = launch(RUN)
    host.channel.loops[0].asleep = 1
    call = host.prepare("run", [{"a": ARRAY}], {"code": code})
    host.submit(call)
    assert host.wait() == layout.EXIT_CHANNEL, host.tail()
    assert "astrolabe-plugin-host: " in host.output()


def test_a_file_in_the_place_of_a_descriptor_is_not_written_to(launch, tmp_path):
    host = launch(RUN)
    host.channel.loops[0].asleep = 1
    target = tmp_path / "file"
    call = host.prepare("run", [{"a": ARRAY}], {"code": f"import os\nos.dup2(os.open({str(target)!r}, os.O_RDWR|os.O_CREAT), 6)"})
    host.submit(call)
    assert host.wait() == layout.EXIT_CHANNEL and target.read_bytes() == b""


def test_an_orphan_ends(launch):
    host = launch(RUN)
    host.control.shutdown(socket.SHUT_RDWR)
    assert host.wait() == layout.EXIT_ORPHAN


def test_an_orphan_ends_before_it_has_begun(launch):
    host = launch(RUN, ready=False)
    host.control.shutdown(socket.SHUT_RDWR)
    assert host.wait() in (layout.EXIT_ORPHAN, layout.EXIT_CHANNEL)


def test_death_of_the_parent(launch, tmp_path):
    """The kernel ends the host when who started it has been killed, even while it is at work."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "plugin.py").write_text(RUN)
    reader, writer = os.pipe()
    starter = os.fork()
    if starter == 0:
        try:
            from plugin_host import PluginHost
            host = PluginHost(folder)
            host.submit(host.prepare("run", [{"a": ARRAY}], {"code": "while True: pass"}))
            wait_until(lambda: host.channel.running, "it does not run")
            os.write(writer, str(host.pid).encode())
            signal.pause()
        finally:
            os._exit(1)
    pid = int(os.read(reader, 100))
    pidfd = os.pidfd_open(pid)
    os.kill(starter, signal.SIGKILL)
    os.waitpid(starter, 0)
    assert select.select([pidfd], [], [], 20)[0], "the host lives on"
    for fd in (pidfd, reader, writer):
        os.close(fd)


# --- limits ---

def test_an_endless_loop_ends(launch):
    host = launch(RUN, options=["--max-cpu", "1"])
    good(host.call("run", {"a": ARRAY}, code="pass"))
    assert dies(host, "while True: pass", patience=60) == -signal.SIGXCPU


def test_processor_time_is_per_call(launch):
    host = launch(RUN, options=["--max-cpu", "2"])
    for _ in range(8):
        good(host.call("run", {"a": ARRAY}, code="import time\nend = time.process_time() + 0.6\nwhile time.process_time() < end: pass"))


@not_sanitized
def test_memory(launch):
    host = launch(RUN, options=["--max-data", str(400 << 20)])
    answer = host.call("run", {"a": ARRAY}, code="b'x' * (500 << 20)")
    assert answer.status == layout.FAILED and "MemoryError" in answer.text
    answer = host.call("run", {"a": ARRAY}, code="x = []\nwhile True: x.append('y' * 100)")
    assert answer.status == layout.FAILED and "MemoryError" in answer.text
    good(host.call("run", {"a": ARRAY}, code="pass"))


def test_descriptors(launch):
    host = launch(RUN, options=["--max-descriptors", "40"])
    answer = host.call("run", {"a": ARRAY}, code="global files\nfiles = [open('/dev/null') for _ in range(100)]")
    assert answer.status == layout.FAILED and "Too many open files" in answer.text
    good(host.call("run", {"a": ARRAY}, code="pass"))
    good(host.call("run", {"a": ARRAY}, code="import resource\nassert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)"))
