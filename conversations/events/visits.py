"""A person of the shop's in the conversation: coming, speaking, going. While one is there the assistant is silent."""

from typing import Literal

import msgspec

from conversations.ids import ClientMessageId


class HandoffRequested(msgspec.Struct, frozen=True, kw_only=True, tag="handoff.requested"):
    """The shopper asked for a person; until one has come and gone the talk is a person's too."""

    text: str


class PersonJoined(msgspec.Struct, frozen=True, kw_only=True, tag="person.joined"):
    """A person took the conversation over. The turn that ran is given up; its messages wait for the person."""

    by: str
    """The account, for the record."""
    name: str
    """What the shopper reads."""


class PersonSpoke(msgspec.Struct, frozen=True, kw_only=True, tag="person.spoke"):
    """What the person wrote, as themselves."""

    cid: ClientMessageId
    name: str
    text: str
    answers: tuple[ClientMessageId, ...] = ()
    """The messages that the person had seen; they wait no longer."""
    redacted: tuple[str, ...] = ()
    """What was taken out before anything was stored."""


class HandoffEnded(msgspec.Struct, frozen=True, kw_only=True, tag="handoff.ended"):
    """The person left, and the shopper is with the assistant alone again."""

    text: str = ""
    """What the shopper reads; empty where the widget is to say it in its own words."""
    name: str = ""
    """Who left; empty where nobody had come."""
    note: str = ""
    """What the assistant is to know of what was settled; it may tell the shopper so."""
    cause: Literal["", "handed_back", "went_away"] = ""
    """Whether the person said so, or was not seen any more."""
