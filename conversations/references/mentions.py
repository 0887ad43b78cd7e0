"""The phrases of a message that point at goods, taken apart."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from conversations.language.tokens import Token
from conversations.language.tongue import Direction
from conversations.references.spans import Known, Span

MentionKind = Literal["described", "pronoun_one", "pronoun_many", "implied", "named"]
Bag = Literal["cart", "order", "last_order", "earliest", ""]
PLACES_OF_OWN: frozenset[Bag] = frozenset({"cart", "order", "last_order"})
"""Where only the shopper's own goods are: what is not there is not looked for elsewhere."""


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """A referring phrase: what it says the goods are like, how many, and in which place."""

    kind: MentionKind
    first: int
    after: int
    wants: tuple[Span, ...] = ()
    variants: tuple[Span, ...] = ()
    """Those of the wants that may ask for another variant instead of saying which item: "the rug in blue"."""
    names: tuple[str, ...] = ()
    """Those of the unknown words that are names."""
    unknown: tuple[str, ...] = ()
    """Words about the goods that no known item and no shop term has."""
    standin: bool = False
    """The noun is "one" or the like."""
    demonstrative: bool = False
    plural: bool | None = None
    """None where the noun does not say: "the jeans"."""
    count: int | None = None
    whole: bool = False
    """"All of them", "both"."""
    positions: tuple[int, ...] = ()
    """Ordinals: 1 is the first, -1 the last."""
    extreme: tuple[str, Direction] | None = None
    """The measure by which it is the most or the more."""
    ranked: tuple[str, ...] = ()
    """The words that say so: "quietest"."""
    other: bool = False
    negated: bool = False
    partitive: Literal["choose", "one", "some", ""] = ""
    """"Any of these" chooses from the set, "one of these" means one of it, "two of them" may be pieces of one of it."""
    compared: bool = False
    """The message compares goods, so more than one is meant."""
    place: int | None = None
    """A place in the row of cards: 0 is the first, -1 the last, 1 the middle."""
    placed: bool = False
    """Says where in a room the goods are, which the conversation cannot know."""
    bag: Bag = ""


def has_goods(mention: Mention) -> bool:
    """True where the phrase has a noun for goods, or says enough about them without one."""
    return bool(mention.wants or mention.standin or mention.positions or mention.extreme or mention.other)


def get_words(tokens: Sequence[Token], *, first: int, after: int) -> tuple[str, ...]:
    """The words between two indexes."""
    return tuple(token.word for token in tokens[first:after])


class Speech(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A message with its spans, as the parsers read it."""

    text: str
    tokens: tuple[Token, ...]
    spans: dict[int, Span]
    known: Known
    words: dict[int, str]
    """The word of each token, by its index."""

    def get_word(self, at: int) -> str:
        """The word at the index; empty beyond either end."""
        return self.words.get(at, "")

    def get_text(self, *, first: int, after: int) -> str:
        """The shopper's own words between two token indexes."""
        return self.text[self.tokens[first].start : self.tokens[after - 1].end]


def seeks_others(speech: Speech) -> bool:
    """True where the message asks for goods that resemble those it points at: "anything like the blue dress"."""
    grammar = speech.known.tongue.grammar
    words = {token.word for token in speech.tokens}
    return bool(words & grammar.elsewhere or words & grammar.similar)
