"""A conversation for reading: what the shopper saw, turn by turn, and beside each turn why."""

from collections import defaultdict
from datetime import datetime
from typing import assert_never

import msgspec

from commerce_agent.agent.explain import Account, Register, explain_turn
from commerce_agent.agent.explain.plain import tell_amount, tell_number, tell_stock
from commerce_agent.console.audit.slips import PROPOSED, Slip, Slips
from commerce_agent.tools.list_orders import ORDERS
from conversations.events import Recorded
from conversations.events.carts import (
    CartChanged,
    CartLineChecked,
    ProposalDoubted,
    ProposalMade,
    ProposalResolved,
)
from conversations.events.constraints import ConstraintStated, ConstraintSuperseded, ConstraintWithdrawn
from conversations.events.decisions import DecisionMade, ToolCalled
from conversations.events.entities import (
    EntitiesFocused,
    EntitiesIntroduced,
    EntitiesMentioned,
    EntitiesShown,
    ReferenceResolved,
    SearchMade,
)
from conversations.events.facts import FactsCited, FactsObserved, FactSuperseded
from conversations.events.messages import (
    Card,
    CardsShown,
    CardVersion,
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
from conversations.events.summaries import EpisodeSummarised, MemoryFormed
from conversations.events.visits import HandoffEnded, HandoffRequested, PersonJoined, PersonSpoke
from conversations.ids import ClientMessageId

RESOLVED = {
    "accepted": "Confirmed by the shopper",
    "declined": "Declined by the shopper",
    "expired": "Expired",
    "changed": "No longer as proposed",
    "failed": "Failed",
}

DOUBTED = "No longer to be had as proposed; its buttons were taken away"

GIVEN_UP = "given_up"
LEFT = {
    "": "{} left",
    "handed_back": "{} handed back to the assistant",
    "went_away": "{} was away for too long; the assistant took over again",
}


Aside = NoticeGiven | ShopperIdentified | FeedbackGiven | ServiceDegraded | ServiceRecovered | TierChanged

Unseen = (
    ConversationOpened
    | ShopperSpoke
    | TurnStarted
    | ReplyGiven
    | ConstraintStated
    | ConstraintSuperseded
    | ConstraintWithdrawn
    | EntitiesShown
    | EntitiesIntroduced
    | ReferenceResolved
    | EntitiesMentioned
    | EntitiesFocused
    | SearchMade
    | FactsObserved
    | FactsCited
    | FactSuperseded
    | ToolCalled
    | CartLineChecked
    | DecisionMade
    | EpisodeSummarised
    | MemoryFormed
)
"""What is told elsewhere on the page, as words or among the reasons, or was put before nobody."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the shopper's."""

    text: str
    at: datetime
    about: str = ""
    """The title of the card that it replies to."""


class ChoiceSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What a card offered to choose of a colour or a size."""

    name: str
    values: tuple[str, ...]
    """Each with what was said of it: chosen, or sold out."""


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
    rating: str
    choices: tuple[ChoiceSeen, ...]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Something put beside the words; `kind` says which of the rest is filled."""

    kind: str
    at: datetime
    text: str = ""
    label: str = ""
    title: str = ""
    """What the slip was headed that it is about."""
    cards: tuple[CardSeen, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    replies: tuple[str, ...] = ()
    slip: Slip | None = None


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
    register, slips = Register.read(events), Slips.read(events)
    turns: dict[int, list[Recorded]] = defaultdict(list)
    spoken: dict[ClientMessageId, Said] = {}
    chapters: list[Chapter] = []
    opened: ConversationOpened | None = None
    for recorded in events:
        if recorded.turn:
            turns[recorded.turn].append(recorded)
    for recorded in events:
        event = recorded.event
        match event:
            case ConversationOpened():
                opened = event
            case ShopperSpoke():
                spoken[event.cid] = Said(text=event.text, at=recorded.at, about=event.about)
            case TurnStarted():
                said = tuple(spoken.pop(cid) for cid in event.cids if cid in spoken)
                chapters.append(
                    _tell_turn(recorded, said=said, own=turns[recorded.turn], register=register, slips=slips)
                )
            case _ if recorded.turn == 0 and (part := _find_part(recorded, slips=slips)):
                said = _list_answered(recorded, spoken)
                chapters = _give_up(chapters) if isinstance(event, PersonJoined) else chapters
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
    start: Recorded, *, said: tuple[Said, ...], own: list[Recorded], register: Register, slips: Slips
) -> Chapter:
    replies = [(each.event, each.at) for each in own if isinstance(each.event, ReplyGiven)]
    reply, ended = replies[-1] if replies else (None, None)
    return Chapter(
        number=start.turn,
        at=start.at,
        said=said,
        parts=tuple(part for each in own if (part := _find_part(each, slips=slips))),
        reply=reply.text if reply else "",
        status=reply.status if reply else "",
        seconds=(ended - start.at).total_seconds() if ended else None,
        reasons=explain_turn(start.turn, register=register),
        waiting=reply is None,
    )


def _find_part(recorded: Recorded, *, slips: Slips) -> Part | None:
    event, at = recorded.event, recorded.at
    if isinstance(event, Unseen):
        return None
    match event:
        case CardsShown():
            return Part(kind="cards", at=at, cards=tuple(_see_card(card) for card in event.cards))
        case TableShown():
            label = "Orders" if event.part.startswith(ORDERS) else "Comparison"
            return Part(kind="table", at=at, label=label, columns=event.columns, rows=event.rows)
        case QuickRepliesOffered():
            return Part(kind="quick_replies", at=at, replies=event.replies)
        case CartChanged():
            return Part(kind="cart", at=at, label="Cart", slip=slips.see_cart(event))
        case ProposalMade(proposal=proposal):
            label = PROPOSED[proposal.kind]
            return Part(kind="proposal", at=at, label=label, slip=slips.made[proposal.id])
        case ProposalDoubted():
            title = slips.find_title(event.id)
            return Part(kind="doubted", at=at, label=DOUBTED, title=title, text=event.text)
        case ProposalResolved():
            return Part(
                kind="resolved",
                at=at,
                label=RESOLVED[event.status],
                title=slips.find_title(event.id),
                text=slips.tell_outcome(event),
            )
        case HandoffRequested() | PersonJoined() | PersonSpoke() | HandoffEnded():
            return _tell_visit(event, at=at)
        case _:
            return _tell_note(event, at=at)


def _tell_note(event: Aside, *, at: datetime) -> Part:
    match event:
        case NoticeGiven():
            return Part(kind="notice", at=at, label="Notice", text=event.text or _tell_unsaid(event))
        case ShopperIdentified():
            return Part(kind="notice", at=at, label="The shop said who this is", text=event.tier or "")
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
            assert_never(event)


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


def _tell_unsaid(event: NoticeGiven) -> str:
    """What cards, tables and buttons show from then on."""
    said = [event.ref.key, (event.availability or "").replace("_", " "), tell_amount(event.price)]
    if event.list_price is not None:
        said.append(f"before {tell_amount(event.list_price)}")
    return f"Shown without a word: {', '.join(filter(None, said))}"


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
        rating=_tell_rating(card),
        choices=_list_choices(card),
    )


def _tell_rating(card: Card) -> str:
    if not card.rating:
        return ""
    count = f" ({card.rating_count})" if card.rating_count else ""
    return f"★ {tell_number(round(card.rating, 1))}{count}"


def _list_choices(card: Card) -> tuple[ChoiceSeen, ...]:
    names = dict.fromkeys(version.name for version in card.versions)
    return tuple(
        ChoiceSeen(
            name=name,
            values=tuple(_tell_choice(version) for version in card.versions if version.name == name),
        )
        for name in names
    )


def _tell_choice(version: CardVersion) -> str:
    return version.value + " (chosen)" * version.chosen + " (sold out)" * version.sold_out
