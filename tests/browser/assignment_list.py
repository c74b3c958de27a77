"""nbgrader's Assignment List in JupyterLab, used by its buttons as a student does."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.lab import choose_in_menu
from tests.courses import ASSIGNMENT


@dataclass
class AssignmentList:
    """The tab with the assignments of a course."""

    page: Page

    @classmethod
    def open(cls, page: Page, url: str) -> "AssignmentList":
        """By JupyterLab's menu."""
        choose_in_menu(page, url, "Assignment List")
        opened = cls(page)
        expect(opened.row("released")).to_be_visible()
        return opened

    def row(self, part: str) -> Locator:
        """The assignment in a part of the list: released, fetched or submitted."""
        return self.page.locator(f"#{part}_assignments_list .list_item", has_text=ASSIGNMENT).first

    def fetch(self) -> None:
        """Press Fetch, and wait until the assignment is downloaded."""
        self.row("released").get_by_role("button", name="Fetch", exact=True).click()
        expect(self.row("fetched")).to_be_visible()

    def submit(self) -> None:
        """Press Submit, and wait until nbgrader says that the work is handed in."""
        self.row("fetched").get_by_role("button", name="Submit", exact=True).click()
        expect(self.row("submitted")).to_be_visible()

    def has_feedback(self) -> bool:
        """Press Fetch Feedback once; whether there is a page now."""
        button = self.row("submitted").get_by_role("button", name=re.compile("Fetch Feedback"))
        button.click()
        expect(button).to_be_enabled()
        return self.link().count() > 0

    def link(self) -> Locator:
        """What leads to the pages."""
        return self.page.locator("#submitted_assignments_list").get_by_text("(view feedback)")
