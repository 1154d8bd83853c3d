"""The decorator: what it reads from a signature, and what it refuses."""

import functools
import json
import typing
from typing import Annotated, Literal, Optional

import numpy
import numpy.typing
import pytest

from astrolabe_plugin import Doc, Field, Range, Unit, conversion


def described(function, inputs=None, outputs=None, **options):
    """The description as the server reads it."""
    decorated = conversion(inputs=inputs or {"a": ""}, outputs=outputs or {"b": ""}, **options)(function)
    return json.loads(decorated.conversion.json())


def parameter(function, **options):
    return described(function, **options)["parameters"][0]


def test_the_example_of_the_design():
    @conversion(inputs={"ra": "deg", "dec": "deg"}, outputs={"x": "", "y": "", "z": ""})
    def my_radec_to_xyz(ra, dec, *, radius: float = 1.0):
        "Spherical to Cartesian, scaled."

    said = my_radec_to_xyz.conversion.document()
    assert said["name"] == "my_radec_to_xyz" and said["group"] == "plugins"
    assert said["summary"] == "Spherical to Cartesian, scaled." and said["description"] == ""
    assert (said["elementwise"], said["max_rows"]) == (False, 65536)
    assert [(i["name"], i["unit"], i["type"], i["role"], i["optional"]) for i in said["inputs"]] == [
        ("ra", "deg", "FP64", "plain", False), ("dec", "deg", "FP64", "plain", False)]
    assert [(o["name"], o["unit"], o["type"]) for o in said["outputs"]] == [
        ("x", "", "FP64"), ("y", "", "FP64"), ("z", "", "FP64")]
    assert said["parameters"] == [{"name": "radius", "type": "number", "default": "1.0", "optional": False, "unit": "",
                                   "doc": ""}]


def test_everything_that_can_be_said():
    def f(lat, pixel=None, *, out, pressure: Annotated[float, Range(0, 1200.5), Unit("hPa"), Doc("on site")] = 0):
        """Short.

        Long.
        """
    said = described(f, {"lat": Field("deg", "where", role="latitude"),
                         "pixel": Field(dtype=int, default_doc="the middle")},
                     {"word": Field(dtype=str, doc="a word")}, name="other", group="mine", elementwise=True, max_rows=7,
                     summary="S", description="D", reference="R", accuracy="A")
    assert said == {
        "name": "other", "group": "mine", "summary": "S", "description": "D", "reference": "R", "accuracy": "A",
        "elementwise": True, "max_rows": 7,
        "inputs": [{"name": "lat", "type": "FP64", "role": "latitude", "unit": "deg", "doc": "where", "optional": False,
                    "default_doc": None},
                   {"name": "pixel", "type": "INT64", "role": "plain", "unit": "", "doc": "", "optional": True,
                    "default_doc": "the middle"}],
        "outputs": [{"name": "word", "type": "BYTES", "role": "plain", "unit": "", "doc": "a word", "optional": False,
                     "default_doc": None}],
        "parameters": [{"name": "pressure", "type": "number", "default": "0.0", "optional": False, "unit": "hPa",
                        "doc": "on site", "minimum": 0.0, "maximum": 1200.5}]}


# --- inputs ---

@pytest.mark.parametrize("annotation, kind", [
    (float, "FP64"), (int, "INT64"), (bool, "BOOL"), (str, "BYTES"), (numpy.ndarray, "FP64"), (typing.Any, "FP64"),
    (numpy.float64, "FP64"), (numpy.int32, "INT64"), (float | numpy.ndarray, "FP64"), (int | numpy.ndarray, "INT64"),
    (numpy.typing.NDArray[numpy.float64], "FP64"), (numpy.typing.NDArray[numpy.int64], "INT64"),
    (numpy.typing.NDArray[numpy.str_], "BYTES"), (numpy.typing.NDArray, "FP64"), ("float", "FP64"), ("int", "INT64"),
    (Annotated[int, Doc("n")], "INT64"), (numpy.bool_, "BOOL"), (bool | numpy.ndarray, "BOOL"), ("bool", "BOOL"),
    (numpy.typing.NDArray[numpy.bool_], "BOOL"), (Annotated[bool, Doc("p")], "BOOL"),
])
def test_types_of_inputs(annotation, kind):
    def f(a: annotation):
        pass
    assert described(f)["inputs"][0]["type"] == kind


@pytest.mark.parametrize("annotation", [list, dict, complex, object, list[float], int | str, Literal["a"],
                                        numpy.typing.NDArray[numpy.complex128], bool | int])
def test_inputs_that_are_no_columns(annotation):
    def f(a: annotation):
        pass
    with pytest.raises(TypeError, match="f, input a: its annotation is .*float, int, bool, str or numpy.ndarray"):
        described(f)


def test_an_input_that_may_be_missing():
    def f(a, b: Optional[float] = None, c: "int | None" = None):
        pass
    said = described(f, {"a": "", "b": "", "c": ""})
    assert [(i["optional"], i["type"]) for i in said["inputs"]] == [(False, "FP64"), (True, "FP64"), (True, "INT64")]


def test_inputs_that_promise_too_much():
    def limited(a: Annotated[float, Range(0, 1)]):
        pass

    def maybe(a: Optional[float]):
        pass
    with pytest.raises(TypeError, match="a Range is for parameters"):
        described(limited)
    with pytest.raises(TypeError, match="needs the default None"):
        described(maybe)


def test_an_annotated_input():
    def f(a: Annotated[float, Unit("pc"), Doc("how far")]):
        pass
    said = described(f)["inputs"][0]
    assert (said["unit"], said["doc"]) == ("pc", "how far")
    with pytest.raises(TypeError, match="its unit is 'm' in inputs and 'pc' in the annotation"):
        described(f, {"a": "m"})


# --- parameters ---

@pytest.mark.parametrize("default, kind, text", [
    (1.5, "number", "1.5"), (2, "integer", "2"), (True, "boolean", "true"), (False, "boolean", "false"),
    ("x y", "string", "x y"), (numpy.float64(0.25), "number", "0.25"), (numpy.int16(3), "integer", "3"),
    (1e-300, "number", "1e-300"), (0.1, "number", "0.1"), ("", "string", ""),
])
def test_a_default_says_the_type(default, kind, text):
    def f(a, *, p=default):
        pass
    said = parameter(f)
    assert (said["type"], said["default"], said["optional"]) == (kind, text, False)


@pytest.mark.parametrize("annotation, kind", [(float, "number"), (int, "integer"), (bool, "boolean"), (str, "string"),
                                              ("float", "number"), (Literal["a", "b"], "choice")])
def test_annotated_parameters(annotation, kind):
    def required(a, *, p: annotation):
        pass

    def optional(a, *, p: annotation = None):
        pass
    assert (parameter(required)["type"], parameter(required)["default"], parameter(required)["optional"]) == (
        kind, None, False)
    assert (parameter(optional)["type"], parameter(optional)["default"], parameter(optional)["optional"]) == (
        kind, None, True)


def test_optional_parameters():
    def f(a, *, p: Optional[float] = None, q: "str | None" = None, r: Literal["x", None] = None,
          s: Annotated[Optional[int], Range(1, 2)] = None, t: Optional[Annotated[int, Range(1, 2)]] = 2):
        pass
    said = described(f)["parameters"]
    assert [(p["type"], p["optional"], p["default"]) for p in said] == [
        ("number", True, None), ("string", True, None), ("choice", True, None), ("integer", True, None),
        ("integer", False, "2")]
    assert said[2]["choices"] == ["x"]
    assert [(p["minimum"], p["maximum"]) for p in said[3:]] == [(1, 2), (1, 2)]


def test_choices():
    def f(a, *, p: Literal["nearest", 2, True] = 2):
        pass
    decorated = conversion(inputs={"a": ""}, outputs={"b": ""})(f)
    said = decorated.conversion.parameters[0]
    assert (said.choices, said.values, said.default) == (("nearest", "2", "True"), ("nearest", 2, True), "2")


def test_an_int_is_a_float_by_default():
    def f(a, *, p: float = 1):
        pass
    assert parameter(f)["default"] == "1.0"


@pytest.mark.parametrize("annotation, default, text", [
    (float, "1", "no float"), (float, True, "no float"), (int, 1.0, "no int"), (int, True, "no int"),
    (bool, 1, "no bool"), (str, 1, "no str"), (float, float("nan"), "not a finite number"),
    (float, float("inf"), "not a finite number"), (Literal["a"], "b", "not one of the choices"),
    (Literal[1], True, "not one of the choices"), (Literal["a", "A"], "a", "the same to a client"),
    (Literal[1, "1"], 1, "the same to a client"), (Literal[""], "", "is empty or begins"),
    (Literal[" a"], " a", "is empty or begins"), (Literal[b"a"], b"a", "is no text, whole number or boolean"),
    (list, [], "is float, int, bool, str or Literal"), (int | str, 1, "is float, int, bool, str or Literal"),
    (numpy.ndarray, None, "is float, int, bool, str or Literal"),
    (Annotated[int, Range(0, 3)], 4, "outside"), (Annotated[float, Range(0, 3)], -0.5, "outside"),
    (Annotated[str, Range(0, 3)], "long", "outside"), (Annotated[int, Range(3, 0)], 1, "is empty"),
    (Annotated[int, Range(0.5)], 1, "makes no sense"), (Annotated[bool, Range(0, 1)], True, "a Range is for"),
    (Annotated[float, Range(0, float("inf"))], 1.0, "not a finite number"), (int, (1 << 53) + 1, "beyond 2\\*\\*53"),
    (Annotated[str, Range(0, 1 << 20)], "", "at most 65536 bytes"),
    (Annotated[str, Range(1, 2)], "a", "Range\\(0, most"),
    (str, "a\0b", "NUL"), (str, "x" * 1025, "at most 1024"), (str, "\ud800", "surrogates"),
    (Annotated[int, Range], 1, "write Range\\(...\\)"),
    (Annotated[int, Unit("a"), Unit("b")], 1, "given twice"), (Annotated[int, Unit("\n")], 1, "cannot be printed"),
    (Annotated[int, Doc("x" * 2000)], 1, "at most 1024 are allowed"), ("Missing", 1, "cannot be evaluated: NameError"),
    (Literal[tuple(range(65))], 1, "65 choices; at most 64"),
])
def test_parameters_that_make_no_sense(annotation, default, text):
    def f(a, *, p: annotation = default):
        pass
    with pytest.raises((TypeError, ValueError), match=f"^f, parameter p: .*{text}"):
        described(f)


def test_a_parameter_of_which_nothing_is_known():
    def f(a, *, p):
        pass

    def g(a, *, p=None):
        pass

    def h(a, *, p: Optional[int]):
        pass

    def i(a, *, p=b"bytes"):
        pass
    for function, text in ((f, "annotate it"), (g, "annotate it"), (h, "needs the default None"), (i, "annotate it")):
        with pytest.raises(TypeError, match=text):
            described(function)


def test_string_annotations_see_what_the_function_sees():
    Mode = Literal["a", "b"]

    def f(a, *, p: "Mode" = "a"):
        return Mode  # a closure: the name is within reach
    assert parameter(f)["choices"] == ["a", "b"]


# --- signatures ---

@pytest.mark.parametrize("function, text", [
    (lambda dec, ra: 0, r"positional arguments are \(dec, ra\), the inputs are \(ra, dec\)"),
    (lambda ra: 0, r"positional arguments are \(ra\), the inputs are \(ra, dec\)"),
    (lambda ra, dec, radius: 0, r"arguments are \(ra, dec, radius\), the inputs are \(ra, dec\)"),
    (lambda ra, dec=1.0: 0, "the input dec has the default 1.0"),
    (lambda *columns: 0, r"\*columns takes anything"),
    (lambda ra, dec, **more: 0, r"\*\*more takes anything"),
])
def test_signatures_that_do_not_fit(function, text):
    with pytest.raises(TypeError, match=f"^name: .*{text}"):
        described(function, {"ra": "deg", "dec": "deg"}, name="name")


def test_kinds_of_functions():
    async def coroutine(a):
        pass

    def generator(a):
        yield a
    for function, text in ((coroutine, "is a coroutine function"), (generator, "is a generator"),
                           (3, "is for functions"), (float, "is for functions")):
        with pytest.raises(TypeError, match=text):
            described(function, name="f")
    with pytest.raises(TypeError, match="is a conversion already"):
        described(conversion(inputs={"a": ""}, outputs={"b": ""}, name="f")(lambda a: a), name="g")
    with pytest.raises(TypeError, match="needs inputs="):
        conversion(generator)
    for options in ({"inputs": {"a": ""}}, {"outputs": {"b": ""}}, {}):
        with pytest.raises(TypeError, match="needs inputs="):
            conversion(**options)
    with pytest.raises(TypeError, match="needs inputs="):
        conversion(generator, inputs={"a": ""}, outputs={"b": ""})


def test_a_function_in_c():
    said = described(numpy.hypot, {"x": "", "y": ""}, name="c_hypot", summary="Hypotenuse")  # a ufunc: no signature
    assert [i["name"] for i in said["inputs"]] == ["x", "y"] and said["parameters"] == []


def test_an_object_that_is_called():
    """A partial function has no name, and the docstring of its class says nothing about it."""
    said = described(functools.partial(lambda a, *, p=1: a, p=2), name="part")
    assert (said["summary"], said["parameters"][0]["default"]) == ("part", "2")
    with pytest.raises(ValueError, match="name=... gives it another"):
        described(functools.partial(lambda a: a))


def test_positional_only_arguments():
    def f(a, b, /, *, p=1):
        pass
    assert [i["name"] for i in described(f, {"a": "", "b": ""})["inputs"]] == ["a", "b"]


# --- names and limits ---

@pytest.mark.parametrize("name", ["A", "1a", "_a", "a-b", "a b", "", "é", "a\n", "a" * 64])
def test_names_that_cannot_be(name):
    with pytest.raises(ValueError, match="cannot be the name of a conversion"):
        described(lambda a: a, name=name)
    with pytest.raises(ValueError, match="cannot be the name of an output"):
        described(lambda a: a, name="f", outputs={name: ""})


def test_a_name_as_long_as_can_be():
    assert described(lambda a: a, name="a" * 63)["name"] == "a" * 63


@pytest.mark.parametrize("name", ["sequence_id", "sequence_start", "sequence_end", "priority", "timeout", "headers",
                                  "binary_data_output", "content_type", "warnings", "error", "triton_x", "out"])
def test_reserved_names(name):
    scope = {}
    exec(f"def f({name}): pass\ndef g(a, *, {name}=1): pass", scope)
    with pytest.raises(ValueError, match=f"'{name}' is reserved"):
        described(scope["f"], {name: ""})
    with pytest.raises(ValueError, match=f"'{name}' is reserved"):
        described(lambda a: a, name="f", outputs={name: ""})
    if name != "out":
        with pytest.raises(ValueError, match=f"'{name}' is reserved"):
            described(scope["g"])


def many(count, before=""):
    scope = {}
    exec(f"def f({before}{', '.join(f'a{i}' for i in range(count))}): pass", scope)
    return scope["f"]


def test_counts():
    names = {f"a{i}": "" for i in range(17)}
    sixteen = dict(list(names.items())[:16])
    assert len(described(many(16), sixteen)["inputs"]) == 16
    with pytest.raises(ValueError, match="17 inputs; at most 16"):
        described(many(17), names)
    assert len(described(lambda a: a, name="f", outputs=sixteen)["outputs"]) == 16
    with pytest.raises(ValueError, match="17 outputs; at most 16"):
        described(lambda a: a, name="f", outputs=names)
    scope = {}
    exec("\n".join(f"def f{n}(a, *, out, {', '.join(f'p{i}=1' for i in range(n))}): pass" for n in (24, 25)), scope)
    assert len(described(scope["f24"])["parameters"]) == 24  # `out` does not count
    with pytest.raises(ValueError, match="25 parameters; at most 24"):
        described(scope["f25"])
    with pytest.raises(ValueError, match="at least 1 output"):
        conversion(inputs={"a": ""}, outputs={}, name="f")(lambda a: a)
    with pytest.raises(ValueError, match="at least 1 input"):
        conversion(inputs={}, outputs={"b": ""}, name="f")(lambda: 0)


def test_what_is_just_allowed():
    def f(a, *, p: Literal[tuple(range(64))] = 0, n: int = 1 << 53, s: Annotated[str, Range(0, 1)] = "x",
          t: Annotated[str, Range(0, 65536)] = "x" * 1024, u: Annotated[int, Range(-(1 << 53), 1 << 53)] = -(1 << 53)):
        pass
    for rows in (1, 1 << 30):
        said = described(f, {"a": Field("x" * 63, "d" * 1024)}, max_rows=rows, summary="s" * 200, description="d" * 8192,
                         reference="r" * 1024, accuracy="")
        assert said["max_rows"] == rows and len(said["parameters"][0]["choices"]) == 64


@pytest.mark.parametrize("options, text", [
    ({"max_rows": 0}, "outside"), ({"max_rows": (1 << 30) + 1}, "outside"), ({"max_rows": True}, "whole number"),
    ({"max_rows": 1.0}, "whole number"), ({"elementwise": 1}, "True or False"), ({"group": "My Group"}, "cannot be"),
    ({"summary": "x" * 201}, "at most 200"), ({"summary": 3}, "is text"), ({"description": "x" * 8193}, "at most 8192"),
    ({"reference": "x" * 1025}, "at most 1024"), ({"accuracy": "\ud800"}, "surrogates"), ({"reference": "a\0"}, "NUL"),
    ({"inputs": ["a"]}, "is a dictionary"), ({"inputs": {"a": 3}}, "a unit .* or a Field"),
    ({"inputs": {"a": "x" * 64}}, "at most 63"), ({"inputs": {"a": "m\n"}}, "cannot be printed"),
    ({"inputs": {"a": Field(role="sideways")}}, "is not one of plain"),
    ({"outputs": {"b": Field(dtype=complex)}}, "dtype is"),
    ({"inputs": {"a": Field("rad", role="latitude")}}, "a latitude has the unit deg"),
    ({"inputs": {"a": Field(dtype=int, role="angle")}}, "is for real numbers"),
    ({"inputs": {"a": Field(default_doc="x" * 201)}}, "at most 200"),
    ({"inputs": {"a": Field(default_doc="x")}}, "never absent"),
    ({"outputs": {"b": Field(default_doc="x")}}, "never absent"),
])
def test_limits(options, text):
    options = {"inputs": {"a": ""}, "outputs": {"b": ""}, "name": "f", **options}
    with pytest.raises((TypeError, ValueError), match=f"^f.*{text}"):
        conversion(**options)(lambda a: a)


def test_dtype_and_annotation_must_agree():
    def f(a: int):
        pass
    with pytest.raises(TypeError, match="dtype=str, its annotation int"):
        described(f, {"a": Field(dtype=str)})


def test_a_unit_parameter():
    def f(lat, *, unit: Literal["rad", "deg"] = "deg"):
        pass
    assert parameter(f, inputs={"lat": "deg"})["choices"] == ["rad", "deg"]
    with pytest.raises(ValueError, match="a parameter called unit cannot stand beside the input lat"):
        described(f, {"lat": Field("deg", role="latitude")})


@pytest.mark.parametrize("name", ["stats", "none"])
def test_names_that_only_conversions_cannot_have(name):
    assert described(lambda a: a, name="f", outputs={name: ""})["outputs"][0]["name"] == name
    with pytest.raises(ValueError, match="is reserved"):
        described(lambda a: a, name=name)


def test_the_whole_description_has_a_limit():
    outputs = {f"o{i}": Field(doc="\N{EURO SIGN}" * 341) for i in range(16)}  # 2 kB of JSON each
    inputs = {f"a{i}": field for i, field in enumerate(outputs.values())}
    with pytest.raises(ValueError, match="the whole description has .* bytes as JSON"):
        described(many(16), inputs, outputs, name="f", description="\N{EURO SIGN}" * 2700)
