"""What the browser's tests share."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for a file: Playwright's event loop must not run on while other files are tested."""
    if chromium.program() is None:
        pytest.skip(chromium.MISSING)
    with chromium.started() as browser:
        yield browser
