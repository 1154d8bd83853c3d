"""Conversions of every kind of signature."""

import zlib
from typing import Annotated, Literal, Optional

import numpy

from astrolabe_plugin import Doc, Field, Invalid, Range, Unit, conversion, empty, request_id


@conversion(inputs={"ra": Field("deg", role="longitude"), "dec": Field("deg", role="latitude")},
            outputs={"x": "", "y": "", "z": ""}, elementwise=True)
def plug_radec_to_xyz(ra, dec, *, radius: float = 1.0):
    """Spherical to Cartesian, scaled.

    The same as radec_to_xyz, in NumPy.
    """
    ra, dec = numpy.radians(ra), numpy.radians(dec)
    return (radius * numpy.cos(dec) * numpy.cos(ra), radius * numpy.cos(dec) * numpy.sin(ra),
            radius * numpy.sin(dec))


@conversion(inputs={"x": ""}, outputs={"y": ""})
def plug_every_parameter(x, *, number: float = 1.5, count: int = 2, flag: bool = False, word: str = "abc",
                         mode: Literal["add", "scale"] = "add", choice: Literal[1, 2, 3] = 1,
                         limited: Annotated[float, Range(0, 10), Unit("hPa"), Doc("at the telescope")] = 5.0,
                         maybe: Optional[float] = None, needed: int):
    "Has a parameter of every type."
    assert type(number) is float and type(limited) is float and type(count) is int and type(choice) is int
    assert type(flag) is bool and type(word) is str and type(mode) is str and type(needed) is int
    total = number + 10 * count + 100 * flag + 1000 * len(word) + limited / 10 + needed * 1e6
    total += 0 if maybe is None else maybe
    return (x + total if mode == "add" else x * total) * choice


@conversion(inputs={"x": "", "n": Field(dtype=int)}, outputs={"sum": "", "product": Field(dtype=int)})
def plug_every_type(x, n):
    "Columns of every type."
    assert x.dtype == numpy.float64 and n.dtype == numpy.int64
    return x + n, n * n


@conversion(inputs={"x": "", "y": Field(default_doc="nothing is added")}, outputs={"sum": ""})
def plug_optional(x, y=None):
    "An input that may be missing."
    return x if y is None else x + y


@conversion(inputs={"x": ""}, outputs={"double": "", "half": ""})
def plug_into_out(x, *, out):
    "Writes where the results belong."
    double, half = out
    numpy.multiply(x, 2, out=double)
    numpy.divide(x, 2, out=half)


@conversion(inputs={"x": ""}, outputs={"square": ""})
def plug_from_empty(x):
    "Returns an array that was made for results."
    square = empty("square")
    numpy.multiply(x, x, out=square)
    return square


@conversion(inputs={"x": ""}, outputs={"a": "", "b": "", "c": "", "d": ""})
def plug_odd_results(x):
    "Results that are no fresh, contiguous float64 arrays."
    doubled = numpy.repeat(numpy.asarray(x)[..., None], 2, axis=-1)
    return x, doubled[..., 1], numpy.asarray(x, dtype=numpy.float32), numpy.floor(x).astype(numpy.int16)


@conversion(inputs={"x": ""}, outputs={"y": ""})
def plug_strict(x):
    "Refuses what is negative."
    if numpy.any(numpy.asarray(x) < 0):
        raise Invalid("x must not be negative", field="x", code="out_of_range")
    return numpy.sqrt(x)


@conversion(inputs={"x": ""}, outputs={"writable": "", "aligned": "", "rank": ""})
def plug_about_inputs(x):
    "What the function sees."
    flags = x.flags
    aligned = x.ctypes.data % 64 == 0 or x.ndim == 0
    return tuple(numpy.full(x.shape, float(value)) for value in (flags.writeable, aligned, x.ndim))


@conversion(inputs={"x": ""}, outputs={"crc": Field(dtype=int)})
def plug_request_id(x):
    "A checksum of the id of the request at work."
    return zlib.crc32(request_id().encode())
