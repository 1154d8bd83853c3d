import numpy
from astrolabe_plugin import conversion

calls = 0


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def clean_temporaries(a, b):
    "A sum, by way of small arrays and now and then of a large one."
    global calls
    calls += 1
    small = numpy.sqrt(a * a + b * b) - numpy.hypot(a, b)
    if calls % 100 == 0:
        small = small + numpy.zeros(1 << 19).sum()
    return a + b + small
