"""Results of text are not served; the plugin that declares one is refused, with the reason."""

import numpy

from astrolabe_plugin import Field, conversion


@conversion(inputs={"x": ""}, outputs={"text": Field(dtype=str)})
def plug_textual(x):
    return numpy.full(numpy.shape(x), "text", dtype=object)
