"""What a plugin says to others: Invalid to the client, log() to the operator."""

import sys

# The refusals of the service that are about what a client has sent.
CODES = ("out_of_range", "missing_input", "missing_parameter", "conflict", "bad_type", "bad_parameter",
         "shape_mismatch", "bad_time", "bad_header", "eop_unavailable", "invalid_request")
LEVELS = ("debug", "info", "warning", "error")

# A line of this length reaches the log in one piece, whoever else writes to the pipe.
LINE_BYTES = 1900


class Invalid(ValueError):
    """The request makes no sense: 400 with this text, instead of 502.

    field is the input or parameter concerned; code goes into X-Error-Code.
    """

    def __init__(self, text, field=None, code="bad_parameter"):
        if code not in CODES:
            raise ValueError(f"Invalid: code {code!r} is not one of {', '.join(CODES)}")
        if field is not None and not isinstance(field, str):
            raise TypeError(f"Invalid: field is the name of an input or parameter, not {field!r}")
        super().__init__(str(text))
        self.text = str(text)
        self.field = field
        self.code = code

    def __reduce__(self):
        return type(self), (self.text, self.field, self.code)


def clean(text):
    """Text that can be encoded, without control characters but line ends and tabs."""
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c in "\n\t" or (c.isprintable() or c.isspace()) and ord(c) >= 32 else ascii(c)[1:-1]
                   for c in text)


def cut(text, most):
    """The text, in at most this many bytes of UTF-8, with dots in place of its end."""
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= most:
        return text
    return data[:most - 3].decode("utf-8", "ignore") + "..."


def log(message, level="info"):
    """One line for the log of the service, with the plugin's name and the request's id."""
    if level not in LEVELS:
        raise ValueError(f"log: level {level!r} is not one of {', '.join(LEVELS)}")
    lines = [cut(clean(line), LINE_BYTES) for line in str(message).splitlines()] or [""]
    sys.stderr.write("".join(f"astrolabe:{level}: {line}\n" for line in lines))
    sys.stderr.flush()


def host():
    """The host's own module inside astrolabe-plugin-host, None anywhere else."""
    try:
        import _astrolabe_host
    except ImportError:
        return None
    return _astrolabe_host


def request_id():
    """The id of the request at work; "" outside of a call and outside of a host."""
    inside = host()
    return inside.request_id() if inside is not None else ""
