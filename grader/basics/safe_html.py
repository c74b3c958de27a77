"""Text of a student's as HTML in which nothing runs."""

import html
import re
from typing import Any

import bleach  # type: ignore[import-untyped]
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from grader.basics.limited import Limit, TooLong

QUICK = 2_000  # characters; no text of this length keeps the parsers busy
_SECONDS = 4  # for a longer one
AS_WRITTEN = "This text is shown as it was written, for it would take too long to lay it out."

TAGS = frozenset(
    (
        *("a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del"),
        *("details", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img"),
        *("ins", "kbd", "li", "mark", "ol", "p", "pre", "s", "small", "span", "strong", "sub"),
        *("summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var"),
    )
)
PROTOCOLS = ("http", "https", "mailto", "data")
_ATTRIBUTES = frozenset(
    ("align", "alt", "class", "colspan", "height", "id", "rowspan", "start", "title", "width")
)
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,", re.IGNORECASE)


@pass_context
def inert_markdown(context: Any, source: str) -> str:
    """Markdown as HTML in which nothing runs; in the place of nbconvert's filter markdown2html.

    nbconvert's own sanitizing leaves Markdown to the template, and nbgrader's has none.
    """
    attachments = context.get("cell", {}).get("attachments", {})
    if len(source) <= QUICK:
        return _rendered(source, attachments)
    try:
        return Limit(_SECONDS).call(lambda: _rendered(source, attachments))
    except TooLong:
        return f"<p>{AS_WRITTEN}</p><pre>{html.escape(source)}</pre>"


def _rendered(source: str, attachments: Any) -> str:
    renderer = IPythonRenderer(escape=False, attachments=attachments)
    page = MarkdownWithMath(renderer=renderer).render(source)
    return str(bleach.clean(page, tags=TAGS, attributes=is_harmless, protocols=PROTOCOLS))


def is_harmless(tag: str, name: str, value: str) -> bool:
    """Whether an attribute, as bleach asks about it, can do nothing."""
    if tag == "a" and name == "href":
        return not value.strip().lower().startswith("data:")
    if tag == "img" and name == "src":
        return not value.strip().lower().startswith("data:") or bool(_PICTURE.match(value))
    return name in _ATTRIBUTES
