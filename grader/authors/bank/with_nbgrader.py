"""Grade the bank with stock nbgrader: what the engine's scores are compared with."""

import os
import re
import subprocess
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from shutil import copy, copytree

import nbformat
from nbformat import NotebookNode

from grader.authors.bank.graded import Graded, notebook_of, student_of
from grader.course.directory import Course
from grader.nbgrader_app import commands
from grader.notebooks import cells, printed


def grade(
    base: Course,
    ids: list[str],
    filled: Callable[[str], NotebookNode],
    env: dict[str, str],
    jobs: int,
    show: Callable[[str], None],
) -> dict[str, Graded]:
    """Grade the notebooks that `filled` makes, in `jobs` courses of their own at a time."""
    parts = [{id_: filled(id_) for id_ in ids[first::jobs]} for first in range(jobs)]
    with ThreadPoolExecutor(jobs) as pool:
        results = pool.map(
            lambda item: _grade_part(base, item[0], item[1], env, show), enumerate(parts)
        )
        return {id_: graded for part in results for id_, graded in part.items()}


def _grade_part(
    base: Course,
    number: int,
    notebooks: dict[str, NotebookNode],
    env: dict[str, str],
    show: Callable[[str], None],
) -> dict[str, Graded]:
    """Grade some of the notebooks in a course of their own, each as a student's work."""
    part = replace(base, root=base.root / f"part-{number}")
    copytree(base.source, part.source)
    copy(base.config, part.config)
    copy(base.gradebook, part.gradebook)
    students = {student_of(id_): id_ for id_ in notebooks}
    for id_, notebook in notebooks.items():
        path = part.submission(student_of(id_)) / f"{notebook_of(id_)}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    log = _autograde(part, env, students, show)
    return {id_: _read(part, id_, log) for id_ in notebooks}


def _autograde(
    part: Course,
    env: dict[str, str],
    students: dict[str, str],
    show: Callable[[str], None],
) -> list[str]:
    """Run plain `nbgrader autograde`; returns what it said. It fails if any student's work does."""
    process = subprocess.Popen(
        commands.command("autograde", part.assignment),
        cwd=part.root,
        env={**os.environ, **commands.CAREFUL, **env, "COURSE_STOCK": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    log = []
    with process:
        for line in process.stdout or ():
            log.append(line)
            if match := re.search(r"Autograding .*/autograded/([^/]+)/", line):
                show(students.get(match[1], match[1]))
    return log


def _read(part: Course, id_: str, log: Iterable[str]) -> Graded:
    """The scores in the gradebook and the outputs in the autograded notebook."""
    from nbgrader.api import Gradebook, MissingEntry

    student, name = student_of(id_), notebook_of(id_)
    path = part.executed(student, name)
    if not path.is_file():
        said = "".join(line for line in log if student in line or "Error" in line)
        return Graded(error="nbgrader could not grade it:\n" + commands.told(said))
    outputs = printed.outputs_of(cells.read_notebook(path))
    with Gradebook(f"sqlite:///{part.gradebook}") as gradebook:
        try:
            submission = gradebook.find_submission_notebook(name, part.assignment, student)
        except MissingEntry:
            return Graded(error="nbgrader recorded no scores for it")
        scores = {
            grade.name: grade.auto_score
            for grade in submission.grades
            if grade.cell.cell_type == "code"
        }
    return Graded(scores, outputs)
