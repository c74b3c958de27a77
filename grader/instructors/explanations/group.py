"""The groups in which a person reads the answers to one exercise."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from grader.instructors.explanations import alike, text
from grader.instructors.explanations.answers import (
    ANSWER,
    DELETED,
    ELSEWHERE,
    EMPTY,
    LONG,
    LOST,
    PICTURE,
    UNCHANGED,
    Answer,
    Answers,
)

# One by one, for their texts do not tell what is in them.
_SINGLE = (PICTURE, LONG, ELSEWHERE, LOST)
_NOTHING = (EMPTY, UNCHANGED, DELETED)


@dataclass(frozen=True)
class Group:
    """Answers that are read together: the first in full, of the others what differs.

    `label` names it within its exercise: a number, or why its answers are set apart.
    """

    label: str
    kind: str
    answers: tuple[Answer, ...]

    @property
    def waiting(self) -> int:
        """How many of its answers wait for a person."""
        return sum(answer.standing.waits for answer in self.answers)


def groups(all_answers: Answers) -> list[Group]:
    """The groups: first those in which somebody waits, the largest first; then the rest."""
    kinds: dict[str, list[Answer]] = defaultdict(list)
    for answer in sorted(all_answers.answers, key=lambda answer: answer.student):
        kinds[answer.kind].append(answer)
    found = _of_answers(kinds[ANSWER], all_answers.exercise.given)
    for kind in _SINGLE:
        found += [Group(f"{kind}-{n}", kind, (each,)) for n, each in enumerate(kinds[kind], 1)]
    found += [Group(kind, kind, tuple(kinds[kind])) for kind in _NOTHING if kinds[kind]]
    return found


def _of_answers(answers: Sequence[Answer], given: Collection[str]) -> list[Group]:
    texts = [text.plain(answer.said) for answer in answers]
    own = [text.without_quotes(each, given) for each in texts]
    places = alike.groups(texts)
    if own != texts:
        # A question that many quote makes their answers alike, whatever these say.
        places = [
            [each[place] for place in inner]
            for each in places
            for inner in alike.groups([own[place] for place in each])
        ]
        places.sort(key=len, reverse=True)
    made = [[answers[place] for place in each] for each in places]
    made.sort(key=lambda each: not any(answer.standing.waits for answer in each))  # stable
    return [Group(str(number), ANSWER, tuple(each)) for number, each in enumerate(made, 1)]
