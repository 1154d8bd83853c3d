"""Decorated functions called by hand: in unit tests, in notebooks, by other functions of a plugin.

The function sees what it sees in a host: read-only arrays of the described types, parameters within their limits,
`out`. What it returns is checked as the host checks it. In a host the function is called without any of this.
"""

import contextvars
import functools

import numpy

from ._annotations import is_flag, is_integer, is_number
from ._errors import Invalid, host

DTYPES = {"FP64": numpy.float64, "INT64": numpy.int64, "BYTES": numpy.object_, "BOOL": numpy.bool_}


class Call:
    """One call by hand: its shape, and its output arrays once somebody has asked for them."""

    def __init__(self, conversion, shape):
        self.conversion = conversion
        self.shape = shape
        self.outputs = None

    def make_outputs(self):
        if self.outputs is None:
            self.outputs = tuple(numpy.full(self.shape, numpy.nan if column.type == "FP64" else 0, DTYPES[column.type])
                                 for column in self.conversion.outputs)
        return self.outputs


_at_work = contextvars.ContextVar("astrolabe_plugin_call", default=None)


def empty(name_or_index=None):
    """Where the results of the call at work go: arrays that need not be copied when they are returned.

    Without an argument all of them, as a tuple in the order of the outputs; else the one of that name or place. They
    are full of NaN, those of whole numbers of 0, those of booleans of False.
    """
    call = _at_work.get()
    if call is not None:
        arrays, names = call.make_outputs(), [column.name for column in call.conversion.outputs]
    else:
        inside = host()
        if inside is None:
            raise RuntimeError("empty() has a meaning only while a conversion is at work")
        arrays, names = inside.outputs(), inside.output_names()
    if name_or_index is None:
        return arrays
    if isinstance(name_or_index, str):
        if name_or_index not in names:
            raise KeyError(f"empty: no output is called {name_or_index!r}; the outputs are {', '.join(names)}")
        return arrays[names.index(name_or_index)]
    if not isinstance(name_or_index, int):
        raise TypeError(f"empty: the name or the place of an output, not {name_or_index!r}; the arrays have the "
                        f"shape of the call already")
    return arrays[name_or_index]


# --- what goes in ---

def read_only(column, value):
    """A column as the host would make it: an array of its type that cannot be written to."""
    kind = DTYPES[column.type]
    array = numpy.asarray(value)
    if column.type == "BYTES":
        for text in array.flat:
            if not isinstance(text, str):
                raise TypeError(f"{column.name} holds text; {text!r} is none")
    elif array.size and (not numpy.can_cast(array.dtype, kind, "same_kind") or
                         (array.dtype.kind == "b") != (column.type == "BOOL")):
        raise TypeError(f"{column.name} is {column.type}; an array of {array.dtype} does not become that")
    array = numpy.array(array, kind) if array.dtype != kind else array.view()
    array.flags.writeable = False
    return array


def check_parameter(parameter, value):
    """The value as the host would hand it in; Invalid as the server would refuse it."""
    if value is None and parameter.optional:
        return None
    name = parameter.name
    if parameter.type == "choice":
        for choice in parameter.values:
            if type(choice) is type(value) and choice == value:
                return choice
        raise Invalid(f"{name} = {value!r} is not one of {', '.join(parameter.choices)}", name)
    fits, kind = {"number": (is_number, float), "integer": (is_integer, int), "boolean": (is_flag, bool),
                  "string": (lambda text: isinstance(text, str), str)}[parameter.type]
    if not fits(value):
        raise Invalid(f"{name} = {value!r} is no {parameter.type}", name, "bad_type")
    value = kind(value)
    if parameter.type == "number" and not numpy.isfinite(value):
        raise Invalid(f"{name} = {value} is not a finite number", name)
    size = len(value.encode()) if kind is str else value
    if parameter.minimum is not None and size < parameter.minimum or \
            parameter.maximum is not None and size > parameter.maximum:
        raise Invalid(f"{name} = {value} is outside [{parameter.minimum}, {parameter.maximum}]", name, "out_of_range")
    return value


def take_arguments(conversion, signature, args, kwargs):
    """(inputs in order, keywords, shape): `out` is left out."""
    if signature is None:  # a function in C that does not say what it takes
        if kwargs or len(args) != len(conversion.inputs):
            raise TypeError(f"{conversion.name}() takes {len(conversion.inputs)} arguments, by position")
        named = {column.name: value for column, value in zip(conversion.inputs, args)}
    else:
        named = signature.bind(*args, **kwargs).arguments
    inputs = []
    for column in conversion.inputs:
        value = named.get(column.name)
        if value is None and not column.optional:
            raise Invalid(f"the input {column.name} of {conversion.name} is missing", column.name, "missing_input")
        inputs.append(None if value is None else read_only(column, value))
    keywords = {parameter.name: check_parameter(parameter, named[parameter.name])
                for parameter in conversion.parameters if parameter.name in named}
    shapes = [array.shape for array in inputs if array is not None and array.shape != ()]
    for shape in shapes:
        if shape != shapes[0]:
            raise Invalid(f"inputs of the shapes {shapes[0]} and {shape}: all but scalars must have the same",
                          code="shape_mismatch")
    return inputs, keywords, shapes[0] if shapes else ()


# --- what comes out: the rules and the words of the host (server/plugin_host/results.c) ---

def wrong_count(conversion, what):
    names = [column.name for column in conversion.outputs]
    plural = "" if len(names) == 1 else "s"
    return TypeError(f"returned {what}, expected {len(names)} result{plural} ({', '.join(names)})")


def is_one_result(result):
    """A list of numbers is one result, a list of one array is its array."""
    if isinstance(result, tuple):
        return False
    return not isinstance(result, list) or len(result) != 1 or not isinstance(result[0], numpy.ndarray)


def take_items(conversion, call, result):
    """One object for each output."""
    names = [column.name for column in conversion.outputs]
    if result is None and call.outputs is not None:
        return call.outputs
    if isinstance(result, dict):
        if set(result) != set(names):
            raise wrong_count(conversion, f"a dict of {list(result)!r}")
        return [result[name] for name in names]
    if len(names) == 1 and result is not None and is_one_result(result):
        return [result]
    if not isinstance(result, (tuple, list)):
        raise wrong_count(conversion, "None" if result is None else f"one {type(result).__name__}")
    if len(result) != len(names):
        raise wrong_count(conversion, f"{len(result)} result{'' if len(result) == 1 else 's'}")
    return result


def check_plain(column, item):
    """Quantities have units and masked arrays have masks, which would silently be lost."""
    for attribute in ("mask", "unit"):
        if not isinstance(item, (float, int, list, tuple)) and getattr(item, attribute, None) is not None:
            raise TypeError(f'result "{column.name}" is a {type(item).__name__} with a {attribute}, expected a plain '
                            f"array")


def check_result(column, item, shape):
    """One result as an array of the output's type and of the call's shape."""
    check_plain(column, item)
    try:
        array = numpy.asarray(item)
    except Exception as error:
        raise TypeError(f'result "{column.name}" cannot become an array: {error}') from error
    if column.type == "BYTES":
        fits, wanted = all(isinstance(text, str) for text in array.flat), "text"
    elif column.type == "BOOL":
        fits, wanted = array.dtype.kind == "b", "booleans (bool)"
    elif column.type == "INT64":
        fits, wanted = array.dtype.kind in "biu" and array.dtype != numpy.uint64, "whole numbers (int64)"
    else:
        fits, wanted = array.dtype.kind in "biuf", "numbers (float64)"
    if not fits:
        raise TypeError(f'result "{column.name}" is an array of {array.dtype}, expected {wanted}')
    if array.shape not in ((), shape):
        raise ValueError(f'result "{column.name}" has the shape {array.shape}, expected {shape}')
    array = array.astype(DTYPES[column.type], copy=False)
    # A single value stands for all rows: what is computed of a scalar input alone is a scalar.
    return array if array.shape == shape else numpy.full(shape, array[()])


def take_results(conversion, call, result):
    items = take_items(conversion, call, result)
    arrays = tuple(check_result(column, item, call.shape) for column, item in zip(conversion.outputs, items))
    if call.shape == ():
        arrays = tuple(array[()] for array in arrays)
    return arrays[0] if len(arrays) == 1 else arrays


def wrap(conversion, signature):
    """The function as it is called by hand."""
    function = conversion.function

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        out = kwargs.pop("out", None) if conversion.wants_out else None
        arguments = signature
        if conversion.wants_out and signature is not None:
            arguments = signature.replace(parameters=[argument for argument in signature.parameters.values()
                                                      if argument.name != "out"])
        inputs, keywords, shape = take_arguments(conversion, arguments, args, kwargs)
        call = Call(conversion, shape)
        call.outputs = None if out is None else tuple(out)
        if conversion.wants_out:
            keywords["out"] = call.make_outputs()
        token = _at_work.set(call)
        try:
            return take_results(conversion, call, function(*inputs, **keywords))
        finally:
            _at_work.reset(token)

    wrapper.conversion = conversion
    return wrapper
