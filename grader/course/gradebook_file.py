"""Where the gradebook is: what c.CourseDirectory.db_url says, as a file and in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from grader.basics import packages
from grader.basics.errors import UserError
from grader.course.directory import Course

_POSTGRESQL = (
    f" The tool names one for PostgreSQL: {packages.how_to_install('postgresql')}; with it, the "
    "address begins with postgresql+psycopg://"
)


def check(course: Course, db_url: str) -> None:
    """Raise UserError if `db_url` is no address of a database."""
    try:
        sa.make_url(db_url).get_dialect()
    except (sa.exc.ArgumentError, ValueError):  # its text is not shown: it may hold a password
        raise UserError(
            f"c.CourseDirectory.db_url in {course.config.name} is no address of a database that "
            "SQLAlchemy knows. Write one like sqlite:////home/me/gradebook.db, or leave it out: "
            "then it is gradebook.db in the course directory."
        ) from None
    except ImportError:
        pass  # its driver is not installed; `engine_of` says so


def engine_of(url: sa.URL) -> sa.Engine:
    """The way to a database; raises UserError if the package for it is missing."""
    try:
        # A server may have been restarted since a connection to it was used last.
        return sa.create_engine(url, pool_pre_ping=url.get_backend_name() != "sqlite")
    except ImportError as error:
        raise UserError(
            f"The gradebook in c.CourseDirectory.db_url needs the package {error.name}. "
            "Install it with pip." + (_POSTGRESQL if url.get_backend_name() == "postgresql" else "")
        ) from None


@contextmanager
def opened(url: sa.URL) -> Iterator[sa.Engine]:
    """The same for a while."""
    engine = engine_of(url)
    try:
        yield engine
    finally:
        engine.dispose()


def check_version(engine: sa.Engine, name: str) -> None:
    """Raise UserError if the tables are those of another nbgrader; `name` is the gradebook's.

    One that has no tables yet, or does not say whose these are, is passed over.
    """
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return
        asked = sa.text("SELECT version_num FROM alembic_version")
        found = set(connection.execute(asked).scalars())
    known = nbgrader_versions()
    if not found or known[0] in found:
        return
    if found <= {*known}:
        raise UserError(
            f"The gradebook {name} is of an older nbgrader. Back it up, and bring it up to date in "
            "the course directory: nbgrader db upgrade"
        )
    raise UserError(
        f"The gradebook {name} is of an nbgrader that the one installed here does not know, such "
        "as a newer one. Install that one, or put back a copy of the gradebook."
    )


def check_version_of_file(path: Path, name: str) -> None:
    """The same of a gradebook that is a file, and there."""
    with opened(sa.make_url(f"sqlite:///{path}")) as engine:
        check_version(engine, name)


def note_version(engine: sa.Engine) -> None:
    """Note nbgrader's version of the tables in a gradebook, unless it is there.

    nbgrader does it for a database without tables, and starts a program to learn the version: that
    takes seconds, and a run that is killed after it has made the tables never gets a version.
    """
    if not sa.inspect(engine).has_table("alembic_version"):
        version = sa.table("alembic_version", sa.column("version_num"))
        head = nbgrader_versions()[0]
        with engine.begin() as connection:
            connection.execute(
                sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
            )
            connection.execute(sa.insert(version).values(version_num=head))


@cache  # a process that runs for long opens the gradebook again and again
def nbgrader_versions() -> tuple[str, ...]:
    """The versions of nbgrader's tables that the installed one knows, its own first."""
    from alembic.script import ScriptDirectory  # here, for nbgrader takes a second to import
    from nbgrader import dbutil

    scripts = ScriptDirectory(dbutil.ALEMBIC_DIR)
    return tuple(script.revision for script in scripts.walk_revisions())


def file_of(course: Course, db_url: str) -> Path | None:
    """The gradebook's file, there or not; None if it is in a database that is no file of SQLite's.

    nbgrader runs in the course directory, so a relative path begins there.
    """
    url = sa.make_url(db_url)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    # A database given as "file:..." is one that only SQLite itself can find.
    return None if url.query.get("uri") else course.root / str(url.database)


def shown(course: Course, db_url: str) -> str:
    """How a message names the gradebook: its file, or the address of its database."""
    path = file_of(course, db_url)
    if path is not None:
        return course.show(path)
    return sa.make_url(db_url).render_as_string(hide_password=True)
