"""What a message wants done, as a short list of moves in the order in which it says them."""

from typing import Literal

import msgspec

MoveKind = Literal[
    "greet",
    "thank",
    "pause",
    "part",
    "help",
    "identity",
    "recap",
    "recall",
    "start_over",
    "never_mind",
    "call_person",
    "policy",
    "promotions",
    "orders",
    "order_total",
    "money_back",
    "offer_stands",
    "cancel_order",
    "change_address",
    "return_items",
    "exchange_items",
    "enter_code",
    "drop_code",
    "show_cart",
    "add_to_cart",
    "swap",
    "take_from_cart",
    "empty_cart",
    "undo",
    "set_quantity",
    "check_out",
    "compare",
    "recommend",
    "opinion",
    "stock",
    "price",
    "price_gap",
    "price_sum",
    "variants",
    "details",
    "among",
    "why",
    "why_not",
    "more",
    "search",
    "agree",
    "decline",
    "upset",
    "override",
    "off_topic",
    "language",
]

ITEM_MOVES: frozenset[MoveKind] = frozenset(
    {
        "policy",
        "add_to_cart",
        "swap",
        "take_from_cart",
        "set_quantity",
        "compare",
        "recommend",
        "opinion",
        "stock",
        "price",
        "price_gap",
        "price_sum",
        "variants",
        "details",
        "check_out",
    }
)
"""Moves that may be about particular items."""

EFFECTS: frozenset[MoveKind] = frozenset(
    {"add_to_cart", "swap", "take_from_cart", "empty_cart", "undo", "set_quantity", "check_out"}
)
"""Moves that change something."""

WHOLE_MESSAGE: frozenset[MoveKind] = frozenset(
    {"greet", "thank", "pause", "part", "agree", "decline", "help"}
)
"""Moves that only count when the message says nothing else."""


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wanted."""

    kind: MoveKind
    topic: str = ""
    """The policy's name, the attribute asked for, or a number of pieces."""
    at: int = 0
    """Where in the message it stands."""
