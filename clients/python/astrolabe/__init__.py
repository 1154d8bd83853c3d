"""Astrolabe for Python: the command line (astrolabe.cli)."""

__version__ = "0.1.0"
