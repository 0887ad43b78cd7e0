"""The vocabulary: everything that can happen in a conversation, as one closed union of frozen types.

`EVENT_SCHEMA` numbers the stored shapes. An older one is upcast when it is read; a newer one is refused.
"""

from datetime import datetime

import msgspec

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
from conversations.events.summaries import EpisodeSummarised, MemoryFormed
from conversations.events.visits import HandoffEnded, HandoffRequested, PersonJoined, PersonSpoke

EVENT_SCHEMA = {
    1: "First release.",
    2: (
        "A reply says which items it names, and a change of its language; a person who joined can leave again; a "
        "proposal says what it costs beside its lines, and may be to change an order; a message says what was taken "
        "out of it; older turns are summarised; a decision names what the model took and the version of the shop's "
        "settings; a reply may be rated; a card may offer versions."
    ),
    3: (
        "A decision says of each tool how it ended and how long it took, of each candidate which term it missed, of "
        "each claim what was claimed, and which policies gave way to those that were used; an anonymous shopper may "
        "become known, and a shopper's tier may change; a decision keeps what the model answered, of each call how "
        "much of it was thought and whether it broke off, and how well each candidate met the words of the search; a "
        "person may take the conversation over and hand it back; a tool call may be of an attempt that was given up; "
        "a term says whether it is remembered; a fact may say which of a shop's systems, one after the other, said it, "
        "and a conflict that this decided it; a fact may say for whom it was reckoned, a table which items it is "
        "about, and a card or a notice what its item cost before; an order says what it came to, and a fact that an "
        "order of the shopper's own changed says which."
    ),
}

Event = (
    ConversationOpened
    | ShopperIdentified
    | ShopperSpoke
    | TurnStarted
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
    | CardsShown
    | TableShown
    | QuickRepliesOffered
    | CartChanged
    | CartLineChecked
    | ProposalMade
    | ProposalDoubted
    | ProposalResolved
    | DecisionMade
    | ReplyGiven
    | NoticeGiven
    | HandoffRequested
    | PersonJoined
    | PersonSpoke
    | HandoffEnded
    | FeedbackGiven
    | ServiceDegraded
    | ServiceRecovered
    | TierChanged
    | EpisodeSummarised
    | MemoryFormed
)

VISIBLE = (
    ShopperSpoke
    | TurnStarted
    | CardsShown
    | TableShown
    | QuickRepliesOffered
    | CartChanged
    | ProposalMade
    | ProposalDoubted
    | ProposalResolved
    | ReplyGiven
    | NoticeGiven
    | HandoffRequested
    | PersonJoined
    | PersonSpoke
    | HandoffEnded
    | FeedbackGiven
)
"""The events a widget shows: each takes the next frame number, so that a widget can see a gap."""


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event in its place in the journal."""

    seq: int
    """From 1, without a gap; the conversation's version after this event."""
    frame: int | None
    """Position among the visible events, from 1; None for an event that no widget shows."""
    at: datetime
    turn: int
    """The turn it belongs to; 0 outside a turn."""
    event: Event
