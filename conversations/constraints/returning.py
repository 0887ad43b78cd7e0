"""A topic that is taken up again: "back to the tents" puts in force what was asked of tents when they were left."""

import re
from collections.abc import Iterator

import msgspec

from conversations.constraints.endings import read_endings
from conversations.constraints.reading import ConstraintReading, Superseding, Withdrawal
from conversations.constraints.scan import scan_message
from conversations.constraints.settle import outlasts_topic
from conversations.constraints.slice import Ledger, Past
from conversations.events.constraints import Constraint, list_values
from conversations.language.lexicon import build_lexicon, list_spots
from conversations.language.tokens import list_tokens
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import Vocabulary

_RETURNS = re.compile(
    r"\b(?:back|return(?:ing)?) to\b(?P<ahead>[^.?!;,]*)"
    r"|(?:^|[.?!;,])(?P<before>[^.?!;,]*)\b(?:again|(?:from|as) (?:before|earlier))\W*$",
    re.IGNORECASE,
)
_POSITIVE = ("=", "in")


def return_to_topic(
    reading: ConstraintReading,
    *,
    text: str,
    ledger: Ledger,
    vocabulary: Vocabulary,
    currency: str,
    turn: int,
) -> ConstraintReading:
    """The reading of an English text, with what was in force for the kind it goes back to when that kind was left.

    What the shopper dropped since, and what the message itself says otherwise, does not come back.
    """
    left = _find_left(text, ledger=ledger, vocabulary=vocabulary)
    if left is None:
        return reading
    stated = {term.field for term in reading.stated if term.field != "category"}
    dropped = _list_dropped(reading, ledger=ledger, since=left.ended)
    said = {id for id in (term.id for term in reading.again) if ledger.find(id)}
    let_go = list_let_go_on_return(text, ledger=ledger, vocabulary=vocabulary, currency=currency)
    kept = [
        term
        for term in _list_suspended(left, ledger=ledger)
        if term.field not in stated and _get_kind(term) not in dropped and term not in let_go
    ]
    kind = next((term for term in reading.stated if term.field == "category"), None)
    number = ledger.count + len(reading.stated)
    new = [left.constraint, *kept] if kind is None else kept
    restored = [
        msgspec.structs.replace(term, id=f"c{number + place}", turn=turn)
        for place, term in enumerate(new, start=1)
        if not any(_says_same(held, term) for held in ledger.active)
    ]
    now = [
        msgspec.structs.replace(term, op=left.constraint.op, value=left.constraint.value)
        if term is kind
        else term
        for term in reading.stated
    ]
    return msgspec.structs.replace(
        reading,
        stated=(*now, *restored),
        superseded=tuple(_list_replaced(reading, restored, ledger=ledger)),
        withdrawn=(*reading.withdrawn, *_list_ended(reading, restored, ledger=ledger, spared=said)),
    )


def list_let_go_on_return(
    text: str, *, ledger: Ledger, vocabulary: Vocabulary, currency: str
) -> tuple[Constraint, ...]:
    """The terms a kind was left under that the text lets go as it returns: "back to the tents, any colour is fine"."""
    left = _find_left(text, ledger=ledger, vocabulary=vocabulary)
    suspended = [] if left is None else _list_suspended(left, ledger=ledger)
    if not suspended:
        return ()
    scan = scan_message(
        text=text,
        ledger=msgspec.structs.replace(ledger, active=tuple(suspended)),
        vocabulary=vocabulary,
        currency=currency,
        tongue=get_tongue("en"),
        pointing=False,
    )
    ended = {end.id for end in read_endings(scan)[0]}
    return tuple(term for term in suspended if term.id in ended)


def _list_suspended(left: Past, *, ledger: Ledger) -> list[Constraint]:
    """What was asked of that kind beside it when it was left."""
    return [
        past.constraint
        for past in ledger.history
        if past.ended >= left.ended
        and past.constraint.turn < left.ended
        and past.reason in ("superseded", "topic_changed")
        and past.constraint.scope == "search"
        and past.constraint.field != "category"
    ]


def _find_left(text: str, *, ledger: Ledger, vocabulary: Vocabulary) -> Past | None:
    """The kind that the text goes back to, as it was left; None where it is still talked of or all began anew since."""
    cue = _RETURNS.search(text)
    if cue is None:
        return None
    named = _list_kinds(cue["ahead"] or cue["before"] or "", vocabulary=vocabulary)
    paths = {kind.name.lower(): {part.lower() for part in kind.path} for kind in vocabulary.categories}

    def is_named(term: Constraint) -> bool:
        values = {value.lower() for value in list_values(term.value)}
        wider = {part for value in values for part in paths.get(value, ())}
        return term.field == "category" and term.op in _POSITIVE and bool(named & (values | wider))

    if any(is_named(term) for term in ledger.active):
        return None
    left = next((past for past in reversed(ledger.history) if is_named(past.constraint)), None)
    if left is None:
        return None
    anew = any(past.reason == "started_over" and past.ended >= left.ended for past in ledger.history)
    return None if anew else left


def _list_dropped(reading: ConstraintReading, *, ledger: Ledger, since: int) -> set[tuple[str, bool]]:
    """What the shopper has said not to matter after that turn: of these goods too."""
    ended = [past.constraint for past in ledger.history if past.reason == "dropped" and past.ended > since]
    ending = (ledger.find(end.id) for end in reading.withdrawn if end.reason == "dropped")
    return {_get_kind(term) for term in (*ended, *ending) if term is not None}


def _get_kind(term: Constraint) -> tuple[str, bool]:
    """What it is about, and whether it refuses: who allows a brand again still has the one that is wanted."""
    return term.field, term.op in ("!=", "not in")


def _list_kinds(text: str, *, vocabulary: Vocabulary) -> set[str]:
    tongue = get_tongue("en")
    spots = list_spots(list_tokens(text), build_lexicon(vocabulary, tongue), tongue)
    return {term.value.lower() for spot in spots for term in spot.terms if term.field == "category"}


def _says_same(held: Constraint, term: Constraint) -> bool:
    return (held.field, held.op, held.value) == (term.field, term.op, term.value)


def _list_replaced(
    reading: ConstraintReading, restored: list[Constraint], *, ledger: Ledger
) -> Iterator[Superseding]:
    """What the restored terms take the place of, beside what the message replaces itself."""
    yield from reading.superseded
    gone = {pair.old for pair in reading.superseded} | {end.id for end in reading.withdrawn}
    for held in ledger.active:
        new = next((t for t in restored if (t.field, t.op) == (held.field, held.op)), None)
        if new is not None and held.id not in gone and held.scope == "search":
            yield Superseding(old=held.id, new=new.id)


def _list_ended(
    reading: ConstraintReading, restored: list[Constraint], *, ledger: Ledger, spared: set[str]
) -> Iterator[Withdrawal]:
    """What was asked of the goods that are left for these, where the message itself names no kind to end it."""
    if not any(term.field == "category" for term in restored):
        return
    gone = {end.id for end in reading.withdrawn} | {pair.old for pair in reading.superseded} | spared
    gone |= {pair.old for pair in _list_replaced(reading, restored, ledger=ledger)}
    for held in ledger.active:
        if held.id not in gone and held.scope == "search" and not outlasts_topic(held, active=ledger.active):
            yield Withdrawal(id=held.id, reason="topic_changed")
