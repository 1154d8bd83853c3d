"""Which plugin is being imported, and what it has declared so far.

The decorators run while a module is imported. The loader says which plugin that is (enter, leave); outside of
a host nobody does, and declarations are simply not collected.
"""

import inspect


class Registration:
    """What one plugin has declared."""

    def __init__(self, name):
        self.name = name
        self.conversions = []
        self.setups = []
        self.teardowns = []
        self.closed = False  # loaded: what is declared from now on is not served


_at_work = []


def enter(registration):
    _at_work.append(registration)


def leave():
    _at_work.pop()


def add_conversion(conversion):
    if not _at_work:
        return
    registration = _at_work[-1]
    if registration.closed:
        from ._errors import log
        log(f"{conversion.name} is declared after {registration.name} has been loaded: it is not served", "warning")
    else:
        registration.conversions.append(conversion)


def check_hook(function, word):
    """A hook is called without arguments, once."""
    if not callable(function):
        raise TypeError(f"@{word} wants a function, not {function!r}")
    if inspect.iscoroutinefunction(function):
        raise TypeError(f"{word}: {function.__name__}() is a coroutine function; hooks are plain functions")
    try:
        signature = inspect.signature(function)
    except ValueError:  # a function in C that does not say
        return
    try:
        signature.bind()
    except TypeError as error:
        name = getattr(function, "__name__", repr(function))
        raise TypeError(f"{word}: {name}{signature} must be callable without arguments ({error})") from None


def setup(function):
    """Decorator: called once in every host, after the import and before the first call."""
    check_hook(function, "setup")
    if _at_work:
        _at_work[-1].setups.append(function)
    return function


def teardown(function):
    """Decorator: called when a host ends in good order, not when it is killed."""
    check_hook(function, "teardown")
    if _at_work:
        _at_work[-1].teardowns.append(function)
    return function
