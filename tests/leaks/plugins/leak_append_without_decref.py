import _native
from astrolabe_plugin import conversion


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def leak_append_without_decref(a, b):
    "A sum."
    return _native.append_without_decref(a, b)
