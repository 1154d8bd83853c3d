"""Hosts for the tests of the plugin host: one per module for what leaves it whole, one per test for the rest."""

import os
import pathlib

import pytest
from plugin_host import PluginHost

PLUGINS = pathlib.Path(__file__).parent / "plugins"


@pytest.fixture
def layout_program():
    return os.environ["TEST_PLUGIN_LAYOUT"]


@pytest.fixture(scope="module")
def host():
    with PluginHost(PLUGINS) as host:
        assert not host.of_type("failed")
        yield host
        assert host.drain() == 0
        assert "Sanitizer" not in host.output() and "runtime error" not in host.output()


@pytest.fixture
def launch(tmp_path):
    """launch(source or None, ...): a host for this test alone, of the tests' plugins or of one written here."""
    hosts = []

    def start(source=None, **options):
        directory = PLUGINS
        if source is not None:
            directory = tmp_path / f"plugins{len(hosts)}"
            directory.mkdir()
            for name, text in (source.items() if isinstance(source, dict) else [("plugin", source)]):
                (directory / f"{name}.py").write_text(text)
        hosts.append(PluginHost(directory, **options))
        return hosts[-1]

    yield start
    for host in hosts:
        host.close()
