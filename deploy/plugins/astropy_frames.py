"""Positions from one frame to another, by Astropy's SkyCoord.

Slower than the built-in conversions, and with all of Astropy's frames. Nothing is fetched: Earth orientation comes from
the tables that Astropy has on disk, and Sun and Earth from its built-in ephemeris. Needs the package astropy
(Debian: python3-astropy) in the host's Python; without it this plugin alone is reported as not loaded.
"""

from typing import Annotated, Literal, Optional

import numpy as np

from astrolabe_plugin import Doc, Field, Invalid, conversion

Frame = Literal["icrs", "fk5", "fk4", "fk4noeterms", "galactic", "supergalactic", "barycentricmeanecliptic",
                "barycentrictrueecliptic", "geocentrictrueecliptic", "gcrs", "cirs", "tete", "precessedgeocentric"]

# Which attributes a frame has beside the position; another one given to it is refused, not ignored.
TAKES = {"fk5": {"equinox"}, "fk4": {"equinox", "obstime"}, "fk4noeterms": {"equinox", "obstime"},
         "barycentricmeanecliptic": {"equinox"}, "barycentrictrueecliptic": {"equinox"},
         "geocentrictrueecliptic": {"equinox", "obstime"}, "gcrs": {"obstime"}, "cirs": {"obstime"},
         "tete": {"obstime"}, "precessedgeocentric": {"equinox", "obstime"}}

SkyCoord = Time = transform_graph = None


def setup():
    """Imports Astropy: once in each host, before the first request, and with a text that says what is missing."""
    global SkyCoord, Time, transform_graph
    try:
        from astropy.utils import iers
        iers.conf.auto_download = False
        iers.conf.auto_max_age = None  # an old table is used as it is, instead of being an error
        from astropy.coordinates import SkyCoord, frame_transform_graph as transform_graph
        from astropy.time import Time
    except ImportError as error:
        raise ImportError("astropy_frames needs the Python package astropy "
                          f"(Debian: python3-astropy): {error}") from error


def time_of(name, text):
    try:
        return Time(text)
    except ValueError:
        raise Invalid(f"{name} = {text} is no time that Astropy reads: write J2000.0, B1950.0 or "
                      f"2026-11-21T12:00:00", name, "bad_time") from None


def frame_of(which, name, equinox, obstime):
    """The frame, with the attributes that the request gives. `which` is "in" or "out"."""
    given = {}
    for attribute, text in (("equinox", equinox), ("obstime", obstime)):
        if text is None:
            continue
        if attribute not in TAKES.get(name, ()):
            raise Invalid(f"{attribute}_{which} = {text} has no meaning: the frame {name} has no {attribute}",
                          f"{attribute}_{which}", "conflict")
        given[attribute] = time_of(f"{attribute}_{which}", text)
    return transform_graph.lookup_name(name)(**given)


@conversion(
    inputs={"ra": Field("deg", role="longitude", doc="longitude in frame_in: right ascension, l, lon"),
            "dec": Field("deg", role="latitude", doc="latitude in frame_in: declination, b, lat")},
    outputs={"lon": Field("deg", doc="longitude in frame_out, within [0, 360)"),
             "lat": Field("deg", doc="latitude in frame_out")},
    elementwise=True, reference="astropy.coordinates.SkyCoord.transform_to", accuracy="Astropy's own")
def astropy_frame(ra, dec, *,
                  frame: Annotated[Frame, Doc("the frame of the results")],
                  frame_in: Annotated[Frame, Doc("the frame of the inputs")] = "icrs",
                  equinox_in: Annotated[Optional[str], Doc("of frame_in, as J2000.0 or B1950.0")] = None,
                  equinox_out: Annotated[Optional[str], Doc("of the results")] = None,
                  obstime_in: Annotated[Optional[str], Doc("of frame_in, as 2026-11-21T12:00:00 (UTC)")] = None,
                  obstime_out: Annotated[Optional[str], Doc("of the results")] = None):
    """Positions from one frame to another, by Astropy.

    Directions only, of objects far away: no distances, no motions. equinox and obstime are those of the frame where
    they are absent, and are refused beside frames that have none.
    """
    frame_from = frame_of("in", frame_in, equinox_in, obstime_in)
    frame_to = frame_of("out", frame, equinox_out, obstime_out)
    good = np.isfinite(ra) & np.isfinite(dec)
    # A missing position is moved to the origin for the way, and missing again behind it.
    there = SkyCoord(np.where(good, ra, 0.0), np.where(good, dec, 0.0), unit="deg",
                     frame=frame_from).transform_to(frame_to).spherical
    return tuple(np.where(good, angle.to_value("deg"), np.nan) for angle in (there.lon, there.lat))
