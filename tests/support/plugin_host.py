"""A plugin host without astrolabed: starts one, speaks its protocol, looks at what it leaves behind.

    with PluginHost(directory) as host:
        answer = host.call("my_radec_to_xyz", {"ra": array, "dec": 41.3}, radius=2.0)
        answer.outputs["x"]
"""

import ctypes
import fcntl
import itertools
import json
import mmap
import os
import select
import signal
import socket
import struct
import termios
import threading
import time

import numpy

import plugin_layout as layout
from server import PATIENCE, ROOT

BINARY = os.environ.get("ASTROLABE_PLUGIN_HOST", str(ROOT / "build/release/bin/astrolabe-plugin-host"))
DTYPES = {"FP64": numpy.float64, "INT64": numpy.int64, "BOOL": numpy.int64}  # of the cells in the region


class HostDied(AssertionError):
    pass


class Region:
    """The shared memory, and blocks in it: from lists of free ones by size, else from its untouched end."""

    def __init__(self, size, n_loops):
        self.fd = os.memfd_create("region", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, size)
        fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
        self.size, self.end, self.free, self.sizes = size, layout.CHANNEL_BYTES, {}, {}
        self.map = mmap.mmap(self.fd, size)
        self.channel = layout.Channel.from_buffer(self.map)
        self.channel.version, self.channel.n_loops, self.channel.region_bytes = layout.VERSION, n_loops, size

    def take(self, size):
        size = max(64, -(-size // 64) * 64)
        if self.free.get(size):
            offset = self.free[size].pop()
        else:
            offset, self.end = self.end, self.end + size
            assert self.end <= self.size, "the region is full"
        self.sizes[offset] = size
        return offset

    def give(self, offset):
        self.free.setdefault(self.sizes.pop(offset), []).append(offset)

    def array(self, offset, shape, dtype):
        return numpy.ndarray(shape, dtype, self.map, offset)

    def close(self):
        os.close(self.fd)


class Answer:
    """What became of a piece."""

    def __init__(self, piece, traceback, outputs):
        self.status = piece.status
        self.code, self.field, self.text = piece.code, piece.field.decode(), piece.text.decode()
        self.retained = [bool(block.retained) for block in piece.blocks]
        self.traceback = traceback
        self.outputs = outputs

    def __repr__(self):
        return f"<{['pending', 'done', 'failed'][self.status]} {self.code} {self.text!r} {self.outputs}>"


class Call:
    """A frame and its blocks, while the host works on it. Kept for use again with `keep`."""

    def __init__(self, host, conversion, pieces, parameters, wanted, request_id):
        self.host, self.conversion, self.blocks = host, conversion, []
        texts = bytearray()
        values_offset = ctypes.sizeof(layout.Frame)
        pieces_offset = values_offset + ctypes.sizeof(layout.Value) * len(parameters)
        self.texts_offset = pieces_offset + ctypes.sizeof(layout.Piece) * len(pieces)
        room = sum(len(str(v).encode()) for v in parameters.values()) + 8
        room += sum(len(str(v).encode()) + 8 for piece in pieces for v in piece.values() if isinstance(v, (str, bytes)))
        self.size = self.texts_offset + room
        self.offset = host.region.take(self.size)
        ctypes.memset(ctypes.addressof(host.region.channel) + self.offset, 0, self.size)
        frame = self.frame = layout.Frame.from_buffer(host.region.map, self.offset)
        frame.conversion, frame.n_pieces, frame.n_values = conversion["number"], len(pieces), len(parameters)
        frame.values_offset, frame.pieces_offset, frame.bytes = values_offset, pieces_offset, self.size
        values = (layout.Value * len(parameters)).from_buffer(host.region.map, self.offset + values_offset)
        for value, (name, given) in zip(values, parameters.items()):
            self._parameter(value, name, given, texts)
        self.pieces = (layout.Piece * len(pieces)).from_buffer(host.region.map, self.offset + pieces_offset)
        self.outputs = [self._piece(piece, inputs, wanted, texts) for piece, inputs in zip(self.pieces, pieces)]
        for index, piece in enumerate(self.pieces):
            piece.request_id = (request_id + (f"-{index}" if len(pieces) > 1 else "")).encode()
        begin = self.offset + self.texts_offset
        host.region.map[begin:begin + len(texts)] = bytes(texts)

    def _text(self, slot, text, texts):
        data = text if isinstance(text, bytes) else text.encode()
        slot.text_offset, slot.text_length = self.texts_offset + len(texts), len(data)
        texts += data

    def _parameter(self, value, name, given, texts):
        names = [parameter["name"] for parameter in self.conversion["parameters"]]
        value.parameter = names.index(name)
        described = self.conversion["parameters"][value.parameter]
        if described["type"] == "choice":
            value.choice = described["choices"].index(given)
        elif described["type"] == "boolean":
            value.choice = int(given)
        elif described["type"] == "number":
            value.number = given
        elif described["type"] == "integer":
            value.integer = given
        else:
            self._text(value, given, texts)

    def _block(self, piece, index, size):
        offset = self.host.region.take(size)
        self.blocks.append((piece, index, offset))
        piece.blocks[index].offset, piece.blocks[index].bytes = offset, size
        return offset

    def _piece(self, piece, inputs, wanted, texts):
        described = self.conversion["inputs"]
        arrays = {name: value for name, value in inputs.items() if isinstance(value, (numpy.ndarray, list))}
        shape = numpy.asarray(next(iter(arrays.values()))).shape if arrays else ()
        piece.rank, piece.count = len(shape), int(numpy.prod(shape, dtype=int))
        for i, length in enumerate(shape):
            piece.shape[i] = length
        self._scalars(piece, described, {k: v for k, v in inputs.items() if k not in arrays}, texts)
        self._columns(piece, described, arrays)
        wanted = [o for o in self.conversion["outputs"] if wanted is None or o["name"] in wanted]
        at = self._block(piece, layout.PIECE_BLOCKS - 1, 64 * len(wanted) + 8 * piece.count * len(wanted))
        outputs = {}
        for i, output in enumerate(self.conversion["outputs"]):
            if output in wanted:
                slot = piece.outputs[i]
                slot.wanted, slot.type, slot.offset = 1, layout.TYPES[output["type"]], at
                outputs[output["name"]] = self.host.region.array(at, shape, DTYPES[output["type"]])
                at += -(-8 * piece.count // 64) * 64
        return outputs

    def _scalars(self, piece, described, scalars, texts):
        for slot, column in zip(piece.inputs, described):
            value = scalars.get(column["name"])
            if value is None:
                continue
            slot.present = slot.scalar = 1
            slot.type = layout.TYPES[column["type"]]
            if column["type"] == "FP64":
                slot.number = value
            elif column["type"] in ("INT64", "BOOL"):
                slot.integer = value
            else:
                self._text(slot, value, texts)

    def _columns(self, piece, described, arrays):
        size = sum(-(-16 * max(1, piece.count) // 64) * 64 + sum(len(t.encode()) for t in array if isinstance(t, str))
                   for array in arrays.values())
        at = self._block(piece, 0, size) if arrays else 0
        for slot, column in zip(piece.inputs, described):
            if column["name"] not in arrays:
                continue
            slot.present, slot.block, slot.type, slot.offset = 1, 0, layout.TYPES[column["type"]], at
            if column["type"] == "BYTES":
                at = self._text_column(arrays[column["name"]], at)
            else:
                values = numpy.asarray(arrays[column["name"]], DTYPES[column["type"]])
                self.host.region.array(at, values.shape, values.dtype)[...] = values
                at += -(-8 * piece.count // 64) * 64

    def _text_column(self, texts, at):
        column = (layout.Text * len(texts)).from_buffer(self.host.region.map, at)
        at += -(-16 * len(texts) // 64) * 64
        for slot, text in zip(column, texts):
            data = text if isinstance(text, bytes) else text.encode()
            self.host.region.map[at:at + len(data)] = data
            slot.offset, slot.length = at, len(data)
            at += len(data)
        return at

    def answers(self):
        """After completion: an Answer per piece, with copies of the outputs."""
        found = []
        for index, (piece, outputs) in enumerate(zip(self.pieces, self.outputs)):
            mine = self.frame.traceback_length and self.frame.traceback_piece == index
            traceback = self.frame.traceback[:self.frame.traceback_length].decode() if mine else ""
            found.append(Answer(piece, traceback, {name: array.copy() for name, array in outputs.items()}))
        return found

    def release(self):
        """Gives the blocks back but for those that the host keeps."""
        for piece, index, offset in self.blocks:
            if piece.blocks[index].retained:
                self.host.retained.add(offset)
            else:
                self.host.region.give(offset)
        self.blocks = []
        self.host.region.give(self.offset)


class PluginHost:
    """One host process. messages: all control messages so far; conversions: by name; output: what was printed."""

    def __init__(self, directory, *, loops=1, region=64 << 20, options=(), binary=None, ready=True, env=None, **hello):
        self.region = Region(region, loops)
        self.channel = self.region.channel
        self.messages, self.conversions, self.retained, self.done = [], {}, set(), []
        self.status, self.printed = None, {1: b"", 2: b""}
        self.reading = threading.Event()
        self.reading.set()
        self._ids = itertools.count(1)
        self._spawn(binary or BINARY, list(options), loops, env)
        directory = hello.pop("hello_directory", str(directory))
        self.send(dict({"type": "hello", "version": layout.VERSION, "directory": directory, "shown": directory,
                        "python": None, "skip": [], "disabled": [], "tracebacks": True, "generation": 1,
                        "ledger": {"sample_calls": 512}}, **hello))
        if ready:
            self.wait_message("ready")

    def _spawn(self, binary, options, loops, env):
        def high(fd):
            copy = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 200)
            os.close(fd)
            return copy

        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, layout.MESSAGE_MAX)
        pipes = [os.pipe() for _ in range(2)]
        self.wake = high(os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC))
        self.loops = [high(os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)) for _ in range(loops)]
        sources = [high(theirs.detach()), high(os.dup(self.region.fd)), self.wake, *self.loops]
        writers = [high(pipe[1]) for pipe in pipes]
        null = high(os.open("/dev/null", os.O_RDONLY))
        actions = [(os.POSIX_SPAWN_DUP2, fd, target) for target, fd in
                   enumerate([null, *writers, *sources])]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        environment.update(env or {})
        self.pid = os.posix_spawn(binary, [binary, "--serve", "--parent", str(os.getpid()), *map(str, options)],
                                  environment, file_actions=actions, setsigdef=[signal.SIGPIPE])
        self.pidfd = os.pidfd_open(self.pid)
        for fd in [*sources[:2], *writers, null]:
            os.close(fd)
        self._pipes = [pipe[0] for pipe in pipes]
        self._readers = [threading.Thread(target=self._read, args=(number, pipe[0]), daemon=True)
                         for number, pipe in enumerate(pipes, 1)]
        for reader in self._readers:
            reader.start()

    def _read(self, number, fd):
        with open(fd, "rb", buffering=0) as file:
            while True:
                select.select([file], [], [])
                self.reading.wait()
                data = file.read(65536)
                if not data:
                    return
                self.printed[number] += data

    # --- control ---

    def send(self, message):
        try:
            self.control.send(message if isinstance(message, bytes) else json.dumps(message).encode())
        except OSError as error:
            raise HostDied(f"the host takes no message: {error}; {self.tail()}") from error

    def _take_messages(self):
        """Reads what is there. False: the socket has ended."""
        while True:
            try:
                data = self.control.recv(layout.MESSAGE_MAX + 1, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return True
            except ConnectionResetError:
                return False
            if not data:
                return False
            message = json.loads(data)
            self.messages.append(message)
            for described in message.get("conversions", []):
                self.conversions[described["name"]] = described

    def wait_message(self, kind, after=0, patience=PATIENCE):
        """The first message of this type from `after` on."""
        end = time.monotonic() + patience
        while True:
            alive = self._take_messages()
            for message in self.messages[after:]:
                if message["type"] == kind:
                    return message
            if not alive:
                raise HostDied(f"no {kind}: the host has ended with {self.wait()}; {self.tail()}")
            assert time.monotonic() < end, f"no {kind} after {patience} s, but {self.messages[after:]}; {self.tail()}"
            select.select([self.control], [], [], 0.5)

    def of_type(self, kind):
        self._take_messages()
        return [message for message in self.messages if message["type"] == kind]

    # --- calls ---

    def prepare(self, name, pieces, parameters=None, wanted=None, request_id="request"):
        return Call(self, self.conversions[name], pieces, parameters or {}, wanted, request_id)

    def submit(self, call, loop=0):
        call.frame.call = call.id = loop << 56 | next(self._ids)
        self.submit_raw(call.id, call.offset)

    def submit_raw(self, identity, offset):
        ring = self.channel.calls
        assert ring.tail - ring.head < layout.CALLS, "the ring of calls is full"
        entry = ring.entries[ring.tail % layout.CALLS]
        entry.call, entry.frame = identity, offset
        ring.tail += 1
        if self.channel.host_asleep:
            self.channel.host_asleep = 0
            os.eventfd_write(self.wake, 1)

    def _take_done(self, loop=0):
        ring, found = self.channel.loops[loop].done, False
        while ring.head != ring.tail:
            self.done.append(ring.entries[ring.head % layout.CALLS].call)
            ring.head += 1
            found = True
        return found

    def take_releases(self):
        """Offsets of blocks that the host has let go; they are free again."""
        ring, found = self.channel.releases, []
        while ring.head != ring.tail:
            found.append(ring.blocks[ring.head % layout.RELEASES])
            ring.head += 1
        for offset in found:
            assert offset in self.retained, f"block {offset} was released, but not retained"
            self.retained.remove(offset)
            self.region.give(offset)
        return found

    def wait_done(self, call, patience=PATIENCE):
        """Until the call is complete. HostDied: it never will be."""
        loop, end = call.id >> 56, time.monotonic() + patience
        state = self.channel.loops[loop]
        spins = 0
        while call.id not in self.done:
            if self._take_done(loop):
                continue
            spins += 1
            if spins < 2000:
                continue
            state.asleep = 1
            if state.done.head != state.done.tail:
                continue
            ready, _, _ = select.select([self.loops[loop], self.pidfd], [], [], 1)
            if self.loops[loop] in ready:
                os.eventfd_read(self.loops[loop])
            elif self.pidfd in ready and not self._take_done(loop):
                raise HostDied(f"the host ended with {self.wait()}; {self.tail()}")
            assert time.monotonic() < end, f"no completion after {patience} s; {self.tail()}"
        self.done.remove(call.id)

    def call_pieces(self, name, pieces, wanted=None, request_id="request", loop=0, patience=PATIENCE, **parameters):
        """A joined call; an Answer per piece."""
        call = self.prepare(name, pieces, parameters, wanted, request_id)
        self.submit(call, loop)
        self.wait_done(call, patience)
        answers = call.answers()
        call.release()
        self.take_releases()
        return answers

    def call(self, name, inputs, **options):
        return self.call_pieces(name, [inputs], **options)[0]

    # --- the end ---

    def unread(self):
        """Bytes in the pipes that nobody has read yet."""
        return sum(struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, bytes(4)))[0] for fd in self._pipes)

    def output(self):
        return (self.printed[1] + self.printed[2]).decode("utf-8", "replace")

    def tail(self):
        return f"it printed: {self.output()[-3000:]}"

    def wait(self, patience=PATIENCE):
        """Its end: the exit status, or minus the signal."""
        if self.status is None:
            assert select.select([self.pidfd], [], [], patience)[0], f"the host does not end; {self.tail()}"
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            for reader in self._readers:
                reader.join(2)
        return self.status

    def drain(self):
        self.send({"type": "drain"})
        self.wait_message("drained")
        return self.wait()

    def kill(self):
        if self.status is None:
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
            self.wait()

    def close(self):
        self.kill()
        for fd in [self.pidfd, self.wake, *self.loops]:
            os.close(fd)
        self.control.close()
        self.region.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()
