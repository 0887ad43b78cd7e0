"""The wire protocol of the chat socket, version 1: every frame that may cross it, in both directions.

A frame is one JSON text message whose `t` names its type. Frames with a `seq` are durable: they are rows of
the journal, numbered without a gap, and replayed to whoever missed them. The others are passing remarks.
Values inside frames (cards, cart lines, proposals, sums of money) are those of the conversation's vocabulary.
"""

from datetime import datetime
from typing import Literal

import msgspec

from commerce_agent.agent.markup import Block
from commerce_agent.chat.fields import ClientId
from commerce_agent.chat.inbound import Action as Action
from commerce_agent.chat.inbound import Confirm as Confirm
from commerce_agent.chat.inbound import Context as Context
from commerce_agent.chat.inbound import Erase as Erase
from commerce_agent.chat.inbound import Feedback as Feedback
from commerce_agent.chat.inbound import Hello as Hello
from commerce_agent.chat.inbound import Identify as Identify
from commerce_agent.chat.inbound import Inbound as Inbound
from commerce_agent.chat.inbound import Memory as Memory
from commerce_agent.chat.inbound import Msg as Msg
from commerce_agent.chat.inbound import Ping as Ping
from commerce_agent.chat.inbound import Read as Read
from commerce_agent.chat.inbound import Stop as Stop
from commerce_agent.chat.inbound import Why as Why
from commerce_agent.decoding import JsonDecoder, build_json_decoder, decode_json
from conversations.events.carts import CartLine, ProposalKind
from conversations.events.facts import Amount
from conversations.events.messages import Card

PROTOCOL_VERSION = 1
MAX_FRAME_BYTES = 16 * 1024
MAX_TEXT_CHARACTERS = 2_000
CAPS = ("context", "export", "feedback", "reply_to", "why")
"""What this server takes from everybody; one that has just been replaced may not yet, so a client asks nothing else."""
CAPS_KNOWN = ("memory",)
"""And from a shopper for whom the shop has vouched."""

CLOSE_REFUSED = 4403
"""Wrong origin, forged ticket, merchant switched off: the client must not try again."""
CLOSE_TICKET_EXPIRED = 4401
"""The ticket is genuine and too old: the client fetches a new one and comes back."""
CLOSE_RESTART = 4012
"""The server goes away for a moment: the client tries again."""
CLOSE_TOO_MANY = 4029
"""The client kept on sending after it was told to slow down."""
CLOSE_BAD_CLIENT = 4400
"""No hello in time, or a protocol version that is not spoken here."""


class FrameRefused(Exception):
    """A frame of the client's that cannot be taken; its text says what to send instead."""

    def __init__(
        self, *, code: str, text: str, cid: str | None = None, retry_after: float | None = None
    ) -> None:
        """Carry the machine-readable `code`, the sentence for the shopper, the message it is about, and the
        seconds after which it may be sent again.
        """
        super().__init__(text)
        self.code = code
        self.text = text
        self.cid = cid
        self.retry_after = retry_after


class SocketEnded(Exception):
    """The socket has to close; the client reads in `bye` whether to come back."""

    def __init__(self, *, code: int, text: str, retry: bool) -> None:
        """Carry the close code, the sentence and whether to come back."""
        super().__init__(text)
        self.code = code
        self.text = text
        self.retry = retry


class _Outbound(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", omit_defaults=True):
    """What every frame from the server shares."""


class _Durable(_Outbound, frozen=True, kw_only=True):
    """A frame that stands in the journal; `seq` counts them from 1 without a gap."""

    seq: int
    at: datetime


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the server takes."""

    text: int = MAX_TEXT_CHARACTERS
    frame: int = MAX_FRAME_BYTES


class Welcome(_Outbound, frozen=True, kw_only=True, tag="welcome"):
    """Answers a hello, and a token that was honoured. `reset` tells the client to forget what it shows: what is
    known here follows.
    """

    head: int
    reset: bool = False
    conversation: bool = False
    identified: bool = False
    """The shop has vouched for the shopper, and the conversation is theirs."""
    proof: str | None = None
    token: str | None = None
    """The handle that finds this conversation from now on, of those the client has offered, where it is another."""
    resume: str | None = None
    """The same, under the name that pages loaded before know."""
    caps: tuple[str, ...] = ()
    """What may be asked for here, besides messages."""
    read: int = 0
    """Everything up to this frame was seen, here or in another tab."""
    limits: Limits = Limits()
    server_time: datetime


class Snapshot(_Outbound, frozen=True, kw_only=True, tag="snapshot"):
    """In place of what happened up to and with the frame `since`; the frames after it follow. Whoever wants the rest
    says hello with `whole`.
    """

    since: int
    name: str = ""
    """The person who has the conversation at present."""


class Ack(_Outbound, frozen=True, kw_only=True, tag="ack"):
    """The message is durable. `resume` is there when the client's own handle was not taken, or it had none: it
    finds this conversation again.
    """

    cid: str
    head: int
    dup: bool = False
    resume: str | None = None


class Because(_Outbound, frozen=True, kw_only=True, tag="because"):
    """Answers a why, from the decision's record and nothing else."""

    cid: str
    decision: str
    text: str


class MemoryItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is remembered, in the shopper's language."""

    id: str
    about: str
    value: str
    guess: bool = False
    """Nobody said so; it was gathered from what was looked at."""
    editable: bool = False


class Memories(_Outbound, frozen=True, kw_only=True, tag="memories"):
    """Answers a `memory`: what is remembered of the shopper now, the newest first."""

    cid: str
    kept: tuple[MemoryItem, ...] = ()
    allowed: bool
    """False where the shopper's consent is missing, or was refused."""
    words: dict[str, str] = {}
    """What stands around it, in the shopper's language."""


class User(_Durable, frozen=True, kw_only=True, tag="user"):
    """The shopper's message, for every tab."""

    cid: str
    text: str
    redacted: tuple[str, ...] = ()
    """What was taken out before the message was kept: show `text` in place of what was typed."""
    about: str = ""
    """The title of what it replies to, where that is one card."""


class Turn(_Durable, frozen=True, kw_only=True, tag="turn"):
    """A turn took these messages."""

    turn: int
    cids: tuple[str, ...]


class Part(_Durable, frozen=True, kw_only=True, tag="part"):
    """Something beside the words; `kind` says which of the fields below is filled."""

    turn: int
    part: str
    kind: Literal["cards", "table", "quick_replies", "cart", "orders", "image"]
    cards: tuple[Card, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    skus: tuple[str, ...] = ()
    """What a comparison's columns are about: its first row has their prices, the second their stock."""
    replies: tuple[str, ...] = ()
    lines: tuple[CartLine, ...] = ()
    sums: tuple[tuple[str, Amount], ...] = ()
    """What comes off the cart as a whole, with its name."""


class Done(_Durable, frozen=True, kw_only=True, tag="done"):
    """The turn is over; `text` replaces whatever was streamed."""

    turn: int
    text: str
    rich: tuple[Block, ...] = ()
    """The text as a tree, where it is more than plain paragraphs: lists, tables, bold, links into the shop."""
    status: Literal["ok", "stopped", "failed"] = "ok"
    decision: str | None = None


class Stock(_Durable, frozen=True, kw_only=True, tag="stock"):
    """The stock of something shown changed: patch its cards and say `text`."""

    sku: str
    text: str
    stock: int | None = None
    availability: str | None = None


class Version(_Durable, frozen=True, kw_only=True, tag="version"):
    """What is stated of an item changed: patch its cards, tables and buttons, and say nothing."""

    sku: str
    sold_out: bool
    """For pages loaded before, which know buttons alone."""
    stock: int | None = None
    availability: str | None = None
    price: Amount | None = None
    list_price: Amount | None = None


class Price(_Durable, frozen=True, kw_only=True, tag="price"):
    """The price of something shown changed: patch its cards and say `text`."""

    sku: str
    text: str
    price: Amount | None = None
    list_price: Amount | None = None
    """The price before sale and promotion, where it differs from `price`."""


class Policy(_Durable, frozen=True, kw_only=True, tag="policy"):
    """Terms that the shopper was told changed."""

    name: str
    subject: Literal["policy", "promotion"]
    text: str


class ProposalFrame(_Durable, frozen=True, kw_only=True, tag="proposal"):
    """An order, or a change of one, that the shopper may confirm with a button."""

    turn: int
    id: str
    hash: str
    token: str = ""
    """What the button sends; empty where it can no longer be pressed. It is in no journal."""
    lines: tuple[CartLine, ...]
    total: Amount
    title: str | None = None
    """What it is about, where it is no new order; the widget has its own words for that."""
    button: str | None = None
    note: str = ""
    new_lines: tuple[CartLine, ...] = ()
    """What comes in place of the lines."""
    sums: tuple[tuple[str, Amount], ...] = ()
    """Every sum below the lines with its name, the total last."""
    expires: datetime


class Resolved(_Durable, frozen=True, kw_only=True, tag="resolved"):
    """What became of a proposal."""

    id: str
    status: Literal["accepted", "declined", "expired", "changed", "failed"]
    text: str
    order: str | None = None
    kind: ProposalKind = "order"
    pay_at: str = ""
    """The shop's own checkout for this order."""


class Agent(_Durable, frozen=True, kw_only=True, tag="agent"):
    """A person was asked to join, has come, or has left."""

    text: str = ""
    name: str = ""
    """Who has come, or has left; empty where a person was only asked for."""
    left: bool = False


class Person(_Durable, frozen=True, kw_only=True, tag="person"):
    """What a person of the shop's wrote, as themselves; the messages before it are answered."""

    name: str
    text: str
    rich: tuple[Block, ...] = ()


class Rated(_Durable, frozen=True, kw_only=True, tag="feedback"):
    """The shopper rated a turn's reply, for every tab."""

    turn: int
    score: Literal["good", "bad"]
    reason: str = ""


class Error(_Outbound, frozen=True, kw_only=True, tag="error"):
    """What went wrong and what to do; `retry_after` is in seconds."""

    code: str
    text: str
    cid: str | None = None
    retry_after: float | None = None


class Pong(_Outbound, frozen=True, kw_only=True, tag="pong"):
    """The line holds; a client that is behind `head` says hello again."""

    head: int


class Bye(_Outbound, frozen=True, kw_only=True, tag="bye"):
    """The last frame before the socket closes."""

    code: int
    retry: bool
    text: str


DurableFrame = (
    User
    | Turn
    | Part
    | Done
    | Stock
    | Version
    | Price
    | Policy
    | ProposalFrame
    | Resolved
    | Agent
    | Person
    | Rated
)
Outbound = DurableFrame | Welcome | Snapshot | Ack | Because | Memories | Error | Pong | Bye

_decoder: JsonDecoder[Inbound] = build_json_decoder(Inbound)
_encoder = msgspec.json.Encoder()


def read_frame(raw: str | bytes) -> Inbound:
    """Answers the frame that a client sent.

    Raises:
        FrameRefused: `too_large`, or `bad_frame` for anything that is not a frame of this protocol.
    """
    octets = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    if len(octets) > MAX_FRAME_BYTES:
        raise FrameRefused(code="too_large", text=f"A frame holds {MAX_FRAME_BYTES} bytes; send less.")
    try:
        return _decoder.decode(octets)
    except msgspec.MsgspecError as error:
        raise FrameRefused(code="bad_frame", text=f"Not a frame: {error}.", cid=_find_cid(octets)) from error
    except UnicodeDecodeError as error:
        raise FrameRefused(code="bad_frame", text="A frame is UTF-8 text.") from error


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    """What a frame that cannot be read may still say of itself."""

    cid: ClientId


def _find_cid(octets: bytes) -> str | None:
    """The id of a frame that is none, so that its sender does not wait for an answer."""
    try:
        return decode_json(octets, _Named).cid
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def write_frame(frame: Outbound) -> str:
    """Answers the text of a frame."""
    return _encoder.encode(frame).decode()


def write_passing(frame: dict[str, object]) -> str:
    """Answers the text of a passing remark (`delta`, `status`) as the running turn made it."""
    return _encoder.encode(frame).decode()
