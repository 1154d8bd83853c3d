"""Every leak is caught by astrolabe-plugin-host --check and named; nothing else is."""

import json
import os
import subprocess

import pytest

HOST = os.environ["ASTROLABE_PLUGIN_HOST"]
DEBUG_HOST = os.environ.get("ASTROLABE_PLUGIN_HOST_DBG")
PLUGINS = os.environ["LEAKS_PLUGINS"]
SANITIZED = os.environ.get("LEAKS_SANITIZED", "")

STEADY, LEAKING, USAGE, FAILED = range(4)

# plugin, conversion: what it is called, and about how many bytes per call
LEAKS = {
    ("leak_extra_incref", None): ("array memory", 150, 500),
    ("leak_append_without_decref", None): ("python objects", 20, 40),
    ("leak_never_returned", None): ("python objects", 50, 80),
    ("leak_never_freed", "leak_malloc"): ("malloc memory", 99, 101),
    ("leak_never_freed", "leak_pymem"): ("python memory", 99, 101),
    ("leak_cycles", None): ("reference cycles (collector off)", 50, 500),
    ("leak_cache", None): ("python objects", 100, 400),
    ("leak_input", None): ("retained inputs", 500, 5000),
    ("leak_unbalanced_build", None): ("array memory", 300, 1000),
    ("leak_descriptors", None): ("file descriptors", 0, 50),
    ("leak_rarely", None): ("python objects", 0.3, 3),
    ("leak_threads", None): ("threads", 0, 5000),
    ("leak_none_taken", None): ("references to None", 0, 1),
    ("leak_type_taken", None): ("references", 0, 1),
}
CLEAN = ["clean_lru_small", "clean_lru_large", "clean_warming", "clean_temporaries", "clean_last", "clean_sawtooth",
         "clean_strings", "clean_exceptions", "clean_extension", "clean_cycles"]
NEEDS_MALLOC = {"leak_malloc"}


def run(*arguments, host=HOST, status=None):
    result = subprocess.run([host, "--check", *arguments], capture_output=True, text=True, timeout=300,
                            env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
    assert status is None or result.returncode == status, (result.returncode, result.stdout, result.stderr[-3000:])
    return result


def check(plugin, *options, host=HOST, status=None):
    result = run(f"{PLUGINS}/{plugin}.py", "--json", *options, host=host, status=status)
    return json.loads(result.stdout)


@pytest.mark.parametrize(("plugin", "conversion"), LEAKS, ids=[c or p for p, c in LEAKS])
def test_leaks_are_named(plugin, conversion):
    if SANITIZED and conversion in NEEDS_MALLOC:
        pytest.skip("malloc is the sanitizer's")
    kind, least, most = LEAKS[plugin, conversion]
    options = ["--conversion", conversion] if conversion else []
    if plugin == "leak_threads":
        options += ["--calls", "6000"]
    report = check(plugin, *options, status=LEAKING)
    assert report["plugin"] == plugin
    assert report["verdict"] == "leaking"
    assert report["kind"] == kind, report
    assert least <= report["bytes_per_call"] <= most, report
    assert report["text"].startswith(plugin)
    assert report["conversions"][0]["name"] == (conversion or plugin)


@pytest.mark.parametrize("plugin", CLEAN)
def test_clean_plugins_are_steady(plugin):
    report = check(plugin, status=STEADY)
    assert report["verdict"] == "steady", report
    assert report["kind"] == "" and report["bytes_per_call"] == 0


def test_astropy_is_steady():
    report = check("clean_astropy", "--calls", "400", status=STEADY)
    assert report["verdict"] == "steady", report


def test_both_conversions_of_a_plugin_are_judged():
    report = check("leak_never_freed", "--calls", "4000", status=LEAKING)
    assert [conversion["name"] for conversion in report["conversions"]] == ["leak_malloc", "leak_pymem"]
    assert report["conversions"][1]["kind"] == "python memory"


def test_what_is_kept_is_listed():
    report = check("leak_input", "--calls", "1000", "--rows", "4", status=LEAKING)
    kept = report["conversions"][0]["retained"]
    assert len(kept) == 10
    assert all(entry["request_id"].startswith("call-") and not entry["output"] for entry in kept)
    assert kept[0]["age_s"] >= kept[-1]["age_s"] >= 0


def test_the_table():
    result = run(f"{PLUGINS}/leak_append_without_decref.py", "--calls", "3000", status=LEAKING)
    assert "leak_append_without_decref: LEAKING after" in result.stdout
    assert "in Python objects" in result.stdout
    assert "python objects, bytes" in result.stdout


def test_few_calls_in_the_time_there_is(tmp_path):
    (tmp_path / "slow.py").write_text("""
import time
from astrolabe_plugin import conversion
kept = []
@conversion(inputs={"a": ""}, outputs={"b": ""})
def slow(a):
    "Slow."
    time.sleep(0.002)
    kept.append(bytes(1000))
    return a
""")
    result = run(str(tmp_path / "slow.py"), "--json", "--seconds", "2", status=LEAKING)
    report = json.loads(result.stdout)
    assert 200 <= report["conversions"][0]["calls"] < 2000


def test_the_verdict_of_few_calls_is_careful(tmp_path):
    (tmp_path / "filling.py").write_text("""
import functools
from astrolabe_plugin import conversion
@functools.lru_cache(maxsize=8000)
def remembered(key):
    return f"key {key}"
@conversion(inputs={"a": ""}, outputs={"b": ""})
def filling(a):
    "Fills a cache."
    remembered(float(a.flat[0]))
    return a
""")
    report = json.loads(run(str(tmp_path / "filling.py"), "--json", "--calls", "3000", status=STEADY).stdout)
    assert report["verdict"] == "warming"


def test_what_plugins_print_is_not_in_the_report(tmp_path):
    (tmp_path / "talks.py").write_text("""
from astrolabe_plugin import conversion
print("at import")
@conversion(inputs={"a": ""}, outputs={"b": ""})
def talks(a):
    "Talks."
    print("at work")
    return a
""")
    result = run(str(tmp_path / "talks.py"), "--json", "--calls", "200", status=STEADY)
    assert json.loads(result.stdout)["plugin"] == "talks"
    assert "at import" in result.stderr and "at work" in result.stderr


def test_packages_and_all_kinds_of_arguments(tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("""
from typing import Literal
import numpy
from astrolabe_plugin import Field, conversion
@conversion(inputs={"angle": Field("deg", role="angle"), "dec": Field("deg", role="latitude"),
                    "n": Field(dtype=int), "name": Field(dtype=str), "d": Field("pc", role="distance")},
            outputs={"x": "", "k": Field(dtype=int)})
def everything(angle, dec, n, name, d, *, way: Literal["deg", "rad"] = "deg", scale: float = 2.0, count: int = 3,
               flag: bool = False, word: str = "w"):
    "All kinds."
    assert numpy.all(numpy.abs(dec) <= 90) and numpy.all(d >= 0) and way in ("deg", "rad")
    assert type(scale) is float and type(count) is int and type(flag) is bool and type(word) is str
    assert all(isinstance(text, str) for text in numpy.ravel(name))
    return angle * scale + dec, n + count
@conversion(inputs={"x": ""}, outputs={"y": ""}, elementwise=True)
def joined(x):
    "Joined now and then."
    return x * 2
""")
    report = json.loads(run(str(package), "--json", "--calls", "2000", status=STEADY).stdout)
    assert [(c["name"], c["failed"]) for c in report["conversions"]] == [("everything", 0), ("joined", 0)], report


def test_only_one_plugin_of_a_directory_is_loaded(tmp_path):
    (tmp_path / "broken.py").write_text("raise RuntimeError('not to be imported')\n")
    (tmp_path / "good.py").write_text("""
from astrolabe_plugin import conversion
@conversion(inputs={"a": ""}, outputs={"b": ""})
def good(a):
    "Good."
    return a
""")
    result = run(str(tmp_path / "good.py"), "--calls", "200", status=STEADY)
    assert "not to be imported" not in result.stderr


@pytest.mark.parametrize(("text", "says"), [
    ("raise RuntimeError('no import today')\n", "no import today"),
    ("this is no Python\n", "SyntaxError"),
    ("", "has no conversion"),
])
def test_what_cannot_be_loaded(tmp_path, text, says):
    (tmp_path / "plugin.py").write_text(text)
    assert says in run(str(tmp_path / "plugin.py"), status=FAILED).stderr


def test_every_call_fails(tmp_path):
    (tmp_path / "fails.py").write_text("""
from astrolabe_plugin import conversion
@conversion(inputs={"a": ""}, outputs={"b": ""})
def fails(a):
    "Fails."
    raise RuntimeError("never works")
""")
    result = run(str(tmp_path / "fails.py"), "--json", status=FAILED)
    report = json.loads(result.stdout)
    assert report["verdict"] == "failed" and "never works" in report["conversions"][0]["error"]
    assert "never works" in result.stderr


@pytest.mark.parametrize("arguments", [
    (), ("--calls", "5", "x.py"), ("--calls",), ("--nonsense", "1"), ("no-such-file.py",), ("x.py", "y.py"),
    ("--rows", "-1", "x.py"), ("--seconds", "0", "x.py"), (f"{PLUGINS}/leak_cache.py", "--conversion", "nothing"),
])
def test_usage(arguments):
    assert "astrolabe-plugin-host" in run(*arguments, status=USAGE).stderr


def test_help():
    assert "--calls N" in run("--help", status=STEADY).stdout


@pytest.mark.skipif(not DEBUG_HOST, reason="there is no debug Python")
def test_total_references_of_a_debug_build():
    right = check("clean_extension", "--calls", "2000", host=DEBUG_HOST, status=STEADY)
    wrong = check("leak_never_returned", "--calls", "2000", host=DEBUG_HOST, status=LEAKING)
    totals = [report["conversions"][0]["references"]["total_per_call"] for report in (right, wrong)]
    assert totals[1] - totals[0] == pytest.approx(1, abs=0.2), totals
