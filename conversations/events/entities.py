"""Items of the shop as the conversation knows them, and what the shopper's words meant."""

from typing import Literal

import msgspec

from conversations.ids import EntityRef

ReferenceOutcome = Literal["resolved", "ambiguous", "unknown"]


class Entity(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An item that was introduced, with the attributes words can pick it out by.

    `attributes` are words as the shop writes them (`{"color": ("cobalt blue",), "brand": ("Fell & Fern",)}`);
    `measures` are numbers to compare (`{"price": 89.0, "rating": 4.6, "weight": 240.0}`).
    """

    ref: EntityRef
    name: str
    group: str = ""
    """Items with the same group are variants of one product."""
    attributes: dict[str, tuple[str, ...]] = {}
    measures: dict[str, float] = {}


class EntitiesShown(msgspec.Struct, frozen=True, kw_only=True, tag="entities.shown"):
    """Items were put before the shopper, in this order."""

    entities: tuple[Entity, ...]


class SearchMade(msgspec.Struct, frozen=True, kw_only=True, tag="search.made"):
    """The shop was searched for these words, under the terms that held; a refinement searches for them again."""

    query: str
    order: str = "relevance"
    total: int = 0


class EntitiesIntroduced(msgspec.Struct, frozen=True, kw_only=True, tag="entities.introduced"):
    """Items became known without being shown as a list: named, in the cart, on the shop's page."""

    entities: tuple[Entity, ...]
    source: Literal["named", "cart", "order", "page", "alternative"] = "named"


class Reference(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a stretch of the shopper's words meant."""

    text: str
    outcome: ReferenceOutcome
    refs: tuple[EntityRef, ...] = ()
    """The items meant, when resolved."""
    candidates: tuple[EntityRef, ...] = ()
    """The items it may have meant, when ambiguous."""
    question: str = ""
    """The attribute that best splits the candidates (`color`, `brand`, `price`, ...), when ambiguous."""
    rules: tuple[str, ...] = ()
    """The rules that decided, in the order in which they applied."""


class ReferenceResolved(msgspec.Struct, frozen=True, kw_only=True, tag="reference.resolved"):
    """A reference in the shopper's words was looked up; the outcome says how that went."""

    reference: Reference


class EntitiesMentioned(msgspec.Struct, frozen=True, kw_only=True, tag="entities.mentioned"):
    """The reply that closes this turn names these; what the shopper's words named is a resolved reference."""

    refs: tuple[EntityRef, ...]


class EntitiesFocused(msgspec.Struct, frozen=True, kw_only=True, tag="entities.focused"):
    """From here on "it", "that one" and "them" mean these."""

    refs: tuple[EntityRef, ...]
