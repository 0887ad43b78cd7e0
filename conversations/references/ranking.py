"""Which end of which measure a phrase names: "the cheapest", and "the most torque" of goods that state theirs."""

from conversations.language.order import Order, find_order, list_plain_forms
from conversations.references.mentions import Speech

_DEFINITE = frozenset({"the"})


def find_ranked(speech: Speech, at: int) -> Order | None:
    """Answers the order that starts with the token: one that language has a word for, or of a measure of the items."""
    order = find_order(speech.tokens, at, speech.known.tongue) or _find_plain(speech, at)
    ends = speech.known.tongue.grammar.utmost
    if order and (named := _find_measure(speech, order.after)):
        # "The longest battery life" is no length.
        return Order(measure=named[0], direction=order.direction, first=at, after=named[1])
    if order or speech.get_word(at) not in ends:
        return order
    named = _find_measure(speech, at + 1)
    return (
        Order(measure=named[0], direction=ends[speech.get_word(at)], first=at, after=named[1])
        if named
        else None
    )


def _find_plain(speech: Speech, at: int) -> Order | None:
    """As in "the cheap one", of goods that were shown: of these the cheapest is meant, in a search it is no rank."""
    tongue = speech.known.tongue
    stands = speech.get_word(at + 1) in tongue.grammar.standin_one
    if not stands or speech.get_word(at - 1) not in tongue.grammar.pointing | _DEFINITE:
        return None
    word = speech.get_word(at)
    for phrase, (measure, direction) in tongue.comparatives.items():
        if measure == "price" and (word in list_plain_forms(phrase) or phrase == f"more {word}"):
            return Order(measure=measure, direction=direction, first=at, after=at + 1)
    return None


def _find_measure(speech: Speech, at: int) -> tuple[str, int] | None:
    """The measure of the items whose name stands there, and the index behind it."""
    for stems, name in speech.known.measures:
        after = at + len(stems)
        if stems and tuple(token.stem for token in speech.tokens[at:after]) == stems:
            return name, after
    return None
