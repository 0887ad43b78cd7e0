"""What was done is a claim as well: what lies in the cart, how far an order is, what an offer is for."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from commerce_agent.agent.grounding import Grounds, check_sentence, list_grounds
from commerce_agent.management.judged.claims.claimed_shops import (
    NOW,
    Item,
    Promised,
    Promoted,
    Returns,
    Shipping,
    Warranty,
    make_state,
)
from conversations.events import Event, Recorded
from conversations.events.carts import CartChanged, CartLine, ProposalResolved
from conversations.events.facts import Amount, Fact, FactsObserved
from conversations.ids import EntityRef
from conversations.state import apply

SHOP = Promised(
    currency="USD",
    items=(
        Item(sku="KIT-1", name="Osprey Delta Kite", price=Decimal(48), list=Decimal(60), stock=4),
        Item(sku="KIT-2", name="Harbour Box Kite", price=Decimal(30), list=Decimal(30), stock=0),
        Item(sku="KIT-3", name="Nylon Line Winder", price=Decimal(12), list=Decimal(12), stock=40),
        Item(sku="KIT-4", name="Gale Wind Meter", price=Decimal(90), list=Decimal(90), stock=2),
    ),
    promotion=Promoted(code="LIFT25", title="LIFT25: 25% off winders", percent=25, until=date(2026, 12, 20)),
    returns=Returns(
        days=30, text="Unused goods can be returned within 30 days. Cut lines cannot be returned."
    ),
    warranty=Warranty(years=2, text="Kites carry a two-year warranty."),
    shipping=Shipping(
        low=2, high=4, over=Decimal(70), text="Shipping takes 2 to 4 days and costs $5.00. Free over $70."
    ),
)


def make_grounds(
    *,
    cart: dict[str, int] | None = None,
    before: dict[str, int] | None = None,
    orders: dict[str, str] | None = None,
    placed: str = "",
) -> Grounds:
    """The shop as the talk knows it, with a cart and with orders by their status."""
    events: list[Event] = [
        FactsObserved(
            facts=tuple(
                Fact(
                    id=f"order-{number}",
                    subject=EntityRef("order", number),
                    name="status",
                    value=status,
                    source="orders",
                    observed_at=NOW,
                    valid_until=NOW + timedelta(minutes=1),
                )
                for number, status in (orders or {}).items()
            )
        ),
        *([_change_cart(before)] if before else []),
        _change_cart(cart or {}),
    ]
    if placed:
        events.append(ProposalResolved(id="p", status="accepted", text="", order=placed, bought=()))
    state = make_state(SHOP)
    for event in events:
        state = apply(state, Recorded(seq=state.version + 1, frame=None, at=NOW, turn=1, event=event))
    return list_grounds(state=state, at=NOW)


def _change_cart(quantities: dict[str, int]) -> CartChanged:
    priced = {item.sku: item for item in SHOP.items}
    return CartChanged(
        lines=tuple(
            CartLine(
                ref=EntityRef("variant", sku),
                title=priced[sku].name,
                quantity=quantity,
                unit_price=Amount(amount=priced[sku].price, currency="USD"),
            )
            for sku, quantity in quantities.items()
        )
    )


def passes(said: str, *, grounds: Grounds, about: str = "") -> bool:
    return check_sentence(said, grounds=grounds, about=frozenset({about} - {""})).passed


@pytest.mark.parametrize(
    ("status", "said", "true"),
    [
        ("shipped", "Your order 6120 has been shipped.", True),
        ("shipped", "Order 6120 is on its way.", True),
        ("shipped", "Your order is still being packed.", False),
        ("shipped", "Order 6120 arrived yesterday.", False),
        ("shipped", "It hasn't been delivered yet, your order 6120.", True),
        ("shipped", "Your order hasn't shipped yet.", False),
        ("pending", "Your order has shipped.", False),
        ("pending", "Order 6120 is pending.", True),
        ("pending", "I have cancelled order 6120 for you.", False),
        ("pending", "Your order can still be cancelled.", True),
        ("pending", "Once your order has been shipped it can't be cancelled.", True),
        ("pending", "I'll tell you as soon as your order has arrived.", True),
        ("pending", "An order that has been shipped can't be changed.", True),
        ("pending", "You can have your order delivered to another address.", True),
        ("pending", "Has your order arrived?", True),
        ("pending", "Your order 6120 was refunded this morning.", False),
        ("delivered", "Order 6120 was delivered.", True),
        ("delivered", "Order 6120 is out for delivery.", False),
        ("cancelled", "Your order was cancelled.", True),
        ("cancelled", "Your order was delivered.", False),
        # What a shop's own word means nobody else knows.
        ("awaiting_customs", "Your order has been shipped.", True),
        ("shipped", "Deine Bestellung wurde bereits verschickt.", True),
        ("pending", "Deine Bestellung ist unterwegs.", False),
        ("shipped", "Tu pedido ya ha sido entregado.", False),
        ("cancelled", "Votre commande a été annulée.", True),
        ("pending", "Votre commande a été expédiée.", False),
    ],
)
def test_how_far_an_order_is_stands_on_its_status(status: str, said: str, true: bool) -> None:
    assert passes(said, grounds=make_grounds(orders={"6120": status})) is true


@pytest.mark.parametrize(
    ("said", "true"), [("WEB-204 has been shipped.", True), ("WEB-204 has been delivered.", False)]
)
def test_a_number_with_letters_means_its_order_without_the_word(said: str, true: bool) -> None:
    assert passes(said, grounds=make_grounds(orders={"WEB-204": "shipped"})) is true


def test_of_an_order_that_nobody_has_read_nothing_is_told() -> None:
    assert not passes("Your order has been shipped.", grounds=make_grounds())
    assert not passes(
        "Your order has been placed, thank you!", grounds=make_grounds(orders={"6120": "shipped"})
    )
    assert passes("Your order has been placed, thank you!", grounds=make_grounds(placed="6121"))
    assert passes("Nothing has been ordered yet.", grounds=make_grounds())


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("The Osprey Delta Kite is in your cart.", True),
        ("The Gale Wind Meter is in your cart.", False),
        ("I've added the Gale Wind Meter to your cart.", False),
        ("I've added the Osprey Delta Kite to your cart.", True),
        ("I've taken the Osprey Delta Kite out of your cart.", False),
        ("I've taken the Gale Wind Meter out of your cart.", False),
        ("The Gale Wind Meter isn't in your cart.", True),
        ("You have two winders in your cart.", False),
        ("You have three winders in your cart.", True),
        ("Your cart holds two Osprey Delta Kites.", False),
        ("Your cart is empty.", False),
        ("Your cart comes to $84.00.", True),
        ("Your cart comes to $80.00.", False),
        ("The three winders in your cart come to $36.00.", True),
        ("The three winders in your cart come to $84.00.", False),
        ("The delta kite and the winders in your cart come to $84.00.", True),
        ("Im Warenkorb kostet der Osprey Delta Kite 48 $.", True),
        ("Im Warenkorb kostet der Osprey Delta Kite 84 $.", False),
        ("En tu carrito suma 48 $ el Osprey Delta Kite.", True),
        ("Dans votre panier, le Osprey Delta Kite fait 48 $.", True),
        ("Shall I put the Gale Wind Meter in your cart?", True),
        ("I can put the Gale Wind Meter in your cart.", True),
        ("You have to put the Gale Wind Meter in your cart first.", True),
        ("Once the Gale Wind Meter is in your cart you can check out.", True),
        ("Let me know when I should add the Gale Wind Meter to your cart.", True),
        ("Ich habe den Gale Wind Meter in den Warenkorb gelegt.", False),
        ("El Osprey Delta Kite está en tu carrito.", True),
        ("J'ai ajouté le Gale Wind Meter à votre panier.", False),
    ],
)
def test_what_lies_in_the_cart_is_what_lies_there(said: str, true: bool) -> None:
    assert passes(said, grounds=make_grounds(cart={"KIT-1": 1, "KIT-3": 3})) is true


@pytest.mark.parametrize(
    ("said", "about", "true"),
    [
        ("The winder is cheaper than the wind meter.", "", True),
        ("The wind meter costs less than the winder.", "", False),
        ("The box kite is in stock.", "", False),
        ("The winders are in stock.", "", True),
        # A word behind the noun makes it another thing, and two kites are called so.
        ("The winder case is something I can't tell you about.", "", True),
        ("The kite is sold out.", "KIT-2", True),
        ("The kite is sold out.", "KIT-1", False),
        # What something has cost is told as that.
        ("The Osprey Delta Kite is $60.00.", "", False),
        ("The Osprey Delta Kite was $60.00 before.", "", True),
        ("The Osprey Delta Kite costs $48.00 instead of $60.00.", "", True),
        # So many of each.
        ("Two Nylon Line Winders and one Gale Wind Meter come to $114.00.", "", True),
        ("Two Nylon Line Winders and one Gale Wind Meter come to $102.00.", "", False),
        ("A winder and a wind meter add up to $102.00.", "", True),
        ("The wind meter costs more than twice as much as the winder.", "", True),
        ("The wind meter costs more than twice as much as the Osprey Delta Kite.", "", False),
        ("Nothing stops you from ordering the Harbour Box Kite.", "", False),
        ("Nothing stops you from ordering the Gale Wind Meter.", "", True),
    ],
)
def test_goods_called_for_short_and_their_prices(said: str, about: str, true: bool) -> None:
    assert passes(said, grounds=make_grounds(), about=about) is true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("LIFT25 works on the Nylon Line Winder.", True),
        ("LIFT25 works on the Gale Wind Meter, too.", False),
        ("LIFT25 doesn't apply to the Gale Wind Meter.", True),
        ("You can use LIFT25 for the Osprey Delta Kite.", False),
        ("Does LIFT25 work on the Gale Wind Meter?", True),
        ("With LIFT25 the Nylon Line Winder comes to $9.00.", True),
        ("With LIFT25 the Nylon Line Winder comes to $8.00.", False),
        ("With LIFT25 the Gale Wind Meter comes to $67.50.", False),
        ("Cut lines can go back, too.", False),
        ("Cut lines can't be returned.", True),
        ("Unused kites can be returned within 30 days.", True),
        ("You can return it even if you have flown it.", False),
        ("Shipping is always free, whatever you order.", False),
        ("Shipping is free once you spend $70.", True),
        ("An order of $129 would ship free.", True),
        ("Une commande de $129 est livrée gratuitement.", True),
        ("Your order comes to $999, so shipping is free.", False),
        ("With your order of $999, shipping is free.", False),
        ("Ihre Bestellung kommt auf 999 $, also ist der Versand kostenlos.", False),
        ("Su pedido suma $999, así que el envío es gratis.", False),
        ("Shipping is free over $70, and the leather comes from Italy.", True),
        ("Der Versand ist ab 70 $ kostenlos, und das Leder kommt aus Italien.", True),
        ("Shipping to Italy is free over $70.", False),
        ("You have 30 days to return it.", True),
        ("You have 30 days longer to return it.", False),
        ("Tiene 30 días más para devolverlo.", False),
        ("Use LIFT25; returns are open until January.", True),
        ("LIFT25 runs until January.", False),
        ("L’offre LIFT25 court jusqu’à l’hiver.", True),
        ("L’offre LIFT25 court jusqu’à l’été.", False),
        ("The kites are on offer and good for spring.", True),
        ("LIFT25 is good for spring.", False),
    ],
)
def test_an_offer_and_a_term_hold_for_what_the_shop_says_they_hold_for(said: str, true: bool) -> None:
    assert passes(said, grounds=make_grounds(cart={"KIT-4": 1})) is true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("I have no code that saves you $7.", True),
        ("Ich habe keinen Gutschein, der dir 7 $ spart.", True),
        ("No tengo ningún código que te ahorre $7.", True),
        ("Je n'ai pas de code qui vous fasse économiser $7.", True),
        ("Without the code it costs $13.", False),
        ("You don't need a code for the kite at $13.", False),
        ("Ohne Gutschein kostet er 13 $.", False),
        ("Sin código cuesta $13.", False),
        ("Sans code il coûte $13.", False),
        ("With $80 you have $32 left.", True),
        ("Wenn Sie 80 $ haben, bleiben 32 $ übrig.", True),
        ("Con $80 de presupuesto te alcanza.", True),
        ("Si vous avez $80, il vous reste $32.", True),
        ("With shipping you have to pay $99.", False),
        ("With tax as well it's $99.", False),
        ("Mit Versand haben Sie 99 $ zu zahlen.", False),
        ("Con el envío tiene que pagar $99.", False),
        ("Avec la livraison vous avez $99 à payer.", False),
    ],
)
def test_a_sum_that_is_paid_is_not_supposed(said: str, true: bool) -> None:
    assert passes(said, grounds=make_grounds(), about="KIT-1") is true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("It costs $12.", False),
        ("It's $12.", False),
        ("It costs $36.", False),
        ("It costs $48.", True),
        ("The Osprey Delta Kite costs $12.", False),
        ("The Osprey Delta Kite is $36.", False),
        ("The Osprey Delta Kite is only $12.", False),
        ("The Nylon Line Winder is $12.", True),
        ("Cuesta 12 $.", False),
        ("Er kostet 12 $.", False),
        ("Il coûte 12 $.", False),
        ("That makes $36.", True),
        ("Your cart comes to $36.", True),
        ("With the three in your cart it costs $36.", True),
        ("Three Nylon Line Winders come to $36.", True),
    ],
)
def test_a_price_of_goods_is_not_that_of_others_in_the_cart(said: str, true: bool) -> None:
    assert passes(said, grounds=make_grounds(cart={"KIT-3": 3}), about="KIT-1") is true


@pytest.mark.parametrize("said", ["It costs $12.", "The Osprey Delta Kite costs $12."])
def test_a_price_of_goods_is_not_what_the_cart_comes_to(said: str) -> None:
    assert not passes(said, grounds=make_grounds(cart={"KIT-3": 1}), about="KIT-1")


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("Un pedido de $129 se envía gratis.", True),
        ("Un pedido de $29 se envía gratis.", False),
        ("Eine Bestellung von 129 $ wird kostenlos versandt.", True),
        ("Eine Bestellung von 29 $ wird kostenlos versandt.", False),
        ("Con $80 te quedan $32.", True),
        ("Con $80 te quedan $40.", False),
        ("Mit 80 $ bleiben dir 32 $.", True),
        ("Mit 80 $ bleiben dir 40 $.", False),
        ("Avec 80 $ il vous reste 32 $.", True),
        ("Avec 80 $ il vous reste 40 $.", False),
        ("With $50 left of your $80 it fits.", False),
    ],
)
def test_a_supposed_sum_is_told_in_four_languages(said: str, true: bool) -> None:
    assert passes(said, grounds=make_grounds(), about="KIT-1") is true


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        # Ninety is what the wind meter costs, and the number of no order.
        ("Customer 42 has order 90.", False),
        ("El cliente 42 tiene el pedido 90.", False),
        ("C'est la commande 90.", False),
        ("This is order 6120.", True),
        ("You can order 4.", True),
    ],
)
def test_a_number_of_an_order_is_that_of_one_that_was_read(said: str, stands: bool) -> None:
    assert passes(said, grounds=make_grounds(orders={"6120": "placed"})) is stands
