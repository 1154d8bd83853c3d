"""Exceptions: what the request is answered with, and that the host goes on as if nothing had been."""

import numpy
import pytest

import plugin_layout as layout

ARRAY = numpy.arange(5.0)
PLUGIN_ERROR = layout.CODES["PLUGIN_ERROR"]


@pytest.fixture(autouse=True)
def goes_on(host):
    yield
    assert host.call("same", {"a": ARRAY}).outputs["b"].tolist() == ARRAY.tolist()
    assert not host.retained and host.channel.running == 0


def failed(answer, *words):
    assert answer.status == layout.FAILED and answer.code == PLUGIN_ERROR and answer.field == "", answer
    for word in words:
        assert word in answer.text, answer
    assert answer.text.isprintable()
    assert len(answer.text.encode()) < 448 and len(answer.traceback.encode()) < layout.TRACEBACK


@pytest.mark.parametrize("how, words", [
    ("ValueError('wrong')", ["fail: ValueError: wrong"]),
    ("ValueError('one\\ntwo\\r\\x00three\\x1b[31m')", ["ValueError: one two"]),
    ("KeyError('a')", ["KeyError: 'a'"]),
    ("ValueError()", ["fail: ValueError"]),
    ("exit", ["SystemExit: 3"]),
    ("SystemExit", ["SystemExit"]),
    ("KeyboardInterrupt", ["KeyboardInterrupt"]),
    ("GeneratorExit", ["GeneratorExit"]),
    ("StopIteration(a)", ["StopIteration"]),
    ("Odd('odd')", ["Odd: odd"]),
    ("MemoryError", ["MemoryError"]),
    ("memory", ["MemoryError"]),
    ("recursion", ["RecursionError: maximum recursion depth exceeded"]),
    ("Unspeakable()", ["Unspeakable: <its text cannot be had"]),
    ("ValueError('\\ud800 surrogate')", ["surrogate"]),
    ("ValueError('é' * 100000)", ["ééé"]),
    ("ValueError(a)", ["ValueError: [0. 1. 2. 3. 4.]"]),
    ("ExceptionGroup('group', [ValueError('x')] * 1000)", ["ExceptionGroup: group"]),
    ("5", ["TypeError: exceptions must derive from BaseException"]),
    ("no_such_name", ["NameError"]),
])
@pytest.mark.parametrize("value", [ARRAY, 1.0])
def test_exceptions(host, how, words, value):
    if isinstance(value, float) and "a)" in how:
        pytest.skip("a is not what it says")
    answer = host.call("fail", {"a": value}, how=how)
    failed(answer, *words)
    assert "Traceback" in answer.traceback or "Exception Group" in answer.traceback or "memory" in how
    assert "in fail" in answer.traceback
    assert "_loader" not in answer.traceback


def test_tracebacks_name_the_file_that_its_owner_knows(host, launch):
    answer = host.call("chained", {"a": ARRAY})
    failed(answer, "chained: ValueError: second")
    assert "KeyError: 'first'" in answer.traceback and "direct cause" in answer.traceback
    assert 'raise KeyError("first")' in answer.traceback
    other = launch("from astrolabe_plugin import conversion\n"
                   "@conversion(inputs={'a': ''}, outputs={'b': ''})\n"
                   "def f(a):\n    1/0\n", shown="/etc/astrolabe/plugins")
    answer = other.call("f", {"a": ARRAY})
    assert 'File "/etc/astrolabe/plugins/plugin.py", line 4, in f' in answer.traceback, answer.traceback


def test_a_traceback_is_that_of_its_call(host):
    failed(host.call("fail", {"a": ARRAY}, how="ValueError('x')"))
    assert host.call("same", {"a": ARRAY}).traceback == ""
    answer = host.call("give", {"a": ARRAY}, what="None")
    assert answer.status == layout.FAILED and answer.traceback == ""


@pytest.mark.parametrize("code", ["bad_parameter", "out_of_range", "conflict", "bad_time", "eop_unavailable",
                                  "invalid_shape"])
def test_invalid(host, code):
    answer = host.call("refuse", {"a": ARRAY}, code=code, field="dec")
    assert (answer.status, answer.code, answer.field) == (layout.FAILED, layout.CODES[code.upper()], "dec")
    assert answer.text == "dec[3] = 91.2 is outside [-90, 90]" and answer.traceback == ""


@pytest.mark.parametrize("code", ["ok", "internal", "not_found", "unauthorized", "", "nonsense", "plugin_crashed",
                                  "too_large", "overloaded"])
def test_invalid_with_a_code_that_is_not_its_own(host, code):
    assert host.call("refuse", {"a": ARRAY}, code=code).code == PLUGIN_ERROR


def test_invalid_with_odd_texts(host):
    answer = host.call("refuse", {"a": ARRAY}, text="ž" * 3000, field="f" * 3000)
    assert answer.text == "ž" * 223 and answer.field == "f" * 63
    assert host.call("refuse", {"a": ARRAY}, text="").text == "the plugin refuses this request"
    assert host.call("refuse", {"a": ARRAY}, text="a\nb\0c").text == "a b c"


def test_exceptions_do_not_keep_arrays(host):
    """The frame of the failed call holds its arguments: they must be gone with it."""
    for _ in range(50):
        answer = host.call("fail", {"a": ARRAY}, how="ValueError(a)")
        assert not any(answer.retained)
