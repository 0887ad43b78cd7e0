"""Terms that compare with the item in focus: "cheaper", "something lighter"."""

from collections.abc import Iterable, Mapping

from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.events.constraints import Op
from conversations.language.order import MORE, Order, find_order
from conversations.language.standing_for import find_stated, turn
from conversations.language.tokens import list_stems

SMALLEST_STEP = 0.01
"""Cheaper than 89 is at most 88.99: strictly less, by the smallest step of prices and measures."""
_REFUSING = 4
_WHOLE_CURRENCIES = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})


def read_comparisons(
    scan: Scan, *, focus_measures: Mapping[str, float], taken: frozenset[int]
) -> tuple[tuple[Draft, ...], tuple[str, ...]]:
    """Answers the terms that compare with the focus, and the measures it has no value for."""
    drafts: list[Draft] = []
    unmeasured: list[str] = []
    for order in (*_list_comparatives(scan), *_list_more_of(scan, focus_measures)):
        first, after, measure = order.first, order.after, order.measure
        if taken & set(range(first, after)) or _points(scan, first) or _is_denied(scan, first):
            continue
        if _wishes_nothing(scan, order):
            continue
        if measure == "price" and _names_foreign_sum(scan):
            continue  # "Cheaper than 150 dollars" of a shop for euros is no cheaper than what is in hand.
        stated = find_stated(measure, focus_measures)
        name = stated[0] if stated else None
        direction = turn(order.direction, turned=bool(stated and stated[1]))
        if name is None:
            unmeasured.append(measure)
            continue
        step = 1.0 if name == "price" and scan.currency in _WHOLE_CURRENCIES else SMALLEST_STEP
        value = _find_refused_sum(scan, taken=taken) if name == "price" and direction == "low" else None
        value = focus_measures[name] if value is None else value
        # "Or bigger", after 27 inches: those are still wanted.
        step = 0.0 if _goes_along(scan, first) else step
        bound = round(value - step if direction == "low" else value + step, 2)
        op: Op = "<=" if direction == "low" else ">="
        drafts.append(Draft(field=name, op=op, value=bound, first=first, after=after))
    return tuple(drafts), tuple(unmeasured)


def _names_foreign_sum(scan: Scan) -> bool:
    return any(amount.currency and amount.currency != scan.currency for amount in scan.amounts)


def _find_refused_sum(scan: Scan, *, taken: frozenset[int]) -> float | None:
    """As in "150 is too much, something cheaper": than that, and not than what is in hand."""
    grammar = scan.tongue.grammar
    for amount in scan.amounts:
        said = [token.word for token in scan.tokens[amount.after : amount.after + _REFUSING]]
        refused = bool(said) and said[0] in grammar.copulas and not grammar.too.isdisjoint(said)
        if refused and amount.first not in taken and (amount.is_bare or amount.currency == scan.currency):
            return amount.value
    return None


def _goes_along(scan: Scan, first: int) -> bool:
    return first > 0 and scan.tokens[first - 1].word in scan.tongue.grammar.either


def _is_denied(scan: Scan, first: int) -> bool:
    """As in "nothing too expensive", "is it too heavy?": nobody says that goods at hand are too much so."""
    asks = scan.tokens[0].word in scan.tongue.grammar.copulas and scan.tokens[first].word == "too"
    return asks or scan.cues.find_ending_at("not", at=first) is not None


def _wishes_nothing(scan: Scan, order: Order) -> bool:
    """As in "lower it to 190", which moves a limit, and "my son is taller than I thought", which tells of him."""
    moves = any(cue.first <= order.first < cue.after for cue in scan.cues.list_of("make_it"))
    than, who = scan.find_word(order.after), scan.find_word(order.after + 1)
    return moves or (than == "than" and who in _list_people(scan))


def _list_people(scan: Scan) -> frozenset[str]:
    grammar = scan.tongue.grammar
    return grammar.subjects - grammar.pronoun_one - grammar.pronoun_many


def _points(scan: Scan, first: int) -> bool:
    """As in "The cheaper one" points at something shown; "a cheaper one" asks for something else."""
    before = scan.find_word(first - 1)
    grammar = scan.tongue.grammar
    return first in scan.pointed or before in grammar.definite or before in grammar.demonstrative_one


def _list_more_of(scan: Scan, names: Iterable[str]) -> list[Order]:
    """As in "more keys", "fewer pieces": more or less of a measure that is called by its name."""
    found: list[Order] = []
    for at, token in enumerate(scan.tokens):
        direction = MORE.get(token.word)
        if direction is None:
            continue
        for name in names:
            stems = list_stems(name.replace("_", " "))
            after = at + 1 + len(stems)
            if stems and tuple(each.stem for each in scan.tokens[at + 1 : after]) == stems:
                found.append(Order(measure=name, direction=direction, first=at, after=after))
    return found


def _list_comparatives(scan: Scan) -> list[Order]:
    found: list[Order] = []
    at = 0
    while at < len(scan.tokens):
        order = find_order(scan.tokens, at, scan.tongue, superlatives=False)
        at = order.after if order else at + 1
        if order:
            found.append(order)
    return found
