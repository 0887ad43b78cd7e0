"""The pages in a real browser, under the policy they are served with."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from catalog.models import Connector, Merchant, Policy, Promotion, Variant
from tests.chromium import DESKTOP, PHONE
from tests.console.conftest import Talk

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


def test_the_assistant_can_be_tried_in_its_own_chat(page: Page, addresses: dict[str, str]) -> None:
    page.goto(addresses["try"])

    page.wait_for_selector(".ca-try")
    page.wait_for_function("document.documentElement.querySelectorAll('*').length > 0 && !!window.ShopChat")
    frame = page.wait_for_event("frameattached") if len(page.frames) == 1 else page.frames[-1]
    frame.get_by_role("textbox").wait_for()
    assert "/w/" in frame.url


def test_a_preview_follows_what_is_chosen(page: Page, merchant: Merchant) -> None:
    page.goto(reverse("admin:commerce_agent_widgetlook_add"))
    page.locator("[name=accent]").fill("#aa3366")
    preview = page.locator("[data-look]").first
    expect(preview).to_have_attribute("src", re.compile("accent=%23aa3366"))
    bubble = page.frame_locator("[data-look]").first.locator(".bubble")

    expect(bubble).to_have_css("background-color", "rgb(170, 51, 102)")
