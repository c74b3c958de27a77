"""What grading costs for a student does not grow with the class: queries, comparisons, memory."""

import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from grader.course.directory import Course
from grader.engine.execution.pool import Pool
from grader.instructors.endings import ATTENTION
from grader.instructors.explanations import alike, linkage, neighbours, text
from grader.instructors.feedback import render
from grader.instructors.grading import command
from tests.courses import ASSIGNMENT, copy_of, hand_in
from tests.instructors.explanations.varied import KINDS, explanations


def _no_executor(*_: object, **__: object) -> None:
    raise AssertionError("nothing in this class can be run")


def _page(session: Any, student: str, hindered: Sequence[str]) -> None:
    for name in hindered:
        path = session.course.feedback / student / ASSIGNMENT / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_with_nothing_new_a_larger_class_asks_no_more(
    released: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = copy_of(released, tmp_path / "course")
    monkeypatch.chdir(course.root)  # as nbgrader does, and its configuration sets variables
    monkeypatch.setenv("SVHN_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(Pool, "start", lambda _: None)
    monkeypatch.setattr(command, "LocalExecutors", lambda _: _no_executor)
    monkeypatch.setattr(render, "pages", _page)  # they are made one by one
    counts = []
    asked: list[str] = []

    def note(_1: object, _2: object, statement: str, *_: object) -> None:
        asked.append(statement)

    for students in (range(3), range(3, 6)):
        for number in students:
            hand_in(course, f"s{number}", "1-complexity", "no notebook")
        command.run(course, command.Options(jobs=1))
        sa.event.listen(sa.Engine, "before_cursor_execute", note)
        try:
            asked.clear()
            assert command.run(course, command.Options(jobs=1)) == ATTENTION
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", note)
        counts.append(len(asked))
        assert len(list(course.feedback.glob("s*"))) == len(range(students.stop))
    assert counts[0] == counts[1] > 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_group_of_explanations_is_looked_at_a_few_times(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    nearest = linkage._Groups._nearest

    def counted(groups: Any, group: int) -> int | None:
        nonlocal looks
        looks += 1
        return nearest(groups, group)

    monkeypatch.setattr(linkage._Groups, "_nearest", counted)
    for count in (200, 800):
        looks = 0
        plain = {text.plain(each) for each in explanations(count, kind)}
        alike.groups(list(plain))
        assert len(plain) <= looks < 4 * len(plain)


def test_explanations_that_are_not_alike_have_no_place_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbours, "_BLOCK", 32)
    peaks = []
    for count in (300, 1200):
        vectors = alike.vectors([text.plain(each) for each in explanations(count)])
        tracemalloc.start()
        try:
            pairs = neighbours.distances(vectors, alike.ALIKE)
            linkage.complete(pairs)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < 5 * peaks[0]  # of all pairs there are sixteen times as many
