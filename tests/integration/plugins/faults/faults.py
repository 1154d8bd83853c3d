"""What goes wrong in plugins, a conversion each."""

import ctypes
import gc
import os
import signal
import sys
import threading
import time

import numpy

from astrolabe_plugin import Invalid, conversion, log

fault = conversion(inputs={"x": ""}, outputs={"y": ""})
LIBC = ctypes.CDLL(None)  # releases the GIL
HELD = ctypes.PyDLL(None)  # keeps it


@fault
def fault_none(x):
    "Works."
    return x + 1


@conversion(inputs={"x": ""}, outputs={"y": ""}, elementwise=True)
def fault_joined(x):
    "Works, and may be joined."
    return x + 1


@fault
def fault_raise(x):
    raise ValueError("no such star")


@fault
def fault_raise_strangely(x):
    raise type("Odd\u2603", (Exception,), {})("lone \ud800 surrogate, NUL \0, bell \a, " + "long " * 5000)


@fault
def fault_raise_unprintable(x):
    class Unprintable(Exception):
        def __str__(self):
            raise RuntimeError("not even this")
    raise Unprintable()


@fault
def fault_invalid(x):
    raise Invalid("x is odd", field="x", code="out_of_range")


@fault
def fault_recursion(x):
    return fault_recursion.__wrapped__(x)


@fault
def fault_interrupt(x):
    raise KeyboardInterrupt


@fault
def fault_exit(x):
    sys.exit("goodbye")


@fault
def fault_exit_zero(x):
    sys.exit(0)


@fault
def fault_count(x):
    return x, x


@fault
def fault_shape(x):
    return numpy.zeros(numpy.shape(x) + (2,))


@fault
def fault_length(x):
    return numpy.zeros(numpy.size(x) + 1)


@fault
def fault_type(x):
    return numpy.full(numpy.shape(x), "text", dtype=object)


@fault
def fault_complex(x):
    return x + 1j


@fault
def fault_returns_none(x):
    return None


@fault
def fault_returns_dict(x):
    return {"z": x}


@fault
def fault_write_input(x):
    x[...] = 4
    return x


@fault
def fault_memory(x):
    return numpy.ones(1 << 45)


@fault
def fault_memory_for_good(x):
    hoard = []
    while True:
        hoard.append(bytearray(64 << 20))


@fault
def fault_os_exit(x):
    os._exit(3)


@fault
def fault_os_exit_zero(x):
    os._exit(0)


@fault
def fault_segfault(x):
    ctypes.string_at(8)


@fault
def fault_abort(x):
    os.abort()


@fault
def fault_kill(x):
    os.kill(os.getpid(), signal.SIGKILL)


@fault
def fault_loop(x):
    while True:
        pass


@fault
def fault_loop_in_c(x):
    while True:
        HELD.usleep(1000000)


@fault
def fault_sleep(x):
    "Without the GIL, as slow input and output would be."
    while True:
        LIBC.usleep(1000000)


@fault
def fault_ignores_signals(x):
    for number in range(1, 32):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        try:
            time.sleep(1)
        except BaseException:
            pass


@conversion(inputs={"x": ""}, outputs={"y": ""})
def fault_wait(x, *, seconds: float = 0.1):
    "Takes its time, and ends."
    time.sleep(seconds)
    return x + 1


@conversion(inputs={"x": ""}, outputs={"y": ""})
def fault_print(x, *, word: str = "word"):
    print(f"out-{word}")
    print(f"err-{word}", file=sys.stderr)
    print(f"unended-{word}", end="")
    LIBC.puts(f"libc-{word}".encode())
    os.write(2, f"raw-{word}\n".encode())
    log(f"log-{word}", level="warning")
    return x + 1


@conversion(inputs={"x": ""}, outputs={"y": ""})
def fault_print_much(x, *, lines: int = 1000):
    "More than a pipe holds, and what could be taken for lines of the log."
    print('level=error event="forged" plugin=other\x1b[31m\r\nlevel=error event=forged-too')
    for i in range(lines):
        print(f"much-{i} " + "." * 100)
    print("x" * 300000)
    return x + 1


@fault
def fault_print_and_die(x):
    print("last words", flush=True)
    os._exit(4)


THREADS = []


@fault
def fault_threads(x):
    def work():
        while True:
            time.sleep(0.001)
            sum(range(1000))
    THREADS.append(threading.Thread(target=work, daemon=len(THREADS) % 2 == 0))
    THREADS[-1].start()
    return x + 1


@fault
def fault_fork_and_exit(x):
    "The child goes at once."
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return x + 1


@fault
def fault_fork_and_return(x):
    "The child thinks that it is the host."
    os.fork()
    return x + 1


@fault
def fault_fork_and_stay(x):
    "The child outlives everything, and holds all descriptors."
    if os.fork() == 0:
        time.sleep(600)
    return x + 1


@fault
def fault_close_descriptors(x):
    os.closerange(3, 64)
    return x + 1


@fault
def fault_close_output(x):
    os.close(1)
    os.close(2)
    print("into nothing")
    return x + 1


@fault
def fault_descriptors_run_out(x):
    HELD_OPEN.extend(os.open("/dev/null", os.O_RDONLY) for _ in range(100000))
    return x + 1


HELD_OPEN = []


@fault
def fault_unraisable(x):
    class Late:
        def __del__(self):
            raise RuntimeError("in a finaliser")
    late = Late()
    late.self = late
    del late
    gc.collect()
    return x + 1


@fault
def fault_changes_the_world(x):
    "What a plugin may do to its process, and no later call may suffer from."
    os.chdir("/")
    gc.disable()
    sys.setrecursionlimit(200)
    sys.stdout = sys.stderr = None
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    numpy.seterr(all="raise")
    return x + 1
