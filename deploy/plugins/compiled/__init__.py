"""A plugin whose work is done in C: the package declares, the extension module beside it computes.

fastsep.c is built by the Makefile here, or by the build of Astrolabe into build/release/plugins/.
"""

from astrolabe_plugin import Field, conversion

try:
    from .fastsep import separation
except ImportError as error:
    raise ImportError("compiled/fastsep.c has not been built for this Python; "
                      f"run `make` beside it: {error}") from error


@conversion(
    inputs={"lon1": Field("deg", role="longitude"), "lat1": Field("deg", role="latitude"),
            "lon2": Field("deg", role="longitude"), "lat2": Field("deg", role="latitude")},
    outputs={"separation": Field("deg", doc="angle between the two points, within [0, 180]")},
    elementwise=True, reference="Vincenty's formula on the sphere", accuracy="1e-13 deg")
def fast_separation(lon1, lat1, lon2, lat2):
    """Angular separation of two points, computed in C.

    Exact to rounding at every distance, at zero and at the antipodes too.

    Args:
        lon1: longitude of the first point
        lat1: latitude of the first point
        lon2: longitude of the second point
        lat2: latitude of the second point
    """
    return separation(lon1, lat1, lon2, lat2)
