"""HTTP/1.1 by hand over a socket, with a reader that forgives nothing."""

import json
import re
import socket
import struct

HEADER = re.compile(rb"^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\x20-\x7e\x80-\xff]*)$")


def request(method="GET", path="/v2/health/live", body=None, headers=None, version="1.1", host="test"):
    """The bytes of a request. A body gets its Content-Length; headers are a dict or a list of pairs."""
    pairs = list(headers.items()) if isinstance(headers, dict) else list(headers or [])
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    names = {name.lower() for name, _ in pairs}
    lines = [f"{method} {path} HTTP/{version}"]
    if host is not None and "host" not in names:
        lines.append(f"Host: {host}")
    if body is not None and not names & {"content-length", "transfer-encoding"}:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in pairs]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


def post(path, body, headers=None, **more):
    return request("POST", path, body, headers, **more)


def convert(name, **columns):
    return post(f"/v1/convert/{name}", columns)


def chunked(body, *cuts):
    """The body in chunks that end at the given places."""
    out, begin = b"", 0
    for end in [*(min(cut, len(body)) for cut in cuts), len(body)]:
        if end > begin:
            out += b"%x\r\n%s\r\n" % (end - begin, body[begin:end])
        begin = end
    return out + b"0\r\n\r\n"


def strict_json(text):
    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    def pairs(items):
        keys = [key for key, _ in items]
        assert len(keys) == len(set(keys)), f"duplicate keys {keys}"
        return dict(items)

    return json.loads(text, parse_constant=refuse, object_pairs_hook=pairs)


class Response:
    def __init__(self, status, reason, headers, body):
        self.status, self.reason, self.headers, self.body = status, reason, headers, body

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name, default=None):
        values = self.all(name)
        assert len(values) < 2, f"{name} twice: {values}"
        return values[0] if values else default

    @property
    def closes(self):
        return (self.get("Connection") or "").lower() == "close"

    def json(self):
        assert self.get("Content-Type") == "application/json", self.headers
        return strict_json(self.body.decode("utf-8"))

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:300]!r}>"


class EndOfStream(AssertionError):
    pass


def take_head(data):
    """(status, reason, headers, rest) or None when the head is not complete."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        assert len(data) < 65536, "endless head"
        return None
    lines = data[:end].split(b"\r\n")
    match = re.fullmatch(rb"HTTP/1\.1 (\d{3}) ([\x20-\x7e]*)", lines[0])
    assert match, f"bad status line {lines[0]!r}"
    headers = []
    for line in lines[1:]:
        header = HEADER.match(line)
        assert header, f"bad header {line!r}"
        headers.append((header[1].decode(), header[2].decode("latin-1")))
    return int(match[1]), match[2].decode(), headers, data[end + 4:]


def take_response(data, head=False):
    """(response, rest) from the front of data, or None when it is not complete."""
    taken = take_head(data)
    if taken is None:
        return None
    status, reason, headers, rest = taken
    response = Response(status, reason, headers, b"")
    if status < 200:
        return response, rest
    assert not response.all("Transfer-Encoding"), "answers have a length"
    length = response.get("Content-Length")
    assert length is not None and re.fullmatch(r"\d+", length), f"no Content-Length: {headers}"
    if head:
        return response, rest
    if len(rest) < int(length):
        return None
    response.body = rest[:int(length)]
    return response, rest[int(length):]


class Wire:
    """One connection. A context manager."""

    def __init__(self, server, unix=False, timeout=None, rcvbuf=None):
        self.socket = server.connect(unix=unix, timeout=timeout, rcvbuf=rcvbuf)
        self.buffer = b""
        self.ended = False

    def send(self, data):
        self.socket.sendall(data)
        return self

    def send_what_it_takes(self, data, patience=None):
        """For requests that are refused before their end: the rest of the bytes does not matter.

        With `patience` (seconds) also for a server that stops reading until its answers are read.
        """
        before = self.socket.gettimeout()
        try:
            if patience is not None:
                self.socket.settimeout(patience)
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        except TimeoutError:
            if patience is None:
                raise
        self.socket.settimeout(before)
        return self

    def send_in_pieces(self, data, size=1):
        for begin in range(0, len(data), size):
            self.socket.sendall(data[begin:begin + size])
        return self

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def reset(self):
        """Gone without a word: RST on TCP."""
        if self.socket.family != socket.AF_UNIX:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def receive(self):
        """One recv; False at the end of the stream."""
        if self.ended:
            return False
        try:
            data = self.socket.recv(1 << 20)
        except (ConnectionResetError, BrokenPipeError):
            data = b""
        self.buffer += data
        self.ended = not data
        return not self.ended

    def response(self, head=False):
        while True:
            taken = take_response(self.buffer, head)
            if taken:
                response, self.buffer = taken
                return response
            goal = self._goal(head)  # large bodies: the head is not parsed again for every segment
            pieces, size = [self.buffer], len(self.buffer)
            while size < goal:
                self.buffer = b""
                if not self.receive():
                    self.buffer = b"".join(pieces)
                    raise EndOfStream(f"the stream ended within a response: {self.buffer[:300]!r}")
                pieces.append(self.buffer)
                size += len(self.buffer)
            self.buffer = b"".join(pieces)

    def _goal(self, head):
        """How many bytes must be there before it is worth looking again."""
        taken = take_head(self.buffer)
        if taken and not head:
            status, _, headers, rest = taken
            length = Response(status, "", headers, b"").get("Content-Length")
            if status >= 200 and length is not None:
                return len(self.buffer) - len(rest) + int(length)
        return len(self.buffer) + 1

    def ask(self, data, head=False):
        return self.send(data).response(head)

    def rest(self):
        """Everything up to the end of the stream."""
        while self.receive():
            pass
        data, self.buffer = self.buffer, b""
        return data

    def at_end(self):
        """The server closes, and has nothing more to say."""
        rest = self.rest()
        assert rest == b"", f"more came: {rest[:400]!r}"

    def usable(self):
        """The connection still serves, and nothing stood in the way of the next answer."""
        answer = self.ask(request("GET", "/v2/health/live"))
        assert (answer.status, answer.json()) == (200, {"live": True}), answer

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def once(server, data, head=False, unix=False):
    """One request on a connection of its own."""
    with Wire(server, unix=unix) as wire:
        return wire.ask(data, head)


def check_error(answer, status, code=None, plain=False, says=None):
    """The one shape of all errors. Returns the text."""
    assert answer.status == status, answer
    assert answer.get("Content-Encoding") is None
    word = answer.get("X-Error-Code")
    assert word, f"no X-Error-Code: {answer}"
    if code is not None:
        assert word == code, answer
    document = answer.json()
    if plain:
        assert set(document) == {"error", "code", "field"}, document
        assert document["code"] == word
    else:
        assert set(document) == {"error"}, document
    text = document["error"]
    assert isinstance(text, str) and text
    if says is not None:
        assert re.search(says, text), text
    return text
