"""The pages in a real browser: axe, no broken policy, nothing wider than the screen."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from catalog.models import Merchant

AXE = Path(__file__).parent.parent / "vendor" / "axe.min.js"
PAGES = [
    "/",
    "/shop/running-shoes/?below=100",
    "/shop/search/?q=zzzz",
    "/shop/product/FEATHER/",
    "/shop-floor/",
]

pytestmark = pytest.mark.browser


def list_violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(
        "async () => (await axe.run(document)).violations.flatMap("
        "rule => rule.nodes.map(node => `${rule.id}: ${node.target}`))"
    )
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_accessible_and_fits(
    browser: Browser, running_shop: str, stocked: Merchant, scheme: str, size: tuple[int, int], address: str
) -> None:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(running_shop + address, wait_until="load")

    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert list_violations(page) == []
    context.close()
