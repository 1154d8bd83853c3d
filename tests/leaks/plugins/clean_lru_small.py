import functools

from astrolabe_plugin import conversion


@functools.lru_cache(maxsize=128)
def remembered(key):
    return f"key {key}"


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def clean_lru_small(a, b):
    "A sum."
    remembered(float(a.flat[0]))
    return a + b
