import _native
from astrolabe_plugin import conversion


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def leak_none_taken(a, b):
    "A sum."
    return _native.none_taken(a, b)
