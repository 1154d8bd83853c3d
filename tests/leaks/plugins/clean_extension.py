import _native
from astrolabe_plugin import conversion


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def clean_extension(a, b):
    "A sum."
    return _native.right(a, b)
