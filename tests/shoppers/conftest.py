"""An outfitter with a shopper of its own, on a clock that the test moves."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from moneyed import Money

from catalog.feeds import import_feed, load_promotions
from catalog.ids import MerchantId as ShopId
from catalog.merchants import create_merchant, delete_merchant
from catalog.models import Order, OrderLine, Variant
from catalog.products import index_products
from commerce_agent.composition import Platform, open_platform
from conversations.events import Event
from conversations.events.carts import CartChanged
from conversations.events.messages import CardsShown, ReplyGiven
from conversations.ids import ClientMessageId, ConversationId, MerchantId, ShopperId
from conversations.service import Reader, Whose
from conversations.shoppers import Profile

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
GOLD = [{"code": None, "title": "Gold saves ten", "discount": {"percent": 10}, "requires": {"tier": "gold"}}]


@pytest.fixture
def outfitter(database: str) -> Iterator[MerchantId]:
    """A merchant that sells tents, boots and coffee."""
    merchant = create_merchant(key=f"outfitter-{uuid4().hex[:12]}", name="Outfitter")
    shop = ShopId(str(merchant.id))
    import_feed(merchant=shop, path=Path(__file__).parent / "outfitter.tsv", now=NOON)
    index_products(merchant=shop, now=NOON)
    load_promotions(merchant=shop, source=msgspec.yaml.encode(GOLD).decode(), now=NOON)
    yield MerchantId(str(shop))
    delete_merchant(merchant=shop)


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def platform(database: str, clock: Clock) -> AsyncIterator[Platform]:
    """A platform of the test's own; its keys in Redis are its own."""
    async with open_platform(clock=clock, quiet=True, prefix=f"test-{uuid4().hex}:") as opened:
        yield opened
        await opened.forget_keys()


class Visitor:
    """A shopper who comes and goes."""

    def __init__(
        self, platform: Platform, clock: Clock, *, merchant: MerchantId, shopper: ShopperId | None
    ) -> None:
        self.platform = platform
        self.clock = clock
        self.merchant = merchant
        self.shopper = shopper
        self.talk: ConversationId | None = None

    async def come(self, *, after: timedelta = timedelta()) -> None:
        """Opens another conversation, so much later."""
        self.clock.now += after
        self.talk = await self.platform.conversations.open_conversation(
            merchant=self.merchant, shopper=self.shopper, at=self.clock.now
        )

    async def say(self, text: str) -> tuple[Event, ...]:
        """The events of the turn that answers."""
        if self.talk is None:
            await self.come()
        assert self.talk is not None
        service = self.platform.conversations
        before = await service.load(conversation=self.talk)
        await service.record_message(
            conversation=self.talk, cid=ClientMessageId(uuid4().hex), text=text, at=self.clock.now
        )
        assert await self.platform.turns.run(self.talk) is not None
        recorded = await service.list_events(conversation=self.talk, after=before.version)
        return tuple(each.event for each in recorded)

    async def get_profile(self) -> Profile:
        """What is remembered."""
        assert self.shopper is not None
        reader = Reader(actor="test", purpose="looks")
        whose = Whose(merchant=self.merchant, shopper=self.shopper)
        return await self.platform.conversations.profiles.read(
            whose, reader=reader, fields=("kept",), at=self.clock.now
        )


@pytest.fixture
async def ada(platform: Platform, clock: Clock, outfitter: MerchantId) -> Visitor:
    """A shopper the merchant has named."""
    card = await platform.conversations.shoppers.record(
        merchant=outfitter, key="ada", name="Ada Moss", at=clock.now
    )
    return Visitor(platform, clock, merchant=outfitter, shopper=card.id)


def buy(
    merchant: MerchantId, *skus: str, customer: str = "ada", days_ago: int = 20, quantity: int = 1
) -> None:
    """An order of the past."""
    order = Order.objects.create(
        merchant_id=merchant,
        number=uuid4().hex[:8],
        customer_key=customer,
        placed_at=NOON - timedelta(days=days_ago),
        status="delivered",
        total=Money(10, "USD"),
    )
    for sku in skus:
        variant = Variant.objects.get(merchant_id=merchant, sku=sku)
        OrderLine.objects.create(
            merchant_id=merchant,
            order=order,
            sku=sku,
            title=variant.title,
            quantity=quantity,
            unit_price=variant.price,
        )


def get_reply(events: tuple[Event, ...]) -> str:
    """The reply that closed the turn."""
    (reply,) = (event for event in events if isinstance(event, ReplyGiven))
    return reply.text


def list_cards(events: tuple[Event, ...]) -> list[str]:
    """The SKUs on the cards."""
    return [card.ref.key for event in events if isinstance(event, CardsShown) for card in event.cards]


def list_cart(events: tuple[Event, ...]) -> list[tuple[str, int]]:
    """What the cart holds after them."""
    carts = [event for event in events if isinstance(event, CartChanged)]
    return [(line.ref.key, line.quantity) for line in carts[-1].lines] if carts else []
