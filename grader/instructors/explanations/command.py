"""`course explanations`: write the page and the table; apply the table that a person filled in."""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.basics.errors import UserError
from grader.basics.terminal import say
from grader.basics.words import counted
from grader.course.directory import Course, put_tools_on_path
from grader.course.lock import alone, warn_if_locked
from grader.gradebook.manual import ManualGrade, ManualGradeChange
from grader.gradebook.recorder import Recorder
from grader.instructors.endings import ATTENTION, DONE, plain_errors
from grader.instructors.explanations import answers as read
from grader.instructors.explanations import decide, group, page, sheet
from grader.instructors.explanations.decide import Decided, Key, Plan
from grader.nbgrader_app.session import NbgraderSession

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

    Returns 0, or 1 if something that was decided was left out.
    """
    if (options.replace or options.dry_run) and not (options.apply or options.confirm):
        raise UserError("--dry-run and --replace say how to apply a table: --apply FILE")
    if options.replace and options.confirm:
        raise UserError("--confirm gives only points that a person gave; it replaces none.")
    put_tools_on_path()
    # Before nbgrader changes directory.
    table = options.apply.resolve() if options.apply else None
    with plain_errors():
        stock = NbgraderSession(course)
        if (path := stock.gradebook_file) is not None and not path.is_file():
            raise UserError(
                f"No answers have been graded yet: there is no gradebook {stock.gradebook_shown}. "
                "Grade the class first: course grade"
            )
        recorder = Recorder(stock.db_url, stock.course_id, stock.late_penalty())
        try:
            if table is None and not options.confirm:
                return _write(course, recorder)
            with alone(course):
                return _give(course, recorder, table, options)
        finally:
            recorder.close()


def _write(course: Course, recorder: Recorder) -> int:
    warn_if_locked(course)
    all_answers = read.read(course, recorder)
    made = [(answers, group.groups(answers)) for answers in all_answers]
    _keep_decisions(course, recorder, all_answers)
    page.write(course.made(page.NAME), made)
    sheet.write(course.made(sheet.NAME), [(answers.exercise, own) for answers, own in made])
    for answers, own in made:
        exercise, waiting = answers.exercise, sum(each.waiting for each in own)
        apart = sum(len(each.answers) for each in own if each.kind != read.ANSWER)
        say(
            f"{exercise.notebook}, {exercise.cell}: {len(answers.answers)} answers in {len(own)} "
            f"groups, {apart} set apart, {waiting} waiting"
        )
        if lost := sum(each.kind == read.ELSEWHERE for each in answers.answers):
            say(f"  {lost} of them may have answered in another cell; see there")
        if exercise.missing:
            say(f"  no rubric to show: {exercise.missing}")
    for (notebook, cell), waiting in recorder.waiting_tasks(course.assignment).items():
        say(
            f"{notebook}, {cell}: a task, {waiting} waiting; what answers it may stand in any "
            "cell, so grade it in the formgrader"
        )
    say(
        f"Open {course.show(course.made(page.NAME))} in a browser, decide, save; or fill in "
        f"{course.show(course.made(sheet.NAME))}. Then: "
        "course explanations --apply FILE"
    )
    return DONE


def _keep_decisions(
    course: Course, recorder: Recorder, all_answers: Iterable[read.Answers]
) -> None:
    """Put a table aside that holds decisions that are not in the gradebook, and say so.

    It is not refused: where an answer has changed since, or a person gave other points, applying
    the table would not bring all of it into the gradebook, and the next table would never come.
    """
    path = course.made(sheet.NAME)
    if not path.exists():
        return
    rows = sheet.read(path)
    if not any(row.decides for row in rows):
        return
    standings = _by_key(recorder.standings(course.assignment))
    decided = decide.decisions(rows, read.by_key(all_answers), standings)
    if not (unsaved := _unsaved(decided)):
        return
    kept = _free_name(path)
    path.rename(kept)
    say(f"{path.name} held decisions that are not in the gradebook. It is {kept.name} now:")
    for line in unsaved:
        say(f"  {line.format(apply=f'course explanations --apply {kept.name}')}")


def _unsaved(decided: Decided) -> list[str]:
    """What of a table is not in the gradebook, and what to do about each kind."""
    if decided.problems:
        return ["it has mistakes; this tells which: {apply}"]
    missing = Decided(
        [each for each in decided.decisions if not decide.is_given(each)],
        [each for each in decided.outdated if not decide.is_given(each)],
    )
    left = decide.plan(missing, replace=False)
    counts = {
        "never applied; to apply: {apply}": len(left.gifts),
        "left, for a person gave other; to change that: {apply} --replace": len(left.kept),
        "on an answer that is another now; decide on that in the new table": len(left.outdated),
    }
    return [f"{count} {what}" for what, count in counts.items() if count]


def _free_name(path: Path) -> Path:
    """The name under which a table is put aside: with the time, and of no other file."""
    name = f"{path.stem}-{datetime.now():%Y%m%d-%H%M%S}"
    numbered = (f"{name}-{number}" for number in itertools.count(2))
    names = itertools.chain([name], numbered)
    return next(free for each in names if not (free := path.with_name(each + path.suffix)).exists())


def _give(course: Course, recorder: Recorder, table: Path | None, options: Options) -> int:
    answers = read.by_key(read.read(course, recorder))
    plan = Plan()
    rows = sheet.read(table) if table else []

    def choose(standings: list[ManualGrade]) -> list[ManualGradeChange]:
        nonlocal plan
        there = _by_key(standings)
        if table is None:
            plan = decide.confirmed(answers, there)
        else:
            decided = decide.decisions(rows, answers, there)
            _refuse(table, decided)
            plan = decide.plan(decided, replace=options.replace)
        return [] if options.dry_run else plan.gifts

    recorder.update_manual_grades(course.assignment, choose)
    _tell(plan, options)
    return ATTENTION if plan.leaves_some else DONE


def _refuse(table: Path, decided: Decided) -> None:
    if problems := decided.problems:
        more = len(problems) - _MANY
        shown = [*problems[:_MANY], *([f"and {more} more"] if more > 0 else [])]
        raise UserError(
            f"{table.name} cannot be applied; nothing was written.\n  "
            + "\n  ".join(shown)
            + "\nMend these lines, or delete them, and apply the table again."
        )
    if not decided.decisions and not decided.outdated:
        raise UserError(f"{table.name} gives no points and no comments: fill them in first.")


def _by_key(standings: Iterable[ManualGrade]) -> dict[Key, ManualGrade]:
    return {standing.key: standing for standing in standings}


def _tell(plan: Plan, options: Options) -> None:
    """Print what is written, those together who get the same."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for gift in plan.gifts:
        alike[gift.standing.cell, _what(gift)].append(gift.standing.student)
    for (cell, what), students in sorted(alike.items()):
        names = ", ".join(sorted(students)[:_MANY])
        more = f" and {len(students) - _MANY} more" if len(students) > _MANY else ""
        say(f"{cell}: {what}: {names}{more}")
    if plan.kept:
        why = "graded since" if options.confirm else "a person gave other; --replace changes it"
        say(f"left as it is ({why}):")
        for line in plan.kept:
            say(f"  {line}")
    _tell_outdated(plan)
    count = len(plan.gifts)
    answers = counted(count, "answer")
    also = f"; {plan.same} had it already" if plan.same else ""
    if options.dry_run:
        say(f"Would be written: {answers}{also}. Nothing was.")
    else:
        say(f"Written: {answers}{also}." + (" New pages: course grade" if count else ""))


def _tell_outdated(plan: Plan) -> None:
    """Print what was decided on answers that are not there any more, and the way on."""
    if plan.outdated:
        say("left out (the answer is not the one that the table was made from):")
        for line in plan.outdated:
            say(f"  {line}")
        say("  To decide on the new answers, make a new table: course explanations")


def _what(gift: ManualGradeChange) -> str:
    said = []
    if gift.points is not None:
        old = gift.standing.points
        was = "" if old is None else " (again)" if old == gift.points else f" in place of {old:g}"
        said.append(f"{gift.points:g} points{was}")
    if gift.comment is not None:
        said.append(f"comment {decide.short(gift.comment)}")
    return ", ".join(said)
