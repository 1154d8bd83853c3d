"""Finding, importing and ending plugins; virtual environments; what goes wrong at the start."""

import os
import subprocess

import numpy
import pytest

import plugin_layout as layout
from plugin_host import BINARY, HostDied

# A sanitizer reports crashes in the place of Python's own handler, and maps more than any limit allows.
not_sanitized = pytest.mark.skipif("TEST_SANITIZED" in os.environ, reason="crashes and memory are the sanitizer's")
HEAD = "from astrolabe_plugin import conversion, setup, teardown, Field\nimport sys\n"
ONE = "@conversion(inputs={'a': ''}, outputs={'b': ''})\n"


def good(name, factor=2):
    return f"{HEAD}{ONE}def {name}(a):\n    return a * {factor}\n"


def test_order_and_numbers(launch):
    host = launch({"beta": good("two") + ONE + "def three(a, *, x: int = 3):\n    'Doc.'\n    return a\n",
                   "alpha": good("one"), "_hidden": "1/0", "empty": "pass"})
    assert [(m["type"], m.get("plugin")) for m in host.messages[:-1]] == [
        (kind, name) for name in ("alpha", "beta", "empty") for kind in ("loading", "loaded")]
    ready = host.messages[-1]
    assert ready["plugins"] == 3 and ready["python"].startswith("3.") and ready["numpy"]
    assert {name: c["number"] for name, c in host.conversions.items()} == {"one": 0, "two": 1, "three": 2}
    assert host.conversions["three"]["parameters"][0]["name"] == "x"
    assert all(m["seconds"] >= 0 for m in host.messages if m["type"] == "loaded")
    assert host.drain() == layout.EXIT_DRAINED


@pytest.mark.parametrize("source, words", [
    ("def broken(:\n", "SyntaxError"),
    ("1/0\n", "ZeroDivisionError: division by zero"),
    ("import no_such_module_here\n", "ModuleNotFoundError"),
    ("import sys; sys.exit(0)\n", "SystemExit: 0"),
    ("raise KeyboardInterrupt\n", "KeyboardInterrupt"),
    ("def f(): return f()\nf()\n", "RecursionError"),
    (HEAD + ONE + "def f(x):\n    pass\n", "TypeError"),
    (HEAD + "@conversion(inputs={'a': ''}, outputs={'b': Field(dtype=str)})\ndef f(a):\n    pass\n",
     'the output "b" is text'),
    (good("mine") + "@setup\ndef start():\n    raise OSError('no database')\n", "OSError: no database"),
    (good("one"), "alpha"),  # declares what alpha has declared
])
def test_a_plugin_that_fails_leaves_the_others(launch, source, words):
    host = launch({"alpha": good("one"), "broken": source, "zeta": good("last")})
    failure, = host.of_type("failed")
    assert failure["plugin"] == "broken" and words in failure["error"], failure
    assert "\n" not in failure["error"] and len(failure["traceback"].encode()) < layout.TRACEBACK
    assert [m["plugin"] for m in host.of_type("loaded")] == ["alpha", "zeta"]
    assert {name: c["number"] for name, c in host.conversions.items()} == {"one": 0, "last": 1}
    for name in ("one", "last"):
        assert host.call(name, {"a": 2.0}).outputs["b"] == 4.0
    assert host.drain() == layout.EXIT_DRAINED


def test_skip_and_disabled(launch):
    host = launch({"alpha": "1/0", "beta": good("two") + ONE + "def three(a):\n    return a\n"}, skip=["alpha"],
                  disabled=["two"])
    assert not host.of_type("failed") and [m["plugin"] for m in host.of_type("loading")] == ["beta"]
    assert {name: c["number"] for name, c in host.conversions.items()} == {"three": 0}


def test_hooks(launch):
    host = launch({
        "alpha": good("one") + "@setup\ndef up():\n    print('alpha up')\n"
                               "@teardown\ndef down():\n    print('alpha down'); raise SystemExit(9)\n",
        "beta": good("two") + "import atexit\natexit.register(print, 'the end')\n"
                              "def setup():\n    print('beta up')\ndef teardown():\n    print('beta down')\n"})
    assert host.drain() == layout.EXIT_DRAINED
    printed = host.printed[1].decode().splitlines()
    assert printed == ["alpha up", "beta up", "beta down", "alpha down", "the end"]
    assert "teardown of alpha: SystemExit: 9" in host.printed[2].decode()


@not_sanitized
def test_a_death_at_import_is_after_its_loading_message(launch):
    host = launch({"alpha": good("one"), "beta": "import os; os.abort()"}, ready=False)
    with pytest.raises(HostDied):
        host.wait_message("ready")
    assert host.wait() == -6
    assert (host.messages[-1]["type"], host.messages[-1]["plugin"]) == ("loading", "beta")
    assert "beta.py" in host.output()


def test_a_fork_at_import(launch):
    host = launch({"alpha": "import os\nif os.fork() == 0:\n    pass\nelse:\n    os.wait()\n" + good("one")})
    assert len(host.of_type("ready")) == 1 and len(host.of_type("loaded")) == 1
    assert host.call("one", {"a": 2.0}).outputs["b"] == 4.0


def test_many_conversions(launch):
    lines = [ONE + f"def number{n}(a):\n    '''Summary.\n\n{'word ' * 250}'''\n    return a + {n}\n" for n in range(100)]
    host = launch(HEAD + "\n".join(lines))
    assert len(host.conversions) == 100 and host.call("number99", {"a": 1.0}).outputs["b"] == 100


def test_too_many_conversions(launch):
    lines = [ONE + f"def number{n}(a):\n    '''Summary.\n\n{'word ' * 700}'''\n    return a + {n}\n" for n in range(100)]
    host = launch(HEAD + "\n".join(lines))
    assert "are allowed" in host.of_type("failed")[0]["error"] and not host.conversions


def test_a_directory_that_is_not_there(launch):
    host = launch(good("f"), ready=False, hello_directory="/nonexistent/plugins")
    assert host.wait() == layout.EXIT_START and "/nonexistent/plugins" in host.output()


def test_python_is_isolated(launch, tmp_path):
    host = launch(None, env={"PYTHONPATH": str(tmp_path), "PYTHONSTARTUP": "x", "PYTHONHOME": "/nonexistent"})
    host.call("environment", {"a": 0.0})
    printed = host.printed[1].decode()
    assert str(tmp_path) not in printed and "1 True\n" in printed
    assert all(f"'{name}_NUM_THREADS': '1'" in printed for name in ("OMP", "OPENBLAS", "MKL"))
    assert "share/astrolabe/python" in printed


def test_threads_of_libraries_may_be_set(launch):
    host = launch(None, env={"OMP_NUM_THREADS": "3"})
    host.call("environment", {"a": 0.0})
    assert "'OMP_NUM_THREADS': '3'" in host.printed[1].decode()


# --- virtual environments ---

@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run(["/usr/bin/python3", "-m", "venv", "--without-pip", "--system-site-packages", folder], check=True)
    library, = (folder / "lib").iterdir()
    (library / "site-packages" / "only_in_this_environment.py").write_text("VALUE = 42\n")
    return folder


@pytest.mark.parametrize("tail", ["", "bin/python"])
def test_a_virtual_environment_is_used(launch, environment, tail):
    source = HEAD + "import only_in_this_environment as o\nprint(sys.prefix, sys.executable)\n" + ONE + \
        "def f(a):\n    return a * o.VALUE\n"
    host = launch(source, python=str(environment / tail))
    assert not host.of_type("failed"), host.of_type("failed")
    assert host.call("f", {"a": 2.0}).outputs["b"] == 84
    assert host.printed[1].decode() == f"{environment} {environment}/bin/python\n"
    assert "only_in_this" in launch(source).of_type("failed")[0]["error"]


def test_environments_that_do_not_fit(launch, environment, tmp_path):
    host = launch(good("f"), python=str(tmp_path / "nowhere"), ready=False)
    assert host.wait() == layout.EXIT_START and "there is no Python there" in host.output()
    other = tmp_path / "other"
    (other / "bin").mkdir(parents=True)
    os.symlink("/usr/bin/python3", other / "bin/python")
    host = launch(good("f"), python=str(other), ready=False)
    assert host.wait() == layout.EXIT_START and "was not made with the Python of this host" in host.output()


def test_an_environment_without_numpy(launch, tmp_path):
    bare = tmp_path / "bare"
    subprocess.run(["/usr/bin/python3", "-m", "venv", "--without-pip", bare], check=True)
    host = launch(good("f"), python=str(bare), ready=False)
    assert host.wait() == layout.EXIT_START
    assert "NumPy cannot be imported: No module named 'numpy'" in host.output()


# --- the command line ---

@pytest.mark.parametrize("arguments, status, words", [
    (["--help"], 0, "--serve"), ([], 2, "--serve"), (["--version"], 0, "astrolabe-plugin-host "),
    (["--nonsense"], 2, "there is no option --nonsense"),
    (["--serve", "--max-data"], 2, "no value for --max-data"),
    (["--serve", "--max-data", "-5"], 2, "not a number: -5"),
    (["--serve", "--max-cpu", "10s"], 2, "not a number: 10s"),
    (["--serve", "--whatever", "1"], 2, "no option --whatever"),
    (["--serve", "--parent", "1"], layout.EXIT_START, "is gone"),
    (["--serve"], layout.EXIT_CHANNEL, "descriptor 4 is not a region"),
])
def test_command_line(arguments, status, words):
    ran = subprocess.run([BINARY, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         stdin=subprocess.DEVNULL)
    assert ran.returncode == status and words in ran.stdout


def test_values_arrive(launch):
    host = launch(None)
    assert host.call("settings", {"a": numpy.ones(3)}, factor=4.0).outputs["b"].tolist() == [7.0] * 3
