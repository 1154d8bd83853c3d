"""Columns of booleans, in and out."""

import numpy
from numpy.typing import NDArray

from astrolabe_plugin import Field, conversion


@conversion(inputs={"flag": "", "other": Field(default_doc="true")}, outputs={"both": Field(dtype=bool), "n": ""})
def col_and(flag: bool, other: NDArray[numpy.bool_] = None):
    """Both of two booleans.

    Args:
        flag: the first
        other: the second
    """
    assert flag.dtype == bool and not flag.flags.writeable and (other is None or other.dtype == bool)
    both = flag if other is None else flag & other
    return both, both.astype(float)


@conversion(inputs={"flag": Field(dtype=bool), "x": ""}, outputs={"y": "", "negative": Field(dtype=bool)},
            elementwise=True)
def col_signed(flag, x):
    y = numpy.where(flag, x, -x)
    return y, y < 0


@conversion(inputs={"flag": Field(dtype=bool)}, outputs={"not": Field(dtype=bool)})
def col_not(flag, *, out):
    numpy.logical_not(flag, out=out[0])


@conversion(inputs={"flag": Field(dtype=bool)}, outputs={"wrong": Field(dtype=bool)})
def col_wrong(flag):
    return flag.astype(int)
