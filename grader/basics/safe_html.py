"""Text of a student's as HTML in which nothing runs."""

import html
import re
from typing import Any

import nh3
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
_ATTRIBUTES = {
    "*": {
        *("align", "alt", "class", "colspan", "height", "id", "rowspan", "start", "title"),
        "width",
    },
    "a": {"href"},
    "img": {"src"},
}
_SCHEMES = {"http", "https", "mailto", "data"}
_TAG = re.compile(r"<(?=/?([a-zA-Z][^\s/<>]*)([^<>]*>)?)")
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
    return clean(page)


def clean(source: str) -> str:
    """HTML of anybody's without what acts or loads by itself.

    What is no known tag is shown as text, so that nothing is lost of `list<int>` or `i<b`.
    """
    return nh3.clean(
        _TAG.sub(lambda tag: "<" if tag[2] and tag[1].lower() in TAGS else "&lt;", source),
        tags=set(TAGS),
        clean_content_tags=set(),
        attributes=_ATTRIBUTES,
        attribute_filter=_harmless,
        url_schemes=_SCHEMES,
        link_rel=None,
    )


def _harmless(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute; None if the attribute must go."""
    if value.strip().lower().startswith("data:"):
        return value if (tag, name) == ("img", "src") and _PICTURE.match(value) else None
    return value
