"""What tests/bench converts with: nothing at all, and the NumPy formula, with and without joining."""

import numpy
from astrolabe_plugin import conversion

COLUMNS = {"inputs": {"ra": "deg", "dec": "deg"}, "outputs": {"x": "", "y": "", "z": ""}}


def formula(ra, dec):
    ra, dec = numpy.deg2rad(ra), numpy.deg2rad(dec)
    return numpy.cos(dec) * numpy.cos(ra), numpy.cos(dec) * numpy.sin(ra), numpy.sin(dec)


@conversion(**COLUMNS)
def bench_noop(ra, dec, *, out):
    "Looks at nothing, writes nothing."


@conversion(**COLUMNS)
def bench_alone(ra, dec):
    "Spherical to Cartesian, each request by itself."
    return formula(ra, dec)


@conversion(**COLUMNS, elementwise=True)
def bench_joined(ra, dec):
    "Spherical to Cartesian, waiting requests joined."
    return formula(ra, dec)
