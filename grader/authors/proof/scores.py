"""Grade the answers of the bank, and print every score that is not as it must be."""

from collections.abc import Mapping

from grader.authors.bank import bench
from grader.authors.bank.answers import compare, filler, matching, score_text
from grader.authors.bank.graded import Graded
from grader.authors.proof import messages
from grader.basics import progress_bar
from grader.basics.terminal import say
from grader.course.directory import Course


def run(
    course: Course,
    patterns: list[str],
    jobs: int | None,
    *,
    against_stock: bool = False,
    with_messages: bool = False,
    language: str = "",
) -> int:
    """Grade the answers that match, print every score that is not as expected.

    With `against_stock`, they are graded by stock nbgrader, too, and every score in which the
    two differ is printed. `with_messages` prints what the tests tell the student of each. With
    `language`, they are filled into the release in that language.
    """
    answers = matching(course, patterns)
    fillers = {answer.id: filler(course, answer) for answer in answers}
    with progress_bar.shown("answers", len(fillers)) as show:
        graded = bench.grade(course, fillers, jobs, show, language=language)
    if with_messages:
        say("\n\n".join(messages.shown(course, graded[answer.id], answer) for answer in answers))
    found = compare(answers, graded)
    for mismatch in found:
        say(mismatch)
    wrong = len({mismatch.answer for mismatch in found})
    say(f"answers: {len(answers)} graded, {wrong} with other scores than expected")
    if not against_stock:
        return 1 if found else 0
    with progress_bar.shown("stock nbgrader", len(fillers)) as show:
        stock = bench.grade(course, fillers, jobs, show, stock=True)
    differing = differences(graded, stock)
    for line in differing:
        say(line)
    count = sum(len(each.scores) for each in stock.values())
    say(
        f"answers: {len(answers)} graded by stock nbgrader, too: {count} cells, "
        f"{len(differing)} with another score"
    )
    return 1 if found or differing else 0


def differences(ours: Mapping[str, Graded], stock: Mapping[str, Graded]) -> list[str]:
    """Every test cell, by answer, whose score is not the same in both; or why there is none."""
    found = []
    for id_ in ours:
        if stock[id_].error:
            found.append(f"{id_}: {stock[id_].error}")
        for cell in sorted({*ours[id_].scores, *stock[id_].scores}):
            mine, other = ours[id_].scores.get(cell), stock[id_].scores.get(cell)
            if mine != other:
                found.append(
                    f"{id_}, {cell}: {score_text(mine)}, stock nbgrader {score_text(other)}"
                )
    return found
