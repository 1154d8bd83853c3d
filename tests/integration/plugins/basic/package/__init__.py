"""A plugin of more than one file."""

from astrolabe_plugin import conversion

from .numbers import FACTOR


@conversion(inputs={"x": ""}, outputs={"y": ""})
def plug_package(x):
    "Uses another file of its package."
    return x * FACTOR
