"""Results of text are not served: this one is refused, with the reason."""

from astrolabe_plugin import Field, conversion


@conversion(inputs={"x": ""}, outputs={"text": Field(dtype=str)})
def col_says(x):
    return x
