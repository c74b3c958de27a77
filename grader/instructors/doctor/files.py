"""Probes of the course's files: data, release, gradebook, the exchange."""

import os
import shlex
import sqlite3
import stat
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from grader.basics.errors import GraderError
from grader.basics.words import counted
from grader.course import gradebook_file, notebook_data
from grader.course.directory import Course
from grader.course.notebook_data import DataSet
from grader.instructors.doctor.finding import Finding, State, set_up

# Patterns of git's: what the section Privacy of docs/term.md names, but for Course.of_students.
_PRIVATE = (
    *("report", "report-*", "explanations*.html", "explanations*.csv", "regrade.csv", "grades.csv"),
    *("canvas.csv", "moodle.csv", "grading*.log", ".nbgrader.log*"),
    *("watch*.log*", ".course-watch*"),
)
_LOOK_SECONDS = 120
# What a program of the course that looks at data ends with; anything else is its own failure.
_STATES: dict[int, State] = {0: "ok", 3: "warning", 4: "wrong"}


def data(given: DataSet, course: Course) -> Finding:
    """Whether what some notebooks read is there, and what the course's own program says of it."""
    if missing := given.missing(course):
        return Finding("wrong", missing, given.make)
    shown = course.show(given.directory)
    if not given.look:
        return Finding("ok", f"{shown} has what {given.readers}")
    done = notebook_data.run(course, given.look, given.directory, _LOOK_SECONDS)
    state = _STATES.get(done.returncode)
    if state is None:
        said = (done.stderr.strip().splitlines() or ["it stopped"])[-1]
        return Finding("wrong", f"{shown} cannot be looked at ({said})", set_up(course))
    found, _, rest = done.stdout.strip().partition("\n")
    todo = rest or given.make
    return Finding(state, found if state == "wrong" else f"{found} ({shown})", todo)


def release(course: Course) -> Finding:
    """Whether students get what source/ makes."""
    from grader.course import release_diff
    from grader.nbgrader_app import commands

    if not course.release.is_dir():
        return Finding("ok", "there is none yet; course release makes it")
    with commands.temporary_course(course) as fresh:
        commands.generate(fresh, with_gradebook=False)
        differing = release_diff.differences(fresh.release, course.release)
    if differing:
        first, what = next(iter(differing.items()))
        more = f", and {len(differing) - 1} more" if len(differing) > 1 else ""
        return Finding("wrong", f"{first} {what}{more}", "course release")
    return Finding("ok", "is what source/ makes")


def gradebook(course: Course) -> Finding:
    """Whether the gradebook can be read and written, and is whole."""
    from grader.nbgrader_app.session import NbgraderSession

    stock = NbgraderSession(course)
    path, shown = stock.gradebook_file, stock.gradebook_shown
    if path is None:
        return _database(stock.db_url, shown)
    if not path.parent.is_dir():
        todo = f"mkdir -p {path.parent}, or mend c.CourseDirectory.db_url in {course.config.name}."
        return Finding("wrong", f"there is no directory for it: {shown}", todo)
    if not path.exists():
        return Finding("ok", f"there is none yet; course grade makes {shown}")
    size = f"{path.stat().st_size / (1 << 20):.1f} MB"
    back = "put back a copy of it (course regrade keeps some in backups/)"
    try:
        address = f"{path.resolve().as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, timeout=1)) as database:
            problems = [row[0] for row in database.execute("PRAGMA integrity_check(3)")]
            if problems != ["ok"]:
                return Finding("wrong", f"{shown} is damaged ({problems[0]})", f"Stop, and {back}.")
            number = database.execute("SELECT count(*) FROM submitted_assignment").fetchone()[0]
            database.execute("BEGIN IMMEDIATE")  # as a run does, and writes nothing
            database.execute("ROLLBACK")
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", "")
        if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            todo = "Close that, or wait until it ends (a run of course grade, the formgrader)."
            return Finding("warning", f"{shown} is in use by another program", todo)
        if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
            todo = "Allow writing to the file and to its directory."
            return Finding("wrong", f"{shown} cannot be written", todo)
        return Finding("wrong", f"{shown} cannot be read ({error})", f"Stop, and {back}.")
    gradebook_file.check_version_of_file(path, shown)
    return Finding("ok", f"{shown} is whole, {size}, {counted(number, 'submission')}")


def _database(db_url: str, shown: str) -> Finding:
    """Whether a gradebook on a server can be read and written, and is whole as far as it tells.

    Its files are the server's own matter.
    """
    import sqlalchemy as sa

    from grader.gradebook import whole
    from grader.gradebook.copy_to_file import has_submissions_table
    from grader.gradebook.database_errors import kind_of

    back = "Stop, and put back a backup of that database."
    try:
        engine = sa.create_engine(db_url)
        try:
            gradebook_file.check_version(engine, shown)
            with engine.connect() as connection:
                if not has_submissions_table(connection):
                    return Finding("ok", f"{shown} is empty yet; course grade fills it")
                if problem := whole.problem(connection):
                    return Finding("wrong", f"{shown} {problem}", back)
                query = sa.text("SELECT count(*) FROM submitted_assignment")
                number = connection.execute(query).scalar_one()
                whole.try_to_write(connection)
        finally:
            engine.dispose()
    except ImportError as error:
        return Finding("wrong", f"{shown} needs the package {error.name}", "Install it with pip.")
    except sa.exc.SQLAlchemyError as error:
        kind = kind_of(getattr(error, "orig", None))
        if kind == "busy":
            todo = "Close that, or wait until it ends (a run of course grade, the formgrader)."
            return Finding("warning", f"{shown} is in use by another program", todo)
        if kind == "denied":
            todo = "Let that user of the database write to it."
            return Finding("wrong", f"{shown} cannot be written", todo)
        said = str(getattr(error, "orig", None) or error).strip().splitlines()[-1]
        if kind == "damaged":
            return Finding("wrong", f"{shown} is damaged ({said})", back)
        todo = "Look whether that database runs, and at c.CourseDirectory.db_url."
        return Finding("wrong", f"{shown} cannot be read ({said})", todo)
    own = "backups are up to that database"
    found = f"{shown} has all tables, and every row can be read and written"
    return Finding("ok", f"{found}, {counted(number, 'submission')}; {own}")


def privacy(course: Course) -> Finding:
    """Whether git would publish students' work or grades."""
    gradebook = _own_gradebook(course)
    inside = [path for path in course.of_students if path.is_relative_to(course.root)]
    folders = [path.relative_to(course.root).as_posix() for path in inside]
    patterns = [*(f":(literal){folder}" for folder in folders), *_PRIVATE, f"{gradebook}*"]
    try:
        done = subprocess.run(
            ["git", "-C", str(course.root), "ls-files", "-z", "--", *patterns],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return Finding("ok", "git is not installed here")
    if done.returncode:
        return Finding("ok", "the course is in no git repository")
    tracked = {_whole(name, folders, gradebook) for name in done.stdout.split("\0") if name}
    if tracked:
        names = sorted(tracked)
        todo = f"git rm -r --cached {shlex.join(names)}; if it was pushed, others have it already."
        return Finding("wrong", f"git tracks students' work or grades: {' '.join(names)}", todo)
    return Finding("ok", "git tracks no students' work and no grades")


def _whole(name: str, folders: Sequence[str], gradebook: str) -> str:
    """What git should forget for a file that it tracks: the folder that the file is in, if any."""
    if name.startswith(gradebook):
        return name
    around = [folder for folder in folders if name.startswith(f"{folder}/")]
    return around[0] if around else name.partition("/")[0]


def _own_gradebook(course: Course) -> str:
    """The path of the gradebook in the course; the usual one, if it lies elsewhere."""
    try:
        from grader.nbgrader_app.session import NbgraderSession

        path = NbgraderSession(course).gradebook_file
    except (GraderError, ImportError):  # other probes tell
        path = None
    if path is None or not path.is_relative_to(course.root):
        path = course.gradebook
    return path.relative_to(course.root).as_posix()


def exchange(course: Course) -> Finding:
    """nbgrader's exchange, if students hand in by it."""
    from nbgrader.exchange.default import Exchange

    from grader.nbgrader_app.session import NbgraderSession

    config = NbgraderSession(course).config
    root = Path(Exchange(config=config).root)
    configured = "root" in config.Exchange
    if not root.is_dir():
        if not configured:
            found = "none; it is needed only if students hand in by nbgrader"
            return Finding("ok", found)
        todo = f"mkdir -p {root} && chmod ugo+rwx {root}"
        return Finding("wrong", f"c.Exchange.root is {root}, which is not there", todo)
    if not os.access(root, os.R_OK | os.W_OK | os.X_OK):
        return Finding("wrong", f"{root} cannot be written", f"As its owner: chmod ugo+rwx {root}")
    if not root.stat().st_mode & stat.S_IWOTH and not config.CourseDirectory.get("groupshared"):
        todo = f"chmod ugo+rwx {root}"
        return Finding("warning", f"{root} cannot be written by students", todo)
    return Finding("ok", f"{root} can be written")


def configuration(course: Course) -> Finding:
    """Whether nbgrader's configuration can be loaded."""
    from grader.nbgrader_app.session import NbgraderSession

    try:
        NbgraderSession(course).settings()
    except GraderError as error:
        return Finding("wrong", str(error), f"Mend {course.config.name}.")
    return Finding("ok", f"{course.config.name} is loaded by nbgrader")
