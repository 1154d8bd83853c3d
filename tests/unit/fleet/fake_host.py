#!/usr/bin/python3 -IS
"""A plugin host that speaks the control protocol and runs nothing.

Its plugins are files that say, line by line, what it shall do:
    conversion NAME [UNIT]     describe a conversion; another unit is another digest
    random NAME                a conversion that no two processes describe alike
    fail TEXT                  the plugin cannot be loaded
    kill SIGNAL | exit N       while it is being loaded
    kill-once SIGNAL FILE      the same, unless FILE is there (it is made)
    hang                       while it is being loaded
    print TEXT                 a line on stdout
    ledger JSON                its entry of the ledger
    deaf                       does not end when it is told to drain
A file called "refuse" makes every host exit with status 70 before it loads anything.
Messages of the type "do" make it misbehave once it is ready.
"""
import json
import os
import random
import signal
import socket
import sys
import time

control = socket.socket(fileno=3)
parent = os.getppid()
deaf = False
ledgers = {}


def hang():
    """For ever, but not beyond the end of the test."""
    while os.getppid() == parent:
        time.sleep(0.1)
    os._exit(72)


def say(**message):
    control.send(json.dumps(message).encode())


def describe(number, name, unit):
    column = {"type": "FP64", "role": "plain", "unit": unit, "doc": "", "optional": False}
    return {"number": number, "name": name, "group": "fake", "summary": "", "description": "",
            "reference": "", "accuracy": "", "elementwise": False, "max_rows": 1,
            "inputs": [dict(column, name="x")], "outputs": [dict(column, name="y")],
            "parameters": []}


def act(words, plugin, conversions, numbers):
    """One line of a plugin. True: it has failed."""
    global deaf
    what, rest = words[0], words[1:]
    if what == "conversion":
        unit = rest[1] if len(rest) > 1 else ""
        conversions.append(describe(next(numbers), rest[0], unit))
    elif what == "random":
        conversions.append(describe(next(numbers), rest[0], f"u{random.getrandbits(60)}"))
    elif what == "fail":
        say(type="failed", plugin=plugin, error=" ".join(rest), traceback="line one\nline two\n")
        return True
    elif what == "kill":
        os.kill(os.getpid(), signal.Signals[rest[0]])
    elif what == "kill-once":
        if not os.path.exists(rest[1]):
            open(rest[1], "w").close()
            os.kill(os.getpid(), signal.Signals[rest[0]])
    elif what == "exit":
        os._exit(int(rest[0]))
    elif what == "hang":
        hang()
    elif what == "print":
        print(" ".join(rest), flush=True)
    elif what == "ledger":
        ledgers[plugin] = json.loads(" ".join(rest))
    elif what == "deaf":
        deaf = True
    return False


def load(hello):
    numbers = iter(range(100000))
    files = sorted(os.listdir(hello["directory"]))
    if "refuse" in files:
        os._exit(70)
    for file in files:
        plugin = file.removesuffix(".py")
        if not file.endswith(".py") or plugin in hello["skip"]:
            continue
        say(type="loading", plugin=plugin)
        conversions = []
        with open(os.path.join(hello["directory"], file)) as lines:
            text = [line.split() for line in lines if line.strip()]
        if any(act(words, plugin, conversions, numbers) for words in text):
            continue
        conversions = [c for c in conversions if c["name"] not in hello["disabled"]]
        say(type="loaded", plugin=plugin, seconds=0.25, conversions=conversions)
    say(type="ready", python="3", numpy="1", plugins=len(files))


def do(what, argument):
    if what == "garbage":
        control.send(b"\xff\x00 no JSON")
    elif what == "array":
        control.send(b"[1, 2]")
    elif what == "oversize":
        control.send(b'{"type": "ready", "x": "' + b"x" * (256 * 1024) + b'"}')
    elif what == "unknown":
        say(type="gossip")
    elif what == "early":
        say(type="loading", plugin="late")
    elif what == "flood":
        while True:
            say(type="ledger", plugins=[])
    elif what == "close":
        control.close()
        hang()
    elif what == "print":
        for stream, line in (1, "to stdout"), (2, "to stderr"):
            os.write(stream, line.encode() + b"\n")
    elif what == "print-long":
        os.write(1, b"a" * 5000 + b"\n")
    elif what == "print-much":
        for i in range(argument):
            os.write(1, b"line %d\n" % i)
    elif what == "kill":
        os.kill(os.getpid(), signal.Signals[argument])
    elif what == "exit":
        os._exit(argument)
    elif what == "last-words":
        os.write(2, b"the last words\n")
        os._exit(3)
    elif what == "fork":
        if os.fork() == 0:
            time.sleep(60)
        os.write(1, b"forked\n")
    elif what == "grow":
        ledgers["memory"] = bytearray(argument)
    elif what == "say":
        say(**argument)


def trace(message):
    if message["plugin"] == "silent":
        return
    say(type="traced", token=message["token"], plugin=message["plugin"],
        report={"action": message["action"], "frames": message["frames"]})


def ledger():
    say(type="ledger", rss=1, pss=2, threads=3, descriptors=4, calls=5,
        plugins=[dict(entry, name=name) for name, entry in ledgers.items() if name != "memory"])


def serve():
    while True:
        data = control.recv(300000)
        if not data:
            os._exit(72)
        message = json.loads(data)
        kind = message["type"]
        if kind == "drain" and not deaf:
            say(type="drained")
            os._exit(0)
        elif kind == "do":
            do(message["what"], message.get("argument"))
        elif kind == "trace":
            trace(message)
        elif kind == "sample":
            ledger()


for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
    signal.signal(number, signal.SIG_DFL)
if "--serve" not in sys.argv or any(name.startswith("ASTROLABE_") for name in os.environ):
    os._exit(2)
load(json.loads(control.recv(300000)))
serve()
