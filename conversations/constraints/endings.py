"""Terms that the shopper drops: "forget the budget", "any colour is fine", "start over"."""

from conversations.constraints.free_from import LEAST_CONTAINED
from conversations.constraints.reading import EndReason, Withdrawal
from conversations.constraints.scan import SENTENCE_ENDS, Scan
from conversations.events.constraints import Constraint, list_values
from conversations.language.cue import Cue
from conversations.language.tokens import get_key, list_stems
from conversations.language.vocabulary import YES

_FIELDS = ("price", "rating", "color", "size", "brand", "material", "category")
_REACH = 4
_MARKS = frozenset(",.;:!?")


def read_endings(scan: Scan) -> tuple[tuple[Withdrawal, ...], frozenset[int]]:
    """Answers the active terms that end, and the tokens of the words that ended them."""
    restart = next(iter(scan.cues.list_of("start_over")), None)
    if restart:
        text = scan.get_text(first=restart.first, after=restart.after)
        held = [c for c in scan.ledger.active if c.scope != "always"]
        return _end(held, text, "started_over"), frozenset(range(restart.first, restart.after))
    endings: dict[str, Withdrawal] = {}
    taken: set[int] = set()
    for first, after in _list_stretches(scan):
        fields = _list_fields(scan, first, after)
        held = [c for c in scan.ledger.active if c.field in fields or _is_named(scan, c, first, after)]
        text = scan.get_text(first=first, after=after)
        endings.update({ending.id: ending for ending in _end(held, text, "dropped")})
        taken.update(range(first, after))
    return tuple(endings.values()), frozenset(taken)


def _end(held: list[Constraint], text: str, reason: EndReason) -> tuple[Withdrawal, ...]:
    return tuple(Withdrawal(id=constraint.id, reason=reason, text=text) for constraint in held)


def _list_stretches(scan: Scan) -> list[tuple[int, int]]:
    """Where the text may drop something: from a word that drops, to the few words that say what."""
    size = len(scan.tokens)
    stretches: list[tuple[int, int]] = []
    for cue in scan.cues.list_of("forget"):
        # "Forget the budget" names it after the cue, "the colour doesn't matter" before it.
        ahead = (cue.first, _find_end(scan, cue.after))
        named = not _stands_alone(scan, cue) and _names_something(scan, cue.after, ahead[1])
        stretches.append(ahead if named else (_find_start(scan, cue.first), cue.after))
    stretches += [
        (cue.first, min(cue.after + 2, size))
        for cue in scan.cues.list_of("remove")
        if _list_dropped(scan, cue, min(cue.after + 2, size)) and not _is_numbered(scan, cue.after)
    ]
    stretches += [
        (cue.first, cue.after + 1)
        for cue in scan.cues.list_of("any")
        if _list_fields(scan, cue.after, min(cue.after + 1, size)) - _list_qualities(scan)
        and not _is_numbered(scan, cue.after + 1)
    ]
    return stretches


def _stands_alone(scan: Scan, cue: Cue) -> bool:
    """As in "never mind, show me towels": what follows is what is wanted instead."""
    return scan.find_word(cue.after) in _MARKS | scan.tongue.grammar.searching


def _list_dropped(scan: Scan, cue: Cue, after: int) -> set[str]:
    """The fields that the words drop. "Without caffeine" after "with caffeine" refuses it instead."""
    refuses = scan.cues.find_starting_at("not", at=cue.first) is not None
    return _list_fields(scan, cue.after, after) - (_list_qualities(scan) if refuses else set())


def _find_end(scan: Scan, at: int) -> int:
    """Where the few words behind the cue end: "forget that. Cats?" drops no cats, and "it needn't be red, but under 20"
    no price.
    """
    after = at
    while after < min(at + _REACH, len(scan.tokens)) and scan.tokens[after].word not in SENTENCE_ENDS:
        goes_on = any(spot.first == after + 1 for spot in scan.spots)
        if scan.tokens[after].word == "," and not goes_on and _names_something(scan, at, after):
            break
        after += 1
    return after


def _find_start(scan: Scan, at: int) -> int:
    """Where the few words before the cue begin: behind a comma there is another thing that is said."""
    first = at
    while first > max(at - _REACH, 0) and scan.tokens[first - 1].word not in _MARKS:
        first -= 1
    return first


def _names_something(scan: Scan, first: int, after: int) -> bool:
    spotted = any(spot.first >= first and spot.after <= after for spot in scan.spots)
    return spotted or bool(_list_fields(scan, first, after))


def _list_qualities(scan: Scan) -> set[str]:
    """As in "any waterproof boots": fields that are themselves what is wanted."""
    return {
        held.field
        for held in scan.ledger.active
        if str(held.value).lower() in YES or (held.op == ">=" and held.value == LEAST_CONTAINED)
    }


def _is_numbered(scan: Scan, at: int) -> bool:
    return any(at <= amount.first <= at + 2 for amount in scan.amounts)


def _list_fields(scan: Scan, first: int, after: int) -> set[str]:
    fields = {field for field in _FIELDS if scan.has_word(field, first=first, after=after)}
    words = {scan.tokens[index].stem for index in range(first, after)}
    for constraint in scan.ledger.active:
        if constraint.field in _FIELDS:
            continue
        stems = list_stems(constraint.field.replace("_", " "))
        # "Forget the dishwasher" of what has to be dishwasher safe.
        if (
            get_key(constraint.field.replace("_", " ")) in words
            or set(stems[:1]) <= words
            or set(stems) <= words
        ):
            fields.add(constraint.field)
    return fields


def _is_named(scan: Scan, constraint: Constraint, first: int, after: int) -> bool:
    """True where the stretch names the value of the term: "it doesn't need to be waterproof"."""
    if constraint.field == "category":
        return False
    values = list_values(constraint.value)
    named = {
        term.value.lower()
        for spot in scan.spots
        if spot.first >= first and spot.after <= after
        for term in spot.terms
        if term.field == constraint.field
    }
    return bool(named & {value.lower() for value in values})
