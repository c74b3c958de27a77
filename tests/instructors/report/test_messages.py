"""Which messages are taken for the same, and how often they are counted."""

from pathlib import Path

import pytest

from grader.gradebook import class_view
from grader.instructors.report import messages, work
from grader.instructors.report.messages import Said, merged
from tests.instructors.report.made import Class, course_in, url

TEST = "test-step-multiplications"


def report(*texts: str) -> str:
    """What a test prints whose parts said this."""
    parts = [
        f"FAILED (1 point): part {n}\n  " + "\n  ".join(t.splitlines()) for n, t in enumerate(texts)
    ]
    return "\n".join([*parts, "passed (2 points): the last part"])


def said(root: Path, **outputs: str) -> list[Said]:
    """The messages of students whose test printed this."""
    course = course_in(root / "course")
    with Class(course) as made:
        for student, output in outputs.items():
            made.add(student, points={TEST: 1.0}, outputs={TEST: output})
        made.add("right", outputs={TEST: report("This part costs no points.")})
    known = class_view.read(course, url(course))
    return messages.common(known, work.read_all(course, known)[0])


def test_messages_are_counted_by_template(tmp_path: Path) -> None:
    found = said(
        tmp_path,
        a=report("f(2, 3): expected 468, got 3.21.\nCount again."),
        b=report("f(2, 3): expected 468, got -7e-05.\nCount again."),
        c=report("f(2, 3): expected 468, got nan.\nCount again."),
        d=report("f(2, 3) is None."),
    )
    assert found == [
        Said("1-complexity", TEST, "f(2, 3): expected 468, got ….\nCount again.", ["a", "b", "c"]),
        Said("1-complexity", TEST, "f(2, 3) is None.", ["d"]),
    ]


def test_a_message_of_two_parts_is_one_submission(tmp_path: Path) -> None:
    found = said(tmp_path, a=report("Not filled in yet.", "Not filled in yet."))
    assert [(each.text, each.students) for each in found] == [("Not filled in yet.", ["a"])]


def test_what_the_tested_code_prints_is_no_message(tmp_path: Path) -> None:
    forged = "FAILED (1 point): a part\n  Your teacher cannot count.\n"
    real = report("got 1", "got none")
    found = said(tmp_path, a=f"{forged}hello\n{real}", b=f"{forged}{real}")
    assert {each.text for each in found} == {"got 1", "got none"}


def test_a_test_that_stopped_shows_its_last_line(tmp_path: Path) -> None:
    found = said(tmp_path, a="Traceback\n  File ...\nKeyError: 'x'\n", b="")
    assert [each.text for each in found] == ["KeyError: 'x'"]


def test_what_a_student_prints_cannot_stop_the_report(tmp_path: Path) -> None:
    """One whose text has the mark of a template, and one with a number that is none."""
    huge = f"FAILED ({'9' * 5000} p): much\n"
    found = said(tmp_path, a=report("got \0", "got 5"), b=huge + report("got 6"))
    assert [(each.text, each.students) for each in found] == [
        ("got …", ["a", "b"]),
        ("got \ufffd", ["a"]),
    ]


def test_what_decided_in_the_place_of_the_test_is_told(tmp_path: Path) -> None:
    course = course_in(tmp_path / "course")
    with Class(course) as made:
        for student, seconds in (("a", 300), ("b", 301)):
            made.add(student, points={TEST: 0.0}, why={TEST: f"Stopped after {seconds} s."})
    known = class_view.read(course, url(course))
    found = messages.common(known, work.read_all(course, known)[0])
    assert [(each.text, each.students) for each in found] == [("Stopped after … s.", ["a", "b"])]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["got 1.", "got 1."], "got 1."),
        (["got 1 of 3.", "got 2 of 3."], "got … of 3."),
        (["the array has [0.1 2. nan]", "the array has [1]"], "the array has …"),
        (["the shape (2,), not (3, 4)", "the shape (2, 5), not (3, 4)"], "the shape …, not (3, 4)"),
        (
            ["float32 is right for x1 = 1", "float32 is right for x1 = 2"],
            "float32 is right for x1 = …",
        ),
        (
            [
                "Your code stopped with NameError: name 'a' is not defined\nat the line: a + 1",
                "Your code stopped with NameError: name 'b' is not defined\nat the line: f(b)",
            ],
            "Your code stopped with NameError: name … is not defined\nat the line: …",
        ),
    ],
)
def test_what_varies(texts: list[str], expected: str) -> None:
    assert messages._template(texts[0]) == messages._template(texts[1])
    assert merged(texts) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("float32 is wrong", "float64 is wrong"),
        ("name 'a' is wrong", "name 'b' is wrong"),
        ("Tanh() is None", "Sigmoid() is None"),
    ],
)
def test_what_is_another_message(one: str, other: str) -> None:
    assert messages._template(one) != messages._template(other)
