"""Students' texts as HTML: inert, in the page's order of headings, with formulas to read."""

import re
from html.parser import HTMLParser

import html5lib  # type: ignore[import-untyped]
import pytest
from nbconvert.filters.markdown_mistune import MarkdownWithMath

from grader.basics import safe_html
from grader.instructors.feedback import formulas, highlight, markup
from grader.instructors.feedback.markup import Headings


def attributes(html: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend((name, value or "") for name, value in attrs)

    parser = Parser()
    parser.feed(html)
    parser.close()
    return found


def page(source: str) -> str:
    return markup.from_markdown(source, Headings(2))


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)></svg>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "[a](javascript:alert`1`)",
        "<style>body{display:none}</style>",
        "<form action='//evil'><input></form>",
        "<meta http-equiv=refresh content='0;url=//evil'>",
        "$\\text{<script>alert(1)</script>}$",
        "$\\href{javascript:alert(1)}{x}$",
        "$\\style{position:fixed}{x} \\class{fb-skip}{y}$",
        "$x &lt;script&gt;alert(1)&lt;/script&gt;$",
        "$\\text{<img src=x onerror=alert(1)>$",  # cannot be converted
        '![$"><script>alert(1)</script>$](data:image/png;base64,AAAA)',
        "\\begin{x}<script>alert(1)</script>\\end{x}",
        '<math><mtext><script>alert(1)</script></mtext></math>"',
        # What two parsers read in two ways.
        '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
        '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
        '<math><mtext><table><mglyph><style><!--</style><img title="--><img onerror=alert(1)>">',
        "<!--><img src=x onerror=alert(1)>-->",
        "<!--!><img src=x onerror=alert(1)>",
        "<a title='\"><img src=x onerror=alert(1)>'>a</a>",
        '<p title="&quot; onmouseover=alert(1) x=&quot;">a</p>',
        "<b<script>alert(1)</script>",
        "<a href='java\nscript:alert(1)'>a</a>",
        "<a href='&#1;javascript:alert(1)'>a</a>",
        "<a href='data:text/html,<script>alert(1)</script>'>a</a>",
        "<img src='data:image/svg+xml;base64,AAAA'>",
        "<plaintext><script>alert(1)</script>",
    ],
)
def test_nothing_is_alive(source: str) -> None:
    for html in (page(source), markup.from_html(source, Headings(2)), safe_html.clean(source)):
        assert not re.search(r"<(script|svg|iframe|style|form|input|meta)\b", html)
        for name, value in attributes(html):
            assert not name.startswith("on") and name not in ("style", "srcdoc", "action")
            assert name in ("alt", "alttext", "title") or not re.search(
                "javascript:|fb-skip|script|svg", value
            )


@pytest.mark.parametrize(
    "text", ["a list<int> x", "if i<n: go", "<br/> and </Tanh>", "x <script>y</script>", "a<b"]
)
def test_a_tag_that_is_none_is_shown(text: str) -> None:
    shown = html5lib.parseFragment(markup.from_html(text, Headings(2)), namespaceHTMLElements=False)
    assert "".join(shown.itertext()) == text.replace("<br/>", "")


@pytest.mark.parametrize("tag", ["h1", "p"])
def test_names_and_looks_of_the_page_cannot_be_taken(tag: str) -> None:
    html = page(f'<{tag} id="points" class="fb-passed" align="center">a</{tag}>')
    assert not re.search("id=|class=|align=", html)


@pytest.mark.parametrize(
    ("source", "levels"),
    [
        ("# a\n\n## b\n\n## c\n\n### d", "3445"),
        ("### a\n\n# b\n\n###### c", "334"),
        ("###### a\n\n###### b\n\n###### c\n\n###### d\n\n###### e", "34566"),
        ("<h2>a <em>b</em></h2>\n\n# c", "33"),
    ],
)
def test_no_level_of_headings_is_left_out(source: str, levels: str) -> None:
    html = page(source)
    assert "".join(re.findall(r"<h(\d)>", html)) == levels
    assert "".join(re.findall(r"</h(\d)>", html)) == levels


def test_headings_go_on_from_text_to_text() -> None:
    headings = Headings(2)
    made = [markup.from_markdown(text, headings) for text in ("# a", "### b", "##### c")]
    assert [re.findall(r"<h(\d)>", html) for html in made] == [["3"], ["4"], ["5"]]


def test_a_text_that_comes_again_is_laid_out_for_its_place() -> None:
    headings = Headings(2)
    pages = [markup.from_markdown("## A $x$", headings) for _ in range(3)]
    assert [re.findall(r"<h(\d)>", page) for page in pages] == [["3"], ["4"], ["4"]]
    assert pages[1] == pages[2]


def test_texts_and_code_that_all_have_are_laid_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    class Counting(MarkdownWithMath):  # type: ignore[misc]
        def render(self, source: str) -> str:
            made.append(source)
            return str(super().render(source))

    def coloured(source: str) -> str:
        made.append(source)
        return source

    monkeypatch.setattr(markup, "MarkdownWithMath", Counting)
    monkeypatch.setattr(highlight, "_coloured", coloured)
    for student in range(5):
        headings = Headings(2)
        for text in ("# The exercise that all have", f"the answer of number {student}"):
            markup.from_markdown(text, headings)
        code = highlight.Code()
        code.html("code = 'that all have'")
        code.html(f"code = 'of number {student}'")
    assert len(made) == len(set(made)) == 12


def test_a_picture_is_that_of_its_own_cell() -> None:
    pages = [
        markup.from_markdown("![it](attachment:a.png)", Headings(2), {"a.png": {"image/png": data}})
        for data in ("AAAA", "BBBB")
    ]
    assert ["AAAA" in page for page in pages] == [True, False]
    assert ["BBBB" in page for page in pages] == [False, True]


def test_formulas_become_mathml() -> None:
    html = page(r"The sum $a < b$ and $$\frac{\partial L}{\partial w} \approx 1$$ here.")
    assert html.count("<math") == html.count("</math>") == 2
    assert "<mo>&lt;</mo>" in html
    assert re.search(r"<mfrac><mrow><mo>∂</mo>", html)
    assert "$" not in html.replace("$$", "")
    assert 'alttext="a &lt; b"' in html


@pytest.mark.parametrize("tex", [r"\frac{1", "x^2^3", "a" * 3000, "{" * 1500 + "}" * 1500])
def test_what_is_no_formula_is_shown_as_it_was_written(tex: str) -> None:
    html = page(f"before ${tex}$ after")
    assert f'<code class="tex">${tex}$</code>' in html
    assert "after" in html


@pytest.mark.parametrize("tex", [r"\newcommand{\a}[1]{#1#1#1#1}" + r"\a{" * 30 + "x" + "}" * 30])
def test_a_formula_cannot_fill_the_memory(tex: str) -> None:
    assert len(formulas.as_html(tex, is_block=False)) < 1_000_000


@pytest.mark.parametrize("piece", ["<div>", "\\begin{a}", "\\\\[", "x "])
def test_a_text_that_would_take_minutes_is_shown_as_it_was_written(piece: str) -> None:
    source = piece * 30_000
    html = page(source)
    assert html.startswith(f'<pre class="fb-out">{markup.plain(piece * 9)}')
    assert len(html) < 500_000


def test_only_pictures_that_the_page_holds_are_shown() -> None:
    html = page("![a cat](https://example.org/cat.png) ![dog](dog.png) <img src='//x/y'>")
    assert "<img" not in html
    assert "[picture that is not part of the page: a cat]" in html
    kept = markup.from_html('<img src="data:image/png;base64,AAAA" width="9">', Headings(2))
    assert 'src="data:image/png;base64,AAAA"' in kept
    assert 'alt="A picture without a description"' in kept


def test_a_missing_attachment_does_not_stop_the_page() -> None:
    assert "not part of the page: a" in page("![a](attachment:gone.png)")


@pytest.mark.parametrize("data", ['"><script>', "A A=\n", "", None, 5, "AA=A"])
def test_pictures_of_outputs_hold_nothing_but_their_data(data: object) -> None:
    html = markup.picture(data, "png", {"image/png": {"alt": '"<b>', "width": '1" onload='}})
    if html:
        assert html == '<img src="data:image/png;base64,AA=" alt="&quot;&lt;b&gt;">'
    else:
        assert data != "A A=\n"


def test_wide_tables_scroll_by_themselves() -> None:
    html = page("| a | b |\n|---|---|\n| 1 | 2 |")
    assert re.search(r'<div class="fb-scroll" tabindex="0"><table>', html)
    assert html.count("<div") == html.count("</div>") == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m <b>", "red &lt;b&gt;"),
        ("10 %\r50 %\r100 %\nnext\r\n", "100 %\nnext"),
        ("loss 0.5\rloss 0.3\r", "loss 0.3"),  # print(..., end="\\r")
        ("loss 0.5\r\r\nnext", "loss 0.5\nnext"),
        ("abcdef\rxy", "xycdef"),  # as in a terminal, and in JupyterLab
        ("\x1b[1mabcdef\x1b[0m\r\x1b[Kxy", "xy"),
        ("abcdef\x1b[2K\rxy", "xy"),
        ("abc\b\b\b\rxy", "xyc"),
        ("\b9 %\b\b10\r", "910"),
        ("a\x1b[Kb\n\x1b[Kc", "ab\nc"),
        ("a" * 100_005, "a" * 100_000 + "\n... 5 more characters ..."),
    ],
)
def test_plain_text(text: str, shown: str) -> None:
    assert markup.plain(text) == shown


def test_a_line_that_is_overwritten_very_often_takes_no_longer_than_its_length() -> None:
    assert markup.plain("x" * 500_000 + "\b\x1b[2Ky\r" * 200_000) == "y"
    long = markup.plain("x" * 500_000 + "\ry" * 500_000)
    assert long.startswith("yxx")


def test_characters_that_no_page_can_hold() -> None:
    assert markup.valid_text("a\x00b\ud800c\x0bd\n") == "a\ufffdb\ufffdc\ufffdd\n"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("2. A `Tanh` class", "2. A <code>Tanh</code> class"),
        ("a < b", "a &lt; b"),
        ("[a](https://example.org)", "[a](https://example.org)"),  # it stands in a link itself
        ("- x", "- x"),
    ],
)
def test_titles_stay_on_their_line(title: str, shown: str) -> None:
    assert markup.inline(title) == shown


@pytest.mark.parametrize(
    ("text", "language"),
    [("역전파는 chain rule을 한 번만 계산한다.", "ko"), ("It is fast (빠르다).", ""), ("12", "")],
)
def test_language(text: str, language: str) -> None:
    assert markup.language(text) == language
