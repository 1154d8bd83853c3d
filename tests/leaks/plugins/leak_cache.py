from astrolabe_plugin import conversion

cache = {}


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def leak_cache(a, b):
    "A sum, remembered for ever."
    key = float(a.flat[0])
    cache[key] = f"the sum at {key}"
    return a + b
