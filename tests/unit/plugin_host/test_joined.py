"""Requests joined into one call: results as if each were alone, failures its own."""

import numpy
import pytest

import plugin_layout as layout


def rows_printed(host, before):
    return [line for line in host.printed[1][before:].decode().splitlines() if line.startswith("rows")]


def test_joined_is_one_call(host):
    before = len(host.printed[1])
    pieces = [numpy.arange(n) + n * 100.0 for n in (3, 1, 0, 5)]
    answers = host.call_pieces("joined", [{"a": piece} for piece in pieces], add=0.5)
    assert [answer.outputs["b"].tolist() for answer in answers] == [(piece + 0.5).tolist() for piece in pieces]
    assert rows_printed(host, before) == ["rows (9,)"]


def test_shapes_and_scalars(host):
    values = [numpy.arange(6.0).reshape(2, 3), 7.0, numpy.arange(2.0), numpy.zeros((0, 3)), 9.0]
    answers = host.call_pieces("joined", [{"a": value} for value in values])
    for value, answer in zip(values, answers):
        assert numpy.array_equal(answer.outputs["b"], value + numpy.float64(1)), answer
        assert answer.outputs["b"].shape == numpy.shape(value)


def test_out(host):
    values = [numpy.arange(4.0), 7.0, numpy.arange(3.0)]
    answers = host.call_pieces("joined_out", [{"a": value} for value in values])
    for value, answer in zip(values, answers):
        assert numpy.array_equal(answer.outputs["b"], value + numpy.float64(1))
        assert numpy.array_equal(answer.outputs["c"], value * numpy.float64(2))
    answers = host.call_pieces("joined_out", [{"a": value} for value in values], wanted=["c"])
    assert [list(answer.outputs) for answer in answers] == [["c"]] * 3
    assert answers[2].outputs["c"].tolist() == [0, 2, 4]


def test_all_kinds_of_columns(host):
    pieces = [{"name": ["a", "bcd"], "a": numpy.array([1.0, 2.0]), "n": 7},
              {"name": "é", "a": 0.5, "n": -1},
              {"name": "four", "a": numpy.array([1.0, 2.0, 3.0]), "n": numpy.array([4, 5, 6])}]
    answers = host.call_pieces("joined_kinds", pieces)
    assert [answer.outputs["b"].tolist() for answer in answers] == [[2.0, 5.0], 1.5, [5.0, 6.0, 7.0]]
    assert [answer.outputs["m"].tolist() for answer in answers] == [[7, 7], -1, [4, 5, 6]]


def test_one_bad_request_does_not_fail_the_others(host):
    before = len(host.printed[1])
    answers = host.call_pieces("joined", [{"a": numpy.array([1.0, 2.0])}, {"a": -1.0}, {"a": 3.0}])
    assert [answer.status for answer in answers] == [layout.DONE, layout.FAILED, layout.DONE]
    assert answers[0].outputs["b"].tolist() == [2.0, 3.0] and answers[2].outputs["b"] == 4.0
    assert answers[1].text == "joined: ValueError: negative" and "negative" in answers[1].traceback
    assert answers[0].traceback == "" and answers[2].traceback == ""
    assert rows_printed(host, before) == ["rows (4,)", "rows (2,)", "rows ()", "rows ()"]


def test_a_bad_text_is_its_request_s_own(host):
    pieces = [{"name": name, "a": 1.0, "n": 1} for name in (["ok"], [b"\xff"], ["fine"])]
    for piece in pieces:
        piece["a"] = numpy.array([1.0])
    answers = host.call_pieces("joined_kinds", pieces)
    # Alone, each has arrays; the one with the bad text is refused.
    assert [answer.status for answer in answers] == [layout.FAILED] * 3 or answers[1].code == 7


def test_wrong_results_of_the_joined_call(host):
    answers = host.call_pieces("joined_wrong", [{"a": numpy.arange(2.0)}, {"a": numpy.arange(3.0)}, {"a": 5.0}])
    assert [answer.status for answer in answers] == [layout.DONE, layout.FAILED, layout.DONE]
    assert "shape (2,), expected (3,)" in answers[1].text


def test_as_many_as_there_may_be(host):
    answers = host.call_pieces("joined", [{"a": float(n)} for n in range(layout.MAX_PIECES)])
    assert [float(answer.outputs["b"]) for answer in answers] == [n + 1.0 for n in range(layout.MAX_PIECES)]


@pytest.mark.parametrize("n", [2, 17])
def test_nothing_is_retained(host, n):
    for answer in host.call_pieces("joined", [{"a": numpy.arange(n)} for _ in range(n)]):
        assert not any(answer.retained)
