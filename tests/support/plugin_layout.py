"""server/plugins/protocol.h for Python: the structures that astrolabed and a plugin host share.

tests/unit/plugin_host compares every offset here with what the compiler makes of the header.
"""

import ctypes
import pathlib
import re
from ctypes import Structure, c_char, c_double, c_int64, c_uint32, c_uint64

VERSION = 1
MAX_LOOPS, CALLS, RELEASES, MAX_PIECES, MAX_RANK = 64, 16, 1024, 128, 32
TRACEBACK, MESSAGE_MAX, CHANNEL_BYTES = 8192, 256 * 1024, 64 * 1024
MAX_INPUTS, MAX_OUTPUTS, MAX_PARAMETERS, PIECE_BLOCKS = 16, 16, 24, 4
FD_CONTROL, FD_REGION, FD_WAKE, FD_LOOPS = 3, 4, 5, 6
EXIT_DRAINED, EXIT_USAGE, EXIT_START, EXIT_CHANNEL, EXIT_ORPHAN = 0, 2, 70, 71, 72
PENDING, DONE, FAILED = 0, 1, 2
# enum astro_code: {"OK": 0, ...}, in the order of its table.
CODES = {name: i for i, name in enumerate(re.findall(
    r"^\s+X\((\w+), \"\w+\", \d+\)",
    (pathlib.Path(__file__).resolve().parents[2] / "include/astrolabe/error.h").read_text(), re.MULTILINE))}
TYPES = {"FP64": 0, "INT64": 1, "BYTES": 2, "BOOL": 3}


class RingEntry(Structure):
    _fields_ = [("call", c_uint64), ("frame", c_uint64)]


def aligned(name, bytes_before):
    """Padding up to the next 64 bytes."""
    return (name, c_char * (-bytes_before % 64))


class CallRing(Structure):
    _fields_ = [("tail", c_uint32), aligned("_1", 4), ("head", c_uint32), ("_2", c_char * 4),
                ("entries", RingEntry * CALLS), aligned("_3", 8 + 16 * CALLS)]


class ReleaseRing(Structure):
    _fields_ = [("tail", c_uint32), aligned("_1", 4), ("head", c_uint32), ("_2", c_char * 4),
                ("blocks", c_uint64 * RELEASES), aligned("_3", 8 + 8 * RELEASES)]


class ChannelLoop(Structure):
    _fields_ = [("asleep", c_uint32), aligned("_1", 4), ("done", CallRing)]


class Channel(Structure):
    _fields_ = [("version", c_uint32), ("n_loops", c_uint32), ("region_bytes", c_uint64), aligned("_1", 16),
                ("host_asleep", c_uint32), ("_2", c_char * 4), ("running", c_uint64), aligned("_3", 16),
                ("calls", CallRing), ("releases", ReleaseRing), ("loops", ChannelLoop * MAX_LOOPS)]


class Block(Structure):
    _fields_ = [("offset", c_uint64), ("bytes", c_uint64), ("retained", c_uint32), ("unused", c_uint32)]


class Input(Structure):
    _fields_ = [("present", c_uint32), ("scalar", c_uint32), ("block", c_uint32), ("type", c_uint32),
                ("offset", c_uint64), ("number", c_double), ("integer", c_int64),
                ("text_offset", c_uint32), ("text_length", c_uint32)]


class Output(Structure):
    _fields_ = [("wanted", c_uint32), ("type", c_uint32), ("offset", c_uint64)]


class Text(Structure):
    _fields_ = [("offset", c_uint64), ("length", c_uint64)]


class Piece(Structure):
    _fields_ = [("count", c_uint64), ("rank", c_uint32), ("status", c_uint32), ("shape", c_uint64 * MAX_RANK),
                ("blocks", Block * PIECE_BLOCKS), ("request_id", c_char * 64), ("inputs", Input * MAX_INPUTS),
                ("outputs", Output * MAX_OUTPUTS), ("code", c_uint32), ("field", c_char * 64),
                ("text", c_char * 448)]


class Value(Structure):
    _fields_ = [("parameter", c_uint32), ("choice", c_uint32), ("number", c_double), ("integer", c_int64),
                ("text_offset", c_uint32), ("text_length", c_uint32)]


class Frame(Structure):
    _fields_ = [("call", c_uint64), ("conversion", c_uint32), ("n_pieces", c_uint32), ("n_values", c_uint32),
                ("values_offset", c_uint32), ("pieces_offset", c_uint32), ("bytes", c_uint32),
                ("busy_ns", c_uint64), ("traceback_piece", c_uint32), ("traceback_length", c_uint32),
                ("traceback", c_char * TRACEBACK)]


# As they are called in C, with their members.
STRUCTS = {"ring_entry": RingEntry, "call_ring": CallRing, "release_ring": ReleaseRing, "channel": Channel,
           "frame_block": Block, "frame_input": Input, "frame_output": Output, "frame_text": Text,
           "frame_piece": Piece, "frame_value": Value, "frame": Frame}


def layout():
    """{"frame.bytes": offset, ..., "frame": size}"""
    found = {}
    for word, struct in STRUCTS.items():
        found[word] = ctypes.sizeof(struct)
        for name, *_ in struct._fields_:
            if not name.startswith("_"):
                found[f"{word}.{name}"] = getattr(struct, name).offset
    return found
