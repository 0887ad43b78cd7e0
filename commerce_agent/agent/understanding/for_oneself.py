"""What was asked for as a present is no wish for what one seeks for oneself: "and a rain jacket for myself"."""

import re

import msgspec

from commerce_agent.agent.understanding.glossed import gloss_message
from conversations.constraints import ConstraintReading, Ledger, is_of_person, read_constraints
from conversations.constraints.reading import Withdrawal
from conversations.language import Vocabulary
from conversations.state import ConversationState

_FOR_ONESELF = re.compile(
    r"\b(?:for|treat) (?:myself|my ?self)\b|\bfor me(?: this time|,? (?:too|then|now|as well|instead))?\W*$",
    re.IGNORECASE,
)
_FOR_OTHERS = re.compile(
    r"\b(?:gifts?|presents?|birthday)\b|\bfor (?:my|a|our|the) (?:\w+ )?(?:son|daughter|nephew|niece|brother|sister|mum"
    r"|mom|mother|dad|father|husband|wife|partner|friend|boyfriend|girlfriend|colleague|boss|grand\w+|uncle|aunt|cousin"
    r"|kids?|child|children)\b",
    re.IGNORECASE,
)


def without_gift_terms(
    reading: ConstraintReading, *, said: str, state: ConversationState, vocabulary: Vocabulary
) -> ConstraintReading:
    """The reading, which also ends what was said of a present where something is sought for oneself."""
    asked = _FOR_ONESELF.search(said)
    if asked is None or _FOR_OTHERS.search(said):
        return reading
    gifts = _list_turns_for_others(state, vocabulary=vocabulary)
    gone = {end.id for end in reading.withdrawn} | {each.old for each in reading.superseded}
    gone |= _list_said_again(said, state=state, vocabulary=vocabulary)
    ended = tuple(
        Withdrawal(id=term.id, reason="topic_changed", text=asked.group())
        for term in state.constraints.active
        if (term.turn in gifts or is_of_person(term)) and term.scope == "search" and term.id not in gone
    )
    return msgspec.structs.replace(reading, withdrawn=(*reading.withdrawn, *ended)) if ended else reading


def _list_said_again(said: str, *, state: ConversationState, vocabulary: Vocabulary) -> set[str]:
    """The terms in force that the message itself asks for: "and a coat for me", after a coat for a brother."""
    alone = read_constraints(
        text=said,
        ledger=Ledger(),
        vocabulary=vocabulary,
        currency=state.transcript.currency,
        turn=state.transcript.turns,
    )
    named = [(term.field, term.op, term.value) for term in alone.stated]
    return {term.id for term in state.constraints.active if (term.field, term.op, term.value) in named}


def _list_turns_for_others(state: ConversationState, *, vocabulary: Vocabulary) -> set[int]:
    """The turns in which something was sought for somebody else: from where that is said until something is sought
    for oneself, for "under 60" behind "a scarf for my dad" or "my son wears S" is what his may cost.
    """
    theirs = {term.turn for term in state.constraints.active if is_of_person(term)}
    found: set[int] = set()
    for_others = False
    for exchange in state.transcript.tail:
        said = gloss_message(exchange.said, state=state, vocabulary=vocabulary).text
        told = exchange.turn in theirs or _FOR_OTHERS.search(said) is not None
        for_others = told or (for_others and _FOR_ONESELF.search(said) is None)
        if for_others:
            found.add(exchange.turn)
    return found
