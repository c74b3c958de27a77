"""The way in nbgrader's tables from a submitted notebook to its student, name and assignment."""

from typing import TypeVar

import sqlalchemy as sa
from nbgrader import api

Query = TypeVar("Query", bound=sa.Select)  # type: ignore[type-arg]


def of_assignment(query: Query, assignment: str) -> Query:
    """The part of `query`, one that reads SubmittedNotebook, that belongs to an assignment.

    It can then name columns of SubmittedAssignment, Notebook and Assignment, too.
    """
    return (
        query.join(
            api.SubmittedAssignment,
            api.SubmittedAssignment.id == api.SubmittedNotebook.assignment_id,
        )
        .join(api.Notebook, api.Notebook.id == api.SubmittedNotebook.notebook_id)
        .join(api.Assignment, api.Assignment.id == api.SubmittedAssignment.assignment_id)
        .where(api.Assignment.name == assignment)
    )
