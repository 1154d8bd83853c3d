"""What the host calls: finding, importing and ending the plugins of a directory.

A host works from a private copy of plugins.directory (`directory`); texts name the original (`shown`). Plugins are
modules of their own names, found through the end of sys.path, so that they import each other as they would anywhere,
and can never take the place of a module of Python or of an installed package.

Everything here runs on the host's main thread.
"""

import dataclasses
import importlib
import importlib.machinery
import importlib.util
import inspect
import linecache
import os
import sys

from . import _failure, _registry
from ._errors import log

MOST_NAME = 63  # bytes of a plugin's name
MOST_DESCRIPTIONS = 240 * 1024  # bytes of all conversions of a plugin: they travel in one message
# What stands beside plugins and is none: tests, and the script that builds an extension.
NO_PLUGINS = {"conftest", "setup"}


@dataclasses.dataclass(frozen=True)
class Loaded:
    """A conversion, as the host keeps it."""
    name: str
    function: object  # as it was written
    description: str  # JSON
    elementwise: bool
    wants_out: bool
    max_rows: int
    input_names: tuple
    output_names: tuple
    input_types: tuple  # "FP64", "INT64", "BYTES", "BOOL"
    output_types: tuple
    parameters: tuple  # of (name, type, the Python values of its choices or None)


class State:
    """One directory. There is one at a time."""

    def __init__(self, directory, shown):
        self.paths = _failure.Paths(directory, shown)
        self.registrations = {}  # plugin: Registration
        self.loaded = []  # registrations whose setup has run, in this order
        self.owners = {}  # conversion: plugin

    def registration(self, plugin):
        return self.registrations.setdefault(plugin, _registry.Registration(plugin))


_state = None


# --- importing ---

def at_work(fullname, begins=True):
    """Declarations made from now on belong to this module's plugin. A plugin that begins begins anew: what an
    import has declared that failed half-way is forgotten."""
    plugin = fullname.partition(".")[0]
    if begins and plugin == fullname:
        _state.registrations.pop(plugin, None)
    _registry.enter(_state.registration(plugin))


class Source(importlib.machinery.SourceFileLoader):
    """A .py file: compiled from its source every time, with the name that its owner knows it by."""

    def get_code(self, fullname):
        path = self.get_filename(fullname)
        data = self.get_data(path)
        shown = _state.paths.show(path)
        lines = importlib.util.decode_source(data).splitlines(keepends=True)
        # Tracebacks show the lines that were loaded, whatever the file has become since.
        linecache.cache[shown] = (len(data), None, lines, shown)
        return self.source_to_code(data, shown)

    def exec_module(self, module):
        at_work(module.__name__)
        try:
            super().exec_module(module)
        finally:
            _registry.leave()


class Extension(importlib.machinery.ExtensionFileLoader):
    """A compiled module: its code runs in create_module (single-phase) or in exec_module."""

    def create_module(self, spec):
        at_work(spec.name)
        try:
            return super().create_module(spec)
        finally:
            _registry.leave()

    def exec_module(self, module):
        at_work(module.__name__, begins=False)
        try:
            super().exec_module(module)
        finally:
            _registry.leave()


LOADERS = ((Extension, importlib.machinery.EXTENSION_SUFFIXES), (Source, importlib.machinery.SOURCE_SUFFIXES))


def path_hook(path):
    """For sys.path_hooks: this directory and what is in it."""
    if _state is None or not (path + os.sep).startswith(_state.paths.directory + os.sep):
        raise ImportError("not a directory of plugins")
    return importlib.machinery.FileFinder(path, *LOADERS)


def open_directory(directory, shown):
    global _state
    close_directory()
    directory = os.path.abspath(directory)
    _state = State(directory, os.path.abspath(shown))
    if path_hook not in sys.path_hooks:
        sys.path_hooks.insert(0, path_hook)
    sys.path.append(directory)
    sys.path_importer_cache.pop(directory, None)
    importlib.invalidate_caches()


def close_directory():
    """Forgets the directory and everything that came from it."""
    global _state
    if _state is None:
        return
    for name in list(_state.registrations):
        forget_modules(name)
    directory = _state.paths.directory
    for path in [path for path in sys.path_importer_cache if (path + os.sep).startswith(directory + os.sep)]:
        del sys.path_importer_cache[path]
    if directory in sys.path:
        sys.path.remove(directory)
    _state = None


def forget_modules(plugin):
    for name in [name for name in sys.modules if name == plugin or name.startswith(plugin + ".")]:
        del sys.modules[name]


# --- finding ---

def stem_of(entry):
    """The name of the plugin that a directory entry is, or None."""
    if entry.name.startswith((".", "_")):
        return None
    if entry.is_dir():
        suffixes = [suffix for _, suffixes in LOADERS for suffix in suffixes]
        is_package = any(os.path.isfile(os.path.join(entry.path, "__init__" + suffix)) for suffix in suffixes)
        return entry.name if is_package else None
    for _, suffixes in LOADERS:
        for suffix in sorted(suffixes, key=len, reverse=True):
            if entry.name.endswith(suffix):
                return entry.name[:-len(suffix)]
    return None


def is_test(name):
    return name in NO_PLUGINS or name.startswith("test_") or name.endswith("_test")


def discover(directory, shown):
    """The names of the plugins in a directory, sorted. Nothing is imported. From now on it is the one in use."""
    open_directory(directory, shown)
    names = set()
    with os.scandir(_state.paths.directory) as entries:
        for entry in entries:
            name = stem_of(entry)
            if name is None or is_test(name):
                continue
            problem = name_problem(name)
            if problem:
                log(f"{entry.name} is not loaded: {problem}", "warning")
            else:
                names.add(name)
    return sorted(names)


def name_problem(name):
    """Why a file of this name cannot be a plugin; None: it can."""
    if not name.isidentifier() or not name.isascii():
        return f"{name!r} is no name for a Python module (ASCII letters, digits and _)"
    if len(name) > MOST_NAME:
        return f"its name has more than {MOST_NAME} bytes"
    return None


def refuse_shadows(name):
    """A plugin that is called like a module of Python or of an installed package cannot be imported."""
    if name in sys.builtin_module_names or name in sys.stdlib_module_names:
        raise ImportError(f"a plugin cannot be called {name}: Python has a module of that name; rename the file")
    spec = importlib.machinery.PathFinder.find_spec(name)
    if spec is None or spec.origin is None:  # a namespace package counts as nothing
        raise ModuleNotFoundError(f"there is no plugin {name} in {_state.paths.shown}", name=name)
    if not (spec.origin + os.sep).startswith(_state.paths.directory + os.sep):
        raise ImportError(f"a plugin cannot be called {name}: there is an installed module of that name "
                          f"({spec.origin}); rename the file")


# --- loading ---

def load(name):
    """Imports a plugin and calls its setup; [Loaded, ...], empty when it defines no conversion. Any exception: it
    has failed, and what it had declared is forgotten."""
    if _state is None:
        raise RuntimeError("discover() comes before load()")
    problem = name_problem(name)
    if problem:
        raise ImportError(problem)
    if not is_imported(name):
        refuse_shadows(name)
    try:
        module = importlib.import_module(name)
        registration = _state.registration(name)
        registration.closed = True
        found = [loaded_of(conversion) for conversion in registration.conversions]
        check_together(name, found)
        for hook in hooks(module, registration.setups, "setup"):
            hook()
    except BaseException:
        _state.registrations.pop(name, None)
        forget_modules(name)
        raise
    registration.teardowns = hooks(module, registration.teardowns, "teardown")
    _state.loaded.append(registration)
    for conversion in found:
        _state.owners[conversion.name] = name
    return found


def is_imported(name):
    """Another plugin has imported it already."""
    origin = getattr(sys.modules.get(name), "__file__", None) or ""
    return origin.startswith(_state.paths.directory + os.sep)


def loaded_of(conversion):
    return Loaded(
        name=conversion.name, function=conversion.function, description=conversion.json(),
        elementwise=conversion.elementwise, wants_out=conversion.wants_out, max_rows=conversion.max_rows,
        input_names=tuple(column.name for column in conversion.inputs),
        output_names=tuple(column.name for column in conversion.outputs),
        input_types=tuple(column.type for column in conversion.inputs),
        output_types=tuple(column.type for column in conversion.outputs),
        parameters=tuple((parameter.name, parameter.type, parameter.values) for parameter in conversion.parameters))


def check_together(name, found):
    """What a plugin's conversions must not be beside each other and beside those of other plugins."""
    seen = set()
    for conversion in found:
        if conversion.name in seen:
            raise ValueError(f"{name} declares two conversions called {conversion.name}")
        seen.add(conversion.name)
        if conversion.name in _state.owners:
            raise ValueError(f"{name} declares the conversion {conversion.name}, which "
                             f"{_state.owners[conversion.name]} declares as well")
    length = sum(len(conversion.description) for conversion in found)
    if length > MOST_DESCRIPTIONS:
        raise ValueError(f"the descriptions of the {len(found)} conversions of {name} have {length} bytes as JSON; at "
                         f"most {MOST_DESCRIPTIONS} are allowed: make two plugins of it")


def hooks(module, declared, word):
    """The decorated ones, and the function of that name in the module itself."""
    named = getattr(module, word, None)
    is_own = inspect.isroutine(named) and \
        (getattr(named, "__module__", None) or "").partition(".")[0] == module.__name__
    if not is_own or any(named is hook for hook in declared):
        return list(declared)
    _registry.check_hook(named, word)
    return declared + [named]


# --- the end ---

def teardown():
    """Calls the hooks, the last plugin's first. What they raise is told, and stops no other."""
    if _state is None:
        return
    while _state.loaded:
        registration = _state.loaded.pop()
        for hook in reversed(registration.teardowns):
            try:
                hook()
            except BaseException as error:
                line, text = format_exception(error)
                log(f"teardown of {registration.name}: {line}\n{text}", "error")


def format_exception(exc):
    """(one line, traceback) for a plugin's exception; never raises."""
    return _failure.format_exception(exc, _state.paths if _state is not None else None)
