"""Conversations that are really held, to be replayed: real stores, real pipeline, a lamp shop of their own."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import msgspec
from asgiref.sync import sync_to_async
from moneyed import Money

from catalog import inventory, pricing
from catalog.feeds import import_feed, load_policies
from catalog.ids import MerchantId, Sku
from catalog.merchants import create_merchant
from catalog.products import index_products
from commerce_agent.agent.ordering.confirming import Press
from commerce_agent.agent.speaking import Spoken
from commerce_agent.composition import Platform, open_platform
from conversations.events import Event, Recorded
from conversations.events.decisions import DecisionMade, ToolCalled
from conversations.events.messages import ReplyGiven, TurnStarted
from conversations.ids import ClientMessageId, ConversationId
from conversations.ids import MerchantId as StateMerchantId
from conversations.service import ShopperCard

LAMPS = Path(__file__).parent.parent / "scripts" / "lamps.tsv"
OPENED = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
POLICIES = """
- {name: returns, title: Returns, text: "Send it back within 30 days.", terms: {window_days: 30}}
- {name: returns, title: Returns of lamps, text: "Lamps go back within 60 days.", terms: {window_days: 60},
   applies_to: {category: Lamps}}
"""

TEN_TURNS = (
    "I need a dimmable lamp under 100 euros",
    "what is the return policy on the green one?",
    "is it in stock?",
    "show me something cheaper",
    "why not the Tall lamp?",
    "start over",
    "show me lamps by Ostra",
    "compare the green one and the white one",
    "I'll take two of the green one",
    "check out",
)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that was held."""

    merchant: MerchantId
    conversation: ConversationId
    events: tuple[Recorded, ...]


class Scene:
    """A conversation under way, on a clock that each step moves on."""

    def __init__(self, *, platform: Platform, clock: "Clock", held: Held) -> None:
        self.platform = platform
        self.clock = clock
        self.conversation = held.conversation
        self.merchant = held.merchant

    async def say(self, *texts: str) -> None:
        for text in texts:
            self.clock.now += timedelta(seconds=20)
            await self.platform.conversations.record_message(
                conversation=self.conversation,
                cid=ClientMessageId(uuid4().hex),
                text=text,
                at=self.clock.now,
            )
            assert await self.platform.turns.run(self.conversation) is not None

    async def sell_out(self, sku: str) -> None:
        self.clock.now += timedelta(seconds=5)
        change = await sync_to_async(inventory.set_stock)(
            merchant=self.merchant, sku=Sku(sku), quantity=0, at=self.clock.now, source="test"
        )
        await self.platform.newsroom.spread(change)

    async def confirm(self) -> None:
        await self.press("accept")

    async def press(self, decision: Literal["accept", "decline"]) -> None:
        self.clock.now += timedelta(seconds=10)
        state = await self.platform.conversations.load(conversation=self.conversation)
        assert state.cart.proposal is not None
        proposal = state.cart.proposal
        token = await self.platform.confirmations.issue_token(
            conversation=self.conversation, proposal=proposal.id
        )
        assert token is not None
        await self.platform.confirmations.confirm(
            conversation=self.conversation,
            press=Press(proposal=proposal.id, hash=proposal.hash, token=token, decision=decision),
            at=self.clock.now,
        )


Play = Callable[[Scene], Coroutine[Any, Any, None]]


class Clock:
    """Stands still between steps."""

    def __init__(self) -> None:
        self.now = OPENED

    def __call__(self) -> datetime:
        return self.now


def make_lamp_shop() -> MerchantId:
    """A merchant of its own that sells lamps, with policies."""
    merchant = create_merchant(key=f"lamps-{uuid4().hex[:12]}", name="Lamps", currency="EUR")
    name = MerchantId(str(merchant.id))
    import_feed(merchant=name, path=LAMPS, now=OPENED)
    index_products(merchant=name, now=OPENED)
    load_policies(merchant=name, source=POLICIES, now=OPENED)
    return name


def hold(
    merchant: MerchantId,
    play: Play,
    *,
    claude: Spoken | None = None,
    shopper: ShopperCard | None = None,
    currency: str = "EUR",
) -> Held:
    """Holds a conversation in the merchant's shop and reads its journal."""
    return asyncio.run(_hold(merchant, play, claude=claude, shopper=shopper, currency=currency))


async def _hold(
    merchant: MerchantId, play: Play, *, claude: Spoken | None, shopper: ShopperCard | None, currency: str
) -> Held:
    clock = Clock()
    async with open_platform(clock=clock, claude=claude, quiet=True) as platform:
        conversation = await platform.conversations.open_conversation(
            merchant=StateMerchantId(merchant),
            shopper=shopper.id if shopper else None,
            tier=shopper.tier if shopper else None,
            currency=currency,
            at=clock.now,
        )
        opened = Held(merchant=merchant, conversation=conversation, events=())
        await play(Scene(platform=platform, clock=clock, held=opened))
        events = await platform.conversations.list_events(conversation=conversation)
        return msgspec.structs.replace(opened, events=events)


def set_price(merchant: MerchantId, sku: str, amount: str) -> None:
    """Changes a price in the shop while nobody looks."""
    pricing.set_price(merchant=merchant, sku=Sku(sku), price=Money(amount, "EUR"), at=OPENED, source="test")


def list_committed(held: Held) -> list[tuple[Event, ...]]:
    """The events of each turn that its reply committed."""
    turns: dict[int, list[Event]] = {}
    for recorded in held.events:
        if recorded.turn and not isinstance(recorded.event, TurnStarted):
            turns.setdefault(recorded.turn, []).append(recorded.event)
    return [tuple(map(without_duration, events)) for events in turns.values()]


def without_duration(event: Event) -> Event:
    match event:
        case ToolCalled():
            return msgspec.structs.replace(event, milliseconds=0.0)
        case DecisionMade():
            tools = tuple(msgspec.structs.replace(used, milliseconds=0.0) for used in event.decision.tools)
            decision = msgspec.structs.replace(event.decision, tools=tools)
            return msgspec.structs.replace(event, decision=decision)
        case _:
            return event


def find_text(events: tuple[Event, ...]) -> str:
    return next(event.text for event in events if isinstance(event, ReplyGiven))
