"""The page explanations.html, on which a person reads the groups and decides; one file."""

import base64
import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import jinja2

from grader.basics import atomic
from grader.basics.safe_html import inert_markdown
from grader.basics.words import visible
from grader.instructors.explanations import differences
from grader.instructors.explanations.answers import Answers
from grader.instructors.explanations.group import Group

NAME = "explanations.html"
_HERE = Path(__file__).parent
_SHOWN = 4_000  # characters of an answer

WHY_APART = {
    "picture": "with a picture: shown below where it can be, else see the note",
    "long": "very long: read it in the formgrader",
    "elsewhere": "the student may have answered in another cell",
    "empty": "nothing in the cell",
    "unchanged": "as it was released",
    "deleted": "the cell was deleted",
    "lost": "the work is not there any more: confirm the points, or take them back",
}


def write(path: Path, exercises: Sequence[tuple[Answers, Sequence[Group]]]) -> None:
    """Write the page. Students' text is shown as typed, and nothing of it is alive."""
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"cut": cut, "visible": visible, "markdown": partial(inert_markdown, {})}
    template = environment.from_string((_HERE / "page.html.j2").read_text(encoding="utf-8"))
    script = (_HERE / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = template.render(
        exercises=exercises,
        pieces=differences.pieces,
        why_apart=WHY_APART,
        style=(_HERE / "page.css").read_text(encoding="utf-8"),
        script=script,
        # Only this script may run, and nothing may be fetched, whatever a student wrote.
        policy="default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    )
    atomic.write_text(path, page)


def cut(text: str) -> str:
    """The beginning of a long text."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} […]"
