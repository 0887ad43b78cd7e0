"""What is said of offers that are over, goods that are ordered ahead, returns, covers and budgets, in many wordings."""

from datetime import date
from decimal import Decimal

import pytest

from commerce_agent.management.judged.claims.claimed_shops import (
    Item,
    Promised,
    Promoted,
    Returns,
    Shipping,
    Warranty,
    make_state,
)
from tests.agent.streaming import stream


def _sell(sku: str, name: str, *, price: str, before: str = "", stock: int) -> Item:
    return Item(sku=sku, name=name, price=Decimal(price), list=Decimal(before or price), stock=stock)


SHOP = Promised(
    currency="USD",
    items=(
        _sell("KIT-1", "Amber Kettle", price="74.00", before="92.50", stock=5),
        _sell("KIT-2", "Slate Teapot", price="26.00", stock=0),
        _sell("KIT-3", "Olive Whisk", price="19.00", stock=1),
    ),
    promotion=Promoted(
        code="POUR25", title="POUR25: 25% off teapots until December 6", percent=25, until=date(2026, 12, 6)
    ),
    returns=Returns(days=60, text="Unused goods can be returned within 60 days in their original packaging."),
    warranty=Warranty(years=1, text="Kettles are covered for one year."),
    shipping=Shipping(low=2, high=6, over=Decimal(65), text="Shipping is $7.50. Free on orders over $65."),
)
STATE = make_state(SHOP)
FALSE = (
    *(
        "The Slate Teapot is on backorder.",
        "You can pre-order the Slate Teapot.",
        "Slate Teapot: kann vorbestellt werden.",
    ),
    *(
        "The Slate Teapot won't be back until spring.",
        "The Slate Teapot will return before Easter.",
        "The Slate Teapot is back!",
    ),
    *(
        "The Amber Kettle is temporarily out.",
        "We're completely out of the Amber Kettle.",
        "No more Amber Kettles, sorry.",
    ),
    *(
        "There's no shortage of the Slate Teapot.",
        "You can order up to nine Amber Kettles.",
        "There are a few Olive Whisks.",
    ),
    *(
        "The POUR25 offer is over.",
        "POUR25 has been extended.",
        "POUR25 runs until mid-January.",
        "POUR25 läuft bis Mitte Januar.",
    ),
    *(
        "POUR25 is good for another month.",
        "The Slate Teapot just got cheaper.",
        "The Slate Teapot is 20% off.",
    ),
    *("The Amber Kettle is marked down by 25%.", "POUR25 takes 25% off the Amber Kettle."),
    *("You've got a fortnight to change your mind.", "You have a couple of weeks to send goods back."),
    *(
        "We refund used goods too.",
        "You can return it without the box.",
        "Our kettles come without any guarantee.",
    ),
    *("Every product is covered for one year.", "Our whisks are covered for one year."),
    *("If $60 fits your budget, the Amber Kettle is a good pick.", "An order of $50 would ship free."),
    *("With a budget of $100 you'd have $40 left after the Amber Kettle.", "The Olive Whisk goes by KIT-1."),
)
TRUE = (
    *(
        "I can't take a pre-order for the Slate Teapot.",
        "The Slate Teapot isn't up for pre-order.",
        "The Amber Kettle is in!",
    ),
    *(
        "Once the Slate Teapot becomes available again, I can put it into your cart.",
        "You can order up to five Amber Kettles.",
    ),
    *(
        "I have no date for when the Slate Teapot is back.",
        "You'll have to be patient with the Slate Teapot: I have no date.",
    ),
    *(
        "The POUR25 offer isn't over yet.",
        "POUR25 hasn't been extended, as far as I can tell.",
        "POUR25 runs until early December.",
    ),
    *(
        "POUR25 is good for about another two weeks.",
        "The Amber Kettle got cheaper.",
        "The Amber Kettle is 20% off.",
    ),
    *("POUR25 does not take 25% off the Amber Kettle.", "You've got two months to change your mind."),
    *(
        "We can't refund used goods.",
        "You can't return it without the box.",
        "Our kettles come with a one-year guarantee.",
    ),
    *("Your order of $129 would ship free.", "If your budget is $50, the Olive Whisk fits it."),
    *(
        "With a budget of $100 you'd have $26 left after the Amber Kettle.",
        "The 60 days start with delivery.",
    ),
    *("You get change from eighty dollars with the Amber Kettle.", "I have no code that saves you $5."),
    *("The Olive Whisk goes by KIT-3.", "The prepared order therefore no longer stands."),
)


@pytest.mark.parametrize("said", FALSE)
async def test_what_is_false_is_held_back_however_it_is_said(said: str) -> None:
    assert (await stream(said, state=STATE)).held_back


@pytest.mark.parametrize("said", TRUE)
async def test_what_is_true_passes_however_it_is_said(said: str) -> None:
    assert not (await stream(said, state=STATE)).held_back
