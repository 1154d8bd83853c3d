"""Columns, parameters, conversions: their limits, and the description as the server reads it.

The limits are those of include/astrolabe/conversion.h and server/catalogue/draft.h. What breaks one is an
error where it is declared, with the conversion's name.
"""

import dataclasses
import json
import math
import re

MAX_INPUTS = 16
MAX_OUTPUTS = 16
MAX_PARAMETERS = 24
MAX_CHOICES = 64
MAX_NAME = 63  # bytes
MAX_WORD = 63  # bytes of a unit or of a choice
MAX_LINE = 200  # bytes of a summary, of a default_doc
MAX_DOC = 1024  # bytes of a doc, a reference, an accuracy, the default of a text
MAX_DESCRIPTION = 8192
MAX_STRING = 64 * 1024  # bytes of a string parameter
MAX_ROWS = 1 << 30
MAX_DOCUMENT = 64 * 1024
LARGEST_WHOLE = 1 << 53  # numbers in requests pass through a double

ROLES = ("plain", "longitude", "latitude", "angle", "distance")
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
# What clients of the Open Inference Protocol send for themselves, what answers carry beside the outputs, and
# what the host hands in.
RESERVED = {"sequence_id", "sequence_start", "sequence_end", "priority", "timeout", "headers",
            "binary_data_output", "content_type", "warnings", "error", "out"}


@dataclasses.dataclass(frozen=True)
class Field:
    """An input or output, where a unit alone does not say enough.

    role: plain; longitude (any finite value); latitude (within [-90, 90], checked by the server); angle;
    distance (not negative, checked by the server). default_doc: what an absent optional input means.
    """
    unit: str = ""
    doc: str = ""
    dtype: object = None  # float, int, bool or str; None: as annotated, else float
    role: str = "plain"
    default_doc: str = None


@dataclasses.dataclass(frozen=True)
class Column:
    """An input or output of a conversion, complete."""
    name: str
    type: str  # FP64, INT64, BYTES, BOOL
    role: str
    unit: str
    doc: str
    optional: bool = False
    default_doc: str = None

    def document(self):
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True)
class Parameter:
    """A single value of a request."""
    name: str
    type: str  # choice, number, integer, boolean, string
    default: str = None  # as text, the way a request would say it
    optional: bool = False  # may be absent, without a default
    choices: tuple = None  # the words
    values: tuple = None  # what Python gets for them
    minimum: float = None
    maximum: float = None
    unit: str = ""
    doc: str = ""

    def document(self):
        said = {"name": self.name, "type": self.type, "default": self.default, "optional": self.optional,
                "unit": self.unit, "doc": self.doc}
        if self.type == "choice":
            said["choices"] = list(self.choices)
        for word in ("minimum", "maximum"):
            if getattr(self, word) is not None:
                said[word] = getattr(self, word)
        return said


@dataclasses.dataclass(frozen=True)
class Conversion:
    """Everything that is known of a conversion. Decorated functions have it as .conversion."""
    name: str
    group: str
    summary: str
    description: str
    reference: str
    accuracy: str
    elementwise: bool
    max_rows: int
    wants_out: bool
    inputs: tuple
    outputs: tuple
    parameters: tuple
    function: object  # as it was written, undecorated

    def document(self):
        """The description, as in the `loaded` message of server/plugins/protocol.h, without its number."""
        said = {key: getattr(self, key) for key in ("name", "group", "summary", "description", "reference",
                                                     "accuracy", "elementwise", "max_rows")}
        for key in ("inputs", "outputs", "parameters"):
            said[key] = [item.document() for item in getattr(self, key)]
        return said

    def json(self):
        return json.dumps(self.document(), allow_nan=False)


# --- checks; `where` begins every text: "name of the conversion" or "name, parameter p" ---

def check_text(where, what, text, most):
    if not isinstance(text, str):
        raise TypeError(f"{where}: {what} is text, not {text!r}")
    try:
        length = len(text.encode())
    except UnicodeEncodeError:
        raise ValueError(f"{where}: {what} {text!r} is not Unicode text (it has lone surrogates)") from None
    if length > most:
        raise ValueError(f"{where}: {what} has {length} bytes; at most {most} are allowed")
    if "\0" in text:
        raise ValueError(f"{where}: {what} has a NUL character in it")
    return text


def check_word(where, what, text):
    """Text for one line."""
    check_text(where, what, text, MAX_WORD)
    if not text.isprintable():
        raise ValueError(f"{where}: {what} {text!r} has characters that cannot be printed")
    return text


def check_name(where, what, name):
    """A name that requests use."""
    if not isinstance(name, str):
        raise TypeError(f"{where}: the name of {what} is text, not {name!r}")
    if not NAME.match(name):
        raise ValueError(f"{where}: {name!r} cannot be the name of {what}: a small letter, then small letters, "
                         f"digits or _, at most {MAX_NAME} in all")
    if name in RESERVED or name.startswith("triton_"):
        raise ValueError(f"{where}: {name!r} is reserved and cannot be the name of {what}")
    return name


def check_count(where, what, count, least, most):
    if count < least:
        raise ValueError(f"{where}: there must be at least {least} {what}")
    if count > most:
        raise ValueError(f"{where}: {count} {what}s; at most {most} are allowed")


def check_column(where, what, column):
    where = f"{where}, {what} {column.name}"
    check_word(where, "unit", column.unit)
    check_text(where, "doc", column.doc, MAX_DOC)
    if column.default_doc is not None:
        check_text(where, "default_doc", column.default_doc, MAX_LINE)
        if not column.optional:
            raise ValueError(f"{where}: default_doc says what an absent input means, but this one is never absent "
                             f"(only an input with the default None may be)")
    if column.role not in ROLES:
        raise ValueError(f"{where}: role {column.role!r} is not one of {', '.join(ROLES)}")
    if column.role != "plain" and column.type != "FP64":
        raise ValueError(f"{where}: the role {column.role} is for real numbers (dtype=float)")
    if column.role == "latitude" and column.unit != "deg":
        raise ValueError(f"{where}: a latitude has the unit deg, because the server checks that it lies within "
                         f"[-90, 90]; the unit here is {column.unit!r}")


def check_unit_parameter(where, inputs, parameters):
    """The server checks latitudes in degrees: no parameter may make something else of them."""
    latitudes = [column.name for column in inputs if column.role == "latitude"]
    if latitudes and any(parameter.name == "unit" for parameter in parameters):
        raise ValueError(f"{where}: a parameter called unit cannot stand beside the input {latitudes[0]} with "
                         f"role='latitude', which is in degrees whatever a unit says; use role='angle' or another name")


def check_conversion(conversion):
    """Everything about a finished conversion that its parts do not know."""
    where = conversion.name
    check_name(where, "a conversion", conversion.name)
    if conversion.name in ("stats", "none"):  # a path of the Open Inference Protocol, a label of the metrics
        raise ValueError(f"{where}: {conversion.name!r} is reserved and cannot be the name of a conversion")
    check_name(where, "a group", conversion.group)
    for what, most in (("summary", MAX_LINE), ("description", MAX_DESCRIPTION), ("reference", MAX_DOC),
                       ("accuracy", MAX_DOC)):
        check_text(where, what, getattr(conversion, what), most)
    if not isinstance(conversion.elementwise, bool):
        raise TypeError(f"{where}: elementwise is True or False, not {conversion.elementwise!r}")
    if isinstance(conversion.max_rows, bool) or not isinstance(conversion.max_rows, int):
        raise TypeError(f"{where}: max_rows is a whole number, not {conversion.max_rows!r}")
    if not 1 <= conversion.max_rows <= MAX_ROWS:
        raise ValueError(f"{where}: max_rows = {conversion.max_rows} is outside [1, {MAX_ROWS}]")
    check_unit_parameter(where, conversion.inputs, conversion.parameters)
    length = len(conversion.json())
    if length > MAX_DOCUMENT:
        raise ValueError(f"{where}: the whole description has {length} bytes as JSON; at most {MAX_DOCUMENT} are "
                         f"allowed: shorten its texts")
    return conversion


def as_number(where, what, value):
    """A finite float of any kind of real number."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{where}: {what} = {value!r} is not a finite number")
    return number
