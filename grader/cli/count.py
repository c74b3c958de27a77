"""A number on the command line."""

from argparse import ArgumentTypeError


def count(text: str) -> int:
    """How many of something: a whole number from 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise ArgumentTypeError(f"{text} is not a whole number from 1")
    return number
