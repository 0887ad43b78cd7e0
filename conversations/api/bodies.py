"""What crosses the API: bodies, questions and answers, as types. They make the schema and check the input."""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

import msgspec

from conversations.entities import Known
from conversations.events import Recorded
from conversations.events.decisions import Decision
from conversations.events.facts import Fact, FactConflict
from conversations.graph import Graph, Mentioned, Told
from conversations.ids import EntityRef
from conversations.shoppers import Consent, Kept, Overruled
from conversations.state import ConversationState

MOST_WAIT = 25.0
"""Seconds that a question for events may wait; proxies commonly cut at 30 or 60."""
MOST_TEXT = 2_000
END = r"$(?!\n)"
"""The end and nothing after it: a dollar sign alone lets a last line break through in Python, if not in a client."""
FROM_NEXT = "From `next` of the page before."
MOST_LISTED = 200

Item = TypeVar("Item")

After = Annotated[int, msgspec.Meta(ge=0, le=2**53, description="The seq of the last event that is known.")]
Wait = Annotated[
    float, msgspec.Meta(ge=0, le=MOST_WAIT, description="Seconds to wait where there is no event yet.")
]
Version = Annotated[
    int,
    msgspec.Meta(ge=1, le=2**53, description="The seq of the last event to count in; left out: all of them."),
]
Limit = Annotated[int, msgspec.Meta(ge=1, le=MOST_LISTED, description="How many at most.")]
Cursor = Annotated[str, msgspec.Meta(max_length=1_000, description=FROM_NEXT)]
ClientId = Annotated[str, msgspec.Meta(min_length=8, max_length=64, pattern=rf"^[0-9A-Za-z-]+{END}")]
Words = Annotated[str, msgspec.Meta(max_length=MOST_TEXT, pattern=r"[^\s\x00]")]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
CustomerKey = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=r"^[^\x00]+$")]
ItemId = Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
Locale = Annotated[str, msgspec.Meta(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?" + END)]


class NewConversation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to open a conversation with; an empty object opens one for an anonymous shopper."""

    shopper: CustomerKey | None = None
    """The merchant's own key of a shopper it has named."""
    locale: Locale | None = None
    """The language to talk in; the shop's where it is left out."""


class NewMessage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A shopper's words."""

    cid: ClientId
    """Chosen by the client, unique in the conversation: the same one again changes nothing."""
    text: Words


class Handoff(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose the talk is from here on."""

    to: Literal["person", "assistant"]
    text: Annotated[str, msgspec.Meta(max_length=MOST_TEXT, pattern="^[^\\x00]*$")] = ""
    """For the person: what to know. Back at the assistant: what the shopper reads, the widget's words if empty."""


class HandedOver(msgspec.Struct, frozen=True, kw_only=True):
    """Whose the talk is now."""

    to: Literal["person", "assistant"]
    version: int
    changed: bool
    """False where it was so already; this request has then changed nothing."""


class OpenedConversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as it was opened; none of this ever changes."""

    id: str
    opened_at: Instant
    shopper: str | None
    """The id of the shopper's row; null for an anonymous one."""
    locale: str
    currency: str


class ListedConversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as it stands."""

    id: str
    version: int
    """The seq of its newest event."""
    turns: int
    locale: str
    opened_at: Instant
    active_at: Instant
    """Last message or reply."""
    waiting_since: Instant | None
    """Oldest message without an answer."""


class TakenMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Where a message stands. It is durable, and its turn has begun."""

    cid: str
    seq: int
    frame: int
    duplicate: bool
    """Whether it was taken before; this request has then changed nothing."""


class Page(msgspec.Struct, Generic[Item], frozen=True, kw_only=True):
    """A part of a list, and where it goes on."""

    results: tuple[Item, ...]
    next: str | None
    """The cursor of the next page; null on the last one."""


class ConversationPage(Page[ListedConversation], frozen=True, kw_only=True):
    """Conversations, the most recently opened first."""


class StateAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The state at one version."""

    version: int
    state: ConversationState
    graph: Graph | msgspec.UnsetType = msgspec.UNSET
    """How it hangs together, of the same events; where it was asked for."""


class EntityPage(Page[Known], frozen=True, kw_only=True):
    """The items that the conversation knows, by key, and what "it" means now."""

    version: int
    focus: tuple[EntityRef, ...]


class HeldFact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact as it is known, and as the shopper was last told it."""

    canonical: Fact
    cited: Fact | None
    conflicts: tuple[FactConflict, ...] = ()
    """Other answers that gave way to it lately, and by which rule."""


class FactPage(Page[HeldFact], frozen=True, kw_only=True):
    """The canonical facts, by subject and name."""

    version: int


class MadeDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision in its place."""

    seq: int
    at: Instant
    decision: Decision


class DecisionPage(Page[MadeDecision], frozen=True, kw_only=True):
    """Decisions, oldest first."""


class MentionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Every mention of an item, in order."""

    version: int
    mentions: tuple[Mentioned, ...]


class ToldAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The facts that replies told, in order."""

    version: int
    told: tuple[Told, ...]


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """Events in order, without a gap."""

    results: tuple[Recorded, ...]
    after: int
    """The seq to ask after next: that of the last event here, or the one asked with."""


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation whole: folding the events in order makes its state."""

    conversation: str
    schema: int
    """The number of the events' shape."""
    events: tuple[Recorded, ...]


class PageQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page."""

    cursor: Cursor = ""
    limit: Limit = 50


class StateQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which version."""

    at: Version | msgspec.UnsetType = msgspec.UNSET


class WholeQuestion(StateQuestion, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which version, and whether its graph comes with it."""

    graph: bool = False


class OpenedQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page of the conversations."""

    cursor: Annotated[
        str, msgspec.Meta(pattern="^([0-9]{1,16}-[0-9a-f]{32})?" + END, description=FROM_NEXT)
    ] = ""
    limit: Limit = 50


class DecisionsQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page of the decisions."""

    cursor: Annotated[str, msgspec.Meta(pattern="^[0-9]{0,15}" + END, description=FROM_NEXT)] = ""
    limit: Limit = 50


class NoQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing is asked in the address."""


class StatePageQuestion(PageQuestion, frozen=True, kw_only=True):
    """Which page of which version."""

    at: Version | msgspec.UnsetType = msgspec.UNSET


class MentionsQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which item, at which version."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=255, description="Such as a SKU.")]
    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=32)] = "variant"
    at: Version | msgspec.UnsetType = msgspec.UNSET


class ToldQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which item, in which turn, at which version."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=255)] | msgspec.UnsetType = msgspec.UNSET
    """Such as a SKU; left out: of every item."""
    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=32)] = "variant"
    turn: Annotated[int, msgspec.Meta(ge=1, le=2**53)] | msgspec.UnsetType = msgspec.UNSET
    at: Version | msgspec.UnsetType = msgspec.UNSET


class EventsQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events, and how long to wait for the first."""

    after: After = 0
    wait: Wait = 0.0
    limit: Limit = MOST_LISTED


class MemoryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a shopper."""

    version: int
    consent: Consent
    kept: tuple[Kept, ...]
    overruled: tuple[Overruled, ...]
    """What gave way to what, by which rule."""


class ItemsForgotten(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to take out."""

    ids: Annotated[tuple[ItemId, ...], msgspec.Meta(min_length=1, max_length=MOST_LISTED)]


class ItemCorrected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is right."""

    id: ItemId
    value: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"[^\s\x00]")]


class ConsentGiven(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shopper's answer."""

    given: bool


class ShopperExported(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is kept of a shopper."""

    export: msgspec.Raw
    page: str
    """The same for people: a whole HTML document."""


class ErasureWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why; it goes on record, so it names nobody."""

    why: Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"[^\s\x00]")]


class ErasedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What went."""

    conversations: int
    events: int
    orders: int
    """Orders that stay for the books, without the person."""
