"""Covers what is personal in whatever a page shows, unless its reader has said why they must see it."""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import TypeVar

import msgspec

from commerce_agent.console.audit.personal_words import cover_looks
from conversations.events import Recorded
from conversations.events.carts import ProposalMade
from conversations.events.facts import FactsObserved

Value = TypeVar("Value")

COVERED = "•••"
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PERSONAL_FACTS = ("address", "name", "email", "phone")
GOODS = frozenset({"variant", "product", "policy", "promotion"})
LEAST_NAME = 3
"""A shorter name would cover ordinary words."""
KEPT_FIELDS = frozenset(
    {"id", "cid", "hash", "decision", "prompt", "planner", "rule", "source", "field", "op", "url", "image", "part",
     "locale", "language", "currency", "kind", "status", "by", "words", "code_version", "model", "merchant"}
)  # fmt: skip
"""Fields that hold names of ours, never words of anybody's."""


class Mask(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What is covered. One that is lifted shows everything as it is."""

    names: tuple[str, ...] = ()
    """The shopper's name and its parts, their key at the shop, addresses that orders go to."""
    is_lifted: bool = False

    @cached_property
    def _known(self) -> re.Pattern[str] | None:
        wanted = sorted({name for name in self.names if len(name) >= LEAST_NAME}, key=len, reverse=True)
        if not wanted:
            return None
        return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, wanted)) + r")(?!\w)", re.IGNORECASE)

    def cover(self, text: str) -> str:
        """The text with what is personal covered."""
        if self.is_lifted or not text:
            return text
        known = self._covered.get(text)
        if known is None:
            known = self._covered[text] = self._cover_text(text)
        return known

    @cached_property
    def _covered(self) -> dict[str, str]:
        """A talk says the same names, prices and sentences over and over."""
        return {}

    def _cover_text(self, text: str) -> str:
        text = EMAIL.sub(COVERED, text)
        if self._known is not None:
            text = self._known.sub(COVERED, text)
        return cover_looks(text, by=COVERED)

    def cover_events(self, events: Iterable[Recorded]) -> tuple[Recorded, ...]:
        """The events with what is personal covered in every text they hold."""
        return tuple(events) if self.is_lifted else tuple(self._cover(recorded) for recorded in events)

    def _cover(self, value: Value) -> Value:
        covered: object = value
        match value:
            case str():
                covered = self.cover(value)
            case msgspec.Struct():
                covered = self._cover_struct(value)
            case tuple():
                covered = tuple(self._cover(each) for each in value)
            case dict():
                covered = {key: self._cover(each) for key, each in value.items()}
            case _:
                return value
        return covered  # type: ignore[return-value]  # the same shape, only texts differ

    def _cover_struct(self, value: msgspec.Struct) -> msgspec.Struct:
        changed: dict[str, object] = {}
        for name in value.__struct_fields__:
            if name not in KEPT_FIELDS:
                before: object = getattr(value, name)
                after = self._cover(before)
                if after is not before and after != before:
                    changed[name] = after
        return msgspec.structs.replace(value, **changed) if changed else value


def make_mask(
    *, name: str, key: str, events: Iterable[Recorded], more: tuple[str, ...] = (), is_lifted: bool = False
) -> Mask:
    """A mask for one shopper's conversation: who they are, and where their orders go."""
    if is_lifted:
        return Mask(is_lifted=True)
    known = {name, key, *name.split(), *more}
    for recorded in events:
        event = recorded.event
        if isinstance(event, ProposalMade) and event.proposal.address:
            known.update(_list_parts(event.proposal.address))
        elif isinstance(event, FactsObserved):
            for fact in event.facts:
                is_personal = fact.name.rpartition(".")[2] in PERSONAL_FACTS
                if is_personal and isinstance(fact.value, str) and fact.subject.kind not in GOODS:
                    known.update(_list_parts(fact.value))
    return Mask(names=tuple(sorted(known - {""})))


def _list_parts(address: str) -> set[str]:
    """An address whole, and its lines."""
    return {
        address,
        *(part.strip() for part in re.split(r"[\n,;]", address) if len(part.strip()) > LEAST_NAME),
    }
