"""One request, one call: what the function sees, and what becomes of what it returns."""

import subprocess

import numpy
import pytest

import plugin_layout as layout

ARRAY = numpy.array([1.5, -2.0, 3.25, 0.0, 7.0])


def good(answer):
    assert answer.status == layout.DONE, answer
    return answer.outputs


def wrong(answer, *words):
    assert answer.status == layout.FAILED and answer.code == PLUGIN_ERROR, answer
    for word in words:
        assert word in answer.text, answer
    assert answer.traceback == ""


PLUGIN_ERROR = layout.CODES["PLUGIN_ERROR"]


def test_layout(layout_program):
    lines = subprocess.run([layout_program], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    by_compiler = {name: int(number) for name, number in map(str.split, lines)}
    assert by_compiler.pop("PLUGIN_ERROR") == PLUGIN_ERROR
    assert by_compiler == layout.layout()


# --- what goes in ---

def test_inputs_are_arrays_over_the_region(host):
    facts = good(host.call("look", {"a": numpy.zeros(64)}))["b"][:8]
    is_ndarray, ndim, writeable, aligned, owns, contiguous, capsule, address = facts
    assert (is_ndarray, ndim, writeable, aligned, owns, contiguous, capsule, address) == (1, 1, 0, 1, 0, 1, 1, 1)


def test_arrays_of_one_block_share_its_capsule(host):
    assert good(host.call("share", {"a": ARRAY, "b": ARRAY}))["same_block"].tolist() == [1.0] * 5


@pytest.mark.parametrize("shape", [(1,), (7,), (2, 3), (1, 1, 4), (2,) * 10])
def test_shapes(host, shape):
    values = numpy.random.default_rng(1).normal(size=shape)
    outputs = good(host.call("pair", {"a": values}))
    assert numpy.array_equal(outputs["b"], values + 1) and numpy.array_equal(outputs["c"], values * 2)
    assert outputs["b"].shape == shape


@pytest.mark.parametrize("shape", [(0,), (3, 0, 2)])
def test_no_rows(host, shape):
    for name in ("pair", "into_out", "into_empty"):
        assert good(host.call(name, {"a": numpy.zeros(shape)}))["c"].shape == shape


def test_scalars(host):
    assert good(host.call("same", {"a": 2.5}))["b"][()] == 2.5
    assert good(host.call("pair", {"a": 2.5}))["c"][()] == 5.0
    assert good(host.call("whole", {"n": 1 << 62}))["m"][()] == (1 << 62) + 1
    assert good(host.call("give", {"a": 2.5}, what="float((a.ndim, a.flags.writeable, a.dtype == float) == (0, False, True))"
                          ))["b"][()] == 1


def test_scalars_stand_beside_arrays(host):
    assert good(host.call("maybe", {"a": ARRAY, "b": 1.0}))["c"].tolist() == (ARRAY + 1).tolist()
    assert good(host.call("maybe", {"a": 1.0, "b": ARRAY}))["c"].tolist() == (ARRAY + 1).tolist()


def test_optional_inputs_are_none(host):
    assert good(host.call("maybe", {"a": ARRAY}))["c"].tolist() == ARRAY.tolist()


def test_large_integers(host):
    numbers = numpy.array([-(1 << 63), (1 << 63) - 2, (1 << 53) + 1])
    assert good(host.call("whole", {"n": numbers}))["m"].tolist() == (numbers + 1).tolist()


def test_texts(host):
    assert good(host.call("texts", {"name": ["M31", "", "αβγ δ", "\N{COMET}"], "a": ARRAY[:4]}))["length"].tolist() == [3, 0, 5, 1]
    assert good(host.call("texts", {"name": "Sirius", "a": 1.0}))["length"] == 6
    assert good(host.call("texts", {"name": "Sirius", "a": ARRAY}))["length"].tolist() == [6] * 5


def test_texts_that_are_not_utf8(host):
    for name in (b"\xff\xfe", [b"good", b"\xc3"]):
        answer = host.call("texts", {"name": name, "a": ARRAY[:2]})
        assert answer.status == layout.FAILED and answer.code == layout.CODES["BAD_TYPE"] and answer.field == "name"
        assert "name is not UTF-8" in answer.text


def test_parameters(host):
    before = len(host.printed[1])
    good(host.call("settings", {"a": ARRAY}))
    answer = host.call("settings", {"a": ARRAY}, note="žluťoučký", frame="galactic", fast=True, count=-7, factor=0.5)
    assert good(answer)["b"].tolist() == (ARRAY * 0.5 - 7).tolist()
    for n in range(12):  # more ways of calling than are remembered
        chosen = {name: value for bit, (name, value) in enumerate([("count", n), ("factor", 1.0), ("fast", False),
                                                                  ("note", "x")]) if n >> bit & 1}
        expected = ARRAY * chosen.get("factor", 2.0) + chosen.get("count", 3)
        assert good(host.call("settings", {"a": ARRAY}, **chosen))["b"].tolist() == expected.tolist()
    printed = host.printed[1][before:].decode().splitlines()
    assert printed[:2] == ["icrs 2.0 3 False none", "galactic 0.5 -7 True žluťoučký"]


def test_what_a_plugin_may_ask(host):
    before = len(host.printed[1])
    good(host.call("info", {"a": ARRAY}, request_id="the-id-of-it"))
    assert host.printed[1][before:].decode() == "the-id-of-it ('b',)\n"
    good(host.call("foreign_thread", {"a": ARRAY}))
    assert "no conversion is at work on this thread" in host.printed[1].decode()


# --- what comes back ---

@pytest.mark.parametrize("name", ["pair", "mapping", "listing", "into_out", "return_out", "into_empty", "backwards"])
@pytest.mark.parametrize("value", [ARRAY, ARRAY.reshape(1, 5), 4.0])
def test_ways_of_returning(host, name, value):
    if name == "backwards" and value is not ARRAY:
        pytest.skip("it turns its array round")
    outputs = good(host.call(name, {"a": value}))
    assert numpy.array_equal(outputs["b"], value + numpy.float64(1))
    assert numpy.array_equal(outputs["c"], value * numpy.float64(2))


def test_overlapping_copies(host):
    assert good(host.call("turned", {"a": ARRAY}))["b"].tolist() == ARRAY[::-1].tolist()


def test_what_is_not_written(host):
    """Not what an earlier call has left in the same memory."""
    good(host.call("into_out", {"a": ARRAY}))
    outputs = good(host.call("half_out", {"a": ARRAY}))
    assert numpy.array_equal(outputs["b"], ARRAY + 1)
    assert numpy.isnan(outputs["c"]).all()


@pytest.mark.parametrize("wanted", [["b"], ["c"], []])
@pytest.mark.parametrize("name", ["pair", "mapping", "into_out", "return_out", "into_empty"])
def test_outputs_that_nobody_wants(host, name, wanted):
    outputs = good(host.call(name, {"a": ARRAY}, wanted=wanted))
    assert set(outputs) == set(wanted)
    assert all(outputs[word].tolist() == {"b": ARRAY + 1, "c": ARRAY * 2}[word].tolist() for word in wanted)


@pytest.mark.parametrize("kind", ["f8", ">f8", "f4", "f2", "g", "i8", "u8", "i1", "?", ">i4"])
@pytest.mark.parametrize("strided", [False, True])
def test_types_that_convert(host, kind, strided):
    values = numpy.array([[1.0, 0.0, 3.0], [4.0, 5.0, 6.0]])
    expected = values.astype(kind).astype(float)
    assert numpy.array_equal(good(host.call("as_type", {"a": values}, type=kind, strided=strided))["b"], expected)


def test_fortran_order(host):
    values = numpy.arange(12.0).reshape(3, 4)
    assert numpy.array_equal(good(host.call("fortran", {"a": values}))["b"], values)


@pytest.mark.parametrize("kind", ["i8", "i4", ">i8", "u4"])
def test_whole_types_that_convert(host, kind):
    assert good(host.call("whole", {"n": numpy.arange(4)}, type=kind))["m"].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("what", ["1.5", "numpy.float64(1.5)", "numpy.array(1.5)", "numpy.float32(1.5)", "[1.5]*5",
                                  "(numpy.full(5, 1.5),)", "[numpy.full(5, 1.5)]", "{'b': [1.5]*5}",
                                  "numpy.full(5, 1.5).view(numpy.recarray)"])
def test_forms_of_one_result(host, what):
    assert good(host.call("give", {"a": ARRAY}, what=what))["b"].tolist() == [1.5] * 5


@pytest.mark.parametrize("what", ["1.5", "numpy.float64(1.5)", "numpy.array(1.5)", "numpy.float32(1.5)", "(1.5,)",
                                  "{'b': 1.5}"])
def test_forms_of_one_number(host, what):
    assert good(host.call("give", {"a": 0.0}, what=what))["b"][()] == 1.5


def test_one_number_for_all_rows(host):
    outputs = good(host.call("give_two", {"a": ARRAY}, what="(a, 3)"))
    assert outputs["c"].tolist() == [3.0] * 5
    assert good(host.call("give_whole", {"n": numpy.arange(3)}, what="True"))["m"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("what, words", [
    ("None", ["returned None, expected 1 result (b)"]),
    ("(a, a)", ["returned 2 results, expected 1 result (b)"]),
    ("()", ["returned 0 results"]),
    ("{}", ["returned a dict of []"]),
    ("{'c': a}", ["returned a dict of ['c']"]),
    ("{'b': a, 'd': a}", ["returned a dict of ['b', 'd']"]),
    ("a[:-1]", ['result "b" has the shape (4,), expected (5,)']),
    ("a.reshape(1, 5)", ["(1, 5)", "(5,)"]),
    ("a * 1j", ['result "b" is an array of complex128, expected numbers (float64)']),
    ("'text'", ['result "b" is an array of <U4']),
    ("a.astype(object)", ["an array of object"]),
    ("a.astype('M8[s]')", ["datetime64"]),
    ("[[1, 2], [3]]", ['result "b" cannot become an array']),
    ("object()", ["an array of object"]),
    ("numpy.ma.masked_less(a, 0)", ['result "b" is a MaskedArray with a mask, expected a plain array']),
])
def test_results_that_do_not_fit(host, what, words):
    wrong(host.call("give", {"a": ARRAY}, what=what), "give: ", *words)


@pytest.mark.parametrize("what, words", [
    ("a", ["returned one numpy.ndarray, expected 2 results (b, c)"]),
    ("None", ["returned None, expected 2 results"]),
    ("(a,)", ["returned 1 result, expected 2 results"]),
    ("(a, None)", ['result "c" is an array of object']),
    ("numpy.stack([a, a])", ["returned one numpy.ndarray"]),
    ("5", ["returned one int"]),
])
def test_pairs_that_do_not_fit(host, what, words):
    wrong(host.call("give_two", {"a": ARRAY}, what=what), *words)


@pytest.mark.parametrize("n", [numpy.arange(3), 1])
@pytest.mark.parametrize("what, words", [
    ("n + 0.5", ["float64, expected whole numbers (int64)"]),
    ("n + numpy.array([1], 'u8')", ["64, expected whole numbers"]),
    ("n.astype('u8')", ["uint64"]),
    ("n.astype('m8[s]')", ["timedelta64"]),
])
def test_whole_numbers_that_do_not_fit(host, n, what, words):
    wrong(host.call("give_whole", {"n": n}, what=what), *words)


def test_numbers_beyond_64_bits(host):
    wrong(host.call("give_whole", {"n": 1}, what="1 << 63"), "a number beyond 64 bits")


def test_quantities_are_refused(host):
    pytest.importorskip("astropy")
    answer = host.call("give", {"a": ARRAY}, what="__import__('astropy.units').units.Quantity(a, 'deg')")
    wrong(answer, "is a Quantity with a unit, expected a plain array")
