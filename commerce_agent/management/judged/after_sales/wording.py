"""A refusal in the words that recordings of such work use."""

from catalog.orders import (
    CancelOrder,
    Change,
    ChangeItems,
    ChangePayment,
    ChangeRefused,
    ExchangeItems,
    ReturnItems,
)

LATE: dict[type[Change], str] = {CancelOrder: "non-pending order cannot be cancelled"}
EARLY: dict[type[Change], str] = {
    ReturnItems: "non-delivered order cannot be returned",
    ExchangeItems: "non-delivered order cannot be exchanged",
}
SHORT: dict[type[Change], str] = {
    ChangePayment: "insufficient gift card balance to pay for the order",
    ChangeItems: "insufficient gift card balance to pay for the new item",
    ExchangeItems: "insufficient gift card balance to pay for the price difference",
}
PLAIN = {
    "unknown_order": "order not found",
    "unknown_method": "payment method not found",
    "wrong_method": "payment method should be either the original payment method or a gift card",
    "same_method": "the new payment method should be different from the current one",
    "paid_in_parts": "there should be exactly one payment for a pending order",
    "no_reason": "invalid reason",
    "not_in_order": "some item not found",
    "already_returned": "some item not found",
    "other_product": "new item not found or available",
    "out_of_stock": "new item not found or available",
}


def explain(refused: ChangeRefused, *, change: Change) -> str:
    """The refusal as a sentence that begins with `Error:`; a rule without words of its own is named."""
    because = refused.because
    if because in ("too_late", "already_changed"):
        said = LATE.get(type(change), "non-pending order cannot be modified")
    elif because in ("not_delivered", "already_requested"):
        said = EARLY[type(change)]
    elif because == "balance_short":
        said = SHORT[type(change)]
    else:
        said = PLAIN.get(because, because.replace("_", " "))
    return f"Error: {said}"
