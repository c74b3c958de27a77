"""Make the pictures of the guides, docs/pictures/*.png: python -m tests.browser.screenshots.

It hands out this course in temporary directories, fills in answers of the bank, grades the
example class, and photographs what students and instructors see. Nothing of the course itself
is touched but the pictures, and docs/pictures/pictures.json, which tells when they are old.
"""

import argparse
import io
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import copy, copytree

import nbformat
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from grader.authors.bank import answers
from grader.basics.errors import GraderError, UserError
from grader.course.directory import Course
from grader.nbgrader_app.commands import LITTER
from grader.notebooks import cells
from tests import chromium
from tests.browser.formgrader import Formgrader, set_exchange
from tests.browser.lab import Lab, draw, quiet
from tests.courses import ASSIGNMENT, COURSE, filled_in, run_course
from tests.docs import pictures
from tests.docs.pictures import NOTEBOOK
from tests.jupyter_server import serve

PICTURES = COURSE.root / "docs" / "pictures"
SIZE = (1280, 800)
CELL = "explain-complexity"
STUDENT = "about-three-times"  # of class.toml
COMMENT = "About 4 times, and why: twice the parameters, and each pass has twice the layers."


def main(argv: Iterable[str] | None = None) -> int:
    """Make the pictures; returns 0, or 2 with a message if that cannot be."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots")
    parser.add_argument("--of", choices=("students", "instructors"), help="only the pictures of")
    parser.add_argument("--no-svhn", action="store_true", help="do not grade 4-svhn, for a trial")
    options = parser.parse_args(None if argv is None else list(argv))
    try:
        if chromium.program() is None:
            raise UserError(chromium.MISSING)
        PICTURES.mkdir(exist_ok=True)
        with chromium.started() as browser:
            if options.of != "instructors":
                of_students(browser)
            if options.of != "students":
                of_instructors(browser, COURSE.names()[:3] if options.no_svhn else [])
    except GraderError as error:
        print(f"screenshots: {error}", file=sys.stderr)
        return 2
    return 0


def of_students(browser: Browser) -> None:
    """What a student sees in JupyterLab."""
    with temporary() as root, temporary() as home, ExitStack() as stack:
        quiet(home)
        given = {
            "untouched": cells.read_notebook(COURSE.release / f"{NOTEBOOK}.ipynb"),
            "wrong": wrong_answer(pictures.WRONG),
            "right": filled_in(COURSE, NOTEBOOK),
        }
        for folder, notebook in given.items():
            copytree(COURSE.release, root / folder, ignore=LITTER)
            nbformat.write(notebook, root / folder / f"{NOTEBOOK}.ipynb")
        url = stack.enter_context(serve(Course(root, ASSIGNMENT), home))
        windows = stack.enter_context(chromium.windows(browser, SIZE))

        def ran(folder: str) -> Lab:
            lab = Lab.open(windows.new_page(), url, f"{folder}/{NOTEBOOK}.ipynb", given[folder])
            lab.restart_and_run_all()
            return lab

        lab = ran("untouched")
        lab.stopped_at().click()
        lab.output("test-parameter-count").scroll_into_view_if_needed()
        save(lab.page, "not-filled-in")
        save(lab.validate(), "validate")
        for folder, name in (("wrong", "check-failed"), ("right", "check-passed")):
            lab = ran(folder)
            lab.output("test-parameter-count").first.scroll_into_view_if_needed()
            save(lab.cell("test-parameter-count"), name)


def wrong_answer(name: str) -> nbformat.NotebookNode:
    """The released notebook filled in with a wrong answer of the bank."""
    answer = answers.find(COURSE, NOTEBOOK, f"wrong/{name}")
    released = cells.read_notebook(COURSE.release / f"{NOTEBOOK}.ipynb")
    return answers.filler(COURSE, answer)(released)


def of_instructors(browser: Browser, notebooks: list[str]) -> None:
    """The formgrader with the example class, then the pages that its grading makes."""
    with temporary() as root, temporary() as home, temporary() as exchange:
        quiet(home)
        set_exchange(home, exchange)
        course = Course(root, ASSIGNMENT)
        for path in (COURSE.source, COURSE.release, COURSE.answers):
            copytree(path, root / path.relative_to(COURSE.root), ignore=LITTER)
        for path in (COURSE.config, COURSE.requirements):
            copy(path, root)
        draw(root / "data" / "synthetic", train=3000, test=600)  # as `make data` does
        run(course, "class")
        only = [word for name in notebooks for word in ("--notebook", name)]
        run(course, "grade", *only)
        with serve(course, home) as url, chromium.windows(browser, SIZE) as windows:
            page = windows.new_page()
            formgrader = Formgrader.open(page, url)
            save(page, "formgrader")
            formgrader.follow("Manual Grading", ASSIGNMENT, NOTEBOOK)
            formgrader.open_submission(STUDENT)
            formgrader.give(CELL, "2", COMMENT)
            save(page, "manual-grading")
        run(course, "grade", *only)  # the feedback now has the comment
        save_file(browser, course.feedback / STUDENT / ASSIGNMENT / f"{NOTEBOOK}.html", "feedback")
        run(course, "report")
        save_file(browser, course.root / "report" / "report.html", "report")
        run(course, "explanations")
        save_file(browser, course.root / "explanations.html", "explanations")


def run(course: Course, *arguments: str) -> None:
    """Run `course ...`; an example class has work that needs attention, so 1 is well, too."""
    done = run_course(course, *arguments)
    if done.returncode not in (0, 1):
        raise UserError(f"course {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


@contextmanager
def temporary() -> Iterator[Path]:
    """A directory that is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="pictures-") as directory:
        yield Path(directory).resolve()


def save_file(browser: Browser, path: Path, name: str) -> None:
    """The upper part of a page that lies in a file."""
    with chromium.windows(browser, SIZE) as windows:
        page = windows.new_page()
        page.goto(path.as_uri())
        save(page, name)


def save(what: Page | Locator, name: str) -> None:
    """A picture of a window or of a part of it, in 256 colours: half of the bytes."""
    shoot: Callable[..., bytes] = what.screenshot
    picture = Image.open(io.BytesIO(shoot(animations="disabled"))).convert("RGB")
    small = picture.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    path = pictures.picture(PICTURES, name)
    small.save(path, optimize=True)
    pictures.note(COURSE, PICTURES, [name])
    print(f"{COURSE.show(path)}  {picture.width} x {picture.height}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    sys.exit(main())
