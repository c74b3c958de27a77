"""The page: nothing of a student's is alive on it, and what is typed there can be applied."""

from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser

from grader.course.directory import Course
from grader.instructors.explanations import alike, answers, command, group, page, text
from grader.instructors.explanations.command import Options
from tests.instructors.explanations import making
from tests.instructors.explanations.making import NAME, STUB, grade, released, standings

HOSTILE = '</script><script>alert(1)</script><img src="https://example.org/x" onerror=alert(1)>'


@pytest.fixture(scope="module")
def graded(known: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = making.copied(known, tmp_path_factory.mktemp("graded"))
    elsewhere = released(course, STUB)
    elsewhere.cells.append(nbformat.v4.new_markdown_cell(f"Here {HOSTILE}"))
    texts = {
        "four": "Twice the passes, each twice as long: four times, $O(d^2)$.",
        "four-again": "Twice the passes & each twice as long: four times, $O(d^2)$.",
        "<b>name": f"{HOSTILE} {{{{ 7 * 7 }}}}",
        "korean": "두 배 × 두 배 = 네 배",
        "answers-elsewhere": elsewhere,
    }
    grade(course, texts)
    return course


@pytest.fixture
def course(graded: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SVHN_DIR", str(tmp_path))
    return making.copied(graded, tmp_path)


class Tags(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def written(course: Course) -> str:
    assert command.run(course, Options()) == 0
    return (course.root / page.NAME).read_text(encoding="utf-8")


def test_texts_of_students_are_shown_and_not_alive(course: Course) -> None:
    made = Tags(written(course))
    names = [tag for tag, _ in made.tags]
    assert names.count("script") == 1
    assert "img" not in names and "b" not in names
    assert not any(name.startswith("on") for _, given in made.tags for name in given)
    assert not any("src" in given or "https:" in str(given.get("href")) for _, given in made.tags)
    text = "".join(made.texts)
    assert f"{HOSTILE} {{{{ 7 * 7 }}}}" in text
    assert f"Here {HOSTILE}" in text
    assert "두 배 × 두 배 = 네 배" in text
    assert "<b>name" in text


def test_the_rubric_stands_beside_the_answers_and_the_differences_are_marked(
    course: Course,
) -> None:
    made = Tags(written(course))
    text = "".join(made.texts)
    assert "each pass gets longer in proportion to the depth, too." in text
    assert "With twice the depth there are about twice as many parameters, because" in text
    assert "ins" in [tag for tag, _ in made.tags]


def test_without_the_source_it_says_so(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    (course.source / f"{NAME}.ipynb").unlink()
    text = "".join(Tags(written(course)).texts)
    assert f"No rubric to show. {course.source / NAME}.ipynb is missing." in text
    assert "no rubric to show" in capsys.readouterr().out


def test_what_is_typed_into_the_page_can_be_applied(
    course: Course, tmp_path: Path, browser: Browser
) -> None:
    written(course)
    saved = tmp_path / "saved.csv"
    problems: list[str] = []
    opened = browser.new_page()
    opened.on("console", lambda message: problems.append(message.text))
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("dialog", lambda dialog: problems.append(dialog.message))
    opened.goto((course.root / page.NAME).as_uri())
    opened.get_by_label("Points for all 2 of group 1, at most 6").fill("5.5")
    opened.get_by_label("Comment for all 2 of group 1").fill('Zwei,\n"zwei"')
    points = opened.get_by_label("Points for <b>name, at most 6")
    points.fill("7")
    opened.get_by_role("button", name="Save the decisions").click()
    assert points.evaluate("field => field.matches(':invalid')")
    points.fill("0")
    assert opened.locator("output").inner_text() == "2 entries, not saved"
    with opened.expect_download() as download:
        opened.get_by_role("button", name="Save the decisions").click()
    download.value.save_as(saved)
    for width in (390, 1280):
        opened.set_viewport_size({"width": width, "height": 800})
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
    opened.close()
    assert problems == []
    assert command.run(course, Options(apply=saved)) == 0
    found = {name: (each.points, each.comment) for name, each in standings(course).items()}
    assert found == {
        "four": (5.5, 'Zwei,\n"zwei"'),
        "four-again": (5.5, 'Zwei,\n"zwei"'),
        "<b>name": (0, ""),
        "korean": (None, ""),
        "answers-elsewhere": (None, ""),
    }


QUESTION = (
    "A network has 5 hidden layers, another one 10; all else is equal. About how many times as "
    "long does one step by forward differences take with the deeper one, and why?"
)
FOUR_TIMES = "Twice the passes, each of them twice as long: four times in all."
NO_ANSWER = "Twice, I think, for there are 2 networks, 4 of these."  # the same numbers


def test_a_question_that_is_quoted_puts_no_answers_together(known: Course, tmp_path: Path) -> None:
    """Above it, the answers are mostly the same text."""
    course = making.copied(known, tmp_path)
    said = {"four": FOUR_TIMES, "four-again": f"{FOUR_TIMES[:-1]}!", "no-answer": NO_ANSWER}
    quoted = {f"{name}-quotes": f"> {QUESTION}\n\n{each}" for name, each in said.items()}
    grade(course, {**said, **quoted, "quotes-alone": QUESTION})
    recorder = making.recorder_of(course)
    try:
        (found,) = answers.read(course, recorder)
    finally:
        recorder.close()
    together = {frozenset(each.student for each in one.answers) for one in group.groups(found)}
    assert together == {
        frozenset({"four", "four-again"}),
        frozenset({"four-quotes", "four-again-quotes"}),
        frozenset({"no-answer"}),
        frozenset({"no-answer-quotes"}),
        frozenset({"quotes-alone"}),
    }
    texts = [text.plain(quoted[f"{name}-quotes"]) for name in said]
    assert len(alike.groups(texts)) == 1
