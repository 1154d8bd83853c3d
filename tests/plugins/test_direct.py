"""Decorated functions called by hand: what goes in, what comes out, empty(), Invalid, log()."""

import pickle
from typing import Annotated, Literal, Optional

import numpy
import pytest

import astrolabe_plugin
from astrolabe_plugin import Field, Invalid, Range, conversion, empty, log, request_id


@conversion(inputs={"a": "", "b": ""}, outputs={"total": "", "difference": ""})
def both(a, b, *, scale: float = 1.0):
    return (a + b) * scale, numpy.asarray((a - b) * scale)


def one(function, **options):
    return conversion(**{"inputs": {"a": ""}, "outputs": {"b": ""}, "name": "one", **options})(function)


def test_arrays_and_scalars():
    total, difference = both([1, 2], 3.0)
    assert total.tolist() == [4.0, 5.0] and difference.tolist() == [-2.0, -1.0] and total.dtype == numpy.float64
    assert both(1, 2) == (3.0, -1.0) and isinstance(both(1, 2)[0], float)
    assert both(a=1, b=2, scale=2)[0] == 6.0
    assert both(numpy.ones((2, 3)), 1)[0].shape == (2, 3)
    assert both([], [])[0].shape == (0,)
    assert both.__name__ == "both" and both.conversion.name == "both"


def test_one_output_is_one_array():
    assert one(lambda a: a * 2)([1, 2]).tolist() == [2, 4]
    assert one(lambda a: [a * 2])([3, 4]).tolist() == [6, 8]
    assert one(lambda a: (a * 2,))(3) == 6
    assert one(lambda a: list(a * 2))([1, 2]).tolist() == [2, 4]
    assert one(lambda a: {"b": a})(1) == 1


def test_inputs_are_read_only_arrays_of_their_type():
    seen = []

    def look(a):
        seen.append(a)
        return a
    mine = numpy.arange(3.0)
    one(look)(mine)
    assert not seen[0].flags.writeable and numpy.shares_memory(seen[0], mine) and mine.flags.writeable
    one(look)(numpy.float32([1.5]))
    one(look)(7)
    assert seen[1].dtype == numpy.float64 and seen[2].shape == ()
    with pytest.raises(ValueError, match="read-only"):
        one(lambda a: a.__iadd__(1))(mine)
    for wrong in (True, "x", 1j, None):
        with pytest.raises((TypeError, Invalid)):
            one(look)(wrong)
    with pytest.raises(TypeError, match="a is INT64; an array of float64"):
        one(look, inputs={"a": Field(dtype=int)})(1.5)


def test_text():
    upper = one(lambda a: numpy.array([text.upper() for text in a], object), inputs={"a": Field(dtype=str)},
                outputs={"b": Field(dtype=str)})
    assert upper(["x", "yy"]).tolist() == ["X", "YY"]
    with pytest.raises(TypeError, match="a holds text"):
        upper([1, 2])
    with pytest.raises(TypeError, match="expected text"):
        one(lambda a: a, outputs={"b": Field(dtype=str)})([1.0])


def test_booleans():
    seen = []

    def look(p):
        seen.append(p)
        return ~p
    turned = one(look, inputs={"p": Field(dtype=bool)}, outputs={"q": Field(dtype=bool)})
    assert turned([True, False]).tolist() == [False, True] and turned(True) is numpy.False_
    assert turned([]).dtype == bool and not seen[0].flags.writeable and seen[0].dtype == bool
    for wrong in (1, [0, 1], [1.0], ["true"], None):
        with pytest.raises((TypeError, Invalid)):
            turned(wrong)
    for wrong in (lambda p: p.astype(int), lambda p: 1, lambda p: p * 0.5):
        with pytest.raises(TypeError, match=r"expected booleans \(bool\)"):
            one(wrong, inputs={"p": Field(dtype=bool)}, outputs={"q": Field(dtype=bool)})([True])


def test_inputs_of_other_shapes():
    with pytest.raises(Invalid, match="must have the same") as caught:
        both([1, 2], [1, 2, 3])
    assert caught.value.code == "shape_mismatch"


def test_an_input_that_is_missing():
    def f(a, b: Optional[float] = None):
        return a if b is None else a + b
    decorated = one(f, inputs={"a": "", "b": ""}, outputs={"c": ""})
    assert decorated(1) == 1 and decorated(1, 2) == 3 and decorated(1, b=[1, 2]).tolist() == [2, 3]
    with pytest.raises(Invalid, match="the input a of one is missing") as caught:
        decorated(None)
    assert (caught.value.code, caught.value.field) == ("missing_input", "a")


@pytest.mark.parametrize("given, code, text", [
    ({"n": 11}, "out_of_range", r"n = 11 is outside \[0.0, 10.0\]"), ({"n": 1.5}, "bad_type", "n = 1.5 is no integer"),
    ({"x": "1"}, "bad_type", "no number"), ({"x": float("nan")}, "bad_parameter", "not a finite number"),
    ({"x": True}, "bad_type", "no number"), ({"flag": 1}, "bad_type", "no boolean"),
    ({"text": 1}, "bad_type", "no string"),
    ({"mode": "c"}, "bad_parameter", "not one of a, 1"), ({"mode": True}, "bad_parameter", "not one of a, 1"),
    ({"text": "\N{EURO SIGN}" * 4}, "out_of_range", "outside"), ({"x": None}, "bad_type", "no number"),
])
def test_parameters_are_checked(given, code, text):
    def f(a, *, n: Annotated[int, Range(0, 10)] = 1, x: float = 1.0, flag=False,
          text: Annotated[str, Range(0, 10)] = "", mode: Literal["a", 1] = "a", maybe: Optional[int] = None):
        return a
    with pytest.raises(Invalid, match=text) as caught:
        one(f)(1, **given)
    assert (caught.value.code, caught.value.field) == (code, next(iter(given)))
    assert one(f)(1, n=10, x=3, flag=True, text="x", mode=1, maybe=None) == 1


@pytest.mark.parametrize("result, text", [
    (None, r"returned None, expected 2 results \(total, difference\)"),
    (numpy.ones(2), "returned one ndarray, expected 2"),
    ((1, 2, 3), "returned 3 results"), ([1], "returned 1 result,"), ({"total": 1}, r"a dict of \['total'\]"),
    ((numpy.ones(3), numpy.ones(2)), r'"total" has the shape \(3,\), expected \(2,\)'),
    ((numpy.ones(2), numpy.ones((2, 1))), r'"difference" has the shape \(2, 1\), expected \(2,\)'),
    ((numpy.ones(2), numpy.ones(2) * 1j), '"difference" is an array of complex128, expected numbers'),
    ((["x", "y"], numpy.ones(2)), "expected numbers"), (([[1], [1, 2]], numpy.ones(2)), '"total"'),
    ((numpy.ma.masked_array([1, 2], [0, 1]), numpy.ones(2)), "is a MaskedArray with a mask"),
])
@pytest.mark.filterwarnings("ignore")
def test_wrong_results(result, text):
    f = one(lambda a: result, outputs={"total": "", "difference": ""})
    with pytest.raises((TypeError, ValueError), match=text):
        f([1, 2])


def test_a_single_value_stands_for_all_rows():
    f = one(lambda a, b: (a, 2 * b, 7), inputs={"a": "", "b": ""}, outputs={"x": "", "y": "", "z": Field(dtype=int)})
    x, y, z = f([1, 2], 3)
    assert (x.tolist(), y.tolist(), z.tolist()) == ([1, 2], [6, 6], [7, 7]) and z.dtype == numpy.int64
    assert f([], 3)[1].shape == (0,) and f(1, 3) == (1, 6, 7)


def test_types_of_results():
    assert one(lambda a: a > 1)([1, 2]).tolist() == [0.0, 1.0]
    whole = {"outputs": {"b": Field(dtype=int)}}
    assert one(lambda a: numpy.int8([1, 2]), **whole)([1, 2]).dtype == numpy.int64
    with pytest.raises(TypeError, match="expected whole numbers"):
        one(lambda a: a, **whole)([1, 2])
    with pytest.raises(TypeError, match="expected whole numbers"):
        one(lambda a: numpy.uint64([1, 2]), **whole)([1, 2])


def test_a_function_in_c():
    hypot = one(numpy.hypot, inputs={"x": "", "y": ""})  # a ufunc: no signature
    assert hypot(3, 4) == 5 and hypot([3, 6], [4, 8]).tolist() == [5, 10]
    for args, kwargs in (((1,), {}), ((1, 2, 3), {}), ((1, 2), {"casting": "no"}), ((), {"x": 1, "y": 2})):
        with pytest.raises(TypeError, match=r"one\(\) takes 2 arguments, by position"):
            hypot(*args, **kwargs)


# --- out and empty() ---

def test_out():
    def f(a, *, scale=2.0, out):
        out[0][...] = a * scale
    assert one(f)([1, 2]).tolist() == [2, 4] and one(f)(3) == 6.0
    mine = numpy.zeros(2)
    assert one(f)([1, 2], out=(mine,)) is mine and mine.tolist() == [2, 4]


def test_empty():
    def f(a, b):
        x, y = empty()
        assert empty("x") is x and empty(1) is y and empty(-1) is y
        with pytest.raises(KeyError, match="no output is called 'z'; the outputs are x, y"):
            empty("z")
        with pytest.raises(TypeError, match="the name or the place of an output, not .* the shape of the call already"):
            empty(numpy.shape(a))
        x[...] = a
        y[...] = b
    f = one(f, inputs={"a": "", "b": ""}, outputs={"x": "", "y": Field(dtype=int)})
    x, y = f([[1, 2]], 3)
    assert x.shape == y.shape == (1, 2) and y.dtype == numpy.int64 and y.tolist() == [[3, 3]]
    for output, nothing in (("", [numpy.nan] * 2), (Field(dtype=int), [0, 0]), (Field(dtype=bool), [False, False])):
        unwritten = one(lambda a: empty() and None, outputs={"b": output})([1, 2])
        assert numpy.array_equal(unwritten, nothing, equal_nan=True)
    with pytest.raises(RuntimeError, match="only while a conversion is at work"):
        empty()


def test_empty_belongs_to_the_innermost_call():
    inner = one(lambda a: numpy.add(a, 1, out=empty(0)))

    def outer(a):
        mine = empty(0)
        other = inner(a)
        assert other is not mine and empty(0) is mine
        mine[...] = other * 2
    assert one(outer)([1, 2]).tolist() == [4, 6]

    def failing(a):
        with pytest.raises(ZeroDivisionError):
            one(lambda a: 1 / 0)(a)
        return numpy.add(a, 0, out=empty(0))
    assert one(failing)([1, 2]).tolist() == [1, 2]


def test_inside_a_host(monkeypatch):
    """What the package asks the host for, of the builtin module _astrolabe_host."""
    class Host:
        arrays = (numpy.zeros(2), numpy.zeros(2))

        @staticmethod
        def outputs():
            return Host.arrays

        @staticmethod
        def output_names():
            return ("x", "y")

        @staticmethod
        def request_id():
            return "req-1"
    monkeypatch.setitem(__import__("sys").modules, "_astrolabe_host", Host)
    assert empty() is Host.arrays and empty("y") is Host.arrays[1] and request_id() == "req-1"
    # A decorated function that is called by another one has results of its own.
    assert one(lambda a: numpy.add(a, 1, out=empty(0)))([1, 2, 3]).tolist() == [2, 3, 4]


# --- Invalid, log ---

def test_invalid():
    error = Invalid("too hot", field="temperature", code="out_of_range")
    assert (str(error), error.text, error.field, error.code) == ("too hot", "too hot", "temperature", "out_of_range")
    assert (Invalid("x").field, Invalid("x").code) == (None, "bad_parameter")
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.text, copy.field, copy.code) == (error.text, error.field, error.code)
    with pytest.raises(ValueError, match="code 'teapot' is not one of out_of_range"):
        Invalid("x", code="teapot")
    with pytest.raises(TypeError, match="field is the name"):
        Invalid("x", field=3)


def test_log(capsys):
    log("hello")
    log("two\nlines", "warning")
    log("", "debug")
    log("odd \x1b[31m \0 \ud800", level="error")
    log("x" * 10000)
    lines = capsys.readouterr().err.splitlines()
    assert lines[:5] == ["astrolabe:info: hello", "astrolabe:warning: two", "astrolabe:warning: lines",
                         "astrolabe:debug: ", r"astrolabe:error: odd \x1b[31m \x00 \ud800"]
    assert len(lines) == 6 and lines[5].endswith("x...") and len(lines[5]) < 2000
    with pytest.raises(ValueError, match="level 'loud' is not one of debug"):
        log("x", "loud")
    assert request_id() == ""


def test_the_names_of_the_package():
    for name in astrolabe_plugin.__all__:
        assert getattr(astrolabe_plugin, name)
