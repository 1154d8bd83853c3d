"""The package astrolabe_plugin, without a host, from the source tree."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "server/plugin_host/python"))
