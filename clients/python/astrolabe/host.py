"""Where the program astrolabe-plugin-host is."""

import os
import pathlib
import shutil

NAME = "astrolabe-plugin-host"
DEBUG_NAME = "astrolabe-plugin-host-dbg"
VARIABLE = "ASTROLABE_PLUGIN_HOST"


class NoHost(Exception):
    """There is none; the text says where it was looked for."""


def is_program(path):
    return os.path.isfile(path) and os.access(path, os.X_OK)


def source_tree():
    """The directory of programs of the source tree that this file lies in, or None."""
    for parent in pathlib.Path(__file__).resolve().parents:
        if (parent / "CMakePresets.json").is_file() and (parent / "server/plugin_host").is_dir():
            return parent / "build/release/bin"
    return None


def named(path, source, name):
    """A program that somebody has named: a file, or a directory that holds it."""
    if os.path.isdir(path):
        path = os.path.join(path, name)
    if not is_program(path):
        raise NoHost(f"{source} names {path}, which is no program")
    return path


def find_host(option=None, debug=False):
    """The path of the host: as --host or the environment says, of this source tree, or in PATH.

    debug: the one that is built against the debug interpreter. It stands beside the ordinary one, so that what names a
    file leads to its sibling.
    """
    name = DEBUG_NAME if debug else NAME
    for path, source in ((option, "--host"), (os.environ.get(VARIABLE), VARIABLE)):
        if path:
            if debug and os.path.basename(path) == NAME:
                path = os.path.dirname(path) or os.curdir
            elif not os.path.dirname(path) and not os.path.exists(path):
                path = shutil.which(path) or path
            return named(path, source, name)
    built = source_tree()
    if built is not None and is_program(built / name):
        return str(built / name)
    found = shutil.which(name)
    if found is not None:
        return found
    where = [f"--host and {VARIABLE} name none"]
    if built is not None:
        where.append(f"it is not in {built} (deploy/quickstart builds it)")
    where.append("it is not in PATH")
    raise NoHost(f"there is no {name}: {', '.join(where)}")
