"""Formulas as MathML, which browsers show without any script."""

import html
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from latex2mathml.converter import Converter

_LONGEST = 2000  # characters; a longer formula is shown as it was written
_SHORT = 30  # characters; such a formula fits on a phone
_ELEMENTS = frozenset(
    (
        *("math", "mfrac", "mi", "mn", "mo", "mover", "mpadded", "mphantom", "mroot", "mrow"),
        *("mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr"),
        *("munder", "munderover"),
    )
)
# No links, styles and classes: a student's formula may hold any.
_ATTRIBUTES = frozenset(
    (
        *(
            "accent",
            "accentunder",
            "columnalign",
            "columnspan",
            "depth",
            "display",
            "fence",
            "form",
        ),
        *("height", "largeop", "linethickness", "lspace", "mathvariant", "maxsize", "minsize"),
        *("movablelimits", "rowspan", "rspace", "scriptlevel", "separator", "stretchy"),
        *("symmetric", "voffset", "width"),
    )
)

_CHILDREN = {
    **dict.fromkeys(("mfrac", "mover", "mroot", "msub", "msup", "munder"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}

Token = dict[str, Any]  # of html5lib


def tokens(tex: str, *, is_block: bool) -> Iterator[Token]:
    """A formula as tokens of html5lib; as TeX where it cannot be converted."""
    display = "block" if is_block else "inline"
    try:
        if len(tex) > _LONGEST:
            raise ValueError("too long")
        tree = Converter(display=display).convert_to_element(tex.strip())
        made = list(_tokens(tree, tex.strip()))
    except Exception:  # of many kinds: a learner's formula can hold anything
        mark = "$$" if is_block else "$"
        yield start("code", {"class": "tex"})
        yield {"type": "Characters", "data": f"{mark}{tex}{mark}"}
        yield end("code")
        return
    if not is_block:
        yield from made
        return
    # On a phone a long one scrolls, not the page; and with the keyboard, too.
    focus = {"tabindex": "0"} if len(tex) > _SHORT else {}
    yield start("span", {"class": "fb-formula", **focus})
    yield from made
    yield end("span")


def _tokens(element: Element, tex: str = "") -> Iterator[Token]:
    if element.tag not in _ELEMENTS:
        raise ValueError(f"unknown element {element.tag}")
    if len(element) != _CHILDREN.get(element.tag, len(element)):
        raise ValueError(f"{element.tag} with {len(element)} parts")  # of a formula cut short
    known = {name: _text(value) for name, value in element.items() if name in _ATTRIBUTES}
    if tex:
        known["alttext"] = tex
    yield start(element.tag, known)
    if element.text:
        yield {"type": "Characters", "data": _text(element.text)}
    for child in element:
        yield from _tokens(child)
        if child.tail:
            yield {"type": "Characters", "data": _text(child.tail)}
    yield end(element.tag)


def _text(value: str) -> str:
    """A text without references to characters, which latex2mathml puts into it."""
    return html.unescape(value)


def start(name: str, attributes: dict[str, str] | None = None) -> Token:
    """A tag that opens."""
    data = {(None, key): value for key, value in (attributes or {}).items()}
    return {"type": "StartTag", "namespace": None, "name": name, "data": data}


def end(name: str) -> Token:
    """A tag that closes."""
    return {"type": "EndTag", "namespace": None, "name": name, "data": {}}
