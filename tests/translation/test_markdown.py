"""Texts in Markdown: blocks between blank lines, without code and formulas that stand alone."""

from grader.translation import markdown

TEXT = """# A title

Some text with `code` and
another line.

$$x = y$$

```python
print("no text")

more = 1
```

```text
3 notebooks are complete.
```

- one
- two

| a | b |
|---|---|
| one word | x |
"""


def test_paragraphs_headings_lists_and_tables_are_blocks() -> None:
    assert [block.text for block in markdown.blocks(TEXT)] == [
        "# A title",
        "Some text with `code` and\nanother line.",
        "3 notebooks are complete.",
        "- one\n- two",
        "| a | b |\n|---|---|\n| one word | x |",
    ]


def test_what_is_not_translated_stays_as_it_is() -> None:
    made = markdown.translated(TEXT, {"# A title": "# 제목", "- one\n- two": "- 하나\n- 둘"})
    assert made == TEXT.replace("# A title", "# 제목").replace("- one\n- two", "- 하나\n- 둘")


def test_formulas_code_and_pictures_without_words_are_no_texts() -> None:
    for text in ("$$\\frac{dL}{dw}$$", "`parameter_count`", "$x$ → $y$", "<br>", ""):
        assert markdown.blocks(text) == []
