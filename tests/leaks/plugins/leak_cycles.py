"Reference cycles, and nobody who collects them."
import gc

from astrolabe_plugin import conversion, setup


class Node:
    def __init__(self):
        self.me = self

    def __del__(self):
        pass


@setup
def without_collector():
    gc.disable()


@conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
def leak_cycles(a, b):
    "A sum."
    Node()
    return a + b
