"""Measures what a notebook costs the grader's own process where workers of a cluster run it.

A scheduler and workers, with TLS, are started on this computer, and the example class of
class.toml, repeated under other names, is graded by `course grade --cluster`. What is printed is
the time of the processor of that command alone, which runs nothing of the notebooks: of a run that
grades all others, less one for the first student, which reaches the cluster, too.
benchmarks/scale.py measures the same without a cluster.

    .venv/bin/python benchmarks/cluster.py --students 50
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.engine import handed_in, processor_seconds
from grader.basics.system import cores
from grader.course.directory import Course
from tests.courses import COURSE
from tests.engine.cluster.machines import machines, make_certificates
from tests.running import PROGRAM


def seconds_of(command: list[str], course: Course) -> float:
    """Run a command in a course; the seconds of the processor that it took. Those of the cluster
    do not count, for it goes on.
    """
    log, before = course.root / "log", processor_seconds()
    with log.open("w") as output:
        code = subprocess.run(
            command,
            cwd=course.root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        ).returncode
    # 1: somebody must look at something, which is no matter here.
    if code not in (0, 1):
        sys.exit(f"{' '.join(command)} failed ({code}):\n{log.read_text()}")
    return processor_seconds() - before


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=50, metavar="N", help="default: 50")
    parser.add_argument("--notebooks", nargs="+", metavar="NAME", help="default: all")
    parser.add_argument("--workers", type=int, default=cores(), metavar="N")
    chosen = parser.parse_args()
    os.environ["SVHN_DIR"] = str(COURSE.root / "data" / "synthetic")
    names = [f"worker-{number}" for number in range(chosen.workers)]
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as base,
        handed_in(COURSE, chosen.notebooks or COURSE.names(), chosen.students) as course,
    ):
        first = min(path.name for path in course.submitted.iterdir())
        count = len(list(course.submitted.rglob("*.ipynb")))
        of_first = len(list((course.submitted / first).rglob("*.ipynb")))
        Path(base).chmod(0o755)
        tls = make_certificates(Path(base))
        with machines(Path(base), tls, *names) as cluster:
            command = [PROGRAM, "grade", "--no-feedback"]
            command += ["--cluster", cluster.address, "--tls", str(tls)]
            begins = seconds_of([*command, "--student", first], course)
            goes_on = seconds_of(command, course)
    more = count - 2 * of_first
    print(f"{count} notebooks of {chosen.students} students, {chosen.workers} workers")
    print(f"the grader's process: {begins:.1f} s of the processor for the first student, with the")
    print(f"start; {goes_on:.1f} s for all others: {1000 * (goes_on - begins) / more:.1f} ms for a")
    print("notebook")


if __name__ == "__main__":
    main()
