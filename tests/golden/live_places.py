"""The part of live.py about places: pyerfa with a time per row and with one for all, and astropy."""
import erfa
import numpy as np
from astropy import units as u
from astropy.coordinates import (CIRS, GCRS, ICRS, TETE, AltAz, EarthLocation, HADec,
                                 UnitSphericalRepresentation, get_sun)
from astropy.coordinates.builtin_frames.utils import get_polar_motion
from astropy.time import Time

MAS = np.deg2rad(1 / 3.6e6)
NAMES = ("icrs_to_astrometric", "icrs_to_gcrs", "gcrs_to_icrs", "icrs_to_cirs", "cirs_to_icrs", "icrs_to_tete",
         "tete_to_icrs", "icrs_to_altaz", "altaz_to_icrs", "icrs_to_hadec", "hadec_to_icrs", "cirs_to_altaz",
         "altaz_to_cirs")


class Scene:
    """An observer, the air, and a time per star."""

    def __init__(self, random, n, air):
        self.jd1 = 2400000.5 + np.floor(random.uniform(42000, 66000, n))
        self.jd2 = random.uniform(0, 1, n)
        self.lon, self.lat = random.uniform(-180, 180), np.rad2deg(np.arcsin(random.uniform(-1, 1)))
        self.height = random.uniform(0, 5000)
        self.pole = dict(dut1=random.uniform(-0.9, 0.9), xp=random.uniform(-0.5, 0.5), yp=random.uniform(-0.5, 0.5))
        self.air = dict(pressure=random.uniform(300, 1100), temperature=random.uniform(-30, 40),
                        relative_humidity=random.uniform(0, 1), obswl=random.choice([0.4, 0.55, 2.2, 1e4]))
        if not air:
            self.air["pressure"] = 0.0
        self.site = dict(lon=self.lon, lat=self.lat, height=self.height)
        tt = erfa.taitt(*erfa.utctai(self.jd1, self.jd2))
        self.tdb = erfa.tttdb(*tt, erfa.dtdb(*tt, 0.0, 0.0, 0.0, 0.0))

    def for_erfa(self):
        pole = self.pole
        return (self.jd1, self.jd2, pole["dut1"], np.deg2rad(self.lon), np.deg2rad(self.lat), self.height,
                pole["xp"] * 1e3 * MAS, pole["yp"] * 1e3 * MAS, self.air["pressure"], self.air["temperature"],
                self.air["relative_humidity"], self.air["obswl"])


def from_erfa(table, apart, air):
    random, n = table.random, table.n
    scene = Scene(random, n, air)
    ra, dec = np.deg2rad([table.lon, table.lat])
    motion = dict(pm_ra_cosdec=random.normal(0, 300, n), pm_dec=random.normal(0, 300, n),
                  parallax=random.uniform(0, 300, n), radial_velocity=random.normal(0, 50, n))
    star = (ra, dec, motion["pm_ra_cosdec"] * MAS / np.cos(dec), motion["pm_dec"] * MAS,
            motion["parallax"] / 1000, motion["radial_velocity"])
    times = dict(jd1=scene.jd1, jd2=scene.jd2)
    site = {**scene.site, **scene.pole, **scene.air}

    def line(name, theirs, inputs, **parameters):
        """eraEra00 rounds to 1e-8 arcsec, and differently for every split of the date."""
        if not table.wanted(name):
            return
        ours = table.server.convert(name, **inputs, **times, **parameters)
        table.line(name, f"pyerfa, {'air' if air else 'no air'}, a time per row", "arcsec",
                   apart(*ours, *np.rad2deg(theirs)), 1.5e-8 if "lon" in parameters else 1e-8)

    position = dict(ra=table.lon, dec=table.lat)
    az, zenith, ha, declination, _, _ = erfa.atco13(*star, *scene.for_erfa())
    line("icrs_to_altaz", (az, np.pi / 2 - zenith), {**position, **motion}, **site)
    line("icrs_to_hadec", (ha, declination), {**position, **motion}, **site)
    sky = dict(az=table.lon, alt=table.lat)
    line("altaz_to_icrs", erfa.atoc13("A", ra, np.pi / 2 - dec, *scene.for_erfa()), sky, **site)
    line("altaz_to_cirs", erfa.atoi13("A", ra, np.pi / 2 - dec, *scene.for_erfa()), sky, **site)
    line("hadec_to_icrs", erfa.atoc13("H", ra, dec, *scene.for_erfa()), dict(ha=table.lon, dec=table.lat), **site)
    az, zenith = erfa.atio13(ra, dec, *scene.for_erfa())[:2]
    line("cirs_to_altaz", (az, np.pi / 2 - zenith), position, **site)
    if air:
        return
    ri, di, origins = erfa.atci13(*star, *scene.tdb)
    line("icrs_to_cirs", (ri, di), {**position, **motion})
    line("icrs_to_tete", (ri - origins, di), {**position, **motion})
    line("cirs_to_icrs", erfa.atic13(ra, dec, *scene.tdb)[:2], position)
    astrom = erfa.apcg13(*scene.tdb)
    line("icrs_to_gcrs", erfa.atciq(*star, astrom), {**position, **motion})
    line("gcrs_to_icrs", erfa.aticq(ra, dec, astrom), position)
    direction = erfa.pmpx(*star, astrom["pmt"], astrom["eb"])
    line("icrs_to_astrometric", erfa.c2s(direction), {**position, **motion})


def from_astropy(table, apart, air):
    """
    One time for all, within the table of Earth orientation that astropy brings along. astropy takes the Earth's
    position at TDB where eraApco13 takes it at TT, 50 m away: next to the Sun, 1e-7 arcsec of deflection.
    """
    scene = Scene(table.random, 1, air)
    time = Time(f"{table.random.integers(2000, 2021)}-{table.random.integers(1, 13):02}-15T07:08:09.123", scale="utc")
    location = EarthLocation.from_geodetic(scene.lon * u.deg, scene.lat * u.deg, scene.height * u.m)
    xp, yp = (np.rad2deg(angle) * 3600 for angle in get_polar_motion(time))
    site = dict(**scene.site, **scene.air, dut1=float(time.delta_ut1_utc), xp=float(xp), yp=float(yp))
    weather = dict(pressure=scene.air["pressure"] * u.hPa, temperature=scene.air["temperature"] * u.deg_C,
                   relative_humidity=scene.air["relative_humidity"], obswl=scene.air["obswl"] * u.micron)
    altaz, hadec = (frame(obstime=time, location=location, **weather) for frame in (AltAz, HADec))
    here = dict(obstime=time.isot)
    icrs = UnitSphericalRepresentation(table.lon * u.deg, table.lat * u.deg)
    sun, ones = get_sun(time), np.ones(table.n)
    far = apart(sun.ra.deg * ones, sun.dec.deg * ones, table.lon, table.lat) > 2 * 3600

    def sky(name, source, target, names, **parameters):
        if not table.wanted(name):
            return
        theirs = source.realize_frame(icrs).transform_to(target).represent_as(UnitSphericalRepresentation)
        ours = table.server.convert(name, **dict(zip(names, (table.lon, table.lat))), **here, **parameters)
        differences = apart(*ours, theirs.lon.deg, theirs.lat.deg)
        table.line(name, f"astropy, {'air' if air else 'no air'}, {time.isot[:10]}", "arcsec",
                   differences[far] if name.startswith("icrs") else differences, 2e-8)

    sky("icrs_to_altaz", ICRS(), altaz, ("ra", "dec"), **site)
    sky("icrs_to_hadec", ICRS(), hadec, ("ra", "dec"), **site)
    sky("altaz_to_icrs", altaz, ICRS(), ("az", "alt"), **site)
    sky("hadec_to_icrs", hadec, ICRS(), ("ha", "dec"), **site)
    if air:
        return
    for name, frame in (("gcrs", GCRS), ("cirs", CIRS), ("tete", TETE)):
        sky(f"icrs_to_{name}", ICRS(), frame(obstime=time), ("ra", "dec"))
        sky(f"{name}_to_icrs", frame(obstime=time), ICRS(), ("ra", "dec"))


def places(table, apart):
    if not any(table.wanted(name) for name in NAMES):
        return
    for air in (False, True):
        from_erfa(table, apart, air)
        from_astropy(table, apart, air)
