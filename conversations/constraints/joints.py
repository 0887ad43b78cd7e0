"""Where one kind of goods with all that is said of it ends, and another begins."""

from collections.abc import Iterator

from conversations.constraints.scan import Scan

_MARKS = frozenset({",", "&"})


def are_told_apart(scan: Scan, *, first: int, after: int) -> bool:
    """As in "cotton yarn under 5 euros and stitch markers", "skates for my daughter and a helmet": whether nothing
    stands between two kinds but what the first is to be like and an "and" before the second.
    """
    grammar = scan.tongue.grammar
    end = after
    while end > first and scan.tokens[end - 1].word in grammar.articles | grammar.choosing:
        end -= 1
    joined = end > first + 1 and scan.tokens[end - 1].word in grammar.conjunctions
    told = {*_list_told(scan)} | {
        at
        for at in range(first, end)
        if scan.tokens[at].word in grammar.conjunctions | _MARKS or not scan.tokens[at].word.strip()
    }
    return joined and told.issuperset(range(first, end))


def _list_told(scan: Scan) -> Iterator[int]:
    """The tokens of numbers with their bounds, of values that are no kinds, and of whom goods are for."""
    for amount in scan.amounts:
        yield from range(amount.first, amount.after)
    for bound in ("at_most", "at_least", "around"):
        for cue in (*scan.cues.list_of(bound), *scan.cues.list_of(f"{bound}_after")):
            yield from range(cue.first, cue.after)
    for spot in scan.spots:
        if all(term.field != "category" for term in spot.terms):
            opened = scan.find_word(spot.first - 1) in scan.tongue.introducing
            yield from range(spot.first - opened, spot.after)
    people = {word for words in scan.tongue.recipients.values() for word in words}
    grammar = scan.tongue.grammar
    for at, token in enumerate(scan.tokens):
        start = at - (scan.find_word(at - 1) in grammar.possessives)
        if token.word in people and scan.find_word(start - 1) in grammar.benefiting:
            yield from range(start - 1, at + 1)
