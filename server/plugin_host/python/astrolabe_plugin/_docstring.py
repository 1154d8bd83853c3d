"""Docstrings: the first line, the rest, and what their sections say about arguments and results.

Both usual styles are read: Google's ("Args:" with an indented list) and NumPy's ("Parameters" underlined).
What is in no section that is read here stays in the description as it was written.
"""

import inspect
import re

ARGUMENTS = {"args", "arguments", "parameters", "params", "keyword args", "keyword arguments", "other parameters",
             "inputs"}
RESULTS = {"returns", "return", "outputs"}
UNDERLINE = re.compile(r"-{3,}\s*\Z")
# "name: text", "name (type): text", "*names", and NumPy's "name : type" or "a, b : type".
GOOGLE_ENTRY = re.compile(r"\**(\w+)\s*(?:\([^)]*\))?\s*:(?:\s+(.*))?\Z")
NUMPY_ENTRY = re.compile(r"\**(\w+(?:\s*,\s*\**\w+)*)\s*(?::.*)?\Z")


def indent_of(line):
    return len(line) - len(line.lstrip())


def section_at(lines, i):
    """(name, first line of its content, "google" or "numpy") of the section that begins at line i, or None."""
    line = lines[i]
    if not line.strip() or indent_of(line):
        return None
    if i + 1 < len(lines) and UNDERLINE.match(lines[i + 1]):
        return line.strip().lower(), i + 2, "numpy"
    name = line.strip()
    if name.endswith(":") and name[:-1].lower() in ARGUMENTS | RESULTS:
        return name[:-1].lower(), i + 1, "google"
    return None


def end_of(lines, begin, style):
    """The line behind a section's content."""
    for i in range(begin, len(lines)):
        if style == "google" and lines[i].strip() and not indent_of(lines[i]):
            return i
        if style == "numpy" and section_at(lines, i):
            return i
    return len(lines)


def entries(lines, style):
    """{name: text} of a section's content."""
    found, names = {}, []
    least = min((indent_of(line) for line in lines if line.strip()), default=0)
    for line in lines:
        if not line.strip():
            continue
        match = None
        if indent_of(line) == least:
            match = (GOOGLE_ENTRY if style == "google" else NUMPY_ENTRY).match(line.strip())
        if match:
            names = [name.strip().lstrip("*") for name in match[1].split(",")]
            text = (match[2] or "") if style == "google" else ""
        elif indent_of(line) == least:
            names = []  # prose between entries
            continue
        else:
            text = line.strip()
        for name in names:
            found[name] = f"{found.get(name, '')} {text}".strip()
    return found


def read(text):
    """(summary, description, {argument: doc}, {result: doc}) of a docstring, which may be None."""
    lines = inspect.cleandoc(text or "").splitlines()
    arguments, results, rest = {}, {}, []
    i = 1
    while i < len(lines):
        section = section_at(lines, i)
        if section is None or section[0] not in ARGUMENTS | RESULTS:
            rest.append(lines[i])
            i += 1
            continue
        name, begin, style = section
        end = end_of(lines, begin, style)
        (arguments if name in ARGUMENTS else results).update(entries(lines[begin:end], style))
        i = end
    return lines[0].strip() if lines else "", "\n".join(rest).strip(), arguments, results
