"""Texts and outputs of a notebook as HTML for a page: inert, valid, and without the network."""

import html
import re
import secrets
from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from grader.basics import safe_html
from grader.instructors.feedback import formulas
from grader.instructors.feedback.formulas import opening

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"\d{1,4}")
# Not valid any more, or ours: a cell's anchors and the look of a page are not the student's.
_DROPPED = frozenset(("align", "id"))
_OURS = re.compile(r"\bfb-")
_NO_ALT = "A picture without a description"
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_COLOUR_ALONE = re.compile(r"\x1b\[[0-9;?]*(?!K)[A-Za-z]")
_CLEAR_LINE = "\x1b[2K"
_MOVE = re.compile(r"(\r|\x08|\x1b\[[02]?K)")  # what moves back in a line, or clears it
_ENVIRONMENT = re.compile(r"\\begin\{|\\\\[\[(]")
_INVALID = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_LONGEST_MARKDOWN, _MOST_TAGS, _MOST_ENVIRONMENTS = 50_000, 4000, 100
_LONGEST = 100_000  # characters of one output


class Headings:
    """Gives each heading of a page its level: below the page's own ones, and none left out."""

    def __init__(self, above: int) -> None:
        self.above = self.last = above

    def level(self, asked: int) -> int:
        """The level of a heading that was written as one of level `asked`."""
        self.last = min(self.above + asked, self.last + 1, 6)
        return self.last


class Formulas:
    """Formulas that were found in a text; a mark stands for each until the HTML is clean."""

    _KEY = secrets.token_hex(8)  # of the process: nobody can know it who writes a text
    _PATTERN = re.compile(rf"formula-{_KEY}-(\d+)-")

    def __init__(self) -> None:
        self._known: list[tuple[str, bool]] = []

    def mark(self, tex: str, is_block: bool) -> str:
        """Remember a formula; returns its mark."""
        self._known.append((tex, is_block))
        return f"formula-{self._KEY}-{len(self._known) - 1}-"

    def as_html(self, text: str) -> str:
        """A text as HTML, with formulas in the place of their marks."""
        return self._PATTERN.sub(self._formula, html.escape(text, quote=False))

    def _formula(self, found: re.Match[str]) -> str:
        tex, is_block = self._known[int(found[1])]
        return formulas.as_html(tex, is_block=is_block)

    def as_text(self, text: str) -> str:
        """A text, such as that of an attribute, with TeX in the place of marks."""
        return self._PATTERN.sub(lambda found: f"${self._known[int(found[1])][0]}$", text)


class _Renderer(IPythonRenderer):  # type: ignore[misc]
    def __init__(self, found: Formulas, attachments: Any) -> None:
        super().__init__(escape=False, exclude_anchor_links=True, attachments=attachments)
        self._found = found

    def inline_math(self, body: str) -> str:
        return self._found.mark(body, False)

    def block_math(self, body: str) -> str:
        return self._found.mark(body, True)

    def latex_environment(self, name: str, body: str) -> str:
        return self._found.mark(f"\\begin{{{name}}}{body}\\end{{{name}}}", True)

    def _embed_image_or_attachment(self, src: str) -> str:
        try:
            return str(super()._embed_image_or_attachment(src))
        except Exception:  # an attachment that is not there
            return ""


class _Tidy(HTMLParser):
    """Fits clean HTML into a page. It only adds what this module writes itself."""

    def __init__(self, found: Formulas, headings: Headings) -> None:
        super().__init__()
        self._found, self._headings = found, headings
        self._open: list[str] = []  # the headings that are open, as they are now
        self._tables = 0
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Write a tag that opens."""
        attributes = dict(self._attributes(tag, attrs))
        if tag == "img":
            self.pieces.append(_picture(attributes))
            return
        if tag in _HEADINGS:
            tag = f"h{self._headings.level(_HEADINGS[tag])}"
            self._open.append(tag)
        elif tag == "table":
            self._tables += 1
            # Wider than a phone: it scrolls, not the page; and with the keyboard, too.
            self.pieces.append('<div class="fb-scroll" tabindex="0">')
        self.pieces.append(opening(tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        """Write a tag that closes."""
        if tag in _HEADINGS and self._open:
            tag = self._open.pop()
        self.pieces.append(f"</{tag}>")
        if tag == "table" and self._tables:
            self._tables -= 1
            self.pieces.append("</div>")

    def handle_data(self, data: str) -> None:
        """Write text."""
        self.pieces.append(self._found.as_html(data))

    def _attributes(
        self, tag: str, attributes: list[tuple[str, str | None]]
    ) -> Iterator[tuple[str, str]]:
        for name, given in attributes:
            value = given or ""
            if name in _DROPPED or (name == "class" and _OURS.search(value)):
                continue
            if name in ("width", "height") and not (tag == "img" and _NUMBER.fullmatch(value)):
                continue
            if name in ("colspan", "rowspan", "start") and not _NUMBER.fullmatch(value):
                continue
            yield name, self._found.as_text(value)


def _picture(attributes: dict[str, str]) -> str:
    """A picture that the page holds itself; of another one, its text."""
    alt = attributes.get("alt") or _NO_ALT
    if attributes.get("src", "").lower().startswith("data:"):
        return opening("img", {**attributes, "alt": alt})
    return f"<em>[picture that is not part of the page: {html.escape(alt, quote=False)}]</em>"


def from_markdown(source: str, headings: Headings, attachments: Any = None) -> str:
    """Markdown as HTML."""
    if len(source) > _LONGEST_MARKDOWN or _is_overloaded(source):
        return as_written(source)
    if attachments or len(source) > safe_html.QUICK:
        return _from_markdown(source, headings, attachments)
    page, headings.last = _kept(source, headings.above, headings.last)
    return page


@lru_cache(maxsize=1000)  # the pages of a class have the same texts around the answers
def _kept(source: str, above: int, last: int) -> tuple[str, int]:
    headings = Headings(above)
    headings.last = last
    return _from_markdown(source, headings, None), headings.last


def _from_markdown(source: str, headings: Headings, attachments: Any) -> str:
    found = Formulas()
    renderer = _Renderer(found, attachments or {})
    return _clean(MarkdownWithMath(renderer=renderer).render(source), found, headings)


def from_html(source: str, headings: Headings) -> str:
    """HTML of an output, without what could act or load."""
    if _is_overloaded(source):
        return as_written(source)
    return _clean(source, Formulas(), headings)


def _is_overloaded(source: str) -> bool:
    """Whether a text may keep the parsers busy for minutes, for no honest reason."""
    return source.count("<") > _MOST_TAGS or len(_ENVIRONMENT.findall(source)) > _MOST_ENVIRONMENTS


def as_written(source: str) -> str:
    """A text as plain text."""
    return f'<pre class="fb-out">{plain(source)}</pre>'


def _clean(source: str, found: Formulas, headings: Headings) -> str:
    tidy = _Tidy(found, headings)
    tidy.feed(safe_html.clean(source))
    tidy.close()
    return "".join(tidy.pieces)


def inline(source: str) -> str:
    """A line of Markdown, such as a heading, as HTML without a paragraph around it."""
    # "2. A title" is no list here.
    text = re.sub(r"^(\d+)([.)])", r"\1\\\2", source.replace("\n", " "))
    page = from_markdown(text, Headings(0)).strip()
    one = re.fullmatch(r"<p>((?:(?!</?p>).)*)</p>", page, re.DOTALL)
    return one[1] if one and "<a " not in page else html.escape(source)


def picture(data: Any, kind: str, metadata: Any) -> str:
    """An output that is a picture, as HTML; "" if its data are none."""
    text = "".join(data.split()) if isinstance(data, str) else ""
    if not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", text):
        return ""
    about = metadata.get(f"image/{kind}") if isinstance(metadata, dict) else None
    about = about if isinstance(about, dict) else {}
    alt, width = about.get("alt"), about.get("width")
    alt = html.escape(alt) if isinstance(alt, str) and alt else _NO_ALT
    wide = f' width="{width}"' if type(width) is int and 0 < width < 10_000 else ""
    return f'<img src="data:image/{kind};base64,{text}" alt="{alt}"{wide}>'


def plain(text: str) -> str:
    """Plain text as HTML: without colours, and each line as a terminal shows it in the end."""
    lines = (_COLOUR.sub("", line) for line in map(_overwritten, str(text).split("\n")))
    text = "\n".join(lines).strip("\n")
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}\n... {len(text) - _LONGEST:,} more characters ..."
    return html.escape(text)


def _overwritten(line: str) -> str:
    """What is left of a line after all that moved back in it and wrote over it."""
    if not _MOVE.search(line):
        return line
    left: list[str] = []
    at = 0
    for piece in _MOVE.split(_COLOUR_ALONE.sub("", line)):
        if piece == "\r":
            at = 0
        elif piece == "\b":
            at = max(0, at - 1)
        elif _MOVE.fullmatch(piece):  # to clear the line, or what follows
            at = 0 if piece == _CLEAR_LINE else at
            del left[at:]
        else:
            left[at : at + len(piece)] = piece
            at += len(piece)
    return "".join(left)


def valid_text(page: str) -> str:
    """A page without the characters that no HTML file, or no file at all, can hold."""
    return _INVALID.sub("\ufffd", page)


def language(text: str) -> str:
    """The language of an answer, "ko" or "", so that it is read aloud and set as what it is."""
    letters = len(_LETTER.findall(text))
    return "ko" if letters and len(_HANGUL.findall(text)) > letters / 2 else ""
