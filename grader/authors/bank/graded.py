"""What became of a graded answer, and the names that stand for it."""

from dataclasses import dataclass, field


@dataclass
class Graded:
    """The scores of one notebook by test cell, the text each cell printed, or an error."""

    scores: dict[str, float | None] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    error: str = ""


def student_of(id_: str) -> str:
    """The student that stands for an answer."""
    return id_.replace("/", "--")


def notebook_of(id_: str) -> str:
    """The notebook that an answer is to."""
    return id_.split("/")[0]
