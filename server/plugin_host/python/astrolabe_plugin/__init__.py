"""Python plugins for Astrolabe: conversions that are written in Python and served like the built-in ones.

    from astrolabe_plugin import conversion

    @conversion(inputs={"ra": "deg", "dec": "deg"}, outputs={"x": "", "y": "", "z": ""})
    def my_radec_to_xyz(ra, dec, *, radius: float = 1.0):
        "Spherical to Cartesian, scaled."
        ...
        return x, y, z

The package ships with astrolabe-plugin-host and needs nothing but NumPy, so that a plugin can be imported,
called and unit-tested anywhere. The guide for authors is docs/plugins.md.

  _declare.py    the decorator: a function and its signature become a Conversion
  _describe.py   columns, parameters, conversions; their limits; the description as the server reads it
  _annotations.py  what an annotation says about a column or a parameter
  _docstring.py  the sections of a docstring
  _direct.py     what happens when a decorated function is called by hand; empty()
  _errors.py     Invalid, log(), request_id()
  _registry.py   which plugin is being imported, and what it has declared
  _loader.py     what the host calls: finding, importing, ending plugins
  _failure.py    exceptions as text
"""

from ._annotations import Doc, Range, Unit
from ._declare import conversion
from ._describe import Field
from ._direct import empty
from ._errors import Invalid, log, request_id
from ._registry import setup, teardown

__all__ = ["Doc", "Field", "Invalid", "Range", "Unit", "conversion", "empty", "log", "request_id", "setup",
           "teardown"]
