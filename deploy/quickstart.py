#!/usr/bin/python3
"""Converts the 9,928 bright stars of tests/golden/stars.csv over the socket; the standard library only.

Columns go as binary tensors of the Open Inference Protocol: a JSON head, then the numbers as they lie in
memory. Run by deploy/quickstart.
"""

import argparse
import array
import csv
import http.client
import json
import pathlib
import sys
import time

STARS = pathlib.Path(__file__).resolve().parents[1] / "tests/golden/stars.csv"
REPEAT = 50


def read_stars():
    with open(STARS, newline="") as file:
        rows = list(csv.DictReader(file))
    labels = [row["name"] or f"HIP {row['hip']}" for row in rows]
    return labels, *(array.array("d", (float(row[name]) for row in rows)) for name in ("ra_deg", "dec_deg"))


def little_endian(column):
    if sys.byteorder == "big":
        column = array.array("d", column)
        column.byteswap()
    return column


def make_body(columns):
    """(body, bytes of its JSON head) of an infer request for named columns."""
    head = json.dumps({
        "inputs": [{"name": name, "datatype": "FP64", "shape": [len(column)],
                    "parameters": {"binary_data_size": 8 * len(column)}} for name, column in columns.items()],
        "parameters": {"binary_data_output": True},
    }).encode()
    return head + b"".join(little_endian(column).tobytes() for column in columns.values()), len(head)


def infer(connection, conversion, body, head_length):
    """The answer's body and the length of its JSON head."""
    connection.request("POST", f"/v2/models/{conversion}/infer", body,
                       {"Inference-Header-Content-Length": str(head_length)})
    response = connection.getresponse()
    data = response.read()
    if response.status != 200:
        raise SystemExit(f"{conversion}: {response.status} {data.decode(errors='replace')}")
    return data, int(response.headers["Inference-Header-Content-Length"])


def columns_of(data, head_length):
    found, at = {}, head_length
    for output in json.loads(data[:head_length])["outputs"]:
        size = output["parameters"]["binary_data_size"]
        found[output["name"]] = little_endian(array.array("d", data[at:at + size]))
        at += size
    return found


def convert(connection, conversion, columns):
    """The converted columns, and points per second: the median of several repetitions."""
    body, head_length = make_body(columns)
    seconds = []
    for _ in range(REPEAT):
        begin = time.perf_counter()
        answer = infer(connection, conversion, body, head_length)
        seconds.append(time.perf_counter() - begin)
    points = len(next(iter(columns.values())))
    return columns_of(*answer), points / sorted(seconds)[REPEAT // 2]


def resident_megabytes(pid):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=9180)
    parser.add_argument("--pid", type=int, help="process of the server, to show its memory")
    options = parser.parse_args()
    labels, ra, dec = read_stars()
    print(f"{len(labels):,} stars of tests/golden/{STARS.name}, over http://127.0.0.1:{options.port}")
    connection = http.client.HTTPConnection("127.0.0.1", options.port, timeout=30)
    galactic, galactic_rate = convert(connection, "icrs_to_galactic", {"ra": ra, "dec": dec})
    cartesian, cartesian_rate = convert(connection, "radec_to_xyz", {"ra": ra, "dec": dec})

    print(f"\n{'star':<14}{'ra':>12}{'dec':>12}{'l':>12}{'b':>12}{'x':>11}{'y':>11}{'z':>11}")
    named = [i for i, label in enumerate(labels) if not label.startswith("HIP ")]
    for i in (named or list(range(len(labels))))[:8]:
        print(f"{labels[i]:<14.14}{ra[i]:12.6f}{dec[i]:12.6f}{galactic['l'][i]:12.6f}{galactic['b'][i]:12.6f}"
              f"{cartesian['x'][i]:11.7f}{cartesian['y'][i]:11.7f}{cartesian['z'][i]:11.7f}")

    print(f"\nrate with one Python client, request by request, median of {REPEAT}:")
    print(f"  icrs_to_galactic {galactic_rate / 1e6:8.1f} million points/s")
    print(f"  radec_to_xyz     {cartesian_rate / 1e6:8.1f} million points/s")
    connection.request("GET", "/v1/debug/memory")
    ledger = json.loads(connection.getresponse().read())
    rows = ", ".join(f"{kind} {row['objects']} (peak {row['peak_bytes'] / 1e6:.2f} MB)"
                     for kind, row in ledger["live"].items())
    print(f"memory owned by requests now: {rows}")
    if options.pid:
        print(f"resident memory of astrolabed: {resident_megabytes(options.pid):.1f} MB")
    connection.close()

    base = f"http://127.0.0.1:{options.port}"
    print("\nto try next:")
    print(f"""  curl -d '{{"ra": 83.822, "dec": -5.391}}' {base}/v1/convert/icrs_to_galactic""")
    print(f"""  curl -d '{{"ra": [6.75, 5.92], "dec": [-16.72, 7.41]}}' """
          f"'{base}/v1/convert/radec_to_xyz?unit=hourangle'")
    print(f"  curl {base}/v1/conversions/precess_fk5")
    print(f"  curl {base}/v1/debug/memory")


if __name__ == "__main__":
    try:
        main()
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"quickstart: the server does not answer: {error}")
