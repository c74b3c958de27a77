"""Record the same notebooks again and again, other points each round, until somebody kills it.

python -m tests.gradebook.recording GRADEBOOK
"""

import sys
from dataclasses import replace
from pathlib import Path

from grader.gradebook.recorder import Recorder
from grader.gradebook.runs import Outcome
from grader.scoring.score import CellScore

COURSE_ID = "deep-learning"
HOMEWORK = "homework"
_STUDENTS = 3
_NOTEBOOKS = ("first", "second")
COUNT = _STUDENTS * len(_NOTEBOOKS)  # notebooks in a round


def url(path: Path) -> str:
    """The address of a gradebook."""
    return f"sqlite:///{path}"


def record_without_end(path: Path) -> None:
    """The points and the fingerprint of each notebook are the number of the round."""
    recorder = Recorder(url(path), COURSE_ID)
    round_ = max([int(run.fingerprint) for run in recorder.runs().values()], default=0)
    while True:
        round_ += 1
        scores = [CellScore(name, round_, 5) for name in ("test", "answer", "task")]
        for number in range(_STUDENTS):
            for notebook in _NOTEBOOKS:
                student = f"right-{number}"
                one = Outcome(student, HOMEWORK, notebook, str(round_), "graded", scores=scores)
                recorder.record(replace(one, comments={"code": str(round_)}))


if __name__ == "__main__":
    record_without_end(Path(sys.argv[1]))
