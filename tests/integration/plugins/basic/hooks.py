"""setup() before the first call, teardown() at the end of a host."""

import os
import pathlib

from astrolabe_plugin import conversion, setup, teardown

STATE = {"ready": 0.0}


@setup
def prepare():
    STATE["ready"] += 1


@teardown
def leave():
    trace = os.environ.get("TEARDOWN_TRACE")
    if trace:
        with pathlib.Path(trace).open("a") as file:
            file.write("teardown\n")


@conversion(inputs={"x": ""}, outputs={"y": ""})
def plug_after_setup(x):
    "How often setup() has run."
    return x + STATE["ready"]
