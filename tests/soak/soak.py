#!/usr/bin/python3
"""Mixed requests for a long time; memory must stay flat, and the ledger must be zero at the end.

    tests/soak/soak.py [--requests N | --seconds S] [--rounds N] [--connections N] [--pipeline N] [-- FLAG...]

5 % of the requests are broken, 5 % abandoned half-way (--broken, --aborted). The load comes in rounds.
After each one the ledger must be zero, and when the idle slabs have gone back to the kernel the resident
memory is read. Its slope over the rounds, the first third left out as warm-up, is printed with a confidence
interval of 95 %; that of the memory read twice a second under load as well. Fails when an answer was
wrong, something is left behind, or memory surely grows: the interval over the rounds lies above 1 KiB per
million requests, and the growth is more than 128 KiB. FLAGs behind `--` go to astrolabed.
"""

import argparse
import math
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from server import ROOT, Server, wait_until  # noqa: E402

BIN = pathlib.Path(os.environ.get("TEST_BIN", ROOT / "build/release/bin"))


def slope(x, y):
    """Least squares: slope, and half the width of its 95 % interval.

    Neighbouring samples under load resemble each other: with many of them the variance is that of Newey and
    West, with a lag of a tenth of the samples; with few, the ordinary one and Student's quantile.
    """
    n = len(x)
    mean_x, mean_y = statistics.fmean(x), statistics.fmean(y)
    dx = [a - mean_x for a in x]
    sxx = sum(a * a for a in dx)
    if n < 4 or sxx == 0:
        return 0.0, math.inf
    b = sum(a * (c - mean_y) for a, c in zip(dx, y)) / sxx
    residuals = [c - mean_y - b * a for a, c in zip(dx, y)]
    if n < 40:
        student = {2: 4.30, 3: 3.18, 4: 2.78, 5: 2.57, 6: 2.45, 7: 2.36, 8: 2.31}.get(n - 2, 2.26)
        return b, student * math.sqrt(sum(r * r for r in residuals) / (n - 2) / sxx)
    u = [a * r for a, r in zip(dx, residuals)]
    lag = n // 10
    total = sum(a * a for a in u)
    for k in range(1, lag + 1):
        total += 2 * (1 - k / (lag + 1)) * sum(u[i] * u[i - k] for i in range(k, n))
    return b, 2.0 * math.sqrt(max(total, 0.0) * n / (n - 2)) / sxx


def load(server, options, seed, requests, seconds, so_far, begin, samples):
    """One round. Returns (requests, summary), or None when an answer was wrong."""
    command = [str(BIN / "test_soak"), "--port", str(server.port), "--unix", server.unix_path,
               "--connections", options.connections, "--pipeline", options.pipeline,
               "--broken", options.broken, "--aborted", options.aborted, "--seed", str(seed)]
    command += ["--requests", str(requests)] if requests else []
    command += ["--seconds", str(seconds)] if seconds else []
    summary = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith("at "):
                samples.append((so_far + int(line.split()[1]), time.monotonic() - begin, server.rss_bytes()))
            else:
                summary = line.split()
    if process.returncode != 0:
        return None
    return {key: float(value) for key, value in zip(summary[::2], summary[1::2])}


def tell_slope(what, points, warm_up):
    judged = points[int(len(points) * warm_up):]
    b, half = slope([n / 1e6 for n, _, _ in judged], [rss / 1024 for _, _, rss in judged])
    span = (judged[-1][0] - judged[0][0]) / 1e6
    print(f"RSS {what}: {b:+.2f} KiB per million requests, 95 % interval [{b - half:+.2f}, {b + half:+.2f}], "
          f"{len(judged)} samples over {span:.2f} million requests")
    return b - half > 1.0 and b * span > 128


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, help="end after so many")
    parser.add_argument("--seconds", type=float, help="load for so long (20 when --requests is absent)")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--connections", default="16")
    parser.add_argument("--pipeline", default="8")
    parser.add_argument("--broken", default="0.05")
    parser.add_argument("--aborted", default="0.05")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-slope", action="store_true",
                        help="do not judge memory: a sanitizer keeps what has been freed")
    parser.add_argument("--csv", help="write the samples here: requests, seconds, resident bytes, kind")
    parser.add_argument("flags", nargs="*", help="for astrolabed, behind --")
    options = parser.parse_args()
    if options.requests is None and options.seconds is None:
        options.seconds = 20.0

    samples, quiet, totals, begin = [], [], {}, time.monotonic()
    with Server(*options.flags) as server:
        idle = server.rss_bytes()
        for number in range(options.rounds):
            so_far = int(totals.get("done", 0))
            round_ = load(server, options, options.seed + number,
                          options.requests and options.requests // options.rounds,
                          options.seconds and options.seconds / options.rounds, so_far, begin, samples)
            if round_ is None:
                print(f"soak: the load client gave up; server {'alive' if server.alive() else 'dead'}")
                print(server.log()[-3000:])
                server.end()
                return 1
            for key, value in round_.items():
                totals[key] = totals.get(key, 0) + value
            server.census()
            wait_until(lambda: server.ledger()["pool"]["cached_bytes"] == 0, "idle slabs go back", 120)
            quiet.append((int(totals["done"]), time.monotonic() - begin, server.rss_bytes()))
        ledger = server.ledger()

    if options.csv:
        with open(options.csv, "w") as file:
            file.write("requests,seconds,rss_bytes,kind\n")
            for kind, points in (("load", samples), ("quiet", quiet)):
                file.writelines(f"{n},{t:.2f},{rss},{kind}\n" for n, t, rss in points)
    done = totals["done"]
    print(f"{done:.0f} requests in {totals['seconds']:.1f} s of load ({done / totals['seconds']:.0f}/s), "
          f"{totals['broken'] / done:.1%} broken, {totals['aborted'] / done:.1%} abandoned, "
          f"{totals['overloaded']:.0f} times overloaded")
    print("ledger: " + ", ".join(f"{kind} {row['objects']} (peak {row['peak_objects']}, "
                                 f"{row['peak_bytes'] / 1e6:.2f} MB)" for kind, row in ledger["live"].items()))
    print(f"RSS: idle {idle / 1e6:.2f} MB, at rest after each round "
          + " ".join(f"{rss / 1e6:.2f}" for _, _, rss in quiet) + " MB")
    if len(samples) >= 20:
        tell_slope("under load", samples, 0.33)
    if tell_slope("at rest", quiet, 0.33) and not options.no_slope:
        print("memory grows")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
