"""Terms with a number: price, rating and measures."""

from typing import Literal

from conversations.constraints.in_sizes import find_in_sizes
from conversations.constraints.measures import (
    Measured,
    find_measure_of,
    find_measured,
    find_named_measure,
    is_ordered,
    name_measures,
)
from conversations.constraints.moved import find_moved
from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.events.constraints import Op
from conversations.language.amounts import Amount, find_unit, from_base
from conversations.language.standing_for import find_stated

Bound = Literal["at_most", "at_least", "around", "exactly"]

AROUND = 0.15
"""Around 60 is from 51 to 69."""
AROUND_DEGREES = 5.0
"""Around 0 degrees is from -5 to 5: a share of a temperature means nothing."""
GOOD_RATING = 4.0
"""What "good reviews" asks for, of five."""
_GIGABYTE = 1000.0
"""What shops mean that write a memory or a disk without a unit."""
_IN_OWN_UNIT = frozenset({"price", "rating"})
_OPS: dict[str, Op] = {"at_most": "<=", "at_least": ">=", "exactly": "="}
_OPPOSITE: dict[Bound, Bound] = {"at_most": "at_least", "at_least": "at_most"}
_HAS_ADJECTIVES = frozenset({"length", "weight"})
_CLAUSE_ENDS = frozenset(",;.!?")
_BETWEEN_NOT_AND_BOUND = 5
_BETWEEN_BUDGET_AND_SUM = 7
_LINKS = frozenset({"is", "was", "be", "'s", ":", "="})
_ASIDES = frozenset({
    "only", "just", "like", "now", "still", "really", "maybe", "probably", "currently", "perhaps", "$", "€", "£",
})  # fmt: skip
_FOR_WHAT = frozenset({
    "for", "on", "here", "per", "this", "would", "should", "will", "today", "right", "now", "currently",
})  # fmt: skip
"""What stands behind a budget, and before what it is."""
_PREFIXES: tuple[Bound, ...] = ("at_most", "at_least", "around", "exactly")


def read_quantities(scan: Scan) -> tuple[Draft, ...]:
    """Answers the terms with numbers in the message, in order."""
    drafts: list[Draft] = []
    at = 0
    while at < len(scan.amounts):
        low, high = scan.amounts[at], scan.amounts[at + 1] if at + 1 < len(scan.amounts) else None
        if high and _is_range(scan, low, high):
            drafts.extend(_read_range(scan, low, high))
            at += 2
            continue
        drafts.extend(_read_one(scan, low))
        at += 1
    drafts.extend(_read_well_rated(scan, drafts))
    return tuple(drafts)


def list_foreign(scan: Scan) -> tuple[str, ...]:
    """Answers the limits that are set in another currency, as they are said."""
    return tuple(
        scan.get_text(first=amount.first, after=amount.after)
        for amount in scan.amounts
        if amount.currency and amount.currency != scan.currency and not _is_no_term(scan, amount)
    )


def _is_range(scan: Scan, low: Amount, high: Amount) -> bool:
    joint = scan.cues.find_starting_at("range_and", at=low.after)
    bottom, top = _get_ends(low, high)
    if joint is None or joint.after != high.first or bottom >= top:
        return False
    agree = low.is_bare or high.is_bare or (low.currency == high.currency and low.dimension == high.dimension)
    opened = _find_before(scan, "between", low.first) is not None
    return agree and (opened or scan.tokens[low.after].word not in scan.tongue.grammar.adding)


def _get_ends(low: Amount, high: Amount) -> tuple[float, float]:
    """Both ends in the same unit: in "2-3 kg" the first number has none of its own."""
    bottom = low.value * (high.factor if low.is_bare else 1.0)
    return bottom, high.value * (low.factor if high.is_bare else 1.0)


def _read_range(scan: Scan, low: Amount, high: Amount) -> tuple[Draft, ...]:
    whole = high if low.is_bare else low
    opened = _find_before(scan, "between", low.first)
    first = opened if opened is not None else low.first
    measured = None if _is_no_term(scan, high) else find_measured(scan, high)
    high = measured.amount if measured else high
    field = measured.field if measured else _find_field(scan, whole, bounded=True, after=high.after)
    if field is None:
        return ()
    bottom, top = _get_ends(low, high)
    if whole.dimension and not measured:
        sized = find_in_sizes(scan, whole.dimension, low=bottom, high=top, first=first, after=high.after)
        if sized is not None:
            return (sized,)
    return (
        Draft(
            field=field, op=">=", value=_to_unit(scan, field, bottom, whole), first=first, after=high.after
        ),
        Draft(field=field, op="<=", value=_to_unit(scan, field, top, whole), first=first, after=high.after),
    )


def _read_one(scan: Scan, amount: Amount) -> tuple[Draft, ...]:
    measured = None if _is_no_term(scan, amount) else find_measured(scan, amount)
    if moved := _find_moved(scan, amount, measured):
        return (moved,)
    amount = measured.amount if measured else amount
    bound, first, after = find_bound(scan, amount)
    if measured and not (measured.by_sign and bound is None):
        field: str | None = measured.field
    else:
        field = _find_field(scan, amount, bounded=bound is not None, after=after)
    after = _behind_adjective(scan, amount, after)
    open_ended = amount.dimension == "temperature" and not measured
    if field is None or (bound is None and (open_ended or is_ordered(scan, amount))):
        return ()  # "A bag for 5 degrees" says no end of what it is to stand, "comfort -10" does.
    if bound and amount.dimension and not measured and field not in ("price", "rating"):
        low, high = _get_bounds(amount, bound)
        sized = find_in_sizes(scan, amount.dimension, low=low, high=high, first=first, after=after)
        if sized is not None:
            return (sized,)
    value = _to_unit(scan, field, amount.value, amount)
    if bound == "around":
        spread = AROUND_DEGREES if amount.dimension == "temperature" else abs(value) * AROUND
        low, high = round(value - spread, 2), round(value + spread, 2)
        return (
            Draft(field=field, op=">=", value=low, first=first, after=after),
            Draft(field=field, op="<=", value=high, first=first, after=after),
        )
    op = _OPS[bound] if bound else _get_usual_op(scan, field, amount)
    return (Draft(field=field, op=op, value=value, first=first, after=after),)


def _behind_adjective(scan: Scan, amount: Amount, after: int) -> int:
    """As in "2.40 m long": the adjective belongs to the number and names no goods."""
    follows = scan.find_word(after)
    return after + 1 if amount.dimension in _HAS_ADJECTIVES and follows in scan.tongue.dimensions else after


def _get_bounds(amount: Amount, bound: Bound) -> tuple[float | None, float | None]:
    spread = abs(amount.value) * AROUND if bound == "around" else 0.0
    low = None if bound == "at_most" else amount.value - spread
    return low, None if bound == "at_least" else amount.value + spread


def _find_moved(scan: Scan, amount: Amount, measured: Measured | None) -> Draft | None:
    """As in "make it 70", "60 is fine": a number that has no measure of its own moves the limit that holds."""
    below_zero = measured is not None and measured.amount.value < 0 and measured.amount.dimension is not None
    if _is_no_term(scan, amount) or (measured and not below_zero) or _counts_things(scan, amount.after):
        return None
    if find_bound(scan, amount)[0] is not None or _is_of_size(scan, amount):
        return None
    proposed = scan.cues.find_ending_at("proposing", at=amount.first) is not None
    changed = proposed or _find_before(scan, "make_it", amount.first) is not None
    number = measured.amount if measured else amount
    return find_moved(scan, number, changed=changed, below_zero=below_zero)


def _is_of_size(scan: Scan, amount: Amount) -> bool:
    before = scan.tokens[amount.first - 1].word if amount.first else ""
    return before in scan.tongue.size_words


def _get_usual_op(scan: Scan, field: str, amount: Amount) -> Op:
    """A price without a bound is a limit, a rating is a least, a measure is meant as it is."""
    if field == "price":
        held = [constraint.op for constraint in scan.ledger.list_for("price")]
        return held[0] if len(held) == 1 else "<="
    if amount.dimension == "temperature":
        # What is comfortable at -10 is so above it: of limits that goods stand, a lower one is more.
        stated = find_stated("warmth", (field,))
        return "<=" if stated and stated[1] else "="
    # Of heaters that tell up to how many litres they heat, one "for 54 litres" may heat more.
    return ">=" if field == "rating" or field.endswith(" up to") or field.startswith("max") else "="


def find_bound(scan: Scan, amount: Amount) -> tuple[Bound | None, int, int]:
    """Answers what the words around the number make of it, and the tokens that it takes up with them."""
    for bound in _PREFIXES:
        first = _find_before(scan, bound, amount.first)
        if first is not None:
            capped = scan.cues.find_starting_at("at_most_after", at=amount.after)
            if bound == "around" and capped:
                return "at_most", first, capped.after  # "Around 200 max" is no more than 200.
            return (*_widen_bound(scan, bound, first), amount.after)
    ends = _list_ends(scan, amount)
    for bound in _PREFIXES[:3]:
        for end in ends:
            cue = scan.cues.find_starting_at(f"{bound}_after", at=end)
            if cue:
                return bound, amount.first, cue.after
    return ("at_most" if _is_budget(scan, amount) else None), amount.first, amount.after


def _list_ends(scan: Scan, amount: Amount) -> tuple[int, ...]:
    """Behind the number, and behind the name of what it measures: "8 GB", "8 GB of RAM"."""
    named = name_measures(scan.vocabulary, scan.tongue)
    ends = [amount.after]
    while (
        amount.dimension
        and ends[-1] < len(scan.tokens)
        and (scan.tokens[ends[-1]].word in scan.tongue.grammar.part_of or scan.tokens[ends[-1]].stem in named)
    ):
        ends.append(ends[-1] + 1)
    return tuple(ends)


def _is_budget(scan: Scan, amount: Amount) -> bool:
    """As in "my budget for the chair is 200": what may be spent, though words stand between.

    "A budget lamp, two of them", "I have a budget, I am 45" say nothing of what may be spent.
    """
    before = next((at for at in range(amount.first - 1, -1, -1) if scan.tokens[at].word not in _ASIDES), 0)
    if scan.tokens[before].word not in _LINKS or amount.dimension or _counts_things(scan, amount.after):
        return False
    first = max(amount.first - _BETWEEN_BUDGET_AND_SUM, 0)
    cues = [cue for cue in scan.cues.list_of("budget") if first <= cue.first and cue.after <= amount.first]
    return any(
        scan.tokens[cue.after].word in _LINKS | _FOR_WHAT
        and all(scan.tokens[at].word not in _CLAUSE_ENDS for at in range(cue.after, amount.first))
        for cue in cues
    )


def _widen_bound(scan: Scan, bound: Bound, first: int) -> tuple[Bound, int]:
    """As in "nothing over 100", "budget is about 100": the words before the bound have a say too."""
    if bound in ("around", "exactly"):
        capped = _find_before(scan, "at_most", first) if bound == "around" else None
        return ("at_most", capped) if capped is not None else (bound, first)
    for end in range(first, max(first - _BETWEEN_NOT_AND_BOUND, -1), -1):
        cue = scan.cues.find_ending_at("not", at=end) or scan.cues.find_ending_at("refusing", at=end)
        if cue:
            return _OPPOSITE[bound], cue.first
        before = scan.find_word(end - 1)
        if before not in scan.tongue.spending:
            break
    return bound, first


def _find_before(scan: Scan, kind: str, at: int) -> int | None:
    """Where the cue starts that ends at the token or a small word before it."""
    for end in range(at, max(at - 3, -1), -1):
        cue = scan.cues.find_ending_at(kind, at=end)
        if cue and not scan.cues.find_ending_at("proposing", at=end):
            return cue.first
        if end == 0 or scan.tokens[end - 1].word not in scan.tongue.before_numbers:
            return None
    return None


def _find_field(scan: Scan, amount: Amount, *, bounded: bool, after: int) -> str | None:
    """What the number is about; None where it is no term of the search."""
    if _is_no_term(scan, amount):
        return None
    if amount.currency:
        return _find_price(scan, amount, bounded=bounded)
    if amount.dimension:
        rating = amount.dimension == "rating"
        return "rating" if rating else find_measure_of(scan, amount.dimension, bounded=bounded)
    around = range(max(amount.first - 4, 0), min(after + 3, len(scan.tokens)))
    if amount.value <= 10 and _is_rating(scan, amount, around):
        return "rating"
    if _is_of_size(scan, amount):
        return None
    named = find_named_measure(scan, _list_near(scan, amount, around))
    if named and bounded:
        return named
    if bounded:
        return None if _counts_things(scan, after) else "price"
    return None


def _is_rating(scan: Scan, amount: Amount, around: range) -> bool:
    """As in "rated at least 4": "rated 5 stars, under 10" says it of the 5 alone."""
    clause = _list_clause(scan, amount, around)
    before = [other.after for other in scan.amounts if clause.start < other.after <= amount.first]
    return scan.has_word("rating", first=max([clause.start, *before]), after=clause.stop)


def _list_clause(scan: Scan, amount: Amount, around: range) -> range:
    first = next(
        (
            at + 1
            for at in reversed(range(around.start, amount.first))
            if scan.tokens[at].word in _CLAUSE_ENDS
        ),
        around.start,
    )
    after = next(
        (at for at in range(amount.after, around.stop) if scan.tokens[at].word in _CLAUSE_ENDS), around.stop
    )
    return range(first, after)


def _list_near(scan: Scan, amount: Amount, around: range) -> range:
    """The tokens whose words may name what the number measures: in its own clause, and no other number's."""
    clause = _list_clause(scan, amount, around)
    first, after = clause.start, clause.stop
    beside = [
        other.after for other in scan.amounts if other != amount and first <= other.after < amount.first
    ]
    return range(max([first, *(at + 1 for at in beside)]), after)


def _is_no_term(scan: Scan, amount: Amount) -> bool:
    """As in "delivery in 3 days", "the 100 one"."""
    return scan.has_word("not_a_limit", first=0, after=len(scan.tokens)) or amount.first in scan.pointed


def _find_price(scan: Scan, amount: Amount, *, bounded: bool) -> str | None:
    if amount.currency != scan.currency:
        return None
    return "price" if bounded or not scan.cues.has("price_question") else None


def _counts_things(scan: Scan, at: int) -> bool:
    """True where a noun follows that the number counts: "at least 4 chairs"."""
    if at >= len(scan.tokens) or not scan.tokens[at].word.isalpha():
        return False
    spot = next((spot for spot in scan.spots if spot.first == at), None)
    if spot:
        return spot.terms[0].field == "category"
    word = scan.tokens[at].word
    cued = any(cue.first == at for cue in scan.cues.all)
    grammar = scan.tongue.grammar
    shared = word in grammar.each or word in scan.tongue.spending
    return not (word in scan.tongue.stopwords or cued or shared or word in grammar.conjunctions)


def _to_unit(scan: Scan, field: str, value: float, said: Amount) -> float:
    """The value in the measure's unit; where the shop writes none, in the one that was said."""
    unit = scan.vocabulary.measures.get(field)
    if unit is None or field in _IN_OWN_UNIT:
        return value
    if find_unit(unit, scan.tongue) is not None:
        return round(from_base(value, unit=unit, tongue=scan.tongue), 6)
    if unit or not said.dimension:
        return value
    return round(value / (_GIGABYTE if said.dimension == "memory" else said.factor), 6)


def _read_well_rated(scan: Scan, drafts: list[Draft]) -> tuple[Draft, ...]:
    cue = next(iter(scan.cues.list_of("well_rated")), None)
    if cue is None or any(draft.field == "rating" for draft in drafts):
        return ()
    return (Draft(field="rating", op=">=", value=GOOD_RATING, first=cue.first, after=cue.after),)
