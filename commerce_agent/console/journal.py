"""The one bridge from the console's pages, which wait, to the state service, which does not."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from asgiref.sync import async_to_sync
from psycopg import OperationalError

from commerce_agent.composition import open_platform
from commerce_agent.console.audit.masking import make_mask
from conversations.events import Recorded
from conversations.events.decisions import DecisionMade
from conversations.events.messages import ShopperSpoke
from conversations.events.visits import HandoffRequested
from conversations.ids import ConversationId, ShopperId
from conversations.service import ShopperCard, UnreadableEvent

__all__ = [
    "OperationalError",
    "Preview",
    "ShopperCard",
    "Telling",
    "UnreadableEvent",
    "list_named",
    "list_pleas",
    "list_previews",
    "list_shoppers",
    "list_tellings",
    "list_word_numbers",
    "name_shopper",
]

UNREADABLE = "Cannot be read any more"
LONGEST_OPENING = 140
OPENING_FRAMES = 3
"""The first words stand among the first visible events."""


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a list says of a conversation."""

    shopper: str
    opening: str
    """The shopper's first words, with what is personal covered; empty where nothing was said."""


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """A reply that rested on a policy."""

    turn: int
    at: datetime


def list_previews(talks: Mapping[UUID, UUID | None]) -> dict[UUID, Preview]:
    """What a list says of each of these conversations, each given with its shopper."""
    return async_to_sync(_list_previews)(talks) if talks else {}


def list_pleas(talks: Mapping[UUID, UUID | None]) -> dict[UUID, str]:
    """With what words a person was last asked for in each of these conversations, each given with its shopper."""
    return async_to_sync(_list_pleas)(talks) if talks else {}


def list_tellings(talks: Collection[UUID], *, policy: str) -> dict[UUID, tuple[Telling, ...]]:
    """The turns of these conversations whose replies rested on a policy: of that name, or of that very version."""
    return async_to_sync(_list_tellings)(talks, policy=policy) if talks else {}


def list_shoppers(*, shoppers: Collection[UUID | None]) -> dict[UUID, ShopperCard]:
    """Who these are; whoever was erased is left out."""
    wanted = tuple({ShopperId(str(shopper)) for shopper in shoppers if shopper})
    found = async_to_sync(_list_shoppers)(wanted) if wanted else {}
    return {UUID(shopper): card for shopper, card in found.items()}


def list_named(*, words: str) -> tuple[UUID, ...]:
    """The shoppers whose customer key, or whole name, this is; who they are is sealed, so no part of it is found."""
    return tuple(UUID(shopper) for shopper in async_to_sync(_list_named)(words))


def list_word_numbers(*, words: Collection[str]) -> Mapping[str, tuple[int, ...]]:
    """By what numbers talks in which these words were said are found, in each shop within reach."""
    return async_to_sync(_list_word_numbers)(words) if words else {}


def name_shopper(shopper: UUID | None, *, known: dict[UUID, ShopperCard]) -> str:
    """How lists call a shopper: by the beginning of the id, since who that is takes a reason to be shown."""
    if shopper is None:
        return "Anonymous"
    return f"Shopper {str(shopper)[:8]}" if shopper in known else "Erased or unreadable"


async def _list_shoppers(shoppers: tuple[ShopperId, ...]) -> dict[ShopperId, ShopperCard]:
    async with open_platform(quiet=True) as platform:
        return await platform.conversations.shoppers.list_cards(shoppers=shoppers)


async def _list_word_numbers(words: Collection[str]) -> Mapping[str, tuple[int, ...]]:
    async with open_platform(quiet=True) as platform:
        return await platform.conversations.words.find(words=words)


async def _list_named(words: str) -> tuple[ShopperId, ...]:
    async with open_platform(quiet=True) as platform:
        return await platform.conversations.shoppers.list_named(words=words)


async def _list_previews(talks: Mapping[UUID, UUID | None]) -> dict[UUID, Preview]:
    shoppers = tuple({ShopperId(str(shopper)) for shopper in talks.values() if shopper})
    async with open_platform(quiet=True) as platform:
        cards = await platform.conversations.shoppers.list_cards(shoppers=shoppers) if shoppers else {}
        names = [ConversationId(str(talk)) for talk in talks]
        began = await platform.conversations.some_events.list_first(conversations=names, most=OPENING_FRAMES)
    known = {UUID(shopper): card for shopper, card in cards.items()}
    return {
        talk: Preview(
            shopper=name_shopper(shopper, known=known),
            opening=_tell_opening(
                began.get(ConversationId(str(talk))), card=known.get(shopper) if shopper else None
            ),
        )
        for talk, shopper in talks.items()
    }


async def _list_tellings(talks: Collection[UUID], *, policy: str) -> dict[UUID, tuple[Telling, ...]]:
    async with open_platform(quiet=True) as platform:
        made = await platform.conversations.some_events.list_kinds(
            conversations=[ConversationId(str(talk)) for talk in talks], kinds=[DecisionMade]
        )
    return {
        UUID(talk): tuple(
            Telling(turn=each.event.decision.turn, at=each.at)
            for each in events or ()
            if isinstance(each.event, DecisionMade)
            and any(
                used == policy or used.partition("/")[0] == policy for used in each.event.decision.policies
            )
        )
        for talk, events in made.items()
    }


async def _list_pleas(talks: Mapping[UUID, UUID | None]) -> dict[UUID, str]:
    shoppers = tuple({ShopperId(str(shopper)) for shopper in talks.values() if shopper})
    async with open_platform(quiet=True) as platform:
        cards = await platform.conversations.shoppers.list_cards(shoppers=shoppers) if shoppers else {}
        asked = await platform.conversations.some_events.list_kinds(
            conversations=[ConversationId(str(talk)) for talk in talks], kinds=[HandoffRequested]
        )
    known = {UUID(shopper): card for shopper, card in cards.items()}
    pleas: dict[UUID, str] = {}
    for talk, shopper in talks.items():
        events = asked.get(ConversationId(str(talk))) or ()
        texts = [each.event.text for each in events if isinstance(each.event, HandoffRequested)]
        if texts and texts[-1]:
            pleas[talk] = _cover(texts[-1], card=known.get(shopper) if shopper else None)
    return pleas


def _cover(text: str, *, card: ShopperCard | None) -> str:
    """The words with what is personal covered, cut between two of them where they are long."""
    mask = make_mask(name=card.name if card else "", key=card.key if card else "", events=())
    covered = mask.cover(text)
    if len(covered) <= LONGEST_OPENING:
        return covered
    start = covered[: LONGEST_OPENING - 2]
    # Not every language puts spaces between its words.
    words, _, _ = start.rpartition(" ")
    return f"{words if len(words) > LONGEST_OPENING // 2 else start} …"


def _tell_opening(frames: tuple[Recorded, ...] | None, *, card: ShopperCard | None) -> str:
    if frames is None:
        return UNREADABLE
    said = (frame.event.text for frame in frames if isinstance(frame.event, ShopperSpoke))
    return _cover(next(said, ""), card=card)
