"""Sizes that a shop writes as words of its own: "a double duvet", "king size", "in super king"."""

from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.language.tokens import list_tokens

_SHORTEST = 3
_PAYS = frozenset({"pay", "paying", "paid", "refund", "refunded", "refunds", "settle", "settled"})
_ALL_OF_IT = frozenset({"it", "that", "this", "them", "everything", "me", "you"})
_POLITE = frozenset({"please", "then", "thanks"})


def read_worded_sizes(scan: Scan) -> list[Draft]:
    """Answers a term for each size by its name: before the goods or "size", behind "in", or alone in its clause.

    Names that every shop has ("large") are read elsewhere; what is no size beside its goods ("a single question") is
    none.
    """
    drafts: list[Draft] = []
    taken: set[int] = set()
    for words, size in sorted(_list_named(scan), key=lambda each: -len(each[0])):
        for at in range(len(scan.tokens) - len(words) + 1):
            after = at + len(words)
            said = tuple(token.word for token in scan.tokens[at:after])
            if said != words or taken & {*range(at, after)} or scan.pointed & {*range(at, after)}:
                continue
            if _is_size(scan, at, after):
                taken |= {*range(at, after)}
                end = after + (scan.find_word(after) in scan.tongue.size_words)
                drafts.append(Draft(field="size", op="=", value=size, first=at, after=end))
                break
    return drafts


def _list_named(scan: Scan) -> list[tuple[tuple[str, ...], str]]:
    named = []
    for size in scan.vocabulary.sizes:
        words = tuple(token.word for token in list_tokens(size) if token.is_word)
        plain = bool(words) and all(word.isalpha() for word in words) and len(size) >= _SHORTEST
        if plain and " ".join(words) not in scan.tongue.sizes:
            named.append((words, size))
    return named


def _is_size(scan: Scan, at: int, after: int) -> bool:
    if scan.find_word(after) in scan.tongue.size_words or scan.find_word(at - 1) in scan.tongue.size_words:
        return True
    if _is_said_of_all(scan, at):
        return False
    goods = any(
        spot.first == after and any(term.field == "category" for term in spot.terms) for spot in scan.spots
    )
    inside = scan.find_word(at - 1) in scan.tongue.grammar.inside and not _is_paid(scan, at - 1)
    sought = bool(scan.ledger.list_for("category")) or any(
        term.field == "category" for spot in scan.spots for term in spot.terms
    )
    ends = not scan.find_word(after).isalnum() or scan.find_word(after) in _POLITE
    alone = sought and ends and at > 0 and not scan.find_word(at - 1).isalnum()
    return goods or alone or (inside and ends)


def _is_said_of_all(scan: Scan, at: int) -> bool:
    """As in "not a single duvet", "every single one"."""
    article = scan.find_word(at - 1) in scan.tongue.grammar.articles
    refused = scan.cues.find_ending_at("not", at=at - article) is not None
    return refused or scan.find_word(at - 1) == "every"


def _is_paid(scan: Scan, at: int) -> bool:
    """As in "can I pay in full?", "was it refunded in full?"."""
    before = at - 2 if scan.find_word(at - 1) in _ALL_OF_IT else at - 1
    return scan.find_word(before) in _PAYS
