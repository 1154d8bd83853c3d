"""Every command of the README's tour, run against a server; what it promises is compared."""

import json
import os
import pathlib
import re
import subprocess

import pytest

from server import PATIENCE, ROOT

README = ROOT / "README.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)


def steps():
    """(command, promised output) of every console block."""
    found = []
    for block in BLOCK.findall(README.read_text()):
        command, promised = None, []
        for line in block.splitlines() + ["$ "]:
            if line.startswith("$ "):
                if command:
                    found.append((command, "\n".join(promised)))
                command, promised = line[2:], []
            elif line.startswith("> ") and not promised:
                command += "\n" + line[2:]
            else:
                promised.append(line)
    return found


STEPS = steps()


def pattern(promised):
    """`...` stands for anything; blanks are as they are."""
    return ".*?".join(re.escape(part) for part in promised.strip().split("..."))


def test_there_is_a_tour():
    assert len(STEPS) >= 10


def same(one, other):
    """Equal documents; the last digits of a number may depend on the processor."""
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= 1e-13 * max(1, abs(one))
    return type(one) is type(other) and one == other


@pytest.mark.parametrize("number", range(len(STEPS)))
def test_tour(server, tmp_path, number):
    command, promised = STEPS[number]
    command = command.replace("127.0.0.1:9180", f"{server.host}:{server.port}")
    binaries = pathlib.Path(os.environ.get("ASTROLABED", ROOT / "build/release/bin/astrolabed")).parent
    command = command.replace("build/release/bin", str(binaries))
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=PATIENCE,
                          cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)})
    assert done.returncode == 0, done
    if promised:
        printed = (done.stdout + done.stderr).replace("\r\n", "\n").strip()
        try:
            promised_document = json.loads(promised)
        except json.JSONDecodeError:
            assert re.fullmatch(pattern(promised), printed, re.S), printed
        else:
            assert same(promised_document, json.loads(printed)), printed


def test_paths_that_the_readme_names_exist():
    for path in re.findall(r"`((?:deploy|tests|server|kernels|include|cmake)/[\w./-]*)`", README.read_text()):
        assert (ROOT / path).exists(), path
