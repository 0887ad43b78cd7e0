"""What the shop's own data says that its goods are, item by item, and what its terms say of all of them."""

from decimal import Decimal
from functools import lru_cache

import msgspec

from commerce_agent.agent.grounding.item_texts import Described, Text, describe, list_meanings, list_texts_of
from conversations.events.facts import Fact
from conversations.state import ConversationState

CHANGEABLE = ("price", "list_price", "stock", "availability")
"""What is no property of an item."""
_SHORTEST = 4
TERMS = ("policy", "promotion", "order")
"""What holds texts of the shop about more than one item."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to read of the goods that the talk is on."""

    items: dict[str, tuple[Text, ...]] = {}
    """Attribute by attribute."""
    terms: tuple[str, ...] = ()

    def describe(self, sku: str) -> Described:
        """What an item is by its texts."""
        return describe(self.items.get(sku, ()))

    def is_empty(self) -> bool:
        """Whether nothing was read of any item beside its price and its stock."""
        return not self.items

    def list_flags(self) -> frozenset[str]:
        """What the shop answers with yes or no of its goods."""
        return _list_flags(tuple(self.items.values()))

    def list_counted(self) -> frozenset[str]:
        """The attributes that are a bare number of any item: its strings, its gears."""
        return _list_counted(tuple(self.items.values()))

    def list_numbers(self, sku: str, *, name: str) -> tuple[Decimal, ...]:
        """What an attribute that is a bare number says of an item."""
        own = self.items.get(sku, ())
        return tuple(
            number for each, value in own if _is_count(each, value) == name for number in (Decimal(value),)
        )

    def get_shop_stems(self) -> frozenset[str]:
        """The words of the shop's terms."""
        return list_meanings("\n".join(self.terms))


@lru_cache(maxsize=256)
def _list_flags(items: tuple[tuple[Text, ...], ...]) -> frozenset[str]:
    return frozenset(flag for texts in items for flag in describe(texts).flags)


@lru_cache(maxsize=256)
def _list_counted(items: tuple[tuple[Text, ...], ...]) -> frozenset[str]:
    return frozenset(name for texts in items for each, value in texts if (name := _is_count(each, value)))


_NAMED_BY_NUMBER = frozenset({"size", "model", "year", "number"})
"""What a number names and does not count: "one in size 8"."""


def _is_count(name: str, value: str) -> str:
    """The attribute's name where it is one word and counts something."""
    plain = name.lower()
    counts = (
        value.isdecimal() and plain.isalpha() and len(plain) >= _SHORTEST and plain not in _NAMED_BY_NUMBER
    )
    return plain if counts else ""


def read_told(state: ConversationState, *, noted: tuple[str, ...]) -> Told:
    """From what was kept of each item, what facts say of it, and what was answered of it in this turn."""
    told: dict[str, list[Text]] = {}
    for sku, entry in state.entities.known.items():
        own = told.setdefault(sku, [("", entry.entity.name)] if entry.entity.attributes else [])
        own.extend((name, value) for name, values in entry.entity.attributes.items() for value in values)
    for fact in state.facts.canonical.values():
        if fact.subject.kind == "variant" and fact.name not in CHANGEABLE and _is_told(fact):
            name = "" if fact.name == "description" else fact.name
            told.setdefault(fact.subject.key, []).append((name, _write(fact)))
    for sku, texts in list_texts_of(noted).items():
        told.setdefault(sku, []).extend(texts)
    return Told(
        items={sku: tuple(dict.fromkeys(texts)) for sku, texts in told.items() if texts},
        terms=tuple(
            fact.value
            for fact in state.facts.canonical.values()
            if fact.subject.kind in TERMS and isinstance(fact.value, str)
        ),
    )


def _is_told(fact: Fact) -> bool:
    return isinstance(fact.value, str | int | float)


def _write(fact: Fact) -> str:
    if isinstance(fact.value, bool):
        return "yes" if fact.value else "no"
    return str(fact.value)
