"""Grade many filled-in notebooks with nbgrader, some processes at a time."""

import os
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree

import nbformat
from nbformat import NotebookNode

from grader import cells, nbgrader_run
from grader.course import ASSIGNMENT, Course, CourseError

# Each process has a core to itself, so more threads would only wait for one another.
_ONE_THREAD = dict.fromkeys(
    ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    "1",
)
Filler = Callable[[NotebookNode], NotebookNode]

# Images of the small synthetic set: no score depends on how well the network does on it.
_TRAIN_IMAGES, _TEST_IMAGES, _SEED = 600, 200, 0


@dataclass
class Graded:
    """The scores of one notebook by test cell, the text each cell printed, or an error."""

    scores: dict[str, float | None] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    error: str = ""


def grade(
    course: Course,
    fillers: Mapping[str, Filler],
    jobs: int | None = None,
    show: Callable[[str], None] | None = None,
) -> dict[str, Graded]:
    """Grade notebooks, each named by an id that starts with the notebook's: "2-tanh/...".

    A filler makes a student's notebook from the released one, which is generated afresh.
    `jobs` processes (one per core by default) run at a time; `show` is called with the id
    of each notebook when its turn comes. Returns what was graded by id.
    """
    jobs = max(1, min(jobs or os.cpu_count() or 1, len(fillers)))
    # The notebooks that take longest first, spread over the processes.
    ordered = sorted(fillers, key=_notebook, reverse=True)
    with _prepared(course, "4-svhn" in map(_notebook, fillers)) as (base, env):
        released = {
            name: cells.read_notebook(base.release / f"{name}.ipynb")
            for name in set(map(_notebook, fillers))
        }
        parts = [
            {id_: fillers[id_](deepcopy(released[_notebook(id_)])) for id_ in ordered[first::jobs]}
            for first in range(jobs)
        ]
        with ThreadPoolExecutor(jobs) as pool:
            results = pool.map(
                lambda item: _grade_part(base, item[0], item[1], env, show), enumerate(parts)
            )
            return {id_: graded for part in results for id_, graded in part.items()}


@contextmanager
def _prepared(course: Course, with_data: bool) -> Iterator[tuple[Course, dict[str, str]]]:
    """A temporary course whose gradebook knows the assignment, and the environment for it."""
    with nbgrader_run.temporary_course(course) as base:
        env = dict(_ONE_THREAD)
        if with_data:
            env["SVHN_DIR"] = str(_draw_data(base))
        nbgrader_run.generate(base, with_gradebook=True)
        yield base, env


def _draw_data(base: Course) -> Path:
    """A small synthetic set in the temporary course, drawn by the handout svhn.py."""
    directory = base.root / "svhn"
    code = (
        "import sys, svhn; directory, train, test, seed = sys.argv[1:];"
        "svhn.write(directory, train=int(train), test=int(test), seed=int(seed))"
    )
    done = subprocess.run(
        [
            nbgrader_run.PYTHON,
            "-B",
            "-c",
            code,
            str(directory),
            str(_TRAIN_IMAGES),
            str(_TEST_IMAGES),
            str(_SEED),
        ],
        cwd=base.source,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CourseError(f"svhn.py could not draw the synthetic set:\n{done.stderr[-2000:]}")
    return directory


def _grade_part(
    base: Course,
    number: int,
    notebooks: dict[str, NotebookNode],
    env: dict[str, str],
    show: Callable[[str], None] | None,
) -> dict[str, Graded]:
    """Grade some of the notebooks in a course of their own, each as a student's work."""
    part = Course(base.root / f"part-{number}")
    copytree(base.source, part.source)
    for name in ("nbgrader_config.py", "gradebook.db"):
        (part.root / name).write_bytes((base.root / name).read_bytes())
    students = {_student(id_): id_ for id_ in notebooks}
    for id_, notebook in notebooks.items():
        path = part.submitted / _student(id_) / ASSIGNMENT / f"{_notebook(id_)}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    log = _autograde(part, env, students, show)
    return {id_: _read(part, id_, log) for id_ in notebooks}


def _autograde(
    part: Course,
    env: dict[str, str],
    students: dict[str, str],
    show: Callable[[str], None] | None,
) -> list[str]:
    """Run plain `nbgrader autograde`; returns what it said. It fails if any student's work does."""
    process = subprocess.Popen(
        nbgrader_run.command("autograde", ASSIGNMENT),
        cwd=part.root,
        env={**os.environ, **env},
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
            if show and (match := re.search(r"Autograding .*/autograded/([^/]+)/", line)):
                show(students.get(match[1], match[1]))
    return log


def _read(part: Course, id_: str, log: Iterable[str]) -> Graded:
    """The scores in the gradebook and the outputs in the autograded notebook."""
    from nbgrader.api import Gradebook, MissingEntry

    student, name = _student(id_), _notebook(id_)
    path = part.autograded / student / ASSIGNMENT / f"{name}.ipynb"
    if not path.is_file():
        said = "".join(line for line in log if student in line or "Error" in line)
        return Graded(error="nbgrader could not grade it:\n" + nbgrader_run.told(said))
    outputs = {
        known: "\n".join(_output_texts(cell))
        for known, cell in cells.by_grade_id(cells.read_notebook(path)).items()
        if cell.cell_type == "code"
    }
    with Gradebook(f"sqlite:///{part.gradebook}") as gradebook:
        try:
            submission = gradebook.find_submission_notebook(name, ASSIGNMENT, student)
        except MissingEntry:
            return Graded(error="nbgrader recorded no scores for it")
        scores = {
            grade.name: grade.auto_score
            for grade in submission.grades
            if grade.cell.cell_type == "code"
        }
    return Graded(scores, outputs)


def _output_texts(cell: NotebookNode) -> Iterator[str]:
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            yield output.text
        elif output.output_type == "error":
            yield "\n".join(output.traceback) or f"{output.ename}: {output.evalue}"
        else:
            yield output.get("data", {}).get("text/plain", "")


def _student(id_: str) -> str:
    return id_.replace("/", "--")


def _notebook(id_: str) -> str:
    return id_.split("/")[0]
