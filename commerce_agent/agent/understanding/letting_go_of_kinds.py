"""What is let go or moved though words beside it point at goods: "never mind the gloves", "raise it to 60"."""

import msgspec

from commerce_agent.agent.understanding.english.of_cart import DROPS, SETS_TO
from commerce_agent.agent.understanding.english.returning import BACK_TO
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.understanding.own_items import PRONOUNS
from commerce_agent.agent.understanding.settling import without_counts
from commerce_agent.agent.understanding.understood import ShopWords
from conversations.constraints import (
    ConstraintReading,
    Withdrawal,
    list_let_go_on_return,
    outlasts_topic,
    read_constraints,
    return_to_topic,
)
from conversations.events.constraints import Constraint, list_values
from conversations.events.entities import Reference
from conversations.language import Vocabulary
from conversations.language.tokens import list_stems
from conversations.state import ConversationState


def settle_terms(
    reading: ConstraintReading,
    *,
    said: str,
    moves: tuple[Move, ...],
    state: ConversationState,
    words: ShopWords,
) -> ConstraintReading:
    """What changes in the terms, once it is settled what the message wants done."""
    reading = _let_kind_go(without_counts(reading, moves), said=said, moves=moves, state=state)
    return return_to_topic(
        reading,
        text=said,
        ledger=state.constraints,
        vocabulary=words.vocabulary,
        currency=state.transcript.currency,
        turn=state.transcript.turns,
    )


def returns_with_less(
    said: str, references: tuple[Reference, ...], *, state: ConversationState, vocabulary: Vocabulary
) -> bool:
    """As in "back to the helmet, any colour is fine", where one was shown: all that fit with that are sought."""
    back = BACK_TO.search(said)
    if back is None or len(references) != 1 or references[0].text.lower() in PRONOUNS:
        return False
    named = said[back.end() :].lstrip().lower().startswith(references[0].text.lower())
    return named and bool(
        list_let_go_on_return(
            said, ledger=state.constraints, vocabulary=vocabulary, currency=state.transcript.currency
        )
    )


def _let_kind_go(
    reading: ConstraintReading, *, said: str, moves: tuple[Move, ...], state: ConversationState
) -> ConstraintReading:
    """As in "never mind the gloves" of gloves that are sought: they go, and what was asked of them with them."""
    kinds = {move.kind for move in moves}
    if "never_mind" not in kinds or kinds - {"never_mind", "recap"} or reading.stated or reading.withdrawn:
        return reading
    active = state.constraints.active
    if not any(term.field == "category" and _is_named(term, said=said) for term in active):
        return reading
    gone = tuple(
        Withdrawal(id=term.id, reason="dropped", text=said.strip(" .!"))
        for term in active
        if term.scope != "always" and not outlasts_topic(term, active=active)
    )
    return msgspec.structs.replace(reading, withdrawn=gone)


def _is_named(term: Constraint, *, said: str) -> bool:
    """As in "the listeners" of TV listeners: what they are is the last word of their name."""
    dropped = DROPS.search(said)
    stems = set(list_stems(said[dropped.end() :] if dropped else said))
    heads = {list_stems(name)[-1] for name in (*list_values(term.value), term.text) if list_stems(name)}
    return bool(heads & stems)


def moves_limit(
    said: str,
    references: tuple[Reference, ...],
    *,
    moves: tuple[Move, ...],
    state: ConversationState,
    vocabulary: Vocabulary,
) -> bool:
    """As in "raise it to 260", where 200 may be spent: "it" is the limit, and none of the goods."""
    counts = any(move.kind == "set_quantity" for move in moves)
    if counts or not references or not SETS_TO.search(said):
        return False
    if any(reference.text.lower() not in PRONOUNS for reference in references):
        return False
    return bool(read_by_terms(said, state=state, vocabulary=vocabulary).superseded)


def read_by_terms(said: str, *, state: ConversationState, vocabulary: Vocabulary) -> ConstraintReading:
    """What the words change in the terms that hold, whatever goods are at hand."""
    return read_constraints(
        text=said,
        pointing=False,
        ledger=state.constraints,
        vocabulary=vocabulary,
        currency=state.transcript.currency,
        turn=state.transcript.turns,
        focus_measures={},
    )
