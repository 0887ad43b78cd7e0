"""Replies as a harness makes them from templates, streamed as a model writes them, over shops no rule was made from."""

from pathlib import Path

import msgspec
import pytest
import yaml

from commerce_agent.agent.grounding import check_sentence, list_grounds
from commerce_agent.decoding import convert
from commerce_agent.management.judged.claims.claimed_shops import NOW, Promised, make_state
from tests.agent.prose_claims import read_shops
from tests.agent.streaming import stream

SETS = yaml.safe_load((Path(__file__).parent / "said_by_template.yaml").read_text(encoding="utf-8"))
COFFEE, CAMPING, *_ = read_shops(SETS["first"]["shops"])


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A whole reply, and the shop it is of."""

    shop: int
    said: str


@pytest.mark.parametrize("name", SETS)
async def test_what_is_wrong_is_stopped_as_it_streams_and_what_is_right_passes(name: str) -> None:
    states = [make_state(shop) for shop in read_shops(SETS[name]["shops"])]
    wrong, right = (convert(SETS[name][side], list[Reply]) for side in ("wrong", "right"))

    missed = [each.said for each in wrong if not (await stream(each.said, state=states[each.shop])).held_back]
    held = [each.said for each in right if (await stream(each.said, state=states[each.shop])).held_back]

    assert (missed, held) == ([], [])
    assert min(len(wrong), len(right)) >= 100


def passes(said: str, *, shop: Promised, about: str = "") -> bool:
    """On the day of the shop's clock, a Monday."""
    grounds = list_grounds(state=make_state(shop), at=NOW)
    return check_sentence(said, grounds=grounds, about=frozenset({about} - {""})).passed


@pytest.mark.parametrize(
    ("said", "true"),
    [
        # TRAIL20 ends on the Monday after, BREW15 on Sunday the sixth of December.
        ("TRAIL20 ends next Monday.", True),
        ("TRAIL20 ends on Monday, November 30.", True),
        ("TRAIL20 ends on Tuesday, November 30.", False),
        ("The offer ends in a week.", True),
        ("The offer ends in about a week.", True),
        ("The offer ends in two weeks.", False),
        ("The deal ends tomorrow.", False),
        ("The promotion runs until the weekend.", False),
        ("The promotion runs until the end of the month.", True),
        ("There are 7 days left on TRAIL20.", True),
        ("There are 3 days left on TRAIL20.", False),
        ("You have less than two weeks to use TRAIL20.", True),
        ("TRAIL20 has expired.", False),
        ("The TRAIL20 code expired yesterday.", False),
        ("The sale ends in 7 days.", True),
        ("The sale ends in 6 weeks.", False),
        ("TRAIL20 ends on November 23.", False),
        ("As of November 23, TRAIL20 gives 20% off.", True),
        ("After November 30, TRAIL20 no longer works.", True),
        ("Die Aktion endet am Freitag.", False),
        ("Der Gutscheincode gilt noch 7 Tage.", True),
        ("Der Gutscheincode gilt noch 3 Tage.", False),
        ("La oferta termina mañana.", False),
        ("L'offre se termine dans 7 jours.", True),
        ("L'offre expire demain.", False),
    ],
)
def test_what_is_left_of_an_offer_is_told_by_the_calendar(said: str, true: bool) -> None:
    assert passes(said, shop=CAMPING) is true


@pytest.mark.parametrize(
    "said",
    [
        "Today is a good day to use TRAIL20.",
        "The code is still valid today.",
        "Has the offer expired?",
        "Once the offer has expired, the price goes up again.",
        "Delivery takes 3 to 6 business days, whatever the offer.",
        "I can look again tomorrow whether the deal is still on.",
        "You can return it within 60 days, also what you bought in the sale.",
        "The code is short, and next Friday I can remind you of it.",
    ],
)
def test_days_beside_an_offer_are_not_always_its_end(said: str) -> None:
    assert passes(said, shop=CAMPING)


def test_nothing_is_known_of_an_end_without_a_clock() -> None:
    grounds = list_grounds(state=make_state(CAMPING))

    assert grounds.today is None
    assert check_sentence("The offer ends in two weeks.", grounds=grounds).verdicts[0].kind == "period"


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("The SKU of the Sora Headlamp is TNT-1047.", True),
        ("The SKU of the Sora Headlamp is TNT-1033.", False),
        ("TNT-1033 is the item number of the Sora Headlamp.", False),
        ("SKU TNT-1033 is the Emberlite Camp Stove.", True),
        ("| Sora Headlamp | TNT-1033 |", False),
        ("Search for TNT-1033 to find the Sora Headlamp.", False),
        ("TNT-1033 is cheaper than the Ridgeline 2P Tent.", True),
        ("TNT-1047 goes well with the Ridgeline 2P Tent.", True),
        ("Is TNT-1033 the Sora Headlamp?", True),
        ("You can find it by its SKU, TNT-1047: that's the Sora Headlamp.", True),
        ("You can find it by its SKU, TNT-1033: that's the Sora Headlamp.", False),
        ("Here it is: Sora Headlamp (Item #TNT-1033).", False),
        ("Item numbers: Sora Headlamp TNT-1047, Emberlite Camp Stove TNT-1033.", True),
    ],
)
def test_a_number_is_that_of_its_own_goods(said: str, true: bool) -> None:
    assert passes(said, shop=CAMPING) is true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("The Sora Headlamp is in stock, shall I add it?", True),
        ("The Emberlite Camp Stove is in stock, shall I add it?", False),
        ("Is the Emberlite Camp Stove in stock, or shall I look for another?", True),
        ("Shipping is free, would you like to order?", False),
        ("The Emberlite Camp Stove is almost gone.", False),
        ("The Ridgeline 2P Tent is almost gone.", True),
        ("All of them are in stock.", False),
        ("The Sora Headlamp is out of stock until January.", False),
        ("The Emberlite Camp Stove is out of stock, and I don't know until when.", True),
        ("I can't add it until it is in stock again.", True),
        ("The Ridgeline 2P Tent has a stock of 3.", True),
        ("Our inventory shows 4 of the Ridgeline 2P Tent.", False),
        ("Sora Headlamp | 39.99 USD | 52 in stock", True),
        ("Fresh start: your limits are gone. What are you looking for?", True),
        ("All those wishes are gone, let's start over.", True),
        ("Everything is fine, and I can look up all of them.", True),
        ("The Sora Headlamp sells well, with a few left.", False),
        ("The Ridgeline 2P Tent sells well, with a few left.", True),
        ("Unfortunately we don't have the Ridgeline 2P Tent in stock.", False),
        ("Unfortunately we don't have the Emberlite Camp Stove in stock.", True),
        ("The Sora Headlamp is almost gone.", False),
        ("In stock: no, the Emberlite Camp Stove isn't there.", True),
        ("| Emberlite Camp Stove | ✅ Available |", False),
        ("| Sora Headlamp | Available |", True),
        ("Available colours of the Emberlite Camp Stove: red.", True),
        ("I can put you on the waiting list for the Emberlite Camp Stove.", True),
        ("I can put the Emberlite Camp Stove in the post today.", False),
        ("The Emberlite Camp Stove ships in a recycled box.", True),
        ("The Emberlite Camp Stove ships in a day.", False),
        ("Stock level for the Ridgeline 2P Tent: 3.", True),
        ("Stock level for the Ridgeline 2P Tent: 4.", False),
    ],
)
def test_stock_is_claimed_before_a_question_in_cells_and_by_halves(said: str, true: bool) -> None:
    assert passes(said, shop=CAMPING) is true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("The Sora Headlamp and the Emberlite Camp Stove cost the same.", False),
        ("The Sora Headlamp doesn't cost the same as it looks.", True),
        ("Both look the same.", True),
        ("The Sora Headlamp and the Emberlite Camp Stove add up to $114.99.", True),
        ("The Sora Headlamp and the Emberlite Camp Stove add up to $250.00.", False),
        ("The difference between the Emberlite Camp Stove and the Sora Headlamp is $35.01.", True),
        ("The difference between the Emberlite Camp Stove and the Sora Headlamp is $144.00.", False),
        ("The Sora Headlamp comes in at just 39.99 dollars.", True),
        ("New customers save $8.95 on the first order.", False),
        ("You'd pay 40 Swiss francs for it.", False),
        ("There is a 20% restocking fee.", False),
        ("We ship worldwide.", False),
        ("Can you ship worldwide?", True),
        ("All sales are final.", False),
        ("Returns are free of stress.", True),
        ("Returns are free.", False),
        ("There's a buy-two-get-one-free offer.", False),
        ("Should I buy one, and get one for a friend?", True),
        ("Shipping is $8.95, or free if you spend over $99.", True),
        ("Shipping is $75.00, or free if you spend over $99.", False),
        ("If you buy two of the Foxhollow Sleeping Bag, that's $438.00.", True),
        ("If you buy two of the Foxhollow Sleeping Bag, that's $458.00.", False),
        ("The subtotal for one Sora Headlamp and one Emberlite Camp Stove would be $114.99.", True),
        ("The Sora Headlamp ist für $39.99 zu haben.", True),
        ("Prices for these start at $8.95.", False),
        ("You can return it even after it has been used.", False),
        ("We don't offer free shipping.", False),
        ("There is no free shipping below $99.", True),
    ],
)
def test_sums_and_terms_in_further_words(said: str, true: bool) -> None:
    assert passes(said, shop=CAMPING) is true


def test_a_lost_promise_is_none_where_the_shop_says_nothing_of_it() -> None:
    shop = msgspec.structs.replace(
        COFFEE,
        shipping=msgspec.structs.replace(COFFEE.shipping, text="Delivery takes 2 to 4 days and costs €5.90."),
    )

    assert passes("We don't offer free shipping.", shop=shop)
