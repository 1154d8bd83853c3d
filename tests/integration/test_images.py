"""Images through the socket: headers as parameters of both APIs, up to 64 KiB, and what is kept of them."""

import csv
import pathlib
import urllib.parse

import numpy
import pytest

from oip import InferInput, infer_body, infer_headers, result
from sky import separation_arcsec
from wire import Wire, post

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "wcs"
LARGEST = 65536


def header(name):
    return (GOLDEN / name).read_text()


def rows(name):
    with open(GOLDEN / "pix_world.csv", newline="") as stream:
        numbers = [[float(cell) for cell in row[1:]] for row in csv.reader(stream) if row[0] == name]
    return numpy.array(numbers).T


def padded(name, length=LARGEST, mark=0):
    """The header with comments behind it, that many bytes in all."""
    text = header(name).replace("END\n", "").rstrip("\n") + f"\nCOMMENT {mark:06}\n"
    return text + "COMMENT\n" * ((length - len(text)) // 8) + " " * ((length - len(text)) % 8)


def plain(server, conversion, **arguments):
    with Wire(server) as wire:
        return wire.ask(post(f"/v1/convert/{conversion}", arguments))


def binary(server, conversion, columns, parameters):
    body, length = infer_body([InferInput(name, column) for name, column in columns.items()],
                              parameters=parameters)
    with Wire(server, unix=True) as wire:
        return wire.ask(post(f"/v2/models/{conversion}/infer", body, infer_headers(length)))


@pytest.mark.parametrize("name", ["siponly.hdr", "1904-66_HPX.hdr", "outside_sky.hdr"])
def test_both_apis_know_where_a_pixel_is(server, name):
    x, y, lon, lat = rows(name)
    text = header(name)
    answer = plain(server, "pixel_to_world", header=text, x=x.tolist(), y=y.tolist())
    assert answer.status == 200, answer
    got = [numpy.array([numpy.nan if item is None else item for item in column])
           for column in answer.json().values()]
    good = ~numpy.isnan(lon)
    assert (numpy.isnan(got[0]) == ~good).all() and (numpy.isnan(got[1]) == ~good).all()
    assert separation_arcsec(got[0][good], got[1][good], lon[good], lat[good]).max() < 1e-9
    other = result(binary(server, "pixel_to_world", {"x": x, "y": y}, {"header": text}))
    for one, same in zip(got, other.arrays.values()):
        assert numpy.array_equal(one, same, equal_nan=True)


def test_a_header_has_up_to_64_kib_in_both_apis(server):
    text = padded("siponly.hdr")
    assert len(text) == LARGEST
    short = plain(server, "pixel_to_world", header=header("siponly.hdr"), x=5, y=6).json()
    assert plain(server, "pixel_to_world", header=text, x=5, y=6).json() == short
    columns = {"x": numpy.array([5.0]), "y": numpy.array([6.0])}
    arrays = result(binary(server, "pixel_to_world", columns, {"header": text})).arrays
    assert [column[0] for column in arrays.values()] == list(short.values())
    for answer in (plain(server, "pixel_to_world", header=text + " ", x=5, y=6),
                   binary(server, "pixel_to_world", columns, {"header": text + " "})):
        assert answer.status == 400
        assert "header has 65537 bytes; at most 65536 are allowed" in answer.json()["error"]


def test_a_short_header_fits_the_query_string(server):
    text = header("2MASS_k_header.hdr")
    with Wire(server) as wire:
        answer = wire.ask(post("/v1/convert/pixel_to_world?" + urllib.parse.urlencode({"header": text}),
                               {"x": 5, "y": 6}))
    assert answer.json() == plain(server, "pixel_to_world", header=text, x=5, y=6).json()


def test_what_is_wrong_with_a_header_is_told(server):
    for text, says in (("", "header has no celestial axes"),
                       ("CTYPE1  = 'RA---TAN'\nCTYPE2  = 'DEC--TAN'\nCDELT1  = 0\n", "is singular"),
                       ("CTYPE1  = 'RA---TAN'\nCRVAL1  = caf\u00e9", "is not printable ASCII")):
        answer = plain(server, "pixel_to_world", header=text, x=1, y=1)
        assert answer.status == 400 and answer.get("X-Error-Code") == "bad_header"
        assert says in answer.json()["error"] and answer.json()["field"] == "header"
    answer = plain(server, "pixel_to_world", x=1, y=1)
    assert answer.status == 400 and answer.get("X-Error-Code") == "missing_parameter"


def test_origin_is_a_number_or_a_text(server):
    text = header("2MASS_k_header.hdr")
    one = plain(server, "pixel_to_world", header=text, x=5, y=6).json()
    for origin in (0, "0"):
        assert plain(server, "pixel_to_world", header=text, x=4, y=5, origin=origin).json() == one
    assert plain(server, "pixel_to_world", header=text, x=4, y=5, origin=2).status == 400


def test_big_headers_are_kept_within_the_limit(servers):
    server = servers.get("--limits-contexts", "1MiB", "--loops", "1")
    for mark in range(60):
        answer = plain(server, "pixel_to_world", header=padded("siponly.hdr", mark=mark), x=5, y=6)
        assert answer.status == 200
    kept = server.ledger()["contexts"]
    assert kept["objects"] == (1 << 20) // (kept["bytes"] // kept["objects"]) and kept["bytes"] <= 1 << 20
    hits = kept["hits"]
    assert plain(server, "pixel_to_world", header=padded("siponly.hdr", mark=59), x=5, y=6).status == 200
    assert server.ledger()["contexts"]["hits"] == hits + 1
