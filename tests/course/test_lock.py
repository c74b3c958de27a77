"""Who only looks at a lock of a course is never taken for one who holds it, or waits for it."""

import fcntl
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from grader.course import lock
from grader.course.directory import Course


def test_a_watch_begins_while_somebody_looks_whether_there_is_one(
    empty: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = empty.made(lock._WATCH)
    path.touch()
    look = path.open()
    fcntl.flock(look, fcntl.LOCK_SH)  # in the middle of `is_watched`
    monkeypatch.setattr(lock, "time", SimpleNamespace(sleep=lambda _: look.close()))
    with lock.watching(empty):
        assert look.closed and lock.is_watched(empty)


def test_two_who_look_whether_somebody_waits_are_none_who_waits(
    empty: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual: Callable[[int, int], bool] = lock._try
    seen: list[bool] = []

    def looks_twice(descriptor: int, how: int) -> bool:
        had = usual(descriptor, how)
        if not seen:
            seen.append(False)
            seen[0] = lock.somebody_waits(empty)  # another one, before this one has finished
        return had

    monkeypatch.setattr(lock, "_try", looks_twice)
    assert not lock.somebody_waits(empty)
    assert seen == [False]
