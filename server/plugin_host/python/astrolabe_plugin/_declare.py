"""The decorator: a function and its signature become a Conversion."""

import collections.abc
import inspect

from . import _direct, _docstring, _registry
from ._annotations import EMPTY, column_type, dtype_type, evaluate, parameter_of, take_apart
from ._describe import (MAX_INPUTS, MAX_OUTPUTS, MAX_PARAMETERS, Column, Conversion, Field, check_column,
                        check_conversion, check_count, check_name)

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def conversion(function=None, /, *, inputs=None, outputs=None, name=None, group="plugins", elementwise=False,
               max_rows=65536, summary=None, description=None, reference=None, accuracy=None):
    """Makes a function a conversion of the service.

    inputs, outputs: {name: unit} or {name: Field(...)}. The function's positional arguments are the inputs, by
    the same names in the same order; one with the default None may be missing from a request. Its keyword-only
    arguments are the parameters. It gets NumPy arrays and returns one array for each output, or writes into the
    arrays it gets as `out` if it has a keyword-only argument of that name.

    elementwise: row i of the results depends on nothing but row i of the inputs, so that waiting requests with
    equal parameters may be joined into one call, of at most max_rows rows.
    """
    if function is not None or inputs is None or outputs is None:
        raise TypeError("@conversion needs inputs={name: unit, ...} and outputs={name: unit, ...}")

    def decorate(function):
        described = describe(function, inputs, outputs, name=name, group=group, elementwise=elementwise,
                             max_rows=max_rows, summary=summary, description=description, reference=reference,
                             accuracy=accuracy)
        wrapper = _direct.wrap(described, signature_of(described.name, function))
        _registry.add_conversion(described)
        return wrapper

    return decorate


def describe(function, inputs, outputs, *, name, group, elementwise, max_rows, summary, description, reference,
             accuracy):
    where = name if isinstance(name, str) else getattr(function, "__name__", repr(function))
    check_function(where, function)
    check_name(where, "a conversion (name=... gives it another)", where)
    inputs = fields_of(where, "input", inputs, MAX_INPUTS)
    outputs = fields_of(where, "output", outputs, MAX_OUTPUTS)
    said = _docstring.read(text_of(function))
    positional, keywords = arguments_of(where, function, inputs)
    wants_out = any(argument.name == "out" for argument in keywords)
    keywords = [argument for argument in keywords if argument.name != "out"]
    check_count(where, "parameter", len(keywords), 0, MAX_PARAMETERS)
    for argument in keywords:
        check_name(where, "a parameter", argument.name)
    return check_conversion(Conversion(
        name=where, group=group, elementwise=elementwise, max_rows=max_rows, wants_out=wants_out,
        summary=said[0] or where if summary is None else summary,
        description=said[1] if description is None else description,
        reference="" if reference is None else reference, accuracy="" if accuracy is None else accuracy,
        inputs=tuple(input_of(where, function, positional.get(key), key, field, said[2].get(key, ""))
                     for key, field in inputs.items()),
        outputs=tuple(output_of(where, key, field, said[3].get(key, "")) for key, field in outputs.items()),
        parameters=tuple(parameter_of(where, function, argument, said[2].get(argument.name, ""))
                         for argument in keywords),
        function=function))


def check_function(where, function):
    if hasattr(function, "conversion"):
        raise TypeError(f"{where}: is a conversion already")
    if not callable(function) or isinstance(function, type):
        raise TypeError(f"{where}: @conversion is for functions, not for {function!r}")
    for is_kind, word in ((inspect.iscoroutinefunction, "a coroutine function"),
                          (inspect.isasyncgenfunction, "an asynchronous generator"),
                          (inspect.isgeneratorfunction, "a generator")):
        if is_kind(function):
            raise TypeError(f"{where}: is {word}; a conversion is a plain function that returns arrays")


def text_of(function):
    """The docstring; not that of the class, for objects that are merely callable."""
    text = getattr(function, "__doc__", None)
    return text if isinstance(text, str) and text != type(function).__doc__ else None


def signature_of(where, function):
    """None: a function in C that does not say. It takes the inputs and nothing else."""
    try:
        return inspect.signature(function)
    except (ValueError, TypeError):
        return None


def arguments_of(where, function, inputs):
    """({input: argument}, [keyword-only arguments]); the names and their order are checked."""
    signature = signature_of(where, function)
    if signature is None:
        return {}, []
    arguments = list(signature.parameters.values())
    for argument in arguments:
        if argument.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
            raise TypeError(f"{where}: {argument} takes anything; inputs and parameters are named one by one")
    positional = {argument.name: argument for argument in arguments if argument.kind in POSITIONAL}
    if list(positional) != list(inputs):
        raise TypeError(f"{where}: the function's positional arguments are ({', '.join(positional)}), the inputs "
                        f"are ({', '.join(inputs)}); they must be the same, in the same order (what is a parameter "
                        f"stands behind a * in the signature)")
    for argument in positional.values():
        if argument.default not in (EMPTY, None):
            raise TypeError(f"{where}: the input {argument.name} has the default {argument.default!r}; an input that "
                            f"may be missing has the default None, and a parameter stands behind a *")
    return positional, [argument for argument in arguments if argument.kind not in POSITIONAL]


def fields_of(where, what, given, most):
    """{name: Field}, from what the decorator was told."""
    if not isinstance(given, collections.abc.Mapping):
        raise TypeError(f"{where}: {what}s is a dictionary of names and units, not {given!r}")
    check_count(where, what, len(given), 1, most)
    fields = {}
    for key, value in given.items():
        check_name(where, f"an {what}", key)
        if not isinstance(value, (str, Field)):
            raise TypeError(f"{where}, {what} {key}: a unit (\"\" for none) or a Field, not {value!r}")
        fields[key] = Field(unit=value) if isinstance(value, str) else value
    return fields


def input_of(where, function, argument, key, field, doc):
    place = f"{where}, input {key}"
    annotation = EMPTY if argument is None else evaluate(place, function, key, argument.annotation)
    said = take_apart(place, annotation)
    annotated = column_type(said.kind)
    if annotated is None:
        raise TypeError(f"{place}: its annotation is {inspect.formatannotation(said.kind)}; an input is float, int, "
                        f"bool, str or numpy.ndarray")
    if said.range is not None:
        raise TypeError(f"{place}: a Range is for parameters; role='latitude' and role='distance' limit an input")
    kind = annotated if field.dtype is None else dtype_type(place, field.dtype)
    if said.kind in (float, int, bool, str) and kind != annotated:
        raise TypeError(f"{place}: its Field says dtype={field.dtype.__name__}, its annotation {said.kind.__name__}")
    if said.unit is not None and field.unit not in ("", said.unit):
        raise TypeError(f"{place}: its unit is {field.unit!r} in inputs and {said.unit!r} in the annotation")
    optional = argument is not None and argument.default is None
    if said.optional and not optional:
        raise TypeError(f"{place}: what may be None needs the default None, so that it can be left out of a request")
    column = Column(name=key, type=kind, role=field.role, unit=field.unit or said.unit or "",
                    doc=field.doc or said.doc or doc, optional=optional, default_doc=field.default_doc)
    check_column(where, "input", column)
    return column


def output_of(where, key, field, doc):
    kind = "FP64" if field.dtype is None else dtype_type(f"{where}, output {key}", field.dtype)
    column = Column(name=key, type=kind, role=field.role, unit=field.unit, doc=field.doc or doc,
                    default_doc=field.default_doc)
    check_column(where, "output", column)
    return column
