"""What a tool works with: the shop, the turn's trail, and nothing that names another shopper."""

from datetime import datetime

import msgspec

from commerce_agent.tools.goods import Goods
from commerce_agent.tools.showing import SayAge, say_age_in_english
from commerce_agent.tools.table_words import IN_ENGLISH, TableWords
from commerce_agent.tools.trail import Trail


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Handed to every tool of one turn."""

    shop: Goods
    trail: Trail
    conversation: str
    currency: str
    say_age: SayAge = say_age_in_english
    """How old a reading is, in the shopper's language."""
    in_size: str = "in size {size}"
    """How a size is asked for, in the shopper's language."""
    table_words: TableWords = IN_ENGLISH
    """What a comparison's rows are called, in the shopper's language."""

    @property
    def now(self) -> datetime:
        """The turn's instant; every reading and every limit of the turn is judged by it."""
        return self.shop.now


class AskAgain(Exception):
    """The arguments cannot be used. The message tells the model what to call instead."""


class CannotBeDone(Exception):
    """The shop cannot do it. The message is what the shopper may be told, in English; `kind` and `values` in any."""

    def __init__(self, message: str, *, kind: str = "", **values: str | int) -> None:
        super().__init__(message)
        self.kind = kind
        self.values = values
