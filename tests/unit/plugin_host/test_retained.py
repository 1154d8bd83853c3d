"""Arrays that a plugin keeps: said, never overwritten, and told when they die."""

import gc

import numpy
import pytest

import plugin_layout as layout
from server import wait_until


@pytest.fixture
def clean(host):
    host.call("drop", {"a": 0.0})
    wait_for_releases(host)
    return host


def wait_for_releases(host):
    """A call has ended after which the plugins hold nothing: all releases come."""
    def none():
        host.take_releases()
        return not host.retained
    wait_until(none, lambda: f"blocks {host.retained} are not released")


def test_a_kept_array_is_told_and_released(clean):
    answer = clean.call("keep", {"a": numpy.arange(4.0)})
    assert answer.retained == [True, False, False, False] and len(clean.retained) == 1
    assert not any(clean.call("same", {"a": numpy.arange(4.0)}).retained)
    assert len(clean.retained) == 1
    clean.call("drop", {"a": 0.0})
    wait_for_releases(clean)


def test_a_kept_array_is_not_overwritten(clean):
    arrays = [numpy.arange(64.0) + n for n in range(20)]
    for array in arrays:
        clean.call("keep", {"a": array})
        clean.call("same", {"a": array * 0 - 1})
    code = "assert len(kept) == 20 and all((k == numpy.arange(64.0) + n).all() for n, k in enumerate(kept))"
    assert clean.call("run", {"a": 0.0}, code=code).status == layout.DONE
    assert len(clean.retained) == 20
    clean.call("drop", {"a": 0.0}, count=5)
    clean.take_releases()
    assert len(clean.retained) == 15


def test_kept_output_arrays(clean):
    answer = clean.call("keep_out", {"a": numpy.arange(4.0)})
    assert answer.status == layout.DONE and answer.retained == [False, False, False, True]
    clean.call("drop", {"a": 0.0})
    wait_for_releases(clean)


def test_scalars_and_copies_are_not_blocks(clean):
    assert not any(clean.call("keep", {"a": 1.0}).retained)
    assert not any(clean.call("pair", {"a": numpy.arange(3.0)}).retained)


def test_views_keep_their_block(clean):
    for view in ("a[::2].reshape(2, 2)[0]", "memoryview(a)", "a.base", "a.ctypes"):
        answer = clean.call("run", {"a": numpy.arange(8.0)}, code=f"kept.append({view})")
        assert answer.status == layout.DONE and answer.retained[0], view
    assert len(clean.retained) == 4


def test_released_between_calls_by_a_thread(clean):
    answer = clean.call("keep_and_drop", {"a": numpy.arange(4.0)})
    assert answer.retained[0]
    wait_for_releases(clean)


def test_more_releases_than_the_ring_holds(clean):
    n = layout.RELEASES + 300
    taken = numpy.arange(4.0)
    for _ in range(n):
        clean.call("keep", {"a": taken})
    assert len(clean.retained) == n
    call = clean.prepare("drop", [{"a": 0.0}])
    clean.submit(call)
    clean.wait_done(call)
    assert len(clean.take_releases()) == layout.RELEASES
    wait_for_releases(clean)  # the rest comes by itself
    call.release()


def test_a_release_does_not_come_before_its_completion(clean):
    """The array is kept beyond its call and dropped within the next one, while the first is not read yet."""
    first = clean.prepare("keep", [{"a": numpy.arange(4.0)}])
    second = clean.prepare("drop", [{"a": 0.0}])
    clean.submit(first)
    clean.submit(second)
    clean.wait_done(second)
    assert first.id in clean.done and first.pieces[0].blocks[0].retained == 1
    clean.wait_done(first)
    first.release(), second.release()
    assert len(clean.take_releases()) == 1


def test_an_array_that_dies_before_its_completion(clean):
    """A thread drops it while the host waits for its output to be read: told after the completion all the same. On a
    busy machine the thread may come before the call has returned; nothing is kept then, and nothing is to be told."""
    seen = 0
    for _ in range(200):
        call = clean.prepare("keep_for_a_moment", [{"a": numpy.arange(4.0)}])
        done, releases = clean.channel.loops[0].done, clean.channel.releases
        before = done.tail
        clean.reading.clear()
        try:
            clean.submit(call)
            wait_until(lambda: releases.tail != releases.head or
                       (done.tail != before and not call.pieces[0].blocks[0].retained), "it is not released")
            assert done.tail != before
        finally:
            clean.reading.set()
        clean.wait_done(call)
        retained = call.pieces[0].blocks[0].retained
        seen += retained
        call.release()
        if retained:
            wait_for_releases(clean)
        if seen == 20:
            break
    assert seen > 0


def test_joined_inputs_are_copies(clean):
    answers = clean.call_pieces("joined", [{"a": numpy.arange(3.0)}] * 3)
    assert not any(any(answer.retained) for answer in answers)


def test_a_forked_child_releases_nothing(clean):
    clean.call("keep", {"a": numpy.arange(4.0)})
    assert clean.call("fork", {"a": 0.0}, how="drop").status == layout.DONE
    gc.collect()
    clean.take_releases()
    assert len(clean.retained) == 1
    clean.call("drop", {"a": 0.0})
    wait_for_releases(clean)
