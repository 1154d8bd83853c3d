"""Columns of text, in."""

import time

import numpy

from astrolabe_plugin import Field, Invalid, conversion


@conversion(inputs={"text": "", "x": ""}, outputs={"length": Field(dtype=int), "y": ""})
def col_lengths(text: str, x=None):
    """How long texts are, in characters."""
    assert text.dtype == object and not text.flags.writeable and all(type(each) is str for each in text.flat)
    length = numpy.array([len(each) for each in text.flat]).reshape(text.shape)
    return length, length * 0.0 if x is None else length + x


@conversion(inputs={"text": Field(dtype=str), "n": Field(dtype=int), "flag": Field(dtype=bool)},
            outputs={"sum": Field(dtype=int)}, elementwise=True)
def col_codes(text, n, flag):
    """The sum of a text's characters; joined with others."""
    time.sleep(0.002)  # so that others wait, and are joined
    if (text == "bad").any():
        raise Invalid("bad is no text", "text")
    return numpy.array([sum(map(ord, each)) for each in text.flat], int).reshape(text.shape) * flag + n


@conversion(inputs={"a": "", "b": ""}, outputs={"equal": Field(dtype=bool)})
def col_equal(a: str, b: str, *, c: str = ""):
    return numpy.array(a + c == b, bool)


@conversion(inputs={"text": Field(dtype=str)}, outputs={"y": ""})
def col_dies(text):
    import os
    os._exit(3)
