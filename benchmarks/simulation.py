"""Simulates the grading of a class of thousands on 1 to 256 workers, from recorded times.

Each notebook takes as long as one of its kind took in a course that was graded; which one is drawn
anew for each student, from a fixed seed. Grade it with no more notebooks at a time than there are
cores (`course grade --jobs N`), for a notebook that shares a core takes longer. The grader's own
process is one, and serves one notebook at a time: it prepares each before a worker has it, and
records it afterwards. Workers ask for nothing but notebooks, those that take longest first. Pages
are made at the end, by as many processes as the grader's machine has cores.

    python benchmarks/simulation.py COURSE --grader-ms GRADER --page-ms PAGE

`--grader-ms` and `--page-ms` are what benchmarks/cluster.py and benchmarks/engine.py --pages show
on the machine that is meant. With --picture, the curve is drawn into docs/scale.svg.
"""

import argparse
import heapq
import random
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_PICTURE = Path(__file__).resolve().parent.parent / "docs" / "scale.svg"


@dataclass(frozen=True)
class Machine:
    """What the grader's own machine needs, in seconds."""

    start: float  # until the first worker can begin
    grader: float  # of the grader's process, for a notebook
    page: float  # of one core, for the pages of a student


@dataclass(frozen=True)
class Simulated:
    """What a run would take, in seconds."""

    notebooks: float  # until the last one is recorded
    pages: float  # of one core
    grader: float  # in which the grader's process was busy before the pages
    each_worker: float  # in which one of them was busy, on average

    def with_pages(self, cores: int) -> float:
        """All of it, where the grader's machine makes the pages on so many cores."""
        return self.notebooks + self.pages / cores


def recorded(course: Path) -> dict[str, list[float]]:
    """Seconds that each graded notebook of a course took, by the notebook's name."""
    found: dict[str, list[float]] = defaultdict(list)
    asked = "SELECT notebook, seconds FROM course_run WHERE status = 'graded' AND seconds > 0"
    with sqlite3.connect(f"file:{course / 'gradebook.db'}?mode=ro", uri=True) as gradebook:
        for notebook, seconds in gradebook.execute(asked):
            found[notebook].append(seconds)
    return dict(found)


def drawn(times: dict[str, list[float]], students: int) -> list[float]:
    """Seconds of all notebooks of a class."""
    chance = random.Random(1)
    return [chance.choice(times[name]) for _ in range(students) for name in sorted(times)]


def simulate(work: Sequence[float], workers: int, students: int, machine: Machine) -> Simulated:
    """Run all notebooks, the longest first, on so many workers."""
    half = machine.grader / 2  # before a worker has it, and after
    waiting = sorted(work)  # the last is taken first
    free = machine.start  # when the grader's process can do something else
    running: list[float] = []  # when workers hand something back
    while waiting or running:
        # What was handed back by now is recorded before anything else is prepared.
        if running and (running[0] <= free or not waiting or len(running) > workers):
            free = max(free, heapq.heappop(running)) + half
        else:
            free += half
            begins = free if len(running) < workers else max(free, running[0])
            heapq.heappush(running, begins + waiting.pop())
    each_worker = sum(work) / workers
    return Simulated(free, students * machine.page, machine.grader * len(work), each_worker)


def table(results: Sequence[tuple[int, Simulated]], cores: Sequence[int]) -> str:
    """The results as Markdown, with the pages made on one or another number of cores."""
    heads = ["workers", "the notebooks", *(f"with pages, made on {n} cores" for n in cores)]
    heads += ["the workers are busy", "the grader's process is busy"]
    rows = [heads, ["---"] * len(heads)]
    for workers, each in results:
        times = (each.notebooks, *(each.with_pages(count) for count in cores))
        shares = (each.each_worker / each.notebooks, each.grader / each.notebooks)
        row = [str(workers), *map(_minutes, times), *(f"{share:.0%}" for share in shares)]
        rows.append(row)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _minutes(seconds: float) -> str:
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes >= 10 else f"{minutes:.1f} min"


def draw(results: Sequence[tuple[int, Simulated]], students: int, cores: int, path: Path) -> None:
    """Draw minutes against workers."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    settings: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "scale", "font.size": 9}
    with plt.rc_context(settings):
        figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
        counts = [workers for workers, _ in results]
        for label, style, minutes in (
            ("all", "o-", [each.with_pages(cores) / 60 for _, each in results]),
            ("the notebooks", "s-", [each.notebooks / 60 for _, each in results]),
            ("the pages alone", "--", [each.pages / cores / 60 for _, each in results]),
            ("the grader's process alone", ":", [each.grader / 60 for _, each in results]),
        ):
            axes.loglog(counts, minutes, style, label=label)
        axes.set(xlabel="workers", ylabel="minutes", title=f"{students:,} students, four notebooks")
        axes.set_xticks(counts, [str(count) for count in counts])
        axes.axhline(10, color="gray", linewidth=0.5)
        axes.legend()
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("course", type=Path, help="a course that was graded")
    parser.add_argument("--students", type=int, default=5000)
    parser.add_argument("--grader-ms", type=float, required=True, help="for a notebook")
    parser.add_argument("--page-ms", type=float, required=True, help="for a student")
    parser.add_argument("--start", type=float, default=10.0, help="seconds until workers begin")
    parser.add_argument(
        "--cores", type=int, nargs="+", default=[2, 64], help="of the grader's machine, for pages"
    )
    parser.add_argument("--picture", action="store_true", help="draw docs/scale.svg")
    chosen = parser.parse_args()
    times = recorded(chosen.course)
    if not times:
        sys.exit(f"{chosen.course} has no graded notebooks: run course grade there first.")
    for name, each in sorted(times.items()):
        mean = sum(each) / len(each)
        print(f"{name}: {len(each)} recorded, {mean:.2f} s on average, at most {max(each):.1f} s")
    work = drawn(times, chosen.students)
    print(f"{len(work):,} notebooks, {sum(work) / 3600:.1f} hours for one worker\n")
    machine = Machine(chosen.start, chosen.grader_ms / 1000, chosen.page_ms / 1000)
    results = [(workers, simulate(work, workers, chosen.students, machine)) for workers in WORKERS]
    print(table(results, chosen.cores))
    if chosen.picture:
        draw(results, chosen.students, chosen.cores[0], _PICTURE)


if __name__ == "__main__":
    main()
