"""How many of a set a phrase means: "any of these", "one of them", "two of those"."""

from typing import Literal

import msgspec

from conversations.references.mentions import Mention, Speech


def with_partition(speech: Speech, mention: Mention) -> Mention:
    """Notes "any of", "which of", "one of" before the phrase, and whether the message compares."""
    grammar = speech.known.tongue.grammar
    compared = any(token.word in grammar.comparing for token in speech.tokens)
    before, previous = speech.get_word(mention.first - 2), speech.get_word(mention.first - 1)
    partitive: Literal["choose", "one", "some", ""] = ""
    whole = mention.whole or mention.count or speech.get_word(mention.first) in grammar.each
    chosen = before in grammar.choosing or (
        # "Which one of them".
        before in grammar.standin_one
        and speech.get_word(mention.first - 3) in grammar.choosing & grammar.asking
    )
    if previous in grammar.part_of and chosen and not mention.extreme:
        partitive = "choose"
    elif (
        previous in grammar.part_of and before in grammar.standin_one and mention.plural is True and not whole
    ):
        partitive = "one"
    elif mention.plural is False or (mention.positions and mention.plural is None):
        pass  # "Four of the first one", "two of the first" are pieces of one thing.
    elif previous in grammar.part_of and not whole and (number := _read_number(speech, before)):
        return msgspec.structs.replace(mention, partitive="some", count=number, compared=compared)
    return msgspec.structs.replace(mention, partitive=partitive, compared=compared)


def _read_number(speech: Speech, word: str) -> int:
    if word in speech.known.tongue.grammar.both:
        return 0
    return int(word) if word.isdecimal() else int(speech.known.tongue.numbers.get(word, 0))
