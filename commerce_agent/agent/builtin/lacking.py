"""Goods that the shop does not have, asked for by their noun: said so, and what comes nearest named as that."""

import msgspec

from commerce_agent.agent.builtin.nothing_found import name_nearest
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.talk import suggest_kinds
from commerce_agent.agent.understanding.english.asked_goods import AskedGoods, find_asked_goods, is_noun_like
from commerce_agent.agent.understanding.english.nouns import OCCASIONS
from commerce_agent.agent.understanding.meant_goods import list_needed_for
from commerce_agent.tools import search_products
from conversations.events.constraints import ConstraintWithdrawn
from conversations.events.decisions import ToolCalled
from conversations.language.tokens import list_stems


def list_lacking(scene: Scene, asked: AskedGoods, *, unheard: list[str]) -> list[str]:
    """Those of the words that say what the goods are and name nothing in the shop."""
    read, vocabulary = scene.understanding, scene.words.vocabulary
    kinds = [term for term in read.reading.stated if term.field == "category"]
    if not all(_says_which(kind.text, asked) for kind in kinds):
        return []  # "Hold on, show me umbrellas": the goods are others.
    aside = {*OCCASIONS, *list_needed_for(read.said)}
    return [
        word
        for word in asked.words
        if word not in aside and is_noun_like(word)
        if {each.lower() for each in read.get_for_shop(word, vocabulary=vocabulary).split()}
        & {each.lower() for each in unheard}
    ]


async def tell_lacking(scene: Scene, asked: AskedGoods, *, lacking: list[str], kept: str) -> None:
    """As in "rain trousers" where there are none: what else is for the rain is named, as what comes nearest by that.

    What was asked of those goods alone ends with them.
    """
    arguments = msgspec.json.encode(search_products.Arguments(query=asked.text)).decode()
    scene.desk.trail.record(ToolCalled(tool="search_products", arguments=arguments, outcome="ok"))
    stated = [term for term in scene.understanding.reading.stated if _says_which(term.text, asked)]
    heard = [word for word in asked.words[:-1] if word not in lacking]
    await scene.say("search.none.goods", words=_get_own(scene, asked))
    before = [
        term
        for term in scene.desk.trail.state.constraints.active
        if (term.field, term.op) == ("category", "=") and term.scope != "always" and term not in stated
    ]
    # "Regenhosen" is one word, of which no half is quoted.
    words = "" if scene.own([asked.noun]) in scene.own(heard) else scene.own(heard)
    key = "search.none.nearest_by" if words else "nearest"
    named = (kept or stated) and await name_nearest(scene, before, query=kept, key=key, words=words)
    for term in stated:
        scene.desk.trail.record(ConstraintWithdrawn(id=term.id, reason="topic_changed"))
    if not named:
        await suggest_kinds(scene)


async def tell_kind_alone(scene: Scene, asked: AskedGoods) -> None:
    """As in "sleeping bags" of a shop that has bags of other sorts."""
    await scene.say("search.kind_alone", words=_get_own(scene, asked))


def quote_goods(scene: Scene, query: str) -> str:
    """The words of a search, with their noun where they only say which are meant: "golf" of "golf bags"."""
    asked = find_asked_goods(scene.understanding.said)
    which = asked.words[:-1] if asked else ()
    return (
        _get_own(scene, asked) if asked and set(query.lower().split()) <= set(which) else scene.query(query)
    )


def _get_own(scene: Scene, asked: AskedGoods) -> str:
    """The goods as the shopper wrote them: several words of English may be one of theirs."""
    own = [part for word in asked.words for part in scene.understanding.get_own(word).split()]
    return " ".join(dict.fromkeys(own))


def _says_which(text: str, asked: AskedGoods) -> bool:
    stems = set(list_stems(text))
    return bool(stems) and stems <= set(list_stems(asked.text))
