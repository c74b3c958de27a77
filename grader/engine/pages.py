"""The pages that people open: no hidden test in them, and nothing of a student's that is alive."""

import re
from typing import Any

import bleach  # type: ignore[import-untyped]
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution

from grader.engine import hidden

_TAGS = frozenset(
    (
        *("a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del"),
        *("details", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img"),
        *("ins", "kbd", "li", "mark", "ol", "p", "pre", "s", "small", "span", "strong", "sub"),
        *("summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var"),
    )
)
_ATTRIBUTES = frozenset(
    ("align", "alt", "class", "colspan", "height", "id", "rowspan", "start", "title", "width")
)
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,", re.IGNORECASE)


class HideTests(NbGraderPreprocessor):  # type: ignore[misc]
    """Removes the hidden parts of test cells from a page."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, index: int
    ) -> tuple[NotebookNode, Any]:
        """Remove them from a cell."""
        if is_grade(cell) and not is_solution(cell):
            cell.source = hidden.without_hidden(cell.source)
        return cell, resources


@pass_context
def inert_markdown(context: Any, source: str) -> str:
    """Markdown as HTML in which nothing runs; in the place of nbconvert's filter markdown2html.

    nbconvert's own sanitizing leaves Markdown to the template, and nbgrader's has none.
    """
    attachments = context.get("cell", {}).get("attachments", {})
    renderer = IPythonRenderer(escape=False, attachments=attachments)
    page = MarkdownWithMath(renderer=renderer).render(source)
    return str(
        bleach.clean(
            page, tags=_TAGS, attributes=_is_harmless, protocols=["http", "https", "mailto", "data"]
        )
    )


def _is_harmless(tag: str, name: str, value: str) -> bool:
    if tag == "a" and name == "href":
        return not value.strip().lower().startswith("data:")
    if tag == "img" and name == "src":
        return not value.strip().lower().startswith("data:") or bool(_PICTURE.match(value))
    return name in _ATTRIBUTES
