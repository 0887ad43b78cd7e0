"""The words of a message that are left to search for, once its terms are read."""

from collections.abc import Sequence

from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.language.order import find_order
from conversations.language.tokens import list_stems

_READ_ALONE = frozenset({"at_most", "at_least", "make_it", "not", "price", "rating", "always"})
"""Kinds of single words that say how a term is meant, and name no goods."""


def get_rest(scan: Scan, drafts: Sequence[Draft], ending: frozenset[int]) -> str:
    """Answers the words that name or describe goods and are no terms, in the shopper's order.

    Where some sentences ask for something, the words of those that only tell a story are left out; numbers
    alone name nothing.
    """
    each = {at for at, token in enumerate(scan.tokens) if token.word in scan.tongue.grammar.each}
    read = {index for draft in drafts for index in range(draft.first, draft.after)}
    taken = (
        read
        | each
        | _list_beneficiaries(scan)
        | ending
        | scan.pointed
        | _list_cued(scan)
        | _list_compared(scan)
        | _list_fields(scan, drafts)
    )
    left = [
        index
        for index, token in enumerate(scan.tokens)
        if index not in taken and token.is_word and token.word not in scan.tongue.stopwords
    ]
    left = _without_stories(scan, left, read)
    words = [index for index in left if not scan.tokens[index].word.replace(".", "").isdecimal()]
    kept = left if words and _are_neighbours(left) else words
    return " ".join(scan.text[scan.tokens[index].start : scan.tokens[index].end] for index in kept)


def _list_beneficiaries(scan: Scan) -> set[int]:
    """As in "a tent for two people": whom it is for, and how many they are, is no word of the goods."""
    found: set[int] = set()
    for amount in scan.amounts:
        before = scan.tokens[amount.first - 1].word if amount.first else ""
        counted = amount.is_bare and amount.after < len(scan.tokens)
        if counted and before in scan.tongue.grammar.prepositions & scan.tongue.turning:
            found.add(amount.after)
    return found


def _list_fields(scan: Scan, drafts: Sequence[Draft]) -> set[int]:
    """As in "weight under 2 kg": the name of what the term is about."""
    names = {
        stem
        for draft in drafts
        if draft.field in scan.vocabulary.measures
        for stem in list_stems(draft.field.replace("_", " "), language=scan.tongue.stemmer)
    }
    return {at for at, token in enumerate(scan.tokens) if token.stem in names}


def _are_neighbours(left: Sequence[int]) -> bool:
    """As in "playstation 5": the number belongs to the name."""
    return left[-1] - left[0] == len(left) - 1


def _list_cued(scan: Scan) -> set[int]:
    return {
        index
        for cue in scan.cues.all
        for index in range(cue.first, cue.after)
        if cue.after - cue.first > 1 or cue.kinds & _READ_ALONE
    }


def _list_compared(scan: Scan) -> set[int]:
    """As in "something warmer", "the cheapest tents": an order among goods, not a word of theirs."""
    found: set[int] = set()
    at = 0
    while at < len(scan.tokens):
        order = find_order(scan.tokens, at, scan.tongue)
        if order:
            found.update(range(order.first, order.after))
        at = order.after if order else at + 1
    return found


def _without_stories(scan: Scan, left: list[int], read: set[int]) -> list[int]:
    """As in "Too heavy. Anything under 2 kg": where one sentence states terms or asks, another that does neither is no
    search.
    """
    sentences = scan.list_sentences()
    asking = [
        (first, after)
        for first, after in sentences
        if read & set(range(first, after)) or _asks(scan, first, after)
    ]
    if not asking or len(sentences) < 2:
        return left
    return [index for index in left if any(first <= index < after for first, after in asking)]


def _asks(scan: Scan, first: int, after: int) -> bool:
    searching = scan.tongue.grammar.searching
    return any(scan.tokens[index].word in searching for index in range(first, after))
