"""From Submit to feedback in JupyterLab, by a fresh account, while `course watch` runs."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, expect

from grader.course.directory import Course
from tests import chromium
from tests.browser.assignment_list import AssignmentList
from tests.browser.formgrader import set_exchange
from tests.browser.lab import quiet
from tests.courses import ASSIGNMENT, copy_of, filled_in
from tests.instructors.watch.watching import NAME, Watching, watching, with_exchange
from tests.jupyter_server import serve
from tests.running import eventually, temporary_directory


@dataclass
class Account:
    """A student's JupyterLab, and the folder that it shows."""

    url: str
    work: Path
    watch: Watching


@pytest.fixture(scope="module")
def account(
    browser: Browser, released: Course, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Account]:
    """An account with nothing in it but the course's address of the exchange."""
    course = copy_of(released, tmp_path_factory.mktemp("watched") / "course")
    home, work = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("student")
    exchange = tmp_path_factory.mktemp("srv") / "exchange"
    with_exchange(course, exchange)
    set_exchange(home, exchange)
    quiet(home)
    with (
        temporary_directory() as temporary,
        watching(course, temporary, "--exchange", "--release") as watch,
        serve(Course(work, ASSIGNMENT), home) as url,
    ):
        yield Account(url, work, watch)


def test_submit_and_seconds_later_fetch_feedback(browser: Browser, account: Account) -> None:
    with chromium.windows(browser) as windows, windows.new_page() as page:
        listed = AssignmentList.open(page, account.url)
        listed.fetch()
        photograph(page, "fetched")
        solved = filled_in(account.watch.course, NAME)
        nbformat.write(solved, account.work / ASSIGNMENT / f"{NAME}.ipynb")  # the student's work
        listed.submit()
        began = time.monotonic()
        photograph(page, "submitted")
        eventually("a page", listed.has_feedback)
        print(f"from Submit to a page: {time.monotonic() - began:.1f} s")
        photograph(page, "feedback-there")
        (page_file,) = (account.work / ASSIGNMENT / "feedback").glob(f"*/{NAME}.html")
        assert "9</strong> of 15" in page_file.read_text()
        listed.link().click()
        file = page.locator(".jp-DirListing-item", has_text=f"{NAME}.html")
        file.dblclick()
        shown = page.frame_locator(".jp-HTMLViewer iframe")
        expect(shown.locator("h1")).to_be_visible()
        expect(shown.locator(".fb-total")).to_contain_text("9 of 15 points")
        photograph(page, "page")


def photograph(page: object, name: str) -> None:
    """Keep a picture, where the environment says where to: a person looks at it."""
    if directory := os.environ.get("PHOTOGRAPHS"):
        page.screenshot(path=Path(directory) / f"{name}.png")  # type: ignore[attr-defined]
