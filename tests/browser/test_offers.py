"""What offers look like, and several for one cart: only the newest can be pressed."""

from playwright.sync_api import Locator, Page, expect

from catalog.models import Merchant
from commerce_agent.chat.snapshots import AWAY_FRAMES
from conversations.events.carts import ProposalResolved
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


def test_an_offer_to_send_an_order_elsewhere_says_where_before_what(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "Send it to Rose Street")
    stage.append(scenes.propose_to_send_elsewhere())
    slip = page.locator(".proposal")
    expect(slip.locator("h2")).to_have_text("Send order N-1042 to")
    where = slip.locator("h2 + p")
    expect(where).to_have_text("Ada Moss 5 Rose Street Bath BA1 1AA")
    assert where.inner_text() == "Ada Moss\n5 Rose Street\nBath BA1 1AA"
    expect(slip.locator("p + .lines dt")).to_have_text(["1 ×Stoneware teapot, ash", "2 ×Kettle"])
    # Nothing is owed, and no line stands above nothing.
    expect(slip.locator(".total")).to_have_count(0)

    told = "Order N-1042 goes to Ada Moss, 5 Rose Street, Bath BA1 1AA now."
    stage.append(ProposalResolved(id="address-1", status="accepted", text=told, order="N-1042"))
    outcome = slip.locator(".outcome")
    expect(outcome).to_have_text(told)
    sign, words = (outcome.locator(part).bounding_box() for part in ("svg", "strong"))
    assert sign is not None
    assert words is not None
    # The words stand beside the sign, however many they are.
    assert words["height"] > 1.5 * sign["height"]
    assert words["y"] < sign["y"] < words["y"] + words["height"]


def test_an_offer_to_exchange_says_what_goes_and_what_comes(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "Another one, please")
    stage.append(scenes.propose_to_exchange())
    slip = page.locator(".proposal")
    expect(slip.locator("h2")).to_have_text("Exchange from order N-1042")
    expect(slip.locator(".lines + p + .lines dt")).to_have_text("2 ×Kettle")
    expect(slip.locator("p").first).to_have_text("In its place:")
    expect(slip.locator(".total")).to_have_text("To pay$35.80")


def test_what_was_ordered_says_no_more_that_few_are_left(
    open_page: OpenPage, running_shop: str, merchant: Merchant, stage: Stage
) -> None:
    page = open_page(f"{running_shop}/w/{merchant.key}/")
    say(page, "I take both")
    stage.append(scenes.propose(), scenes.CHEAPER)
    kettle = page.locator(".proposal .lines .news").filter(has_text="Now $39.90")
    expect(kettle).to_be_visible()

    stage.append(scenes.accept())
    expect(page.locator(".proposal .outcome")).to_have_text("Order confirmedOrder N-1042")
    expect(kettle).to_have_count(1)
    expect(kettle).to_be_hidden()
