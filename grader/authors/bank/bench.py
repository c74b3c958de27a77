"""Grade many filled-in notebooks, with the engine or with stock nbgrader."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from nbformat import NotebookNode

from grader.authors.bank import with_nbgrader
from grader.authors.bank.graded import Graded, notebook_of
from grader.basics import system
from grader.basics.errors import UserError
from grader.course import fingerprint, notebook_data
from grader.course.directory import Course
from grader.course.editions import Editions
from grader.course.notebook_data import DataSet
from grader.engine.execution import bundle
from grader.engine.execution.bundle import Result
from grader.engine.execution.pool import Pool
from grader.gradebook.recorder import Recorder
from grader.nbgrader_app import commands
from grader.nbgrader_app.session import NbgraderSession
from grader.notebooks import cells, skipped
from grader.notebooks.printed import outputs_of
from grader.notebooks.source import SourceNotebook, read_layout
from grader.scoring import score
from grader.submissions import prepare
from grader.translation import catalogue, edition
from grader.translation.catalogue import ENGLISH, Language

# Each process has a core to itself, so more threads would only wait for one another.
_ONE_THREAD = dict.fromkeys(
    ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    "1",
)
Filler = Callable[[NotebookNode], NotebookNode]


class Known(Protocol):
    """What was graded before, by what it depends on (see grader.authors.bank.cache)."""

    def get(self, key: str) -> Graded | None:
        """What was graded under `key`."""

    def put(self, key: str, graded: Graded) -> None:
        """Keep it."""


def grade(
    course: Course,
    fillers: Mapping[str, Filler],
    jobs: int | None = None,
    show: Callable[[str], None] | None = None,
    *,
    stock: bool = False,
    language: str = "",
) -> dict[str, Graded]:
    """Grade notebooks, each named by an id that starts with the notebook's: "2-tanh/...".

    A filler makes a student's notebook from the released one, which is generated afresh.
    `jobs` notebooks (one more than there are cores by default) run at a time; `show` is called with
    the id of each. `stock` grades with nbgrader alone, which takes many times longer. `language`
    fills in the release in that language. Returns what was graded by id.
    """
    jobs = min(_jobs(jobs), max(1, len(fillers)))
    with Bench(course, map(notebook_of, fillers), jobs, language=language) as bench:
        return bench.grade_with_stock(fillers, show) if stock else bench.grade(fillers, show)


class Bench:
    """Grades many notebooks with the steps of `course grade`, without a gradebook to write to.

    As a context it has a temporary course with the release made afresh, and warm workers that
    stay from one call to the next.
    """

    def __init__(
        self,
        course: Course,
        notebooks: Iterable[str],
        jobs: int | None = None,
        *,
        provisioner: Mapping[str, object] | None = None,
        known: Known | None = None,
        language: str = "",
    ) -> None:
        """`provisioner` sets traits of the kernels' provisioner, such as `seed` and `threads`."""
        self._course, self._notebooks, self._jobs = course, sorted(set(notebooks)), _jobs(jobs)
        self._provisioner = {"threads": 1, **(provisioner or {})}
        self._known = known
        # Raises UserError where the course has no such catalogue.
        self._language = catalogue.language(course.root, language) if language else ENGLISH

    def __enter__(self) -> "Bench":
        self._exit = ExitStack()
        with self._exit as stack:
            prepared = _prepared(self._course, self._notebooks)
            self._base, self._env = stack.enter_context(prepared)
            self._released = {
                name: cells.read_notebook(self._base.release / f"{name}.ipynb")
                for name in self._notebooks
            }
            self._settings, self._sources = _read_course(self._base, self._notebooks, self._env)
            self._settings.setdefault("SandboxProvisioner", {}).update(self._provisioner)
            self._files = self._base.handout_contents()
            if self._language is not ENGLISH:
                self._translate(self._language)
            self._surroundings = surroundings(self._course, self._provisioner)
            self._pool: Pool[str] = Pool(self._jobs)
            self._exit = stack.pop_all()
        return self

    def _translate(self, language: Language) -> None:
        """Take the course in another language."""
        self._released = {
            name: edition.notebook(self._base.release / f"{name}.ipynb", language)
            for name in self._notebooks
        }
        editions = Editions(self._course)
        self._sources = {
            name: editions.source(source, language.code) for name, source in self._sources.items()
        }
        self._files = editions.handouts(language.code)

    def __exit__(self, kind: type[BaseException] | None, *about: object) -> None:
        with self._exit:
            if kind is None:
                self._pool.close()
            else:
                self._pool.kill()

    def source(self, notebook: str) -> SourceNotebook:
        """What the gradebook of the temporary course knows of a notebook."""
        return self._sources[notebook]

    def grade(
        self,
        fillers: Mapping[str, Filler],
        show: Callable[[str], None] | None = None,
        *,
        until: Mapping[str, str] | None = None,
        all_cells: bool = False,
        together: bool = False,
    ) -> dict[str, Graded]:
        """Grade notebooks by id; `until` names a test cell of an id's, after which nothing is run.

        Such a one gets no scores for the later cells. `all_cells` runs those that are skipped, too.
        With `together`, all tests run beside the code, whatever is configured; what comes of that
        is not kept.
        """
        found: dict[str, Graded] = {}
        keys: dict[str, str] = {}
        show = show or _nothing
        kept, settings = self._known, self._settings
        if together:
            execute = {**settings.get("SandboxedExecute", {}), "judge": "together"}
            kept, settings = None, {**settings, "SandboxedExecute": execute}

        def work() -> Iterator[tuple[str, bytes]]:
            # The notebooks that take longest first.
            for id_ in sorted(fillers, key=notebook_of, reverse=True):
                notebook = self._prepare(id_, fillers[id_], (until or {}).get(id_), all_cells)
                keys[id_] = key_of(notebook, self._surroundings)
                known = kept.get(keys[id_]) if kept else None
                if known is not None:
                    show(id_)
                    found[id_] = known
                else:
                    yield id_, bundle.pack(notebook, self._files, settings, self._env)

        for id_, result in self._pool.run(work()):
            show(id_)
            found[id_] = _graded(result, self._sources[notebook_of(id_)])
            if kept and not found[id_].error:
                kept.put(keys[id_], found[id_])
        return {id_: found[id_] for id_ in fillers}

    def grade_with_stock(
        self, fillers: Mapping[str, Filler], show: Callable[[str], None] | None = None
    ) -> dict[str, Graded]:
        """The same with nbgrader alone."""
        ids = sorted(fillers, key=notebook_of, reverse=True)
        return with_nbgrader.grade(
            self._base,
            ids,
            lambda id_: self._filled(id_, fillers[id_]),
            self._env,
            self._jobs,
            show or _nothing,
        )

    def _filled(self, id_: str, filler: Filler) -> NotebookNode:
        return filler(deepcopy(self._released[notebook_of(id_)]))

    def _prepare(
        self, id_: str, filler: Filler, until: str | None, all_cells: bool
    ) -> NotebookNode:
        source = self._sources[notebook_of(id_)]
        if all_cells:
            source = replace(source, layout=replace(source.layout, skipped=()))
        notebook = prepare.prepare(self._filled(id_, filler), source).notebook
        if until is not None:
            names = [cells.grade_id(cell) for cell in notebook.cells]
            del notebook.cells[names.index(until) + 1 :]
        return notebook


def surroundings(course: Course, provisioner: Mapping[str, object]) -> str:
    """A fingerprint of what scores depend on, beside the cells that are run."""
    options = repr(sorted(provisioner.items()))
    return fingerprint.of_texts(fingerprint.of_machinery(course), options)


def key_of(notebook: NotebookNode, surroundings: str) -> str:
    """A fingerprint of all that the scores of a notebook depend on."""
    content = [
        (cell.cell_type, cells.grade_id(cell), cell.source, skipped.has_tag(cell))
        for cell in notebook.cells
    ]
    return fingerprint.of_texts(surroundings, json.dumps(content))


def _jobs(jobs: int | None) -> int:
    return jobs or system.notebooks_at_a_time()


def _nothing(id_: str) -> None:
    pass


def _read_course(
    base: Course, notebooks: Iterable[str], env: dict[str, str]
) -> tuple[dict[str, dict[str, object]], dict[str, SourceNotebook]]:
    """What nbgrader_config.py says to the engine, and the source as the gradebook knows it."""
    directory, before = os.getcwd(), dict(os.environ)
    os.environ.update(env)  # the configuration names the directory of the data
    try:
        stock = NbgraderSession(base)
        recorder = Recorder(stock.db_url, stock.course_id)
        try:
            paths = {name: base.source / f"{name}.ipynb" for name in notebooks}
            sources = {
                name: recorder.source(base.assignment, name, read_layout(path))
                for name, path in paths.items()
            }
        finally:
            recorder.close()
        return stock.settings(set(sources)), sources
    finally:
        os.chdir(directory)
        os.environ.clear()
        os.environ.update(before)


def _graded(result: Result, source: SourceNotebook) -> Graded:
    if result.notebook is None:
        return Graded(error=f"the engine could not grade it:\n{result.fault or result.refused}")
    run = {cells.grade_id(cell) for cell in result.notebook.cells}
    tests = {cell.name for cell in source.cells if cell.is_test} & run
    scores: dict[str, float | None] = {
        each.name: each.points
        for each in score.score(result.notebook, source)
        if each.name in tests
    }
    return Graded(scores, outputs_of(result.notebook))


@contextmanager
def _prepared(course: Course, notebooks: Iterable[str]) -> Iterator[tuple[Course, dict[str, str]]]:
    """A temporary course whose gradebook knows the assignment, and the environment for it."""
    with commands.temporary_course(course) as base:
        env = dict(_ONE_THREAD)
        for data in notebook_data.read_by(notebook_data.of_course(course), notebooks):
            env[data.variable] = str(_small_set(course, data, base.root / "data"))
        commands.generate(base, with_gradebook=True)
        yield base, env


def _small_set(course: Course, data: DataSet, below: Path) -> Path:
    """The directory of a small set, drawn by the course; of the real set if it draws none."""
    if not data.draw:
        return data.directory
    directory = below / data.variable
    directory.mkdir(parents=True)
    done = notebook_data.run(course, data.draw, directory)
    if done.returncode != 0:
        raise UserError(f"{data.draw} could not draw a small set:\n{done.stderr[-2000:]}")
    return directory
