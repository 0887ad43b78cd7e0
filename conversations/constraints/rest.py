"""The words of a message that are left to search for, once its terms are read."""

from collections.abc import Sequence

from conversations.constraints.measures import is_ordered
from conversations.constraints.reading import Draft
from conversations.constraints.roles import is_verb
from conversations.constraints.scan import Scan
from conversations.language.order import find_order
from conversations.language.thesaurus import build_thesaurus, get_same
from conversations.language.tokens import list_stems

_COUNTED = frozenset({"set", "pair"})
"""Stems of what goods are counted in, which may as well be what they are."""
_LONGEST_CALLED = 5
_JOINING = ("", "-", "/", ".")
_READ_ALONE = frozenset({"at_most", "at_least", "make_it", "not", "price", "rating", "always", "their_size"})
"""Kinds of single words that say how a term is meant, and name no goods."""


def get_rest(scan: Scan, drafts: Sequence[Draft], ending: frozenset[int]) -> str:
    """Answers the words that name or describe goods and are no terms, in the shopper's order.

    Where some sentences ask for something, the words of those that only tell a story are left out; numbers
    alone name nothing.
    """
    read = {index for draft in drafts for index in range(draft.first, draft.after)}
    to_be_had = scan.tongue.grammar.to_be_had
    stopwords, known = scan.tongue.stopwords, read | ending | scan.pointed
    telling = [
        index
        for index, token in enumerate(scan.tokens)
        if index not in known and token.is_word
        if token.word not in stopwords | to_be_had or _is_part_of_code(scan, index)
    ]
    if not telling:
        return ""
    taken = (
        {index for index in telling if scan.tokens[index].word in scan.tongue.grammar.each}
        | _list_beneficiaries(scan)
        | _list_ages(scan)
        | _list_cued(scan)
        | _list_compared(scan)
        | _list_fields(scan, drafts)
        | _list_money(scan)
        | _list_refused(scan)
        | _list_packs(scan)
        | _list_suiting(scan)
        | {spot.first for spot in scan.spots if is_verb(scan, spot)}
        | scan.list_carts()
    )
    left = [index for index in telling if index not in taken]
    left = _without_stories(scan, left, read)
    left = _without_reasons(scan, left, drafts)
    words = [index for index in left if not _is_lone_number(scan, index)]
    kept = left if words and _are_neighbours(scan, left) else words
    return " ".join(_list_written(scan, kept))


def _is_lone_number(scan: Scan, index: int) -> bool:
    word = scan.tokens[index].word
    number = word.replace(".", "").isdecimal() or word in scan.tongue.numbers
    return number and not _is_part_of_code(scan, index)


def _is_part_of_code(scan: Scan, index: int) -> bool:
    """As in "MK4410", "104T77250": letters and digits that are one word."""
    token = scan.tokens[index]
    beside = [scan.tokens[at] for at in (index - 1, index + 1) if 0 <= at < len(scan.tokens)]
    joined = [
        other
        for other in beside
        if other.is_word and token.start in (other.end, other.start - len(token.word))
    ]
    return any(other.word.isalpha() != token.word.isalpha() for other in joined)


def _list_written(scan: Scan, kept: Sequence[int]) -> list[str]:
    """The words as they stand in the text: the parts of a model number ("px9-2044de") stay together."""
    written: list[str] = []
    end = -1
    for index in kept:
        token = scan.tokens[index]
        text = scan.text[token.start : token.end]
        between = scan.text[end : token.start] if written else " "
        if between in _JOINING and (_has_digit(text) or _has_digit(written[-1])):
            written[-1] += between + text
        else:
            written.append(text)
        end = token.end
    return written


def _has_digit(text: str) -> bool:
    return any(letter.isdecimal() for letter in text)


def _list_beneficiaries(scan: Scan) -> set[int]:
    """As in "a tent for two people": whom it is for, and how many they are, is no word of the goods."""
    found: set[int] = set()
    for amount in scan.amounts:
        before = scan.find_word(amount.first - 1)
        counted = amount.is_bare and amount.after < len(scan.tokens)
        if counted and before in scan.tongue.grammar.prepositions & scan.tongue.turning:
            found.add(amount.after)
    return found


def _list_money(scan: Scan) -> set[int]:
    """As in "under 150 euros" in a shop that counts in dollars, "2 kilos of": such numbers name no goods."""
    sums = (amount for amount in scan.amounts if amount.currency or is_ordered(scan, amount))
    return {at for amount in sums for at in range(amount.first, amount.after)}


def _list_refused(scan: Scan) -> set[int]:
    """As in "not barbecue": what is refused is not searched for."""
    refused: set[int] = set()
    for cue in scan.cues.list_of("not"):
        at = cue.after
        while at < len(scan.tokens) and scan.tokens[at].word in scan.tongue.stopwords:
            at += 1
        if at < len(scan.tokens) and scan.tokens[at].word.isalpha():
            refused.add(at)
        refused |= _list_of_one(scan, cue.after)
    return refused


def _list_of_one(scan: Scan, at: int) -> set[int]:
    """As in "not the big studio one": all words by which the one is called that is not wanted."""
    grammar = scan.tongue.grammar
    if scan.find_word(at) not in grammar.definite:
        return set()
    ends = (
        end
        for end in range(at + 1, at + _LONGEST_CALLED)
        if scan.find_word(end) in grammar.standin_one | grammar.standin_many
    )
    return set(range(at, next(ends, at)))


def _list_packs(scan: Scan) -> set[int]:
    """As in "1 kg bags", "a bottle of ink": how it is packed is no word of the goods."""
    measured = {amount.after for amount in scan.amounts if amount.dimension}
    part_of = scan.tongue.grammar.part_of
    several = {at + 1 for at in range(len(scan.tokens)) if _is_several(scan, at)}
    return {
        at
        for at, token in enumerate(scan.tokens)
        if token.stem in scan.tongue.packs or (token.stem in _COUNTED and at in several)
        if at in measured or any(following.word in part_of for following in scan.tokens[at + 1 : at + 2])
    }


def _is_several(scan: Scan, at: int) -> bool:
    """As in "two sets of strings": one set of knives may be what the goods are."""
    word = scan.find_word(at)
    return (float(word) if word.isdecimal() else scan.tongue.numbers.get(word, 0)) > 1


def _list_suiting(scan: Scan) -> set[int]:
    """As in "a bag that fits a laptop", "which bag fits it?": what joins goods with what they are for is no word of
    either.
    """
    grammar = scan.tongue.grammar
    goods = {spot.after for spot in scan.spots if any(term.field == "category" for term in spot.terms)}
    asks = bool(scan.tokens) and scan.tokens[0].word in grammar.choosing & grammar.asking
    return {
        at
        for at in range(1, len(scan.tokens))
        if scan.tokens[at].word in grammar.suiting
        and (scan.tokens[at - 1].word in grammar.relative | grammar.towards or (asks and at in goods))
    }


def _list_fields(scan: Scan, drafts: Sequence[Draft]) -> set[int]:
    """As in "weight under 2 kg", "8 GB of RAM" of what is kept as memory: the name of what the term is about."""
    thesaurus = build_thesaurus(scan.tongue)
    names = {
        stem
        for draft in drafts
        if draft.field in scan.vocabulary.measures or draft.field in scan.vocabulary.attributes
        for name in list_stems(draft.field.replace("_", " "), language=scan.tongue.stemmer)
        for stem in get_same(name, thesaurus)
    }
    return {at for at, token in enumerate(scan.tokens) if token.stem in names}


def _are_neighbours(scan: Scan, left: Sequence[int]) -> bool:
    """As in "playstation 5", "hose, 50 m": the number belongs to the name."""
    words = [at for at in range(left[0], left[-1] + 1) if scan.tokens[at].is_word]
    return len(words) == len(left)


def _list_ages(scan: Scan) -> set[int]:
    """As in "my sister is turning 30": how old somebody gets is no word of the goods."""
    ages = {amount.first - 1 for amount in scan.amounts if amount.is_bare}
    return {at for at in ages if scan.find_word(at) in scan.tongue.aging}


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


def _without_reasons(scan: Scan, left: list[int], drafts: Sequence[Draft]) -> list[int]:
    """As in "my dog is getting old and I'm looking for food": what leads up to the wish within its sentence."""
    kinds = [draft.first for draft in drafts if draft.field == "category"]
    kept: list[int] = []
    for first, after in scan.list_sentences():
        start = next(
            (
                at
                for at in range(first + 2, after)
                if _begins_wish(scan, at, first=first)
                or _draws_wish(scan, at, first=first)
                or (
                    _goes_on_wishing(scan, at, first=first)
                    and any(at < kind < after for kind in kinds)
                    and not any(first <= kind < at for kind in kinds)
                )
            ),
            first,
        )
        kept.extend(at for at in left if start <= at < after)
    return kept


def _begins_wish(scan: Scan, at: int, *, first: int) -> bool:
    grammar = scan.tongue.grammar
    return (
        scan.tokens[at].word in grammar.wishing
        and scan.tokens[at - 1].word in grammar.subjects | grammar.speakers | grammar.wishers
        and any(
            scan.tokens[before].word in grammar.leading_up for before in (at - 2, at - 3) if before >= first
        )
    )


def _draws_wish(scan: Scan, at: int, *, first: int) -> bool:
    """As in "the nights are cold there, so something warm": how things are, and what is therefore wanted."""
    grammar = scan.tongue.grammar
    words = [token.word for token in scan.tokens[first:at]]
    return (
        scan.tokens[at].word in grammar.something
        and words[-1] in grammar.leading_up
        and not grammar.copulas.isdisjoint(words[1:])
        and words[0] in grammar.definite | grammar.pronoun_one | grammar.pronoun_many | grammar.possessives
    )


def _goes_on_wishing(scan: Scan, at: int, *, first: int) -> bool:
    """As in "I'm setting up a home office and need a chair": who wishes was said before."""
    grammar = scan.tongue.grammar
    return (
        scan.tokens[at].word in grammar.wishing
        and scan.tokens[at - 1].word in grammar.leading_up
        and scan.tokens[first].word in grammar.subjects | grammar.speakers | grammar.wishers
    )


def _asks(scan: Scan, first: int, after: int) -> bool:
    searching = scan.tongue.grammar.searching
    return any(scan.tokens[index].word in searching for index in range(first, after))
