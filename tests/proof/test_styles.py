"""The rewrites of right answers that only this course has."""

from pathlib import Path

import pytest

from grader.authors.proof import settings
from grader.authors.proof.styles import variants
from tests.authors.proof.rewrite_examples import of_name, read_examples
from tests.courses import COURSE

EXAMPLES = read_examples(Path(__file__).parent / "rewrites.txt")
STYLES = variants.own_rewrites(COURSE)
WORDS = settings.words_of(COURSE)


@pytest.mark.parametrize(("name", "before", "after"), EXAMPLES)
def test_a_rewrite_does_what_its_example_shows(name: str, before: str, after: str | None) -> None:
    assert of_name(STYLES, name)(before, WORDS) == after


def test_every_rewrite_has_a_reason_an_example_and_a_name_of_its_own() -> None:
    names = [rewrite.name for rewrite in STYLES]
    assert len(set(names)) == len(names)
    assert set(names) == {name for name, *_ in EXAMPLES}
    assert all(rewrite.why for rewrite in STYLES)
