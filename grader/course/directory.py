"""Where things are in the course directory."""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from grader.basics.errors import UserError
from grader.basics.words import listed

CONFIG = "nbgrader_config.py"
LEFT_BEHIND = ("__pycache__", "*.pyc", ".ipynb_checkpoints")  # by Python and Jupyter
# Names that are never a notebook's or a handout's: hidden files, and what editors keep beside them.
ASIDE = (".*", "*~", "#*#")


@dataclass(frozen=True)
class Places:
    """The folders of nbgrader's steps: c.CourseDirectory.source_directory and so on."""

    source: str = "source"
    release: str = "release"
    submitted: str = "submitted"
    autograded: str = "autograded"
    feedback: str = "feedback"


@dataclass(frozen=True)
class Course:
    """The directories of one course, for one of its assignments.

    `root` is absolute, for nbgrader changes directory. An absolute path in `places` lies elsewhere.
    `others` are the course's other assignments.
    """

    root: Path
    assignment: str
    places: Places = Places()
    others: tuple[str, ...] = ()

    @property
    def source(self) -> Path:
        """The teacher notebooks and the handouts."""
        return self.root / self.places.source / self.assignment

    @property
    def release(self) -> Path:
        """What students get."""
        return self.root / self.places.release / self.assignment

    def release_in(self, language: str) -> Path:
        """The same in another language, by its code."""
        return self.root / f"{self.places.release}-{language}" / self.assignment

    @property
    def submitted(self) -> Path:
        """Students' work, to all assignments; a student's to this one: see `submission`."""
        return self.root / self.places.submitted

    @property
    def collected(self) -> Path:
        """Students' work as it came, every version."""
        return self.root / "collected"

    @property
    def autograded(self) -> Path:
        """Students' work after its tests have run."""
        return self.root / self.places.autograded

    @property
    def feedback(self) -> Path:
        """The pages that students get back."""
        return self.root / self.places.feedback

    @property
    def answers(self) -> Path:
        """The bank of right and wrong answers."""
        return self.root / "answers" / self.assignment

    @property
    def hidden(self) -> Path:
        """The hidden tests as files, one for each test cell."""
        return self.root / "hidden" / self.assignment

    @property
    def gradebook(self) -> Path:
        """Where nbgrader's database is, unless configured otherwise: see gradebook_file."""
        return self.root / "gradebook.db"

    @property
    def backups(self) -> Path:
        """Copies of the gradebook, made before what is graded is graded otherwise."""
        return self.root / "backups"

    @property
    def logs(self) -> Path:
        """Where the logs of a run are written."""
        return self.root

    @property
    def config(self) -> Path:
        """nbgrader's configuration."""
        return self.root / CONFIG

    @property
    def requirements(self) -> Path:
        """The pinned grading environment."""
        return self.root / "requirements.txt"

    @property
    def of_students(self) -> list[Path]:
        """The folders with students' work and grades, but for the gradebook's."""
        return [self.submitted, self.collected, self.autograded, self.feedback, self.backups]

    @property
    def private(self) -> list[Path]:
        """What no student's code may read: the course, and what of it may lie elsewhere.

        So is the gradebook, wherever it is: see gradebook_file.
        """
        each = each_of(self.root, [self.assignment, *self.others], self.places)
        of_authors = (path for one in each for path in (one.source, one.hidden, one.answers))
        return [self.root, *of_authors, *self.of_students]

    def notebooks(self) -> list[Path]:
        """The source notebooks, in the order of their names."""
        return sorted(path for path in self.source.glob("*.ipynb") if not is_aside(path.name))

    def names(self) -> list[str]:
        """The names of the notebooks: "1-complexity" and so on."""
        return [path.stem for path in self.notebooks()]

    def handouts(self) -> list[Path]:
        """What is published beside the notebooks."""
        return sorted(
            path
            for path in self.source.rglob("*")
            if path.is_file() and path.suffix != ".ipynb" and not is_litter(path)
            if not is_aside(path.relative_to(self.source))
        )

    def handout_contents(self) -> dict[str, bytes]:
        """What a notebook finds beside it when it is run, by path relative to the notebook."""
        return {
            path.relative_to(self.source).as_posix(): path.read_bytes() for path in self.handouts()
        }

    def submission(self, student: str) -> Path:
        """The folder of a student's work."""
        return self.submitted / student / self.assignment

    def executed(self, student: str, notebook: str) -> Path:
        """A student's notebook as it was run."""
        return self.autograded / student / self.assignment / f"{notebook}.ipynb"

    def pages(self, student: str) -> Path:
        """The folder of the pages that a student gets back."""
        return self.feedback / student / self.assignment

    def made(self, name: str) -> Path:
        """A file or folder in the course directory that is made for this assignment.

        It has the assignment in its name only where it would else be that of another, too.
        """
        plain = self.root / name
        if not self.others:
            return plain
        return plain.with_name(f"{plain.stem}-{self.assignment}{plain.suffix}")

    def show(self, path: Path) -> str:
        """`path` as a person in the course directory would write it."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)


def is_litter(path: Path) -> bool:
    """Whether `path` is something that Python or Jupyter left behind."""
    return _is_named(path, LEFT_BEHIND)


def is_aside(path: Path | str) -> bool:
    """Whether a path, relative to the folder of an assignment, is hidden or of an editor's."""
    return _is_named(Path(path), ASIDE)


def _is_named(path: Path, names: Sequence[str]) -> bool:
    return any(fnmatchcase(part, name) for part in path.parts for name in names)


def find_root(start: Path | None = None) -> Path:
    """The course directory that `start` (the current directory by default) lies in.

    Raises UserError if there is no nbgrader_config.py in it or above it.
    """
    start = (start or Path.cwd()).resolve()
    for directory in (start, *start.parents):
        if (directory / CONFIG).is_file():
            return directory
    raise UserError(
        f"{start} is not in a course: it has no {CONFIG}. "
        "Go to the course directory, or name it: course --course-dir DIRECTORY ... "
        "To start a course, in an empty directory: course new NAME --course"
    )


def assignments_in(source: Path) -> list[str]:
    """The names of the assignments whose teacher notebooks lie in a folder, sorted.

    One that is begun has no notebook yet.
    """
    with_notebooks = {path.parent.name for path in source.glob("[!.]*/[!.]*.ipynb")}
    return sorted(with_notebooks or {path.name for path in source.glob("[!.]*/")})


def each_of(root: Path, names: Sequence[str], places: Places) -> list[Course]:
    """The course for each of its assignments."""
    others = {name: tuple(other for other in names if other != name) for name in names}
    return [Course(root, name, places, others[name]) for name in names]


def in_usual_places(start: Path | None = None) -> list[Course]:
    """The course that `start` lies in, for each assignment, whatever its configuration says.

    None if the usual folder holds none. Raises UserError if there is no course.
    """
    root, places = find_root(start), Places()
    return each_of(root, assignments_in(root / places.source), places)


def chosen(courses: Sequence[Course], name: str) -> Course:
    """The one whose assignment has a name; raises UserError if there is none."""
    for course in courses:
        if course.assignment == name:
            return course
    there = listed([course.assignment for course in courses], 10)
    raise UserError(f"There is no assignment {name}. There are: {there}")


def put_tools_on_path() -> None:
    """Make the programs of this Python's environment findable.

    nbgrader runs the program `alembic` by its bare name when it makes a gradebook; without
    this, `.venv/bin/course`, called by its full path, could not find it.
    """
    programs = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", "")
    if path.split(os.pathsep)[0] != programs:
        os.environ["PATH"] = programs + os.pathsep + path
    if shutil.which("alembic") is None:
        raise UserError("The program alembic is missing. Set up the environment: make setup")
