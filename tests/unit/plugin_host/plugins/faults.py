"""Plugins that misbehave."""

import ctypes
import os
import signal
import sys
import threading
import time

import numpy
from astrolabe_plugin import Invalid, conversion

ONE = dict(inputs={"a": ""}, outputs={"b": ""})
kept = []


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no text")


class Odd(BaseException):
    pass


def recurse():
    return recurse()


@conversion(**ONE)
def fail(a, *, how: str):
    if how == "recursion":
        return recurse()
    if how == "memory":
        return numpy.empty(1 << 50)
    if how == "exit":
        sys.exit(3)
    raise eval(how)


@conversion(**ONE)
def refuse(a, *, text: str = "dec[3] = 91.2 is outside [-90, 90]", field: str = "", code: str = "bad_parameter"):
    error = Invalid(text, field or None)
    error.code = code
    raise error


@conversion(**ONE)
def chained(a):
    try:
        raise KeyError("first")
    except KeyError as error:
        raise ValueError("second") from error


@conversion(**ONE)
def run(a, *, code: str):
    """Any statements."""
    exec(code, globals(), {"a": a})
    return a


@conversion(**ONE)
def keep(a):
    kept.append(a)
    return a


@conversion(**ONE)
def keep_out(a, *, out):
    kept.append(out[0])
    out[0][...] = a


@conversion(**ONE)
def keep_and_drop(a, *, out):
    """Kept in a thread's hands beyond the end of the call."""
    event = threading.Event()

    def hold(array):
        event.set()
        time.sleep(0.05)

    threading.Thread(target=hold, args=(a,), daemon=True).start()
    event.wait()
    return a + 0


@conversion(**ONE)
def keep_for_a_moment(a):
    """Dropped by a thread as soon as the host lets it run."""
    kept.append(a)
    print("something that takes a while to be read")
    threading.Timer(0.001, kept.clear).start()
    return a + 0


@conversion(**ONE)
def drop(a, *, count: int = 1 << 30):
    del kept[:count]
    return float(len(kept)) if not a.ndim else a


@conversion(**ONE)
def fork(a, *, how: str):
    child = os.fork()
    if child == 0:
        if how == "exit":
            os._exit(0)
        if how == "raise":
            raise ValueError("child")
        if how == "drop":
            kept.clear()
        return a  # runs out of its function
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print("child ended with", status)
    return a


@conversion(**ONE)
def thread(a):
    def spin():
        while True:
            sum(range(1000))

    threading.Thread(target=spin, daemon=True).start()
    return a


@conversion(**ONE)
def crash(a):
    ctypes.string_at(0)
    return a


@conversion(**ONE)
def signalled(a):
    """Signals that a terminal sends to a group of processes."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(os.getpid(), number)
    return a


@conversion(**ONE)
def foreign_thread(a):
    """Another thread asks for the results of this call."""
    import _astrolabe_host
    found = []

    def ask():
        try:
            _astrolabe_host.outputs()
        except RuntimeError as error:
            found.append(str(error))

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join()
    print(found)
    return a
