"""Which end of which measure a phrase names: "the cheapest", and "the most torque" of goods that state theirs."""

from conversations.language.order import Order, find_order
from conversations.references.mentions import Speech


def find_ranked(speech: Speech, at: int) -> Order | None:
    """Answers the order that starts with the token: one that language has a word for, or of a measure of the items."""
    order = find_order(speech.tokens, at, speech.known.tongue)
    ends = speech.known.tongue.grammar.utmost
    if order or speech.get_word(at) not in ends:
        return order
    for stems, name in speech.known.measures:
        after = at + 1 + len(stems)
        if stems and tuple(token.stem for token in speech.tokens[at + 1 : after]) == stems:
            return Order(measure=name, direction=ends[speech.get_word(at)], first=at, after=after)
    return None
