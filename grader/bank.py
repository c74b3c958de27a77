"""Grade many filled-in notebooks, with the engine or with stock nbgrader."""

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from grader import cells, nbgrader_run
from grader.course import ASSIGNMENT, Course, CourseError
from grader.engine import bundle, sanitise, score
from grader.engine.bundle import Result
from grader.engine.pool import Pool
from grader.engine.recorder import Recorder
from grader.engine.source import SourceNotebook, cell_order
from grader.stock import Stock

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
    *,
    stock: bool = False,
) -> dict[str, Graded]:
    """Grade notebooks, each named by an id that starts with the notebook's: "2-tanh/...".

    A filler makes a student's notebook from the released one, which is generated afresh.
    `jobs` notebooks (one per core by default) run at a time; `show` is called with the id of
    each. `stock` grades with nbgrader alone, which takes many times longer. Returns what was
    graded by id.
    """
    jobs = max(1, min(jobs or len(os.sched_getaffinity(0)), len(fillers)))
    # The notebooks that take longest first.
    ordered = sorted(fillers, key=notebook_of, reverse=True)
    with _prepared(course, "4-svhn" in map(notebook_of, fillers)) as (base, env):
        released = {
            name: cells.read_notebook(base.release / f"{name}.ipynb")
            for name in set(map(notebook_of, fillers))
        }

        def filled(id_: str) -> NotebookNode:
            return fillers[id_](deepcopy(released[notebook_of(id_)]))

        if stock:
            from grader import stock_bank  # which needs this module

            return stock_bank.grade(base, ordered, filled, env, jobs, show or _nothing)
        return _grade_with_engine(base, ordered, filled, env, jobs, show or _nothing)


def _nothing(id_: str) -> None:
    pass


def _grade_with_engine(
    base: Course,
    ids: list[str],
    filled: Callable[[str], NotebookNode],
    env: dict[str, str],
    jobs: int,
    show: Callable[[str], None],
) -> dict[str, Graded]:
    """The steps of `course grade`, without a gradebook to write to."""
    settings, sources = _read_course(base, {notebook_of(id_) for id_ in ids}, env)
    settings.setdefault("SandboxProvisioner", {})["threads"] = 1
    files = {path.name: path.read_bytes() for path in base.handouts()}

    def work() -> Iterator[tuple[str, bytes]]:
        for id_ in ids:
            source = sources[notebook_of(id_)]
            prepared = sanitise.prepare(filled(id_), source)
            yield id_, bundle.pack(prepared.notebook, files, settings, env)

    found = {}
    pool: Pool[str] = Pool(jobs)
    try:
        for id_, result in pool.run(work()):
            show(id_)
            found[id_] = _graded(result, sources[notebook_of(id_)])
        pool.close()
    except BaseException:
        pool.kill()
        raise
    return {id_: found[id_] for id_ in ids}


def _read_course(
    base: Course, notebooks: Iterable[str], env: dict[str, str]
) -> tuple[dict[str, dict[str, object]], dict[str, SourceNotebook]]:
    """What nbgrader_config.py says to the engine, and the source as the gradebook knows it."""
    directory, before = os.getcwd(), dict(os.environ)
    os.environ.update(env)  # the configuration names the directory of the data
    try:
        stock = Stock(base)
        recorder = Recorder(stock.db_url, stock.course_id)
        try:
            sources = {
                name: recorder.source(ASSIGNMENT, name, cell_order(base.source / f"{name}.ipynb"))
                for name in notebooks
            }
        finally:
            recorder.close()
        return stock.settings(), sources
    finally:
        os.chdir(directory)
        os.environ.clear()
        os.environ.update(before)


def _graded(result: Result, source: SourceNotebook) -> Graded:
    if result.notebook is None:
        return Graded(error=f"the engine could not grade it:\n{result.fault or result.refused}")
    scores: dict[str, float | None] = {
        each.name: each.points
        for each in score.score(result.notebook, source)
        if any(cell.name == each.name and cell.is_test for cell in source.cells)
    }
    if result.flags:
        return Graded(scores, outputs_of(result.notebook), f"it was flagged: {result.flags}")
    return Graded(scores, outputs_of(result.notebook))


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


def outputs_of(notebook: NotebookNode) -> dict[str, str]:
    """The text that each code cell printed, by name."""
    return {
        known: "\n".join(_output_texts(cell))
        for known, cell in cells.by_grade_id(notebook).items()
        if cell.cell_type == "code"
    }


def _output_texts(cell: NotebookNode) -> Iterator[str]:
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            yield output.text
        elif output.output_type == "error":
            yield "\n".join(output.traceback) or f"{output.ename}: {output.evalue}"
        else:
            yield output.get("data", {}).get("text/plain", "")


def student_of(id_: str) -> str:
    """The student that stands for an answer."""
    return id_.replace("/", "--")


def notebook_of(id_: str) -> str:
    """The notebook that an answer is to."""
    return id_.split("/")[0]
