"""Whom the goods are for, and how many people they are for: "for my son", "a tent for two"."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from conversations.constraints.measures import list_attributes_of, list_kinds
from conversations.constraints.quantities import find_bound
from conversations.constraints.ranges import find_in_ranges
from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.events.constraints import ConstraintValue, Op
from conversations.language.amounts import Amount
from conversations.language.tokens import list_tokens
from conversations.language.tongue import Tongue
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import Vocabulary, get_kind

_WIDER: Mapping[str, tuple[str, ...]] = {
    "boys": ("children", "men"),
    "girls": ("children", "women"),
    "babies": ("children",),
}
"""Where a shop has nothing for boys as such, its goods for children are meant, else those for men."""
_EVERYBODY = "everybody"
_BETWEEN = 3
_MOST_BETWEEN = 2
"""Words that may stand between whom goods are for and their kind."""
_ONE_KIND_IN = 4
_MOST_PEOPLE = 20
_MOST_AT_A_TABLE = 12
"""A bare number beyond this is rather a price than people."""
_FOR = "for"
_ROOM = frozenset({"room", "space", "place", "enough"})
_STILL = frozenset({"actually", "people", "now", "tonight", "today", "then"})


def read_recipients(scan: Scan) -> list[Draft]:
    """Answers the term about whom the goods are for, in the attribute that this shop has for it."""
    groups = _list_groups(scan.tongue)
    for at, token in enumerate(scan.tokens):
        group = groups.get(token.word)
        if group is None or not _is_recipient(scan, at):
            continue
        before = _find_meant_before(scan, token.word)
        chosen = before or _find_values(scan.vocabulary, group, scan.tongue)
        if chosen and _is_told_of_goods(scan, chosen[0]):
            field, values = chosen
            value: ConstraintValue = values if len(values) > 1 else values[0]
            op: Op = "in" if len(values) > 1 else "="
            return [Draft(field=field, op=op, value=value, first=_find_whose(scan, at), after=at + 1)]
        kind = "" if chosen or list_kinds(scan) else _find_kind_for(scan, group)
        if kind:
            return [Draft(field="category", op="=", value=kind, first=at, after=at + 1)]
    return []


_CALLED_BY: Mapping[str, tuple[str, ...]] = {
    "her": ("women", "girls", "children", "babies"),
    "him": ("men", "boys", "children", "babies"),
}
"""Whom a pronoun may stand for: "and pads for her", who is a daughter."""


def _find_meant_before(scan: Scan, word: str) -> tuple[str, tuple[str, ...]] | None:
    """As in "and a helmet for her", after "skates for my daughter": the goods are for whom the others were for."""
    groups = _CALLED_BY.get(word, ())
    people = {name for group in groups for name in scan.tongue.recipients.get(group, ())} - {*_CALLED_BY}
    said = (*(past.constraint for past in scan.ledger.history), *scan.ledger.active)
    told = [term for term in said if people & {token.word for token in list_tokens(term.text)}]
    meant = max(told, key=lambda term: term.turn, default=None)
    if meant is None or meant.field == "category":
        return None
    value = meant.value
    return meant.field, value if isinstance(value, tuple) else (str(value),)


def _find_kind_for(scan: Scan, group: str) -> str:
    """As in "and for my son?" of headphones, in a shop with a shelf of kids headphones: the one shelf for such people
    beside or below the kind in hand; empty where there is none or several.
    """
    held = [term.value for term in scan.ledger.list_for("category") if isinstance(term.value, str)]
    at_hand = {get_kind(value).lower() for value in held}
    paths = [(*each.path, each.name) for each in scan.vocabulary.categories]
    roots = {path[0] for path in paths if at_hand & {part.lower() for part in path}}
    for wanted in (group, *_WIDER.get(group, ())):
        names = _list_names(wanted, scan.tongue)
        fitting = [
            path for path in paths if path[0] in roots and names & {t.word for t in list_tokens(path[-1])}
        ]
        if len(fitting) == 1:
            return fitting[0][-1]
    return ""


def _is_told_of_goods(scan: Scan, field: str) -> bool:
    """Whether the goods in hand say whom they are for: a shop's dolls may, and its laptops not.

    Where no kind is known, a good part of the shop's kinds has to; a shop that keeps no kinds tells it of its goods.
    """
    kinds = list_kinds(scan)
    told = list_attributes_of(scan, kinds)
    if told:
        return field in told
    telling = [category.attributes for category in scan.vocabulary.categories if category.attributes]
    return _ONE_KIND_IN * sum(field in attributes for attributes in telling) >= len(telling)


def _find_whose(scan: Scan, at: int) -> int:
    """Where the words for the person start: "my son", "my little son"."""
    own = (back for back in range(at - 1, max(at - 1 - _BETWEEN, -1), -1) if _is_own(scan, back))
    return next(own, at)


def _is_own(scan: Scan, at: int) -> bool:
    return scan.tokens[at].word in scan.tongue.grammar.possessives


def _is_recipient(scan: Scan, at: int) -> bool:
    """As in "for my wife", "women's boots", "kids backpacks", or the word alone as an answer."""
    grammar = scan.tongue.grammar
    if _is_before_kind(scan, at):
        return True
    if scan.tokens[at].possessive and not (at + 1 < len(scan.tokens) and scan.tokens[at + 1].is_word):
        return True  # "Inline skates, size 42, women's".
    words = [token.word for token in scan.tokens if token.is_word and token.word not in scan.tongue.stopwords]
    if words == [scan.tokens[at].word] and bool(scan.ledger.list_for("category")):
        return True
    whose = _find_whose(scan, at)
    if whose < at and scan.cues.find_starting_at("their_size", at=at + 1):
        return True  # "My son wears M."
    for before in range(whose - 1, max(whose - 1 - _BETWEEN, -1), -1):
        word = scan.tokens[before].word
        if word in grammar.benefiting:
            return True
        if word not in grammar.possessives | grammar.definite | grammar.articles | grammar.modal_noise:
            return False
    return False


def _is_before_kind(scan: Scan, at: int) -> bool:
    """As in "kids backpacks", "women's rain jackets"."""
    kinds = [spot.first for spot in scan.spots if spot.terms[0].field == "category"]
    token = scan.tokens[at]
    last = at + 1 + (_MOST_BETWEEN if token.possessive or token.stem != token.word else 0)
    kind = next((first for first in kinds if at < first <= last), None)
    return kind is not None and all(
        each.is_word and each.word not in scan.tongue.stopwords for each in scan.tokens[at + 1 : kind]
    )


@lru_cache(maxsize=8)
def _list_groups(tongue: Tongue) -> Mapping[str, str]:
    return {word: group for group, words in tongue.recipients.items() for word in words}


@lru_cache(maxsize=256)
def _find_values(vocabulary: Vocabulary, group: str, tongue: Tongue) -> tuple[str, tuple[str, ...]] | None:
    """The shop's attribute for people and its values for the group, those for everybody among them."""
    for wanted in (group, *_WIDER.get(group, ())):
        names = _list_names(wanted, tongue)
        shared = _list_names(_EVERYBODY, tongue)
        for field, values in vocabulary.attributes.items():
            fitting = tuple(value for value in values if value.lower() in names)
            if fitting:
                return field, (*fitting, *(value for value in values if value.lower() in shared))
    return None


def _list_names(group: str, tongue: Tongue) -> frozenset[str]:
    """What goods for the group may be called; a shop may keep its words in English whatever its shoppers speak."""
    both = (tongue, get_tongue())
    return frozenset(name for one in both for name in one.recipient_values.get(group, ()))


def suits_unsaid(value: ConstraintValue, *, language: str = "en") -> bool:
    """Whether goods that do not say whom they are for suit, too: for grown-ups or everybody, and a shop's tents do not
    say so; what is for children is said.
    """
    said = {each.lower() for each in (value if isinstance(value, tuple) else (str(value),))}
    everybody = _list_names(_EVERYBODY, get_tongue(language))
    adults = frozenset().union(*(_list_names(group, get_tongue(language)) for group in ("men", "women")))
    return bool(said & everybody) and said <= adults | everybody


def read_counts(scan: Scan) -> list[Draft]:
    """Answers the terms about how many people the goods are for: "a tent for two", "a 3-seater"."""
    drafts: list[Draft] = []
    for amount in scan.amounts:
        counted = amount.is_bare and amount.value == int(amount.value) and 0 < amount.value <= _MOST_PEOPLE
        after = _find_end(scan, amount) if counted else None
        draft = _build_count(scan, amount, after) if after is not None else None
        if draft:
            drafts.append(draft)
    return drafts


def _find_end(scan: Scan, amount: Amount) -> int | None:
    """Where the count of people ends: behind "4 people", "4-seater", or the number itself in "sleeps 4"."""
    words = scan.tongue.seat_words
    if after := _find_party(scan, amount):
        return after
    at = amount.after
    if at < len(scan.tokens) and scan.tokens[at].word == "-":
        at += 1
    if at < len(scan.tokens) and scan.tokens[at].word in words:
        return at + 1
    _, first, end = find_bound(scan, amount)
    before = scan.find_word(first - 1)
    return end if before in scan.tongue.seating or _is_for_so_many(scan, amount) else None


def _find_party(scan: Scan, amount: Amount) -> int | None:
    """As in "we are seven", "there's 5 of us", "room for two": where the words about so many people end."""
    words = [token.word for token in scan.tokens]
    behind, before = words[amount.after : amount.after + 2], words[max(amount.first - 2, 0) : amount.first]
    if behind == ["of", "us"] and _has_kind(scan):
        return amount.after + 2
    ends = not behind or not behind[0].isalnum() or behind[0] in scan.tongue.stopwords | _STILL
    told = before in (["we", "are"], ["we", "re"]) or before[-1:] in (["we're"], ["were"])
    roomy = len(before) == len(("room", _FOR)) and before[0] in _ROOM and before[1] == _FOR
    return amount.after if ends and (roomy or (told and _has_kind(scan))) else None


def _has_kind(scan: Scan) -> bool:
    """Whether goods are talked of that may be for so many."""
    return bool(list_kinds(scan) or scan.ledger.list_for("category") or scan.ledger.active)


def _is_for_so_many(scan: Scan, amount: Amount) -> bool:
    """As in "a tent for 4": a kind of goods, for a number of nothing else, in a shop that tells how many fit."""
    at = amount.first - 2
    before = scan.find_word(amount.first - 1)
    behind = scan.find_word(amount.after)
    kind = any(spot.after == at + 1 and spot.terms[0].field == "category" for spot in scan.spots)
    ends = not behind.isalnum() or behind in scan.tongue.stopwords
    return before == _FOR and kind and ends and amount.value <= _MOST_AT_A_TABLE


def _build_count(scan: Scan, amount: Amount, after: int) -> Draft | None:
    number = int(amount.value)
    bound, first, end = find_bound(scan, amount)
    after = max(after, end)
    if first and scan.tokens[first - 1].word in scan.tongue.seating:
        first -= 1
    op: Op = ">=" if bound == "at_least" else "<=" if bound == "at_most" else "="
    ranged = [field for field in scan.vocabulary.attributes if _names_seats(field, scan.tongue)]
    if found := find_in_ranges(scan, ranged, (float(number), float(number)), first=first, after=after):
        return found
    for name in scan.vocabulary.measures:
        # "A cook set for two": how many sleep in a tent is told of no pots.
        if _names_seats(name, scan.tongue) and _is_told_of_goods(scan, name):
            return Draft(field=name, op=op, value=float(number), first=first, after=after)
    for field, values in scan.vocabulary.attributes.items():
        counts = _count_values(values, field, scan.tongue)
        fitting = tuple(value for value, count in counts.items() if _meets(count, op, number))
        if fitting and _is_told_of_goods(scan, field):
            value: ConstraintValue = fitting if len(fitting) > 1 else fitting[0]
            return Draft(
                field=field, op="in" if len(fitting) > 1 else "=", value=value, first=first, after=after
            )
    return None


def _meets(count: int, op: Op, number: int) -> bool:
    return count >= number if op == ">=" else count <= number if op == "<=" else count == number


def _count_values(values: Sequence[str], field: str, tongue: Tongue) -> dict[str, int]:
    """Those of an attribute's values that count people: "2 person", "3-seater", or "4" of the field "seats"."""
    counts: dict[str, int] = {}
    seat_words = tongue.seat_words | get_tongue().seat_words
    for value in values:
        tokens = [token.word for token in list_tokens(value) if token.is_word]
        if not tokens or not tokens[0].isdecimal():
            continue
        named = len(tokens) == 1 and _names_seats(field, tongue)
        if named or (len(tokens) > 1 and set(tokens[1:]) <= seat_words):
            counts[value] = int(tokens[0])
    return counts


def _names_seats(field: str, tongue: Tongue) -> bool:
    words = set(field.lower().replace("_", " ").split())
    return bool(words & (tongue.seat_words | tongue.seating | get_tongue().seat_words | get_tongue().seating))
