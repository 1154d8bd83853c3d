"""Keeps arrays beyond its calls."""

import zlib

import numpy

from astrolabe_plugin import Field, conversion, empty

KEPT = {}


@conversion(inputs={"x": ""}, outputs={"y": ""})
def keep_input(x, *, key: str):
    "Keeps its input."
    KEPT[key] = x
    return x + 1


@conversion(inputs={"x": "", "z": ""}, outputs={"y": ""})
def keep_view(x, z, *, key: str):
    "Keeps a part of one of two inputs, by a view of a view."
    KEPT[key] = memoryview(x[1:][::2])
    return x + z


@conversion(inputs={"x": ""}, outputs={"y": ""})
def keep_output(x, *, key: str):
    "Keeps what it returns."
    y = empty("y")
    y[...] = x + 1
    KEPT[key] = y
    return y


@conversion(inputs={"x": ""}, outputs={"y": ""})
def keep_out(x, *, key: str, out):
    "Keeps what it was given to write into."
    out[0][...] = x + 1
    KEPT[key] = out[0]


@conversion(inputs={"x": ""}, outputs={"y": ""})
def keep_and_raise(x, *, key: str):
    "Keeps its input and fails."
    KEPT[key] = x
    raise ValueError("kept, and failed")


@conversion(inputs={"x": ""}, outputs={"sum": Field(dtype=int), "size": Field(dtype=int)})
def kept_checksum(x, *, key: str):
    "What is in a kept array now."
    array = numpy.ascontiguousarray(KEPT[key])
    return (numpy.full(numpy.shape(x), zlib.crc32(array.tobytes()), dtype=numpy.int64),
            numpy.full(numpy.shape(x), array.size, dtype=numpy.int64))


@conversion(inputs={"x": ""}, outputs={"n": Field(dtype=int)})
def forget(x, *, key: str):
    "Lets a kept array go."
    KEPT.pop(key, None)
    return numpy.full(numpy.shape(x), len(KEPT), dtype=numpy.int64)


@conversion(inputs={"x": ""}, outputs={"y": ""})
def use_memory(x):
    "Uses the region as everybody does, and keeps nothing."
    return numpy.asarray(x) * 2
