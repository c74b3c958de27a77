"""Reads equivalent-mutants.toml: mutants that are right answers, each with the reason."""

from dataclasses import dataclass
from typing import Any

from grader.authors.proof.mutation.mutants import Mutant
from grader.basics import toml_files
from grader.basics.errors import UserError
from grader.course.directory import Course

NAME = "equivalent-mutants.toml"


@dataclass(frozen=True)
class Equivalent:
    """Changes of one cell after which it is still a right answer."""

    place: str  # notebook and cell: 4-svhn/steps
    reason: str
    diffs: tuple[str, ...]  # see Mutant.diff


def read(course: Course) -> list[Equivalent]:
    """All entries of the file; raises UserError that says what is wrong with it."""
    path = course.answers / NAME
    if not path.is_file():
        return []
    content = toml_files.read(path, course.show(path))
    entries = content.get("equivalent")
    if not isinstance(entries, list) or set(content) != {"equivalent"}:
        raise UserError(f"{course.show(path)}: write each entry below a line [[equivalent]].")
    return [
        _entry(f"{course.show(path)}, entry {number}", each)
        for number, each in enumerate(entries, 1)
    ]


def _entry(where: str, given: dict[str, Any]) -> Equivalent:
    diffs = given.get("mutants")
    if set(given) != {"cell", "reason", "mutants"} or not isinstance(diffs, list) or not diffs:
        raise UserError(f"{where}: it needs cell, reason, and a list of mutants, and no more.")
    texts = [given["cell"], given["reason"], *diffs]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise UserError(f"{where}: cell, reason and each of the mutants must be a text.")
    return Equivalent(given["cell"], given["reason"], tuple(text.strip() for text in diffs))


def reason_for(mutant: Mutant, known: list[Equivalent]) -> str | None:
    """Why the mutant is a right answer; None if it is not said to be one."""
    return next(
        (e.reason for e in known if e.place == mutant.place and mutant.diff in e.diffs), None
    )


def as_entry(mutant: Mutant) -> str:
    """The entry to write for a mutant."""
    return (
        f'[[equivalent]]\ncell = "{mutant.place}"\nreason = "..."\n'
        f"mutants = [\n'''\n{mutant.diff}\n''',\n]"
    )
