import numpy
from astrolabe_plugin import conversion

last = None


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def clean_last(a, b):
    "A sum; keeps its last arguments and a table of changing size."
    global last
    last = (a, numpy.zeros(int(1000 * float(a.flat[0]))))
    return a + b
