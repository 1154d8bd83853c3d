"""The real sky through the socket: 9,928 stars against values computed with ERFA."""

import numpy
import pytest

from oip import InferInput, infer_body, infer_headers, result
from sky import separation_arcsec, stars, table
from wire import Wire, post

HIP, RA, DEC = stars()
REFERENCE = table("stars_reference.csv")
ROWS = numpy.array([HIP.index(hip) for hip in REFERENCE["hip"]])


def reference(name):
    return numpy.array(REFERENCE[name], float)


def plain(server, conversion, **parameters):
    with Wire(server) as wire:
        answer = wire.ask(post(f"/v1/convert/{conversion}",
                               {"ra": RA.tolist(), "dec": DEC.tolist(), **parameters}))
    assert answer.status == 200, answer
    return [numpy.array(column) for column in answer.json().values()]


def binary(server, conversion, **parameters):
    body, length = infer_body([InferInput("ra", RA), InferInput("dec", DEC)], parameters=parameters)
    with Wire(server, unix=True) as wire:
        answer = wire.ask(post(f"/v2/models/{conversion}/infer", body, infer_headers(length)))
    return list(result(answer).arrays.values())


@pytest.mark.parametrize("conversion,lon,lat", [
    ("icrs_to_galactic", "gal_l", "gal_b"),
    ("icrs_to_ecliptic", "ecl_lon", "ecl_lat"),
    ("icrs_to_fk5", "fk5_ra", "fk5_dec"),
])
def test_rotations_of_the_stars(server, conversion, lon, lat):
    columns = plain(server, conversion)
    assert len(columns[0]) == len(HIP) == 9928
    deviation = separation_arcsec(columns[0][ROWS], columns[1][ROWS], reference(lon), reference(lat)).max()
    print(f"{conversion}: largest deviation {float(deviation):.2e} arcsec over {len(ROWS)} stars")
    assert deviation < 1e-9
    # The same bits in both codecs: JSON numbers lose nothing.
    for one, other in zip(columns, binary(server, conversion)):
        assert (one == other).all()


def test_units_of_the_stars(server):
    degrees = binary(server, "icrs_to_galactic")
    body, length = infer_body([InferInput("ra", numpy.deg2rad(RA)), InferInput("dec", numpy.deg2rad(DEC))],
                              parameters={"unit": "rad"})
    with Wire(server) as wire:
        answer = result(wire.ask(post("/v2/models/icrs_to_galactic/infer", body, infer_headers(length))))
    radians = [numpy.rad2deg(column) for column in answer.arrays.values()]
    assert separation_arcsec(*degrees, *radians).max() < 2e-9


def test_the_stars_and_back(server):
    x, y, z = binary(server, "radec_to_xyz")
    assert numpy.abs(x * x + y * y + z * z - 1).max() < 1e-15
    body, length = infer_body([InferInput("x", x), InferInput("y", y), InferInput("z", z)])
    with Wire(server) as wire:
        answer = result(wire.ask(post("/v2/models/xyz_to_radec/infer", body, infer_headers(length))))
    assert separation_arcsec(answer.as_numpy("ra"), answer.as_numpy("dec"), RA, DEC).max() < 1e-9


def test_separations_of_neighbouring_stars(server):
    pairs = [RA[:-1], DEC[:-1], RA[1:], DEC[1:]]
    body, length = infer_body([InferInput(name, column)
                               for name, column in zip(("lon1", "lat1", "lon2", "lat2"), pairs)])
    with Wire(server) as wire:
        answer = result(wire.ask(post("/v2/models/separation/infer", body, infer_headers(length))))
    want = separation_arcsec(*pairs) / 3600
    assert numpy.abs(answer.as_numpy("separation") - want).max() < 1e-13
