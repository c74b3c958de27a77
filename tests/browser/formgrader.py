"""nbgrader's formgrader in JupyterLab, used by its links and buttons."""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import FrameLocator, Page, expect

from grader.nbgrader_app import commands
from tests.browser.lab import choose_in_menu

COURSE_ID = "deep-learning"
_ANYTHING = re.compile(".")


def set_exchange(home: Path, exchange: Path) -> None:
    """Tell every nbgrader with this home where work is handed out and in."""
    exchange.mkdir(exist_ok=True)
    exchange.chmod(0o777)  # as nbgrader asks of an exchange
    lines = [f"c.Exchange.root = {str(exchange)!r}", f"c.CourseDirectory.course_id = {COURSE_ID!r}"]
    (home / "nbgrader_config.py").write_text("\n".join(["c = get_config()", *lines, ""]))


@dataclass
class Formgrader:
    """The tab with the formgrader."""

    page: Page
    frame: FrameLocator

    @classmethod
    def open(cls, page: Page, url: str) -> "Formgrader":
        """By JupyterLab's menu."""
        choose_in_menu(page, url, "Formgrader")
        # Without the list of files the formgrader has room for its menu beside its table.
        page.get_by_role("tab", name="File Browser").click()
        formgrader = cls(page, page.frame_locator("iframe"))
        formgrader.is_at("Assignments")
        expect(formgrader.frame.locator("#main-table td.name a")).to_have_count(1)  # loaded
        return formgrader

    def is_at(self, crumb: str) -> None:
        """Wait until this is the last word of the way that the page shows."""
        expect(self.frame.locator(".breadcrumb li.active")).to_have_text(crumb)

    def press(self, column: str) -> str:
        """The button in a column of the table's only row; returns the log of what it did.

        Fails, with that log, unless nbgrader says that it went well.
        """
        self.frame.locator(f"#main-table td.{column} a").click()
        dialog = self.frame.locator(".modal.in")
        expect(dialog).to_be_visible()
        said = dialog.inner_text()
        assert self.frame.locator("#success-modal").is_visible(), said
        dialog.locator(".modal-footer button, .modal-header button").last.click()
        expect(dialog).to_have_count(0)
        expect(self.frame.locator(f"#main-table td.{column} a")).to_be_visible()
        return said

    def follow(self, *names: str) -> None:
        """Links, by their words, one after another."""
        for name in names:
            self.frame.get_by_role("link", name=name, exact=True).click()

    def open_submission(self, student: str) -> None:
        """From the list of a notebook's submissions, which hides the names."""
        expect(self.frame.get_by_role("link", name="Submission #1", exact=True)).to_be_visible()
        self.frame.get_by_role("button", name="Show All Names").click()
        self.follow(student)

    def give(self, cell: str, points: str, comment: str) -> None:
        """Type points and a comment at a cell, as a grader does, and wait until both are kept."""
        # What is typed before the page has read the gradebook is lost.
        for field in (f"#{cell}_extra_credit", f"#{cell}-comment"):
            expect(self.frame.locator(field)).to_have_attribute("placeholder", _ANYTHING)
        for field, text in ((f"#{cell}", points), (f"#{cell}-comment", comment)):
            box = self.frame.locator(field)
            with self.page.expect_response(lambda got: got.request.method == "PUT") as kept:
                box.fill(text)
                box.blur()
            assert kept.value.ok, kept.value.status_text


def as_student(home: Path, *arguments: str) -> str:
    """Run `nbgrader ...` as a student with an own home; returns what it said.

    To an exchange, a student is who runs the command: the user of this machine.
    """
    env = {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home)}
    done = subprocess.run(
        commands.command(*arguments),
        cwd=home,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
