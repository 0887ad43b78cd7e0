"""What of a conversation a shop's listeners are told, noted once each.

What a shop is told is noted by the clock, not in the turn. No turn waits for it, and nothing is told of what was
not committed; it is noted at the clock's next look, every ten seconds. What happened more than a week before it was
read is not told, so that a journal that is read again after a year tells nothing anew.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from commerce_agent.models import Listener, Sending, Told
from conversations.events import Recorded
from conversations.events.carts import ProposalResolved
from conversations.events.visits import HandoffRequested

LATELY = timedelta(days=7)
"""What is older is told no more: a journal is read again after years, and a sending is forgotten after a month."""


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a shop can be told of. It names no shopper and nothing that was said."""

    merchant: UUID
    conversation: UUID
    seq: int
    turn: int
    at: datetime
    kind: Told
    order: str = ""
    change: str = ""

    @property
    def place(self) -> str:
        """Where it happened, by which it is told once."""
        return f"{self.conversation}:{self.seq}"

    def write(self) -> dict[str, object]:
        """What is sent, without the id."""
        told: dict[str, object] = {"kind": self.kind.value, "at": self.at.isoformat()}
        told |= {"conversation": str(self.conversation), "turn": self.turn}
        told |= {"order": self.order} if self.order else {}
        return told | ({"change": self.change} if self.change else {})


def list_happenings(
    events: Iterable[Recorded], *, merchant: UUID, conversation: UUID, after: int
) -> Iterator[Happening]:
    """What of a journal's stretch after a place can be told."""
    for recorded in events:
        kind, order, change = None, "", ""
        match recorded.event:
            case HandoffRequested():
                kind = Told.PERSON_ASKED
            case ProposalResolved(status="accepted", order=str(number), kind="order"):
                kind, order = Told.ORDER_PLACED, number
            case ProposalResolved(status="accepted", kind=done) if done != "order":
                kind, order, change = Told.ORDER_CHANGED, recorded.event.order or "", done
            case _:
                pass
        if kind is not None and recorded.seq > after:
            yield Happening(
                merchant=merchant,
                conversation=conversation,
                seq=recorded.seq,
                turn=recorded.turn,
                at=recorded.at,
                kind=kind,
                order=order,
                change=change,
            )


def note_happenings(happenings: Collection[Happening], *, now: datetime) -> int:
    """Notes each for every listener of its shop that wants it and was there when it happened; noting it again does
    nothing. Answers how many were new, or noted before.
    """
    lately = [each for each in happenings if now - each.at < LATELY]
    if not lately:
        return 0
    listeners = list(Listener.objects.filter(active=True, merchant__in={each.merchant for each in lately}))
    sendings = [
        _make(listener, each, now=now)
        for listener in listeners
        for each in lately
        if each.merchant == listener.merchant_id
        and each.kind in listener.kinds
        and each.at >= listener.created_at
    ]
    Sending.objects.bulk_create(sendings, ignore_conflicts=True)
    return len(sendings)


def _make(listener: Listener, happening: Happening, *, now: datetime) -> Sending:
    sending = Sending(
        merchant_id=happening.merchant,
        listener=listener,
        conversation_id=happening.conversation,
        place=happening.place,
        kind=happening.kind,
        made_at=now,
        due_at=now,
    )
    sending.body = {"id": str(sending.pk), **happening.write()}
    return sending
