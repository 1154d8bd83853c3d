"""The part of live.py about the Earth's rotation and motion: times at random, against pyerfa and astropy."""
import erfa
import numpy as np
from astropy import units as u
from astropy.coordinates import GCRS, ITRS, TEME, CartesianRepresentation, EarthLocation, SkyCoord
from astropy.coordinates.builtin_frames.utils import get_polar_motion
from astropy.time import Time
from astropy.utils import iers

iers.conf.auto_download = False
DUT1 = 0.123


def random_times(table, first=2441318, last=2466000):
    """UTC in two parts, and UT1 and TT as pyerfa has them."""
    jd1 = np.floor(table.random.uniform(first, last, table.n))
    jd2 = table.random.uniform(-0.5, 0.5, table.n)
    ut1 = erfa.utcut1(jd1, jd2, DUT1)
    tt = erfa.taitt(*erfa.utctai(jd1, jd2))
    return jd1, jd2, ut1, tt


def turned(difference):
    return np.remainder(difference + 180, 360) - 180


def angles(table):
    jd1, jd2, ut1, tt = random_times(table)
    times = dict(jd1=jd1, jd2=jd2, dut1=DUT1)
    if table.wanted("earth_rotation_angle"):
        (got,) = table.server.convert("earth_rotation_angle", **times)
        table.line("earth_rotation_angle", "erfa.era00", "deg", turned(got - np.rad2deg(erfa.era00(*ut1))), 4e-12)
    if not table.wanted("sidereal_time"):
        return
    for model, mean, apparent, allowed in (
            ("iau2006", erfa.gmst06(*ut1, *tt), erfa.gst06a(*ut1, *tt), 4e-12),
            ("iau2000", erfa.gmst00(*ut1, *tt), erfa.gst00a(*ut1, *tt), 1e-11),
            ("iau1982", erfa.gmst82(*ut1), erfa.gst94(*ut1), 5e-11)):
        for kind, theirs in (("mean", mean), ("apparent", apparent)):
            (got,) = table.server.convert("sidereal_time", kind=kind, model=model, **times)
            table.line("sidereal_time", f"pyerfa, {kind} {model}", "deg", turned(got - np.rad2deg(theirs)),
                       allowed if kind == "apparent" else 4e-12)


def vectors(table):
    if not table.wanted("itrs") and not table.wanted("gcrs") and not table.wanted("teme"):
        return
    jd1, jd2, ut1, tt = random_times(table)
    pole = dict(dut1=DUT1, xp=0.21, yp=-0.3)
    xp, yp = np.deg2rad([0.21 / 3600, -0.3 / 3600])
    xyz = 7e6 * erfa.s2c(np.deg2rad(table.lon), np.deg2rad(table.lat))
    columns = dict(x=xyz[:, 0], y=xyz[:, 1], z=xyz[:, 2])
    matrix = erfa.c2t06a(*tt, *ut1, xp, yp)
    got = table.server.convert("gcrs_to_itrs", jd1=jd1, jd2=jd2, **columns, **pole)
    table.line("gcrs_to_itrs", "erfa.c2t06a", "m", np.array(got).T - erfa.rxp(matrix, xyz), 1e-6)
    got = table.server.convert("itrs_to_gcrs", jd1=jd1, jd2=jd2, **columns, **pole)
    table.line("itrs_to_gcrs", "erfa.c2t06a", "m", np.array(got).T - erfa.trxp(matrix, xyz), 1e-6)

    time = Time(float(table.random.uniform(2451545, 2458000)), format="jd", scale="utc", precision=9)
    time = Time(time.isot, scale="utc", precision=9)
    x, y = (float(np.rad2deg(angle) * 3600) for angle in get_polar_motion(time))
    earth = dict(obstime=time.isot, dut1=float(time.delta_ut1_utc), xp=x, yp=y)
    places = CartesianRepresentation(*(xyz.T * u.m))
    for name, source, target in (("itrs_to_gcrs", ITRS, GCRS), ("gcrs_to_itrs", GCRS, ITRS),
                                 ("teme_to_itrs", TEME, ITRS), ("itrs_to_teme", ITRS, TEME)):
        theirs = source(places, obstime=time).transform_to(target(obstime=time)).cartesian.xyz.to_value(u.m)
        got = table.server.convert(name, **columns, **earth)
        table.line(name, "astropy", "m", np.array(got) - theirs, 1e-6)


def motion(table):
    if not any(table.wanted(name) for name in ("light_travel_time", "jd_to_bjd_tdb", "radial_velocity_correction")):
        return
    site = EarthLocation.from_geodetic(-70.4045 * u.deg, -24.6272 * u.deg, 2635 * u.m)
    time = Time(np.round(table.random.uniform(2451545, 2458000, table.n), 6), format="jd", scale="utc", location=site)
    dut1 = DUT1
    time.delta_ut1_utc = np.full(table.n, dut1)
    stars = SkyCoord(table.lon * u.deg, table.lat * u.deg)
    ask = dict(ra=table.lon, dec=table.lat, jd1=time.jd1, jd2=time.jd2, lon=-70.4045, lat=-24.6272, height=2635,
               dut1=dut1)
    for kind in ("barycentric", "heliocentric"):
        (got,) = table.server.convert("light_travel_time", kind=kind, **ask)
        theirs = time.light_travel_time(stars, kind=kind, ephemeris="builtin").to_value(u.s)
        table.line("light_travel_time", f"astropy, {kind}", "s", got - theirs, 4e-6)
        (got,) = table.server.convert("radial_velocity_correction", kind=kind, **ask)
        theirs = stars.radial_velocity_correction(kind, obstime=time).to_value(u.km / u.s)
        table.line("radial_velocity_correction", f"astropy, {kind}", "km/s", got - theirs, 5e-6)
    got = table.server.convert("jd_to_bjd_tdb", **ask)
    theirs = (time.tdb + time.light_travel_time(stars, ephemeris="builtin"))
    table.line("jd_to_bjd_tdb", "astropy", "s", ((got[0] - theirs.jd1) + (got[1] - theirs.jd2)) * 86400, 4e-6)


def rotation(table):
    angles(table)
    vectors(table)
    motion(table)
