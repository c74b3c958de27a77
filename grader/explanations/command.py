"""`course explanations`: write the page and the table; apply the table that a person filled in."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.course import ASSIGNMENT, Course, CourseError, put_tools_on_path
from grader.engine.byhand import Gift, Standing
from grader.engine.recorder import Recorder
from grader.explanations import decide, group, page, read, sheet
from grader.explanations.decide import Decision, Key, Plan
from grader.grade import ATTENTION, DONE, plain_errors
from grader.lock import alone
from grader.stock import Stock

_MANY = 10  # problems or names that are told at once


@dataclass(frozen=True)
class Options:
    """What to do; see the command line."""

    apply: Path | None = None
    replace: bool = False
    dry_run: bool = False
    confirm: bool = False


def run(course: Course, options: Options) -> int:
    """Write the page and the table, or apply one.

    Returns 0, or 1 if points or comments were left as a person gave them.
    """
    if (options.replace or options.dry_run) and not (options.apply or options.confirm):
        raise CourseError("--dry-run and --replace say how to apply a table: --apply FILE")
    if options.replace and options.confirm:
        raise CourseError("--confirm gives only points that a person gave; it replaces none.")
    put_tools_on_path()
    if not course.gradebook.is_file():
        raise CourseError("No answers have been graded yet. Grade the class first: course grade")
    # Before nbgrader changes directory.
    table = options.apply.resolve() if options.apply else None
    with plain_errors():
        stock = Stock(course)
        recorder = Recorder(stock.db_url, stock.course_id)
        try:
            if table is None and not options.confirm:
                return _write(course, recorder)
            with alone(course):
                return _give(course, recorder, table, options)
        finally:
            recorder.close()


def _write(course: Course, recorder: Recorder) -> int:
    all_answers = read.read(course, recorder)
    _keep_decisions(course, recorder, all_answers)
    made = [(answers, group.groups(answers)) for answers in all_answers]
    page.write(course.root / page.NAME, made)
    sheet.write(course.root / sheet.NAME, [(answers.exercise, own) for answers, own in made])
    for answers, own in made:
        exercise, waiting = answers.exercise, sum(each.waiting for each in own)
        apart = sum(len(each.answers) for each in own if each.kind != read.ANSWER)
        print(
            f"{exercise.notebook}, {exercise.cell}: {len(answers.answers)} answers in {len(own)} "
            f"groups, {apart} set apart, {waiting} waiting"
        )
        if lost := sum(each.kind == read.ELSEWHERE for each in answers.answers):
            print(f"  {lost} of them may have answered in another cell; see there")
        if exercise.missing:
            print(f"  no rubric to show: {exercise.missing}")
    print(
        f"Open {page.NAME} in a browser, decide, save; or fill in {sheet.NAME}. Then: "
        "course explanations --apply FILE"
    )
    return DONE


def _keep_decisions(
    course: Course, recorder: Recorder, all_answers: Iterable[read.Answers]
) -> None:
    """Refuse to write over decisions that are not in the gradebook."""
    path = course.root / sheet.NAME
    if not path.exists():
        return
    rows = sheet.read(path)
    if not any(row.decides for row in rows):
        return
    standings = _by_key(recorder.standings(ASSIGNMENT))
    decided, problems = decide.decisions(rows, read.by_key(all_answers), standings)
    left = decide.plan(decided, standings, replace=True)
    if problems or left.gifts:
        raise CourseError(
            f"{sheet.NAME} holds decisions that are not in the gradebook. Apply them (course "
            f"explanations --apply {sheet.NAME}), or move the file away; then run this again."
        )


def _give(course: Course, recorder: Recorder, table: Path | None, options: Options) -> int:
    answers = read.by_key(read.read(course, recorder))
    plan = Plan()
    rows = sheet.read(table) if table else []

    def choose(standings: list[Standing]) -> list[Gift]:
        nonlocal plan
        there = _by_key(standings)
        if table is None:
            plan = decide.confirmed(answers, there)
        else:
            decided, problems = decide.decisions(rows, answers, there)
            _refuse(table, problems, decided)
            plan = decide.plan(decided, there, replace=options.replace)
        return [] if options.dry_run else plan.gifts

    recorder.give(ASSIGNMENT, choose)
    _tell(plan, options)
    return ATTENTION if plan.kept else DONE


def _refuse(table: Path, problems: list[str], decided: list[Decision]) -> None:
    if problems:
        more = len(problems) - _MANY
        shown = [*problems[:_MANY], *([f"and {more} more"] if more > 0 else [])]
        raise CourseError(
            f"{table.name} cannot be applied; nothing was written.\n  " + "\n  ".join(shown)
        )
    if not decided:
        raise CourseError(f"{table.name} gives no points and no comments: fill them in first.")


def _by_key(standings: Iterable[Standing]) -> dict[Key, Standing]:
    return {standing.key: standing for standing in standings}


def _tell(plan: Plan, options: Options) -> None:
    """Print what is written, those together who get the same."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for gift in plan.gifts:
        alike[gift.standing.cell, _what(gift)].append(gift.standing.student)
    for (cell, what), students in sorted(alike.items()):
        names = ", ".join(sorted(students)[:_MANY])
        more = f" and {len(students) - _MANY} more" if len(students) > _MANY else ""
        print(f"{cell}: {what}: {names}{more}")
    if plan.kept:
        why = "graded since" if options.confirm else "a person gave other; --replace changes it"
        print(f"left as it is ({why}):")
        for line in plan.kept:
            print(f"  {line}")
    count = len(plan.gifts)
    answers = "1 answer" if count == 1 else f"{count} answers"
    also = f"; {plan.same} had it already" if plan.same else ""
    if options.dry_run:
        print(f"Would be written: {answers}{also}. Nothing was.")
    else:
        print(f"Written: {answers}{also}." + (" New pages: course grade" if count else ""))


def _what(gift: Gift) -> str:
    said = []
    if gift.points is not None:
        old = gift.standing.points
        was = "" if old is None else " (again)" if old == gift.points else f" in place of {old:g}"
        said.append(f"{gift.points:g} points{was}")
    if gift.comment is not None:
        line = " ".join(gift.comment.split())
        said.append(f"comment {line if len(line) <= 60 else line[:60] + '…'!r}")
    return ", ".join(said)
