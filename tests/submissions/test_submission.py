"""What lies in a student's folder is seen for what it is, and when it came."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from grader.submissions import exchange
from grader.submissions.match_files import Marks
from grader.submissions.submission import Submission, find_submission
from tests.courses import COURSE

LATE = datetime(2026, 11, 20, 16)


@pytest.fixture
def handed_in(tmp_path: Path) -> Submission:
    """An empty folder of a student's."""
    made = Submission(replace(COURSE, root=tmp_path), "someone")
    made.directory.mkdir(parents=True)
    return made


# When it came


@pytest.mark.parametrize(
    "content",
    [
        b"2026-11-21 01:00:00 Asia/Seoul\r\n",
        b"2026-11-20 16:00:00.000000 UTC",
        b"2026-11-21 01:00:00 +0900\n",
        b"2026-11-20 16:00:00\n",
        b"\xef\xbb\xbf2026-11-21 01:00:00 Asia/Seoul\n",  # as Notepad saves it
        "2026-11-21 01:00:00 Asia/Seoul\n".encode("utf-16"),
    ],
)
def test_the_time_is_read_however_an_editor_saved_it(content: bytes, handed_in: Submission) -> None:
    (handed_in.directory / exchange.TIMESTAMP).write_bytes(content)
    assert (handed_in.time.utc, handed_in.time.doubt) == (LATE, "")
    assert handed_in.time.written == content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"gestern\n", 'timestamp.txt: "gestern" is no plain time.'),
        (b"2026-11-21 01:00 KST", "zone that is not known, KST."),
        (b"11/12/2026 10:00 UTC", "is no plain time."),
        (b"", "timestamp.txt: The file is empty"),
        (b"\xff\xfe2", "timestamp.txt: The file"),
        (b"x" * 2000, "timestamp.txt: The file is larger"),
    ],
)
def test_a_time_that_cannot_be_read_is_told(
    content: bytes, said: str, handed_in: Submission
) -> None:
    (handed_in.directory / exchange.TIMESTAMP).write_bytes(content)
    assert handed_in.time.utc is None
    assert said in handed_in.time.doubt
    assert handed_in.time.doubt.endswith("Until then the work does not count as late.")


def test_where_no_time_is_there_is_no_doubt(handed_in: Submission) -> None:
    assert (handed_in.time.utc, handed_in.time.doubt) == (None, "")


# What lies where it is not looked for


MARKS = tuple(
    Marks(name, frozenset((f"{name}-a", f"{name}-b")), frozenset()) for name in ("1-a", "2-b")
)
LOOK = "look whether that is the work. If it is,"
PUT = f"{LOOK} put it directly into the folder of the submission, as 1-a.ipynb."
ASK = f"{LOOK} ask the student to hand in 1-a.ipynb."


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["hw/1-a.ipynb", "hw/2-b.ipynb", "hw/notes.txt"], f'"hw/1-a.ipynb": {PUT}'),
        ([*(f"hw/{n}.txt" for n in range(9)), "hw/x 1-a.ipynb"], f'"hw/x 1-a.ipynb": {PUT}'),
        (["Untitled.ipynb"], f'"Untitled.ipynb": {PUT}'),
        (["Untitled.ipynb", "a.7z"], f'"Untitled.ipynb": {PUT} There is also "a.7z".'),
        (["a.7z"], f'"a.7z", which is no notebook: {ASK}'),
        (["a.7z", "hw/b.doc"], f'"a.7z", "hw/b.doc", which are no notebooks: {ASK}'),
        (["hw/hw/1-a.ipynb"], f'"hw/hw", which is no notebook: {ASK}'),
    ],
)
def test_what_may_be_a_missing_notebook_is_told_for_what_it_is(
    files: list[str], said: str, handed_in: Submission
) -> None:
    for file in files:
        path = handed_in.directory / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}')
    found = find_submission(handed_in.course, handed_in.student, MARKS)
    assert found.doubt("1-a", ()) == f"There is no 1-a.ipynb, but {said}"


def test_a_notebook_in_a_folder_is_not_said_to_be_of_another(handed_in: Submission) -> None:
    folder = handed_in.directory / "hw"
    folder.mkdir()
    (folder / "2-b.ipynb").write_text("{}")
    found = find_submission(handed_in.course, handed_in.student, MARKS)
    assert found.doubt("1-a", ()) == ""
    assert '"hw/2-b.ipynb"' in found.doubt("2-b", ())
