"""Every way through the host's own code, with as little of NumPy's as possible: see test_balance.py."""

import ctypes
import gc
import sys
from typing import Literal

import numpy
from astrolabe_plugin import Field, Invalid, conversion, empty

ONE = dict(inputs={"a": ""}, outputs={"b": ""})
THREE = dict(inputs={"a": "", "b": "", "c": ""}, outputs={"x": "", "y": "", "z": ""})
SHORT = numpy.zeros(3)
DOUBLES = numpy.zeros(16)
COMPLEX = numpy.zeros(16, complex)
SINGLE = numpy.zeros(16, "f4")
STRIDED = numpy.zeros(32)[::2]
LIST = [0.5] * 16
last = None


@conversion(**THREE)
def three(a, b, c):
    return a, b, c


@conversion(**ONE)
def nothing(a):
    return 1.5


@conversion(**ONE)
def same(a):
    return a


@conversion(inputs={"n": Field(dtype=int)}, outputs={"m": Field(dtype=int)})
def whole(n):
    return 7


@conversion(**THREE)
def mapping(a, b, c):
    return {"x": a, "y": b, "z": c}


@conversion(**ONE)
def listing(a):
    return [a]


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def absent(a, b=None):
    return a


@conversion(**ONE)
def settings(a, *, frame: Literal["icrs", "fk5"] = "icrs", factor: float = 2.0, count: int = 3, fast: bool = False,
             note: str = "none"):
    return a


@conversion(**THREE)
def into_out(a, b, c, *, out):
    pass


@conversion(**THREE)
def return_out(a, b, c, *, out):
    return out


@conversion(**THREE)
def into_empty(a, b, c):
    return empty()


@conversion(**THREE)
def exchanged(a, b, c):
    x, y, z = empty()
    return y, z, x


@conversion(inputs={"name": Field(dtype=str), "other": Field(dtype=str)}, outputs={"b": ""})
def texts(name, other):
    return DOUBLES


FLAGS = dict(inputs={"p": Field(dtype=bool)}, outputs={"q": Field(dtype=bool)})


@conversion(**FLAGS)
def flag(p):
    return True


@conversion(**FLAGS)
def flags_out(p, *, out):
    pass


@conversion(**FLAGS)
def flags(p):
    return p


@conversion(**FLAGS)
def flags_wrong(p):
    return DOUBLES


@conversion(**FLAGS, elementwise=True)
def joined_flags(p):
    return p


@conversion(**ONE)
def info(a):
    import _astrolabe_host
    _astrolabe_host.call_info(), _astrolabe_host.output_names(), _astrolabe_host.request_id()
    return a


@conversion(**ONE, elementwise=True)
def joined(a):
    return a


@conversion(**ONE, elementwise=True)
def joined_out(a, *, out):
    pass


@conversion(inputs={"name": Field(dtype=str), "a": ""}, outputs={"b": ""}, elementwise=True)
def joined_texts(name, a):
    return a


@conversion(**ONE, elementwise=True)
def joined_fails(a):
    raise ValueError("no")


@conversion(**ONE, elementwise=True)
def joined_wrong(a):
    return SHORT


@conversion(**THREE)
def wrong_count(a, b, c):
    return a, b


@conversion(**THREE)
def wrong_dict(a, b, c):
    return {"x": a, "y": b}


@conversion(**ONE)
def wrong_shape(a):
    return SHORT


@conversion(**ONE)
def wrong_type(a):
    return COMPLEX


@conversion(**ONE)
def wrong_object(a):
    return sys


@conversion(**ONE)
def gives_none(a):
    pass


@conversion(inputs={"n": Field(dtype=int)}, outputs={"m": Field(dtype=int)})
def too_large(n):
    return 1 << 70


@conversion(**ONE)
def fails(a):
    raise ValueError("no")


@conversion(**ONE)
def fails_in_a_circle(a):
    error = ValueError("no")
    raise error


@conversion(**ONE)
def fails_twice(a):
    try:
        raise KeyError("first")
    except KeyError as error:
        raise ValueError("second") from error


@conversion(**ONE)
def exits(a):
    sys.exit(3)


@conversion(**ONE)
def refuses(a):
    raise Invalid("no", "a")


@conversion(**ONE)
def keeps(a):
    global last
    last = a
    return a


@conversion(**ONE)
def keeps_out(a, *, out):
    global last
    last = out


# --- with NumPy's own code in the way ---

@conversion(**ONE)
def converts(a):
    return SINGLE


@conversion(**ONE)
def strided(a):
    return STRIDED


@conversion(**ONE)
def from_list(a):
    return LIST


@conversion(**ONE, elementwise=True)
def joined_converts(a):
    return a[::1].astype("f4")


@conversion(**ONE)
def ragged(a):
    return [[1, 2], [3]]


# --- the census ---

def all_references():
    """The references to all objects that can be found: from the collector's lists, and what those refer to."""
    found, waiting, total = {}, gc.get_objects(), 0
    waiting += [None, True, False, (), "", b""]
    while waiting:
        fresh = {id(thing): thing for thing in waiting if id(thing) not in found}
        found.update(fresh)
        waiting = gc.get_referents(*fresh.values())
    del fresh, waiting
    for key in found:
        total += sys.getrefcount(found[key])
    return total


class MallInfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks",
                                                     "fsmblks", "uordblks", "fordblks", "keepcost")]


mallinfo = ctypes.CDLL(None).mallinfo2
mallinfo.restype = MallInfo


@conversion(inputs={"a": ""}, outputs={"references": "", "blocks": "", "counted": "", "malloced": ""})
def census(a):
    """References to all objects that can be found, blocks of memory, references counted (debug builds), bytes from
    malloc (not under sanitizers)."""
    global last
    import _astrolabe_host
    last = None
    gc.collect()
    counted = getattr(_astrolabe_host, "references", float)()
    blocks = sys.getallocatedblocks()
    references = all_references()
    gc.collect()
    info = mallinfo()
    malloced = info.uordblks + info.hblkhd
    return float(references), float(blocks), float(counted), float(malloced)
