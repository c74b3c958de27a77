"""The released notebooks as a student sees them: JupyterLab, its menus, the button Validate."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import nbformat
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect

from grader.authors.bank import answers
from grader.course.directory import Course
from grader.notebooks import cells
from grader.translation import catalogue
from tests import chromium
from tests.browser.lab import Lab, draw, quiet
from tests.courses import ASSIGNMENT, COURSE, filled_in
from tests.jupyter_server import serve

# Where a released notebook stops, and the exercise that the cell belongs to.
# By notebook: the cell where a run stops, the exercise, and what is said.
STOPS = {
    "1-complexity": ("test-parameter-count", "Exercise 1.1", "Not filled in yet: parameter_count."),
    "2-tanh": ("try-tanh", "Exercise 2.1", "Replace this line by your code."),
    "3-backprop": (
        "test-loss-evaluations",
        "Exercise 3.1",
        "Not filled in yet: loss_evaluations.",
    ),
    "4-svhn": ("epochs", "Exercise 4.1", "Replace this line by your code."),
}
# The same words in the release in Korean; all others there are Korean, too.
SAID = {
    "": {"Exercise": "Exercise", "Not filled in yet": "Not filled in yet", "passed (": "passed ("},
    "ko": {"Exercise": "문제", "Not filled in yet": "아직 채우지 않았어요", "passed (": "통과 ("},
}
LANGUAGES = pytest.mark.parametrize(
    "language", ["", pytest.param("ko", marks=pytest.mark.slow("browser"))]
)
EXPLANATIONS = {"1-complexity", "3-backprop"}
# Code of a check, which nobody edits, may be wider than its cell.
CODE = "code is wider than its cell"


@pytest.fixture(scope="module")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab as `make study` starts it, above a folder of the release and a solved one."""
    home, root = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("work")
    quiet(home)
    for folder in ("released", "solved"):
        shutil.copytree(COURSE.release, root / folder)
        shutil.copytree(COURSE.release_in("ko"), root / f"{folder}-ko")
    for name in COURSE.names():
        nbformat.write(filled_in(COURSE, name), root / "solved" / f"{name}.ipynb")
        korean = cells.read_notebook(COURSE.release_in("ko") / f"{name}.ipynb")
        solved = answers.fill_in(COURSE, korean, name, {})
        nbformat.write(solved, root / "solved-ko" / f"{name}.ipynb")
    draw(root / "svhn", train=600, test=200)
    with serve(Course(root, ASSIGNMENT), home, {"SVHN_DIR": str(root / "svhn")}) as url:
        yield url


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Iterator[BrowserContext]:
    with chromium.windows(browser) as windows:
        yield windows


@contextmanager
def ran(
    windows: BrowserContext, server: str, folder: str, name: str, language: str
) -> Iterator[Lab]:
    """A notebook after Restart Kernel and Run All Cells."""
    with windows.new_page() as page:
        release = COURSE.release_in(language) if language else COURSE.release
        notebook = cells.read_notebook(release / f"{name}.ipynb")
        folder = f"{folder}-{language}" if language else folder
        lab = Lab.open(page, server, f"{folder}/{name}.ipynb", notebook)
        lab.restart_and_run_all()
        yield lab


@pytest.mark.turns("browser", of=4)
@LANGUAGES
@pytest.mark.parametrize("name", STOPS)
def test_an_unfilled_notebook_stops_and_says_what_to_fill_in(
    windows: BrowserContext, server: str, name: str, language: str
) -> None:
    stop, exercise, said = STOPS[name]
    words = SAID[language]
    if language:
        exercise = exercise.replace("Exercise", words["Exercise"])
        said = said.replace("Not filled in yet", words["Not filled in yet"])
        said = catalogue.language(COURSE.root, language).texts.get(said, said)
    with ran(windows, server, "released", name, language) as lab:
        names = [cell.id for cell in lab.notebook.cells if cell.cell_type == "code"]
        later = names[names.index(stop) + 1 :]
        assert later and not any(lab.has_run(cell) for cell in later)
        # JupyterLab stays at the end of the notebook; its table of contents shows the way.
        heading = lab.stopped_at()
        expect(heading).to_contain_text(exercise)
        heading.click()
        message = lab.output(stop)
        expect(message).to_contain_text(said)
        expect(message).to_be_in_viewport()
        assert looks_right(lab)

        dialog = lab.validate()
        checks = [cell for cell in lab.notebook.cells if cells.kind(cell) == "test"]
        failed = len(checks) + (name in EXPLANATIONS)
        expect(dialog.get_by_text("The following cell failed:")).to_have_count(failed)
        expect(dialog).to_contain_text(words["Not filled in yet"])
        expect(dialog).not_to_contain_text("Traceback")
        expect(dialog.get_by_text("You did not provide a response.")).to_have_count(
            int(name in EXPLANATIONS)
        )
        assert_fits(dialog)


@pytest.mark.turns("browser", of=4)
@LANGUAGES
@pytest.mark.parametrize("name", STOPS)
def test_a_solved_notebook_passes_all_that_is_visible(
    windows: BrowserContext, server: str, name: str, language: str
) -> None:
    with ran(windows, server, "solved", name, language) as lab:
        expect(lab.panel.locator(".jp-CodeCell .jp-InputPrompt", has_text="[ ]")).to_have_count(0)
        for cell in lab.notebook.cells:
            if cells.kind(cell) == "test":
                expect(lab.output(cell.id).first).to_contain_text(SAID[language]["passed ("])
                expect(lab.output(cell.id).first).not_to_contain_text(re.compile("FAILED|실패"))
            if cell.cell_type == "code" and "show(figure" in cell.source:
                expect(lab.output(cell.id).locator("img")).to_be_visible()
        expect(lab.panel.get_by_text("Traceback (most recent call last)")).to_have_count(0)
        assert looks_right(lab)

        dialog = lab.validate()
        expect(dialog).to_contain_text("Success! Your notebook passes all the tests.")


def looks_right(lab: Lab) -> bool:
    """Whether nothing is broken or too wide at the width of a small laptop."""
    checks = {cell.id for cell in lab.notebook.cells if cells.kind(cell) == "test"}
    assert [flaw for flaw in lab.flaws() if flaw not in {f"{c}: {CODE}" for c in checks}] == []
    return True


def assert_fits(dialog: Locator) -> None:
    """Whether the messages in Validate's dialog can be read: none is cut off at its side."""
    expect(dialog.get_by_role("button", name="Ok")).to_be_in_viewport()
    cut_off = """body => [...body.querySelectorAll("pre")]
        .filter(text => text.scrollWidth > text.clientWidth + 1
                || text.getBoundingClientRect().right > body.getBoundingClientRect().right)
        .map(text => text.innerText)"""
    texts = dialog.locator("#validation-message").evaluate(cut_off)
    messages = [text for text in texts if text.startswith("FAILED")]
    assert messages == []
