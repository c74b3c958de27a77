"""Chromium, driven by Playwright: where it is, and windows of it that reach this machine only."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = (
    "there is no Chromium or Chrome to look at the pages with: install one (Debian: "
    "apt-get install chromium), or name its program in the environment variable CHROMIUM"
)
PATIENCE = 120_000  # milliseconds after which something that must be seen counts as missing
LAPTOP = (1280, 720)

# No name is looked up: a page that needs the network shows it here as it would there.
_OPTIONS = ("--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")


@cache
def program() -> str | None:
    """The browser's program, or None: $CHROMIUM, or the first of the usual names that runs."""
    named = os.environ.get("CHROMIUM")
    found = (shutil.which(name) for name in ([named] if named else PROGRAMS))
    return next((path for path in found if path and _runs(path)), None)


def _runs(path: str) -> bool:
    """Whether it is a browser: Ubuntu's chromium-browser may only ask for a snap."""
    asked = [path, "--version"]
    return subprocess.run(asked, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0


@contextmanager
def started() -> Iterator[Browser]:
    """A browser without a screen; the caller has made sure that there is one."""
    options = [*_OPTIONS]
    if os.getuid() == 0:
        options.append("--no-sandbox")  # it refuses to run as root otherwise
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=options)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def windows(browser: Browser, size: tuple[int, int] = LAPTOP) -> Iterator[BrowserContext]:
    """Makes windows that share cookies and cache; by default as wide as a small laptop."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", timezone_id="UTC"
    )
    context.set_default_timeout(PATIENCE)
    try:
        yield context
    finally:
        context.close()
