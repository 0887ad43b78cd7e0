"""Facts asked of goods that have no name, which are asked back for."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from conversations.references.chosen import Choice
from conversations.references.features import Features
from conversations.references.mentions import Mention, Speech
from conversations.references.scene import Scene

_TOLD_APART = 2
_REACH = 4
_BEFORE_QUALITY = 2
"""So many words may stand between "with" and the quality that it opens: "with high ratings"."""


def doubt_unnamed(
    chosen: Sequence[tuple[Mention, Choice]], speech: Speech, scene: Scene
) -> tuple[tuple[Mention, Choice], ...]:
    """Answers the choices; the single one of a question for a fact is unsure where the goods have no names.

    "The Meadow lamp costs 89" shows which lamp was understood, so a slip does no harm. "It costs 89" does not show
    it: where goods without a name lie beside one another, a careful assistant first makes sure which is meant.
    Of two, "the first" and "the other" tell the answers apart.
    """
    if len(chosen) != 1 or scene.asked or not _asks_fact(speech):
        return tuple(chosen)
    mention, choice = chosen[0]
    if choice.outcome != "resolved" or any(item.name for item in choice.items):
        return tuple(chosen)
    others = _list_beside(choice.items[0], scene) if len(choice.items) == 1 else ()
    if not others and len(choice.items) <= _TOLD_APART:
        return tuple(chosen)
    doubted = Choice(outcome="ambiguous", items=(*choice.items, *others), rules=(*choice.rules, "unnamed"))
    return ((mention, doubted),)


def _asks_fact(speech: Speech) -> bool:
    """As in "how much is it?", "who makes the grey one?": a fact about goods, not the goods themselves."""
    grammar = speech.known.tongue.grammar
    words = [token.word for token in speech.tokens]
    asked = [at for at in range(len(words)) if _is_fact(speech, at)]
    if not asked or not (grammar.comparing | grammar.similar | grammar.elsewhere).isdisjoint(words):
        return False
    if any(set(words[max(0, at - _BEFORE_QUALITY) : at]) & grammar.qualifying for at in asked):
        return False
    taken = [at for at, word in enumerate(words) if word in grammar.taking]
    return all(any(at < fact <= at + _REACH for fact in asked) for at in taken)


def _is_fact(speech: Speech, at: int) -> bool:
    grammar = speech.known.tongue.grammar
    word = speech.get_word(at)
    if word in grammar.aspects:
        return True
    rests = _index_phrases(grammar.fact_questions).get(word, ())
    return any(_stands_at(speech, at + 1, rest) for rest in rests)


@lru_cache(maxsize=8)
def _index_phrases(phrases: tuple[str, ...]) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """Phrases by their first word: the words after it."""
    index: dict[str, tuple[tuple[str, ...], ...]] = {}
    for first, *rest in map(str.split, phrases):
        index[first] = (*index.get(first, ()), tuple(rest))
    return index


def _stands_at(speech: Speech, at: int, words: tuple[str, ...]) -> bool:
    return all(speech.get_word(at + ahead) == word for ahead, word in enumerate(words))


def _list_beside(item: Features, scene: Scene) -> tuple[Features, ...]:
    """The goods that lay beside the item when it was last shown, else everything known."""
    for row in (scene.asked, *scene.showings):
        if item in row and len(row) > 1:
            return tuple(other for other in row if other is not item)
    return tuple(other for other in scene.known if other is not item)
