"""The plugin that the tests replace."""

from astrolabe_plugin import conversion


@conversion(inputs={"x": ""}, outputs={"y": ""})
def version_of(x):
    "Version one."
    return x + 1


@conversion(inputs={"x": ""}, outputs={"y": ""})
def only_in_one(x):
    return x
