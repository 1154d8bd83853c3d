"""The package astrolabe_plugin, without a host, from the source tree."""

import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "server/plugin_host/python"))
sys.path.insert(0, str(pathlib.Path(__file__).parent))

from astrolabe_plugin import _loader, _registry  # noqa: E402
from directory import Directory  # noqa: E402


@pytest.fixture
def plugins(tmp_path):
    before = set(sys.modules), list(sys.path)
    path = tmp_path / "copy"
    path.mkdir()
    yield Directory(path)
    _loader.close_directory()
    assert list(sys.path) == before[1]
    assert _registry._at_work == []
    left = {name for name in set(sys.modules) - before[0]
            if str(path) in str(getattr(sys.modules[name], "__file__", ""))}
    assert not left
