"""Docstrings in both usual styles."""

from astrolabe_plugin import Doc, Field, conversion
from astrolabe_plugin._docstring import read

from typing import Annotated

GOOGLE = """Summary line.

    Body, first
    and second line.

    Args:
        ra: right ascension
        dec (numpy.ndarray): declination: with a colon,
            and a second line
        *radius: how far

    Returns:
        x: towards the equinox
        y:
            north

    Note:
        stays where it is
    """

NUMPY = """Summary line.

    Body.

    Parameters
    ----------
    ra, dec : array
        both angles

        in degrees
    radius : float, optional
        how far

    Returns
    -------
    x : array
        towards the equinox

    Notes
    -----
    Stay.
    """


def test_google():
    summary, description, arguments, results = read(GOOGLE)
    assert summary == "Summary line."
    assert description == "Body, first\nand second line.\n\nNote:\n    stays where it is"
    assert arguments == {"ra": "right ascension", "dec": "declination: with a colon, and a second line",
                         "radius": "how far"}
    assert results == {"x": "towards the equinox", "y": "north"}


def test_numpy():
    summary, description, arguments, results = read(NUMPY)
    assert (summary, description) == ("Summary line.", "Body.\n\nNotes\n-----\nStay.")
    assert arguments == {"ra": "both angles in degrees", "dec": "both angles in degrees", "radius": "how far"}
    assert results == {"x": "towards the equinox"}


def test_odd_ones():
    assert read(None) == ("", "", {}, {})
    assert read("") == ("", "", {}, {})
    assert read("One.") == ("One.", "", {}, {})
    assert read("One.\n\nArgs:")[2] == {}
    assert read("One.\n\nReturns:\n    three arrays, without names")[3] == {}
    assert read("One.\n\nArgs:\n    just prose\n    a: text\n")[2] == {"a": "text"}
    assert read("One.\n\nParameters\n----------")[2] == {}


def test_what_is_said_elsewhere_comes_first():
    @conversion(inputs={"ra": Field("deg", doc="from the field"), "dec": "deg"}, outputs={"x": "", "y": ""})
    def f(ra, dec, *, radius: Annotated[float, Doc("from the annotation")] = 1.0):
        pass
    f.__doc__ = GOOGLE

    @conversion(inputs={"ra": Field("deg", doc="from the field"), "dec": "deg"},
                outputs={"x": "", "y": Field(doc="mine")})
    def g(ra, dec, *, radius: Annotated[float, Doc("from the annotation")] = 1.0, other=1):
        """Summary.

        Args:
            ra: no
            dec: yes
            radius: no
            other: yes

        Returns:
            x: yes
            y: no
        """
    said = g.conversion
    assert [column.doc for column in said.inputs + said.outputs] == ["from the field", "yes", "yes", "mine"]
    assert [parameter.doc for parameter in said.parameters] == ["from the annotation", "yes"]
