"""The plugin that stays."""

from astrolabe_plugin import conversion


@conversion(inputs={"x": ""}, outputs={"y": ""}, elementwise=True)
def untouched(x):
    return x * 2
