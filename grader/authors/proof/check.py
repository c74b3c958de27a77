"""What an author runs after a change: are the exercises, and the proof of their tests, whole?"""

import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.authors.bank import answers, cache
from grader.authors.bank.answers import Answer
from grader.authors.bank.bench import Bench, grade
from grader.authors.bank.graded import Graded
from grader.authors.exercises import form, release, student_kit
from grader.authors.proof import messages, settings
from grader.authors.proof.mutation import analysis, equivalents, mutants, report
from grader.authors.proof.styles import variants
from grader.authors.translation import command as translation
from grader.basics import progress_bar
from grader.basics.terminal import say
from grader.basics.words import counted
from grader.course import release_diff
from grader.course.directory import Course
from grader.nbgrader_app import commands, opening
from grader.notebooks import cells, regions, skipped
from grader.translation import catalogue


@dataclass(frozen=True)
class Step:
    """One question, its answer, and, if the answer is no, what to do."""

    name: str
    said: str
    problems: str = ""
    to_do: str = ""
    is_last: bool = False  # the steps after it would say nothing


def run(course: Course, names: Sequence[str], jobs: int | None, *, quick: bool = False) -> int:
    """Ask all questions about the notebooks in `names`, or all; 0 if every answer is yes.

    Steps that were graded before with the same cells, tests and handouts are not graded again.
    `quick` takes the fixed samples of mutants and of other styles that the tests take, and runs
    the cells that grading does not run for the solution alone.
    """
    started, to_do = time.monotonic(), []
    with regions.of_config(course.config):
        for step in _steps(course, list(names), jobs, quick=quick):
            say(f"{step.name:12} {'ok' if not step.to_do else 'NO':3} {step.said}")
            if step.problems:
                say(_indented(step.problems))
            if step.to_do:
                to_do.append(f"{step.name}: {step.to_do}")
            if step.is_last:
                break
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    took = f"{minutes} min {seconds} s"
    if not to_do:
        say(f"\ncheck: nothing to do ({took})")
        return 0
    say(f"\ncheck: to do ({took})")
    say("\n".join(f"- {each}" for each in to_do))
    return 1


def _steps(course: Course, names: list[str], jobs: int | None, *, quick: bool) -> Iterator[Step]:
    step = _form(course, names)
    yield step
    if step.is_last:
        return
    yield _release(course)
    if catalogue.codes(course.root):
        yield _translation(course)
    chosen = names or course.names()
    with cache.opened(course) as kept, Bench(course, chosen, jobs, known=kept) as bench:
        bank = [answer for answer in answers.read_all(course) if answer.notebook in chosen]
        yield _reference(course, bench, bank)
        for code in catalogue.codes(course.root):
            yield _reference_in(course, code, bank, jobs)
        yield _skipped(course, bench, bank, quick=quick)
        graded = _grade(course, bench, bank)
        yield _answers(bank, graded)
        yield _messages(course, chosen, graded)
        yield _variants(course, bench, chosen, quick=quick)
        yield _mutants(course, bench, chosen, quick=quick)


def _form(course: Course, names: list[str]) -> Step:
    findings = form.check(course, names)
    errors = [finding for finding in findings if not finding.warning]
    if not errors:
        return Step("form", "the notebooks have their one form")
    return Step(
        "form",
        f"{len(errors)} things to mend",
        "\n".join(map(str, errors)),
        "run `course form --fix`, then mend what it still says. The other questions wait for that.",
        is_last=True,
    )


def _release(course: Course) -> Step:
    with commands.temporary_course(course) as fresh:
        commands.generate(fresh, with_gradebook=False)
        leaks = release.find_leaks(course, fresh.release)
        differing = release_diff.differences(fresh.release, course.release)
    if leaks:
        what = "students would see what they must not"
        return Step("release", what, "\n".join(leaks), "mend the source, then `course release`")
    if differing:
        lines = "\n".join(f"{name} {what}" for name, what in differing.items())
        return Step("release", "it is not what source/ makes", lines, "run `course release`")
    return Step("release", "equals a fresh generation from source/, and gives nothing away")


def _translation(course: Course) -> Step:
    """What the catalogues lack. What is not translated is no fault: the English stands in."""
    states = translation.states(opening.open_courses(course.root))
    said = "; ".join(f"{course.show(each.path)}: {each.told}" for each in states)
    broken = [
        f"{course.show(each.path)}: {why}, in the translation of {text!r}"
        for each in states
        for text, why in each.broken
    ]
    if broken:
        return Step("translation", said, "\n".join(broken), "mend these placeholders")
    if any(each.is_old for each in states):
        return Step("translation", said, "", "run `course translate`, then `course release`")
    return Step("translation", said)


def _grade(course: Course, bench: Bench, bank: list[Answer]) -> dict[str, Graded]:
    with progress_bar.shown("answers", len(bank)) as show:
        return bench.grade({each.id: answers.filler(course, each) for each in bank}, show)


def _reference(course: Course, bench: Bench, bank: list[Answer]) -> Step:
    references = [answer for answer in bank if answer.name == "reference"]
    fillers = {each.id: answers.filler(course, each) for each in references}
    failed = answers.compare(references, bench.grade(fillers))
    if not failed:
        return Step("reference", "the solutions pass all tests")
    beside = answers.compare(references, bench.grade(fillers, together=True))
    wrong = {(each.answer, each.cell) for each in beside}
    apart = [each.cell for each in failed if (each.answer, each.cell) not in wrong]
    to_do = "mend the solution, or the test." if len(apart) < len(failed) else ""
    if apart:
        to_do += (
            f" The solution passes {', '.join(apart)} in one process with the tests, but not "
            "apart from them: hand its functions only what goes from one process to another "
            '(docs/engine.md, "Apart: a judge"), or name the cell in '
            "c.SandboxedExecute.together in nbgrader_config.py."
        )
    return Step(
        "reference",
        f"a solution fails in {len(failed)} test cells",
        "\n".join(map(str, failed)),
        f"{to_do.strip()} The other questions wait for that.",
        is_last=True,
    )


def _reference_in(course: Course, code: str, bank: list[Answer], jobs: int | None) -> Step:
    """Whether the solutions pass in another language, too: a translation must change no score."""
    references = [answer for answer in bank if answer.name == "reference"]
    fillers = {each.id: answers.filler(course, each) for each in references}
    failed = answers.compare(references, grade(course, fillers, jobs, language=code))
    name = f"in {code}"
    if not failed:
        return Step(name, "the solutions pass all tests")
    to_do = (
        "a text that is data was translated. Take its translation out, and mark its line in the "
        "test with the comment `not translated`."
    )
    said = f"a solution fails in {len(failed)} test cells"
    return Step(name, said, "\n".join(map(str, failed)), to_do)


def _skipped(course: Course, bench: Bench, bank: list[Answer], *, quick: bool = False) -> Step:
    """Whether nothing needs the cells that grading does not run: by their names, and by running."""
    tagged, compared, problems = 0, 0, []
    for reference in (each for each in bank if each.name == "reference"):
        notebook = cells.read_notebook(course.source / f"{reference.notebook}.ipynb")
        here = sum(map(skipped.has_tag, notebook.cells))
        if not here:
            continue
        tagged += here
        needed = skipped.needs(skipped.teachers_steps(notebook.cells))
        problems += [
            f"{reference.notebook}, cell {each.reader}: uses {each.name}, which the cell "
            f"{each.skipped} binds or changes"
            for each in needed
        ]
        if not needed:  # else they are run
            others = [] if quick else _to_compare(course, bank, reference)
            problems += _differing(course, bench, [reference, *others])
            compared += 1 + len(others)
    if not problems:
        said = f"nothing needs what grading does not run: {counted(tagged, 'given cell')}"
        alike = f"; {counted(compared, 'answer')} graded with and without" if compared else ""
        return Step("skipped", said + alike)
    return Step(
        "skipped",
        "a cell that grading is not to run is needed",
        "\n".join(problems),
        f"take the tag {skipped.TAG} off the cell, or bind the name in a cell that runs. Until "
        "then all tagged cells of the notebook are run",
    )


def _to_compare(course: Course, bank: list[Answer], reference: Answer) -> list[Answer]:
    """The other answers to a notebook that are graded with its tagged cells run, too."""
    share = settings.read(course).skipped_shares.get(reference.notebook, 1)
    return [
        answer
        for answer in bank
        if answer.notebook == reference.notebook and answer.id != reference.id
        if zlib.crc32(answer.id.encode()) % share == 0
    ]


def _differing(course: Course, bench: Bench, compared: list[Answer]) -> Iterator[str]:
    """The tests with other points where all cells are run; for the solution, with another verdict.

    A mistake may be shown in other words, such as the numbers of an earlier call.
    """
    fillers = {answer.id: answers.filler(course, answer) for answer in compared}
    without, whole = (bench.grade(fillers, all_cells=all_cells) for all_cells in (False, True))
    for answer in compared:
        before, after = without[answer.id], whole[answer.id]
        if after.error:
            yield f"{answer.id}: it cannot be graded with the tagged cells run: {after.error}"
        for test, points in after.scores.items():
            of_words = (
                answer.name == "reference" and before.outputs.get(test) != after.outputs[test]
            )
            if before.scores.get(test) != points or of_words:
                yield (
                    f"{answer.id}, cell {test}: its verdict is another one where the tagged cells "
                    "are run"
                )


def _answers(bank: list[Answer], graded: dict[str, Graded]) -> Step:
    found = answers.compare(bank, graded)
    if not found:
        return Step("answers", f"all {len(bank)} get their scores")
    wrong = len({mismatch.answer for mismatch in found})
    return Step(
        "answers",
        f"{wrong} of {len(bank)} get other scores than expected",
        "\n".join(map(str, found)),
        "decide for each what is right: mend the test, or the `scores:` line of the answer",
    )


def _messages(course: Course, chosen: Sequence[str], graded: dict[str, Graded]) -> Step:
    # A message of checks.py may be reached in any of the notebooks; those of the student kit are
    # proven by the tool's own tests.
    shown = set(chosen)
    if shown == set(course.names()) and not student_kit.is_in(course, messages.CHECKS):
        shown.add(messages.CHECKS)
    found = [each for each in messages.unreached(course, graded) if each.notebook in shown]
    if not found:
        return Step("messages", "each message of a test is reached by a wrong answer")
    return Step(
        "messages",
        f"{len(found)} are reached by no wrong answer",
        "\n".join(map(str, found)),
        "add a wrong answer that leads to the message, or remove the message",
    )


def _variants(course: Course, bench: Bench, chosen: Sequence[str], *, quick: bool) -> Step:
    made = variants.sample(course) if quick else variants.variants(course)
    made = [each for each in made if each.notebook in chosen]
    graded = variants.grade(bench, course, made)
    rejected = variants.rejected(course, made, graded)
    if not rejected:
        return Step("styles", f"{len(made)} right answers in other styles get full points")
    return Step(
        "styles",
        f"{len(rejected)} of {len(made)} right answers in other styles lose points",
        "\n".join(rejected),
        "mend the test: it takes points off a right answer",
    )


def _mutants(course: Course, bench: Bench, chosen: Sequence[str], *, quick: bool) -> Step:
    made = mutants.read_all(course, chosen)
    made = mutants.sample(course, made) if quick else made
    outcomes = analysis.graded(course, bench, made)
    found = report.judge(outcomes, equivalents.read(course), whole=not quick)
    scores = ", ".join(f"{row.name} {row.score:.0%}" for row in found.notebooks)
    said = f"{len(made)} graded; killed of those not equivalent: {scores}"
    problems = "\n".join(report.attention(found))
    to_do = "see what is said of each mutant above" if problems else ""
    return Step("mutants", said, problems, to_do)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
