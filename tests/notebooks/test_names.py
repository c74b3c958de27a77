"""The names that a judge is told of a teacher's notebook."""

import string

from grader.notebooks.names import names


def test_names_of_one_statement_come_in_the_same_order_in_each_run() -> None:
    """A set of names has another order in each process; a judge must do the same each time."""
    several = list(string.ascii_lowercase)
    told = names([f"{', '.join(reversed(several))} = range({len(several)})"], [])
    assert list(told.learners) == several
