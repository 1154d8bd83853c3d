"""Every command of docs/plugins.md, run as it stands; only the port and the directories are others."""

import json
import os
import pathlib
import re
import socket
import subprocess

import pytest

from server import ROOT

GUIDE = ROOT / "docs/plugins.md"
BINARIES = pathlib.Path(os.environ.get("ASTROLABED", ROOT / "build/release/bin/astrolabed")).parent
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(), re.M | re.S)
PATIENCE = 120 * float(os.environ.get("TEST_SLOW", "1"))

pytestmark = pytest.mark.skipif(not (BINARIES / "astrolabe-plugin-host").exists(),
                                reason="astrolabe-plugin-host is not built")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Guide:
    """Runs blocks; the directory that the first one makes is there for the others."""

    def __init__(self, directory):
        self.directory = directory
        (directory / ".curlrc").write_text("fail-with-body\n")  # an error status is an error

    def run(self, block):
        """What it prints. A server that it leaves behind is ended."""
        for old, new in (("build/my-plugins", self.directory / "my-plugins"), ("build/release/bin", BINARIES),
                         ("build/release/plugins", BINARIES.parent / "plugins"), ("../../server", ROOT / "server"),
                         ("127.0.0.1:9180", f"127.0.0.1:{free_port()}")):
            block = block.replace(old, str(new))
        script = "set -e\ntrap 'kill $(jobs -p) 2>/dev/null || true; wait || true' EXIT\n" + block
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=PATIENCE, cwd=ROOT,
                              env={**os.environ, "CURL_HOME": str(self.directory),
                                   "ASTROLABE_PLUGIN_HOST": str(BINARIES / "astrolabe-plugin-host")})
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def guide(tmp_path_factory):
    guide = Guide(tmp_path_factory.mktemp("guide"))
    guide.run(BLOCKS[0])
    return guide


def block_with(text):
    (found,) = [block for block in BLOCKS if text in block]
    return found


def documents(printed):
    """The JSON documents of an output, whatever stands between them."""
    found, decoder, at = [], json.JSONDecoder(), 0
    while True:
        starts = [place for place in (printed.find("{", at), printed.find("[", at)) if place >= 0]
        if not starts:
            return found
        document, at = decoder.raw_decode(printed, min(starts))
        found.append(document)


def test_the_first_plugin(guide):
    *_, answer, description = documents(guide.run(block_with("v1/conversions/my_radec_to_xyz")))
    assert answer["x"] == [2.0, pytest.approx(0, abs=1e-15)] and answer["y"] == [0.0, 2.0] and answer["z"] == [0.0, 0.0]
    assert description["summary"] == "Spherical to Cartesian, scaled."
    assert description["parameters"][0]["doc"] == "distance from the origin"


def test_without_a_server(guide):
    guide.run(block_with("assert abs(y[1] - 2)"))


@pytest.mark.parametrize("file", ["build/my-plugins/sky.py", "deploy/plugins/radec_to_xyz_numpy.py",
                                  "build/release/plugins/compiled"])
def test_plugin_check(guide, file):
    assert "steady" in guide.run(block_with(f"plugin check {file}"))


def test_unload_and_load(guide):
    *_, unloaded, index, loaded, answer = documents(guide.run(block_with("my_radec_to_xyz/unload")))
    assert (unloaded, loaded) == ({}, {}) and answer["z"] == 1.0
    assert [row["state"] for row in index if row["name"] == "my_radec_to_xyz"] in ([], ["UNAVAILABLE"])


def test_tracing(guide):
    *_, started, answer, stopped, memory = documents(guide.run(block_with('"action": "stop"')))
    assert isinstance(started, dict) and isinstance(stopped, dict) and answer["z"] == 1.0
    assert [row["name"] for row in memory["plugins"]] == ["sky"]


def test_every_block_is_run():
    assert len(BLOCKS) == 8


def test_paths_that_the_guide_names_exist():
    for path in re.findall(r"`((?:deploy|tests|server|include|clients)/[\w./-]*)`", GUIDE.read_text()):
        assert (ROOT / path).exists(), path
