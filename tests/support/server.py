"""The process under test: starting it, looking at it from outside, and the census after each test."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("ASTROLABED", str(ROOT / "build/release/bin/astrolabed"))
HOST = os.path.join(os.path.dirname(BINARY), "astrolabe-plugin-host")
PLUGINS = ROOT / "tests/integration/plugins"
# How much longer everything may take: sanitizer builds are slow, and so is a shared machine.
SLOW = float(os.environ.get("TEST_SLOW", "1"))
PATIENCE = 20.0 * SLOW

LISTENING = re.compile(r"^listening on (?:http://(?P<host>\[.*\]|[^:]+):(?P<port>\d+)|unix:(?P<path>.+))$")
SURPRISE = re.compile(
    r"level=(error|warn)\b|\"level\": ?\"(error|warn)\"|Sanitizer|runtime error:|[Aa]ssert|SUMMARY:"
)


def wait_until(condition, what, patience=PATIENCE):
    """Polls until condition() is true (and returns that value), or fails with `what`."""
    end = time.monotonic() + patience
    pause = 0.0005
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience:.0f} s in vain: {what() if callable(what) else what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)


def process_stat(pid):
    """The fields of /proc/PID/stat from the state on; None when there is no such process, or a zombie."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields


def process_identity(pid):
    """(pid, start time): pids are used again."""
    fields = process_stat(pid)
    return fields and (pid, fields[19])


def processes():
    """{pid: fields of stat} of everything that is alive."""
    found = {int(name): process_stat(name) for name in os.listdir("/proc") if name.isdigit()}
    return {pid: fields for pid, fields in found.items() if fields}


class Server:
    """One astrolabed on a free port and a Unix socket. A context manager; stop() asserts a clean end.

    plugins: a folder of tests/integration/plugins, of which the server gets a copy of its own to serve from,
    or a dictionary of file names and texts.
    """

    def __init__(self, *flags, listen=None, unix=True, env=None, config=None, admin_token=None, plugins=None):
        self.folder = tempfile.TemporaryDirectory(prefix="astrolabe-test-")
        self.scratch = os.path.join(self.folder.name, "tmp")
        os.mkdir(self.scratch)
        self.plugins = None if plugins is None else pathlib.Path(self.folder.name, "plugins")
        self.host_identities = set()  # of every host that was seen
        self.unix_path = os.path.join(self.folder.name, "socket") if unix else None
        self.host, self.port = "127.0.0.1", None
        self.admin_token = admin_token
        # Patterns of log lines that this configuration is right to write. The system's own list of leap
        # seconds may have expired: that is nothing of the test's.
        self.expected = [re.compile(r"leap_seconds_expired")]
        self.tortured = bool(env and "ASTROLABE_FAULT_ALLOC" in env)
        self.stopped = False
        command = [BINARY]
        if config is not None:
            path = os.path.join(self.folder.name, "config.json")
            with open(path, "w") as file:
                file.write(config if isinstance(config, str) else json.dumps(config))
            command += ["--config", path]
        for address in ["127.0.0.1:0"] if listen is None else listen:
            command += ["--listen", address]
        if unix:
            command += ["--listen", f"unix:{self.unix_path}"]
        if plugins is not None:
            self._copy_plugins(plugins)
            command += ["--plugins-directory", str(self.plugins)]
        command += [str(flag) for flag in flags]
        self.command = command
        self.n_hosts = int(command[command.index("--plugins-hosts") + 1]) if "--plugins-hosts" in command else None
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ASTROLABE_")}
        environment["TMPDIR"] = self.scratch
        environment.update(env or {})
        self.log_path = os.path.join(self.folder.name, "log")
        with open(self.log_path, "wb") as log:
            begin = time.monotonic()
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                env=environment, text=True, start_new_session=True)
        self.pid = self.process.pid
        self.banner = []
        try:
            for _ in range(command.count("--listen")):
                line = self.process.stdout.readline()
                match = LISTENING.match(line.rstrip("\n"))
                if not match:
                    self.process.kill()
                    self.process.wait()
                    raise AssertionError(f"no `listening on` line but {line!r}; log:\n{self.log()}")
                self.banner.append(line.rstrip("\n"))
                if match["port"] and self.port is None:
                    self.host, self.port = match["host"].strip("[]"), int(match["port"])
            self.start_seconds = time.monotonic() - begin
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        self.fds_before = self.fds()
        self.threads_before = self.threads()

    def _copy_plugins(self, plugins):
        if isinstance(plugins, str):
            shutil.copytree(PLUGINS / plugins, self.plugins, ignore=shutil.ignore_patterns("__pycache__"))
            return
        self.plugins.mkdir()
        for name, text in plugins.items():
            (self.plugins / name).parent.mkdir(parents=True, exist_ok=True)
            (self.plugins / name).write_text(text)

    # --- looking -------------------------------------------------------------------------------

    def fds(self):
        folder = f"/proc/{self.pid}/fd"
        found = []
        for name in os.listdir(folder):
            try:
                found.append(os.readlink(os.path.join(folder, name)))
            except FileNotFoundError:
                pass
        # The server's own copies of a directory of plugins have names by chance.
        return sorted(re.sub(r"(?<=astrolabe-plugins-)\w+|\d+", "N", target) for target in found)

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def children(self):
        return [pid for pid, fields in processes().items() if int(fields[1]) == self.pid]

    def family(self):
        """Everything that descends from the server, orphans included: its session (it began one)."""
        return [pid for pid, fields in processes().items() if int(fields[3]) == self.pid and pid != self.pid]

    def rss_bytes(self):
        with open(f"/proc/{self.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def cpu_seconds(self):
        """User and system time used so far."""
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        tick = os.sysconf("SC_CLK_TCK")
        return int(fields[11]) / tick, int(fields[12]) / tick

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()

    def log_lines(self, pattern=""):
        return [line for line in self.log().splitlines() if re.search(pattern, line)]

    def hosts(self):
        """The rows of /v1/debug/memory, by index; remembers who they were."""
        rows = sorted(self.ledger()["hosts"], key=lambda row: row["index"])
        self.remember_hosts(row["pid"] for row in rows)
        return rows

    def host_pids(self):
        return [row["pid"] for row in self.hosts()]

    def remember_hosts(self, pids):
        self.host_identities |= {identity for identity in map(process_identity, pids) if identity}

    def hosts_settled(self):
        """Every child is a host that serves, and every host is there."""
        rows = self.hosts()
        return (all(row["state"] == "ready" for row in rows) and self.n_hosts in (None, len(rows)) and
                sorted(row["pid"] for row in rows) == sorted(self.children()))

    def plugin(self, name):
        """The row of a plugin in /v1/debug/memory."""
        (row,) = [row for row in self.ledger()["plugins"] if row["name"] == name]
        return row

    def expect_log(self, pattern):
        """The test makes the server write this warning; the census does not hold it against it."""
        self.expected.append(re.compile(pattern))

    def surprises(self):
        lines = self.log().splitlines()
        return [line for line in lines if SURPRISE.search(line)
                and not any(pattern.search(line) for pattern in self.expected)]

    def alive(self):
        return self.process.poll() is None

    # --- talking -------------------------------------------------------------------------------

    def connect(self, unix=False, timeout=None, rcvbuf=None):
        if unix or self.port is None:
            peer = socket.socket(socket.AF_UNIX)
            address = self.unix_path
        else:
            peer = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            address = (self.host, self.port)
        if rcvbuf:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        peer.settimeout(PATIENCE if timeout is None else timeout)
        peer.connect(address)
        return peer

    def ledger(self):
        from wire import Wire, request

        headers = {"Connection": "close"}
        if self.admin_token:
            headers["Authorization"] = f"Bearer {self.admin_token}"
        def ask():
            with Wire(self, unix=self.unix_path is not None) as wire:
                wire.send(request("GET", "/v1/debug/memory", headers=headers))
                answer = wire.response()
                wire.at_end()
                return answer

        answer = ask()
        if self.tortured and answer.status == 503:
            answer = ask()  # the one allocation that fails was this one
        if b"too many connections" in answer.body:  # the test's own has only just been closed
            wait_until(lambda: b"too many connections" not in ask().body, "a place among the connections")
            answer = ask()
        assert answer.status == 200, answer
        return answer.json()

    def live(self):
        """The rows that belong to requests and are not zero."""
        return {kind: row for kind, row in self.ledger()["live"].items()
                if row["objects"] or row["bytes"]}

    # --- the census ----------------------------------------------------------------------------

    def census(self):
        """Nothing of any request is left: ledger zero, descriptors, threads, processes as at the start."""
        assert self.alive(), f"the server died with {self.process.returncode}:\n{self.log()[-4000:]}"
        wait_until(lambda: not self.live(), lambda: f"ledger not zero: {self.live()}")
        wait_until(lambda: self.fds() == self.fds_before,
                   lambda: f"descriptors: {self.fds()}, at the start {self.fds_before}")
        assert self.threads() == self.threads_before, "threads came or went"
        if self.plugins is None:
            assert self.children() == [], "child processes"
        else:
            wait_until(self.hosts_settled, lambda: f"hosts: {self.ledger()['hosts']}, children: {self.children()}")
        assert self.surprises() == [], "surprises in the log:\n" + "\n".join(self.surprises())

    # --- the end -------------------------------------------------------------------------------

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, patience=PATIENCE):
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the server does not end; log:\n{self.log()[-4000:]}") from None

    def stop(self):
        """SIGTERM; asserts exit 0 and, in sanitizer builds, that nothing was reported at the end."""
        if self.stopped:
            return
        self.stopped = True
        try:
            if self.alive():
                self.remember_hosts(self.children())
                self.signal(signal.SIGTERM)
            code = self.wait()
            surprises = self.surprises()
            log = self.log()
            if self.plugins is None:
                orphans = self.orphans()
            else:  # killed with their parent by the kernel, which takes a moment
                wait_until(lambda: not self.orphans(), lambda: f"hosts outlive the server: {self.orphans()}")
                orphans = []
            scratch = os.listdir(self.scratch)
        finally:
            self.end()
        assert code == 0, f"exit {code}:\n{log[-6000:]}"
        assert orphans == [], f"hosts that outlived the server: {orphans}"
        assert scratch == [], f"left behind in the temporary directory: {scratch}"
        assert surprises == [], "surprises in the log:\n" + "\n".join(surprises)

    def orphans(self):
        """Hosts of this server and what they have started, alive."""
        hosts = {identity[0] for identity in self.host_identities if process_identity(identity[0]) == identity}
        return sorted(hosts | set(self.family()))

    def end(self):
        self.stopped = True
        if self.process.poll() is None:
            self.remember_hosts(self.children())
            self.process.kill()
            self.process.wait()
        # They die with their parent, at once; the folder must not go while they are at work in it.
        wait_until(lambda: not self.orphans(), lambda: f"hosts outlive a killed server: {self.orphans()}")
        self.process.stdout.close()
        self.folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind:
            self.end()
        else:
            self.stop()


def run_binary(*arguments, env=None, input_text=None):
    """Runs astrolabed to its end: for --help and wrong settings."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ASTROLABE_")}
    environment.update(env or {})
    return subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True,
                          env=environment, timeout=PATIENCE, input=input_text)
