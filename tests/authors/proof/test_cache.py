"""What was graded is kept by all that its scores depend on, and graded again when that changes."""

from pathlib import Path

import pytest

from grader.authors.bank import answers, cache
from grader.authors.bank import bench as bank
from grader.authors.bank.bench import Bench
from grader.authors.bank.cache import Cache
from grader.authors.bank.graded import Graded
from grader.basics.errors import UserError
from grader.course.directory import Course
from grader.notebooks import cells
from tests.courses import ASSIGNMENT, COURSE

ID = "1-complexity/reference"
FILLERS = {ID: lambda released: answers.fill_in(COURSE, released, "1-complexity", {})}
GRADED = Graded({"test-steps": 3.5, "test-epochs": None}, {"test-steps": "FAILED (1 point): …"})


def test_gives_back_what_was_put_in(tmp_path: Path) -> None:
    with cache.opened(Course(tmp_path, ASSIGNMENT)) as kept:
        kept.put("a", GRADED)
    with cache.opened(Course(tmp_path, ASSIGNMENT)) as kept:
        assert kept.get("a") == GRADED
        assert kept.get("b") is None


def test_forgets_all_when_opened_afresh(tmp_path: Path) -> None:
    with cache.opened(Course(tmp_path, ASSIGNMENT)) as kept:
        kept.put("a", GRADED)
    with cache.opened(Course(tmp_path, ASSIGNMENT), afresh=True) as kept:
        assert kept.get("a") is None


def test_a_file_that_is_no_cache_is_told(tmp_path: Path) -> None:
    path = tmp_path / ".cache" / "graded.sqlite"
    path.parent.mkdir()
    path.write_text("This is a text, and a rather long one, so that it cannot be taken for empty.")
    with (
        pytest.raises(UserError, match=r"\.cache/graded\.sqlite cannot be used .* Delete it"),
        cache.opened(Course(tmp_path, ASSIGNMENT)),
    ):
        pass


class Kept(Cache):
    """A cache that counts what was not in it."""

    def __init__(self) -> None:
        self.graded: dict[str, Graded] = {}

    def get(self, key: str) -> Graded | None:
        return self.graded.get(key)

    def put(self, key: str, graded: Graded) -> None:
        assert key not in self.graded
        self.graded[key] = graded


@pytest.mark.slow("proof")
def test_a_notebook_is_graded_once(small_course: Course) -> None:
    kept = Kept()
    with Bench(small_course, ["1-complexity"], 1, known=kept) as bench:
        first = bench.grade(FILLERS)
        assert first[ID].scores == answers.full_scores(COURSE, "1-complexity")
        assert len(kept.graded) == 1
        assert bench.grade(FILLERS) == first  # put would fail
        # Another end is another notebook.
        cut = bench.grade(FILLERS, until={ID: "test-parameter-count"})
        assert cut[ID].scores == {"test-parameter-count": 3}
        assert len(kept.graded) == 2
    with Bench(small_course, ["1-complexity"], 1, known=kept) as bench:
        assert bench.grade(FILLERS) == first


def test_the_key_holds_all_that_scores_depend_on(small_course: Course) -> None:
    notebook = cells.read_notebook(small_course.source / "1-complexity.ipynb")

    def key(**settings: object) -> str:
        return bank.key_of(notebook, bank.surroundings(small_course, settings))

    keys = [key(), key(seed=1)]
    assert key() == keys[0]
    for path in (small_course.source / "checks.py", small_course.config, small_course.requirements):
        path.write_text(path.read_text() + "\n# One line more.\n")
        keys.append(key())
    notebook.cells[-1].source += "\n"
    keys.append(key())
    del notebook.cells[-1]
    keys.append(key())
    assert len(set(keys)) == len(keys)
    notebook.cells[0].outputs = ["of no account"]
    assert key() == keys[-1]
