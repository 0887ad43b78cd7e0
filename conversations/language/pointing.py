"""Whether a noun phrase points at something known ("the blue one") or describes something wanted ("a blue
one").
"""

from collections.abc import Sequence

from conversations.language.tokens import Token
from conversations.language.tongue import Tongue

_FARTHEST = 8


def find_determiner(
    tokens: Sequence[Token], at: int, *, modifiers: frozenset[int], tongue: Tongue
) -> int | None:
    """Answers the index of the word that opens the phrase in which the token stands.

    `modifiers` are the indexes of tokens that may stand between the two: colours, sizes, ordinals. None
    where the phrase has no opening word.
    """
    grammar = tongue.grammar
    for before in range(at - 1, max(-1, at - _FARTHEST), -1):
        word = tokens[before].word
        if is_determiner(word, tongue):
            return before
        passes = before in modifiers or word in grammar.modal_noise or word in grammar.conjunctions
        if not (passes or word in tongue.ordinals or word in tongue.numbers or word in grammar.other):
            return None
    return None


def is_determiner(word: str, tongue: Tongue) -> bool:
    """True for a word that opens a noun phrase, of either sort."""
    grammar = tongue.grammar
    return is_pointing(word, tongue) or word in grammar.indefinite or word in grammar.another


def is_pointing(word: str, tongue: Tongue) -> bool:
    """True for a word after which the goods are known ones: "the", "that", "those", "both"."""
    grammar = tongue.grammar
    return (
        word in grammar.definite
        or word in grammar.demonstrative_one
        or word in grammar.demonstrative_many
        or word in grammar.both
    )
