"""What is said of several goods at once, and of whom an offer, a warranty or a way to pay is for."""

import pytest

from commerce_agent.agent.grounding import check_sentence
from tests.agent.test_said_of_cart_and_orders import make_grounds, passes


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("One of the four is reduced.", True),
        ("Two of the four are reduced.", False),
        ("One of these four is sold out.", True),
        ("Two of these four are sold out.", False),
        ("None of them are sold out.", False),
        ("Three of the four items cost less than $50.", True),
        ("Two of the four items cost less than $50.", False),
        ("Two of the products cost more than $40.", True),
        ("Are two of the four reduced?", True),
        ("Three of the four aren't reduced.", True),
        ("One of the four isn't reduced.", False),
        ("Drei von den vier Artikeln sind nicht reduziert.", True),
        ("Zwei von den vier Artikeln sind nicht reduziert.", False),
        ("Two of the six are sold out.", False),
        ("Two of the three are sold out.", False),
        ("At most two of the four are sold out.", True),
        ("At least two of the four are sold out.", False),
        ("More than three of the four are in stock.", False),
        ("Höchstens zwei von den vier Artikeln sind ausverkauft.", True),
        ("Mindestens zwei von den vier Artikeln sind ausverkauft.", False),
        ("No más de dos de los cuatro están agotados.", True),
        ("Al menos dos de los cuatro están agotados.", False),
        ("Pas plus de deux d'entre eux sont épuisés.", True),
        ("Au moins deux d'entre eux sont épuisés.", False),
        ("All but the Gale Wind Meter are under $50.", True),
        ("All but the Nylon Line Winder are under $50.", False),
    ],
)
def test_how_many_of_the_goods_are_so_is_counted(said: str, true: bool) -> None:
    assert passes(said, grounds=make_grounds()) is true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("The Nylon Line Winder has been reduced.", False),
        ("The Osprey Delta Kite has been reduced.", True),
        ("Stock on the Nylon Line Winder is low.", False),
        ("Stock on the Gale Wind Meter is low.", True),
        ("There are plenty of wind meters left.", False),
        ("There are plenty of line winders left.", True),
        ("The Harbour Box Kite can be delivered at once.", False),
        ("The Harbour Box Kite will be sent to you.", False),
        ("The Harbour Box Kite should be back in a couple of weeks.", False),
        ("None of the wind meters are left.", False),
        ("None of the box kites are left.", True),
        ("Our priciest product is the box kite.", False),
        ("Our priciest product is the wind meter.", True),
        ("The delta kite is the cheapest thing we've got here.", False),
        ("KIT-2 is the wind meter.", False),
        ("KIT-4 is the wind meter.", True),
        ("For the wind meter it's ninety dollars fifty a piece.", False),
        ("The line winder is twelve dollars a piece.", True),
        ("Der Nylon Line Winder wird knapp.", False),
        ("Der Gale Wind Meter wird knapp.", True),
        ("Der Vorrat an Nylon Line Winder geht zur Neige.", False),
        ("Der Gale Wind Meter ist gerade aus.", False),
        ("Der Harbour Box Kite ist gerade aus.", True),
        ("Der Gale Wind Meter ist bald ausverkauft.", True),
        ("El Nylon Line Winder se está agotando.", False),
        ("El Gale Wind Meter se está agotando.", True),
        ("Las existencias del Nylon Line Winder son limitadas.", False),
        ("No hay Gale Wind Meter.", False),
        ("No hay Harbour Box Kite en este momento.", True),
        ("Le stock de Nylon Line Winder est faible.", False),
        ("Le stock de Gale Wind Meter est faible.", True),
        ("Le Gale Wind Meter est écoulé.", False),
        ("Le Harbour Box Kite est écoulé.", True),
    ],
)
def test_what_is_there_and_what_it_costs(said: str, true: bool) -> None:
    assert passes(said, grounds=make_grounds()) is true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("The discount LIFT25 also covers the wind meter.", False),
        ("The discount LIFT25 also covers the line winder.", True),
        ("LIFT25 can be used on anything in the store.", False),
        ("LIFT25 can't be used on everything.", True),
        ("LIFT25 takes 25% off the wind meter.", False),
        ("LIFT25 takes 25% off winders.", True),
        ("LIFT25 means a quarter off the wind meter.", False),
        ("LIFT25 cuts the price of the line winder.", True),
        ("LIFT25 cuts the Gale Wind Meter's price.", False),
        ("LIFT25 takes 25% off all kites.", False),
        ("If you take three winders, you pay for two.", False),
        ("The Gale Wind Meter has a two-year warranty.", False),
        ("The Osprey Delta Kite has a two-year warranty.", True),
        ("The Gale Wind Meter isn't covered by the warranty.", True),
        ("Even a used kite can be returned.", False),
        ("Opened winders can be returned.", False),
        ("You have a month to return it.", True),
        ("You have a month longer to return it.", False),
        ("Shipping is free from Canada, too.", False),
        ("We accept all major credit cards.", False),
        ("You can pay with American Express.", False),
        ("SEPA direct debit is offered as well.", False),
        ("I can't say whether we take credit cards.", True),
    ],
)
def test_an_offer_a_warranty_and_a_way_to_pay_are_for_what_the_shop_says(said: str, true: bool) -> None:
    assert passes(said, grounds=make_grounds()) is true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("Your cart total is $48.", False),
        ("Your cart total is $84.", True),
        ("I removed the wind meter from your cart.", False),
        ("There are three Nylon Line Winders in your cart.", True),
        ("There are two Nylon Line Winders in your cart.", False),
        ("You have no orders with us.", False),
        ("You have no orders in transit.", True),
        ("Order 6120 left our warehouse.", False),
        ("6120 has already gone out.", False),
        ("6120 is still being prepared.", True),
        ("There's a Gale Wind Meter waiting in your cart.", False),
        ("There's an Osprey Delta Kite waiting in your cart.", True),
    ],
)
def test_the_cart_and_the_orders_are_what_they_are(said: str, true: bool) -> None:
    grounds = make_grounds(cart={"KIT-1": 1, "KIT-3": 3}, orders={"6120": "pending"})

    assert passes(said, grounds=grounds) is true


def test_who_has_no_order_may_be_told_so_and_a_number_that_left_is_no_stock() -> None:
    assert passes("You have no orders with us.", grounds=make_grounds())
    checked = check_sentence(
        "Order 6120 left our warehouse.", grounds=make_grounds(orders={"6120": "shipped"})
    )
    assert [(each.kind, each.passed) for each in checked.verdicts] == [("order", True)]


def test_what_was_in_the_cart_before_may_be_told_to_be_out_of_it() -> None:
    grounds = make_grounds(before={"KIT-1": 1, "KIT-4": 1}, cart={"KIT-1": 1})

    assert passes("I removed the wind meter from your cart.", grounds=grounds)
    assert not passes("I removed the line winder from your cart.", grounds=grounds)


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("We have 99 of the Osprey Delta Kite in your cart in stock.", False),
        ("Only 1 of the Osprey Delta Kite in your cart is left.", False),
        ("Only 4 of the Osprey Delta Kite in your cart are left.", True),
        ("You have 5 of the Osprey Delta Kite in your cart.", False),
        ("You have 2 of the Osprey Delta Kite in your cart.", True),
        ("Du hast 5 von dem Osprey Delta Kite im Warenkorb.", False),
        ("Tienes 5 del Osprey Delta Kite en tu carrito.", False),
        ("Vous avez 5 de la Osprey Delta Kite dans votre panier.", False),
        ("Vous avez 2 de la Osprey Delta Kite dans votre panier.", True),
    ],
)
def test_how_many_lie_in_the_cart_and_how_many_are_left_of_those_are_two_things(
    said: str, true: bool
) -> None:
    assert passes(said, grounds=make_grounds(cart={"KIT-1": 2})) is true


@pytest.mark.parametrize(
    ("said", "true"),
    [
        ("The Osprey Delta Kite ($48) and the Nylon Line Winder ($12) are both below $40.", False),
        ("The Osprey Delta Kite ($48) and the Nylon Line Winder ($12) are both below $50.", True),
        ("The Osprey Delta Kite and the Nylon Line Winder each cost less than $40.", False),
        ("The Osprey Delta Kite and the Nylon Line Winder aren't both under $40.", True),
        ("The Osprey Delta Kite and the Nylon Line Winder aren't both under $50.", False),
        ("Beide, der Osprey Delta Kite und der Nylon Line Winder, kosten unter 40 $.", False),
        ("El Osprey Delta Kite y el Nylon Line Winder cuestan ambos menos de 40 $.", False),
        ("Le Osprey Delta Kite et le Nylon Line Winder coûtent tous les deux moins de 40 $.", False),
        ("The Nylon Line Winder is under $40, and the Osprey Delta Kite is $48.", True),
    ],
)
def test_a_bound_that_is_told_of_each_of_several_holds_for_each(said: str, true: bool) -> None:
    assert passes(said, grounds=make_grounds()) is true


@pytest.mark.parametrize("name", ["Osprey Delta Kite", "Harbour Box Kite"])
@pytest.mark.parametrize(
    "said",
    [
        "{name} is {price} and available.",
        "- {name}: {price}, available",
        "{name} ({price}, available)",
        "{name}, {price}, available",
        "Availability of the {name}: yes",
        "The {name} is now available.",
        "Der {name} kostet {price} und ist verfügbar.",
    ],
)
def test_available_by_itself_is_said_of_what_is_there(name: str, said: str) -> None:
    price = "$48" if name == "Osprey Delta Kite" else "$30"

    assert passes(said.format(name=name, price=price), grounds=make_grounds()) is (price == "$48")


def test_available_with_a_limit_or_of_a_version_says_nothing_of_the_stock_by_itself() -> None:
    for said in ("The Harbour Box Kite is $30, available in three colours.", "It is $30 and not available."):
        assert passes(said, grounds=make_grounds(), about="KIT-2"), said
