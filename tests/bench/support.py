"""What the sections of tests/bench/run share: servers pinned to one core, load from the other, medians."""

import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BIN = pathlib.Path(os.environ.get("TEST_BIN", ROOT / "build/release/bin"))
ASTROLABED = os.environ.get("ASTROLABED", str(BIN / "astrolabed"))
PYTHON = "/usr/bin/python3"
SERVER_CORE, LOAD_CORE = "0", "1"
TICK = os.sysconf("SC_CLK_TCK")

folder = tempfile.TemporaryDirectory(prefix="astrolabe-bench-")
verdicts = []
options = argparse.Namespace()  # of the command line; filled by tests/bench/run


def budget(text, value, limit, least=True):
    """One line of the closing table: least: the value must be at least the limit."""
    good = value >= limit if least else value <= limit
    verdicts.append((good, f"{text:<66} {value:8.2f}   budget {'>=' if least else '<='} {limit:g}"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Peer:
    """A server on core 0."""

    def __init__(self, name, command, port, unix=None, cwd=None, cores=SERVER_CORE):
        self.name, self.port, self.unix = name, port, unix
        self.process = subprocess.Popen(["taskset", "-c", cores, *map(str, command)], cwd=cwd,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise SystemExit(f"bench: {name} does not start") from None
                time.sleep(0.01)

    def processes(self):
        found = [self.process.pid]
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    fields = pathlib.Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
                    if int(fields[1]) == self.process.pid:
                        found.append(int(name))
                except OSError:
                    pass
        return found

    def cpu(self):
        user = system = 0.0
        for pid in self.processes():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            user, system = user + int(fields[11]) / TICK, system + int(fields[12]) / TICK
        return user, system

    def rss_megabytes(self):
        return sum(int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6
                   for pid in self.processes())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def astrolabed(*flags, cores=SERVER_CORE):
    port, unix = free_port(), os.path.join(folder.name, "socket")
    return Peer("astrolabed", [ASTROLABED, "--listen", f"127.0.0.1:{port}", "--listen", f"unix:{unix}", *flags],
                port, unix, cores=cores)


def nginx(body):
    port, home = free_port(), os.path.join(folder.name, "nginx")
    os.makedirs(home, exist_ok=True)
    temporary = "".join(f"{kind}_temp_path {home}/{kind};" for kind in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    with open(f"{home}/nginx.conf", "w") as file:
        file.write(f"""daemon off; worker_processes 1; pid {home}/pid; error_log {home}/error;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 1000000000; {temporary} client_max_body_size 1g;
  server {{ listen 127.0.0.1:{port}; listen unix:{home}/socket; default_type application/json;
  location / {{ return 200 '{body}'; }} }} }}
""")
    return Peer("nginx return 200", [shutil.which("nginx") or "/usr/sbin/nginx", "-p", home, "-c",
                                     f"{home}/nginx.conf", "-e", f"{home}/error"], port, f"{home}/socket")


def minimal(size):
    port = free_port()
    return Peer("minimal libuv, fixed reply", [BIN / "test_minimal", port, size], port)


def uvicorn(name, app, *flags):
    port = free_port()
    return Peer(name, [PYTHON, "-m", "uvicorn", app, "--port", port, "--loop", "uvloop", "--http", "httptools",
                       "--no-access-log", "--log-level", "error", *flags], port, cwd=HERE / "peers")


def aiohttp():
    port = free_port()
    return Peer("aiohttp + NumPy", [PYTHON, HERE / "peers/aiohttp_numpy.py", port], port)


# --- load -----------------------------------------------------------------------------------------


def request_file(path, body, headers=""):
    file = os.path.join(folder.name, "request")
    with open(file, "wb") as out:
        out.write(f"POST {path} HTTP/1.1\r\nHost: bench\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode())
        out.write(body)
    return file


def load(peer, path, body, headers="", connections=64, pipeline=1, unix=False):
    """Medians: rate, p50_us, p99_us, user_us and system_us of CPU per request."""
    command = ["taskset", "-c", LOAD_CORE, str(BIN / "test_load"), "--request", request_file(path, body, headers),
               "--connections", str(connections), "--pipeline", str(pipeline),
               "--warmup", "0"]
    command += ["--unix", peer.unix] if unix else ["--port", str(peer.port)]
    # Warms up, and tells how long a run must be for five answers at least.
    first = json.loads(subprocess.run([*command, "--seconds", "0.5"], check=True, capture_output=True,
                                      text=True).stdout)
    command += ["--seconds", str(max(options.seconds, 5 * 0.5 / max(first["requests"], 0.2)))]
    runs = []
    for _ in range(options.runs):
        before = peer.cpu()
        result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        after = peer.cpu()
        for key, a, b in zip(("user_us", "system_us"), before, after):
            result[key] = (b - a) * 1e6 / result["requests"]
        runs.append(result)
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def oip_body(n):
    head = json.dumps({"inputs": [
        {"name": name, "datatype": "FP64", "shape": [n], "parameters": {"binary_data_size": 8 * n}}
        for name in ("ra", "dec")], "parameters": {"binary_data_output": True}}).encode()
    column = b"".join(struct.pack("<d", (i * 0.31) % 180 - 90) for i in range(n))
    return head + column * 2, f"Inference-Header-Content-Length: {len(head)}\r\n", column * 2


def wrk(peer, path, body, connections=64):
    """The same from wrk, for small requests over TCP."""
    script = os.path.join(folder.name, "post.lua")
    with open(script, "w") as file:
        file.write(f"wrk.method = 'POST'\nwrk.body = [=[{body.decode()}]=]\n")
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{options.seconds}s", "--latency",
               "-s", script, f"http://127.0.0.1:{peer.port}{path}"]
    subprocess.run([word if not word.startswith("-d") else "-d1s" for word in command], check=True,
                   stdout=subprocess.DEVNULL)
    runs = []
    unit = {"us": 1.0, "ms": 1e3, "s": 1e6}
    for _ in range(options.runs):
        before = peer.cpu()
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        after = peer.cpu()
        if "Non-2xx" in text:
            raise SystemExit(f"bench: {peer.name} answers with errors")
        found = {}
        for line in text.splitlines():
            words = line.split()
            if words[:1] == ["Requests/sec:"]:
                found["rate"] = float(words[1])
            elif words[:1] in (["50%"], ["99%"]):
                number = words[1].rstrip("mus")
                found[f"p{words[0][:2]}_us"] = float(number) * unit[words[1][len(number):]]
            elif words[1:3] == ["requests", "in"]:
                requests = int(words[0])
        for key, a, b in zip(("user_us", "system_us"), before, after):
            found[key] = (b - a) * 1e6 / requests
        runs.append(found)
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def row(name, figures, peer=None):
    rss = f"{peer.rss_megabytes():7.1f}" if peer else ""
    print(f"  {name:<40} {figures['rate']:>11,.1f} {figures['p50_us']:>10,.0f} {figures['p99_us']:>10,.0f}"
          f" {figures['user_us']:>9,.2f} + {figures['system_us']:<9,.2f}{rss}", flush=True)


def header(title):
    print(f"\n{title}\n  {'':<40} {'requests/s':>11} {'p50 us':>10} {'p99 us':>10} "
          f"{'CPU us: user + kernel':>22} RSS MB")
