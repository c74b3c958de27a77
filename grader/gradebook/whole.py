"""Whether a gradebook on a server is whole, as far as questions to it can tell."""

from typing import Any

import sqlalchemy as sa
from nbgrader import api

from grader.basics.words import counted
from grader.gradebook import one_writer
from grader.gradebook.copy_to_file import rows_of, tables_of


def problem(connection: sa.Connection) -> str:
    """What is wrong with the tables or their rows, in words; "" if nothing is.

    Every row is read, so what the server finds damaged raises SQLAlchemy's DatabaseError.
    """
    if (encoding := _encoding(connection)) not in ("", "UTF8"):
        return f"is in {encoding}, which cannot hold every name and text, as UTF-8 does"
    there = tables_of(connection)
    known = {table.name for table in there}
    if missing := [name for name in api.Base.metadata.tables if name not in known]:
        return f"lacks the table {missing[0]}"
    for table in there:
        for _ in rows_of(connection, table):
            pass
    for table in there:
        for key in table.foreign_keys:
            if count := connection.scalar(_leads_nowhere(key)):
                rows = counted(count, "row")
                return f"holds {rows} of the table {table.name} without those that they refer to"
    return ""


def try_to_write(connection: sa.Connection) -> None:
    """Do all that recording needs, and write no row; raises DatabaseError where that is denied."""
    one_writer.lock(connection, patience=1)
    for name in one_writer.LOCKED:
        connection.execute(sa.text(f"INSERT INTO {name} SELECT * FROM {name} WHERE 1 = 0"))


def _encoding(connection: sa.Connection) -> str:
    """The encoding of a database of PostgreSQL's; "" for another one."""
    if connection.dialect.name != "postgresql":
        return ""
    return str(connection.scalar(sa.text("SHOW server_encoding")))


def _leads_nowhere(key: sa.ForeignKey) -> sa.Select[Any]:
    """For queries: how many rows refer to one that is not there."""
    parent = sa.alias(key.column.table)
    own, other = key.parent, parent.c[key.column.name]
    asked = sa.select(sa.func.count()).select_from(key.parent.table)
    return asked.where(own.is_not(None), ~sa.exists().where(other == own))
