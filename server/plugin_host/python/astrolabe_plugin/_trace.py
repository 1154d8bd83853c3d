"""Tracing on demand: where memory that a plugin keeps was allocated, what grows, what the collector says.

start() and stop() are called by the host (ledger/trace.c) between calls; in between everything costs more. The
report of stop() is JSON. filling_caches() is asked by the ledger when a plugin's memory grows.
"""

import gc
import json
import sys
import tracemalloc
import types

MOST_LINES = 25
MOST_TYPES = 20
MOST_GARBAGE = 20
MOST_FRAMES = 32
MOST_TEXT = 200

_session = None


class Session:
    """One tracing, of one plugin. There is one at a time: it is the whole process that is traced."""

    def __init__(self, plugin, frames):
        self.plugin = plugin
        self.started_here = not tracemalloc.is_tracing()
        gc.collect()
        self.types = count_types()
        self.collections = gc.get_stats()
        if self.started_here:
            tracemalloc.start(frames)
        self.before = traces()

    def end(self):
        if self.started_here and tracemalloc.is_tracing():
            tracemalloc.stop()


def start(plugin, frames):
    """Starts tracing; a tracing that was at work already ends without a report."""
    global _session
    if _session is not None:
        _session.end()
        _session = None
    _session = Session(plugin, max(1, min(frames or 8, MOST_FRAMES)))


def stop(plugin, _unused=0):
    """The report, as JSON text."""
    global _session
    if _session is None or _session.plugin != plugin:
        raise RuntimeError(f"{plugin} is not being traced")
    session, _session = _session, None
    try:
        gc.collect()
        report = {
            "lines": lines_that_grew(session.plugin, session.before, traces()),
            "traced_bytes": tracemalloc.get_traced_memory()[0],
            "collector": collector(session.collections),
            "types": types_that_grew(session.types, count_types()),
        }
    finally:
        session.end()
    return json.dumps(report)


# --- lines ---

def traces():
    """Everything that is alive of what was allocated since the start: [(bytes, ((file, line), ...))], the frame that
    allocated last."""
    if not tracemalloc.is_tracing():
        return []
    snapshot = tracemalloc.take_snapshot()
    own = __file__
    found = []
    for trace in snapshot.traces:
        frames = tuple((frame.filename, frame.lineno) for frame in trace.traceback)
        if frames[-1][0] != own:
            found.append((trace.size, frames))
    return found


def plugin_paths(plugin):
    """The file names in the code of a plugin's modules."""
    paths = set()
    for name, module in list(sys.modules.items()):
        if name == plugin or name.startswith(plugin + "."):
            code_names(module, paths)
    return paths


def code_names(module, paths):
    path = getattr(module, "__file__", None)
    if path:
        paths.add(path)
    for value in list(vars(module).values()):
        if isinstance(value, types.FunctionType) and value.__module__ == module.__name__:
            paths.add(value.__code__.co_filename)


def line_of(frames, paths):
    """The plugin's own innermost line, else the innermost line of all."""
    for file, line in reversed(frames):
        if file in paths:
            return file, line, True
    return (*frames[-1], False)


def sums(found, paths):
    """{(file, line, is the plugin's): [bytes, blocks]}"""
    result = {}
    for size, frames in found:
        entry = result.setdefault(line_of(frames, paths), [0, 0])
        entry[0] += size
        entry[1] += 1
    return result


def lines_that_grew(plugin, before, after):
    paths = plugin_paths(plugin)
    before, after = sums(before, paths), sums(after, paths)
    grown = []
    for place, (size, blocks) in after.items():
        size_before, blocks_before = before.get(place, (0, 0))
        if size > size_before:
            file, line, own = place
            known = line > 0 and not file.startswith("<unknown")
            grown.append({"file": file if known else "(native code)", "line": line, "plugin": own,
                          "bytes": size - size_before, "blocks": blocks - blocks_before})
    grown.sort(key=lambda entry: (-entry["bytes"], entry["file"], entry["line"]))
    return grown[:MOST_LINES]


# --- types and the collector ---

def name_of(kind):
    return f"{kind.__module__}.{kind.__qualname__}"[:MOST_TEXT] if kind.__module__ != "builtins" else kind.__qualname__


def count_types():
    """{type's name: objects that the collector knows}"""
    counts = {}
    for thing in gc.get_objects():
        kind = type(thing)
        counts[kind] = counts.get(kind, 0) + 1
    return {name_of(kind): count for kind, count in counts.items()}


def types_that_grew(before, after):
    grown = [{"type": name, "objects": count, "growth": count - before.get(name, 0)}
             for name, count in after.items() if count > before.get(name, 0)]
    grown.sort(key=lambda entry: (-entry["growth"], entry["type"]))
    return grown[:MOST_TYPES]


def collector(before):
    now = gc.get_stats()
    garbage = {}
    for thing in gc.garbage:
        name = name_of(type(thing))
        garbage[name] = garbage.get(name, 0) + 1
    return {
        "enabled": gc.isenabled(),
        "thresholds": list(gc.get_threshold()),
        "counts": list(gc.get_count()),
        "frozen": gc.get_freeze_count(),
        "generations": [{key: stats[key] - earlier[key] for key in ("collections", "collected", "uncollectable")}
                        for stats, earlier in zip(now, before)],
        "garbage": [{"type": name, "objects": count}
                    for name, count in sorted(garbage.items(), key=lambda item: -item[1])[:MOST_GARBAGE]],
    }


# --- objects that live on ---

def long_lived():
    """Every object that is alive and can be reached, once each: what the collector knows, frozen objects included, and
    what those refer to."""
    gc.unfreeze()
    known = gc.get_objects()
    found = {id(thing): thing for thing in known}
    for thing in known:
        for referent in gc.get_referents(thing):
            found.setdefault(id(referent), referent)
    found.pop(id(known), None)
    everything = list(found.values())
    del known, found
    gc.freeze()  # this list, too: collections would go through it every time
    return everything


# --- caches with a bound ---

def filling_caches(plugin):
    """(entries, room) of the functools.lru_cache functions in a plugin's modules that have a bound and are not full."""
    entries = room = 0
    seen = set()
    for name, module in list(sys.modules.items()):
        if name != plugin and not name.startswith(plugin + "."):
            continue
        for value in things_of(module):
            info = getattr(value, "cache_info", None)
            if info is None or id(value) in seen or isinstance(value, type):
                continue
            seen.add(id(value))
            count, most = sizes_of(info)
            if most is not None and count < most:
                entries += count
                room += most
    return entries, room


def things_of(module):
    for value in list(vars(module).values()):
        yield value
        if isinstance(value, type) and value.__module__ == module.__name__:
            for member in list(vars(value).values()):
                yield getattr(member, "__func__", member)


def sizes_of(info):
    """(entries, most) of a cache_info(); (0, None): it is something else of that name."""
    try:
        said = info()
        count, most = said.currsize, said.maxsize
    except Exception:
        return 0, None
    if type(count) is int and type(most) is int:
        return count, most
    return 0, None
