"""Probes of the course's files: data, release, gradebook, the exchange."""

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from grader.basics.errors import GraderError
from grader.basics.words import counted
from grader.course.directory import Course
from grader.instructors.doctor.finding import Finding

# Patterns of git's: what the section Privacy of docs/term.md names.
_PRIVATE = (
    *("submitted", "collected", "autograded", "feedback", "report", "report-*", "backups"),
    *("explanations*.html", "explanations*.csv", "regrade.csv", "grades.csv"),
    *("canvas.csv", "moodle.csv", "grading.log", ".nbgrader.log"),
)
# Runs in a process of its own: it imports what the data's module needs, and reads all images.
_LOOK = """
import hashlib, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import svhn
directory = Path(sys.argv[2])
try:
    svhn.check(directory)
except svhn.DataError as error:
    sys.exit(f"DataError: {error}")
sums = {n: hashlib.md5((directory / n).read_bytes()).hexdigest() for n in svhn.MD5}
kind = "real" if sums == svhn.MD5 else "synthetic" if svhn.is_synthetic(directory) else "other"
print(kind, *(svhn._count(directory / name) for name in svhn.MD5))
"""
_KINDS = {
    "real": "the real house numbers, checksums right",
    "synthetic": "synthetic house numbers",
    "other": "house numbers that are neither the real files nor drawn by svhn.py",
}


def data(course: Course) -> Finding:
    """Which house numbers grading reads, and whether the files are whole."""
    usual = course.root / "data" / "synthetic"
    directory = Path(os.path.abspath(os.environ.get("SVHN_DIR") or usual))
    shown = course.show(directory)
    draw = "make data" if directory == usual else "Put the files there, or unset SVHN_DIR."
    if not directory.is_dir():
        return Finding("wrong", f"there is no {shown}, which 4-svhn reads", draw)
    done = subprocess.run(
        [sys.executable, "-B", "-c", _LOOK, str(course.source), str(directory)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=120,
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it stopped"])[-1]
        if said.startswith("DataError: "):
            # What svhn.py advises is for students; here the files can be drawn again.
            problem = said.removeprefix("DataError: ").partition(": unset")[0]
            return Finding("wrong", problem, draw)
        return Finding("wrong", f"{shown} cannot be looked at ({said})", "make setup")
    kind, train, test = done.stdout.split()
    found = f"{_KINDS[kind]}, {train} for training, {test} for testing ({shown})"
    if kind == "other":
        return Finding(
            "warning", found, "Scores may differ from those of others. To draw: make data"
        )
    return Finding("ok", found)


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
    return Finding("ok", f"{shown} is whole, {size}, {counted(number, 'submission')}")


def _database(db_url: str, shown: str) -> Finding:
    """Whether a gradebook that is no file can be read; its database keeps it whole itself."""
    import sqlalchemy as sa

    todo = "Look whether that database runs, and at c.CourseDirectory.db_url."
    try:
        engine = sa.create_engine(db_url)
        try:
            with engine.connect() as connection:
                if not sa.inspect(connection).has_table("submitted_assignment"):
                    return Finding("ok", f"{shown} is empty yet; course grade fills it")
                query = sa.text("SELECT count(*) FROM submitted_assignment")
                number = connection.execute(query).scalar_one()
        finally:
            engine.dispose()
    except ImportError as error:
        return Finding("wrong", f"{shown} needs the package {error.name}", "Install it with pip.")
    except sa.exc.SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).strip().splitlines()[-1]
        return Finding("wrong", f"{shown} cannot be read ({said})", todo)
    own = "backups are up to that database"
    return Finding("ok", f"{shown} can be read, {counted(number, 'submission')}; {own}")


def privacy(course: Course) -> Finding:
    """Whether git would publish students' work or grades."""
    gradebook = _own_gradebook(course)
    try:
        done = subprocess.run(
            ["git", "-C", str(course.root), "ls-files", "-z", "--", *_PRIVATE, f"{gradebook}*"],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        return Finding("ok", "git is not installed here")
    if done.returncode:
        return Finding("ok", "the course is in no git repository")
    tracked = {
        name if name.startswith(gradebook) else name.partition("/")[0]
        for name in done.stdout.split("\0")
    } - {""}
    if tracked:
        names = " ".join(sorted(tracked))
        todo = f"git rm -r --cached {names}; if it was pushed, others have it already."
        return Finding("wrong", f"git tracks students' work or grades: {names}", todo)
    return Finding("ok", "git tracks no students' work and no grades")


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
