"""Each allocation of a call is refused in turn: the request fails, or does without; nothing is lost, nothing crashes."""

import pytest

import plugin_layout as layout
from plugin_host import PluginHost
from test_balance import KINDS, LONG, PLUGINS, census

MOST = 400  # allocations of one call


@pytest.fixture(scope="module")
def host():
    with PluginHost(PLUGINS, ledger={"sample_calls": 1 << 30}) as host:
        if "starve" not in host.conversions:
            pytest.skip("Python's _testcapi is missing")
        host.conversions["bad_text"] = host.conversions["texts"]
        yield host
        assert host.drain() == layout.EXIT_DRAINED


def starved(host, name, after):
    """The answers of a call of which one allocation is refused, and whether it was one of its own."""
    pieces, parameters, _ = KINDS[name]
    host.call("starve", {"a": 0.0}, after=after)
    answers = host.call_pieces(name, pieces, **parameters)
    fed = host.call("feed", {"a": 0.0})
    return answers, fed.status == layout.DONE


@pytest.mark.parametrize("name", KINDS)
def test_every_allocation(host, name):
    usual = KINDS[name][2]
    for _ in range(3):  # caches fill up
        for after in range(20):
            starved(host, name, after)
            host.call("feed", {"a": 0.0})
    before = census(host)
    failures = 0
    for after in range(MOST):
        answers, fed = starved(host, name, after)
        host.call("feed", {"a": 0.0})
        for answer in answers:
            assert answer.status in (layout.DONE, layout.FAILED)
            if answer.status == layout.FAILED and usual == layout.DONE:
                failures += 1
                assert answer.text, answer
        if after > 100 and not fed:
            break
    host.call(name, KINDS[name][0][0], **KINDS[name][1])
    after = census(host)
    # A joined call that fails is tried again, piece by piece.
    assert failures > 0 or usual == layout.FAILED or name.startswith("joined")
    references, blocks = after[0] - before[0], after[1] - before[1]
    print(name, failures, references, blocks)
    # Python itself loses an argument when there is no memory for the frame of a function.
    most = 2 * MOST if name in LONG else 100
    assert abs(references) < most and abs(blocks) < most
