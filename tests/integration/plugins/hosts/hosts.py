"""What tells hosts and calls apart."""

import os
import pathlib
import time

import numpy

from astrolabe_plugin import Field, Invalid, conversion

CALLS = {"n": 0}


@conversion(inputs={"x": ""}, outputs={"y": ""})
def quick(x):
    return x + 1


@conversion(inputs={"x": ""}, outputs={"y": ""})
def slow(x, *, seconds: float = 0.2):
    time.sleep(seconds)
    return x + 1


@conversion(inputs={"x": ""}, outputs={"y": ""})
def until(x, *, path: str):
    "Until a file is there; says that it has begun by another one."
    pathlib.Path(path + ".begun").touch()
    while not os.path.exists(path):
        time.sleep(0.002)
    return x + 1


@conversion(inputs={"x": ""}, outputs={"pid": Field(dtype=int)})
def pid(x):
    return numpy.full(numpy.shape(x), os.getpid(), dtype=numpy.int64)


@conversion(inputs={"x": ""}, outputs={"y": "", "rows": "", "calls": ""}, elementwise=True, max_rows=64)
def joined(x, *, offset: float = 0.0):
    "Says how many rows it was called with."
    CALLS["n"] += 1
    if numpy.any(x == 1013.0):
        raise ValueError("thirteen")
    if numpy.any(x == 1014.0):
        raise Invalid("fourteen", field="x", code="out_of_range")
    if numpy.any(x == 1015.0):
        os._exit(9)
    time.sleep(0.002)
    rows = float(numpy.size(x))
    return x + offset, numpy.full(numpy.shape(x), rows), numpy.full(numpy.shape(x), float(CALLS["n"]))


@conversion(inputs={"x": ""}, outputs={"y": ""})
def dies(x):
    os._exit(1)
