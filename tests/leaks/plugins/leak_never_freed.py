import _native
from astrolabe_plugin import conversion


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def leak_malloc(a, b):
    "A sum."
    return _native.never_freed_malloc(a, b)


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def leak_pymem(a, b):
    "A sum."
    return _native.never_freed_pymem(a, b)
