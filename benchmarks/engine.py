"""Measures what the engine gains over stock nbgrader, and where its own time and memory go.

Both grade the same class, by turns in each round, and each time in a fresh course directory:
stock nbgrader with `nbgrader autograde`, the engine with `course grade`, one notebook at a time
and several. The class is the example class of class.toml, repeated under other names.
Memory is sampled in runs of its own, for that slows them down.

The time of `course grade` has in it what stock nbgrader did before its time began (reading the
source into the gradebook), so the engine gains rather more than it says here.

    python benchmarks/engine.py --students 4 --rounds 3
"""

import argparse
import json
import os
import platform
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import nbformat
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from grader.authors.bank import answers
from grader.authors.exercises import example_class
from grader.basics import system
from grader.basics.errors import GraderError, UserError
from grader.course.directory import Course, put_tools_on_path
from grader.nbgrader_app import commands
from grader.notebooks import cells
from tests.courses import ASSIGNMENT, COURSE

STOCK = "stock nbgrader"
STOCK_PAGES = [sys.executable, "-m", "nbgrader", "generate_feedback", ASSIGNMENT]
NO_PAGES = "--no-feedback"
# The engine's own parts of a notebook's time, as they follow each other; "messages" is what the
# cells took beside the time that the kernel spent in them.
PARTS = ("prepare", "kernel", "messages", "shutdown", "score", "record")
# A kernel that took longer had to wait until its libraries were imported.
FIRST_KERNEL = 1.5
SAMPLE_SECONDS = 0.2
MB = 1 << 20

Scores = dict[tuple[str, str], float]
Times = dict[str, float]


@dataclass
class Memory:
    """The most memory that was seen, in bytes."""

    whole: int = 0  # of all processes; what they share is counted once (PSS)
    notebook: int = 0  # of the processes of one notebook, without what others share (USS)

    def sample(self, process: psutil.Process) -> None:
        """Look at a process and all below it."""
        private: dict[int, int] = defaultdict(int)
        whole = self._add(process, private, in_server=False, kernel=0)
        private.pop(0, None)
        self.whole = max(self.whole, whole)
        self.notebook = max(self.notebook, *private.values(), 0)

    def _add(
        self, process: psutil.Process, private: dict[int, int], *, in_server: bool, kernel: int
    ) -> int:
        whole = 0
        with suppress(psutil.Error):
            line = " ".join(process.cmdline())
            # Forks keep the command line of their server; the first one below it is an init.
            is_server = "grader.engine.kernels.forkserver" in line
            if not kernel and (in_server or "ipykernel_launcher" in line):
                kernel = process.pid
            info = process.memory_full_info()
            whole += info.pss
            private[kernel] += info.uss
            for child in process.children():
                whole += self._add(child, private, in_server=in_server or is_server, kernel=kernel)
        return whole


@dataclass
class Run:
    """What was measured of one command."""

    seconds: float
    scores: Scores
    pages: tuple[float, float] | None = None  # by the clock and of the processor, if asked for
    notebooks: dict[tuple[str, str], Times] = field(default_factory=dict)  # by student and name
    memory: Memory = field(default_factory=Memory)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns 0, or 1 if the scores are not the same in all runs."""
    options = _parser().parse_args(arguments)
    put_tools_on_path()
    course = COURSE
    notebooks = options.notebooks or course.names()
    ways = {_name(jobs): _grade(jobs) for jobs in options.jobs}
    if not options.no_stock:
        ways = {STOCK: [sys.executable, "-m", "nbgrader", "autograde", ASSIGNMENT], **ways}
    runs: dict[str, list[Run]] = {name: [] for name in ways}
    memory: dict[str, Memory] = {}
    private: dict[str, int] = {}
    with handed_in(course, notebooks, options.students) as template:
        count = len(list(template.submitted.rglob("*.ipynb")))
        for number in range(options.rounds):
            for name, command in ways.items():
                _say(f"round {number + 1} of {options.rounds}: {name}")
                runs[name].append(_run(template, name, command, pages=options.pages))
        if not options.no_memory:
            for name, command in ways.items():
                _say(f"memory: {name}")
                memory[name] = _run(template, name, command, sample=True).memory
            for notebook in notebooks:
                _say(f"memory: {notebook}")
                command = [*_grade(1), "--notebook", notebook]
                private[notebook] = _run(template, notebook, command, sample=True).memory.notebook
    _say("")
    _show_head(options.students, count, options.rounds)
    _show_ways(runs, memory, count)
    _show_pages(runs, options.students)
    for jobs in options.jobs:
        _show_split(jobs, runs[_name(jobs)])
    _show_private(private)
    return _compare_scores(runs)


def _parser() -> argparse.ArgumentParser:
    usual = system.notebooks_at_a_time()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=4, metavar="N", help="default: 4")
    parser.add_argument("--rounds", type=int, default=3, metavar="R", help="default: 3")
    parser.add_argument("--notebooks", nargs="+", metavar="NAME", help="default: all")
    parser.add_argument(
        "--jobs",
        type=int,
        nargs="+",
        default=[1, usual],
        metavar="N",
        help=f"notebooks at a time; default: 1, and what `course grade` takes ({usual})",
    )
    parser.add_argument("--no-stock", action="store_true", help="leave stock nbgrader out")
    parser.add_argument("--no-memory", action="store_true", help="do not measure memory")
    parser.add_argument("--pages", action="store_true", help="make the students' pages, too")
    return parser


def _say(text: str) -> None:
    print(f"\r\033[K{text}" if sys.stderr.isatty() else text, end="", file=sys.stderr, flush=True)
    if not sys.stderr.isatty() and text:
        print(file=sys.stderr)


def _name(jobs: int) -> str:
    return f"engine, {jobs} at a time"


def _grade(jobs: int) -> list[str]:
    program = str(Path(sys.executable).with_name("course"))
    return [program, "grade", NO_PAGES, "--jobs", str(jobs)]


@contextmanager
def handed_in(course: Course, notebooks: list[str], students: int) -> Iterator[Course]:
    """A course of these notebooks with a class whose work is not graded."""
    plan = example_class.read_plan(course)
    with commands.temporary_course(course) as made:
        made.release.mkdir(parents=True)
        shutil.copy2(course.requirements, made.requirements)
        for path in made.notebooks():
            if path.stem in notebooks:
                shutil.copy2(course.release / path.name, made.release)
            else:
                path.unlink()
        for number, (name, chosen) in enumerate(islice(cycle(plan.items()), students), 1):
            for notebook in notebooks:
                answer = chosen[notebook]
                if answer is None:
                    continue
                path = made.submitted / f"{name}-{number}" / ASSIGNMENT / f"{notebook}.ipynb"
                path.parent.mkdir(parents=True, exist_ok=True)
                released = cells.read_notebook(course.release / path.name)
                nbformat.write(answers.filler(course, answer)(released), path)
        yield made


def _run(
    template: Course,
    name: str,
    command: list[str],
    *,
    sample: bool = False,
    pages: bool = False,
) -> Run:
    """Grade a fresh copy of the class."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        course = Course(Path(directory, "course").resolve(), ASSIGNMENT)
        shutil.copytree(template.root, course.root)
        timings, log = Path(directory, "timings"), Path(directory, "log")
        env = {
            **os.environ,
            "COURSE_TIMINGS": str(timings),
            "SVHN_DIR": os.environ.get("SVHN_DIR") or str(COURSE.root / "data" / "synthetic"),
        }
        if name == STOCK:
            env["COURSE_STOCK"] = "1"
            commands.nbgrader(course, "generate_assignment", ASSIGNMENT, "--force", env=env)

        def timed(command: list[str]) -> float:
            started = time.monotonic()
            with log.open("w") as output:
                process = subprocess.Popen(
                    command,
                    cwd=course.root,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
                if sample:
                    _sample(process, run.memory)
                code = process.wait()
            # 1: somebody must look at something, which is no matter here.
            if code not in (0, 1):
                raise UserError(f"{name} failed ({code}):\n{commands.told(log.read_text())}")
            return time.monotonic() - started

        run = Run(0.0, {})
        run.seconds = timed(command)
        run.scores = _scores(course)
        if timings.exists():
            for line in timings.read_text().splitlines():
                told = json.loads(line)
                run.notebooks[told["student"], told["notebook"]] = _times(told)
        if pages:
            worked = processor_seconds()
            seconds = timed(STOCK_PAGES if name == STOCK else _with_pages(command))
            run.pages = seconds, processor_seconds() - worked
        return run


def _with_pages(command: list[str]) -> list[str]:
    return [each for each in command if each != NO_PAGES]


def processor_seconds() -> float:
    """Of all programs of this process that have ended, and of what these started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _sample(process: subprocess.Popen[bytes], memory: Memory) -> None:
    root = psutil.Process(process.pid)
    while process.poll() is None:
        memory.sample(root)
        time.sleep(SAMPLE_SECONDS)


def _times(told: Mapping[str, float]) -> Times:
    times = {part: float(told.get(part, 0.0)) for part in (*PARTS, "learner", "processor")}
    times["messages"] = float(told["cells"]) - times["learner"]
    return times


def _scores(course: Course) -> Scores:
    query = """
        SELECT a.student_id, n.name, SUM(g.auto_score) FROM grade g
        JOIN submitted_notebook s ON g.notebook_id = s.id
        JOIN notebook n ON s.notebook_id = n.id
        JOIN submitted_assignment a ON s.assignment_id = a.id
        GROUP BY a.student_id, n.name"""
    with closing(sqlite3.connect(course.gradebook)) as database:
        return {
            (student, name): float(sum_ or 0) for student, name, sum_ in database.execute(query)
        }


def _show_head(students: int, notebooks: int, rounds: int) -> None:
    packages = ("nbgrader", "nbclient", "ipykernel", "tensorflow", "numpy")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    memory = f"{psutil.virtual_memory().total // MB:,} MB of memory"
    print(f"{system.cores()} cores ({_processor()}), {memory}")
    print(f"Linux {platform.release()}, Python {platform.python_version()}, {versions}")
    print(f"{students} students, {notebooks} notebooks; {rounds} rounds: median (least to most)\n")


def _processor() -> str:
    with suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line for line in lines if "model name" in line).partition(":")[2].strip()
    return platform.machine()


def _show_ways(runs: Mapping[str, list[Run]], memory: Mapping[str, Memory], count: int) -> None:
    print(
        f"{'':22}{'seconds for the class':>26}{'a notebook':>12}{'stock / this':>24}{'peak MB':>9}"
    )
    for name, done in runs.items():
        seconds = [run.seconds for run in done]
        ratio = ""
        if STOCK in runs and name != STOCK:
            pairs = zip(runs[STOCK], done, strict=True)
            ratio = _spread([stock.seconds / run.seconds for stock, run in pairs], 2)
        peak = f"{memory[name].whole // MB:,}" if name in memory else ""
        each = f"{median(seconds) / count:.2f}"
        print(f"{name:22}{_spread(seconds, 1):>26}{each:>12}{ratio:>24}{peak:>9}")
    print()


def _show_pages(runs: Mapping[str, list[Run]], students: int) -> None:
    for name, done in runs.items():
        made = [run.pages for run in done if run.pages is not None]
        if made:
            seconds, worked = (median(each) for each in zip(*made, strict=True))
            print(
                f"{name:22} the pages: {seconds:.1f} s more; of the processor {worked:.1f} s, "
                f"{1000 * worked / students:.0f} ms a student"
            )
    print()


def _show_split(jobs: int, done: Sequence[Run]) -> None:
    """Where the time of a notebook goes, and what bounds the class's."""
    told = [times for run in done for times in run.notebooks.values()]
    if not told:
        print(f"{_name(jobs)}: it told no times\n")
        return
    warm = [times for times in told if times["kernel"] < FIRST_KERNEL]
    first = [times["kernel"] for times in told if times["kernel"] >= FIRST_KERNEL]
    print(f"{_name(jobs)}: milliseconds of a notebook's time that are not the learner's code")
    for part in PARTS:
        print(f"  {part:12}{_spread([1000 * times[part] for times in warm], 0):>24}")
    overhead = [sum(times[part] for part in PARTS) for times in warm]
    print(f"  {'in all':12}{_spread([1000 * seconds for seconds in overhead], 0):>24}")
    if first:
        print(f"  kernels that had to wait for their libraries: {_spread(first, 1)} seconds")
    wall = median([run.seconds for run in done])
    print(
        "  the learners' code and its tests, kernel and judge together; if nothing else took time:"
    )
    by = {"processor": "of the processor", "learner": "by the clock"}
    if jobs > system.cores():
        del by["learner"]  # it has in it what one waited for another
    for of, what in by.items():
        all_code = median([sum(times[of] for times in run.notebooks.values()) for run in done])
        limit = all_code / min(jobs, system.cores())
        print(
            f"  {all_code:8.1f} s {what:18} the class would take {limit:.1f} s instead of "
            f"{wall:.1f} s, which is {wall / limit:.2f} times as long"
        )
    _show_own_code(done)
    print()


def _show_own_code(done: Sequence[Run]) -> None:
    """What the code in a notebook and its tests cost, of right submissions and of all."""
    print("  seconds of the processor for such code, with full points and of all:")
    for notebook in sorted({name for run in done for _, name in run.notebooks}):
        of_it = [
            (times["processor"], run.scores.get(pair))
            for run in done
            for pair, times in run.notebooks.items()
            if pair[1] == notebook
        ]
        best = max((score for _, score in of_it if score is not None), default=None)
        right = [seconds for seconds, score in of_it if score == best]
        every = [seconds for seconds, _ in of_it]
        print(f"  {notebook:14}{_spread(right, 2):>24}{_spread(every, 2):>24}")


def _show_private(private: Mapping[str, int]) -> None:
    if private:
        print(
            "most private memory of a notebook in flight (kernel and init, or those of the judge)"
        )
        for notebook, size in private.items():
            print(f"  {notebook:16}{size // MB:>8} MB")
        print()


def _spread(numbers: Iterable[float], digits: int) -> str:
    """The median, the least and the most of some numbers."""
    found = sorted(numbers)
    if not found:
        return "-"
    least, middle, most = (f"{n:.{digits}f}" for n in (found[0], median(found), found[-1]))
    return f"{middle} ({least} to {most})"


def _compare_scores(runs: Mapping[str, list[Run]]) -> int:
    every = [run.scores for done in runs.values() for run in done]
    pairs = sorted({pair for scores in every for pair in scores})
    other = [pair for pair in pairs if len({scores.get(pair) for scores in every}) > 1]
    if not other:
        print(f"scores: the same in all {len(every)} runs, {len(pairs)} notebooks each")
        return 0
    print(f"scores: {len(other)} of {len(pairs)} notebooks not the same in all {len(every)} runs:")
    for student, notebook in other:
        found = {name: [run.scores.get((student, notebook)) for run in runs[name]] for name in runs}
        print(f"  {student}, {notebook}: {found}")
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GraderError as error:
        sys.exit(str(error))
