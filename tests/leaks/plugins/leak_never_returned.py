import _native
from astrolabe_plugin import conversion


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def leak_never_returned(a, b):
    "A sum."
    return _native.never_returned(a, b)
