"""The part of live.py about the horizon and about units: against pyerfa and astropy."""
import erfa
import numpy as np
from astropy import units as u
from astropy.units import cds, imperial

# Names that astropy knows under another one.
OTHER_NAMES = {"degC": u.deg_C, "degF": imperial.deg_F, "ft": imperial.ft, "nmi": imperial.nmi,
               "mmHg": cds.mmHg, "atm": cds.atm, "solMass": u.M_sun, "solRad": u.R_sun,
               "solLum": u.L_sun, "century": 100 * u.yr, "US_survey_foot": 1200 / 3937 * u.m,
               "as": 1e-18 * u.s, "erg/s/cm2": u.erg / u.s / u.cm ** 2, "1e3m/s": 1e3 * u.m / u.s,
               "10**-7J": 1e-7 * u.J}
BASES = "m s g rad sr Hz N J W Pa K eV erg Jy pc lyr".split()
PREFIXES = "y z a f p n u m c d da h k M G T P E Z Y".split()
OTHERS = ("bar deg arcmin arcsec mas uas hourangle min h d day yr a century au AU Angstrom micron "
          "atm mbar mmHg ft nmi US_survey_foot solMass solRad solLum earthMass earthRad jupiterMass "
          "jupiterRad mdeg marcsec uarcsec kyr Myr Gyr Ma Ga deg2 km/s au/yr mas/yr W.m-2.Hz-1 "
          "erg/s/cm2 km/(s.Mpc) solMass/pc3 K**4 1e3m/s 10**-7J").split()
SPECTRAL = "GHz um Angstrom keV J cm-1 THz km".split()


def theirs(name):
    return u.Unit(OTHER_NAMES.get(name, name))


def factors(table):
    names = [prefix + base for base in BASES for prefix in [""] + PREFIXES] + OTHERS
    differences = []
    for name in names:
        unit = theirs(name)
        base = unit.decompose(bases=[u.m, u.kg, u.s, u.K, u.rad])
        bases = " ".join(f"{b}{int(p)}" for b, p in zip(base.bases, base.powers))
        (got,) = table.server.convert("convert_units", value=np.array([1.0]), unit_in=name,
                                      unit_out=bases)
        differences.append(got[0] / base.scale - 1)
    table.line("convert_units", f"astropy, {len(names)} units to SI", "rel.", differences, 4e-15)


def equivalencies(table):
    ask = table.server.convert
    value = 10 ** table.random.uniform(-3, 3, table.n)
    for unit_in in SPECTRAL:
        for unit_out in SPECTRAL:
            (got,) = ask("convert_units", value=value, unit_in=unit_in, unit_out=unit_out,
                         equivalency="spectral")
            wanted = (value * u.Unit(unit_in)).to_value(unit_out, u.spectral())
            table.line("convert_units", f"astropy, spectral {unit_in} to {unit_out}", "rel.",
                       got / wanted - 1, 4e-15)
    for unit_in, unit_out in (("mas", "pc"), ("kpc", "uas"), ("arcsec", "lyr")):
        (got,) = ask("convert_units", value=value, unit_in=unit_in, unit_out=unit_out,
                     equivalency="parallax")
        wanted = (value * u.Unit(unit_in)).to_value(unit_out, u.parallax())
        table.line("convert_units", f"astropy, parallax {unit_in} to {unit_out}", "rel.",
                   got / wanted - 1, 4e-15)
    speed = table.random.uniform(-2e5, 2e5, table.n)
    for word in ("radio", "optical", "relativistic"):
        for unit, rest in (("GHz", 1.42), ("um", 2.1), ("keV", 6.4)):
            peer = getattr(u, f"doppler_{word}")(rest * u.Unit(unit))
            line = dict(equivalency=f"doppler_{word}", rest_value=rest, rest_unit=unit)
            wanted = (speed * u.km / u.s).to_value(unit, peer)
            (got,) = ask("convert_units", value=speed, unit_in="km/s", unit_out=unit, **line)
            table.line("convert_units", f"astropy, {word} km/s to {unit}", "rel.",
                       got / wanted - 1, 4e-15)
            (back,) = ask("convert_units", value=wanted, unit_in=unit, unit_out="km/s", **line)
            table.line("convert_units", f"astropy, {word} {unit} to km/s", "km/s",
                       back - (wanted * u.Unit(unit)).to_value("km/s", peer), 1e-9)
    temperature = table.random.uniform(-300, 5000, table.n)
    for unit_in, unit_out in (("degC", "degF"), ("degF", "K"), ("K", "degC")):
        (got,) = ask("convert_units", value=temperature, unit_in=unit_in, unit_out=unit_out)
        wanted = (temperature * theirs(unit_in)).to_value(theirs(unit_out), u.temperature())
        table.line("convert_units", f"astropy, {unit_in} to {unit_out}", unit_out, got - wanted,
                   4e-12)


def units(table):
    if table.wanted("convert_units"):
        factors(table)
        equivalencies(table)


def geometry(table, apart):
    lat = float(table.random.uniform(-90, 90))
    phi = np.deg2rad(lat)
    table.sky("hadec_to_altaz", "erfa.hd2ae",
              lambda a, b: np.rad2deg(erfa.hd2ae(np.deg2rad(a), np.deg2rad(b), phi)), 1e-9,
              inputs=("ha", "dec"), lat=lat)
    table.sky("altaz_to_hadec", "erfa.ae2hd",
              lambda a, b: np.rad2deg(erfa.ae2hd(np.deg2rad(a), np.deg2rad(b), phi)), 1e-9,
              inputs=("az", "alt"), lat=lat)
    if table.wanted("parallactic_angle"):
        (got,) = table.server.convert("parallactic_angle", ha=table.lon, dec=table.lat, lat=lat)
        ha, dec = np.deg2rad([table.lon, table.lat])
        wanted = np.rad2deg(erfa.hd2pa(ha, dec, phi))
        sine = np.cos(erfa.hd2ae(ha, dec, phi)[1])
        turn = np.remainder(got - wanted + 180, 360) - 180
        table.line("parallactic_angle", "erfa.hd2pa, x sin(zenith dist.)", "deg", turn * sine, 1e-12)


def refraction(table):
    """ERFA's own chain, with and without air, for an observer at the pole without aberration."""
    if not table.wanted("refract"):
        return
    air = dict(pressure=1013.25, temperature=12.0, relative_humidity=0.6, obswl=0.55)
    refa, refb = erfa.refco(*air.values())
    altitudes = {}
    for key, a, b in (("airless", 0.0, 0.0), ("seen", refa, refb)):
        astrom = erfa.apio(0.0, 0.0, 0.0, np.pi / 4, 0.0, 0.0, 0.0, a, b)
        astrom["diurab"] = 0.0
        zenith_distance = erfa.atioq(*np.deg2rad([table.lon, table.lat]), astrom)[1]
        altitudes[key] = 90 - np.rad2deg(zenith_distance)
    (got,) = table.server.convert("refract_alt", alt=altitudes["airless"], **air)
    table.line("refract_alt", "erfa.atioq", "deg", got - altitudes["seen"], 3e-12)
    up = altitudes["seen"] > 3
    (back,) = table.server.convert("unrefract_alt", alt=altitudes["seen"][up], **air)
    tangent = 1 / np.tan(np.deg2rad(altitudes["seen"][up]))
    wanted = altitudes["seen"][up] - np.rad2deg((refa + refb * tangent ** 2) * tangent)
    table.line("unrefract_alt", "erfa.refco, above 3 deg", "deg", back - wanted, 3e-12)


def airmass(table):
    if not table.wanted("airmass"):
        return
    alt = np.abs(table.lat)
    sine = np.sin(np.deg2rad(alt))
    formulas = {"kasten_young_1989": 1 / (sine + 0.50572 * (alt + 6.07995) ** -1.6364),
                "pickering_2002": 1 / np.sin(np.deg2rad(alt + 244 / (165 + 47 * alt ** 1.1))),
                "secant": 1 / sine}
    for model, wanted in formulas.items():
        (got,) = table.server.convert("airmass", alt=alt, model=model)
        table.line("airmass", f"NumPy, {model}", "rel.", got / wanted - 1, 1e-13)


def horizon(table, apart):
    geometry(table, apart)
    refraction(table)
    airmass(table)
