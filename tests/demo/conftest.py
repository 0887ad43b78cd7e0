import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from playwright.sync_api import Browser, sync_playwright

from catalog.models import Merchant
from commerce_agent.demo.seeding import seed_shop

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
]


def read_clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="session")
def stocked(database: str) -> Merchant:
    """The demo shop, stocked once for all tests that only look at it."""
    seed_shop(clock=read_clock)
    return Merchant.objects.get(key="demo")


@pytest.fixture
def shop(stocked: Merchant) -> Iterator[Merchant]:
    """The demo shop for a test that changes it; put back to the first day afterwards."""
    yield stocked
    seed_shop(clock=read_clock, reset=True)


@pytest.fixture
def own_key(database: str) -> str:
    """A merchant key of this test's own."""
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def visitor(stocked: Merchant) -> Client:
    """A browser without scripts."""
    return Client()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium; skipped where none is installed."""
    if CHROMIUM is None:
        pytest.skip("No Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()
