"""What a client may send: none of it trusted, and nothing that is not listed."""

from typing import Annotated, Literal

import msgspec

from commerce_agent.chat.fields import (
    Client,
    ClientId,
    Digest,
    LongText,
    Page,
    Position,
    ReplyTo,
    ShortText,
)

Answer = Annotated[str, msgspec.Meta(max_length=500)]


class _Inbound(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", forbid_unknown_fields=True):
    """What every frame from a client shares: a tag, and no field that is not listed."""


class Hello(_Inbound, frozen=True, kw_only=True, tag="hello"):
    """Opens the exchange, and asks for everything after `seq` again when a gap was seen.

    `resume` is 32 random bytes in base64url that the client made: it finds the conversation again, and before
    there is one, it is what the first message opens it under. So a lost first ack costs nothing.
    """

    v: int
    ticket: LongText
    resume: ShortText | None = None
    next: ShortText | None = None
    """Another such handle, to find the conversation by from now on: the welcome says whether it was taken."""
    left: ShortText | None = None
    """The handle of the conversation that this browser has left to begin anew: what lies in its cart comes along."""
    seq: Position = 0
    whole: bool = False
    """Everything is wanted, however long it is; else who was away for long is sent a snapshot."""
    proof: LongText | None = None
    """What a welcome gave a shopper whom the shop has vouched for: good for a while, in this one page."""
    lang: ShortText = ""
    tz: ShortText = ""
    """Accepted and not read: clients of this version of the protocol may send it."""
    client: Client | None = None


class Msg(_Inbound, frozen=True, kw_only=True, tag="msg"):
    """The shopper's words; `cid` makes sending it again harmless. `context` is where they were said, and `reply_to`
    what they are about: "this" means that.
    """

    cid: ClientId
    text: str
    reply_to: ReplyTo | None = None
    context: Page | None = None
    page: Page | None = None
    """The same as `context`, under the name that pages loaded before know."""
    answer: Answer = ""
    """To what a refusal with the code `step_up` asked."""


class Action(_Inbound, frozen=True, kw_only=True, tag="action"):
    """The shopper pressed a button of a part, which says a message for them: a suggested reply, or another version
    of an item. It has to be one that was offered there.
    """

    cid: ClientId
    action: Literal["reply", "version"]
    part: Annotated[int, msgspec.Meta(ge=1)]
    """The `seq` of the part's frame."""
    says: LongText
    context: Page | None = None
    page: Page | None = None
    """As that of a message."""
    answer: Answer = ""


class Context(_Inbound, frozen=True, kw_only=True, tag="context"):
    """The shop's page shows something else now; it holds for the messages that do not say where they were said."""

    page: Page


class Identify(_Inbound, frozen=True, kw_only=True, tag="identify"):
    """The shop vouches for who its shopper is. An anonymous conversation becomes theirs; without one, `resume`
    finds that of theirs which this browser had before.
    """

    cid: ClientId
    jwt: Annotated[str, msgspec.Meta(max_length=4_096)]
    resume: ShortText | None = None


class Stop(_Inbound, frozen=True, kw_only=True, tag="stop"):
    """The shopper wants the running reply to end."""

    cid: ClientId | None = None
    turn: Position = 0


class Confirm(_Inbound, frozen=True, kw_only=True, tag="confirm"):
    """The shopper pressed a button of a proposal; `hash` is that of exactly what was shown, `token` the button's."""

    cid: ClientId
    proposal: ShortText
    hash: Digest
    token: Digest
    decision: Literal["accept", "decline"]


class Feedback(_Inbound, frozen=True, kw_only=True, tag="feedback"):
    """The shopper says whether a turn's reply was any good; of several, the newest holds."""

    cid: ClientId
    turn: Annotated[int, msgspec.Meta(ge=1)]
    score: Literal["good", "bad"]
    reason: Literal["", "wrong", "misunderstood", "unhelpful"] = ""


class Why(_Inbound, frozen=True, kw_only=True, tag="why"):
    """The shopper asks why a reply is what it is, or why it showed an item. `decision` is that of its `done` frame."""

    cid: ClientId
    decision: ShortText
    sku: ShortText = ""


class Erase(_Inbound, frozen=True, kw_only=True, tag="erase"):
    """The shopper wants the conversation destroyed; once that is acknowledged nobody can read it again."""

    cid: ClientId
    everything: bool = False
    """Not this conversation alone but all that is kept of the shopper, for whom the shop has to vouch here."""


class Correction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What should stand in place of something remembered."""

    id: ShortText
    value: Annotated[str, msgspec.Meta(max_length=256, pattern=r"\S")]


class Memory(_Inbound, frozen=True, kw_only=True, tag="memory"):
    """The shopper asks what is remembered of them, and may have one thing changed at the same time."""

    cid: ClientId
    forget: Annotated[tuple[ShortText, ...], msgspec.Meta(max_length=200)] = ()
    correct: Correction | None = None
    agree: bool | None = None
    """Whether anything may be remembered; a no takes everything out."""


class Read(_Inbound, frozen=True, kw_only=True, tag="read"):
    """The shopper has seen everything up to `seq`."""

    seq: Position


class Ping(_Inbound, frozen=True, kw_only=True, tag="ping"):
    """Asks whether the line holds and how far the conversation has gone."""

    seq: Position = 0


Inbound = (
    Hello | Msg | Action | Context | Identify | Stop | Confirm | Feedback | Why | Erase | Memory | Read | Ping
)
