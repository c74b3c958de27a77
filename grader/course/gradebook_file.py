"""Where the gradebook is: what c.CourseDirectory.db_url says, as a file and in words."""

from pathlib import Path

import sqlalchemy as sa

from grader.course.directory import Course


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
