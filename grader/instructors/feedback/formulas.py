"""Formulas as MathML, which browsers show without any script."""

import html
from collections.abc import Iterator, Mapping
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


def as_html(tex: str, *, is_block: bool) -> str:
    """A formula as HTML; as TeX where it cannot be converted."""
    display = "block" if is_block else "inline"
    try:
        if len(tex) > _LONGEST:
            raise ValueError("too long")
        tree = Converter(display=display).convert_to_element(tex.strip())
        made = "".join(_pieces(tree, tex.strip()))
    except Exception:  # of many kinds: a learner's formula can hold anything
        mark = "$$" if is_block else "$"
        return f'<code class="tex">{html.escape(f"{mark}{tex}{mark}", quote=False)}</code>'
    if not is_block:
        return made
    # On a phone a long one scrolls, not the page; and with the keyboard, too.
    focus = {"tabindex": "0"} if len(tex) > _SHORT else {}
    return f"{opening('span', {'class': 'fb-formula', **focus})}{made}</span>"


def _pieces(element: Element, tex: str = "") -> Iterator[str]:
    if element.tag not in _ELEMENTS:
        raise ValueError(f"unknown element {element.tag}")
    if len(element) != _CHILDREN.get(element.tag, len(element)):
        raise ValueError(f"{element.tag} with {len(element)} parts")  # of a formula cut short
    known = {name: _text(value) for name, value in element.items() if name in _ATTRIBUTES}
    if tex:
        known["alttext"] = tex
    yield opening(element.tag, known)
    if element.text:
        yield html.escape(_text(element.text), quote=False)
    for child in element:
        yield from _pieces(child)
        if child.tail:
            yield html.escape(_text(child.tail), quote=False)
    yield f"</{element.tag}>"


def _text(value: str) -> str:
    """A text without references to characters, which latex2mathml puts into it."""
    return html.unescape(value)


def opening(name: str, attributes: Mapping[str, str]) -> str:
    """The tag that opens an element."""
    written = (f' {key}="{html.escape(value)}"' for key, value in attributes.items())
    return f"<{name}{''.join(written)}>"
