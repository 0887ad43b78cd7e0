"""Words of a search that name nothing in the shop: what is left aside of them, and what is said of that."""

import re

import msgspec

from catalog.products import SearchQuery
from commerce_agent.agent.builtin import codes
from commerce_agent.agent.builtin.lacking import list_lacking, tell_kind_alone, tell_lacking
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.talk import suggest_kinds, tell_unclear
from commerce_agent.agent.understanding.english.asked_goods import find_asked_goods
from commerce_agent.agent.understanding.english.choices import RANKS_KIND
from commerce_agent.agent.understanding.english.cues import (
    TELLS_NEED,
)
from commerce_agent.agent.understanding.english.moves import OPEN_QUESTION
from commerce_agent.agent.understanding.english.nouns import OCCASIONS
from commerce_agent.agent.understanding.finding_moves import find_moves
from commerce_agent.agent.understanding.meant_goods import list_needed_for
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.understanding.naming_words import CODE
from commerce_agent.tools import search_products
from commerce_agent.tools.seeking import look_up
from conversations.events.decisions import ToolCalled
from conversations.language.tongues import get_tongue

_QUALITY = re.compile(r"[a-z]{3,}(?:able|ible|proof|less|resistant)", re.IGNORECASE)
"""What goods are asked to be, whichever goods: "rechargeable", "shatterproof"."""
_BARE_CODE = re.compile(r"[A-Z][A-Z0-9_-]{3,23}")
"""A promotion code, or what is shouted: "BREW5", "SLEEPWELL"."""
_ANYTHING = re.compile(
    r"\b(?:some|any)thing\b|\b(?:gift|present|stuff|things?|items?|products?|ideas?)\b", re.IGNORECASE
)
"""What asks for goods of no kind in particular."""
_MOST_QUOTED = 2
_MOST_CHECKED = 6
"""Words of a query that are looked up."""


async def without_unheard(scene: Scene, query: str) -> str | None:
    """The query without words that name nothing in the shop; None, and a question, where that leaves nothing to do."""
    words = query.split()
    if not words:
        return query
    unheard = await _list_unheard(scene, words[:_MOST_CHECKED])
    kept = " ".join(word for word in words if word not in unheard)
    if (heard_of := await _leave_lacking(scene, unheard, kept=kept)) is None:
        return None
    unheard = heard_of
    reading = scene.understanding.reading
    knows_goods = knows_kind(scene)
    changes = reading.stated or reading.withdrawn or reading.superseded
    if unheard and not changes and OPEN_QUESTION.search(scene.understanding.said):
        await scene.say("question.unknown")
        scene.offer_replies(scene.book.put("button.person"))
        return None
    if not changes and len(words) == 1 and unheard and _may_be_code(scene, words[0]):
        await _take_for_code(scene, words[0])
        return None
    named_again = any(term.field == "category" for term in reading.again)
    searches = any(move.kind == "search" for move in find_moves(scene.understanding.said))
    again = knows_goods and (named_again or searches)
    if kept or changes or (again and len(words) == 1):
        told = _list_told(scene, unheard, loosely=bool((changes or named_again) and knows_goods))
        if told and not kept and _names_unknown_goods(scene, told):
            await _say_unheard(scene, told)
            return None
        if told:
            await scene.say("search.dropped", words=_quote_own(scene, told))
        return kept
    if not unheard:
        return query
    await _say_unheard(scene, unheard)
    return None


async def _leave_lacking(scene: Scene, unheard: list[str], *, kept: str) -> list[str] | None:
    """The words that nothing was said of; None where the goods themselves are none of the shop's, and that is said."""
    asked = find_asked_goods(scene.understanding.said) if unheard else None
    lacking = list_lacking(scene, asked, unheard=unheard) if asked else []
    if not asked or not lacking:
        return unheard
    if asked.noun not in lacking:
        await tell_kind_alone(scene, asked)
        told = {scene.understanding.get_for_shop(w, vocabulary=scene.words.vocabulary) for w in lacking}
        return [word for word in unheard if word.lower() not in told | set(lacking)]
    if kept or scene.understanding.reading.stated:
        await tell_lacking(scene, asked, lacking=lacking, kept=kept)
    else:
        await _say_unheard(scene, unheard)
    return None


async def _take_for_code(scene: Scene, word: str) -> None:
    """As in "do you have LOVE20?": nothing else was asked for."""
    if scene.desk.trail.state.cart.lines and _BARE_CODE.fullmatch(scene.understanding.said.strip(" .!?")):
        await codes.take_code(scene, Move(kind="enter_code", topic=word))
        return
    await scene.say("search.none.unheard", words=_quote_own(scene, [word]))
    await suggest_kinds(scene)


def _list_told(scene: Scene, unheard: list[str], *, loosely: bool) -> list[str]:
    """Those of the words that are not passed over in silence."""
    told = [word for word in unheard if not loosely or _is_named(scene, word) or _QUALITY.fullmatch(word)]
    tongue = get_tongue("en")
    plain = OCCASIONS | tongue.grammar.searching | tongue.ordinary
    told = [word for word in told if word.lower() not in plain and "'" not in word]
    # What goods are needed for has not to be found in the shop, whatever else is asked for beside it has.
    return [word for word in told if word.lower() not in list_needed_for(scene.understanding.said)]


def _names_unknown_goods(scene: Scene, told: list[str]) -> bool:
    """As in "a kayak under 60", where none are sold: what else costs less is no answer to that."""
    reading = scene.understanding.reading
    only_price = all(term.field in ("price", "rating") for term in reading.stated) and not reading.withdrawn
    any_goods = _ANYTHING.search(scene.understanding.said) is not None
    qualities = all(_QUALITY.fullmatch(word) or word in get_tongue("en").adjectives for word in told)
    return only_price and len(told) <= _MOST_QUOTED and not (any_goods or qualities or knows_kind(scene))


def _may_be_code(scene: Scene, word: str) -> bool:
    said = scene.understanding.said.strip(" .!?")
    return CODE.fullmatch(word) is not None or _BARE_CODE.fullmatch(said) is not None


def _is_named(scene: Scene, word: str) -> bool:
    """Whether the word is a name ("from Spain"): what the shopper set by it is not passed over in silence."""
    return re.search(rf"\b(?:from|by)\s+{re.escape(word)}\b", scene.understanding.said) is not None


async def _say_unheard(scene: Scene, unheard: list[str]) -> None:
    """Long sentences are not quoted back; what the shop does have is said instead."""
    asks = any(move.kind == "search" for move in find_moves(scene.understanding.said))
    makers = [word for word in unheard if _is_named(scene, word)]
    asks = bool(asks or makers) or find_asked_goods(scene.understanding.said) is not None
    asks = asks or RANKS_KIND.search(scene.understanding.said) is not None
    people = {word for group in get_tongue("en").recipients.values() for word in group}
    if {word.lower() for word in unheard} <= people:
        # "I need something for my son": whom it is for was understood, and what it shall be was not said.
        await scene.say("need.kind")
    elif len(unheard) <= _MOST_QUOTED and asks:
        # The words were looked up and named nothing: on record it is a search without a result, as it is.
        asked = search_products.Arguments(query=" ".join(unheard))
        written = msgspec.json.encode(asked).decode()
        scene.desk.trail.record(ToolCalled(tool="search_products", arguments=written, outcome="ok"))
        key = "search.none.maker" if makers == unheard else "search.none.unheard"
        await scene.say(key, words=_quote_own(scene, unheard))
    else:
        if not TELLS_NEED.search(scene.understanding.said):
            await tell_unclear(scene)
            return
        await scene.say("need.kind")
    await suggest_kinds(scene)


def _quote_own(scene: Scene, words: list[str]) -> str:
    """The words as the shopper wrote them, in whichever language."""
    return " ".join(dict.fromkeys(scene.understanding.get_own(word) for word in words))


async def _list_unheard(scene: Scene, words: list[str]) -> list[str]:
    """Those of the words that name nothing in the whole shop.

    All are looked up at once; one by one only those of which that leaves open whether they are heard.
    """
    shop = scene.desk.shop
    found = await look_up(shop, SearchQuery(text=" ".join(words), limit=1, now=shop.now))
    if found.hits and found.all_words:
        return []
    if not found.hits or len(words) == 1:
        return [] if found.hits else words
    heard = {match.word for hit in found.hits for match in hit.why}
    unheard: list[str] = []
    for word in words:
        known = word.lower()
        if known in heard:
            continue
        if known in found.unheard:
            unheard.append(word)
            continue
        alone = await look_up(shop, SearchQuery(text=word, limit=1, now=shop.now))
        if not alone.hits:
            unheard.append(word)
    return unheard


def knows_kind(scene: Scene) -> bool:
    """Whether the talk is of a kind of goods that the shop has."""
    return any(term.field == "category" for term in scene.desk.trail.state.constraints.active)
