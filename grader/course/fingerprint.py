"""Fingerprints: what a grade, the gradebook's picture of the assignment, or a page is made from."""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

from grader.basics import config_file
from grader.course.directory import Course

_PACKAGE = Path(__file__).resolve().parent.parent
# Its rooms and modules that decide a score: a change of one of them grades everything anew.
_DECIDING = (
    *("engine", "notebooks", "scoring", "submissions", "translation"),
    *("basics/words.py", "course/editions.py", "instructors/grading/autograde.py"),
)


def of_assignment(course: Course) -> str:
    """Of everything that the gradebook's picture of the assignment is made from."""
    return _of_files(course, [*course.notebooks(), *course.handouts(), *_configuration(course)])


def of_environment(course: Course, notebook: str) -> str:
    """Of what the scores of a notebook depend on, beside the student's work."""
    return _of_surroundings(course, [course.source / f"{notebook}.ipynb"])


def of_machinery(course: Course) -> str:
    """Of what every score depends on, beside the cells that are run."""
    return _of_surroundings(course, [])


def _of_surroundings(course: Course, files: list[Path]) -> str:
    python = "{}.{}.{}".format(*sys.version_info)
    paths = [*files, *course.handouts(), *_configuration(course), course.requirements]
    own: list[str | bytes] = []
    for path in deciding():  # named from the package: where it is installed decides nothing
        own += [path.relative_to(_PACKAGE).as_posix(), path.read_bytes()]
    return of_texts(_of_files(course, paths), *own, python)


def _configuration(course: Course) -> list[Path]:
    """The files of the configuration, also those that lie elsewhere; the course's own is first."""
    others = [path for path in config_file.files(course.config) if path != course.config]
    return [course.config, *filter(Path.is_file, others)]


def deciding() -> list[Path]:
    """The modules of this package that decide what a notebook scores."""
    places = [_PACKAGE / name for name in _DECIDING]
    files = [
        path for place in places for path in (place.rglob("*.py") if place.is_dir() else [place])
    ]
    return sorted(files)


def of_texts(*parts: str | bytes) -> str:
    """Of some texts, in their order."""
    total = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogateescape")
        total.update(hashlib.sha256(data).digest())
    return total.hexdigest()


def _of_files(course: Course, paths: Iterable[Path]) -> str:
    parts: list[str | bytes] = []
    for path in paths:
        parts += [course.show(path), path.read_bytes() if path.is_file() else b"missing"]
    return of_texts(*parts)
