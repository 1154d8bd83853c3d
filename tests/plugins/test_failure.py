"""Exceptions as text: whatever they are made of, they come out short, clean and about the plugin."""

import sys

import pytest

from astrolabe_plugin import _failure, _loader
from directory import HEAD


def raised(plugins, body, name="mine"):
    """(line, traceback) of what f() in a plugin raises."""
    plugins.write(f"{name}.py", HEAD + body)
    plugins.load(name)
    try:
        sys.modules[name].f()
    except BaseException as error:
        return _loader.format_exception(error)
    raise AssertionError("nothing was raised")


def test_begins_at_the_plugin(plugins):
    line, text = raised(plugins, """
def f():
    g()
def g():
    import json
    json.loads("{")
""")
    assert line.startswith("JSONDecodeError: Expecting property name")
    lines = text.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].endswith('plugins/mine.py", line 4, in f') and lines[2] == "    g()"
    assert "json/__init__.py" in text and lines[-1] == "json.decoder." + line
    assert "test_failure" not in text


def test_chains_are_kept(plugins):
    line, text = raised(plugins, """
def f():
    try:
        try:
            1 / 0
        except ZeroDivisionError as error:
            raise KeyError("second") from error
    except KeyError:
        raise ValueError("third")
""")
    assert line == "ValueError: third"
    assert text.index("ZeroDivisionError") < text.index("direct cause") < text.index("KeyError: 'second'")
    assert text.index("During handling") < text.index("ValueError: third")


def test_groups(plugins):
    line, text = raised(plugins, """
def f():
    raise ExceptionGroup("several", [ValueError("one"), ExceptionGroup("more", [KeyError("two")])])
""")
    assert line == "ExceptionGroup: several (2 sub-exceptions)"
    assert "ValueError: one" in text and "KeyError: 'two'" in text


@pytest.mark.parametrize("body, line", [
    ("def __str__(self): raise ValueError", "Odd: <its text cannot be had: str() of it raises an exception>"),
    ("def __str__(self): raise SystemExit", "Odd: <its text cannot be had: str() of it raises an exception>"),
    ("def __str__(self): return 3", "Odd: <its text cannot be had: str() of it raises an exception>"),
    ("def __str__(self): return ''", "Odd"),
    ("def __str__(self): return 'two\\nlines\\t and\\r more'", "Odd: two lines and more"),
    ("def __str__(self): return 'a\\ud800b\\0c\\x1b[31m'", r"Odd: a\ud800b\x00c\x1b[31m"),
    ("__module__ = 3", "Odd: text"),
    ("__notes__ = 5", "Odd: text"),
])
def test_odd_exceptions(plugins, body, line):
    said, text = raised(plugins, f"""
class Odd(Exception):
    {body}
def f():
    raise Odd("text")
""")
    assert said == line
    text.encode()
    assert "Odd" in text and "\0" not in text and "\x1b" not in text


def test_large_messages(plugins):
    line, text = raised(plugins, """
def f():
    raise ValueError("begin" + "\N{EURO SIGN}" * 10_000_000 + "end")
""")
    assert line.startswith("ValueError: begin\N{EURO SIGN}") and line.endswith("...") and len(line.encode()) <= 400
    assert len(text.encode()) <= 8191 and "begin" in text and text.endswith("end\n")
    assert "bytes are left out" in text


def test_long_tracebacks_are_cut_in_their_middle(plugins):
    body = "".join(f"def g{i}():\n    g{i + 1}()  # {'x' * 60}\n" for i in range(200))
    line, text = raised(plugins, body + "def g200():\n    raise ValueError('at last')\ndef f():\n    g0()\n")
    assert len(text.encode()) <= 8191 and len(text.encode()) > 8000
    assert "in f\n" in text and "in g200\n" in text and "in g100\n" not in text
    assert text.endswith("ValueError: at last\n")


def test_endless_recursion(plugins):
    line, text = raised(plugins, "def f():\n    f()\n")
    assert line == "RecursionError: maximum recursion depth exceeded" and "Previous line repeated" in text


def test_long_chains(plugins):
    line, text = raised(plugins, """
def f():
    error = None
    for i in range(5000):
        new = ValueError(f"link {i}")
        new.__cause__ = error
        error = new
    raise error
""")
    assert line == "ValueError: link 4999" and "link 4990" in text and "link 4000" not in text
    assert len(text.encode()) <= 8191


def test_a_chain_that_bites_its_tail(plugins):
    line, text = raised(plugins, """
def f():
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    raise one
""")
    assert line == "ValueError: one" and "two" in text


def test_import_errors_name_the_original_directory(plugins):
    plugins.write("bad.py", "def f(x: return x\n")
    plugins.write("user.py", "import bad\n")
    plugins.write("opens.py", "import os\nopen(os.path.join(os.path.dirname(__file__), 'missing.csv'))\n")
    plugins.write("wrong.py", HEAD + "@conversion(inputs={'a': ''}, outputs={'b': ''})\ndef f(b):\n    return b\n")
    plugins.write("binary.py", "\0")
    expected = {
        "bad": "SyntaxError: invalid syntax (bad.py, line 1)",
        "user": "SyntaxError: invalid syntax (bad.py, line 1)",
        "opens": "FileNotFoundError: [Errno 2] No such file or directory: '/srv/astrolabe/plugins/missing.csv'",
        "wrong": "TypeError: f: the function's positional arguments are (b), the inputs are (a); they must be the "
                 "same, in the same order (what is a parameter stands behind a * in the signature)",
        "binary": "ValueError: source code string cannot contain null bytes",
    }
    plugins.discover()
    texts = {}
    for name, line in expected.items():
        with pytest.raises(Exception) as caught:
            _loader.load(name)
        said, texts[name] = _loader.format_exception(caught.value)
        if name == "binary":  # newer Pythons call this a SyntaxError
            said = said.replace("SyntaxError", "ValueError").partition(" (")[0]
        assert said == line
        assert str(plugins.path) not in texts[name] and "importlib" not in texts[name], texts[name]
        assert "_loader.py" not in texts[name] and "_declare.py" not in texts[name], texts[name]
    assert 'File "/srv/astrolabe/plugins/user.py", line 1, in <module>' in texts["user"]
    assert 'File "/srv/astrolabe/plugins/bad.py", line 1' in texts["bad"] and "^" in texts["bad"]


def test_without_a_directory():
    _loader.close_directory()
    assert _loader.format_exception(SystemExit(3)) == ("SystemExit: 3", "SystemExit: 3\n")
    assert _loader.format_exception(KeyboardInterrupt()) == ("KeyboardInterrupt", "KeyboardInterrupt\n")


def test_text_that_cannot_even_be_cut(monkeypatch):
    def fail(*arguments):
        raise MemoryError
    monkeypatch.setattr(_failure.traceback.TracebackException, "from_exception", fail)
    assert _failure.format_exception(ValueError("x")) == ("ValueError: x", "ValueError: x\n")
    monkeypatch.setattr(_failure, "clean", fail)
    assert _failure.format_exception(ValueError("x"))[0] == "an exception that cannot be told as text"


@pytest.mark.parametrize("text", ["", "x" * 100, "x" * 101, "\N{EURO SIGN}" * 5000, "a" + "\N{GRINNING FACE}" * 5000])
@pytest.mark.parametrize("most", [100, 101, 102, 8191])
def test_cutting(text, most):
    whole = _failure.cut_middle(text, most)
    assert len(whole.encode()) <= most and (whole == text) == (len(text.encode()) <= most)
    short = _failure.cut(text, most)
    assert len(short.encode()) <= most and (short == text) == (len(text.encode()) <= most)
