"""What a shopper likes comes a little earlier among what was found.

A taste never hides anything and never holds against the shopper's own words: where they name a brand, a colour or a
size, tastes of that are left alone, and where they ask for an order, that is the order. Whoever ranks by a taste says
so.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from catalog.ids import GroupKey, Sku
from catalog.products import Hit, Version
from commerce_agent.tools.desk import Desk
from commerce_agent.tools.tastes import Taste
from conversations.events.constraints import Constraint
from conversations.language.tokens import list_tokens

RISE: Final = 4
"""So many places a hit comes earlier for each taste it meets, or later: it tips the scales, no more."""


class Ranking(msgspec.Struct, frozen=True, kw_only=True):
    """Hits in the order they are offered in, and the tastes that each meets."""

    hits: tuple[Hit, ...]
    met: dict[Sku, tuple[Taste, ...]] = {}
    """By SKU."""
    order: str = "relevance"
    """As the search asked for it."""

    def list_told(self, shown: Sequence[Sku]) -> tuple[Taste, ...]:
        """The tastes by which the order is another: those that some hits meet and some do not, and that are seen."""
        each = dict.fromkeys(taste for tastes in self.met.values() for taste in tastes)
        return tuple(
            taste
            for taste in each
            if any(taste not in tastes for tastes in self.met.values())
            and (taste.is_dislike or any(taste in self.met.get(sku, ()) for sku in shown))
        )


async def rank_hits(desk: Desk, hits: Sequence[Hit], *, query: str, terms: Sequence[Constraint]) -> Ranking:
    """The hits by what this turn's shopper likes."""
    tastes = choose_tastes(
        await desk.shop.list_tastes(), query=query, terms=terms, conversation=desk.conversation
    )
    if not tastes or len(hits) < 2:
        return Ranking(hits=tuple(hits))
    groups = tuple(dict.fromkeys(hit.group for hit in hits))
    by_size = any(taste.field == "size" for taste in tastes)
    return rank(hits, tastes=tastes, versions=await desk.shop.list_versions(groups) if by_size else {})


def say_tastes(tastes: Sequence[Taste]) -> str:
    """The tastes that an item meets, for its reason in the decision; empty where it meets none."""
    return ", ".join(
        f"{'not ' if taste.is_dislike else ''}{taste.field} {taste.value}"
        f" ({'as the shopper said' if taste.source == 'stated' else 'as the shop has down'})"
        for taste in tastes
    )


def choose_tastes(
    tastes: Iterable[Taste], *, query: str, terms: Sequence[Constraint], conversation: str
) -> tuple[Taste, ...]:
    """Those that bear on a search: of these goods or any, and of nothing that this conversation speaks of itself."""
    spoken = {term.field for term in terms}
    kinds = [str(term.value) for term in terms if term.field == "category"]
    about = _list_stems(" ".join((query, *kinds)))
    return tuple(
        taste
        for taste in tastes
        if taste.field not in spoken
        and (not taste.conversation or taste.conversation != conversation)
        and (not taste.goods or _list_stems(taste.goods) & about)
    )


def rank(
    hits: Sequence[Hit], *, tastes: tuple[Taste, ...], versions: Mapping[GroupKey, Sequence[Version]]
) -> Ranking:
    """The hits, each a few places earlier or later for what it meets; the same order where nothing does."""
    met = {
        hit.sku: tuple(taste for taste in tastes if _meets(hit, taste, versions=versions.get(hit.group, ())))
        for hit in hits
    }
    places = {
        hit.sku: place + RISE * sum(1 if taste.is_dislike else -1 for taste in met[hit.sku])
        for place, hit in enumerate(hits)
    }
    ranked = sorted(hits, key=lambda hit: places[hit.sku])
    return Ranking(hits=tuple(ranked), met={} if ranked == list(hits) else dict(met))


def _meets(hit: Hit, taste: Taste, *, versions: Sequence[Version]) -> bool:
    value = taste.value.casefold()
    match taste.field:
        case "brand":
            return hit.brand.casefold() == value
        case "color":
            return value in _list_words(hit.color)
        case "size":
            in_hand = [
                version
                for version in versions
                if not version.is_sold_out and version.color.casefold() == hit.color.casefold()
            ]
            sizes = {version.size.casefold() for version in in_hand} if versions else {hit.size.casefold()}
            return value in sizes


def _list_words(text: str) -> set[str]:
    return {token.word for token in list_tokens(text) if token.is_word}


def _list_stems(text: str) -> set[str]:
    return {token.stem for token in list_tokens(text) if token.is_word}
