"""Copy a gradebook that is in any database into a file of SQLite's: all rows, as at one moment.

Only reading is asked of that database: no right to make tables there, and no tool of its own.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nbgrader import api

from grader.gradebook import attempts, runs

_AT_ONCE = 1000  # rows


def has_submissions_table(connection: sa.Connection) -> bool:
    """Whether there is a gradebook in a database, and not only the place for one."""
    return sa.inspect(connection).has_table(api.SubmittedAssignment.__tablename__)


def copy_rows(engine: sa.Engine, path: Path) -> None:
    """Copy the rows of nbgrader's tables, and of this engine's, into an empty file."""
    target = sa.create_engine(f"sqlite:///{path}")
    try:
        with _as_at_one_moment(engine) as source, target.begin() as copy:
            for table in tables_of(source):
                table.create(copy)
                for rows in rows_of(source, table):
                    copy.execute(sa.insert(table), [dict(row._mapping) for row in rows])
    finally:
        target.dispose()


def rows_of(connection: sa.Connection, table: sa.Table) -> Iterator[Sequence[sa.Row[Any]]]:
    """All rows of a table, some at a time: a class need not fit into memory."""
    options = {"yield_per": _AT_ONCE}
    yield from connection.execute(sa.select(table), execution_options=options).partitions()


def tables_of(connection: sa.Connection) -> list[sa.Table]:
    """The tables of a gradebook that are there; those that others refer to come first.

    An older version of this engine's tables has fewer columns.
    """
    there = sa.inspect(connection)
    found = [table for table in api.Base.metadata.sorted_tables if there.has_table(table.name)]
    for own in (*runs.TABLES, *attempts.TABLES, _VERSION):
        if there.has_table(own.name):
            columns = {column["name"] for column in there.get_columns(own.name)}
            kept = [
                sa.Column(
                    each.name, each.type, primary_key=each.primary_key, nullable=each.nullable
                )
                for each in own.columns
                if each.name in columns
            ]
            found.append(sa.Table(own.name, sa.MetaData(), *kept))
    return found


# nbgrader's version of its tables, which no class of nbgrader's describes.
_VERSION = sa.Table(
    "alembic_version", sa.MetaData(), sa.Column("version_num", sa.String(32), nullable=False)
)


@contextmanager
def _as_at_one_moment(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that sees nothing of what others write meanwhile."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection
        return
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ"}
    if engine.dialect.name == "postgresql":
        options["postgresql_readonly"] = True
    with engine.connect().execution_options(**options) as connection:
        yield connection
