"""Memory that is refused: the allocation number `after` of Python's from now on fails, and no other."""

import _testcapi
from astrolabe_plugin import conversion


@conversion(inputs={"a": ""}, outputs={"b": ""})
def starve(a, *, after: int):
    _testcapi.set_nomemory(after, after + 1)
    return a


@conversion(inputs={"a": ""}, outputs={"b": ""})
def feed(a):
    _testcapi.remove_mem_hooks()
    return a
