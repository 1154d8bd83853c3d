#!/usr/bin/python3
"""Mixed requests for a long time; memory must stay flat, and the ledger must be zero at the end.

    tests/soak/soak.py [--requests N | --seconds S] [--warm-up SHARE] [--connections N] [--pipeline N] [FLAG...]

5 % of the requests are broken, 5 % abandoned half-way (--broken, --aborted). The resident memory is read
twice a second; after the warm-up its slope against the number of requests is estimated, with a confidence
interval of 95 % that allows for samples that resemble their neighbours. Fails when an answer was wrong,
the ledger is not zero, descriptors are left, or memory surely grows: the whole interval lies above
1 KiB per million requests, and the growth over the run is more than 256 KiB.
FLAGs behind `--` go to astrolabed.
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

BIN = pathlib.Path(os.environ.get("ASTROLABE_TEST_BIN", ROOT / "build/release/bin"))


def slope(x, y):
    """Least squares: slope, and half the width of its 95 % interval.

    Resident memory moves in steps, so neighbouring residuals resemble each other: the variance is that of
    Newey and West, with a lag of a tenth of the samples.
    """
    n = len(x)
    mean_x, mean_y = statistics.fmean(x), statistics.fmean(y)
    dx = [a - mean_x for a in x]
    sxx = sum(a * a for a in dx)
    if n < 8 or sxx == 0:
        return 0.0, math.inf
    b = sum(a * (c - mean_y) for a, c in zip(dx, y)) / sxx
    u = [a * (c - mean_y - b * a) for a, c in zip(dx, y)]
    lag = max(1, n // 10)
    total = sum(a * a for a in u)
    for k in range(1, lag + 1):
        total += 2 * (1 - k / (lag + 1)) * sum(u[i] * u[i - k] for i in range(k, n))
    return b, 2.0 * math.sqrt(max(total, 0.0) * n / (n - 2)) / sxx


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, help="end after so many")
    parser.add_argument("--seconds", type=float, help="end after so long (30 when --requests is absent)")
    parser.add_argument("--warm-up", type=float, default=0.3, help="share of the run that is not judged")
    parser.add_argument("--connections", default="16")
    parser.add_argument("--pipeline", default="8")
    parser.add_argument("--broken", default="0.05")
    parser.add_argument("--aborted", default="0.05")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--csv", help="write the samples here: requests, seconds, resident bytes")
    parser.add_argument("flags", nargs="*", help="for astrolabed, behind --")
    options = parser.parse_args()
    if options.requests is None and options.seconds is None:
        options.seconds = 30.0

    with Server(*options.flags) as server:
        command = [str(BIN / "test_soak"), "--port", str(server.port), "--unix", server.unix_path,
                   "--connections", options.connections, "--pipeline", options.pipeline,
                   "--broken", options.broken, "--aborted", options.aborted, "--seed", options.seed]
        if options.requests:
            command += ["--requests", str(options.requests)]
        if options.seconds:
            command += ["--seconds", str(options.seconds)]
        idle = server.rss_bytes()
        samples, begin, summary = [], time.monotonic(), ""
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load:
            for line in load.stdout:
                if line.startswith("at "):
                    samples.append((int(line.split()[1]), time.monotonic() - begin, server.rss_bytes()))
                else:
                    summary = line.strip()
        if load.returncode != 0:
            print(f"soak: the load client ended with {load.returncode}; server "
                  f"{'alive' if server.alive() else 'dead'}")
            print(server.log()[-3000:])
            server.end()
            return 1
        busy = server.rss_bytes()
        server.census()
        ledger = server.ledger()
        wait_until(lambda: server.ledger()["pool"]["cached_bytes"] == 0, "idle slabs go back", 120)
        after = server.rss_bytes()

    if options.csv:
        with open(options.csv, "w") as file:
            file.write("requests,seconds,rss_bytes\n")
            file.writelines(f"{n},{t:.2f},{rss}\n" for n, t, rss in samples)
    print(summary)
    judged = samples[int(len(samples) * options.warm_up):]
    print(f"RSS: idle {idle / 1e6:.2f} MB, at the end {busy / 1e6:.2f} MB, "
          f"when its slabs have gone back {after / 1e6:.2f} MB")
    print("ledger: " + ", ".join(f"{kind} {row['objects']} (peak {row['peak_objects']}, "
                                 f"{row['peak_bytes'] / 1e6:.2f} MB)" for kind, row in ledger["live"].items()))
    if len(judged) < 8:
        print("too few samples for a slope: run longer")
        return 0
    b, half = slope([n / 1e6 for n, _, _ in judged], [rss / 1024 for _, _, rss in judged])
    span = (judged[-1][0] - judged[0][0]) / 1e6
    print(f"RSS slope after warm-up: {b:.2f} KiB per million requests, 95 % interval "
          f"[{b - half:.2f}, {b + half:.2f}], over {span:.2f} million requests, {len(judged)} samples")
    if b - half > 1.0 and b * span > 256:
        print("memory grows")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
