"""No page of the admin has a violation, whoever of its readers opens it."""

import re
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from catalog.models import FeedDraft, Merchant, Policy, Product
from commerce_agent.models import Operator, Role
from commerce_agent.staff.invitations import invite_operator
from tests.chromium import DESKTOP, PHONE
from tests.console.browsing import AXE
from tests.console.conftest import hold_talk
from tests.console.posted import list_answers, list_templates
from tests.console.test_pages import MODELS, SHOP_MODELS, list_address, page_address
from tests.console.test_roles import get_row, list_ways
from tests.console.visits import Visits, log_in

pytestmark = pytest.mark.browser

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
WORDS = re.compile(r"[^<>]+(?=<)|(?<= )(?:href|value|id|for|name|title|datetime)=(?:\"[^\"]*\"|'[^']*')")
CLASSES = re.compile(r'class="([^"]*)"')
ALIKE = ("/history/", "/delete/")
"""How these look is the same for every kind of row, but for the words: each build of them is looked at once. So is what
another reader than the owner is shown.
"""
BROKEN = """async (where, isLookedAtByNight = true) => {
    const broken = [];
    for (const night of isLookedAtByNight ? [false, true] : [false]) {
        document.documentElement.classList.toggle("dark", night);
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const all = await axe.run(where, {
            runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
            resultTypes: ["violations"],
            iframes: false,
        });
        broken.push(...all.violations.map((each) => `${each.id}: ${each.nodes[0].html.slice(0, 160)}`));
    }
    document.documentElement.classList.remove("dark");
    return broken;
}"""
"""What axe finds amiss, by day and by night."""
LAY = """async ([html, isLookedAtByNight]) => {
    const read = new DOMParser().parseFromString(html, "text/html");
    const here = () => [...document.querySelectorAll("link[rel=stylesheet]")].map((each) => each.href);
    for (const link of read.querySelectorAll("link[rel=stylesheet]")) {
        if (!here().includes(link.href)) {
            const added = document.importNode(link, true);
            const loaded = new Promise((done) => { added.onload = added.onerror = done; });
            document.head.append(added);
            await loaded;
        }
    }
    // A row is like the next one.
    read.querySelectorAll("#content tbody tr:nth-child(n+5)").forEach((row) => row.remove());
    const content = read.querySelector("#content");
    // What is said of what was just done stands before it.
    const said = content.parentElement.previousElementSibling?.querySelector("ul");
    if (said) content.prepend(said);
    document.querySelector("#content").replaceWith(document.importNode(content, true));
    return await (__BROKEN__)("#content", isLookedAtByNight);
}""".replace("__BROKEN__", BROKEN)
"""Lays what a page shows in the place of what is shown, and answers what axe finds amiss in it."""
PLANTED = (
    '<main id="content"><input name="nameless"></main>',
    '<div><ul><li><input name="nameless"></li></ul></div><div><main id="content"></main></div>',
)
"""A fault on a page, and one in what is said above it of what was just done."""


def list_pages(merchant: Merchant, *, draft: FeedDraft) -> list[str]:
    """Every page of the admin: lists, forms, rows with what can be done to them, and those of our own. They are read
    off the site, so that none is left out.
    """
    empty = f"{list_address(Policy)}?q=nothing-of-the-kind"
    addresses = [reverse("admin:index"), reverse("admin:password_change"), page_address(merchant), empty]
    for model in MODELS:
        addresses += [list_address(model), list_address(model) + "add/"]
        if model in SHOP_MODELS:
            row = get_row(model, merchant)
            ways = list_ways(row, draft=draft)
            addresses += [page_address(row), *ways.values()]
    return list(dict.fromkeys(addresses))


def read_pages(client: Client, addresses: Iterable[str]) -> dict[str, str]:
    """Those that somebody may open, as they are shown."""
    answers = {address: client.get(address) for address in addresses}
    return {name: answer.content.decode() for name, answer in answers.items() if answer.status_code == 200}


@pytest.fixture(scope="module")
def shown(
    visits: Visits, superuser: Operator, merchant: Merchant, draft: FeedDraft
) -> dict[str, dict[str, str]]:
    """What each reader is shown, and what answers nothing but something that was sent. It is asked for before a browser
    is open, whose loop no page could use: so the test that asks for it stands first.
    """
    addresses = list_pages(merchant, draft=draft)
    owner, support = (
        {name: seen.html for name in addresses if (seen := visits.look(role, name)).status == 200}
        for role in (Role.OWNER, Role.SUPPORT)
    )
    beyond = (address for address in addresses if address not in owner)
    posted = dict(list_answers(log_in(superuser), gone=hold_talk(merchant)))
    assert {name: answer.status_code for name, answer in posted.items() if answer.status_code != 200} == {}
    rendered = {each.name for answer in posted.values() for each in answer.templates}
    assert list_templates() - rendered == set()
    return {
        "owner": owner,
        "posted": {name: answer.content.decode() for name, answer in posted.items()},
        "platform": read_pages(log_in(superuser), beyond),
        "support": support,
    }


def test_no_page_of_the_admin_has_a_violation(shown: dict[str, dict[str, str]], page: Page) -> None:
    """By day, and by night where something has colours that nothing before it had. Each is laid into one page that is
    open, so that the theme is loaded once; what stands around it, the header and the sidebar, is looked at with the
    pages of three kinds, and with the menu open on a phone.
    """
    around: dict[str, list[str]] = {}
    form = next(name for name in shown["owner"] if name.endswith("/change/"))
    for address in (list_address(Policy), form, reverse("admin:index")):
        page.goto(address, wait_until="load")
        page.evaluate(AXE.read_text())
        around[address] = page.evaluate(BROKEN, "body")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.locator("#header-inner span:visible", has_text="dock_to_right").last.click()
    page.get_by_role("link", name="Find and audit").wait_for()
    around["the menu on a phone"] = page.evaluate(BROKEN, "body")
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    planted = [broken for html in PLANTED for broken in page.evaluate(LAY, [html, False])]
    dim = '<main id="content"><p style="color: var(--color-base-800)">By night this is as dark as the page.</p></main>'
    by_night = page.evaluate(LAY, [dim, True])
    found: dict[str, list[str]] = {}
    seen: set[str] = set()
    coloured: set[str] = set()
    for reader, pages in shown.items():
        for name, html in pages.items():
            content = TOKEN.sub("", html[html.index('id="content"') :])
            content = WORDS.sub("", content) if name.endswith(ALIKE) or reader != "owner" else content
            if content not in seen:
                seen.add(content)
                classes = {" ".join(sorted(each.split())) for each in CLASSES.findall(content)}
                found[f"{reader}: {name}"] = page.evaluate(
                    LAY, [html, reader == "posted" or not classes <= coloured]
                )
                coloured |= classes

    assert [each.partition(":")[0] for each in planted] == ["label", "label"]
    assert "color-contrast" in [each.partition(":")[0] for each in by_night]
    assert {where: what for where, what in (around | found).items() if what} == {}
    assert {list_address(model) for model in MODELS} <= shown["owner"].keys() | shown["platform"].keys()
    assert list_address(Product) in shown["support"]


@pytest.fixture
def newcomer(merchant: Merchant) -> str:
    """The address at which somebody who was invited sets the first password."""
    email = f"new-{uuid.uuid4().hex[:8]}@shop.example"
    invited = invite_operator(
        merchant=merchant, email=email, role=Role.SUPPORT, by=None, at=datetime.now(UTC)
    )
    assert invited.welcome is not None
    return reverse("admin:welcome", args=invited.welcome)


def test_the_login_has_no_violation(database: str, page: Page) -> None:
    """As it is opened, and once it refused somebody."""
    page.context.clear_cookies()
    found: dict[str, list[str]] = {}
    page.goto(reverse("admin:login"), wait_until="load")
    page.evaluate(AXE.read_text())
    found["opened"] = page.evaluate(BROKEN, "body")
    page.locator("#id_username").fill("nobody@shop.example")
    page.locator("#id_password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("Please enter the correct").wait_for()
    page.evaluate(AXE.read_text())
    found["refused"] = page.evaluate(BROKEN, "body")

    assert found == {"opened": [], "refused": []}


def test_the_welcome_of_a_newcomer_has_no_violation(newcomer: str, page: Page) -> None:
    """While the address is good, and once it is not."""
    found: dict[str, list[str]] = {}
    for name, address in (("good", newcomer), ("old", newcomer.rstrip("/") + "0/")):
        page.goto(address, wait_until="load")
        page.evaluate(AXE.read_text())
        found[name] = page.evaluate(BROKEN, "body")
        assert page.get_by_role("button", name="Set the password").count() == (name == "good")

    assert found == {"good": [], "old": []}
