"""Measures how far right and wrong answers stay from every numerical threshold of the tests."""

from collections.abc import Iterable, Mapping, Sequence

from grader.authors.bank import answers, cache
from grader.authors.bank.answers import Answer
from grader.authors.bank.bench import Bench
from grader.authors.bank.graded import Graded, notebook_of
from grader.authors.proof.margins import instrument
from grader.authors.proof.margins.instrument import Report
from grader.authors.proof.margins.rows import NARROW, Point, Row
from grader.authors.proof.margins.thresholds import Threshold
from grader.basics import progress_bar
from grader.basics.terminal import say
from grader.course.directory import Course


def run(course: Course, jobs: int | None, patterns: Sequence[str] = ()) -> int:
    """Grade the answers with instruments; write docs/margins.md and docs/margins.svg.

    With `patterns`, only the answers that match are graded, and nothing is written: the page is
    printed. Returns 1 if an answer got another score than without instruments.
    """
    from grader.authors.proof.margins import page  # which imports matplotlib

    chosen = answers.matching(course, patterns)
    thresholds = instrument.find(course)
    chosen = [each for each in chosen if thresholds[each.notebook]]
    graded = measure(course, chosen, jobs)
    found = answers.compare(chosen, graded)
    for mismatch in found:
        say(mismatch)
    if found:
        say("Mend these scores first (course answers): margins of wrong scores say nothing.")
        return 1
    notebooks = {answer.notebook for answer in chosen}
    made = rows(
        course, {name: thresholds[name] for name in thresholds if name in notebooks}, chosen, graded
    )
    if patterns:
        say(page.table(made))
        return 0
    page.write(course, made, chosen)
    narrow = sum(bool(row.narrow) for row in made)
    say(f"margins: {len(made)} thresholds, {narrow} with a margin below a factor of {NARROW:g}")
    for row in made:
        if row.narrow and page.note(row) is None:
            say(
                f"{row.threshold.cell}, {row.threshold.name}: a narrow margin. Move the threshold, "
                "or say in NOTES of grader/authors/proof/margins/page.py why it stays."
            )
    return 0


def measure(course: Course, chosen: Iterable[Answer], jobs: int | None) -> dict[str, Graded]:
    """Grade answers in a copy of the course whose test cells report their comparisons.

    What was graded before is taken from the cache.
    """
    fillers = {answer.id: answers.filler(course, answer) for answer in chosen}
    notebooks = map(notebook_of, fillers)
    with (
        instrument.instrumented(course) as copy,
        cache.opened(course) as known,
        Bench(copy, notebooks, jobs, known=known) as bench,
        progress_bar.shown("answers", len(fillers)) as show,
    ):
        return bench.grade(fillers, show)


def rows(
    course: Course,
    thresholds: Mapping[str, list[Threshold]],
    chosen: Iterable[Answer],
    graded: Mapping[str, Graded],
) -> list[Row]:
    """One row for each threshold, whether an answer came to it or not."""
    reported = {
        (answer.id, cell): instrument.reports(output)
        for answer in chosen
        for cell, output in graded[answer.id].outputs.items()
    }
    made = []
    for notebook, each in ((name, each) for name, found in thresholds.items() for each in found):
        row = Row(notebook, each)
        right: list[tuple[str, Report]] = []
        wrong: list[tuple[str, Report]] = []
        for answer in chosen:
            report = reported.get((answer.id, each.cell), {}).get(each.number)
            if report is None or answer.notebook != notebook:
                continue
            row.allowed = _widest(row.allowed, report.allowed)
            is_right = _is_right(course, answer, each)
            if is_right is not None:
                (right if is_right else wrong).append((answer.id, report))
        _place(row, right, wrong)
        made.append(row)
    return made


def _is_right(course: Course, answer: Answer, threshold: Threshold) -> bool | None:
    """Whether what the answer does in this test cell is right; None if the score cannot say it.

    An answer that is wrong elsewhere is right here if it has the full points of the cell.
    """
    if answer.kind == "right" or answer.name == "reference":
        return True
    full = answers.full_scores(course, answer.notebook)
    if answer.scores[threshold.cell] < full[threshold.cell]:
        return False
    return None if threshold.worthless else True


def _widest(
    known: tuple[float, float] | None, found: tuple[float, ...]
) -> tuple[float, float] | None:
    both = [*(known or ()), *found]
    return (min(both), max(both)) if both else None


def _place(row: Row, right: list[tuple[str, Report]], wrong: list[tuple[str, Report]]) -> None:
    below = any(report.below for _, report in right)
    above = any(report.above for _, report in right)
    if below and above:
        row.side = "both"
    elif below or above:
        row.side = "below" if below else "above"
    for id_, report in right:
        # Of a right answer, the measure that comes nearest on each side.
        row.right += [Point.of(pair[i], id_) for pair, i in _nearest(report) if pair]
    for id_, report in wrong:
        # A wrong answer is caught by its farthest measure on the other side.
        if row.side == "below":
            row.wrong += [Point.of(report.above[1], id_)] if report.above else []
        elif row.side == "above":
            row.wrong += [Point.of(report.below[0], id_)] if report.below else []
        else:
            row.wrong += [Point.of(pair[i], id_) for pair, i in _nearest(report) if pair]


def _nearest(report: Report) -> list[tuple[tuple[float, ...], int]]:
    return [(report.below, 1), (report.above, 0)]
