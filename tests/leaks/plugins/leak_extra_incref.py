import _native
from astrolabe_plugin import conversion


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def leak_extra_incref(a, b):
    "A sum."
    return _native.extra_incref(a, b)
