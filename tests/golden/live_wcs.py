"""The part of live.py about images: every projection, with random pointing and matrix, against astropy.wcs."""
import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

PROJECTIONS = {
    "AZP": {"PV2_1": 2.0, "PV2_2": 30.0}, "SZP": {"PV2_1": 2.0, "PV2_2": 180.0, "PV2_3": 60.0}, "TAN": {},
    "STG": {}, "SIN": {"PV2_1": 0.1, "PV2_2": -0.12}, "ARC": {},
    "ZPN": {"PV2_1": 0.975, "PV2_2": -0.807, "PV2_3": 0.337}, "ZEA": {}, "AIR": {"PV2_1": 45.0},
    "CYP": {"PV2_1": 1.0, "PV2_2": 0.7071}, "CEA": {"PV2_1": 1.0}, "CAR": {}, "MER": {},
    "COP": {"PV2_1": 45.0, "PV2_2": 25.0}, "COE": {"PV2_1": 45.0, "PV2_2": 25.0},
    "COD": {"PV2_1": 45.0, "PV2_2": 25.0}, "COO": {"PV2_1": 45.0, "PV2_2": 25.0}, "SFL": {}, "PAR": {}, "MOL": {},
    "AIT": {}, "BON": {"PV2_1": 45.0}, "PCO": {}, "TSC": {}, "CSC": {}, "QSC": {}, "HPX": {}, "XPH": {},
}
DISTORTED = {
    "TPV": {"PV1_0": 1e-5, "PV1_1": 1.01, "PV1_3": 1e-4, "PV1_7": 2e-3, "PV1_39": 1e-3,
            "PV2_1": 0.99, "PV2_2": -1e-3, "PV2_4": 4e-4, "PV2_11": 1e-3, "PV2_22": 1e-3},
    "TAN-SIP": {"A_ORDER": 3, "B_ORDER": 4, "A_2_0": 1.5e-6, "A_1_1": -3e-6, "A_0_3": 1e-10, "B_1_1": 3e-6,
                "B_0_2": -2e-6, "B_2_2": 2e-14},
    "ZEA-SIP": {"A_ORDER": 2, "B_ORDER": 2, "A_2_0": 1.5e-6, "B_0_2": -2e-6},
}


def header_of(random, code, extra, scale):
    cards = {"CTYPE1": f"RA---{code}", "CTYPE2": f"DEC--{code}", "CRPIX1": random.uniform(400, 600),
             "CRPIX2": random.uniform(400, 600), "CRVAL1": random.uniform(0, 360), "CRVAL2": random.uniform(-85, 85)}
    turn = random.uniform(0, 2 * np.pi)
    cards.update(CD1_1=-scale * np.cos(turn), CD1_2=scale * np.sin(turn), CD2_1=1.1 * scale * np.sin(turn),
                 CD2_2=1.1 * scale * np.cos(turn), **extra)
    return fits.Header({key: float(value) if isinstance(value, np.floating) else value
                        for key, value in cards.items()})


def compare(table, code, header, apart):
    text = header.tostring(sep="\n", endcard=False, padding=False)
    theirs = WCS(header)
    x, y = table.random.uniform(1, 1000, (2, table.n))
    lon, lat = theirs.all_pix2world(x, y, 1)
    ours = table.server.convert("pixel_to_world", header=text, x=x, y=y)
    there = np.isfinite(lon) & np.isfinite(lat)
    same = np.array_equal(np.isfinite(ours[0]), there)
    table.line("pixel_to_world", f"astropy.wcs, {code}", "arcsec",
               apart(ours[0][there], ours[1][there], lon[there], lat[there]) if same else np.array([np.inf]),
               1e-7 if code == "SIN" else 1e-9)  # on the limb a rounding of the pixel is that much
    lon, lat = lon[there], lat[there]
    pixels = table.server.convert("world_to_pixel", header=text, lon=lon, lat=lat)
    if code in DISTORTED:  # what they iterate to is no better than the pixels that we began with
        wanted = x[there], y[there]
    else:
        wanted = theirs.wcs_world2pix(lon, lat, 1)
    good = np.isfinite(wanted[0])
    table.line("world_to_pixel", f"astropy.wcs, {code}", "pixel",
               np.hypot(pixels[0] - wanted[0], pixels[1] - wanted[1])[good], 1e-8)


def images(table, apart):
    if not table.wanted("pixel_to_world") and not table.wanted("world_to_pixel"):
        return
    for code, extra in PROJECTIONS.items():
        compare(table, code, header_of(table.random, code, extra, 0.07), apart)
    for code, extra in DISTORTED.items():
        compare(table, code, header_of(table.random, code, extra, 3e-4), apart)
