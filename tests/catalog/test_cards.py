"""A card's number stands in no order, no change and no question to any desk: such a thing cannot be made."""

import pytest

from catalog.cards import CardNumberGiven, require_no_card
from catalog.orders import ChangePayment, Place
from catalog.orders.records import ChangeItems, ExchangeItems, ReturnItems

NUMBER = "4111 1111 1111 1111"


@pytest.mark.parametrize(
    "text", [NUMBER, "4111-1111.11111111", f"Visa {NUMBER}, 12/29", "pm_5555555555554444"]
)
def test_what_may_be_a_cards_number_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(CardNumberGiven) as refused:
        require_no_card("tok_1", text)

    assert not any(part in str(refused.value) for part in ("4111", "4444"))


@pytest.mark.parametrize(
    "text", ["", "tok_9f2c71", "Visa ending in 4242", "4111 1111 1111 1112", "credit_card_4421486", "1" * 16]
)
def test_a_reference_is_none(text: str) -> None:
    require_no_card(text)

    assert Place(payment_method=text).payment_method == text


def test_every_way_to_a_desk_refuses_it() -> None:
    with pytest.raises(CardNumberGiven):
        Place(payment_method=NUMBER)
    with pytest.raises(CardNumberGiven):
        ChangePayment(number="1001", method=NUMBER)
    with pytest.raises(CardNumberGiven):
        ReturnItems(number="1001", items=(), method=NUMBER)
    for swap in (ChangeItems, ExchangeItems):
        with pytest.raises(CardNumberGiven):
            swap(number="1001", swaps=(), method=NUMBER)
