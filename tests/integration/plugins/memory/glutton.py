"""Leaks a megabyte a call."""

import os

import numpy

from astrolabe_plugin import Field, conversion

HOARD = []


@conversion(inputs={"x": ""}, outputs={"y": ""})
def leak_megabyte(x):
    HOARD.append(bytearray(os.urandom(1024)) * 1024)
    return x + 1


@conversion(inputs={"x": ""}, outputs={"pid": Field(dtype=int)})
def which_host(x):
    return numpy.full(numpy.shape(x), os.getpid(), dtype=numpy.int64)
