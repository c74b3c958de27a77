"""An example class in submitted/, made from the bank of answers."""

import re
import shutil
from pathlib import Path

import nbformat

from grader.authors.bank import answers
from grader.basics import toml_files
from grader.basics.errors import GraderError, UserError
from grader.basics.terminal import say
from grader.course.directory import Course
from grader.notebooks import cells

MISSING = "missing"  # in class.toml: a notebook that was not handed in
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def run(course: Course) -> int:
    """Make the example class, unless submitted/ holds anybody's work. Returns 0."""
    there = (
        sorted(path.name for path in course.submitted.glob("*"))
        if course.submitted.is_dir()
        else []
    )
    if there:
        say(f"class: submitted/ holds {len(there)} students already; left as they are")
        return 0
    plan = read_plan(course)
    # Made under another name and then renamed, so that a run that is stopped leaves no half
    # class that looks like students' work.
    made = course.root / "submitted.new"
    shutil.rmtree(made, ignore_errors=True)
    for student, chosen in plan.items():
        for notebook, answer in chosen.items():
            if answer is not None:
                path = made / student / course.assignment / f"{notebook}.ipynb"
                path.parent.mkdir(parents=True, exist_ok=True)
                _write(course, answer, path)
    made.rename(course.submitted)  # over an empty directory, or none
    say(f"class: {len(plan)} example students in submitted/")
    return 0


def read_plan(course: Course) -> dict[str, dict[str, answers.Answer | None]]:
    """For each student of class.toml the answer to each notebook; None: not handed in.

    Raises UserError if the file is not right.
    """
    path = course.answers / "class.toml"
    plan = toml_files.read(path, course.show(path))
    found: dict[str, dict[str, answers.Answer | None]] = {}
    for student, chosen in plan.items():
        where = f"{course.show(path)}, [{student}]"
        if not _NAME.fullmatch(student) or not isinstance(chosen, dict):
            raise UserError(f"{where}: name students with small letters, digits and hyphens.")
        for notebook in chosen:
            if notebook not in course.names():
                raise UserError(f"{where}: there is no notebook {notebook}.")
        found[student] = {}
        for notebook in course.names():
            name = str(chosen.get(notebook, "reference"))
            try:
                answer = None if name == MISSING else answers.find(course, notebook, name)
            except GraderError as error:
                raise UserError(f"{where}: {error}") from None
            found[student][notebook] = answer
    return found


def _write(course: Course, answer: answers.Answer, path: Path) -> None:
    released = cells.read_notebook(course.release / path.name)
    nbformat.write(answers.filler(course, answer)(released), path)
