import _native
from astrolabe_plugin import conversion


@conversion(inputs={"a": "", "b": ""}, outputs={"c": "", "d": ""})
def leak_unbalanced_build(a, b):
    "A sum, twice."
    return _native.unbalanced_build(a, b)
