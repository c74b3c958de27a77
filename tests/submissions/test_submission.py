"""What lies in a student's folder is seen for what it is, and when it came."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from grader.submissions import exchange
from grader.submissions.submission import Submission
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
