"""Searching, refining and showing more."""

import re

import msgspec

from commerce_agent.agent.builtin import among, graded, versions
from commerce_agent.agent.builtin.asides import name_aside
from commerce_agent.agent.builtin.degrees import leave_degrees_out
from commerce_agent.agent.builtin.fitting import asks_for_anything, find_fitting
from commerce_agent.agent.builtin.highlights import (
    find_order,
    find_purpose_order,
    list_own_measures,
    say_highlight,
)
from commerce_agent.agent.builtin.lacking import quote_goods
from commerce_agent.agent.builtin.next_steps import offer_next
from commerce_agent.agent.builtin.nothing_found import offer_nearest, say_nothing, say_sold_out
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.talk import say_foreign
from commerce_agent.agent.builtin.topics import count_goods, end_terms, follow_topic
from commerce_agent.agent.builtin.unheard import knows_kind, without_unheard
from commerce_agent.agent.understanding.english.counting import NUMBER_WORDS
from commerce_agent.agent.understanding.english.cues import (
    MODEST,
    NAMES_NOTHING,
    SIMILAR,
    TAKES_BACK,
)
from commerce_agent.agent.understanding.ranking_shop import names_any_goods, ranks_whole_shop
from commerce_agent.tools import search_products
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.search_products import Found
from commerce_agent.tools.tastes import Taste
from conversations.constraints import is_of_person
from conversations.events.constraints import Constraint, list_values
from conversations.events.entities import SearchMade
from conversations.language.tokens import list_stems
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import get_kind


async def search(scene: Scene) -> None:
    """Searches for what the message names, or again for what was searched before, under every term."""
    if await among.tell_worded(scene) or await versions.tell_larger(scene):
        return
    await scene.voice.show_stage("searching")
    query = _find_query_of_whole(scene)
    if await graded.seek_first(scene, query=query):
        return
    order = find_order(scene)
    fitting = await find_fitting(scene, query=query)
    if not fitting and asks_for_anything(scene) and scene.understanding.resolved:
        await scene.say("search.none.fitting")
        return
    if (heard := fitting or await without_unheard(scene, wish := query)) is None:
        return
    topic = await follow_topic(scene, query=heard or query)
    # What is widened to a kind ("a lamp for the desk": desk lamps) is searched for, unheard words alone are not.
    query = topic if heard or topic != query else ""
    query = fitting or query
    aside = wish if not fitting and heard not in ("", wish) and await _tells_nothing(scene, query) else ""
    query = "" if aside else query
    arguments = search_products.Arguments(
        query=query, order=order, skip=_list_compared_with(scene, fitting=fitting)
    )
    found = await search_products.run(scene.desk, arguments)
    named = any(term.field == "category" for term in scene.understanding.reading.stated)
    if query and not found.offers and not found.sold_out and named:
        # "Fish food without copper", where no words say that it is for fish: the kind and the terms do.
        wide = await search_products.run(scene.desk, search_products.Arguments(query="", order=order))
        if wide.offers:
            found, query = msgspec.structs.replace(wide, all_words=False), ""
    scene.desk.trail.record(SearchMade(query=query, order=order, total=found.total))
    await _say_unmeasured(scene)
    await say_foreign(scene)
    if found.offers:
        await _say_found(scene, found, query=query, measure=_find_compared(scene), aside=name_aside(aside))
        await _say_age(scene, found.offers)
    else:
        await say_nothing(scene, found, query=query)


def _find_query_of_whole(scene: Scene) -> str:
    """The query; none where all goods of the shop, or of the kind, are ranked: "the cheapest thing you have"."""
    said, reading = scene.understanding.said, scene.understanding.reading
    query = _find_query(scene)
    # "The lightest you have" is one of the kind that is talked of, "the lightest thing" is any.
    if ranks_whole_shop(said) and (names_any_goods(said) or not knows_kind(scene)):
        end_terms(scene, keep={term.id for term in (*reading.stated, *reading.again)})
        return ""
    return "" if find_purpose_order(scene) else leave_degrees_out(query, measures=list_own_measures(scene))


def _list_compared_with(scene: Scene, *, fitting: str) -> tuple[str, ...]:
    """As in "something like this in red": what others are to be like, or go with, is none of them."""
    if not SIMILAR.search(scene.understanding.said) and not fitting:
        return ()
    entities = scene.desk.trail.state.entities
    groups = {entity.group for ref in scene.understanding.resolved if (entity := entities.find(ref))} - {""}
    same = (known.entity.ref.key for known in entities.known.values() if known.entity.group in groups)
    return tuple(dict.fromkeys((*(ref.key for ref in scene.understanding.resolved), *same)))


async def _say_age(scene: Scene, offers: tuple[Offer, ...]) -> None:
    """Says how old the answers about what is shown are, where they could not be refreshed."""
    ages = [offer.stale_since for offer in offers if offer.stale_since is not None]
    if ages:
        await scene.say_stale(min(ages))


_FILLERS = frozenset({"only", "just", "please", "instead", "maybe", "really", "something", "anything"})
"""Words that name no goods."""
_AFRESH = re.compile(r"\b(?:something|anything|a (?:present|gift)) for\b", re.IGNORECASE)


async def show_more(scene: Scene) -> None:
    """Shows others than those seen, for the same search."""
    state = scene.desk.trail.state
    searched = state.entities.searched
    if searched is None:
        await search(scene)
        return
    seen = tuple(dict.fromkeys(ref.key for showing in state.entities.showings for ref in showing.refs))
    arguments = search_products.Arguments(query=searched.query, order=searched.order, skip=seen)
    found = await search_products.run(scene.desk, arguments)
    if found.offers:
        await _say_found(scene, found, query=searched.query, measure="")
    else:
        if await offer_nearest(scene):
            return
        goods = scene.goods(found.terms, query=searched.query)
        await scene.say("search.no_more", goods=goods, terms=scene.terms(found.terms))


def _find_query(scene: Scene) -> str:
    reading, state = scene.understanding.reading, scene.desk.trail.state
    kinds = [get_kind(str(t.value)) for t in reading.stated if t.field == "category" and t.op == "="]
    above = [part for each in scene.words.vocabulary.categories if each.name in kinds for part in each.path]
    rest = _list_naming(reading.rest, said=scene.understanding.said, kinds=[*kinds, *above])
    if not kinds and (corrected := _correct_query(scene, rest)):
        return corrected
    if rest:
        return scene.understanding.get_for_shop(rest, vocabulary=scene.words.vocabulary)
    names_goods = any(term.field == "category" for term in reading.stated)
    # "Something for a four year old", after novels: of any goods that are so.
    afresh = _AFRESH.search(scene.understanding.said) and any(
        term.field in scene.words.vocabulary.attributes for term in reading.stated
    )
    names_goods = (
        names_goods or bool(afresh) or any(end.reason == "topic_changed" for end in reading.withdrawn)
    )
    if names_goods or state.entities.searched is None:
        return ""
    return state.entities.searched.query


def _list_naming(rest: str, *, said: str, kinds: list[str]) -> str:
    """The words that name goods: "cheap", "only" and a count of pieces name none, and a kind is named once."""
    told = {stem for kind in kinds for stem in list_stems(kind)}
    modest = MODEST.search(said)
    aside = [*NAMES_NOTHING.finditer(said.lower()), *([modest] if modest else [])]
    words = {*_FILLERS, *(word for each in aside for word in each.group().lower().split())}
    kept = [word for word in rest.split() if word not in words and not set(list_stems(word)) <= told]
    # "I'll take the cheapest headlamp" seeks headlamps.
    taken = bool(kept) and (len(kept) > 1 or bool(kinds)) and kept[0] in get_tongue("en").grammar.taking
    kept = kept[1:] if taken else kept
    # "4 dining chairs" are dining chairs.
    number = kept[0] if kept and (len(kept) > 1 or kinds) else ""
    counted = number in NUMBER_WORDS or (number.isdecimal() and len(number) < 3)
    return " ".join(kept[1:] if counted else kept)


def _find_compared(scene: Scene) -> str:
    """The measure by which something lighter, cheaper or better rated was asked for."""
    for term in scene.understanding.reading.stated:
        if isinstance(term.value, float | int) and term.field in scene.units and term.op in ("<=", ">="):
            return term.field
    return ""


async def _say_unmeasured(scene: Scene) -> None:
    for measure in scene.understanding.reading.unmeasured:
        if measure in ("price", "rating") or find_order(scene) != "relevance":
            continue  # Nothing to be cheaper than: the cheapest come first.
        await scene.say("search.unmeasured", measure=scene.field(measure))


async def _tells_nothing(scene: Scene, query: str) -> bool:
    """As in "comfortable for long tours": part names nothing here, and of the rest no goods of the kind have all."""
    kinds = tuple(t for t in scene.desk.trail.state.constraints.active if t.field == "category")
    return bool(kinds and query) and not await count_goods(scene, query, kinds=kinds)


def _without_others_size(found: Found) -> tuple[Constraint, ...]:
    """The terms to tell: goods that come in no such sizes were found whatever size somebody wears."""
    sizes = {offer.item.size.lower() for offer in found.offers if offer.item.size}
    return tuple(
        term
        for term in found.terms
        if term.field != "size"
        or not (is_of_person(term) or term.scope == "always")
        or sizes & {value.lower() for value in list_values(term.value)}
    )


async def _say_found(scene: Scene, found: Found, *, query: str, measure: str, aside: str = "") -> None:
    for written, meant in found.corrections:
        await scene.say("search.corrected", written=written, meant=meant)
        query = re.sub(rf"\b{re.escape(written)}\b", meant, query, flags=re.IGNORECASE)
    terms = scene.terms(_without_others_size(found))
    first, shown = found.offers[0], len(found.offers)
    titles = [offer.item.title for offer in found.offers]
    purpose = query if not found.all_words and _is_purpose(scene, query) else ""
    query, purpose = "" if purpose else query, purpose or aside
    versions = list_versions(found.offers)
    number = found.total if shown > 1 and not versions else 1
    goods = scene.goods(found.terms, query=query, number=number, titles=titles)
    if not found.all_words and query:
        await scene.say("search.loose", shown=shown, query=quote_goods(scene, query), first=scene.name(first))
    elif query and found.only_mentioned and not any(term.field == "category" for term in found.terms):
        await scene.say("search.mentioned", shown=shown, query=scene.query(query), first=scene.name(first))
    elif shown == 1 or versions:
        await scene.say(
            "search.found.one",
            goods=goods,
            terms=terms,
            first=scene.short_name(first) if versions else scene.name(first),
            price=scene.money(first.price.price),
        )
    else:
        key = "search.found.more" if found.total > shown else "search.found"
        await scene.say(key, shown=shown, total=found.total, goods=goods, terms=terms)
    if versions:
        named = [scene.version(version) for version in versions]
        await scene.say("search.versions", versions=scene.join(named, last="or"))
    elif shown > 1:
        await say_highlight(scene, found.offers, measure=measure)
    if purpose:
        await scene.say("search.purpose", words=scene.query(purpose))
    await _say_tastes(scene, found.tastes)
    await say_sold_out(scene, found)
    await offer_next(scene, found)


async def _say_tastes(scene: Scene, tastes: tuple[Taste, ...]) -> None:
    """Says what has moved the results beside the message's own words, and how it is known."""
    for key, is_dislike, source in (
        ("search.liked.stated", False, "stated"),
        ("search.liked.merchant", False, "merchant"),
        ("search.disliked", True, "stated"),
    ):
        moved = [taste for taste in tastes if (taste.is_dislike, taste.source) == (is_dislike, source)]
        if moved:
            named = [
                f"{scene.field('size')} {taste.value}" if taste.field == "size" else taste.value
                for taste in moved
            ]
            await scene.say(key, likes=scene.join(named))


def _is_purpose(scene: Scene, query: str) -> bool:
    """As in "a lamp for next to the armchair": other goods of the shop say what these are for."""
    categories = scene.words.vocabulary.categories
    kinds = {stem for category in categories for stem in list_stems(category.name)}
    return bool(query) and set(list_stems(query)) <= kinds and knows_kind(scene)


def list_versions(offers: tuple[Offer, ...]) -> list[str]:
    """What the results differ in where all of them are one product at one price: its colours, or its sizes."""
    first = offers[0]
    same = {(offer.item.group, offer.price.price) for offer in offers}
    if len(offers) < 2 or not first.item.group or same != {(first.item.group, first.price.price)}:
        return []
    by_color = len({offer.item.color for offer in offers}) > 1
    versions = [offer.item.color.lower() if by_color else offer.item.size for offer in offers]
    return versions if all(versions) and len(set(versions)) == len(versions) else []


def _correct_query(scene: Scene, rest: str) -> str:
    """As in "powder, not capsules" after creatine capsules: the words that were sought, but for those it takes back."""
    searched = scene.desk.trail.state.entities.searched
    read, vocabulary = scene.understanding, scene.words.vocabulary
    refused = [match["what"] for match in TAKES_BACK.finditer(read.said)]
    for_shop = [read.get_for_shop(each, vocabulary=vocabulary) for each in refused]
    taken_back = {stem for each in (*refused, *for_shop) for stem in list_stems(each)}
    words = searched.query.split() if searched else []
    kept = [word for word in words if not set(list_stems(word)) & taken_back]
    if not kept or len(kept) == len(words):
        return ""
    return " ".join(dict.fromkeys((*kept, *read.get_for_shop(rest, vocabulary=vocabulary).split())))
