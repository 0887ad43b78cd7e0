"""Finds products under every term that holds, and shows them."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import combinations
from typing import Literal

import msgspec

from catalog.products import Facet, Hit, PriceBand, SearchQuery, SearchResult
from commerce_agent.tools.applied_terms import list_filters
from commerce_agent.tools.desk import Desk
from commerce_agent.tools.matching import say_matches
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.ranking import Ranking, rank_hits
from commerce_agent.tools.recording import recorded
from commerce_agent.tools.seeking import list_terms, seek
from commerce_agent.tools.shared_shelves import leave_other_kinds, name_kind
from commerce_agent.tools.showing import get_ref, list_choices, record_offer, to_card, to_entity
from commerce_agent.tools.tastes import Taste
from commerce_agent.tools.weighing import pass_over, weigh_near_misses, weigh_offers
from conversations.events.constraints import Constraint
from conversations.events.entities import EntitiesFocused, EntitiesIntroduced, EntitiesShown
from conversations.events.messages import CardsShown

DESCRIPTION = (
    "Search the shop and show the results as cards. Every limit the shopper stated (price, colour, size, brand, "
    "...) is applied by the server; put only what names the goods into `query`."
)

ASKED_AFTER = 10
"""So many of the best are asked for their price and stock of now, so that sold-out ones can be replaced."""
MOST_PAIRED = 4
"""Terms that are tried two by two where dropping one does not help: six searches at most."""
MOST_LOOSENED = 4
"""A query of more words is not tried word by word."""
MOST_CHOICES = 6
"""Values of a colour or size that a card among others has room for."""
WEIGHED = 24
"""So many hits are ranked; the decision keeps what became of each."""


_PLURALS = frozenset({"s", "es", "n", "en", "e", "er"})


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to look for."""

    query: str = ""
    order: Literal["relevance", "price", "-price", "-rating"] | str = "relevance"
    skip: tuple[str, ...] = ()
    """SKUs the shopper has seen already and wants others than."""


class Relaxation(msgspec.Struct, frozen=True, kw_only=True):
    """What dropping one term would bring, or one and another."""

    term: Constraint
    also: Constraint | None = None
    total: int
    example: str
    sku: str
    price: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was shown, and what there is to say about it."""

    offers: tuple[Offer, ...]
    total: int
    sold_out: tuple[Offer, ...] = ()
    corrections: tuple[tuple[str, str], ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    double_relaxations: tuple[Relaxation, ...] = ()
    """Where no single term would help: two that would."""
    terms: tuple[Constraint, ...] = ()
    all_words: bool = True
    only_mentioned: bool = False
    """The words stand in descriptions alone: a tent that speaks of a torch is no torch."""
    facets: tuple[Facet, ...] = ()
    attribute_facets: tuple[Facet, ...] = ()
    """By size and the attributes that divide the results best."""
    price_range: tuple[Decimal, Decimal] | None = None
    price_bands: tuple[PriceBand, ...] = ()
    alternatives: tuple[Hit, ...] = ()
    """Where few have all the words: others with most of them, not shown."""
    tastes: tuple[Taste, ...] = ()
    """The shopper's likes and dislikes by which these are in the order they are in."""


@recorded("search_products")
async def run(desk: Desk, arguments: Arguments) -> Found:
    """Searches, weighs, shows. Nothing sold out or beyond a limit by a fresh reading is shown."""
    terms = list_terms(desk.trail.state.constraints)
    result, ranking = await rank(desk, arguments)
    kept, sold_out = await _weigh_hits(desk, ranking, terms=terms)
    if not kept and (len(arguments.query.split()) > 1 or not result.near_misses):
        # What exists but misses a term is said to; another thing is not put in its place.
        loose = await _search_loosely(desk, arguments, terms=terms)
        if loose is not None:
            ranking = await _rank_hits(desk, arguments, loose, terms=terms)
            kept, also_sold_out = await _weigh_hits(desk, ranking, terms=terms)
            result, sold_out = loose, (*sold_out, *also_sold_out)
    by_filter = dict(zip(list_filters(terms), terms, strict=True))
    weigh_near_misses(desk, result.near_misses, terms=by_filter)
    relaxations: tuple[Relaxation, ...] = ()
    pairs: tuple[Relaxation, ...] = ()
    if kept:
        await _show(desk, kept, hits=ranking.hits)
    else:
        relaxations = await _list_relaxations(desk, arguments, terms=terms)
        if not relaxations:
            pairs = await _list_pairs(desk, arguments, terms=terms)
        await _introduce(desk, relaxations)
    return Found(
        offers=tuple(kept),
        total=max(result.total - len(arguments.skip), len(kept)),
        sold_out=tuple(sold_out),
        corrections=_list_corrections(result),
        relaxations=relaxations,
        double_relaxations=pairs,
        terms=terms,
        all_words=result.all_words,
        only_mentioned=_is_only_mentioned(ranking.hits, shown={offer.item.sku for offer in kept}),
        facets=result.facets,
        attribute_facets=result.attribute_facets,
        price_range=result.price_range,
        price_bands=result.price_bands,
        alternatives=result.also,
        tastes=ranking.list_told([offer.item.sku for offer in kept]),
    )


def _list_corrections(result: SearchResult) -> tuple[tuple[str, str], ...]:
    """What was misspelt; another number of the same word ("Stehlampen", "Stehlampe") was not."""
    made = ((each.written.lower(), each.meant.lower()) for each in result.corrections)
    return tuple(
        (written, meant)
        for written, meant in made
        if not (written.startswith(meant) and written[len(meant) :] in _PLURALS)
    )


def _is_only_mentioned(hits: Iterable[Hit], *, shown: set[str]) -> bool:
    places = [{match.place for match in hit.why} for hit in hits if hit.sku in shown]
    return bool(places) and all(place == {"description"} for place in places)


async def rank(desk: Desk, arguments: Arguments, *, limit: int = WEIGHED) -> tuple[SearchResult, Ranking]:
    """What is found within every term, and the order in which it is offered to this shopper."""
    terms = list_terms(desk.trail.state.constraints)
    result = await _search(desk, arguments, terms=terms, limit=limit, by_attributes=True)
    return result, await _rank_hits(desk, arguments, result, terms=terms)


async def _rank_hits(
    desk: Desk, arguments: Arguments, result: SearchResult, *, terms: tuple[Constraint, ...]
) -> Ranking:
    seen = set(arguments.skip)
    hits = _spread([hit for hit in result.hits if hit.sku not in seen])
    if arguments.order != "relevance":
        return Ranking(hits=tuple(hits), order=arguments.order)
    return await rank_hits(desk, hits, query=arguments.query, terms=terms)


async def _weigh_hits(
    desk: Desk, ranking: Ranking, *, terms: tuple[Constraint, ...]
) -> tuple[list[Offer], tuple[Offer, ...]]:
    offers = await desk.shop.list_offers([hit.sku for hit in ranking.hits[:ASKED_AFTER]])
    kept, sold_out = weigh_offers(desk, offers, terms=terms, ranking=ranking)
    shown = [offer.item.sku for offer in kept]
    desk.trail.weigh(*(pass_over(hit, ranking=ranking, shown=shown) for hit in ranking.hits[ASKED_AFTER:]))
    for offer in sold_out:
        record_offer(desk.trail, offer)
    return kept, tuple(sold_out)


async def _search(
    desk: Desk,
    arguments: Arguments,
    *,
    terms: tuple[Constraint, ...],
    limit: int,
    by_attributes: bool = False,
    without: tuple[Constraint, ...] = (),
) -> SearchResult:
    text = _name_goods(arguments.query, terms=terms)
    result = await seek(
        desk.shop,
        SearchQuery(
            text=text,
            order=arguments.order,
            tier=desk.shop.context.tier,
            codes=desk.shop.context.codes,
            limit=limit,
            by_heading=not arguments.query,
            by_attributes=by_attributes,
            now=desk.now,
        ),
        ledger=desk.trail.state.constraints,
        without=without,
    )
    return leave_other_kinds(result, query=text)


async def _search_loosely(
    desk: Desk, arguments: Arguments, *, terms: tuple[Constraint, ...]
) -> SearchResult | None:
    """With one word less, where all words and all terms together fit nothing; no term is let go.

    The word that is missed least goes: the one without which most is found.
    """
    words = arguments.query.split()
    least = 1 if any(term.field == "category" for term in terms) else 2
    if not least <= len(words) <= MOST_LOOSENED:
        return None
    found: list[SearchResult] = []
    for left_out in range(len(words)):
        fewer = " ".join(word for place, word in enumerate(words) if place != left_out)
        tried = await _search(
            desk, msgspec.structs.replace(arguments, query=fewer), terms=terms, limit=WEIGHED
        )
        if tried.hits and tried.all_words:
            found.append(tried)
    best = max(found, key=lambda result: result.total, default=None)
    return None if best is None else msgspec.structs.replace(best, all_words=False)


def _name_goods(query: str, *, terms: tuple[Constraint, ...]) -> str:
    """The words to rank by: a kind of goods is also a word, and what bears it in its name comes first."""
    kinds = [term for term in terms if term.field == "category" and term.op == "="]
    if query or len(kinds) != 1 or not isinstance(kinds[0].value, str):
        return query
    return name_kind(kinds[0])


def _spread(hits: list[Hit]) -> list[Hit]:
    """The best colour of each product first, then the others: five cards shall show five products."""
    groups: set[str] = set()
    firsts: list[Hit] = []
    others: list[Hit] = []
    for hit in hits:
        (others if hit.group in groups else firsts).append(hit)
        groups.add(hit.group)
    return firsts + others


async def _show(desk: Desk, offers: list[Offer], *, hits: tuple[Hit, ...]) -> None:
    reasons = {hit.sku: say_matches(hit.why) for hit in hits}
    desk.trail.record(EntitiesShown(entities=tuple(to_entity(offer) for offer in offers)))
    for offer in offers:
        told = record_offer(desk.trail, offer)
        desk.trail.cite(told.price, told.availability, *told.rating, *told.words)
    coming_in = await desk.shop.list_versions(tuple(dict.fromkeys(offer.item.group for offer in offers)))
    cards = tuple(
        to_card(
            offer,
            now=desk.now,
            reason=reasons.get(offer.item.sku, ""),
            versions=list_choices(
                offer.item,
                among=coming_in.get(offer.item.group, ()),
                in_size=desk.in_size,
                most=MOST_CHOICES,
            ),
            say_age=desk.say_age,
            words=desk.table_words,
        )
        for offer in offers
    )
    desk.trail.record(CardsShown(part=desk.trail.mint_part(), cards=cards))
    desk.trail.record(EntitiesFocused(refs=tuple(get_ref(offer.item.sku) for offer in offers)))


async def _introduce(desk: Desk, relaxations: tuple[Relaxation, ...]) -> None:
    """The example that is about to be named becomes what "it" means; with none, nothing is in focus."""
    offers = await desk.shop.list_offers([relaxations[0].sku]) if relaxations else ()
    for offer in offers:
        desk.trail.record(EntitiesIntroduced(entities=(to_entity(offer),)))
        record_offer(desk.trail, offer)
    desk.trail.record(EntitiesFocused(refs=tuple(get_ref(offer.item.sku) for offer in offers)))


async def _list_relaxations(
    desk: Desk, arguments: Arguments, *, terms: tuple[Constraint, ...]
) -> tuple[Relaxation, ...]:
    """What dropping each single term would bring, the most promising first; the kind of goods stays."""
    found = [await _relax(desk, arguments, terms=terms, without=(term,)) for term in _list_loose(terms)]
    return _sort_by_promise(found)


async def _list_pairs(
    desk: Desk, arguments: Arguments, *, terms: tuple[Constraint, ...]
) -> tuple[Relaxation, ...]:
    """What dropping two terms would bring; of few terms only, for each pair is a search. Something stays asked for."""
    found = [
        await _relax(desk, arguments, terms=terms, without=pair)
        for pair in combinations(_list_loose(terms)[:MOST_PAIRED], 2)
        if len(terms) > len(pair) or arguments.query
    ]
    return _sort_by_promise(found)


def _list_loose(terms: tuple[Constraint, ...]) -> list[Constraint]:
    """The terms that could be let go: the kind of goods is none, nor is what holds for always."""
    return [term for term in terms if term.field != "category" and term.scope != "always"]


def _sort_by_promise(found: list[Relaxation | None]) -> tuple[Relaxation, ...]:
    return tuple(sorted((each for each in found if each is not None), key=lambda each: -each.total))


async def _relax(
    desk: Desk, arguments: Arguments, *, terms: tuple[Constraint, ...], without: tuple[Constraint, ...]
) -> Relaxation | None:
    others = tuple(term for term in terms if term not in without)
    priced = next((term for term in without if term.field == "price"), None)
    limit = WEIGHED if priced else 1
    result = await _search(desk, arguments, terms=others, limit=limit, without=without)
    if not result.hits:
        return None
    best = _find_nearest(result.hits, priced) if priced else result.hits[0]
    return Relaxation(
        term=without[0],
        also=without[1] if len(without) > 1 else None,
        total=result.total,
        example=best.title,
        sku=best.sku,
        price=str(best.price.amount),
    )


def _find_nearest(hits: tuple[Hit, ...], limit: Constraint) -> Hit:
    """Of what fits the words as well as the first does and can be had, what costs least beyond the limit."""
    alike = [hit for hit in hits if len(hit.why) >= len(hits[0].why)]
    had = [hit for hit in alike if hit.quantity != 0] or alike
    sign = -1 if limit.op == ">=" else 1
    return min(had, key=lambda hit: sign * hit.price.amount)
