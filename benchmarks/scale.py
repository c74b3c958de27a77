"""Measures what a class costs the grader's own process, by its size: time, queries and memory.

Nothing is executed for the class. First some notebooks are graded in truth, right and wrong ones;
then an executor that answers at once gives back what came of them, with each student's own texts.
All else is what a class goes through: an archive of Moodle's with a roster, collected, graded,
shown, graded once more with nothing new, reported, its answers grouped, its points exported. Only
pages are not rendered. Each step of each class is a process of its own; printed are the seconds
of the processor in the step, without imports (with them where it says "whole command").

    .venv/bin/python benchmarks/scale.py 100 1000 5000
"""

import argparse
import csv
import functools
import hashlib
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from grader.authors.bank import answers
from grader.basics.system import cores
from grader.course.directory import Course, put_tools_on_path
from grader.engine.execution.pool import LocalExecutors
from grader.notebooks import cells
from tests.contract import CONTRACT
from tests.courses import ASSIGNMENT, COURSE, hand_in
from tests.instructors.explanations.varied import explanations

KINDS = {
    "1-complexity": ("reference", "wrong/about-three-times", "untouched"),
    "2-tanh": ("reference", "wrong/prints-the-loss-object", "wrong/hard-tanh"),
    "3-backprop": ("reference", "right/by-the-handout", "untouched"),
    "4-svhn": ("reference", "wrong/prints-the-loss-object", "untouched"),
}
OFTEN_MISSING, EVERY = "4-svhn", 20  # this notebook of every so many students is missing
TEXTS = COURSE.root / "tests" / "instructors" / "explanations" / "texts.toml"
MANUAL = {
    cell.grade_id: name for name, own in CONTRACT.items() for cell in own if cell.kind == "manual"
}
STEPS = ("collect", "grade", "grade again", "report", "explanations", "export")
ROWS = (
    ("collect", "collect"),
    ("grade", "plan"),
    ("grade", "notebooks"),
    ("grade", "record"),
    ("grade", "feedback"),
    ("grade", "table"),
    ("grade again", "plan"),
    ("grade again", "feedback"),
    ("grade again", "whole command"),
    ("report", "report"),
    ("explanations", "explanations"),
    ("export", "export"),
)


# The class


def course_at(root: Path) -> Course:
    """A course like this one, without students."""
    course = Course(root, ASSIGNMENT)
    for directory in (COURSE.source, COURSE.release):
        made = root / directory.relative_to(COURSE.root)
        shutil.copytree(directory, made, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (COURSE.config, COURSE.requirements):
        shutil.copy(path, root)
    return course


def given(notebook: str, kind: str) -> nbformat.NotebookNode:
    """The released notebook, filled in as an answer of the bank."""
    released = cells.read_notebook(COURSE.release / f"{notebook}.ipynb")
    return answers.filler(COURSE, answers.find(COURSE, notebook, kind))(released)


def sentences() -> dict[str, list[str]]:
    """What students may write, by the cell that it answers."""
    with TEXTS.open("rb") as file:
        texts = {name: table["text"] for name, table in tomllib.load(file).items()}
    return {
        cell: [
            sentence.strip()
            for name, text in texts.items()
            if name.startswith(cell.removeprefix("explain-"))
            for sentence in text.split(". ")
        ]
        for cell in MANUAL
    }


def work_of(
    number: int, made: dict[str, list[str]], said: dict[str, list[str]], same_signs: Sequence[str]
) -> dict[str, str]:
    """A student's notebooks as text; `made` are the kinds of each. Everybody has own answers.

    These are made from the sentences in `said`, or stand in `same_signs`.
    """
    chance = random.Random(number)
    found = {}
    for name, kinds in made.items():
        if name == OFTEN_MISSING and number % EVERY == 0:
            continue
        text = kinds[number % len(kinds)]
        for cell, notebook in MANUAL.items():
            if notebook == name:
                own = ". ".join(chance.sample(said[cell], 3))
                own = same_signs[number - 1] if same_signs else own
                text = text.replace(json.dumps(f"answer to {cell}"), json.dumps(own))
        found[name] = text
    return found


def class_of(count: int, root: Path, *, same_signs: bool) -> Path:
    """What Moodle gives out: the archive of a class; and its roster beside it."""
    texts = explanations(count) if same_signs else []
    made = {}
    for name, kinds in KINDS.items():
        made[name] = []
        for kind in kinds:
            notebook = given(name, kind)
            for cell in notebook.cells:
                if cells.grade_id(cell) in MANUAL:
                    cell.source = f"answer to {cells.grade_id(cell)}"
            made[name].append(json.dumps(notebook))
    said = sentences()
    archive = root / "archive.zip"
    with (
        zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
        archive.with_name("roster.csv").open("w", encoding="utf-8", newline="") as file,
    ):
        roster = csv.writer(file)
        roster.writerow(["student_id", "name", "moodle_id", "email"])
        for number in range(1, count + 1):
            name, id_ = f"Given{number} Family{number % 97}", 100_000 + number
            roster.writerow([f"s{number:05}", name, id_, f"s{number:05}@example.org"])
            for notebook, text in work_of(number, made, said, texts).items():
                inside = f"{name}_{id_}_assignsubmission_file/{notebook}.ipynb"
                packed.writestr(inside, text)
    return archive


# The executor that answers at once


def _key(notebook: dict[str, Any]) -> str:
    """What an execution depends on: the code."""
    code = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return hashlib.sha256(json.dumps(code).encode()).hexdigest()


class Recording(Executor):
    """Hands on to a real executor, and keeps what comes back."""

    def __init__(self, real: Executor, kept: dict[str, str]) -> None:
        self._real, self._kept = real, kept

    def submit(self, function: Any, /, *work: Any, **_: Any) -> Future[Any]:
        future = self._real.submit(function, *work)
        if work:
            key = _key(json.loads(work[0])["notebook"])
            future.add_done_callback(lambda done: self._kept.update({key: done.result().decode()}))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._real.shutdown(wait, cancel_futures=cancel_futures)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class AtOnce(Executor):
    """Gives what was kept; `seconds` is what it takes itself, which is no part of the grader."""

    seconds = 0.0

    def __init__(self, kept: dict[str, str]) -> None:
        self._kept = kept

    def submit(self, function: Any, /, *work: Any, **_: Any) -> Future[Any]:
        started = time.process_time()
        done: Future[Any] = Future()
        done.set_result(self._answer(work[0]) if work else None)
        AtOnce.seconds += time.process_time() - started
        return done

    def _answer(self, packed: bytes) -> bytes:
        notebook = json.loads(packed)["notebook"]
        told = json.loads(self._kept[_key(notebook)])
        code = iter([cell for cell in told["notebook"]["cells"] if cell["cell_type"] == "code"])
        notebook["cells"] = [
            next(code) if cell["cell_type"] == "code" else cell for cell in notebook["cells"]
        ]
        return json.dumps({**told, "notebook": notebook}).encode()


def record(root: Path, file: Path) -> None:
    """Grade one notebook of each kind in truth, and keep what came of it."""
    from grader.instructors.grading import command

    course = course_at(root)
    for name, kinds in KINDS.items():
        for number, kind in enumerate(kinds):
            hand_in(course, f"kind-{number}", name, given(name, kind))
    kept: dict[str, str] = {}

    class Executors(LocalExecutors):
        def __call__(self, jobs: int) -> Executor:
            return Recording(super().__call__(jobs), kept)

    command.LocalExecutors = Executors  # type: ignore[misc]
    command.run(course, command.Options(feedback=False))
    file.write_text(json.dumps(kept), encoding="utf-8")


# What is measured


class Meter:
    """Seconds of the processor, without those of the executor, and queries, by what is done."""

    def __init__(self) -> None:
        self.queries = 0
        self.spent: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        sa.event.listen(sa.Engine, "before_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        self.queries += 1

    @contextmanager
    def measured(self, what: str) -> Iterator[None]:
        """Add what happens in the context."""
        started, asked = time.process_time() - AtOnce.seconds, self.queries
        yield
        self.spent[what] += time.process_time() - AtOnce.seconds - started
        self.asked[what] += self.queries - asked

    def wrap(self, place: Any, name: str, what: str) -> None:
        """Measure the calls of a function or a generator, where others find it."""
        function: Callable[..., Any] = getattr(place, name)

        @functools.wraps(function)
        def measured(*arguments: Any, **named: Any) -> Any:
            with self.measured(what):
                made = function(*arguments, **named)
                return iter(list(made)) if isinstance(made, Iterator) else made

        setattr(place, name, measured)


def _pages(session: Any, student: str, hindered: Sequence[str]) -> None:
    """In the place of rendering: pages that are there."""
    graded = session.course.autograded / student / ASSIGNMENT
    directory = session.course.feedback / student / ASSIGNMENT
    directory.mkdir(parents=True, exist_ok=True)
    for name in (*hindered, *(path.stem for path in graded.glob("*.ipynb"))):
        (directory / f"{name}.html").touch()


def _grade(course: Course, meter: Meter, kept: dict[str, str]) -> None:
    from grader.gradebook.recorder import Recorder
    from grader.instructors.feedback import make
    from grader.instructors.grading import command, table

    command.LocalExecutors = lambda _: lambda _: AtOnce(kept)  # type: ignore[misc, assignment]
    make.render.pages = _pages
    meter.wrap(command, "plan", "plan")
    meter.wrap(command, "grade_tasks", "notebooks")
    meter.wrap(Recorder, "record", "record")
    meter.wrap(command, "make_feedback", "feedback")
    for place, name in ((table, "rows"), (table, "show"), (command.totals, "totals")):
        meter.wrap(place, name, "table")
    command.run(course, command.Options(jobs=1))


def step(name: str, course: Course, kept: dict[str, str]) -> dict[str, Any]:
    """Do one step; returns what it cost."""
    put_tools_on_path()
    meter = Meter()
    if name in ("grade", "grade again"):
        _grade(course, meter, kept)
    elif name == "collect":
        from grader.instructors.collect import command as collect

        source, roster = course.root / "archive.zip", course.root / "roster.csv"
        with meter.measured(name):
            collect.run(course, collect.Options(source, roster=roster))
    elif name == "report":
        from grader.instructors.report import command as report

        with meter.measured(name):
            report.run(course, None)
    elif name == "explanations":
        from grader.instructors.explanations import command as explanations

        with meter.measured(name):
            explanations.run(course, explanations.Options())
    else:
        from grader.exporters import MoodleExporter
        from grader.nbgrader_app.session import NbgraderSession

        session = NbgraderSession(course)
        exporter = MoodleExporter(to=str(course.root / "moodle.csv"), comments=True)
        with session.gradebook() as gradebook, meter.measured(name):
            exporter.export(gradebook)
    meter.spent["whole command"] = time.process_time() - AtOnce.seconds
    meter.asked["whole command"] = meter.queries
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"spent": meter.spent, "asked": meter.asked, "peak": peak}


def measure(
    count: int, root: Path, results: Path, steps: Sequence[str], *, same_signs: bool
) -> dict[str, Any]:
    """All steps of a class, each in a process of its own."""
    course = course_at(root)
    class_of(count, root, same_signs=same_signs)
    found = {}
    for name in steps:
        out = root / "measured.json"
        command = [sys.executable, __file__, "--step", name, "--root", str(course.root)]
        command += ["--results", str(results), "--out", str(out)]
        with (root / f"{name}.log".replace(" ", "-")).open("w") as log:
            subprocess.run(command, check=True, stdout=log, stderr=log, cwd=COURSE.root)
        found[name] = json.loads(out.read_text(encoding="utf-8"))
        print(f"{count}: {name}: {found[name]}", file=sys.stderr, flush=True)
    return found


def show(measured: dict[int, dict[str, Any]]) -> None:
    """The tables, in Markdown."""
    sizes = list(measured)
    head = "".join(f" {count} |" for count in sizes)
    rule = "---|" * (len(sizes) + 1)
    for title, kind, form in (
        ("ms of the processor for a student", "spent", lambda n, count: f"{1000 * n / count:.2f}"),
        ("queries for a student", "asked", lambda n, count: f"{n / count:.2f}"),
        ("in all: s of the processor", "spent", lambda n, _: f"{n:.1f}"),
        ("in all: queries", "asked", lambda n, _: f"{n}"),
    ):
        print(f"\n| {title} |{head}\n|{rule}")
        for name, what in ROWS:
            if all(name in found for found in measured.values()):
                values = (form(measured[n][name][kind].get(what, 0), n) for n in sizes)
                label = name if name == what else f"{name}: {what}"
                print(f"| {label} |{''.join(f' {value} |' for value in values)}")
    print(f"\n| largest size of the process, MB |{head}\n|{rule}")
    for name in STEPS:
        if all(name in found for found in measured.values()):
            values = (f" {measured[n][name]['peak']:.0f} |" for n in sizes)
            print(f"| {name} |{''.join(values)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[100, 1000], metavar="STUDENTS")
    parser.add_argument("--steps", nargs="+", default=list(STEPS), choices=STEPS)
    parser.add_argument("--results", type=Path, help="keep what came of the kinds in this file")
    parser.add_argument("--keep", type=Path, help="make the classes in this directory, and stay")
    parser.add_argument(
        "--same-signs",
        action="store_true",
        help="all explanations have the same numbers, negations and directions, in other words",
    )
    for own in ("--step", "--root", "--out"):
        parser.add_argument(own, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        kept = json.loads(options.results.read_text(encoding="utf-8"))
        found = step(options.step, Course(Path(options.root), ASSIGNMENT), kept)
        Path(options.out).write_text(json.dumps(found), encoding="utf-8")
        return
    os.environ.setdefault("SVHN_DIR", str(COURSE.root / "data" / "synthetic"))
    with tempfile.TemporaryDirectory(prefix="scale-") as temporary:
        place = Path(options.keep or temporary).absolute()
        results = (options.results or place / "results.json").absolute()
        if not results.is_file():
            record(place / "kinds", results)
        measured = {
            count: measure(
                count,
                place / f"class-{count}",
                results,
                options.steps,
                same_signs=options.same_signs,
            )
            for count in options.sizes
        }
    print(f"{cores()} cores, Python {sys.version.split()[0]}")
    show(measured)


if __name__ == "__main__":
    main()
