"""The one bridge from the console's pages, which wait, to the state service, which does not."""

from collections.abc import Collection
from uuid import UUID

from asgiref.sync import async_to_sync
from psycopg import OperationalError

from commerce_agent.composition import open_platform
from commerce_agent.console.audit.masking import Mask
from conversations.events.messages import ShopperSpoke
from conversations.ids import ConversationId, ShopperId
from conversations.service import ShopperCard, UnreadableEvent

__all__ = [
    "OperationalError",
    "ShopperCard",
    "UnreadableEvent",
    "list_named",
    "list_openings",
    "list_shoppers",
    "name_shopper",
]

UNREADABLE = "Cannot be read any more"
COVERING = Mask()
"""Names are known only where one conversation is opened; addresses of any kind are covered everywhere."""
OPENING_FRAMES = 3
"""The first words stand among the first visible events."""


def list_openings(*, conversations: tuple[ConversationId, ...]) -> dict[ConversationId, str]:
    """The shopper's first words in each conversation that has some."""
    return async_to_sync(_list_openings)(conversations) if conversations else {}


def list_shoppers(*, shoppers: Collection[UUID | None]) -> dict[UUID, ShopperCard]:
    """Who these are; whoever was erased is left out."""
    wanted = tuple({ShopperId(str(shopper)) for shopper in shoppers if shopper})
    found = async_to_sync(_list_shoppers)(wanted) if wanted else {}
    return {UUID(shopper): card for shopper, card in found.items()}


def list_named(*, words: str) -> tuple[UUID, ...]:
    """The shoppers whose customer key, or whole name, this is; who they are is sealed, so no part of it is found."""
    return tuple(UUID(shopper) for shopper in async_to_sync(_list_named)(words))


def name_shopper(shopper: UUID | None, *, known: dict[UUID, ShopperCard]) -> str:
    """How lists call a shopper: by the beginning of the id, since who that is takes a reason to be shown."""
    if shopper is None:
        return "Anonymous"
    return f"Shopper {str(shopper)[:8]}" if shopper in known else "Erased"


async def _list_shoppers(shoppers: tuple[ShopperId, ...]) -> dict[ShopperId, ShopperCard]:
    async with open_platform(quiet=True) as platform:
        return await platform.conversations.shoppers.list_cards(shoppers=shoppers)


async def _list_named(words: str) -> tuple[ShopperId, ...]:
    async with open_platform(quiet=True) as platform:
        return await platform.conversations.shoppers.list_named(words=words)


async def _list_openings(conversations: tuple[ConversationId, ...]) -> dict[ConversationId, str]:
    openings: dict[ConversationId, str] = {}
    async with open_platform(quiet=True) as platform:
        for conversation in conversations:
            try:
                frames = await platform.conversations.list_frames(
                    conversation=conversation, after=0, limit=OPENING_FRAMES
                )
            except UnreadableEvent:
                openings[conversation] = UNREADABLE
                continue
            said = [frame.event.text for frame in frames if isinstance(frame.event, ShopperSpoke)]
            if said:
                openings[conversation] = COVERING.cover(said[0])
    return openings
