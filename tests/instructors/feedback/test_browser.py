"""Pages of feedback in a real browser: inert, alone, as wide as the screen, readable, printable."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from grader.course.directory import Course
from tests.instructors.feedback.world import path_of

STUDENTS = ("exponent-three", "hostile", "no-biases")
WIDTHS = (360, 1280)
# What sticks out of the window to the right, and does not scroll by itself.
STICKS_OUT = """() => [...document.querySelectorAll("main *")].filter(element =>
    element.getBoundingClientRect().right > innerWidth + 1
    && !element.closest(".fb-scroll, .fb-formula")
).map(element => element.outerHTML.slice(0, 99))"""


@contextmanager
def opened(browser: Any, path: Path, **options: Any) -> Iterator[tuple[Any, list[Any], list[str]]]:
    """A page in a context of its own; what it asked for; the dialogs that it opened."""
    context = browser.new_context(**options)
    page = context.new_page()
    asked: list[Any] = []
    dialogs: list[str] = []
    page.on("request", lambda request: asked.append(request))
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(path.as_uri(), wait_until="load")
    try:
        yield page, asked, dialogs
    finally:
        context.close()


@pytest.mark.parametrize("without_policy", [False, True], ids=["as-it-is", "without-its-csp"])
@pytest.mark.parametrize("student", STUDENTS)
def test_nothing_runs_and_nothing_is_loaded(
    student: str, without_policy: bool, browser: Any, class_: Course
) -> None:
    """Both walls are tried: the page holds nothing alive, and would not let it live."""
    path = path_of(class_, student)
    with opened(browser, path, bypass_csp=without_policy) as (page, asked, dialogs):
        title = page.title()
        for element in page.query_selector_all("summary"):
            element.click()
        assert page.title() == title == "Feedback: 1-complexity"
        assert page.evaluate("document.querySelectorAll('script, iframe, svg, link').length") == 0
    assert [each.url for each in asked if not each.url.startswith("data:")] == [path.as_uri()]
    assert dialogs == []


def test_the_csp_alone_would_hold(browser: Any, class_: Course, tmp_path: Path) -> None:
    source = path_of(class_, "all-right").read_text(encoding="utf-8")
    alive = "<script>document.title='alive'</script><img src='http://alive.invalid/x' alt=''>"
    path = tmp_path / "page.html"
    path.write_text(source.replace("</main>", f"{alive}</main>"), encoding="utf-8")
    with opened(browser, path, bypass_csp=True) as (page, asked, _):
        assert page.title() == "alive"  # so the test can see it
        assert [each.failure for each in asked if each.url.startswith("http")] != ["csp"]
    with opened(browser, path) as (page, asked, _):
        assert page.title() == "Feedback: 1-complexity"
        assert [each.failure for each in asked if each.url.startswith("http")] == ["csp"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("student", STUDENTS)
def test_the_page_is_as_wide_as_the_screen(
    student: str, width: int, browser: Any, class_: Course
) -> None:
    screen = {"width": width, "height": 700}
    with opened(browser, path_of(class_, student), viewport=screen) as (page, _, _):
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate(STICKS_OUT) == []


def test_links_of_the_summary_lead_into_the_notebook(browser: Any, class_: Course) -> None:
    with opened(browser, path_of(class_, "exponent-three")) as (page, _, _):
        page.click("#look a >> nth=0")
        assert page.url.endswith("#cell-test-growth-exponent")
        assert page.locator("#cell-test-growth-exponent").bounding_box()["y"] < 700
        page.click("#cell-test-growth-exponent >> text=Back to the points")
        assert page.url.endswith("#points")


def test_formulas_are_drawn(browser: Any, class_: Course) -> None:
    with opened(browser, path_of(class_, "all-right")) as (page, _, _):
        fraction = page.locator("mfrac").first
        top, bottom = (fraction.locator("> *").nth(n).bounding_box() for n in (0, 1))
        assert top["y"] + top["height"] <= bottom["y"] + 1  # one over the other


def test_print(browser: Any, class_: Course) -> None:
    dark = {"color_scheme": "dark"}
    with opened(browser, path_of(class_, "exponent-three"), **dark) as (page, _, _):
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != (
            "rgb(255, 255, 255)"
        )
        page.emulate_media(media="print")
        style = "getComputedStyle(document.body)"
        assert page.evaluate(f"{style}.backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate(f"{style}.color") == "rgb(0, 0, 0)"
        assert not page.locator(".fb-test").first.is_visible()
        assert page.locator("#look .fb-message").first.is_visible()
        assert page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("student", STUDENTS)
def test_accessibility(student: str, colours: str, browser: Any, class_: Course) -> None:
    """The rules of axe, among them contrast by WCAG AA."""
    from axe_playwright_python import sync_playwright as axe

    options = {"color_scheme": colours, "viewport": {"width": 360, "height": 700}}
    # axe itself is a script, which the page would not let run.
    with opened(browser, path_of(class_, student), bypass_csp=True, **options) as (page, _, _):
        found = axe.Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:120]) for rule in found] == []
