"""The stars, and separations on the sphere."""

import csv
import pathlib

import numpy

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"


def table(name):
    """Columns of a CSV file as lists of text; lines that begin with # are skipped."""
    with open(GOLDEN / name, newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return {key: [row[key] for row in rows] for key in rows[0]}


def stars():
    """hip -> row number, ra and dec in degrees."""
    columns = table("stars.csv")
    return (columns["hip"], numpy.array(columns["ra_deg"], float), numpy.array(columns["dec_deg"], float))


def vectors(lon, lat):
    lon, lat = (numpy.deg2rad(numpy.asarray(angle, numpy.longdouble)) for angle in (lon, lat))
    return numpy.stack([numpy.cos(lat) * numpy.cos(lon), numpy.cos(lat) * numpy.sin(lon), numpy.sin(lat)])


def separation_arcsec(lon1, lat1, lon2, lat2):
    """Good for tiny and for large separations, in extended precision."""
    a, b = vectors(lon1, lat1), vectors(lon2, lat2)
    return numpy.rad2deg(2 * numpy.arctan2(numpy.sqrt(((a - b) ** 2).sum(0)),
                                           numpy.sqrt(((a + b) ** 2).sum(0)))) * 3600
