"""Columns of booleans: cells of eight bytes in the region, NumPy's bytes in the function."""

import numpy
import pytest

import plugin_layout as layout

FLAGS = [True, False, False, True, True]


def good(answer):
    assert answer.status == layout.DONE, answer
    return answer.outputs


@pytest.mark.parametrize("shape", [(5,), (1, 5), (5, 1)])
def test_arrays(host, shape):
    flags = numpy.reshape(FLAGS, shape)
    outputs = good(host.call("give_flags", {"p": flags}, what="~p"))
    assert outputs["q"].tolist() == (~flags).astype(int).tolist()


def test_what_an_input_is(host):
    what = "(p.dtype == bool) & p.flags.owndata & (not p.flags.writeable) & p.flags.c_contiguous & (p | True)"
    assert good(host.call("give_flags", {"p": FLAGS}, what=what))["q"].all()
    assert good(host.call("give_flags", {"p": True}, what=what + " & (p.shape == ())"))["q"] == 1


def test_scalars_and_no_rows(host):
    assert good(host.call("give_flags", {"p": True}, what="p"))["q"] == 1
    assert good(host.call("give_flags", {"p": False}, what="p"))["q"] == 0
    assert good(host.call("give_flags", {"p": numpy.zeros((2, 0), bool)}, what="p"))["q"].shape == (2, 0)


def test_a_cell_is_true_unless_it_is_0(host):
    """Whatever stands there, NumPy gets bytes that are 0 or 1."""
    cells = numpy.array([0, 1, 256, -1, 1 << 40])
    assert good(host.call("give_flags", {"p": cells}, what="p"))["q"].tolist() == [0, 1, 1, 1, 1]
    assert good(host.call("give_flags", {"p": cells}, what="p.view('u1') <= 1"))["q"].all()
    assert good(host.call("give_flags", {"p": 256}, what="p.view('u1') == 1"))["q"] == 1


@pytest.mark.parametrize("what", ["p", "list(p)", "(p,)", "[p]", "{'q': p}", "p.tolist()", "numpy.repeat(p, 2)[::2]",
                                  "numpy.ma.getdata(p)", "p.view('u1').view(bool)"])
def test_forms_of_results(host, what):
    assert good(host.call("give_flags", {"p": FLAGS}, what=what))["q"].tolist() == [1, 0, 0, 1, 1]


@pytest.mark.parametrize("what", ["True", "numpy.True_", "numpy.array(True)", "(True,)", "{'q': numpy.True_}"])
def test_one_boolean(host, what):
    assert good(host.call("give_flags", {"p": FLAGS}, what=what))["q"].tolist() == [1] * 5
    assert good(host.call("give_flags", {"p": False}, what=what))["q"] == 1


@pytest.mark.parametrize("p", [FLAGS, True])
@pytest.mark.parametrize("what, words", [
    ("p.astype(int)", "int64, expected booleans (bool)"),
    ("p.astype('u1')", "uint8, expected booleans (bool)"),
    ("p * 1.0", "float64, expected booleans (bool)"),
    ("p.astype(object)", "object, expected booleans (bool)"),
    ("p.astype(str)", "expected booleans (bool)"),
    ("1", "int64, expected booleans (bool)"),
    ("0.0", "float64, expected booleans (bool)"),
    ("numpy.ones(7, bool)", "has the shape (7,)"),
    ("None", "returned None, expected 1 result (q)"),
])
def test_results_that_do_not_fit(host, p, what, words):
    answer = host.call("give_flags", {"p": p}, what=what)
    assert answer.status == layout.FAILED and answer.code == layout.CODES["PLUGIN_ERROR"] and words in answer.text


@pytest.mark.parametrize("wanted", [None, ["q"], ["n"], []])
@pytest.mark.parametrize("p", [FLAGS, False, numpy.zeros(0, bool)])
def test_out(host, p, wanted):
    outputs = good(host.call("flags_out", {"p": p}, wanted=wanted))
    expected = {"q": numpy.logical_not(p).astype(int).tolist(), "n": numpy.asarray(p).astype(int).tolist()}
    assert {name: array.tolist() for name, array in outputs.items()} == \
        {name: expected[name] for name in (["q", "n"] if wanted is None else wanted)}


def test_joined(host):
    pieces = [{"p": FLAGS, "a": 2.0}, {"p": True, "a": numpy.arange(3.0)}, {"p": False, "a": 1.0},
              {"p": numpy.zeros(0, bool), "a": numpy.zeros(0)}]
    answers = host.call_pieces("joined_flags", pieces)
    assert [good(answer)["q"].tolist() for answer in answers] == [[0, 1, 1, 0, 0], [0, 0, 0], 1, []]
    assert [good(answer)["b"].tolist() for answer in answers] == [[2, -2, -2, 2, 2], [0, 1, 2], -1, []]
    answers = host.call_pieces("joined_flags_out", [{"p": FLAGS}, {"p": True}])
    assert [good(answer)["q"].tolist() for answer in answers] == [[0, 1, 1, 0, 0], 0]


def test_nothing_is_retained(host):
    assert not any(host.call("give_flags", {"p": FLAGS}, what="p").retained)
