"""Sizes of the shop in a message, beside its other terms."""

from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.language.amounts import Amount
from conversations.language.sizes import find_size


def read_sizes(scan: Scan, drafts: list[Draft]) -> list[Draft]:
    taken = {index for draft in drafts for index in range(draft.first, draft.after)} | scan.pointed
    # "A large dog bed", where beds are on the shelf for dogs: the word for the shelf is the shop's, too.
    told = taken | {index for spot in scan.spots for index in range(spot.first, spot.after)}
    left = [
        at
        for at, token in enumerate(scan.tokens)
        if token.is_word
        and at not in told
        and (token.word not in scan.tongue.stopwords or token.word in scan.tongue.sizes)
    ]
    found: list[Draft] = []
    at = 0
    while at < len(scan.tokens):
        # "Medium, red" says nothing else.
        alone = bool(taken) and left == [at] and scan.tokens[at].word in scan.tongue.sizes
        opened = alone or any(scan.cues.find_ending_at(kind, at=at) for kind in ("my_size", "their_size"))
        opened = opened or (bool(taken) and _is_clause(scan, at))
        size = find_size(scan.tokens, at=at, tongue=scan.tongue, vocabulary=scan.vocabulary, opened=opened)
        if size is None or taken & set(range(size.first, size.after)):
            at += 1
            continue
        theirs = scan.cues.find_ending_at("their_size", at=size.first)
        first = theirs.first if theirs else size.first
        found.append(Draft(field="size", op="=", value=size.value, first=first, after=size.after))
        at = size.after
    return found or _read_corrected_size(scan)


def _is_clause(scan: Scan, at: int) -> bool:
    """As in "boots. 39, leather": a number that is a size of the shop, and all of its clause; "-10", "€40" are none."""
    if any(amount.first <= at < amount.after and not amount.is_bare for amount in scan.amounts):
        return False
    before = at > 0 and (scan.tokens[at - 1].is_word or scan.tokens[at - 1].word in scan.tongue.minus)
    after = scan.tokens[at + 1].is_word if at + 1 < len(scan.tokens) else False
    return (
        scan.tokens[at].word in scan.vocabulary.sizes
        and scan.tokens[at].word.isdecimal()
        and not (before or after)
    )


def _read_corrected_size(scan: Scan) -> list[Draft]:
    """As in "sorry, I meant 10", "I need 10 actually" after a size 9: a number that is a size, and no price."""
    named = _find_named_size(scan)
    if named or not scan.ledger.list_for("size") or scan.ledger.list_for("price"):
        return named
    for amount in scan.amounts:
        changed = scan.cues.find_ending_at("make_it", at=amount.first)
        # "Actually two" counts pieces: nobody writes a size as a word.
        written = scan.tokens[amount.first].word[:1].isdecimal()
        said = changed or _is_all_said(scan, amount)
        if amount.is_bare and said and written and f"{amount.value:g}" in scan.vocabulary.sizes:
            size = f"{amount.value:g}"
            return [Draft(field="size", op="=", value=size, first=amount.first, after=amount.after)]
    return []


def _find_named_size(scan: Scan) -> list[Draft]:
    """As in "I meant large", "make that a small": a size by its name, right behind the change of mind."""
    articles = scan.tongue.grammar.articles
    for at, token in enumerate(scan.tokens):
        article = scan.find_word(at - 1) in articles
        if token.word not in scan.tongue.sizes or not scan.cues.find_ending_at("make_it", at=at - article):
            continue
        size = find_size(scan.tokens, at=at, tongue=scan.tongue, vocabulary=scan.vocabulary, opened=True)
        # "Make it a large tent" asks for a tent that is large.
        named = size and not (article and _has_noun_behind(scan, size.after))
        if size and named and size.value in scan.vocabulary.sizes:
            return [
                Draft(field="size", op="=", value=size.value, first=size.first - article, after=size.after)
            ]
    return []


def _has_noun_behind(scan: Scan, after: int) -> bool:
    word = scan.find_word(after)
    return word.isalpha() and word not in scan.tongue.stopwords | scan.tongue.ordinary


def _is_all_said(scan: Scan, amount: Amount) -> bool:
    """Whether nothing is said beside the number but that it is wanted."""
    told = [
        token.word
        for at, token in enumerate(scan.tokens)
        if token.is_word and not amount.first <= at < amount.after
    ]
    return bool(told) and all(word in scan.tongue.stopwords | scan.tongue.ordinary for word in told)
