"""The command line, with a host that tells how it was called."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

CLIENT = pathlib.Path(__file__).resolve().parents[1]
COMMAND = CLIENT / "bin/astrolabe"
FAKE = """#!/bin/sh
for argument; do printf '%s\\n' "$0" "$argument"; done
exit ${FAKE_STATUS:-0}
"""


@pytest.fixture
def plugin(tmp_path):
    path = tmp_path / "some plugin.py"
    path.write_text("")
    return path


@pytest.fixture
def host(tmp_path):
    return make_host(tmp_path / "host bin" / "astrolabe-plugin-host")


def make_host(path, text=FAKE):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def run(*arguments, command=(COMMAND,), **environment):
    """The finished process, in an environment without a host."""
    clean = {key: value for key, value in os.environ.items() if key != "ASTROLABE_PLUGIN_HOST"}
    return subprocess.run([*map(str, command), *map(str, arguments)], capture_output=True, text=True,
                          env={**clean, **{key: str(value) for key, value in environment.items()}})


def called(done):
    """(the host, its arguments) of a run that reached it."""
    lines = done.stdout.splitlines()
    return pathlib.Path(lines[0]), lines[1::2]


@pytest.mark.parametrize("status", [0, 1, 2, 3, 42])
def test_the_status_goes_through(plugin, host, status):
    assert run("plugin", "check", plugin, "--host", host, FAKE_STATUS=status).returncode == status


@pytest.mark.parametrize("options, passed", [
    ([], []), (["--calls", "50"], ["--calls", "50"]), (["--json"], ["--json"]),
    (["--json", "--calls=7"], ["--calls", "7", "--json"]),
    (["--python", "/venv", "--rows", "3", "--conversion", "f", "--seconds", "5"],
     ["--seconds", "5", "--rows", "3", "--conversion", "f", "--python", "/venv"]),
])
def test_arguments_are_passed_on(plugin, host, options, passed):
    done = run("plugin", "check", *options, plugin, "--host", host)
    assert called(done) == (host, ["--check", str(plugin), *passed]) and done.stderr == ""


def test_a_relative_file_becomes_absolute(plugin, host):
    done = subprocess.run([COMMAND, "plugin", "check", plugin.name, "--host", host], cwd=plugin.parent, text=True,
                          capture_output=True)
    assert called(done)[1] == ["--check", str(plugin)]


def test_a_package(tmp_path, host):
    assert called(run("plugin", "check", tmp_path, "--host", host))[1] == ["--check", str(tmp_path)]


def test_where_the_host_is(plugin, host, tmp_path):
    other = make_host(tmp_path / "other/astrolabe-plugin-host")
    assert called(run("plugin", "check", plugin, "--host", host.parent))[0] == host
    assert called(run("plugin", "check", plugin, ASTROLABE_PLUGIN_HOST=other))[0] == other
    assert called(run("plugin", "check", plugin, "--host", host, ASTROLABE_PLUGIN_HOST=other))[0] == host


@pytest.fixture
def tree(tmp_path):
    """A source tree: the client, and the marks by which it is known."""
    shutil.copytree(CLIENT, tmp_path / "tree/clients/python", ignore=shutil.ignore_patterns("__pycache__", "tests"))
    (tmp_path / "tree/server/plugin_host").mkdir(parents=True)
    (tmp_path / "tree/CMakePresets.json").write_text("{}")
    return tmp_path / "tree"


def test_the_host_of_the_source_tree_and_of_the_path(plugin, host, tree):
    command = [tree / "clients/python/bin/astrolabe"]
    path = f"{host.parent}{os.pathsep}{os.environ['PATH']}"
    assert called(run("plugin", "check", plugin, command=command, PATH=path))[0] == host
    built = make_host(tree / "build/release/bin/astrolabe-plugin-host")
    assert called(run("plugin", "check", plugin, command=command, PATH=path))[0] == built


def test_without_a_host(plugin, tree):
    command = [sys.executable, tree / "clients/python/bin/astrolabe"]
    done = run("plugin", "check", plugin, command=command, PATH="/nonexistent")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == ("astrolabe: there is no astrolabe-plugin-host: --host and ASTROLABE_PLUGIN_HOST name none, it "
                           f"is not in {tree}/build/release/bin (deploy/quickstart builds it), it is not in PATH\n")


def test_under_the_debug_build(plugin, host, tree):
    debug = make_host(host.parent / "astrolabe-plugin-host-dbg")
    for option in (host, host.parent, debug):
        assert called(run("plugin", "check", plugin, "--debug-python", "--host", option))[0] == debug
    assert called(run("plugin", "check", plugin, "--debug-python", ASTROLABE_PLUGIN_HOST=host))[0] == debug
    command = [tree / "clients/python/bin/astrolabe"]
    built = make_host(tree / "build/release/bin/astrolabe-plugin-host-dbg")
    assert called(run("plugin", "check", plugin, "--debug-python", command=command))[0] == built


@pytest.mark.parametrize("arguments, text", [
    ([], "required"), (["plugin"], "required"), (["plugin", "check"], "FILE"),
    (["convert"], "invalid choice: 'convert'"),
    (["plugin", "check", "x", "--calls", "0"], "invalid number above 0 value: '0'"),
    (["plugin", "check", "x", "--calls", "many"], "invalid number above 0 value: 'many'"),
    (["plugin", "check", "x", "--loud"], "--loud"),
    (["plugin", "check", "/nonexistent/x.py"], "there is no file /nonexistent/x.py"),
])
def test_mistakes(arguments, text):
    done = run(*arguments)
    assert done.returncode == 2 and text in done.stderr and done.stdout == ""


def test_hosts_that_are_none(plugin, tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("")
    for path in (notes, tmp_path / "missing", tmp_path):
        done = run("plugin", "check", plugin, "--host", path)
        assert done.returncode == 2 and "--host names" in done.stderr and "which is no program" in done.stderr
    done = run("plugin", "check", plugin, ASTROLABE_PLUGIN_HOST=notes)
    assert done.returncode == 2 and done.stderr.startswith("astrolabe: ASTROLABE_PLUGIN_HOST names")
    broken = make_host(tmp_path / "broken", "#!/nonexistent/interpreter\n")
    done = run("plugin", "check", plugin, "--host", broken)
    assert done.returncode == 2 and f"{broken} cannot be run: No such file" in done.stderr


def test_as_a_module_and_help(plugin, host):
    module = [sys.executable, "-m", "astrolabe"]
    done = run("plugin", "check", plugin, "--host", host, command=module, PYTHONPATH=CLIENT)
    assert called(done)[0] == host
    done = run("--version")
    assert done.returncode == 0 and done.stdout.startswith("astrolabe 0.1.0")
    for arguments in (["--help"], ["plugin", "--help"], ["plugin", "check", "--help"]):
        done = run(*arguments)
        assert done.returncode == 0 and "check" in done.stdout
    assert "exit status: 0 nothing grows; 1 something does" in " ".join(run("plugin", "check", "--help").stdout.split())


@pytest.mark.skipif("ASTROLABED" not in os.environ, reason="run by ctest, which knows the binaries")
def test_with_the_real_host(tmp_path):
    """A plugin that keeps nothing, and one that keeps everything."""
    host = pathlib.Path(os.environ["ASTROLABED"]).with_name("astrolabe-plugin-host")
    if not host.exists():
        pytest.skip("astrolabe-plugin-host is not built")
    head = "from astrolabe_plugin import conversion\n@conversion(inputs={'a': ''}, outputs={'b': ''})\n"
    (tmp_path / "good.py").write_text(head + "def good(a):\n    return a + 1\n")
    (tmp_path / "bad.py").write_text(f"kept = []\n{head}def bad(a):\n    kept.append(bytes(5000))\n    return a + 1\n")
    (tmp_path / "broken.py").write_text("1 / 0\n")
    for name, status in (("good", 0), ("bad", 1), ("broken", 3)):
        done = run("plugin", "check", tmp_path / f"{name}.py", "--host", host, "--json", "--calls", "4000")
        assert done.returncode == status, done
        assert status == 3 or isinstance(json.loads(done.stdout), dict)
