"""data.leap_seconds: read at start, checked, read again on SIGHUP; contexts of the old table are forgotten."""

import hashlib
import signal
import subprocess

import pytest

from server import BINARY, Server, wait_until
from wire import Wire, post, request

GOLDEN = "tests/golden/time"
NTP = 2208988800  # seconds from 1900 to 1970


def golden(name):
    with open(f"{GOLDEN}/{name}") as file:
        return file.read()


def with_step(text):
    """One more leap second, at 2030-01-01, and the checksum that belongs to it."""
    lines, steps = [], []
    for line in text.splitlines():
        if line.startswith("#h"):
            continue
        lines.append(line)
        if line and not line.startswith("#"):
            steps.append(line.split()[:2])
    steps.append([str(NTP + 1893456000), "38"])
    lines.append(f"{steps[-1][0]}      38")
    marks = {line[:2]: line[2:].strip().split()[0] for line in lines if line[:2] in ("#$", "#@")}
    digest = hashlib.sha1((marks["#$"] + marks["#@"] + "".join(a + b for a, b in steps)).encode()).hexdigest()
    words = " ".join(digest[i:i + 8] for i in range(0, 40, 8))
    return "\n".join([*lines, f"#h {words}", ""])


def tai_minus_utc(server, jd):
    with Wire(server) as wire:
        answer = wire.ask(post("/v1/convert/tai_minus_utc", {"jd1": jd}))
    assert answer.status == 200, answer
    return answer.json()


def metric(server, name):
    with Wire(server) as wire:
        text = wire.ask(request("GET", "/metrics")).body.decode()
    return float(next(line for line in text.splitlines() if line.startswith(name + " ")).split()[1])


AFTER_2030 = 2462503.5 + 100


def test_reload(tmp_path):
    path = tmp_path / "leap-seconds.list"
    path.write_text(golden("leap-seconds.list"))
    with Server("--data-leap-seconds", str(path)) as server:
        assert tai_minus_utc(server, AFTER_2030)["tai_minus_utc"] == 37
        expires = metric(server, "astrolabe_leap_seconds_expiry_seconds")
        assert expires > 1.7e9
        path.write_text(with_step(path.read_text()))
        server.signal(signal.SIGHUP)
        wait_until(lambda: tai_minus_utc(server, AFTER_2030)["tai_minus_utc"] == 38, "the new table")
        path.write_text("#@ 1\nnonsense\n")
        server.expect_log(r"event=reload_failed what=data.leap_seconds")
        server.signal(signal.SIGHUP)
        wait_until(lambda: server.log_lines("event=reload_failed what=data.leap_seconds"), "the refusal")
        assert tai_minus_utc(server, AFTER_2030)["tai_minus_utc"] == 38


def test_expired(tmp_path):
    path = tmp_path / "leap-seconds.list"
    path.write_text(golden("leap-seconds-expired.list"))
    with Server("--data-leap-seconds", str(path)) as server:
        server.expect_log("event=leap_seconds_expired")
        assert server.log_lines("event=leap_seconds_expired .*expires=2026-06-28")
        answer = tai_minus_utc(server, AFTER_2030)
        assert answer["tai_minus_utc"] == 37
        assert [warning["code"] for warning in answer["warnings"]] == ["leap_seconds_expired"]


@pytest.mark.parametrize("text", ["", "nothing\n", None])
def test_a_file_that_was_asked_for_must_be_right(tmp_path, text):
    path = tmp_path / "leap-seconds.list"
    if text is not None:
        path.write_text(text)
    for action in (["--check-config"], ["--listen", "127.0.0.1:0"]):
        run = subprocess.run([BINARY, "--data-leap-seconds", str(path), *action], capture_output=True, text=True,
                             timeout=30)
        assert run.returncode == 2 and "data.leap_seconds" in run.stderr and str(path) in run.stderr, run


def test_a_cut_file_is_not_taken(tmp_path):
    path = tmp_path / "leap-seconds.list"
    lines = golden("leap-seconds.list").splitlines()
    last = max(i for i, line in enumerate(lines) if line and not line.startswith("#"))
    path.write_text("\n".join(lines[:last] + lines[last + 1:]) + "\n")
    run = subprocess.run([BINARY, "--data-leap-seconds", str(path), "--check-config"], capture_output=True,
                         text=True, timeout=30)
    assert run.returncode == 2 and "leap_seconds" in run.stderr, run
