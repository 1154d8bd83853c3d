"""What goes in and what comes back, in every form that is right or wrong."""

import sys
from typing import Literal

import numpy
from astrolabe_plugin import Field, conversion, empty

ONE = dict(inputs={"a": ""}, outputs={"b": ""})
TWO = dict(inputs={"a": ""}, outputs={"b": "", "c": ""})
seen = {}


@conversion(**ONE)
def same(a):
    return a


@conversion(**ONE)
def look(a):
    """What an input is: read-only, aligned, without memory of its own, base, address in ten parts."""
    flags = a.flags
    try:
        flags.writeable = True
    except ValueError:
        pass
    facts = [type(a) is numpy.ndarray, a.ndim, flags.writeable, flags.aligned, flags.owndata, flags.c_contiguous,
             type(a.base).__name__ == "PyCapsule", a.ctypes.data % 64 == 0]
    return numpy.array(facts + [0.0] * (a.size - len(facts)))


@conversion(inputs={"a": "", "b": ""}, outputs={"same_block": ""})
def share(a, b):
    return float(a.base is b.base)


@conversion(**TWO)
def pair(a):
    return a + 1, a * 2


@conversion(**TWO)
def mapping(a):
    return {"c": a * 2, "b": a + 1}


@conversion(**TWO)
def listing(a):
    return [a + 1, a * 2]


@conversion(**TWO)
def into_out(a, *, out):
    numpy.add(a, 1, out=out[0])
    numpy.multiply(a, 2, out=out[1])


@conversion(**TWO)
def half_out(a, *, out):
    out[0][...] = a + 1


@conversion(**TWO)
def return_out(a, *, out):
    out[0][...] = a + 1
    out[1][...] = a * 2
    return out


@conversion(**TWO)
def into_empty(a):
    b, c = empty()
    numpy.add(a, 1, out=b)
    numpy.multiply(a, 2, out=c)
    return b, c


@conversion(**TWO)
def backwards(a):
    """The arrays of the call, exchanged and turned round: copies that overlap."""
    b, c = empty()
    b[...], c[...] = a * 2, a + 1
    return c, b[::-1][::-1]


@conversion(**ONE)
def turned(a, *, out):
    out[0][...] = a
    return out[0][::-1]


@conversion(**ONE)
def as_type(a, *, type: str = "f8", strided: bool = False):
    b = a.astype(type)
    return numpy.repeat(b, 2, axis=-1)[..., ::2] if strided else b


@conversion(**ONE)
def fortran(a):
    return numpy.asfortranarray(a)


@conversion(inputs={"n": Field(dtype=int)}, outputs={"m": Field(dtype=int)})
def whole(n, *, type: str = "i8"):
    return n.astype(type) + numpy.array(1, type)


@conversion(**ONE)
def give(a, *, what: str):
    """Any expression as the result."""
    return eval(what)


@conversion(**TWO)
def give_two(a, *, what: str):
    return eval(what)


@conversion(inputs={"n": Field(dtype=int)}, outputs={"m": Field(dtype=int)})
def give_whole(n, *, what: str):
    return eval(what)


@conversion(inputs={"name": Field(dtype=str), "a": ""}, outputs={"length": Field(dtype=int)})
def texts(name, a):
    assert name.dtype == object and not name.flags.writeable and all(type(t) is str for t in name.flat)
    return numpy.vectorize(len, otypes=[int])(name) if name.ndim else len(name.item())


@conversion(inputs={"p": Field(dtype=bool)}, outputs={"q": Field(dtype=bool)})
def give_flags(p, *, what: str):
    return eval(what)


@conversion(inputs={"p": Field(dtype=bool)}, outputs={"q": Field(dtype=bool), "n": ""})
def flags_out(p, *, out):
    assert [array.dtype.char for array in out] == ["?", "d"] and not out[0].any() and out[0].flags.writeable
    numpy.logical_not(p, out=out[0])
    out[1][...] = p


@conversion(inputs={"p": Field(dtype=bool), "a": ""}, outputs={"q": Field(dtype=bool), "b": ""}, elementwise=True)
def joined_flags(p, a):
    assert p.dtype == bool and p.shape == a.shape and p.flags.owndata and not p.flags.writeable
    return ~p, numpy.where(p, a, -a)


@conversion(inputs={"p": Field(dtype=bool)}, outputs={"q": Field(dtype=bool)}, elementwise=True)
def joined_flags_out(p, *, out):
    numpy.logical_not(p, out=out[0])


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def maybe(a, b=None):
    return a if b is None else a + b


@conversion(**ONE)
def settings(a, *, frame: Literal["icrs", "fk5", "galactic"] = "icrs", factor: float = 2.0, count: int = 3,
             fast: bool = False, note: str = "none"):
    assert (type(frame), type(factor), type(count), type(fast), type(note)) == (str, float, int, bool, str)
    print(frame, factor, count, fast, note)
    return a * factor + count


@conversion(**ONE)
def info(a):
    import _astrolabe_host
    assert _astrolabe_host.call_info() == ("info", _astrolabe_host.request_id(), a.size)
    print(_astrolabe_host.request_id(), _astrolabe_host.output_names())
    return a


@conversion(**ONE, elementwise=True)
def joined(a, *, add: float = 1.0):
    print("rows", a.shape)
    if (a < 0).any():
        raise ValueError("negative")
    return a + add


@conversion(**TWO, elementwise=True)
def joined_out(a, *, out):
    out[0][...] = a + 1
    out[1][...] = a * 2


@conversion(inputs={"name": Field(dtype=str), "a": "", "n": Field(dtype=int)}, outputs={"b": "", "m": Field(dtype=int)},
            elementwise=True)
def joined_kinds(name, a, n):
    assert name.shape == a.shape == n.shape and a.ndim == 1
    return numpy.array([len(t) for t in name]) + a.astype("f4"), n.astype("i4")


@conversion(**ONE, elementwise=True)
def joined_wrong(a):
    return a[:-1] if a.size > 2 else a


@conversion(**ONE)
def environment(a):
    print(sys.path, sys.prefix, sys.executable, sys.flags.isolated, sys.dont_write_bytecode)
    import os
    print({key: value for key, value in os.environ.items() if key.endswith("_NUM_THREADS")})
    return a
