import os

from astrolabe_plugin import conversion

calls = 0


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def leak_descriptors(a, b):
    "A sum; every hundredth call opens something and forgets it."
    global calls
    calls += 1
    if calls % 100 == 0:
        os.open("/dev/null", os.O_RDONLY)
    return a + b
