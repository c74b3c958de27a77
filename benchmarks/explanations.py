"""Measures what it costs to put explanations into groups, by their number and their kind.

All have the same numbers, negations and directions in them: the dearest case.

    .venv/bin/python benchmarks/explanations.py 1000 2000 5000 10000
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from grader.instructors.explanations import alike, text
from tests.instructors.explanations.varied import KINDS, explanations


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[1000, 2000], metavar="ANSWERS")
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(_measured(options.sizes[0], options.kinds[0])))
        return
    print("| answers | | different | groups | s of the processor | ms an answer | MB more |")
    print("|---|---|---|---|---|---|---|")
    for kind in options.kinds:
        for size in options.sizes:
            command = [sys.executable, __file__, str(size), "--kinds", kind, "--one"]
            # Threads of matrix products that wait for each other take time of the processor, too.
            one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=one_thread)
            found = json.loads(done.stdout)
            print(
                f"| {size} | {kind} | {found['different']} | {found['groups']} "
                f"| {found['seconds']:.1f} | {1000 * found['seconds'] / size:.2f} "
                f"| {found['megabytes']:.0f} |",
                flush=True,
            )


def _measured(count: int, kind: str) -> dict[str, float]:
    """What the groups of so many answers cost, in this process."""
    plain = [text.plain(said) for said in explanations(count, kind)]
    alike.groups([*plain[:20], plain[0]])  # what is imported at the first call does not count
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    groups = alike.groups(plain)
    seconds = time.process_time() - started
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "different": len(set(plain)),
        "groups": len(groups),
        "seconds": seconds,
        "megabytes": (after - before) / 1024,
    }


if __name__ == "__main__":
    main()
