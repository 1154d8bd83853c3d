"""Sockets from the service manager: a restart during which no connection is refused."""

import os
import signal
import socket
import subprocess
import sys

from server import BINARY, PATIENCE

# What a service manager does: descriptors from 3 on, their number and the pid in the environment.
LAUNCH = """
import os, sys
fds = [int(text) for text in sys.argv[2:]]
spare = [os.dup2(fd, 100 + i) for i, fd in enumerate(fds)]
for i, fd in enumerate(spare):
    os.dup2(fd, 3 + i, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(fds)))
os.execv(sys.argv[1], ["astrolabed", "--shutdown-grace", "5s"])
"""


def launch(*sockets):
    for one in sockets:
        one.set_inheritable(True)
    process = subprocess.Popen(
        [sys.executable, "-c", LAUNCH, BINARY, *(str(one.fileno()) for one in sockets)],
        close_fds=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("ASTROLABE_")})
    return process, [process.stdout.readline().rstrip("\n") for _ in sockets]


def end(process):
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0
    process.stdout.close()


def live(family, address):
    with socket.socket(family) as one:
        one.settimeout(PATIENCE)
        one.connect(address)
        one.sendall(b"GET /v2/health/live HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
        data = b""
        while piece := one.recv(4096):
            data += piece
        assert data.startswith(b"HTTP/1.1 200 OK\r\n"), data


def test_sockets_outlive_the_server(tmp_path):
    path = str(tmp_path / "socket")
    with socket.socket() as tcp, socket.socket(socket.AF_UNIX) as local:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen(16)
        local.bind(path)
        local.listen(16)
        address = tcp.getsockname()
        for _ in range(3):
            process, banner = launch(tcp, local)
            assert banner == [f"listening on http://127.0.0.1:{address[1]}", f"listening on unix:{path}"]
            for _ in range(5):
                live(socket.AF_INET, address)
                live(socket.AF_UNIX, path)
            end(process)
            assert os.path.exists(path), "a socket of the service manager is not the server's to remove"
            # Between two servers connections wait in the backlog; the next one answers them.
            waiting = socket.create_connection(address, timeout=PATIENCE)
            waiting.sendall(b"GET /v2/health/live HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
            process, _ = launch(tcp, local)
            assert waiting.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n")
            waiting.close()
            end(process)


def test_variables_meant_for_another_process_are_ignored(tmp_path):
    path = str(tmp_path / "socket")
    process = subprocess.Popen(
        [BINARY, "--listen", f"unix:{path}"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, env={"LISTEN_PID": "1", "LISTEN_FDS": "1"})
    assert process.stdout.readline() == f"listening on unix:{path}\n"
    live(socket.AF_UNIX, path)
    end(process)
    assert not os.path.exists(path)
