"""How much of a page may be worked on; the rest is shown as it was written."""


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
