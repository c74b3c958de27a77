"""Where the gradebook is: what c.CourseDirectory.db_url says, as a file and in words."""

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
        return sa.create_engine(url)
    except ImportError as error:
        raise UserError(
            f"The gradebook in c.CourseDirectory.db_url needs the package {error.name}. "
            "Install it with pip." + (_POSTGRESQL if url.get_backend_name() == "postgresql" else "")
        ) from None


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
