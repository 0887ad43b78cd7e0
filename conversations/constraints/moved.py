"""A number that moves a limit: "make it 70", "make that $70", "60 is fine too", "-5 is enough"."""

from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.events.constraints import Constraint, Op
from conversations.language.amounts import Amount, find_unit, from_base, list_amounts, to_base
from conversations.language.tokens import list_tokens

_FACTOR = 5
"""A number moves only a limit that it could stand for: within this factor of it."""


def find_moved(scan: Scan, amount: Amount, *, changed: bool, below_zero: bool = False) -> Draft | None:
    """The newest limit that the number may stand for, with the number in its place.

    `changed` says that words of change stand before it ("make it"); words that accept it may stand behind.
    """
    fine = scan.cues.find_starting_at("is_fine", at=amount.after)
    if not (changed or fine) or amount.currency not in (None, scan.currency) or _counts_goods(scan, amount):
        return None
    after = fine.after if fine else amount.after
    for held in sorted(scan.ledger.active, key=lambda term: -term.turn):
        if held.scope == "item" or held.field == "rating" or not isinstance(held.value, float | int):
            continue
        if amount.currency and held.field != "price":
            continue
        if amount.dimension and not below_zero and not _is_of(scan, held, amount.dimension):
            continue
        value = amount.value if held.field == "price" or below_zero else _in_unit_of(scan, held, amount)
        near = below_zero or abs(held.value) / _FACTOR <= value <= abs(held.value) * _FACTOR
        if not near:
            continue
        return Draft(field=held.field, op=_find_op(scan, held), value=value, first=amount.first, after=after)
    return None


def _counts_goods(scan: Scan, amount: Amount) -> bool:
    """As in "I meant four white", "make it two lamps": pieces of what stands right behind the number."""
    return amount.is_bare and any(
        spot.first == amount.after and spot.terms[0].field in ("color", "category") for spot in scan.spots
    )


def _find_op(scan: Scan, held: Constraint) -> Op:
    """Of a price without a bound a most; of both ends of a range the upper one moves."""
    ops = {term.op for term in scan.ledger.list_for(held.field)}
    if {"<=", ">="} <= ops:
        return "<="
    return "<=" if held.field == "price" and held.op == "=" else held.op


def _is_of(scan: Scan, held: Constraint, dimension: str) -> bool:
    """As in "8 kg is fine too", after a breaking load of 10: a limit in the same dimension."""
    known = find_unit(scan.vocabulary.measures.get(held.field, ""), scan.tongue)
    return known is not None and known[0] == dimension


def _in_unit_of(scan: Scan, held: Constraint, amount: Amount) -> float:
    """The number in the unit that the limit was said in: after "30 minutes", 60 are minutes."""
    unit, value = scan.vocabulary.measures.get(held.field, ""), amount.value
    if amount.dimension:
        return round(from_base(value, unit=unit, tongue=scan.tongue), 6)
    said = [amount for amount in list_amounts(list_tokens(held.text), scan.tongue) if amount.unit]
    known = find_unit(unit, scan.tongue)
    if not said or known is None or said[0].dimension != known[0]:
        return value
    based = to_base(value, unit=said[0].unit, tongue=scan.tongue)
    return round(from_base(based, unit=unit, tongue=scan.tongue), 6)
