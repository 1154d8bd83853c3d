"""Spherical to Cartesian coordinates in NumPy: what the built-in radec_to_xyz does, as a plugin."""

import numpy as np

from astrolabe_plugin import Field, conversion


@conversion(
    inputs={"ra": Field("deg", role="longitude"), "dec": Field("deg", role="latitude")},
    outputs={"x": "", "y": "", "z": ""},
    elementwise=True,
    reference="ERFA eraS2c",
    accuracy="1e-15 x radius, per component",
)
def my_radec_to_xyz(ra, dec, *, radius: float = 1.0, out):
    """Spherical to Cartesian coordinates, scaled.

    A worked example: no array is made but two for the angles in radians, and the results are written straight into
    the memory that the answer is sent from.

    Args:
        ra: right ascension, or any other longitude
        dec: declination, or any other latitude
        radius: distance from the origin; the results have its unit

    Returns:
        x: towards longitude 0, latitude 0
        y: towards longitude 90 degrees, latitude 0
        z: towards latitude 90 degrees
    """
    x, y, z = out
    longitude, latitude = np.radians(ra), np.radians(dec)
    np.cos(latitude, out=z)
    np.multiply(z, radius, out=z)
    np.cos(longitude, out=x)
    np.multiply(x, z, out=x)
    np.sin(longitude, out=y)
    np.multiply(y, z, out=y)
    np.sin(latitude, out=z)
    np.multiply(z, radius, out=z)
