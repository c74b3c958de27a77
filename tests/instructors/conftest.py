"""A directory for a run that a test may kill."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import temporary_directory


@pytest.fixture
def temporary() -> Iterator[Path]:
    with temporary_directory() as path:
        yield path
