"""Carry over this engine's rows from a gradebook of the time when it knew one assignment only."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from nbgrader import api

_ASSIGNMENT, _NOTEBOOK = api.Assignment.__table__, api.Notebook.__table__
_SUBMISSION = api.SubmittedAssignment.__table__
_ABOUT_NOTEBOOK = "explanation/"  # then NOTEBOOK/CELL/STUDENT: how a row of course_made begins


def columns_of(connection: sa.Connection, table: sa.Table) -> set[str]:
    """The columns that a table has in the database; none if it is not there."""
    asked = sa.inspect(connection)
    if not asked.has_table(table.name):
        return set()
    return {column["name"] for column in asked.get_columns(table.name)}


def carry_over(connection: sa.Connection, tables: sa.MetaData) -> None:
    """Make those of `tables` anew that do not name the assignment of their rows, with these rows.

    A row belongs to the assignment that has its notebook; of several, to the one that its student
    handed in. What is about a student alone belongs to what that one handed in, and what is about
    neither to the assignment that most rows belong to.
    """
    old = {
        table.name: table
        for table in tables.sorted_tables
        if (there := columns_of(connection, table)) and "assignment" not in there
    }
    if not old:
        return
    whose = _Whose(connection)
    for table in old.values():
        rows = connection.execute(sa.text(f"SELECT * FROM {table.name}")).mappings().all()
        found = [{**row, "assignment": whose.assignment(row)} for row in rows]
        # Dropped rather than renamed: PostgreSQL would keep the name of its primary key.
        connection.execute(sa.text(f"DROP TABLE {table.name}"))
        table.create(connection)
        if found:
            connection.execute(sa.insert(table), found)


def of_assignment(
    connection: sa.Connection, rows: Iterable[sa.Row[Any]], assignment: str
) -> list[sa.Row[Any]]:
    """Those rows of a table which names no assignment that belong to this one."""
    whose = _Whose(connection)
    return [row for row in rows if whose.assignment(row._mapping) == assignment]


class _Whose:
    """Tells the assignment of a row that does not name it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._by_notebook: dict[str, list[str]] = defaultdict(list)
        asked = sa.select(_NOTEBOOK.c.name, _ASSIGNMENT.c.name)
        asked = asked.join_from(_NOTEBOOK, _ASSIGNMENT).order_by(_ASSIGNMENT.c.name)
        for notebook, assignment in connection.execute(asked).all():
            self._by_notebook[notebook].append(assignment)
        asked = sa.select(_SUBMISSION.c.student_id, _ASSIGNMENT.c.name)
        asked = asked.join_from(_SUBMISSION, _ASSIGNMENT)
        self._handed_in = {tuple(row) for row in connection.execute(asked)}
        self._count = Counter(assignment for _, assignment in self._handed_in)

    def assignment(self, row: Mapping[Any, Any]) -> str:
        """The assignment of a row of this engine's; "" where nothing tells it."""
        what = str(row.get("what", ""))
        if "notebook" in row:
            notebook, student = row["notebook"], row["student"]
        elif what.startswith(_ABOUT_NOTEBOOK):
            notebook, student = what.split("/")[1], what.rpartition("/")[2]
        elif "student" in row:
            student = row["student"]
            own = [each for name, each in self._handed_in if name == student]
            return self._most(own or self._count)
        else:
            return self._most(self._count)
        known = self._by_notebook.get(notebook, [])
        own = [each for each in known if (student, each) in self._handed_in]
        return self._most(own or known or self._count)

    def _most(self, names: Iterable[str]) -> str:
        return max(names, key=lambda name: (self._count[name], name), default="")
