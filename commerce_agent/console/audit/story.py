"""A conversation for reading: what the shopper saw, turn by turn, and beside each turn why."""

from collections import defaultdict
from datetime import datetime
from typing import assert_never

import msgspec

from commerce_agent.agent.explain import Account, Register, explain_turn
from commerce_agent.agent.explain.plain import tell_amount, tell_stock
from conversations.events import Recorded
from conversations.events.carts import CartChanged, CartLine, ProposalMade, ProposalResolved
from conversations.events.messages import (
    Card,
    CardsShown,
    ConversationOpened,
    FeedbackGiven,
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
from conversations.ids import ClientMessageId

RESOLVED = {
    "accepted": "Confirmed by the shopper",
    "declined": "Declined by the shopper",
    "expired": "Expired",
    "changed": "No longer as proposed",
    "failed": "Failed",
}

GIVEN_UP = "given_up"
LEFT = {
    "": "{} left",
    "handed_back": "{} handed back to the assistant",
    "went_away": "{} was away for too long; the assistant took over again",
}


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the shopper's."""

    text: str
    at: datetime


class CardSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A product card with the figures of then."""

    sku: str
    title: str
    image: str
    price: str
    list_price: str
    stock: str
    reason: str
    as_of: str
    details: tuple[tuple[str, str], ...]


class LineSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a cart or a proposal."""

    sku: str
    title: str
    quantity: int
    unit_price: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Something put beside the words; `kind` says which of the rest is filled."""

    kind: str
    at: datetime
    text: str = ""
    label: str = ""
    cards: tuple[CardSeen, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    replies: tuple[str, ...] = ()
    lines: tuple[LineSeen, ...] = ()
    total: str = ""


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """A turn, or what happened between two (`number` is 0 then)."""

    number: int
    at: datetime
    said: tuple[Said, ...] = ()
    parts: tuple[Part, ...] = ()
    reply: str = ""
    status: str = ""
    seconds: float | None = None
    reasons: Account | None = None
    waiting: bool = False

    @property
    def anchor(self) -> str:
        """What an address points at."""
        return f"turn-{self.number}"


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """The whole conversation."""

    tier: str
    locale: str
    currency: str
    chapters: tuple[Chapter, ...]


def tell_story(events: tuple[Recorded, ...]) -> Story:
    """Arranges a journal for reading. Every turn stands where it began."""
    register = Register.read(events)
    turns: dict[int, list[Recorded]] = defaultdict(list)
    spoken: dict[ClientMessageId, Said] = {}
    chapters: list[Chapter] = []
    opened: ConversationOpened | None = None
    for recorded in events:
        if recorded.turn:
            turns[recorded.turn].append(recorded)
    for recorded in events:
        match recorded.event:
            case ConversationOpened():
                opened = recorded.event
            case ShopperSpoke():
                spoken[recorded.event.cid] = Said(text=recorded.event.text, at=recorded.at)
            case TurnStarted():
                said = tuple(spoken.pop(cid) for cid in recorded.event.cids if cid in spoken)
                chapters.append(_tell_turn(recorded, said=said, own=turns, register=register))
            case _ if recorded.turn == 0 and (part := _find_part(recorded)):
                said = _list_answered(recorded, spoken)
                chapters = _give_up(chapters) if isinstance(recorded.event, PersonJoined) else chapters
                chapters.append(
                    Chapter(number=0, at=said[0].at if said else recorded.at, said=said, parts=(part,))
                )
    if spoken:
        waiting = tuple(spoken.values())
        chapters.append(Chapter(number=0, at=waiting[0].at, said=waiting, waiting=True))
    return Story(
        tier=(opened.tier or "") if opened else "",
        locale=opened.locale if opened else "",
        currency=opened.currency if opened else "",
        chapters=tuple(chapters),
    )


def _list_answered(recorded: Recorded, spoken: dict[ClientMessageId, Said]) -> tuple[Said, ...]:
    """The messages that a person's words answer."""
    cids = recorded.event.answers if isinstance(recorded.event, PersonSpoke) else ()
    return tuple(spoken.pop(cid) for cid in cids if cid in spoken)


def _give_up(chapters: list[Chapter]) -> list[Chapter]:
    """A person who joins takes over what the newest turn had not answered."""
    if not chapters or not chapters[-1].number or not chapters[-1].waiting:
        return chapters
    return [*chapters[:-1], msgspec.structs.replace(chapters[-1], waiting=False, status=GIVEN_UP)]


def _tell_turn(
    start: Recorded, *, said: tuple[Said, ...], own: dict[int, list[Recorded]], register: Register
) -> Chapter:
    events = tuple(own[start.turn])
    replies = [(event.event, event.at) for event in events if isinstance(event.event, ReplyGiven)]
    reply, ended = replies[-1] if replies else (None, None)
    return Chapter(
        number=start.turn,
        at=start.at,
        said=said,
        parts=tuple(part for event in events if (part := _find_part(event))),
        reply=reply.text if reply else "",
        status=reply.status if reply else "",
        seconds=(ended - start.at).total_seconds() if ended else None,
        reasons=explain_turn(start.turn, register=register),
        waiting=reply is None,
    )


def _find_part(recorded: Recorded) -> Part | None:
    event, at = recorded.event, recorded.at
    match event:
        case CardsShown():
            return Part(kind="cards", at=at, cards=tuple(_see_card(card) for card in event.cards))
        case TableShown():
            return Part(kind="table", at=at, columns=event.columns, rows=event.rows)
        case QuickRepliesOffered():
            return Part(kind="quick_replies", at=at, replies=event.replies)
        case CartChanged():
            return Part(kind="cart", at=at, label="Cart", lines=_see_lines(event.lines))
        case ProposalMade():
            proposal = event.proposal
            return Part(
                kind="proposal",
                at=at,
                label="Order proposed",
                lines=_see_lines(proposal.lines),
                total=tell_amount(proposal.total),
            )
        case _:
            return _find_note(recorded)


def _find_note(recorded: Recorded) -> Part | None:
    event, at = recorded.event, recorded.at
    match event:
        case ProposalResolved():
            text = f"{event.text} (order {event.order})" if event.order else event.text
            return Part(kind="resolved", at=at, label=RESOLVED[event.status], text=text)
        case NoticeGiven():
            return Part(kind="notice", at=at, label="Notice", text=event.text)
        case ShopperIdentified():
            return Part(kind="notice", at=at, label="The shop said who this is", text=event.tier or "")
        case HandoffRequested() | PersonJoined() | PersonSpoke() | HandoffEnded():
            return _tell_visit(event, at=at)
        case FeedbackGiven():
            label = f"Turn {event.of_turn} was rated {event.score}"
            return Part(kind="feedback", at=at, label=label, text=event.reason)
        case ServiceDegraded():
            return Part(kind="degraded", at=at, label="Out of reach", text=event.system)
        case ServiceRecovered():
            return Part(kind="degraded", at=at, label="Back again", text=event.system)
        case TierChanged():
            label = f"Tier {event.tier or 'none'}, before {event.before or 'none'}"
            return Part(kind="degraded", at=at, label=label)
        case _:
            return None


def _tell_visit(event: HandoffRequested | PersonJoined | PersonSpoke | HandoffEnded, *, at: datetime) -> Part:
    match event:
        case HandoffRequested():
            return Part(kind="handoff", at=at, label="A person was asked for", text=event.text)
        case PersonJoined():
            text = "The assistant is silent from here on."
            return Part(kind="handoff", at=at, label=f"{event.name} joined", text=text)
        case PersonSpoke():
            return Part(kind="person", at=at, label=event.name, text=event.text)
        case HandoffEnded():
            return Part(
                kind="handoff",
                at=at,
                label=LEFT[event.cause].format(event.name or "The person"),
                text=_tell_leaving(event),
            )
        case _:
            assert_never(event)


def _tell_leaving(event: HandoffEnded) -> str:
    note = f"Note for the assistant: “{event.note}”" if event.note else ""
    return " ".join(text for text in (event.text, note) if text)


def _see_card(card: Card) -> CardSeen:
    return CardSeen(
        sku=card.ref.key,
        title=card.title,
        image=card.image,
        price=tell_amount(card.price),
        list_price=tell_amount(card.list_price),
        stock=tell_stock(card),
        reason=card.reason,
        as_of=card.as_of,
        details=card.attributes,
    )


def _see_lines(lines: tuple[CartLine, ...]) -> tuple[LineSeen, ...]:
    return tuple(
        LineSeen(
            sku=line.ref.key,
            title=line.title,
            quantity=line.quantity,
            unit_price=tell_amount(line.unit_price),
        )
        for line in lines
    )
