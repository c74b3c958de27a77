"""Runs the mutation analysis: `course mutants`."""

from collections.abc import Sequence

from grader.authors.bank import cache
from grader.authors.bank.bench import Bench
from grader.authors.proof.mutation import equivalents, mutants, report
from grader.authors.proof.mutation.mutants import Mutant, Outcome
from grader.basics import progress_bar
from grader.basics.errors import UserError
from grader.basics.terminal import say
from grader.course.directory import Course

DOCUMENT = "docs/mutants.md"
_HEAD = """\
# The mutation analysis

`course mutants --write` made this page. A mutant is the reference solution of one cell with one
small change. It is killed if a test cell takes points off. It survives if no test does. A mutant
that is a right answer, though written in another way, is equivalent: these stand, each with the
reason, in [{path}](../{path}). The mutation
score is the share of killed mutants among those that are not equivalent.

"""


def run(
    course: Course,
    patterns: Sequence[str],
    jobs: int | None,
    *,
    only_sample: bool = False,
    afresh: bool = False,
    write: bool = False,
) -> int:
    """Grade mutants, print the table and what needs attention; 0 if nothing does.

    An interrupted run goes on where it was, for what was graded is kept; `afresh` forgets it.
    `write` puts the tables of all mutants into docs/.
    """
    if write and (patterns or only_sample):
        raise UserError("--write makes the page of all mutants: leave out PATTERN and --sample.")
    known = equivalents.read(course)
    chosen = mutants.read_all(course, patterns)
    if only_sample:
        chosen = mutants.sample(chosen)
    notebooks = {mutant.notebook for mutant in chosen}
    with (
        cache.opened(course, afresh=afresh) as kept,
        Bench(course, notebooks, jobs, known=kept) as bench,
    ):
        outcomes = graded(course, bench, chosen)
    found = report.judge(outcomes, known, whole=not (patterns or only_sample))
    say(report.as_text(found))
    if write:
        path = course.made(DOCUMENT)
        head = _HEAD.format(path=course.show(course.answers / equivalents.NAME))
        path.write_text(head + report.as_markdown(outcomes, found), encoding="utf-8")
        say(f"mutants: {course.show(path)} is written")
    return 1 if found.survivors or found.rejected or found.stale else 0


def graded(course: Course, bench: Bench, chosen: Sequence[Mutant]) -> list[Outcome]:
    """What the tests say of each mutant, with a progress bar."""
    with progress_bar.shown("mutants", len(chosen)) as show:
        return mutants.analyse(course, bench, chosen, show)
