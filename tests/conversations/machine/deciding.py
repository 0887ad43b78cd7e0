"""How the machine closes its turns, and the rows by which their decisions are found."""

from uuid import uuid4

from conversations.events import Event
from conversations.events.decisions import Decision, DecisionMade
from conversations.events.messages import ReplyGiven
from conversations.ids import ConversationId, DecisionId
from conversations.service import Turn
from tests.conversations.machine.laws import Row
from tests.owning import connect_as_owner

ROWS = (
    "SELECT kept.id, kept.seq, count(*) = 2 AND bool_and(told.xmin = kept.xmin)"
    " FROM conversations_decisionrecord kept LEFT JOIN conversations_journalentry told"
    " ON told.conversation_id = kept.conversation_id AND told.seq IN (kept.seq, kept.seq + 1)"
    " WHERE kept.conversation_id = %s GROUP BY kept.id, kept.seq"
)
"""Each decision's row, and whether the transaction that wrote it wrote the decision and the reply after it."""


def list_rows(database_url: str, *, conversation: ConversationId) -> tuple[Row, ...]:
    """The rows of the conversation's decisions."""
    with connect_as_owner(database_url) as connection:
        rows = connection.execute(ROWS, [conversation]).fetchall()
    return tuple(Row(id=str(id), seq=seq, is_of_one=is_of_one) for id, seq, is_of_one in rows)


def decide(turn: Turn, text: str) -> tuple[Event, ...]:
    """What closes the turn: a decision, and the reply that follows it."""
    decision = Decision(id=DecisionId(str(uuid4())), turn=turn.number, planner="builtin")
    return DecisionMade(decision=decision), ReplyGiven(turn=turn.number, text=text, decision=decision.id)
