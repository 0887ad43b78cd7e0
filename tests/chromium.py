"""How headless Chromium is started, wherever it is driven: nothing beside the page asks anybody anything."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

DESKTOP = {"width": 1400, "height": 900}
PHONE = {"width": 390, "height": 844}
NONE_FOUND = "no Chromium on PATH; apt-get install chromium"
EXPECT_MILLISECONDS = 30_000
"""What a page is to show is waited for as long as a busy machine may take."""
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
    # A page that a test answers itself counts as one of the wide web, which may not speak to this machine.
    "--disable-features=LocalNetworkAccessChecks",
]


def find_chromium() -> str | None:
    """Where it is installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


@contextmanager
def open_chromium(path: str) -> Iterator[Browser]:
    """One browser. Its event loop runs in the main thread meanwhile, where async code wants its own."""
    expect.set_options(timeout=EXPECT_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for a file; skipped where none is installed."""
    path = find_chromium()
    if path is None:
        pytest.skip(NONE_FOUND)
    with open_chromium(path) as opened:
        yield opened
