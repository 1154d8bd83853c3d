"""The part of live.py about UT1 and Earth orientation: pyerfa, and astropy with the same table."""
import pathlib

import erfa
import numpy as np
from astropy.time import Time
from astropy.utils import iers

EXCERPT = pathlib.Path(__file__).parent / "eop" / "finals2000A.excerpt"
DAY = 86400.0


def seconds(got, wanted):
    return ((got[0] - wanted[0]) + (got[1] - wanted[1])) * DAY


def dates(table, first, last):
    return np.floor(table.random.uniform(first, last, table.n)), table.random.uniform(-0.5, 0.5, table.n)


def given(table):
    jd1, jd2 = dates(table, 2441319, 2466000)
    for dut1 in (0.3341, -0.71):
        if table.wanted("utc_to_ut1"):
            got = table.server.convert("utc_to_ut1", jd1=jd1, jd2=jd2, dut1=dut1)
            table.line("utc_to_ut1", f"erfa.utcut1, {dut1} s", "s", seconds(got, erfa.utcut1(jd1, jd2, dut1)), 5e-11)
        if table.wanted("ut1_to_utc"):
            got = table.server.convert("ut1_to_utc", jd1=jd1, jd2=jd2, dut1=dut1)
            table.line("ut1_to_utc", f"erfa.ut1utc, {dut1} s", "s", seconds(got, erfa.ut1utc(jd1, jd2, dut1)), 5e-11)


def from_table(table):
    """The server has the excerpt, or a file with the same days."""
    with iers.earth_orientation_table.set(iers.IERS_A.open(str(EXCERPT))):
        jd1, jd2 = dates(table, 2457025, 2461600)
        astropy_table = iers.earth_orientation_table.get()
        dut1 = astropy_table.ut1_utc(jd1, jd2).to_value("s")
        pole = [value.to_value("arcsec") for value in astropy_table.pm_xy(jd1, jd2)]
        if table.wanted("eop_lookup"):
            got = table.server.convert("eop_lookup", jd1=jd1, jd2=jd2)
            table.line("eop_lookup", "astropy IERS_A, dut1", "s", got[0] - dut1, 1e-10)
            table.line("eop_lookup", "astropy IERS_A, pole", "arcsec", np.array(got[1:3]) - pole, 1e-10)
        if table.wanted("utc_to_ut1"):
            ut1 = Time(jd1, jd2, format="jd", scale="utc").ut1
            got = table.server.convert("utc_to_ut1", jd1=jd1, jd2=jd2)
            table.line("utc_to_ut1", "astropy, table", "s", seconds(got, (ut1.jd1, ut1.jd2)), 1e-9)
            back = table.server.convert("ut1_to_utc", jd1=got[0], jd2=got[1])
            table.line("ut1_to_utc", "the way back", "s", seconds(back, (jd1, jd2)), 5e-11)


def orientation(table):
    given(table)
    from_table(table)
