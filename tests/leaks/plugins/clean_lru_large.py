import functools

import numpy
from astrolabe_plugin import conversion


@functools.lru_cache(maxsize=5000)
def remembered(key):
    return numpy.full(10, key)


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def clean_lru_large(a, b):
    "A sum."
    remembered(float(a.flat[0]))
    return a + b
