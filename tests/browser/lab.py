"""A notebook in JupyterLab, used by its menus and buttons, and what is seen of it."""

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from playwright.sync_api import Locator, Page, expect

from grader.notebooks import cells
from tests.courses import COURSE

_RAN = re.compile(r"\[\d+\]:")
_SETTINGS = Path(
    "lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
)

# Scrolls through the notebook, for what was never on the screen was never laid out, and
# returns what does not look as it should.
_LOOK = r"""async (notebook, names) => {
    const found = [];
    // A browser without a screen may draw nothing for a while, or never again.
    const drawn = () => new Promise((resolve) => {
        requestAnimationFrame(resolve);
        setTimeout(resolve, 500);
    });
    const wide = (element) => element.scrollWidth > element.clientWidth + 1;
    if (wide(document.documentElement)) found.push("the page is wider than the window");
    for (const [index, cell] of notebook.querySelectorAll(".jp-Cell").entries()) {
        const say = (what) => found.push(`${names[index]}: ${what}`);
        cell.scrollIntoView();
        for (let frame = 0; frame < 3; frame++) await drawn();
        for (const image of cell.querySelectorAll("img")) {
            if (!image.complete || !image.naturalWidth) say("broken picture");
            if (!image.alt) say("picture without a description");
        }
        for (const text of cell.querySelectorAll(".jp-MarkdownOutput")) {
            if (wide(text)) say("text is wider than its cell");
            if (text.querySelector("mjx-merror")) say("formula in error");
            const rest = text.cloneNode(true);
            for (const known of rest.querySelectorAll("mjx-container, code, pre")) known.remove();
            if (/\$|\\[a-zA-Z(\[]|\|[ :-]+\|/.test(rest.textContent))
                say("TeX or a table as raw text");
        }
        for (const output of cell.querySelectorAll(".jp-OutputArea-output"))
            if (wide(output)) say("output is wider than its cell");
        const code = cell.querySelector(".jp-Editor .cm-scroller");
        if (code && code.offsetParent && wide(code)) say("code is wider than its cell");
    }
    return found;
}"""


def quiet(home: Path) -> None:
    """Let JupyterLab ask for no news, which a server without a network cannot have."""
    path = home / _SETTINGS
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"fetchNews": "false", "checkForUpdates": false}')


def draw(directory: Path, *, train: int, test: int) -> None:
    """Draw synthetic house numbers, as the handout svhn.py does."""
    numbers = ("--train", str(train), "--test", str(test))
    subprocess.run(
        [sys.executable, "-B", "svhn.py", "draw", "--dir", str(directory), *numbers],
        cwd=COURSE.release,
        stdout=subprocess.DEVNULL,
        check=True,
    )


@dataclass
class Lab:
    """JupyterLab with one notebook open, whose cells' sources are those of `notebook`."""

    page: Page
    notebook: NotebookNode
    panel: Locator = field(init=False)

    @classmethod
    def open(cls, page: Page, url: str, path: str, notebook: NotebookNode) -> "Lab":
        """Open it by its path below the server's directory; wait until its kernel is ready."""
        page.goto(f"{url}/lab/tree/{path}?reset&token=a-token")
        lab = cls(page, notebook)
        lab.panel = page.locator(".jp-NotebookPanel:visible")
        expect(lab.panel.locator(".jp-Cell")).to_have_count(len(notebook.cells))
        lab.is_idle()
        return lab

    def is_idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        expect(self.page.locator("#jp-main-statusbar")).to_contain_text("| Idle")

    def menu(self, *words: str) -> None:
        """Choose from the menu bar, as `menu("Kernel", "Restart Kernel…")`."""
        for word in words:
            self.page.get_by_role("menuitem", name=word, exact=True).click()

    def stopped_at(self) -> Locator:
        """The heading that the table of contents marks: a cell below it stopped the run."""
        self.page.get_by_role("tab", name="Table of Contents").click()
        return self.page.locator('.jp-tocItem-content[data-running="-0.5"]')

    def restart_and_run_all(self) -> None:
        """By the menu; returns when it ran to the end, or stopped."""
        self.menu("Kernel", "Restart Kernel and Run All Cells…")
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        prompts = self.panel.locator(".jp-CodeCell .jp-InputPrompt")
        expect(prompts.first).to_have_text("[1]:")
        expect(prompts.filter(has_text="[*]")).to_have_count(0)
        self.is_idle()

    def validate(self) -> Locator:
        """Press Validate; returns the dialog with the answer, which is left open."""
        self.panel.get_by_role("button", name="Validate").click()
        dialog = self.page.locator(".jp-Dialog-content", has_text="Validation Results")
        expect(dialog.locator("#validation-message")).to_be_visible()
        return dialog

    def cell(self, grade_id: str) -> Locator:
        """A cell by its name."""
        names = [cells.grade_id(cell) for cell in self.notebook.cells]
        return self.panel.locator(".jp-Cell").nth(names.index(grade_id))

    def output(self, grade_id: str) -> Locator:
        """What stands below a cell, brought onto the screen."""
        cell = self.cell(grade_id)
        cell.scroll_into_view_if_needed()
        return cell.locator(".jp-OutputArea-output")

    def has_run(self, grade_id: str) -> bool:
        """Whether there is a number at the cell."""
        prompt = self.cell(grade_id).locator(".jp-InputPrompt").text_content() or ""
        return _RAN.fullmatch(prompt.strip()) is not None

    def flaws(self) -> list[str]:
        """What does not look as it should: pictures, formulas, tables, widths."""
        return list(self.panel.evaluate(_LOOK, [cell.id for cell in self.notebook.cells]))


def choose_in_menu(page: Page, url: str, name: str) -> None:
    """Open JupyterLab afresh, and what stands under a name in the menu Nbgrader."""
    page.goto(f"{url}/lab?reset&token=a-token")
    page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
    page.get_by_role("menuitem", name=name, exact=True).click()
