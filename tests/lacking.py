"""What a test needs and this computer may lack: the test is skipped, unless it must not be."""

import os
from typing import Literal, NoReturn

import pytest

# A sandbox of either tier, a browser, a server of PostgreSQL's, an account that may mount file
# systems, the programs of systemd, and a Python from 3.12 on beside an older one.
Need = Literal["full", "reduced", "chromium", "postgresql", "root", "systemd", "newer-python"]


def lacks(need: Need, why: str) -> NoReturn:
    """Skip the test, and say why; fail if the environment variable REQUIRE names the need.

    Continuous integration sets REQUIRE, so that nothing is green there for being left out.
    """
    if need in os.environ.get("REQUIRE", "").split():
        pytest.fail(f"REQUIRE names {need}, but {why}", pytrace=False)
    pytest.skip(why)
