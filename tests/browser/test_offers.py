"""Several offers for one cart: only the newest can be pressed."""

from playwright.sync_api import Locator, Page, expect

from catalog.models import Merchant
from commerce_agent.chat.snapshots import AWAY_FRAMES
from tests.browser import scenes
from tests.browser.conftest import OpenPage
from tests.browser.stage import Stage
from tests.browser.test_widget import say

GONE = "No longer valid"


def expect_offers(page: Page, *outcomes: str) -> Locator:
    """What each offer says of itself; one that can be pressed says nothing, and has both buttons."""
    offers = page.locator(".proposal")
    expect(offers.locator(".outcome")).to_have_text(list(outcomes))
    expect(offers.locator(".solid")).to_have_count(outcomes.count(""))
    expect(offers.get_by_role("button", name="Not now")).to_have_count(outcomes.count(""))
    return offers


def test_a_newer_offer_takes_the_place_of_the_one_before(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "I take both")
    stage.append(scenes.CART, scenes.propose())
    expect_offers(page, "")

    stage.append(scenes.propose(name="offer-2"))
    offers = expect_offers(page, GONE, "")
    expect(offers.first).to_have_attribute("data-status", "gone")
    expect(offers.first.locator("p:visible")).to_have_text([GONE])
    page.reload()
    expect_offers(page, GONE, "")

    stage.append(scenes.accept(name="offer-2"), scenes.propose(name="offer-3"))
    expect_offers(page, GONE, "Order confirmedOrder N-1042", "")


def test_a_cart_that_has_changed_leaves_no_offer(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "I take both")
    stage.append(scenes.CART, scenes.propose())
    confirm = page.get_by_role("button", name="Confirm order")
    confirm.focus()

    stage.append(scenes.EMPTY_CART)
    offers = expect_offers(page, GONE)
    # Whoever was on its button is not thrown out of the talk.
    expect(offers.locator(".outcome")).to_be_focused()

    # It had been pressed before that, and the shop has done it: that is what counts.
    stage.append(scenes.accept())
    expect_offers(page, "Order confirmedOrder N-1042")


def test_after_a_long_absence_the_older_offer_is_none_either(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "hello")
    stage.append(*[scenes.NEW_TERMS] * AWAY_FRAMES)
    say(page, "I take both")
    stage.append(scenes.propose(), scenes.propose(name="offer-2"))
    expect_offers(page, GONE, "")

    page.reload()
    expect(page.get_by_role("button", name="Earlier messages")).to_be_visible()
    expect_offers(page, GONE, "")
    page.get_by_role("button", name="Earlier messages").click()
    expect(page.locator(".bubble")).to_have_text(["hello", "I take both"])
    expect_offers(page, GONE, "")


def test_every_offer_says_until_when_it_stands(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "I take both")
    for offer in (scenes.propose(), scenes.propose_to_cancel()):
        stage.append(offer)
        slip = page.locator(".proposal").last
        expires = page.evaluate(
            "(at) => new Intl.DateTimeFormat('en', { hour: 'numeric', minute: '2-digit' }).format(new Date(at))",
            offer.proposal.expires_at.isoformat(),
        )
        expect(slip.get_by_text("Valid until")).to_have_text(f"Valid until {expires}")
    expect(page.locator(".proposal h2").last).to_have_text("Cancel order N-1042")
