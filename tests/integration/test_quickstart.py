"""The quick start, as a newcomer runs it. It builds build/release, so only that build runs it."""

import re
import socket
import subprocess

import pytest

from server import BINARY, ROOT

pytestmark = pytest.mark.skipif("build/release/" not in BINARY, reason="it uses the release build")


def run():
    return subprocess.run([ROOT / "deploy/quickstart", "--once"], capture_output=True, text=True, timeout=140)


def test_once():
    done = run()
    assert done.returncode == 0, done
    assert "9928 stars" in done.stdout.replace(",", "")
    assert re.search(r"points/s", done.stdout) and re.search(r"curl .*http://127\.0\.0\.1:\d+/", done.stdout)


def test_a_busy_port_is_not_the_end():
    with socket.socket() as busy:
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            busy.bind(("127.0.0.1", 9180))
            busy.listen()
        except OSError:
            pass  # busy already
        done = run()
    assert done.returncode == 0, done
    assert "9180 is busy" in done.stdout + done.stderr
    assert not re.search(r"curl .*127\.0\.0\.1:9180/", done.stdout)


def test_arguments_that_are_wrong():
    done = subprocess.run([ROOT / "deploy/quickstart", "--twice"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "--once" in done.stderr
