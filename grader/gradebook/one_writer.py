"""The lock of the gradebook: while one program has it, no other can write."""

import sqlalchemy as sa

# What PostgreSQL lets nobody else write meanwhile.
LOCKED = ("student", "submitted_assignment", "submitted_notebook", "grade", "comment")


def lock(connection: sa.Connection, patience: float) -> None:
    """Take the lock until the transaction is over; others may read meanwhile.

    It is taken before anything is read, so that nobody changes what the new rows depend on, such as
    a person's points. `patience`: how many seconds to wait for another program on a server; with
    SQLite the connection says so.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"SET LOCAL lock_timeout = '{int(1000 * patience)}ms'"))
        tables = ", ".join(LOCKED)
        connection.execute(sa.text(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE"))
