"""deploy/plugins: each example is loaded as a host loads it, and its numbers are compared with others'."""

import csv
import pathlib
import shutil
import subprocess
import sys

import numpy
import pytest

from astrolabe_plugin import Invalid, _loader

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "deploy/plugins"


def columns(path, *names):
    with open(ROOT / "tests/golden" / path, newline="") as file:
        rows = list(csv.DictReader(file))
    return [numpy.array([float(row[name]) for row in rows]) for name in names]


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """A copy of the examples, the compiled one built by its Makefile."""
    path = tmp_path_factory.mktemp("examples") / "plugins"
    shutil.copytree(EXAMPLES, path, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    built = subprocess.run(["make", "-C", str(path / "compiled"), f"PYTHON={sys.executable}",
                            "CFLAGS=-O2 -Wall -Wextra -Werror"], capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    yield path
    _loader.close_directory()


@pytest.fixture
def load(directory):
    """load(name): its module, once loaded by the host's loader."""
    _loader.discover(str(directory), str(EXAMPLES))

    def load(name):
        found = _loader.load(name)
        assert found
        return sys.modules[name]
    yield load
    _loader.teardown()


def test_all_are_found(directory):
    assert _loader.discover(str(directory), str(EXAMPLES)) == ["astropy_frames", "compiled", "radec_to_xyz_numpy"]


# --- radec_to_xyz_numpy ---

def test_radec_to_xyz(load):
    my_radec_to_xyz = load("radec_to_xyz_numpy").my_radec_to_xyz
    ra, dec, *expected = columns("core/radec_to_xyz_deg.csv", "ra_deg", "dec_deg", "x", "y", "z")
    inside = numpy.abs(ra) <= 720  # further out, radians of large angles lose digits; the built-in one does not
    for radius in (1.0, 1000.0):
        found = my_radec_to_xyz(ra[inside], dec[inside], radius=radius)
        for column, reference in zip(found, expected):
            assert numpy.max(numpy.abs(column - radius * reference[inside])) <= 1e-15 * radius
    assert inside.sum() > 10
    x, y, z = my_radec_to_xyz([[10.0, 20.0]], 90.0)
    assert x.shape == (1, 2) and z.tolist() == [[1.0, 1.0]]
    assert numpy.isnan(my_radec_to_xyz(numpy.nan, 0.0)[0])
    assert my_radec_to_xyz.conversion.elementwise


def test_radec_to_xyz_row_by_row(load):
    """elementwise is a promise: joined with others, a row has the same bits."""
    my_radec_to_xyz = load("radec_to_xyz_numpy").my_radec_to_xyz
    generator = numpy.random.default_rng(3)
    ra, dec = generator.uniform(0, 360, 50), generator.uniform(-90, 90, 50)
    together = numpy.stack(my_radec_to_xyz(ra, dec))
    apart = numpy.stack([my_radec_to_xyz(ra[i:i + 5], dec[i:i + 5]) for i in range(0, 50, 5)], axis=1).reshape(3, 50)
    assert numpy.allclose(together, apart, rtol=0, atol=2.3e-16)


# --- compiled ---

def test_fast_separation(load):
    fast_separation = load("compiled").fast_separation
    *points, expected = columns("angles/separation.csv", "lon1_deg", "lat1_deg", "lon2_deg", "lat2_deg",
                                "separation_deg")
    away = numpy.abs(fast_separation(*points) - expected)
    assert numpy.max(away) <= 2e-10  # some rows are rounded to that
    assert numpy.sum(away > 1e-13) <= 1 and away.size > 60
    assert fast_separation(0, 0, 180, 0) == 180 and fast_separation(1, 2, 1, 2) == 0
    assert fast_separation(0, [[0, 90]], 90, 0).tolist() == [[90, 90]]
    assert numpy.isnan(fast_separation(numpy.nan, 0, 0, 0))


def test_fast_separation_by_itself(load):
    load("compiled")
    separation = sys.modules["compiled.fastsep"].separation
    assert separation(numpy.float32(0), 0, [90, 45], numpy.int8([0, 0])).tolist() == [90, 45]
    strided = numpy.arange(8.0)[::2]
    assert separation(strided, strided * 0, 0, 0) == pytest.approx(strided, abs=1e-14)
    swapped = strided.astype(">f8")
    assert separation(swapped, 0, 0, 0) == pytest.approx(strided, abs=1e-14)
    with pytest.raises(TypeError, match="takes 4 arguments, not 3"):
        separation(1, 2, 3)
    with pytest.raises(ValueError, match="must have the same shape, or none"):
        separation([1, 2], [1, 2, 3], 0, 0)
    with pytest.raises((TypeError, ValueError)):
        separation(1, 2, 3, "north")


def test_fast_separation_keeps_no_reference(load):
    """Inputs, results and error exits: every count is what it was before."""
    load("compiled")
    separation = sys.modules["compiled.fastsep"].separation
    arrays = [numpy.arange(3.0), numpy.arange(3), numpy.arange(6.0)[::2], numpy.float64(1.5)]
    other = numpy.arange(5.0)
    watched = [*arrays, other, arrays[0].dtype, None]

    def counts():
        return [sys.getrefcount(thing) for thing in watched]

    def calls():
        for _ in range(100):
            result = separation(*arrays)
            assert sys.getrefcount(result) == 2
            for wrong, count in (([*arrays[:3], other], 4), (arrays[:2], 2), ([*arrays[:3], "x"], 4)):
                with pytest.raises((ValueError, TypeError)):
                    separation(*wrong)
        del result
    calls()
    before = counts()
    calls()
    after = counts()
    assert after[:-2] == before[:-2]
    assert abs(after[-2] - before[-2]) < 50 and abs(after[-1] - before[-1]) < 50  # shared with everybody


def test_compiled_has_not_been_built(tmp_path):
    shutil.copytree(EXAMPLES / "compiled", tmp_path / "compiled", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    _loader.discover(str(tmp_path), str(EXAMPLES))
    with pytest.raises(ImportError, match="has not been built for this Python; run `make` beside it"):
        _loader.load("compiled")
    _loader.close_directory()


# --- astropy_frames ---

@pytest.fixture
def astropy_frame(load):
    pytest.importorskip("astropy")
    return load("astropy_frames").astropy_frame


RA, DEC = numpy.array([0.0, 83.822, 266.4, 359.9, 10.0]), numpy.array([0.0, -5.391, -28.9, 89.9, -90.0])


@pytest.mark.parametrize("parameters, there, attributes", [
    ({"frame": "galactic"}, "galactic", {}),
    ({"frame": "fk5", "equinox_out": "J2025.5"}, "fk5", {"equinox": "J2025.5"}),
    ({"frame": "fk4", "equinox_out": "B1950.0", "obstime_out": "J1991.25"}, "fk4",
     {"equinox": "B1950.0", "obstime": "J1991.25"}),
    ({"frame": "gcrs", "obstime_out": "2020-03-01T12:00:00"}, "gcrs", {"obstime": "2020-03-01T12:00:00"}),
    ({"frame": "cirs", "obstime_out": "2020-03-01T12:00:00"}, "cirs", {"obstime": "2020-03-01T12:00:00"}),
    ({"frame": "barycentrictrueecliptic", "equinox_out": "J2026.0"}, "barycentrictrueecliptic", {"equinox": "J2026.0"}),
    ({"frame": "icrs"}, "icrs", {}),
])
def test_frames_against_astropy(astropy_frame, parameters, there, attributes):
    from astropy.coordinates import SkyCoord
    lon, lat = astropy_frame(RA, DEC, **parameters)
    reference = SkyCoord(RA, DEC, unit="deg").transform_to(SkyCoord(0, 0, unit="deg", frame=there, **attributes).frame)
    found = SkyCoord(lon, lat, unit="deg", frame=reference.frame.replicate_without_data())
    assert numpy.max(found.separation(reference.frame).arcsec) < 1e-9
    assert numpy.all((lon >= 0) & (lon < 360))


def test_frames_back_again(astropy_frame):
    lon, lat = astropy_frame(RA, DEC, frame="fk4", equinox_out="B1975.0")
    ra, dec = astropy_frame(lon, lat, frame="icrs", frame_in="fk4", equinox_in="B1975.0")
    assert dec == pytest.approx(DEC, abs=1e-8) and ra[:-1] == pytest.approx(RA[:-1] % 360, abs=1e-5)


def test_frames_and_known_values(astropy_frame):
    """The galactic centre and pole, from the definition of the system."""
    lon, lat = astropy_frame([266.405, 192.85948], [-28.936, 27.12825], frame="galactic")
    assert (lon[0] + 180) % 360 - 180 == pytest.approx(0, abs=1e-3) and lat[0] == pytest.approx(0, abs=1e-3)
    assert lat[1] == pytest.approx(90, abs=1e-4)


def test_frames_scalars_shapes_and_missing_values(astropy_frame):
    lon, lat = astropy_frame(83.822, -5.391, frame="galactic")
    # The built-in conversion, whose definition differs by 0.025 arcsec.
    assert (lon, lat) == (pytest.approx(209.0135955823372, abs=7e-6), pytest.approx(-19.381627236590266, abs=7e-6))
    lon, lat = astropy_frame([[1.0, numpy.nan], [numpy.inf, 2.0]], 5.0, frame="galactic")
    assert numpy.isnan(lon).tolist() == numpy.isnan(lat).tolist() == [[False, True], [True, False]]
    assert astropy_frame([], [], frame="galactic")[0].shape == (0,)


@pytest.mark.parametrize("parameters, field, code", [
    ({"frame": "galactic", "equinox_out": "J2000"}, "equinox_out", "conflict"),
    ({"frame": "galactic", "obstime_in": "J2000"}, "obstime_in", "conflict"),
    ({"frame": "fk5", "equinox_out": "yesterday"}, "equinox_out", "bad_time"),
    ({"frame": "sideways"}, "frame", "bad_parameter"),
])
def test_frames_refuse(astropy_frame, parameters, field, code):
    with pytest.raises(Invalid) as caught:
        astropy_frame(1.0, 2.0, **parameters)
    assert (caught.value.field, caught.value.code) == (field, code)


def test_frames_without_astropy(load, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "astropy"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "astropy", None)
    with pytest.raises(ImportError, match="astropy_frames needs the Python package astropy .Debian: python3-astropy."):
        load("astropy_frames")
