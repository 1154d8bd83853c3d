"""Exceptions as text: one line for the client, a traceback for who wrote the plugin.

Exceptions come from foreign code: their __str__ may raise, their messages may be large, hold surrogates or name files
of the private copy that a host works from. Nothing of that may come through, and nothing raises here.
"""

import importlib
import os
import traceback

from ._errors import clean, cut

MOST_LINE = 400  # bytes; the text of an error has room for 447
MOST_PIECE = 2048  # bytes of one frame, one message
MOST_TRACEBACK = 8191  # PROTOCOL_TRACEBACK less its end
MOST_CHAIN = 20  # exceptions in one traceback

OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep
MACHINERY = ("<frozen importlib", importlib.__file__, OURS)


class Paths:
    """The directory as the host sees it, and as its owner knows it."""

    def __init__(self, directory="", shown=""):
        self.directory = directory
        self.shown = shown or directory

    def show(self, text):
        return text.replace(self.directory, self.shown) if self.directory else text

    def has(self, filename):
        return bool(self.shown) and filename.startswith(self.shown + os.sep)


def cut_middle(text, most):
    """The text in at most this many bytes of UTF-8; what is missing is missing in its middle, and said."""
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= most:
        return text
    room = most - 64
    head, tail = data[:room // 2].decode("utf-8", "ignore"), data[-(room // 2):].decode("utf-8", "ignore")
    left_out = len(data) - len(head.encode()) - len(tail.encode())
    return f"{head}\n  [... {left_out} bytes are left out ...]\n{tail}"


def keep_frames(stack, paths):
    """From the plugin's own first frame on; without the import machinery and without this package."""
    frames = [frame for frame in stack
              if not frame.filename.startswith(MACHINERY)]
    for i, frame in enumerate(frames):
        if paths.has(frame.filename):
            return frames[i:]
    return frames


def trim(report, paths):
    """A TracebackException and all that it refers to, in place; a chain too long is cut."""
    waiting, seen = [report], 0
    while waiting:
        part = waiting.pop()
        seen += 1
        part.stack = traceback.StackSummary.from_list(keep_frames(part.stack, paths))
        for word in ("__cause__", "__context__"):
            other = getattr(part, word)
            if other is not None and seen + len(waiting) >= MOST_CHAIN:
                setattr(part, word, None)
            elif other is not None:
                waiting.append(other)
        if part.exceptions:
            waiting += part.exceptions[:MOST_CHAIN]


def one_line(exc):
    """ "ValueError: text", on one line."""
    name = type(exc).__name__
    try:
        text = str(exc)
        text = " ".join(cut(text[:8 * MOST_LINE], 8 * MOST_LINE).split())
    except BaseException:
        text = "<its text cannot be had: str() of it raises an exception>"
    return f"{name}: {text}" if text else name


def format_exception(exc, paths=None):
    """(one line, traceback) of an exception. The traceback begins at the plugin's own first frame."""
    paths = paths or Paths()
    try:
        line = cut(clean(paths.show(one_line(exc))), MOST_LINE)
    except BaseException:
        line = "an exception that cannot be told as text"
    try:
        report = traceback.TracebackException.from_exception(exc)
        trim(report, paths)
        pieces = [cut_middle(paths.show(piece), MOST_PIECE) for piece in report.format()]
        text = cut_middle(clean("".join(pieces)), MOST_TRACEBACK)
    except BaseException:
        text = line + "\n"
    return line, text
