"""`course new`: a small assignment that works, made from templates, to be changed into another one.

The templates are files beside this module: a teacher notebook and a few answers to it. All else
that an assignment has is made from these by the steps that make it anew after each change.
"""

import re
import shlex
import shutil
from pathlib import Path
from string import Template

from grader.authors.exercises import canonical, form, hidden_files, release, student_kit
from grader.basics import atomic
from grader.basics.errors import UserError
from grader.basics.terminal import say
from grader.course.directory import CONFIG, Course
from grader.nbgrader_app import commands, opening
from grader.notebooks import cells, regions

TEMPLATES = Path(__file__).parent / "templates"
# What a folder cannot be called on one of the systems of students and teachers, what a pattern of
# file names gives another meaning, and what nbgrader forbids.
_FORBIDDEN = re.compile(r'[+/\\:*?"<>|\[\]\x00-\x1f]')


def run(name: str, *, with_course: bool, directory: Path | None) -> int:
    """Make the assignment, and before it a course, if `with_course`. Returns 0.

    Raises UserError if the name cannot be one, or is taken, or if there is, or is no, course.
    """
    check_name(name)
    if with_course:
        _make_course(directory or Path.cwd())
    course = opening.open_for(name, directory)
    places = [course.source, course.answers, course.hidden, course.release]
    for place in places:
        if place.exists():
            raise UserError(f"{course.show(place)} is there already. Choose another name.")
    try:
        _make(course)
    except BaseException:  # also Ctrl-C: half an assignment would keep its name taken
        for place in places:
            shutil.rmtree(place, ignore_errors=True)
        raise
    (notebook,) = course.names()
    say(f"new: {course.show(course.source)}/ with the notebook {notebook} and the student kit")
    say(f"new: {', '.join(f'{course.show(place)}/' for place in places[1:])}")
    say(
        f"Change {course.show(course.source / f'{notebook}.ipynb')} into yours; then: "
        f"course check --assignment {shlex.quote(name)}"
    )
    return 0


def check_name(name: str) -> None:
    """Raise UserError if no assignment can have this name."""
    if name.strip() != name or not name:
        problem = "begins or ends with a space" if name.strip() else "is empty"
    elif found := _FORBIDDEN.search(name):
        problem = f"has {found[0]!r} in it"
    elif name.startswith((".", "-")) or name.endswith("."):
        problem = "begins with a full stop or a hyphen, or ends with a full stop"
    else:
        return
    raise UserError(
        f"An assignment cannot be called {name!r}: it {problem}. "
        "Use letters, digits and hyphens, as in week-1."
    )


def _make_course(directory: Path) -> None:
    """Write nbgrader's configuration and what git is to ignore into an empty directory."""
    directory = directory.resolve()
    if (directory / CONFIG).exists():
        raise UserError(f"{directory} is a course already. Leave out --course.")
    if directory.is_dir() and any(not path.name.startswith(".") for path in directory.iterdir()):
        raise UserError(
            f"{directory} is not empty. Make a course in a directory of its own: mkdir COURSE, "
            "cd COURSE, and the same command again."
        )
    course_id = re.sub(r"[^\w.-]+", "-", directory.name).strip("-.") or "course"
    for template in sorted(filter(Path.is_file, (TEMPLATES / "course").iterdir())):
        text = template.read_text(encoding="utf-8")
        if template.name == CONFIG:
            text = Template(text).substitute(course_id=course_id)
        if not (directory / template.name).exists():  # such as a .gitignore
            atomic.write_text(directory / template.name, text)
            say(f"new: {directory / template.name}")


def _make(course: Course) -> None:
    # Where pip installed them, it compiled the answers, too.
    for part, place in (("source", course.source), ("answers", course.answers)):
        shutil.copytree(TEMPLATES / "assignment" / part, place, ignore=commands.LITTER)
    with regions.of_config(course.config):
        for path in course.notebooks():
            notebook = cells.read_notebook(path)
            for cell in notebook.cells:
                cell.source = _with_own_delimiters(cell.source)
            atomic.write_text(path, canonical.text_of(notebook))
            hidden_files.take(course, path, notebook)
        student_kit.write_missing(course)
        wrong = [finding for finding in form.check(course) if not finding.warning]
    if wrong:
        raise UserError(f"The form of this course forbids what would be made. {wrong[0]}")
    release.make(course)


def _with_own_delimiters(source: str) -> str:
    """A template's cell with its regions marked as this course marks them."""
    for each in regions.delimiters():
        for word, delimiter in (("BEGIN", each.begin), ("END", each.end)):
            source = source.replace(f"### {word} {each.kind}", regions.written(delimiter))
    return source
