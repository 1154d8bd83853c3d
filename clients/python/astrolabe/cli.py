"""The command line: astrolabe plugin check FILE.

Exit status: 0 clean, 1 a leak, 2 the command makes no sense or there is no host, 3 the plugin has failed.
"""

import argparse
import os
import sys

from . import __version__
from .host import NoHost, find_host

USAGE = 2
DESCRIPTION = """\
Runs a plugin in a real plugin host, without a server, many times, and reports what of its memory, descriptors and
threads grows with the calls."""
EPILOG = """\
exit status: 0 nothing grows; 1 something does; 2 the command makes no sense, or there is no host; 3 the plugin
cannot be loaded or called"""

# Options with a value that the host takes as they are.
PASSED_ON = (("calls", "N", "how many calls of each conversion"),
             ("seconds", "SECONDS", "at most so long for each conversion; fewer calls are made then"),
             ("rows", "N", "rows of the arrays"),
             ("conversion", "NAME", "only this one"),
             ("python", "PATH", "a virtual environment that has the plugin's packages"))


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


positive.__name__ = "number above 0"  # argparse: "invalid number above 0 value"


def make_parser():
    parser = argparse.ArgumentParser(prog="astrolabe", description="Astrolabe converts celestial coordinates.")
    parser.add_argument("--version", action="version", version=f"astrolabe {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    plugin = commands.add_parser("plugin", help="for authors of plugins: plugin check FILE",
                                 description="For authors of plugins.")
    actions = plugin.add_subparsers(title="commands", metavar="COMMAND", required=True)
    check = actions.add_parser("check", help="does a plugin leak?", description=DESCRIPTION, epilog=EPILOG)
    check.add_argument("file", metavar="FILE", help="a plugin: a .py file, a package's directory, a compiled module")
    for option, metavar, text in PASSED_ON:
        kind = positive if metavar in ("N", "SECONDS") else str
        check.add_argument(f"--{option}", type=kind, metavar=metavar, help=text)
    check.add_argument("--json", action="store_true", help="the report as one JSON document")
    check.add_argument("--debug-python", action="store_true",
                       help="under Python's debug build, with the exact number of references per call")
    check.add_argument("--host", metavar="PATH", help="the program astrolabe-plugin-host, or its directory")
    check.set_defaults(run=run_check)
    return parser


def run_check(options):
    """Becomes the host: its output and its exit status are those of this command."""
    if not os.path.exists(options.file):
        print(f"astrolabe: there is no file {options.file}", file=sys.stderr)
        return USAGE
    try:
        host = find_host(options.host, options.debug_python)
    except NoHost as error:
        print(f"astrolabe: {error}", file=sys.stderr)
        return USAGE
    command = [host, "--check", os.path.abspath(options.file)]
    for option, *_ in PASSED_ON:
        if getattr(options, option) is not None:
            command += [f"--{option}", str(getattr(options, option))]
    if options.json:
        command.append("--json")
    sys.stdout.flush()
    try:
        os.execv(host, command)
    except OSError as error:
        print(f"astrolabe: {host} cannot be run: {error.strerror}", file=sys.stderr)
        return USAGE


def main(arguments=None):
    options = make_parser().parse_args(arguments)
    return options.run(options)
