from astropy import units
from astropy.coordinates import SkyCoord
from astrolabe_plugin import conversion


@conversion(inputs={"ra": "deg", "dec": "deg"}, outputs={"l": "deg", "b": "deg"})
def clean_astropy(ra, dec):
    "ICRS to galactic."
    galactic = SkyCoord(ra * units.deg, dec * units.deg).galactic
    return galactic.l.deg, galactic.b.deg
