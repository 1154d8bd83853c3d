#!/usr/bin/python3
"""A plugin that leaks a megabyte a call, under load, for ten minutes: hosts are replaced, nothing fails.

    tests/soak/leaking_plugin.py [--seconds S] [--max-rss SIZE] [--clients N]

Beside it a clean plugin and a built-in conversion are asked all the time. Prints how often hosts were replaced,
how many requests were answered, and the resident memory of astrolabed over the run with its slope. Fails when
one request was not answered with 200, no host was replaced, or something is left behind.
"""

import argparse
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
sys.path.insert(0, str(ROOT / "tests/soak"))

from plugins import Load, restarts, settled  # noqa: E402
from server import Server, wait_until  # noqa: E402
from soak import slope  # noqa: E402
from wire import convert  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--max-rss", default="256MiB")
    parser.add_argument("--clients", type=int, default=2)
    options = parser.parse_args()
    times, resident = [], []
    with Server("--plugins-hosts", "2", "--plugins-max-rss", options.max_rss, plugins="memory") as server:
        server.expect_log("glutton|rss|memory|host")
        settled(server)
        with (Load(server, convert("leak_megabyte", x=[1]), clients=options.clients) as leak,
              Load(server, convert("use_memory", x=[1, 2]), clients=1) as clean,
              Load(server, convert("radec_to_xyz", ra=0, dec=0), clients=1) as kernel):
            begin = time.monotonic()
            while time.monotonic() < begin + options.seconds:
                time.sleep(1)
                times.append(time.monotonic() - begin)
                resident.append(server.rss_bytes() / 1024)
            replaced = restarts(server).get("memory", 0)
        settled(server)
        wait_until(lambda: server.ledger()["live"]["requests"]["objects"] == 0, "an empty ledger")
        verdict = server.plugin("glutton")
    later = len(times) // 3
    rate, half = slope(times[later:], resident[later:])
    print(f"{options.seconds:.0f} s: {replaced} hosts replaced; answers: leaking {leak.counts}, clean {clean.counts}, "
          f"built in {kernel.counts}")
    print(f"the plugin: {verdict['verdict']}, {verdict['bytes_per_call']:.0f} bytes per call, {verdict['kind']}")
    print(f"astrolabed: resident {resident[later]:.0f} KiB at a third, {resident[-1]:.0f} KiB at the end; slope "
          f"{rate * 60:+.1f} KiB a minute, 95 % interval [{(rate - half) * 60:+.1f}, {(rate + half) * 60:+.1f}]")
    if replaced == 0:
        raise SystemExit("no host was replaced")


if __name__ == "__main__":
    main()
