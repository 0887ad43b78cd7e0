"""The pages in a real browser, under the policy they are served with."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from catalog.ids import MerchantId
from catalog.merchants import delete_merchant
from catalog.models import Connector, Merchant, Policy, Promotion, Variant
from commerce_agent.models import AgentSettings
from tests.chromium import DESKTOP, PHONE
from tests.console.conftest import Talk
from tests.flows.recordings import make_lamp_shop

pytestmark = pytest.mark.browser


@pytest.fixture
def addresses(merchant: Merchant, talk: Talk) -> dict[str, str]:
    variant = Variant.objects.filter(merchant=merchant).order_by("sku")[0]
    policy = Policy.objects.filter(merchant=merchant).order_by("name")[0]
    promotion = Promotion.objects.filter(merchant=merchant).order_by("pk")[0]
    connector = Connector.objects.get(merchant=merchant)
    return {
        "promotion": reverse("admin:catalog_promotion_change", args=[promotion.pk]),
        "home": reverse("admin:index"),
        "products": reverse("admin:catalog_product_changelist"),
        "product": reverse("admin:catalog_product_change", args=[variant.product_id]),
        "variant": reverse("admin:catalog_variant_change", args=[variant.pk]),
        "policy": reverse("admin:catalog_policy_change", args=[policy.pk]),
        "merchant": reverse("admin:catalog_merchant_change", args=[merchant.pk]),
        "connectors": reverse("admin:catalog_connector_changelist"),
        "connector": reverse("admin:catalog_connector_change", args=[connector.pk]),
        "outages": reverse("admin:catalog_breakerchange_changelist"),
        "import": reverse("admin:catalog_importrun_add"),
        "staff": reverse("admin:commerce_agent_membership_changelist"),
        "listener": reverse("admin:commerce_agent_listener_add"),
        "settings": reverse("admin:commerce_agent_agentsettings_add"),
        "try": reverse("admin:commerce_agent_agentsettings_try", args=[merchant.pk]),
        "invite": reverse("admin:commerce_agent_membership_add"),
        "conversations": reverse("admin:conversations_conversation_changelist"),
        "conversation": reverse("admin:conversations_conversation_change", args=[talk.id]),
    }


def test_pages_work_under_their_policy_on_a_desk_and_on_a_phone(
    page: Page, addresses: dict[str, str]
) -> None:
    for name, address in addresses.items():
        page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
        answer = page.goto(address, wait_until="load")
        assert answer is not None
        assert answer.status == 200, name
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wider <= 0, f"{name} scrolls sideways at {size['width']} px"


def test_the_snippet_can_be_copied(page: Page, addresses: dict[str, str], merchant: Merchant) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(addresses["merchant"])

    page.get_by_role("button", name="Copy").click()
    page.get_by_role("status").get_by_text("Copied").wait_for()

    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("<script async src=")
    assert f'data-key="{merchant.key}"' in copied


@pytest.fixture
def tried(database: str) -> Iterator[MerchantId]:
    """A shop with two versions of its settings, of which the newer holds, and no conversation."""
    shop, now = make_lamp_shop(), datetime.now(UTC)
    for version, tone in ((1, "dry"), (2, "warm")):
        AgentSettings.objects.create(merchant_id=shop, version=version, tone=tone, changed_at=now)
    yield shop
    delete_merchant(merchant=shop)


def test_the_assistant_is_tried_in_its_own_chat_and_leaves_one_conversation(
    page: Page, tried: MerchantId
) -> None:
    page.goto(reverse("admin:commerce_agent_agentsettings_try", args=[tried]))
    expect(page.get_by_role("heading", name="Version 2")).to_be_visible()
    # The loader's root is closed, so the frame is not found through the page.
    page.wait_for_function("!!window.ShopChat")
    chat = page.frames[-1] if len(page.frames) > 1 else page.wait_for_event("frameattached")
    there, listed = (
        page.get_by_role("link", name="shop's conversations"),
        page.locator("#result_list tbody tr"),
    )
    address = there.get_attribute("href") or ""
    # Looking leaves nothing.
    assert "result_list" not in page.request.get(address).text()

    chat.locator("#words").fill("show me desk lamps under 100 euros")
    chat.locator("#words").press("Enter")

    assert "/w/" in chat.url
    expect(chat.locator(".reply:not(.busy)").last).to_contain_text("Meadow")
    # As the page says: one conversation, of nobody known, answered by the newer version.
    there.click()
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text("Anonymous")
    listed.get_by_role("link", name="show me desk lamps under 100 euros").click()
    page.goto(f"{page.url}turn/1/")
    settings = page.locator("dl > div").filter(has=page.get_by_text("Settings", exact=True))
    expect(settings.first).to_contain_text("version 2")
    # Whoever is known to the shop, and what it sold, is as before.
    for model in ("conversations_shopper", "catalog_order"):
        rows = page.request.get(f"{reverse(f'admin:{model}_changelist')}?merchant_id__exact={tried}")
        assert (rows.status, "result_list" in rows.text()) == (200, False)


def test_a_preview_follows_what_is_chosen(page: Page, merchant: Merchant) -> None:
    page.goto(reverse("admin:commerce_agent_widgetlook_add"))
    page.locator("[name=accent]").fill("#aa3366")
    preview = page.locator("[data-look]").first
    expect(preview).to_have_attribute("src", re.compile("accent=%23aa3366"))
    bubble = page.frame_locator("[data-look]").first.locator(".bubble")

    expect(bubble).to_have_css("background-color", "rgb(170, 51, 102)")
