"""Every state of the widget against axe's rules, best practice included."""

import json
import re
from typing import Any, Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import Frame, Page, expect

from catalog.models import Merchant
from commerce_agent.chat.looks import measure_contrast
from conversations.events.visits import PersonJoined, PersonSpoke
from conversations.ids import ClientMessageId
from tests.browser import scenes
from tests.browser.conftest import PANEL, PHONE, OpenPage, Site
from tests.browser.stage import Stage
from tests.browser.test_widget import DESKTOP, get_launcher, open_chat, say
from tests.running import ROOT

AXE = (ROOT / "tests/vendor/axe.min.js").read_text()
SETTLE = """() => Promise.all(document.getAnimations()
    .filter((animation) => animation.effect.getTiming().iterations === 1)
    .map((animation) => animation.finished.catch(() => null)))"""
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark, right to left": {"scheme": "dark", "direction": "rtl"},
    "phone, dark": {"size": PHONE, "scheme": "dark"},
    "phone, right to left": {"size": PHONE, "direction": "rtl"},
}
"""Every two of light and dark, either way to read, and both sizes meet in one of them."""
COLOURED = ("light", "dark, right to left")
"""Where contrasts are measured, which takes longest: no colour depends on the size or the way to read."""


def list_violations(page: Page | Frame, *, within: str = "html", contrast: bool = True) -> list[str]:
    """What axe objects to; animations are over first, because it measures the contrast of the moment."""
    page.evaluate(SETTLE)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    # What passes is not gathered, and frames are looked at by themselves.
    found: dict[str, Any] = page.evaluate(
        "([within, contrast]) => axe.run(within === 'html' ? document : document.querySelector(within),"
        " { resultTypes: ['violations'], iframes: false,"
        " rules: { 'target-size': { enabled: true }, 'color-contrast': { enabled: contrast } } })",
        [within, contrast],
    )
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def require_none(page: Page, state: str) -> None:
    """Looks at one state in every look; the page is as it was before afterwards."""
    for name, look in LOOKS.items():
        wear(page, **look)
        assert list_violations(page, contrast=name in COLOURED) == [], f"{state}, {name}"
    wear(page)


def wear(
    page: Page, *, scheme: Literal["light", "dark"] = "light", direction: str = "ltr", size: Any = PANEL
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size(size)
    page.locator("html").evaluate("(root, direction) => { root.dir = direction; }", direction)
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)


def test_every_state_passes_axe(widget: Page, stage: Stage) -> None:
    expect(widget.locator("#ideas li").first).to_be_visible()
    require_none(widget, "empty")

    say(widget, "hello")
    require_none(widget, "talk")
    # Where the system chooses the colours, a border takes the place of a ground.
    widget.emulate_media(forced_colors="active")
    expect(widget.locator(".bubble")).to_have_css("border-top-style", "solid")
    assert list_violations(widget) == [], "forced colours"
    widget.emulate_media(forced_colors="none")

    widget.get_by_role("button", name="Not helpful").click()
    expect(widget.get_by_role("list", name="What was wrong with it?")).to_be_visible()
    widget.get_by_role("button", name="Why this?").click()
    expect(widget.locator(".because")).to_be_visible()
    require_none(widget, "tools")

    widget.locator("#more").click()
    widget.locator("#menu button").nth(3).click()
    expect(widget.locator("#menu [data-sure]")).to_be_visible()
    require_none(widget, "menu")
    widget.locator("#words").click()

    stage.append(scenes.CARDS, scenes.ONE_CARD, scenes.PICTURE, scenes.TABLE, scenes.QUICK)
    expect(widget.locator(".quick .chip")).to_have_count(2)
    widget.get_by_role("button", name="Ask about this: Kettle").click()
    expect(widget.locator("#about")).to_have_text("Kettle")
    for more in widget.locator("summary").all():
        more.click()
    require_none(widget, "goods")

    stage.append(scenes.SOLD_OUT, scenes.CHEAPER, scenes.NEW_TERMS, scenes.PERSON)
    expect(widget.locator(".notice")).to_have_count(4)
    for frame in (scenes.MARA_CAME, scenes.MARA_SPOKE, {"t": "typing", "name": "Mara"}):
        stage.whisper(frame)
    expect(widget.locator(".reply").last.locator("th")).to_have_count(4)
    require_none(widget, "notices, and a person")


def test_every_state_of_an_order_passes_axe(widget: Page, stage: Stage) -> None:
    say(widget, "hello")
    stage.append(scenes.ORDERS, scenes.CART, scenes.propose(name="older"), scenes.propose())
    # The older one has buttons until the newer one comes.
    expect(widget.locator(".proposal")).to_have_count(2)
    widget.locator(".solid").scroll_into_view_if_needed()
    expect(widget.locator(".solid")).not_to_have_attribute("aria-disabled", "true")
    require_none(widget, "proposal")

    stage.append(scenes.SOLD_OUT, scenes.CHEAPER)
    expect(widget.locator(".proposal:not([data-status]) [data-sku=KET-1] .costs")).to_have_text("Now $39.90")
    require_none(widget, "news of what is bought")

    stage.append(scenes.accept())
    expect(widget.locator(".proposal").last).to_have_attribute("data-status", "accepted")
    stage.append(scenes.EMPTY_CART, *scenes.list_ends())
    for status in ("declined", "expired", "failed", "changed"):
        expect(widget.locator(f".proposal[data-status={status}]")).to_have_count(1)
    expect(widget.get_by_role("link", name="Pay now")).to_have_count(1)
    expect(widget.locator(".cart").last).to_have_text("Your cartYour cart is empty.")
    stage.whisper({"t": "done", "turn": 98, "text": "It is made", "status": "stopped"})
    stage.whisper({"t": "snapshot", "since": 99})
    expect(widget.get_by_role("button", name="Earlier messages")).to_be_attached()
    stage.whisper({"t": "delta", "turn": 99, "part": "text", "off": 0, "text": "One moment"})
    expect(widget.locator(".reply.busy .said")).to_have_text("One moment")
    require_none(widget, "streaming, stopped, left out, and offers that have ended")


def test_trouble_passes_axe(open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage) -> None:
    said: list[str] = []
    widget = open_page("about:blank", color_scheme="light")
    widget.on("websocket", lambda socket: socket.on("framesent", lambda text: said.append(str(text))))
    widget.goto(f"{running_shop}/w/{merchant.key}/")
    say(widget, "hello")
    cid = next(frame["cid"] for text in said if (frame := json.loads(text))["t"] == "msg")
    stage.whisper({"t": "done", "turn": 9, "text": "I could not find out.", "status": "failed"})
    stage.whisper({"t": "error", "cid": cid, "code": "bad_frame", "text": "?"})
    expect(widget.locator(".mine")).to_have_attribute("data-state", "failed")
    require_none(widget, "failed")

    widget.context.set_offline(True)
    widget.locator("#words").fill("x" * 2100)
    expect(widget.locator("#toolong")).to_have_text("100 characters too long")
    require_none(widget, "too long")

    widget.locator("#words").fill("waits")
    widget.locator("#words").press("Enter")
    expect(widget.locator(".mine[data-state=waiting]")).to_have_count(1)
    require_none(widget, "offline")


def test_the_launcher_and_the_panel_pass_axe(open_page: OpenPage, site: Site, stage: Stage) -> None:
    for name, look in LOOKS.items():
        dark = look.get("scheme") == "dark"
        site.css = "body { background: #14181c; color: #fff }" if dark else ""
        size = look.get("size", {"width": 1200, "height": 800})
        page = open_page(site.origin, viewport=size, reduced_motion="reduce")
        page.locator("html").evaluate("(root, way) => { root.dir = way; }", look.get("direction", "ltr"))
        get_launcher(page).hover()
        coloured = name in COLOURED
        assert list_violations(page, contrast=coloured) == [], f"launcher, {name}"
        open_chat(page)
        # A page behind a panel that fills the screen is out of reach, and has no heading then.
        assert list_violations(page, within="body > div", contrast=coloured) == [], f"panel, {name}"
    say(page.frame_locator("iframe"), "hello")
    page.evaluate("ShopChat.close()")
    stage.append(scenes.NEW_TERMS)
    expect(page.get_by_role("button", name="Open the chat, 1 unread")).to_be_visible()
    assert list_violations(page) == [], "unread"


def test_any_accent_passes_axe(open_page: OpenPage, running_shop: str) -> None:
    page = open_page("about:blank", viewport=PANEL)
    for accent in ("#ffd400", "#101010"):
        for shade in ("light", "dark"):
            page.goto(f"{running_shop}/w/preview/preview/?shade={shade}&accent={quote(accent)}&corners=soft")
            assert list_violations(page) == [], f"{accent}, {shade}"


def test_the_embedded_chat_passes_axe_in_the_colour_of_its_tag(
    open_page: OpenPage, site: Site, stage: Stage
) -> None:
    page = open_page(site.origin, viewport=DESKTOP, reduced_motion="reduce")
    say(open_chat(page), "hello")
    told = f"See [the care guide]({site.origin}/care)."
    stage.append(
        PersonJoined(by="mara@shop.example", name="Mara"),
        PersonSpoke(cid=ClientMessageId("from-mara-1"), name="Mara", text=told),
    )
    plain = site.embed
    for accent, rgb in (("#ff6600", "rgb(255, 102, 0)"), ("#2e9e5b", "rgb(46, 158, 91)")):
        site.embed = plain.replace("data-key", f"data-accent='{accent}' data-key")
        for shade, css in (("light", ""), ("dark", "body { background: #14181c; color: #fff }")):
            site.css = css
            page.goto(site.origin)
            chat = page.frame_locator("iframe")
            expect(chat.locator("html")).to_have_attribute("data-theme", shade)
            expect(chat.get_by_role("link", name="the care guide")).to_be_visible()
            expect(chat.locator(".bubble")).to_have_css("background-color", rgb)
            frame = next(one for one in page.frames if "/w/" in one.url)
            assert list_violations(frame) == [], f"{accent}, {shade}"


@pytest.mark.parametrize("accent", ["#ffd400", "#ff6600", "#00a3e0", "#2e9e5b", "#101010", "#808080"])
def test_the_sign_on_the_launcher_stands_out(open_page: OpenPage, site: Site, accent: str) -> None:
    site.embed = site.embed.replace("data-key", f"data-accent='{accent}' data-key")
    page = open_page(site.origin, viewport=DESKTOP, reduced_motion="reduce")
    sign, ground = (
        tuple(
            map(int, re.findall(r"\d+", get_launcher(page).evaluate(f"one => getComputedStyle(one).{name}")))
        )
        for name in ("color", "backgroundColor")
    )

    assert measure_contrast(of=sign, on=ground) >= 3
