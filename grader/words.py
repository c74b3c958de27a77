"""Numbers in sentences."""


def counted(number: float, word: str) -> str:
    """A number of things: "1 point", "2 points", "0.5 points"."""
    return f"{number:g} {word if number == 1 else word + 's'}"
