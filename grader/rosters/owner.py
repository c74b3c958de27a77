"""Whose a submission is, and the name of a student in the gradebook."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Scheme = Literal[
    "moodle", "canvas", "exchange", "brightspace", "blackboard", "gradescope", "folder"
]


@dataclass(frozen=True)
class Owner:
    """Whose a submission is, as the platform wrote it; `number` is empty where there is none.

    `keys` are logins, numbers and addresses that may be the student's.
    """

    scheme: Scheme
    name: str
    number: str = ""
    keys: tuple[str, ...] = ()

    @property
    def student(self) -> str:
        """The name in the gradebook, if no roster gives another."""
        return safe_id(f"{self.name}_{self.number}" if self.number else self.name)

    def __str__(self) -> str:
        if self.scheme == "blackboard":
            return self.keys[-1]  # with the assignment: two may have one login by mistake
        return f"{self.name} ({self.number})" if self.number else self.name


def safe_id(text: str) -> str:
    """`text` as a name of a folder and of a student in the gradebook."""
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"[^\w.@+-]+", "-", text).strip("-.")
    while len(text.encode()) > 120:
        text = text[:-1]
    return text or "unnamed"
