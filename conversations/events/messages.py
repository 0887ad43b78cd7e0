"""What was said by whom, and what was put beside the words."""

from datetime import datetime
from typing import Literal

import msgspec

from conversations.events.facts import Amount
from conversations.ids import ClientMessageId, EntityRef, MerchantId, ShopperId


class ConversationOpened(msgspec.Struct, frozen=True, kw_only=True, tag="conversation.opened"):
    """A shopper opened the chat."""

    merchant: MerchantId
    shopper: ShopperId | None = None
    tier: str | None = None
    locale: str = "en"
    currency: str = "USD"


class ShopperIdentified(msgspec.Struct, frozen=True, kw_only=True, tag="shopper.identified"):
    """The shop vouched for who the shopper of an anonymous conversation is; from here on it is theirs."""

    shopper: ShopperId
    tier: str | None = None


class ShopperSpoke(msgspec.Struct, frozen=True, kw_only=True, tag="shopper.spoke"):
    """The shopper's message is durable; it was acknowledged once this was committed."""

    cid: ClientMessageId
    text: str
    redacted: tuple[str, ...] = ()
    """What was taken out before anything was stored: `card`, `security_code`, `expiry`, `iban`."""
    about: str = ""
    """The title of the card that it replies to, where the shopper pointed at one."""
    refs: tuple[EntityRef, ...] = ()
    """What it replies to, or was said on the page of: "this" means that, once a turn answers it."""


class TurnStarted(msgspec.Struct, frozen=True, kw_only=True, tag="turn.started"):
    """A turn took these messages, to answer them together."""

    turn: int
    cids: tuple[ClientMessageId, ...]


class CardVersion(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One value that an item comes in, as its card offers it."""

    name: Literal["color", "size"]
    value: str
    ask: str
    """What the shopper says by pressing it."""
    chosen: bool = False
    """The card's own value."""
    sold_out: bool = False
    sku: str = ""
    """The item that a press asks for; empty in what was recorded without."""


class CardFact(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Where something on a card was read, and when."""

    name: Literal["price", "stock", "item"]
    """`item`: its words and its picture."""
    source: str
    at: datetime


class Card(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A product card as the shopper saw it: the prices and the stock of that moment."""

    ref: EntityRef
    title: str
    url: str = ""
    image: str = ""
    price: Amount | None = None
    list_price: Amount | None = None
    """The price before sale and promotion, where it differs from `price`."""
    stock: int | None = None
    availability: Literal["in_stock", "low_stock", "out_of_stock", "preorder", "backorder", "unknown"] = (
        "unknown"
    )
    rating: float | None = None
    rating_count: int | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    versions: tuple[CardVersion, ...] = ()
    """The values that it and its sisters come in, where there is a choice."""
    reason: str = ""
    """Why it is shown, in a few words."""
    as_of: str = ""
    """Says how old the price and stock are where they could not be refreshed; else empty."""
    facts: tuple[CardFact, ...] = ()


class CardsShown(msgspec.Struct, frozen=True, kw_only=True, tag="part.cards"):
    """Cards were put into the reply."""

    part: str
    cards: tuple[Card, ...]


class TableShown(msgspec.Struct, frozen=True, kw_only=True, tag="part.table"):
    """A comparison was put into the reply; the first cell of each row names the row."""

    part: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    refs: tuple[EntityRef, ...] = ()
    """The items that the columns after the first are about. The first row then has their prices, the second their
    stock.
    """


class QuickRepliesOffered(msgspec.Struct, frozen=True, kw_only=True, tag="part.quick_replies"):
    """Buttons were offered; each sends its text as the shopper's next message."""

    part: str
    replies: tuple[str, ...]


class ReplyGiven(msgspec.Struct, frozen=True, kw_only=True, tag="reply.given"):
    """The turn is over and this is what the shopper was told. `stopped` and `failed` close it honestly."""

    turn: int
    text: str
    status: Literal["ok", "stopped", "failed"] = "ok"
    decision: str | None = None
    language: str = ""
    """The language of the reply where it is another than before; it holds from here on."""


class NoticeGiven(msgspec.Struct, frozen=True, kw_only=True, tag="notice.given"):
    """Something that was shown changed, and the open chat says so."""

    notice: Literal["stock.changed", "price.changed", "policy.changed", "promotion.changed"]
    ref: EntityRef
    text: str
    """Empty where nothing is said, and only what is stated of it where it was shown changes."""
    stock: int | None = None
    availability: str | None = None
    price: Amount | None = None
    list_price: Amount | None = None
    """The price before sale and promotion, where it differs from `price`."""


class FeedbackGiven(msgspec.Struct, frozen=True, kw_only=True, tag="feedback.given"):
    """The shopper said whether a turn's reply was any good; of several, the newest holds."""

    of_turn: int
    score: Literal["good", "bad"]
    reason: Literal["", "wrong", "misunderstood", "unhelpful"] = ""


class TierChanged(msgspec.Struct, frozen=True, kw_only=True, tag="shopper.tier_changed"):
    """The shop has the shopper in another tier now: from here on prices and offers are that one's."""

    tier: str | None
    before: str | None = None


class ServiceDegraded(msgspec.Struct, frozen=True, kw_only=True, tag="service.degraded"):
    """A system the turn needed was out of reach; the turn went on without it and said so."""

    system: str


class ServiceRecovered(msgspec.Struct, frozen=True, kw_only=True, tag="service.recovered"):
    """A system that had been out of reach answers again."""

    system: str
