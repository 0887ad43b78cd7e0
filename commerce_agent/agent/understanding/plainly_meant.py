"""Messages whose meaning stands whole in their words: "what did you show me first?", "no, too expensive"."""

import msgspec

from commerce_agent.agent.understanding.english.cues import ASKS_SHOWN_FIRST
from commerce_agent.agent.understanding.english.negated import refuses_price
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.understanding.understood import Understanding
from conversations.constraints import ConstraintReading
from conversations.events.entities import Reference
from conversations.language.glossing import Gloss
from conversations.state import ConversationState


def find_plain(read: Gloss, *, state: ConversationState) -> Understanding | None:
    """What such a message means; None for every other."""
    if state.entities.showings and ASKS_SHOWN_FIRST.fullmatch(read.text):
        first = Reference(
            text=read.text.strip(" ?!."),
            outcome="resolved",
            refs=state.entities.showings[0].refs,
            rules=("first_shown",),
        )
        return _mean(read, Move(kind="recap", topic="shown"), references=(first,))
    if state.cart.proposal is None or not refuses_price(read.text) or _is_of_one_thing(state):
        return None
    # An order of several things, or a change of an order: which of it would be cheaper is not said.
    return _mean(read, Move(kind="decline"))


def stand_before_offer(read: Gloss, *, state: ConversationState) -> ConversationState:
    """As in "no, too expensive" of an order of one thing: that is what something cheaper is sought for."""
    if state.cart.proposal is None or not _is_of_one_thing(state) or not refuses_price(read.text):
        return state
    entities = msgspec.structs.replace(state.entities, focus=(state.cart.lines[0].ref,))
    return msgspec.structs.replace(state, entities=entities)


def _is_of_one_thing(state: ConversationState) -> bool:
    offered = state.cart.proposal
    return offered is not None and offered.kind == "order" and len(state.cart.lines) == 1


def _mean(read: Gloss, move: Move, *, references: tuple[Reference, ...] = ()) -> Understanding:
    return Understanding(
        said=read.text,
        moves=(move,),
        references=references,
        reading=ConstraintReading(rest=""),
        read=read if read.pieces else None,
    )
