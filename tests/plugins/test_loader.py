"""What the host calls: finding plugins, importing them, their hooks, their names in texts."""

import importlib
import json
import linecache
import os
import shutil
import subprocess
import sys
import sysconfig
import textwrap

import pytest

from astrolabe_plugin import _loader
from directory import HEAD, PLAIN

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")


def test_what_is_found(plugins):
    for name in ("b.py", "a.py", "_hidden.py", ".dot.py", "conftest.py", "test_a.py", "a_test.py", "setup.py",
                 "notes.txt",
                 "package/__init__.py", "folder/inside.py", "__pycache__/x.py", f"compiled{SUFFIX}", "stable.abi3.so",
                 "plain.so", f"built/__init__{SUFFIX}"):
        plugins.write(name, "")
    assert plugins.discover() == ["a", "b", "built", "compiled", "package", "plain", "stable"]


def test_names_that_cannot_be_plugins(plugins, capsys):
    for name in ("my-plugin.py", "1st.py", "é.py", "a b.py", "x" * 64 + ".py", "line\nbreak.py"):
        plugins.write(name, "")
    plugins.write("x" * 63 + ".py", PLAIN.replace("NAME", "f"))
    assert plugins.discover() == ["x" * 63]
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 7 and all(line.startswith("astrolabe:warning: ") for line in said)
    assert any("my-plugin.py is not loaded: 'my-plugin' is no name for a Python module" in line for line in said)
    assert [loaded.name for loaded in _loader.load("x" * 63)] == ["f"]
    with pytest.raises(ImportError, match="no name for a Python module"):
        _loader.load("my-plugin")


def test_loading_before_looking():
    _loader.close_directory()
    with pytest.raises(RuntimeError, match=r"discover\(\) comes before load\(\)"):
        _loader.load("anything")


def test_there_is_no_such_directory():
    with pytest.raises(FileNotFoundError):
        _loader.discover("/nonexistent/plugins", "/nonexistent/plugins")
    _loader.close_directory()


def test_a_plugin(plugins):
    plugins.write("mine.py", HEAD + """
        from typing import Literal
        @conversion(inputs={"a": "", "b": Field(dtype=int)}, outputs={"c": Field(dtype=int), "d": ""}, elementwise=True,
                    max_rows=5)
        def first(a, b, *, out, mode: Literal["x", 1] = "x", n=3):
            out[1][...] = a
        @conversion(inputs={"a": ""}, outputs={"b": ""})
        def second(a):
            return a
        """)
    first, second = plugins.load("mine")
    assert (first.name, first.elementwise, first.wants_out, first.max_rows) == ("first", True, True, 5)
    assert first.input_names == ("a", "b") and first.output_names == ("c", "d")
    assert first.input_types == ("FP64", "INT64") and first.output_types == ("INT64", "FP64")
    assert first.parameters == (("mode", "choice", ("x", 1)), ("n", "integer", None))
    assert json.loads(first.description)["name"] == "first"
    assert second.function(3) == 3 and not hasattr(second.function, "conversion")
    assert first.function.__code__.co_filename == f"{plugins.shown}/mine.py"
    assert sys.modules["mine"].__file__ == str(plugins.path / "mine.py")


def test_string_annotations(plugins):
    plugins.write("mine.py", """
        from __future__ import annotations
        from typing import TYPE_CHECKING, Annotated, Literal, Optional
        from astrolabe_plugin import *
        if TYPE_CHECKING:
            from nowhere import Thing
        @conversion(inputs={"a": "", "b": ""}, outputs={"c": ""})
        def f(a: float, b: Optional[int] = None, *, m: Literal["x"] = "x",
              p: Annotated[float | None, Range(0, 1), Unit("s")] = None) -> Thing:
            return a
        """)
    said = json.loads(plugins.load("mine")[0].description)
    assert [(i["type"], i["optional"]) for i in said["inputs"]] == [("FP64", False), ("INT64", True)]
    assert said["parameters"][0]["choices"] == ["x"]
    assert (said["parameters"][1]["unit"], said["parameters"][1]["maximum"]) == ("s", 1.0)


def test_helpers_and_packages(plugins):
    plugins.write("helper.py", "FACTOR = 3\n")
    plugins.write("another.py", PLAIN.replace("NAME", "of_another"))
    plugins.write("pack/__init__.py", HEAD + """
        from . import part
        from .deep.inner import VALUE
        from another import of_another
        import helper
        @conversion(inputs={"a": ""}, outputs={"b": ""})
        def of_pack(a):
            return a * helper.FACTOR * VALUE
        """)
    plugins.write("pack/part.py", PLAIN.replace("NAME", "of_part"))
    plugins.write("pack/deep/__init__.py", "")
    plugins.write("pack/deep/inner.py", "VALUE = 2\n")
    assert plugins.discover() == ["another", "helper", "pack"]
    # `pack` comes first here: what it imports on the way belongs to the plugin that declares it.
    assert [loaded.name for loaded in _loader.load("pack")] == ["of_part", "of_pack"]
    assert [loaded.name for loaded in _loader.load("another")] == ["of_another"]
    assert _loader.load("helper") == []
    assert sys.modules["pack"].of_pack(1) == 6.0
    assert sys.modules["pack.part"].of_part.conversion.function.__code__.co_filename == f"{plugins.shown}/pack/part.py"


def test_a_factory_in_a_helper(plugins):
    """A conversion belongs to the plugin that is being imported, wherever its function stands."""
    plugins.write("factory.py", HEAD + """
        def make(name):
            @conversion(inputs={"a": ""}, outputs={"b": ""}, name=name)
            def f(a):
                return a
            return f
        """)
    plugins.write("user.py", "from factory import make\none, two = make('one'), make('two')\n")
    assert plugins.discover() == ["factory", "user"]
    assert _loader.load("factory") == []
    assert [loaded.name for loaded in _loader.load("user")] == ["one", "two"]


def test_names_of_installed_modules(plugins):
    for name in ("json", "sys", "numpy", "astrolabe_plugin", "pytest"):
        plugins.write(f"{name}.py", PLAIN.replace("NAME", "f"))
        plugins.discover()
        with pytest.raises(ImportError, match=f"a plugin cannot be called {name}: .*rename the file"):
            _loader.load(name)
    assert importlib.import_module("json").__file__ != str(plugins.path / "json.py")
    with pytest.raises(ModuleNotFoundError, match="there is no plugin missing in /srv/astrolabe/plugins"):
        _loader.load("missing")


def test_twice_the_same_name(plugins):
    plugins.write("a.py", PLAIN.replace("NAME", "f"))
    plugins.write("b.py", PLAIN.replace("NAME", "f"))
    plugins.write("c.py", PLAIN.replace("NAME", "g") + PLAIN.replace("NAME", "g"))
    plugins.discover()
    assert len(_loader.load("a")) == 1
    with pytest.raises(ValueError, match="b declares the conversion f, which a declares as well"):
        _loader.load("b")
    with pytest.raises(ValueError, match="c declares two conversions called g"):
        _loader.load("c")


def test_a_failed_plugin_leaves_nothing(plugins):
    plugins.write("bad/__init__.py", PLAIN.replace("NAME", "f") + "from . import part\n1 / 0\n")
    plugins.write("bad/part.py", PLAIN.replace("NAME", "g"))
    plugins.write("good.py", PLAIN.replace("NAME", "f"))
    plugins.discover()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            _loader.load("bad")
        assert not [name for name in sys.modules if name.startswith("bad")]
    assert [loaded.name for loaded in _loader.load("good")] == ["f"]
    plugins.write("bad/__init__.py", PLAIN.replace("NAME", "h"))
    assert [loaded.name for loaded in _loader.load("bad")] == ["h"]


def test_an_import_that_failed_within_another_one(plugins):
    plugins.write("a.py", """
        try:
            import b
        except ZeroDivisionError:
            import helper
            helper.fail = False
        """)
    plugins.write("b.py", PLAIN.replace("NAME", "f") + "import helper\nif helper.fail:\n    1 / 0\n")
    plugins.write("helper.py", "fail = True\n")
    assert plugins.discover() == ["a", "b", "helper"]
    assert _loader.load("a") == []
    assert [loaded.name for loaded in _loader.load("b")] == ["f"]


def test_what_is_too_much_for_one_message(plugins):
    text = HEAD + "".join(f"""
@conversion(inputs={{"a": ""}}, outputs={{"b": ""}}, name="f{i}", description="x" * 8000)
def f(a):
    return a
""" for i in range(32))
    plugins.write("many.py", text)
    with pytest.raises(ValueError, match="the descriptions of the 32 conversions of many have .* make two plugins"):
        plugins.load("many")


def test_declared_too_late(plugins, capsys):
    plugins.write("late.py", HEAD + "def setup():\n    import late2\n")
    plugins.write("late2.py", PLAIN.replace("NAME", "f"))
    plugins.discover()
    _loader.load("late2")
    assert capsys.readouterr().err == ""
    exec(PLAIN.replace("NAME", "g"), sys.modules["late2"].__dict__)  # as in a call: no plugin is being imported
    assert capsys.readouterr().err == ""
    plugins.write("late2/more.py", PLAIN.replace("NAME", "f"))
    sys.modules["late2"].__path__ = [str(plugins.path / "late2")]
    importlib.import_module("late2.more")
    assert "astrolabe:warning: f is declared after late2 has been loaded: it is not served" in capsys.readouterr().err


# --- hooks ---

def test_hooks(plugins):
    plugins.write("tools.py", """
        from astrolabe_plugin import setup
        calls = []
        def teardown():
            calls.append('tools')
        """)
    plugins.write("a.py", """
        from tools import calls, teardown as tools_teardown
        from astrolabe_plugin import setup, teardown
        @setup
        def first():
            calls.append("a first")
        @setup
        def second():
            calls.append("a second")
        @teardown
        def one():
            calls.append("a one")
        @teardown
        def two():
            calls.append("a two")
        """)
    plugins.write("b.py", """
        from tools import calls
        def setup(*, retries=3):
            calls.append("b setup")
        def teardown():
            calls.append("b teardown")
        """)
    plugins.write("c.py", """
        from tools import calls, teardown
        import astrolabe_plugin
        @astrolabe_plugin.setup
        def setup():
            calls.append("c once")
        """)
    for name in plugins.discover():
        _loader.load(name)
    calls = sys.modules["tools"].calls
    assert calls == ["a first", "a second", "b setup", "c once"]
    calls.clear()
    _loader.teardown()
    # The last one first. c has imported a function called teardown: that one is the business of tools.
    assert calls == ["tools", "b teardown", "a two", "a one"]
    _loader.teardown()
    assert len(calls) == 4


def test_hooks_that_fail(plugins, capsys):
    plugins.write("a.py", """
        def setup():
            raise RuntimeError('no lamp')
        def teardown():
            raise AssertionError('never')
        """)
    plugins.write("b.py", "def teardown():\n    raise SystemExit(3)\n")
    plugins.write("c.py", "called = []\ndef teardown():\n    called.append(1)\n")
    plugins.write("d.py", "def setup(lamp):\n    pass\n")
    plugins.discover()
    with pytest.raises(RuntimeError, match="no lamp"):
        _loader.load("a")
    with pytest.raises(TypeError, match=r"setup: setup\(lamp\) must be callable without arguments"):
        _loader.load("d")
    called = []
    for name in ("c", "b"):
        _loader.load(name)
        called = getattr(sys.modules[name], "called", called)
    _loader.teardown()
    assert called == [1]
    assert "astrolabe:error: teardown of b: SystemExit: 3" in capsys.readouterr().err


# --- sources ---

def test_sources_are_read_anew(plugins):
    """Neither byte code that lies about nor the file's present state decide what runs or what a traceback shows."""
    file = plugins.write("mine.py", "def f():\n    raise ValueError('old')\n")
    plugins.load("mine")
    module = sys.modules["mine"]
    file.write_text("\n\n# something else\n")
    with pytest.raises(ValueError) as caught:
        module.f()
    assert _loader.format_exception(caught.value)[1] == (
        "Traceback (most recent call last):\n"
        '  File "/srv/astrolabe/plugins/mine.py", line 2, in f\n'
        "    raise ValueError('old')\n"
        "ValueError: old\n")
    assert linecache.getline("/srv/astrolabe/plugins/mine.py", 2) == "    raise ValueError('old')\n"
    assert not (plugins.path / "__pycache__").exists()


def test_stale_byte_code_is_not_run(plugins):
    file = plugins.write("mine.py", PLAIN.replace("NAME", "old"))
    stamp = file.stat()
    subprocess.run([sys.executable, "-m", "py_compile", str(file)], check=True)
    file.write_text(PLAIN.replace("NAME", "new"))  # as long, and made to look as old
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert (plugins.path / "__pycache__").exists()
    assert [loaded.name for loaded in plugins.load("mine")] == ["new"]
    shutil.rmtree(plugins.path / "__pycache__")


def test_a_source_in_another_encoding(plugins):
    (plugins.path / "mine.py").write_bytes("# coding: latin-1\nTEXT = 'é'\n".encode("latin-1"))
    plugins.load("mine")
    assert sys.modules["mine"].TEXT == "é"


# --- compiled ---

@pytest.fixture(scope="module")
def compiler():
    if not shutil.which("cc") or not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
        pytest.skip("no compiler or no Python.h")


def build(plugins, name, body, suffix=SUFFIX):
    """An extension module; `body` is run by its single-phase init, `module` is at hand."""
    source = plugins.path.parent / f"{name.replace('/', '_')}.c"
    short = name.rpartition("/")[2]
    source.write_text(textwrap.dedent("""
        #include <Python.h>
        static PyObject *twice(PyObject *self, PyObject *arg) { (void)self; return PyNumber_Add(arg, arg); }
        static PyMethodDef methods[] = {
            {"twice", twice, METH_O, "twice(a, /)\\n--\\n\\nTwice as much.\\n\\nArgs:\\n    a: how much\\n"}, {0}};
        static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "%s", NULL, -1, methods};
        PyMODINIT_FUNC PyInit_%s(void)
        {
            PyObject *module = PyModule_Create(&definition);
            %s
            return module;
        }""") % (short, short, body))
    target = plugins.path / f"{name}{suffix}"
    target.parent.mkdir(exist_ok=True)
    subprocess.run(["cc", "-shared", "-fPIC", "-w", f"-I{sysconfig.get_path('include')}", "-o", str(target),
                    str(source)], check=True)


# What a plugin in C does to declare a conversion by itself: error exits go back as NULL.
REGISTER = """
    PyObject *function = PyObject_GetAttrString(module, "twice");
    PyObject *package = PyImport_ImportModule("astrolabe_plugin");
    PyObject *decorator = package ? PyObject_GetAttrString(package, "conversion") : NULL;
    PyObject *nothing = PyTuple_New(0);
    PyObject *said = Py_BuildValue("{s{ss}s{ss}}", "inputs", "a", "", "outputs", "b", "");
    PyObject *decorate = decorator && said ? PyObject_Call(decorator, nothing, said) : NULL;
    PyObject *decorated = decorate ? PyObject_CallOneArg(decorate, function) : NULL;
    int good = decorated != NULL && PyObject_SetAttrString(module, "twice", decorated) == 0;
    Py_XDECREF(function); Py_XDECREF(package); Py_XDECREF(decorator); Py_XDECREF(nothing); Py_XDECREF(said);
    Py_XDECREF(decorate); Py_XDECREF(decorated);
    if (!good)
        Py_CLEAR(module);
"""


@pytest.mark.parametrize("suffix", [SUFFIX, ".abi3.so", ".so"])
def test_an_extension_that_declares_by_itself(plugins, compiler, suffix):
    name = f"self_made{len(suffix)}"  # a single-phase extension is kept by Python under its name
    build(plugins, name, REGISTER, suffix)
    (loaded,) = plugins.load(name)
    said = json.loads(loaded.description)
    assert (loaded.name, said["summary"], said["inputs"][0]["doc"]) == ("twice", "Twice as much.", "how much")
    assert loaded.function(4) == 8 and sys.modules[name].twice(4) == 8.0


def test_an_extension_beside_its_plugin(plugins, compiler):
    build(plugins, "core", "")
    plugins.write("front.py", HEAD + """
        import core
        twice = conversion(inputs={"a": ""}, outputs={"b": ""}, name="front")(core.twice)
        """)
    assert plugins.discover() == ["core", "front"]
    assert _loader.load("core") == []
    assert [loaded.name for loaded in _loader.load("front")] == ["front"]


def test_an_extension_that_cannot_be_loaded(plugins, compiler):
    plugins.write("broken.so", "this is no library")
    with pytest.raises(ImportError) as caught:
        plugins.load("broken")
    line, text = _loader.format_exception(caught.value)
    assert line.startswith("ImportError: /srv/astrolabe/plugins/broken.so: ") and str(plugins.path) not in text
