"""What an annotation says: about an input (its type), about a parameter (type, limits, unit, doc)."""

import dataclasses
import inspect
import numbers
import types
import typing

import numpy

from ._describe import (LARGEST_WHOLE, MAX_CHOICES, MAX_DOC, MAX_STRING, Parameter, as_number, check_text,
                        check_word)


@dataclasses.dataclass(frozen=True)
class Range:
    """Annotated[float, Range(0, 10)]: both limits are allowed values; None: no limit. Of a text: its bytes."""
    minimum: float = None
    maximum: float = None


@dataclasses.dataclass(frozen=True)
class Unit:
    """Annotated[float, Unit("hPa")]"""
    unit: str


@dataclasses.dataclass(frozen=True)
class Doc:
    """Annotated[float, Doc("at the telescope")]"""
    doc: str


@dataclasses.dataclass
class Annotation:
    """Taken apart: Annotated and Optional are gone from `kind`."""
    kind: object = inspect.Parameter.empty
    optional: bool = False
    range: Range = None
    unit: str = None
    doc: str = None


EMPTY = inspect.Parameter.empty
COLUMN_TYPES = {float: "FP64", int: "INT64", bool: "BOOL", str: "BYTES", bytes: "BYTES", numpy.ndarray: "FP64"}


def evaluate(where, function, name, annotation):
    """The annotation itself, where `from __future__ import annotations` or quotes have left its text."""
    if annotation is EMPTY:
        return EMPTY
    plain = inspect.unwrap(function)
    cells = {}
    if getattr(plain, "__closure__", None):
        for variable, cell in zip(plain.__code__.co_freevars, plain.__closure__):
            try:
                cells[variable] = cell.cell_contents
            except ValueError:  # not assigned yet
                pass
    holder = types.SimpleNamespace(__annotations__={name: annotation})
    try:
        hints = typing.get_type_hints(holder, getattr(plain, "__globals__", {}), cells, include_extras=True)
    except Exception as error:
        raise TypeError(f"{where}: its annotation {annotation!r} cannot be evaluated: "
                        f"{type(error).__name__}: {error}") from error
    return hints[name]


def union_members(annotation):
    """The members of a Union, X | Y or Optional; None for anything else."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return typing.get_args(annotation)
    return None


def take_extra(where, result, extra):
    for word, kind in (("range", Range), ("unit", Unit), ("doc", Doc)):
        if isinstance(extra, kind):
            if getattr(result, word) is not None:
                raise TypeError(f"{where}: {kind.__name__} is given twice")
            setattr(result, word, extra if kind is Range else getattr(extra, word))
        elif extra is kind:
            raise TypeError(f"{where}: write {kind.__name__}(...), not {kind.__name__}")


def take_apart(where, annotation):
    """Annotated, Optional and None in Literal, in any order of nesting."""
    result = Annotation()
    while True:
        members = union_members(annotation)
        if typing.get_origin(annotation) is typing.Annotated:
            for extra in annotation.__metadata__:
                take_extra(where, result, extra)
            annotation = annotation.__origin__
        elif members is not None and type(None) in members:
            result.optional = True
            annotation = typing.Union[tuple(member for member in members if member is not type(None))]
        else:
            break
    if typing.get_origin(annotation) is typing.Literal and None in typing.get_args(annotation):
        result.optional = True
        annotation = typing.Literal[tuple(value for value in typing.get_args(annotation) if value is not None)]
    result.kind = annotation
    if result.unit is not None:
        check_word(where, "unit", result.unit)
    if result.doc is not None:
        check_text(where, "doc", result.doc, MAX_DOC)
    return result


# --- inputs ---

def array_type(kind):
    """Of numpy.typing.NDArray[numpy.float64] and the like; None for what cannot be a column."""
    arguments = typing.get_args(kind)
    scalar = typing.get_args(arguments[1])[0] if len(arguments) == 2 and typing.get_args(arguments[1]) else None
    if not isinstance(scalar, type):
        return "FP64"  # of anything
    if issubclass(scalar, numpy.integer):
        return "INT64"
    if issubclass(scalar, numpy.bool_):
        return "BOOL"
    if issubclass(scalar, (numpy.character, numpy.object_)):
        return "BYTES"
    return "FP64" if issubclass(scalar, numpy.floating) else None


def column_type(kind):
    """FP64, INT64, BOOL or BYTES; None for what cannot be a column."""
    if kind in (EMPTY, typing.Any):
        return "FP64"
    members = union_members(kind)
    if members is not None:  # float | numpy.ndarray
        found = {column_type(member) for member in members}
        found = found - {"FP64"} if numpy.ndarray in members and len(found) == 2 else found
        return found.pop() if len(found) == 1 else None
    if typing.get_origin(kind) is numpy.ndarray:
        return array_type(kind)
    if isinstance(kind, type):
        if kind in COLUMN_TYPES:
            return COLUMN_TYPES[kind]
        for base, found in ((numpy.integer, "INT64"), (numpy.floating, "FP64"), (numpy.bool_, "BOOL"),
                            (numpy.character, "BYTES")):
            if issubclass(kind, base):
                return found
    return None


def dtype_type(where, dtype):
    """Of a Field's dtype."""
    found = column_type(dtype) if isinstance(dtype, type) else None
    if found is None:
        raise TypeError(f"{where}: dtype is float, int, bool or str, not {dtype!r}")
    return found


# --- parameters ---

def is_flag(value):
    return isinstance(value, (bool, numpy.bool_))


def is_integer(value):
    return isinstance(value, numbers.Integral) and not is_flag(value)


def is_number(value):
    return isinstance(value, numbers.Real) and not is_flag(value)


def kind_of_default(where, default):
    for kind, fits in ((bool, is_flag), (int, is_integer), (float, is_number)):
        if fits(default):
            return kind
    if isinstance(default, str):
        return str
    raise TypeError(f"{where}: neither an annotation nor the default {default!r} says what it is; annotate it with "
                    f"float, int, bool, str or Literal[...]")


def choice_word(where, value):
    if not isinstance(value, (str, int)):
        raise TypeError(f"{where}: the choice {value!r} is no text, whole number or boolean")
    word = str(value)
    if word != word.strip() or not word:
        raise ValueError(f"{where}: the choice {value!r} is empty or begins or ends with a blank")
    return check_word(where, "choice", word)


def lower(word):
    """As the server compares choices: the case of ASCII letters does not matter."""
    return "".join(c.lower() if c.isascii() else c for c in word)


def choices_of(where, kind):
    values = typing.get_args(kind)
    words = tuple(choice_word(where, value) for value in values)
    if len(words) > MAX_CHOICES:
        raise ValueError(f"{where}: {len(words)} choices; at most {MAX_CHOICES} are allowed")
    seen = {}
    for word in words:
        if lower(word) in seen:
            raise ValueError(f"{where}: the choices {seen[lower(word)]!r} and {word!r} are the same to a client, "
                             f"for whom case does not matter")
        seen[lower(word)] = word
    return words, values


def default_text(where, kind, default, values):
    """The default as a request would say it, so that everybody can read it."""
    if values is not None:
        for value in values:
            if type(value) is type(default) and value == default:
                return str(value)
        raise TypeError(f"{where}: the default {default!r} is not one of the choices")
    if kind is bool and is_flag(default):
        return "true" if default else "false"
    if kind is int and is_integer(default):
        return str(int(default))
    if kind is float and is_number(default):
        return repr(as_number(where, "the default", default))
    if kind is str and isinstance(default, str):
        return check_text(where, "the default", default, MAX_DOC)
    raise TypeError(f"{where}: the default {default!r} is no {kind.__name__}")


def limits_of(where, kind, limits):
    """(minimum, maximum) of a Range, each None or a number."""
    if limits is None:
        return None, None
    if kind not in (float, int, str):
        raise TypeError(f"{where}: a Range is for float, int and str")
    low, high = (None if limit is None else as_number(where, "a limit of its Range", limit)
                 for limit in (limits.minimum, limits.maximum))
    if low is not None and high is not None and low > high:
        raise ValueError(f"{where}: Range({limits.minimum!r}, {limits.maximum!r}) is empty")
    if kind is str and (low not in (None, 0) or high is None or not 1 <= high <= MAX_STRING):
        raise ValueError(f"{where}: the Range of a text is Range(0, most), with at most {MAX_STRING} bytes")
    for limit in (low, high):
        if kind is int and limit is not None and (limit != int(limit) or abs(limit) > LARGEST_WHOLE):
            raise ValueError(f"{where}: a limit of {limit!r} makes no sense for an int within 2**53")
    return low, high


def check_default(where, kind, default, low, high):
    size = len(default.encode()) if kind is str else default
    if kind is int and abs(default) > LARGEST_WHOLE:
        raise ValueError(f"{where}: the default {default} is beyond 2**53, further than requests can say exactly")
    if low is not None and size < low or high is not None and size > high:
        what = f"the default, with {size} bytes," if kind is str else f"the default {default!r}"
        raise ValueError(f"{where}: {what} is outside [{low}, {high}]")


WORDS = {float: "number", int: "integer", bool: "boolean", str: "string"}


def parameter_of(where, function, parameter, doc):
    """The Parameter that a keyword-only argument stands for. `doc`: what the docstring says, or ""."""
    where = f"{where}, parameter {parameter.name}"
    said = take_apart(where, evaluate(where, function, parameter.name, parameter.annotation))
    default, kind = parameter.default, said.kind
    if default is EMPTY and said.optional:
        raise TypeError(f"{where}: what may be None needs the default None, so that it can be left out of a request")
    if kind is EMPTY:
        if default is None or default is EMPTY:
            raise TypeError(f"{where}: annotate it with float, int, bool, str or Literal[...]: without that nothing "
                            f"says what it is")
        kind = kind_of_default(where, default)
    words = values = None
    if typing.get_origin(kind) is typing.Literal:
        words, values = choices_of(where, kind)
    elif kind not in WORDS:
        raise TypeError(f"{where}: a parameter is float, int, bool, str or Literal[...], not "
                        f"{inspect.formatannotation(kind)}")
    low, high = limits_of(where, kind, said.range)
    text = None
    if default is not None and default is not EMPTY:
        text = default_text(where, kind, default, values)
        if kind in (float, int, str):
            check_default(where, kind, default, low, high)
    return Parameter(name=parameter.name, type="choice" if words else WORDS[kind], default=text,
                     optional=default is None, choices=words, values=values, minimum=low, maximum=high,
                     unit=said.unit or "", doc=said.doc if said.doc is not None else doc)
