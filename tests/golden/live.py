#!/usr/bin/python3
"""Compares the conversions of a running astrolabed with pyerfa and astropy at random points.

    tests/golden/live.py [--binary PATH | --server URL] [--points N] [--seed N] [WORD ...]

For use by hand: it wants astropy 5.2 and pyerfa 2.0 (Debian 12), and every run has other points
unless a seed is given. A WORD picks the lines whose conversion contains it. Prints one line per
comparison (rows, largest difference, what is allowed) and exits with 1 when one is over.
"""
import argparse
import json
import subprocess
import sys
import urllib.request
import warnings

import erfa
import numpy as np
from astropy import units as u
from astropy.coordinates import (FK4, FK5, ICRS, Angle, BarycentricMeanEcliptic,
                                 BarycentricTrueEcliptic, FK4NoETerms, Galactic, SkyCoord,
                                 SkyOffsetFrame, Supergalactic, UnitSphericalRepresentation,
                                 angular_separation)
from astropy.time import Time

from live_eop import EXCERPT, orientation
from live_horizon import horizon, units
from live_places import places
from live_rotation import rotation
from live_wcs import images

ARCSEC = 3600.0
warnings.simplefilter("ignore")


class Server:
    """An astrolabed of our own, or one that runs already."""

    def __init__(self, binary, url):
        self.process = None
        if url is None:
            self.process = subprocess.Popen([binary, "--listen", "127.0.0.1:0", "--data-eop", str(EXCERPT)],
                                            text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            url = self.process.stdout.readline().split()[-1]
        self.url = url

    def convert(self, name, **arguments):
        body = json.dumps({key: value.tolist() if isinstance(value, np.ndarray) else value
                           for key, value in arguments.items()})
        request = urllib.request.Request(f"{self.url}/v1/convert/{name}", body.encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            columns = json.load(answer)
        return [np.array([np.nan if item is None else item for item in column])
                for key, column in columns.items() if key != "warnings"]

    def close(self):
        if self.process:
            self.process.terminate()
            self.process.wait()


def apart(lon1, lat1, lon2, lat2):
    """Separation on the sphere in arcsec, of degrees."""
    return np.rad2deg(angular_separation(*np.deg2rad([lon1, lat1, lon2, lat2]))) * ARCSEC


def of(coordinate):
    """Longitude and latitude of astropy's object in degrees."""
    spherical = coordinate.spherical
    return spherical.lon.deg, spherical.lat.deg


class Comparison:
    """The table, and the points that all comparisons share."""

    def __init__(self, server, points, seed, words):
        self.server, self.words, self.failed = server, words, False
        self.random = np.random.default_rng(seed)
        self.n = points
        self.lon = self.random.uniform(0, 360, points)
        self.lat = np.rad2deg(np.arcsin(self.random.uniform(-1, 1, points)))

    def wanted(self, name):
        return not self.words or any(word in name for word in self.words)

    def line(self, name, peer, unit, differences, allowed):
        largest = float(np.max(np.abs(differences)))
        good = largest <= allowed
        self.failed |= not good
        print(f"{name:28} {peer:34} {np.size(differences):6} {largest:10.2e} {allowed:9.1e} "
              f"{unit:7} {'ok' if good else 'FAILED'}")

    def sky(self, name, peer, theirs, allowed, inputs=("ra", "dec"), **parameters):
        """A position in, a position out; `theirs` makes theirs of degrees."""
        if not self.wanted(name):
            return
        ours = self.server.convert(name, **dict(zip(inputs, (self.lon, self.lat))), **parameters)
        lon, lat = theirs(self.lon, self.lat)
        self.line(name, peer, "arcsec", apart(ours[0], ours[1], lon, lat), allowed)


def erfa_sky(function):
    """An ERFA routine of two angles, in degrees."""
    return lambda lon, lat: tuple(np.rad2deg(function(np.deg2rad(lon), np.deg2rad(lat))[:2]))


def astropy_sky(source, target):
    """The frames as they stand: a SkyCoord would carry its equinox over to the target."""
    return lambda lon, lat: of(source.realize_frame(
        UnitSphericalRepresentation(lon * u.deg, lat * u.deg)).transform_to(target))


def frames(table):
    year = round(float(table.random.uniform(1920, 2080)), 6)
    julian, besselian = f"J{year:.6f}", f"B{year:.6f}"
    time_j = Time(julian, scale="tt")
    fk5, fk4 = FK5(equinox=time_j), FK4(equinox=Time(besselian, scale="tt"))
    fk4_none = FK4NoETerms(equinox=fk4.equinox)
    galactic = {"inputs": ("l", "b")}
    table.sky("icrs_to_galactic", "erfa.icrs2g", erfa_sky(erfa.icrs2g), 1e-9)
    table.sky("galactic_to_icrs", "erfa.g2icrs", erfa_sky(erfa.g2icrs), 1e-9, **galactic)
    table.sky("icrs_to_galactic", "astropy, definition=fk5", astropy_sky(ICRS(), Galactic()), 5e-9,
              definition="fk5")
    table.sky("icrs_to_fk5", f"astropy, {julian}", astropy_sky(ICRS(), fk5), 5e-9, equinox=julian)
    table.sky("fk5_to_icrs", f"astropy, {julian}", astropy_sky(fk5, ICRS()), 5e-9, equinox=julian)
    table.sky("precess_fk5", f"astropy, {julian} to J2000", astropy_sky(fk5, FK5()), 5e-9,
              equinox_in=julian, equinox_out="J2000")
    table.sky("fk4_to_fk5", f"erfa.fk45z, {besselian}",
              erfa_sky(lambda r, d: erfa.fk45z(r, d, year)), 1e-9, obstime=besselian)
    table.sky("fk5_to_fk4", f"erfa.fk54z, {besselian}",
              erfa_sky(lambda r, d: erfa.fk54z(r, d, year)), 1e-9, obstime=besselian)
    table.sky("fk4_to_fk5", "astropy, another definition", astropy_sky(FK4(), FK5()), 0.0065)
    table.sky("icrs_to_fk4", "astropy, another definition", astropy_sky(ICRS(), FK4()), 0.0065)
    table.sky("fk4_to_fk4_no_e", f"astropy, {besselian}", astropy_sky(fk4, fk4_none), 1e-6,
              equinox=besselian)
    table.sky("fk4_no_e_to_fk4", f"astropy, {besselian}", astropy_sky(fk4_none, fk4), 1e-6,
              equinox=besselian)
    table.sky("precess_fk4", f"astropy, B1950 to {besselian}", astropy_sky(FK4(), fk4), 1e-3,
              equinox_in="B1950", equinox_out=besselian)
    ecliptic = {"inputs": ("lon", "lat")}
    mean, true = BarycentricMeanEcliptic(equinox=time_j), BarycentricTrueEcliptic(equinox=time_j)
    table.sky("icrs_to_ecliptic", f"astropy, mean {julian}", astropy_sky(ICRS(), mean), 2e-9,
              equinox=julian)
    table.sky("icrs_to_ecliptic", f"astropy, true {julian}", astropy_sky(ICRS(), true), 2e-9,
              equinox=julian, definition="true")
    table.sky("ecliptic_to_icrs", f"astropy, mean {julian}", astropy_sky(mean, ICRS()), 2e-9,
              equinox=julian, **ecliptic)
    table.sky("galactic_to_supergalactic", "astropy", astropy_sky(Galactic(), Supergalactic()),
              2e-9, **galactic)
    table.sky("supergalactic_to_galactic", "astropy", astropy_sky(Supergalactic(), Galactic()),
              2e-9, inputs=("sgl", "sgb"))
    table.sky("transform_frame", "astropy, fk5 to ecliptic", astropy_sky(FK5(), mean), 1e-8,
              frame_in="fk5", frame_out="ecliptic", equinox_out=julian, **ecliptic)


def separations(table):
    lon2 = table.random.uniform(0, 360, table.n)
    lat2 = np.rad2deg(np.arcsin(table.random.uniform(-1, 1, table.n)))
    first, second = (SkyCoord(a * u.deg, b * u.deg) for a, b in
                     ((table.lon, table.lat), (lon2, lat2)))
    pair = dict(lon1=table.lon, lat1=table.lat, lon2=lon2, lat2=lat2)
    ask = table.server.convert
    if table.wanted("separation"):
        (got,) = ask("separation", **pair)
        table.line("separation", "astropy", "deg", got - first.separation(second).deg, 1e-13)
    if table.wanted("position_angle"):
        (got,) = ask("position_angle", **pair)
        difference = Angle(got - first.position_angle(second).deg, "deg").wrap_at("180d").deg
        sine = np.sin(first.separation(second).rad)
        table.line("position_angle", "astropy, x sin(separation)", "deg", difference * sine, 3e-13)
    if table.wanted("offset_by"):
        distance = table.random.uniform(0, 180, table.n)
        got = ask("offset_by", lon=table.lon, lat=table.lat, position_angle=lon2,
                  separation=distance)
        theirs = of(first.directional_offset_by(lon2 * u.deg, distance * u.deg))
        table.line("offset_by", "astropy", "arcsec", apart(*got, *theirs), 3e-9)
    if table.wanted("spherical_offsets"):
        got = ask("spherical_offsets", **pair)
        theirs = [x.deg for x in first.spherical_offsets_to(second)]
        table.line("spherical_offsets", "astropy", "arcsec", apart(*got, *theirs), 1e-8)
    origin = dict(lon0=float(lon2[0]), lat0=float(lat2[0]), rotation=33.3)
    frame = SkyOffsetFrame(origin=second[0], rotation=33.3 * u.deg)
    table.sky("lonlat_to_skyoffset", "astropy", astropy_sky(ICRS(), frame), 3e-9,
              inputs=("lon", "lat"), **origin)
    table.sky("skyoffset_to_lonlat", "astropy", astropy_sky(frame, ICRS()), 3e-9,
              inputs=("dlon", "dlat"), **origin)
    if table.wanted("tangent"):
        ra0, dec0 = float(lon2[1]), float(lat2[1])
        centre = np.deg2rad([ra0, dec0])
        xi, eta, status = erfa.ufunc.tpxes(*np.deg2rad([table.lon, table.lat]), *centre)
        got = ask("radec_to_tangent", ra=table.lon, dec=table.lat, ra0=ra0, dec0=dec0)
        there = status == 0
        spread = 1 + xi[there] ** 2 + eta[there] ** 2
        for mine, theirs in zip(got, (xi, eta)):
            difference = (mine[there] - np.rad2deg(theirs[there])) * ARCSEC / spread
            table.line("radec_to_tangent", "erfa.tpxes, / (1 + xi2 + eta2)", "arcsec", difference,
                       1e-9)
        table.line("radec_to_tangent", "NaN where its status is not 0", "rows",
                   np.isnan(got[0]) != ~there, 0)
        table.sky("tangent_to_radec", "erfa.tpsts",
                  erfa_sky(lambda x, y: erfa.tpsts(x, y, *centre)), 1e-9, inputs=("xi", "eta"),
                  ra0=ra0, dec0=dec0)


def earth(table):
    height = table.random.uniform(-1e4, 1e6, table.n)
    for number, name in ((1, "wgs84"), (2, "grs80"), (3, "wgs72")):
        if not table.wanted("geodetic_to_geocentric") and not table.wanted("geocentric_to_geodetic"):
            return
        xyz = erfa.gd2gc(number, np.deg2rad(table.lon), np.deg2rad(table.lat), height)
        got = table.server.convert("geodetic_to_geocentric", lon=table.lon, lat=table.lat,
                                   height=height, ellipsoid=name)
        table.line("geodetic_to_geocentric", f"erfa.gd2gc, {name}", "m", np.array(got).T - xyz, 1e-8)
        lon, lat, h = erfa.gc2gd(number, xyz)
        got = table.server.convert("geocentric_to_geodetic", x=xyz[:, 0], y=xyz[:, 1], z=xyz[:, 2],
                                   ellipsoid=name)
        table.line("geocentric_to_geodetic", f"erfa.gc2gd, {name}", "arcsec",
                   apart(*got[:2], np.rad2deg(lon), np.rad2deg(lat)), 2e-7)
        table.line("geocentric_to_geodetic", f"erfa.gc2gd, {name}, height", "m", got[2] - h, 1e-6)


def motion(table):
    random, n = table.random, table.n
    pm_ra, pm_dec = random.normal(0, 100, (2, n))
    parallax, velocity = random.uniform(0.5, 300, n), random.normal(0, 40, n)
    star = dict(ra=table.lon, dec=table.lat, pm_ra_cosdec=pm_ra, pm_dec=pm_dec)
    if table.wanted("apply_space_motion"):
        got = table.server.convert("apply_space_motion", **star, parallax=parallax,
                                   radial_velocity=velocity, epoch_in="J1991.25",
                                   epoch_out="J2026")
        mas = np.deg2rad(1 / 3.6e6)
        cosine = np.cos(np.deg2rad(table.lat))
        dates = erfa.epj2jd(1991.25) + erfa.epj2jd(2026.0)
        theirs = erfa.pmsafe(*np.deg2rad([table.lon, table.lat]), pm_ra * mas / cosine,
                             pm_dec * mas, parallax / 1000, velocity, *dates)
        table.line("apply_space_motion", "erfa.pmsafe", "arcsec",
                   apart(*got[:2], *np.rad2deg(theirs[:2])), 1e-9)
        table.line("apply_space_motion", "erfa.pmsafe, motions", "mas/yr",
                   [got[2] - theirs[2] * np.cos(theirs[1]) / mas, got[3] - theirs[3] / mas], 2e-9)
        coordinate = SkyCoord(table.lon * u.deg, table.lat * u.deg, pm_ra_cosdec=pm_ra * u.mas / u.yr,
                              pm_dec=pm_dec * u.mas / u.yr, distance=(1000 / parallax) * u.pc,
                              radial_velocity=velocity * u.km / u.s,
                              obstime=Time("J1991.25", scale="tdb"))
        moved = coordinate.apply_space_motion(new_obstime=Time("J2026", scale="tdb"))
        table.line("apply_space_motion", "astropy", "arcsec", apart(*got[:2], *of(moved)), 1e-8)
    if table.wanted("pm_icrs_to_galactic"):
        got = table.server.convert("pm_icrs_to_galactic", **star, definition="fk5")
        theirs = SkyCoord(table.lon * u.deg, table.lat * u.deg, pm_ra_cosdec=pm_ra * u.mas / u.yr,
                          pm_dec=pm_dec * u.mas / u.yr).galactic
        cosine = np.cos(theirs.b.rad)
        table.line("pm_icrs_to_galactic", "astropy, x cos(b)", "mas/yr",
                   [(got[2] - theirs.pm_l_cosb.value) * cosine,
                    (got[3] - theirs.pm_b.value) * cosine], 2e-7)
    if table.wanted("modulus"):
        distance = 10 ** random.uniform(-2, 9, n)
        (got,) = table.server.convert("distance_to_modulus", distance=distance)
        table.line("distance_to_modulus", "NumPy", "mag", got - (5 * np.log10(distance) - 5), 1.5e-14)


def angles(table):
    if table.wanted("angle"):
        value = table.random.uniform(-360, 360, table.n)
        texts = Angle(value, "deg").to_string(unit=u.deg, precision=6)
        (got,) = table.server.convert("format_angle", angle=value, precision=6)
        table.line("format_angle", "astropy", "rows", got != np.array(texts), 0)
        (back,) = table.server.convert("parse_angle", text=np.array(texts))
        table.line("parse_angle", "astropy", "deg", back - Angle(texts).deg, 1.2e-13)
        hours = Angle(table.lon, "deg").to_string(unit=u.hourangle, precision=8, sep=":")
        (back,) = table.server.convert("parse_angle", text=np.array(hours), assume="hourangle")
        table.line("parse_angle", "astropy, hours", "deg",
                   back - Angle(hours, unit=u.hourangle).deg, 1.2e-13)
        (wrapped,) = table.server.convert("wrap_angle", angle=value, wrap_at=180)
        table.line("wrap_angle", "astropy", "deg",
                   wrapped - Angle(value, "deg").wrap_at("180d").deg, 1e-13)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default="build/release/bin/astrolabed")
    parser.add_argument("--server", help="URL of a running one")
    parser.add_argument("--points", type=int, default=2000)
    parser.add_argument("--seed", type=int)
    parser.add_argument("words", nargs="*")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else np.random.SeedSequence().entropy % 10**9
    print(f"seed {seed}\n{'conversion':28} {'peer':34} {'rows':>6} {'largest':>10} {'allowed':>9}")
    server = Server(arguments.binary, arguments.server)
    try:
        table = Comparison(server, arguments.points, seed, arguments.words)
        for group in (frames, separations, earth, motion, angles):
            group(table)
        horizon(table, apart)
        units(table)
        images(table, apart)
        rotation(table)
        places(table, apart)
        orientation(table)
    finally:
        server.close()
    return 1 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main())
