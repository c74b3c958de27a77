"""Code as coloured HTML, as far as that is quick, and how much of a page may be worked on."""

import html
import re
from functools import cache, lru_cache

from nbconvert.filters import Highlight2HTML

_LONGEST, _MOST = 20_000, 200_000  # characters of one cell, and of a page
_KEPT = 2_000  # characters; pages of a class have the same cells, most of which are short
_BLANK = re.compile(r"\s{300}")  # pygments takes the square of its length


class Allowance:
    """A number of characters that is used up. Parsers take seconds for each 100,000 at worst."""

    def __init__(self, characters: int) -> None:
        self._left = characters

    def take(self, text: str) -> bool:
        """Whether there is enough left for a text; if so, that is used."""
        if len(text) > self._left:
            return False
        self._left -= len(text)
        return True


class Code:
    """Colours the code of one page. What would keep pygments busy for minutes stays as it is."""

    def __init__(self) -> None:
        self._allowance = Allowance(_MOST)

    def html(self, source: str) -> str:
        """The code of a cell."""
        is_quick = len(source) <= _LONGEST and not _BLANK.search(source)
        if is_quick and self._allowance.take(source):
            return _kept(source) if len(source) <= _KEPT else _coloured(source)
        return f'<div class="highlight"><pre>{html.escape(source)}</pre></div>'


@lru_cache(maxsize=1000)
def _kept(source: str) -> str:
    return _coloured(source)


def _coloured(source: str) -> str:
    return str(_highlighter()(source))


@cache
def _highlighter() -> Highlight2HTML:
    # Always Python: a notebook's own metadata could name any language. Not "ipython3", which takes
    # the cube of the length of blank lines.
    return Highlight2HTML(pygments_lexer="python3")
