"""Code as coloured HTML, as far as that is quick, and how much of a page may be worked on."""

import html
import re

from nbconvert.filters import Highlight2HTML

_LONGEST, _MOST = 20_000, 200_000  # characters of one cell, and of a page
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
        # Always Python: a notebook's own metadata could name any language. Not "ipython3", which
        # takes the cube of the length of blank lines.
        self._coloured = Highlight2HTML(pygments_lexer="python3")

    def html(self, source: str) -> str:
        """The code of a cell."""
        is_quick = len(source) <= _LONGEST and not _BLANK.search(source)
        if is_quick and self._allowance.take(source):
            return str(self._coloured(source))
        return f'<div class="highlight"><pre>{html.escape(source)}</pre></div>'
