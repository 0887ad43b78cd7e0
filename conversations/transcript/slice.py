from datetime import datetime
from typing import assert_never

import msgspec

from conversations.events.messages import (
    CardsShown,
    ConversationOpened,
    NoticeGiven,
    QuickRepliesOffered,
    ReplyGiven,
    ServiceDegraded,
    ServiceRecovered,
    ShopperIdentified,
    ShopperSpoke,
    TableShown,
    TierChanged,
    TurnStarted,
)
from conversations.events.visits import HandoffEnded, HandoffRequested, PersonJoined, PersonSpoke
from conversations.ids import ClientMessageId, EntityRef, MerchantId, ShopperId
from conversations.transcript.visits import Visit, VisitEvent, apply_visit

TAIL_TURNS = 20
"""Turns kept word for word in the state. The journal keeps them all; what they established lives in the
other slices, so the state does not grow with the talk."""

MOST_CHIPS = 100
"""Buttons of cards whose news is told."""

TranscriptEvent = (
    ConversationOpened
    | ShopperIdentified
    | ShopperSpoke
    | TurnStarted
    | CardsShown
    | TableShown
    | QuickRepliesOffered
    | ReplyGiven
    | NoticeGiven
    | HandoffRequested
    | PersonJoined
    | PersonSpoke
    | HandoffEnded
    | ServiceDegraded
    | ServiceRecovered
    | TierChanged
)


class Waiting(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A message that is durable and not yet answered."""

    cid: ClientMessageId
    text: str
    at: datetime
    redacted: tuple[str, ...] = ()
    """What was taken out of it."""
    refs: tuple[EntityRef, ...] = ()
    """What it replies to."""


class Exchange(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One turn: what the shopper said and what was answered."""

    turn: int
    said: str
    replied: str


class Transcript(msgspec.Struct, frozen=True, kw_only=True):
    """Who talks, what waits, and the last turns word for word."""

    merchant: MerchantId = MerchantId("")
    shopper: ShopperId | None = None
    tier: str | None = None
    locale: str = "en"
    """The language of the replies: the one the chat was opened in, until the shopper wrote in another."""
    currency: str = "USD"
    waiting: tuple[Waiting, ...] = ()
    taken: tuple[ClientMessageId, ...] = ()
    """The messages the open turn answers; empty between turns."""
    turns: int = 0
    """Turns begun so far; the number of the open one while `taken` is not empty."""
    tail: tuple[Exchange, ...] = ()
    offered: tuple[str, ...] = ()
    """What the last buttons would say; a plain yes in the next turn means the first of them."""
    offered_in: int = 0
    notices: tuple[NoticeGiven, ...] = ()
    """Those that no reply had a chance to refer to."""
    chips: dict[str, bool] = {}
    """What the buttons of cards ask for, newest last: whether it was told as sold out."""
    notices_taken: int = 0
    """How many of them the open turn knew when it began; its reply clears these and no later ones."""
    handed_off: bool = False
    """A person was asked for or is here, and has not left."""
    visit: Visit | None = None
    """The newest stay of a person, here or gone."""
    degraded: tuple[str, ...] = ()

    @property
    def person(self) -> str:
        """The name of the person who has the conversation; empty where it is the assistant's."""
        return self.visit.name if self.visit and self.visit.is_here else ""

    @property
    def said(self) -> str:
        """The words of the open turn: its messages, one a line, in the order they came."""
        return "\n".join(message.text for message in self.waiting if message.cid in self.taken)

    @property
    def pointed(self) -> tuple[EntityRef, ...]:
        """What the open turn's messages reply to: the last one that replies to anything."""
        mine = (message.refs for message in self.waiting if message.cid in self.taken)
        return next((refs for refs in reversed(tuple(mine)) if refs), ())

    def list_said(self) -> tuple[str, ...]:
        """The shopper's last words, turn by turn, and what still waits."""
        return (*(each.said for each in self.tail), *(message.text for message in self.waiting))

    @property
    def redacted(self) -> tuple[str, ...]:
        """What was taken out of the open turn's messages before they were kept."""
        mine = (message for message in self.waiting if message.cid in self.taken)
        return tuple(dict.fromkeys(kind for message in mine for kind in message.redacted))


def apply_transcript(transcript: Transcript, event: TranscriptEvent, *, at: datetime) -> Transcript:
    """Answers the slice after the event."""
    replace = msgspec.structs.replace
    match event:
        case ConversationOpened():
            return replace(
                transcript,
                merchant=event.merchant,
                shopper=event.shopper,
                tier=event.tier,
                locale=event.locale,
                currency=event.currency,
            )
        case ShopperIdentified() | TierChanged():
            known = event.shopper if isinstance(event, ShopperIdentified) else transcript.shopper
            return replace(transcript, shopper=known, tier=event.tier)
        case ShopperSpoke():
            message = Waiting(cid=event.cid, text=event.text, at=at, redacted=event.redacted, refs=event.refs)
            return replace(transcript, waiting=(*transcript.waiting, message))
        case TurnStarted():
            taken = len(transcript.notices)
            return replace(transcript, turns=event.turn, taken=event.cids, notices_taken=taken)
        case ReplyGiven():
            return _answered(transcript, event)
        case NoticeGiven():
            return _noticed(transcript, event)
        case HandoffRequested() | PersonJoined() | PersonSpoke() | HandoffEnded():
            return _visited(transcript, event)
        case ServiceDegraded() | ServiceRecovered():
            return replace(transcript, degraded=_list_degraded(transcript, event))
        case QuickRepliesOffered() | CardsShown() | TableShown():
            return _with_part(transcript, event)
        case _:
            assert_never(event)


def _visited(transcript: Transcript, event: VisitEvent) -> Transcript:
    """Whoever joins takes the messages over, and what was offered before is no longer what a plain yes means."""
    read = event.answers if isinstance(event, PersonSpoke) else ()
    answered = tuple(message.text for message in transcript.waiting if message.cid in read)
    visit = apply_visit(transcript.visit, event, answered=answered, turns=transcript.turns)
    joined = isinstance(event, PersonJoined)
    return msgspec.structs.replace(
        transcript,
        handed_off=not isinstance(event, HandoffEnded),
        visit=visit,
        waiting=tuple(message for message in transcript.waiting if message.cid not in read),
        taken=() if joined else transcript.taken,
        notices_taken=0 if joined else transcript.notices_taken,
        offered=() if joined else transcript.offered,
    )


def _with_part(transcript: Transcript, event: QuickRepliesOffered | CardsShown | TableShown) -> Transcript:
    """Only buttons matter to what comes next; what cards show is kept as entities and facts."""
    if isinstance(event, QuickRepliesOffered):
        return msgspec.structs.replace(transcript, offered=event.replies, offered_in=transcript.turns)
    if isinstance(event, TableShown):
        return transcript
    told = {
        one.sku: one.sold_out for card in event.cards for one in card.versions if one.sku and not one.chosen
    }
    if not told:
        return transcript
    before = {sku: sold_out for sku, sold_out in transcript.chips.items() if sku not in told}
    newest = list((before | told).items())[-MOST_CHIPS:]
    return msgspec.structs.replace(transcript, chips=dict(newest))


def _list_degraded(transcript: Transcript, event: ServiceDegraded | ServiceRecovered) -> tuple[str, ...]:
    others = {system for system in transcript.degraded if system != event.system}
    return tuple(sorted(others | {event.system} if isinstance(event, ServiceDegraded) else others))


def _noticed(transcript: Transcript, event: NoticeGiven) -> Transcript:
    if event.notice == "stock.changed" and event.ref.key in transcript.chips:
        chips = transcript.chips | {event.ref.key: event.availability == "out_of_stock"}
        transcript = msgspec.structs.replace(transcript, chips=chips)
    if not event.text:
        return transcript
    notices = (*transcript.notices, event)
    over = max(0, len(notices) - TAIL_TURNS)
    return msgspec.structs.replace(
        transcript, notices=notices[over:], notices_taken=max(0, transcript.notices_taken - over)
    )


def _answered(transcript: Transcript, event: ReplyGiven) -> Transcript:
    exchange = Exchange(turn=event.turn, said=transcript.said, replied=event.text)
    return msgspec.structs.replace(
        transcript,
        waiting=tuple(message for message in transcript.waiting if message.cid not in transcript.taken),
        taken=(),
        locale=event.language or transcript.locale,
        tail=(*transcript.tail, exchange)[-TAIL_TURNS:],
        notices=transcript.notices[transcript.notices_taken :],
        notices_taken=0,
    )
