"""Each kind of system out of reach in each way: the turn ends in time, and says how old what it says is, in its reply,
on its card and in its decision; and nothing is ordered on it.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from catalog import conf
from catalog.connectors import StoreApi
from catalog.ids import MerchantId
from catalog.models import Customer, Order, OrderLine, Policy, Promotion
from commerce_agent.agent import turns
from commerce_agent.composition import open_platform
from conversations.events import Event
from conversations.events.carts import CartChanged, ProposalMade
from conversations.events.decisions import DecisionMade
from conversations.events.facts import Amount, FactsObserved
from conversations.events.messages import CardsShown, ReplyGiven
from conversations.ids import MerchantId as TalkMerchantId
from tests.flows.recordings import OPENED
from tests.flows.test_misbehaving import Talk, find_reply, list_facts, open_talk
from tests.merchant_api import RunningApi, running_merchant_api
from tests.waiting import wait_until_async

TURN_SECONDS = 20.0
"""A turn that takes longer ends itself with an apology, as after its 45 seconds; a call of a system ends after 1.5."""
MOST_SECONDS = 55.0
"""No test here takes longer, whatever hangs."""
LATER = timedelta(minutes=20)
"""Longer than anything is fresh."""
AGE = "as of 20 minutes ago"
ASKED = {
    "inventory": "is the green Meadow lamp in stock?",
    "pricing": "how much is the green Meadow lamp?",
    "catalogue": "tell me about the green Meadow lamp",
    "policies": "what's your return policy?",
    "promotions": "any promotions?",
    "orders": "where is my order?",
    "customers": "show me green lamps",
}
CANCEL = "cancel my order 1001"
GOLD, FULL = (Amount(amount=Decimal(amount), currency="EUR") for amount in ("72.00", "99.00"))
STOCK = {("stock", 12), ("availability", "in_stock")}
TERMS = {("policy.returns", "Send it back within 30 days."), ("returns.window_days", 30)}
ORDER = {("status", "pending"), ("placed", f"{OPENED - timedelta(days=2):%Y-%m-%d}"), ("total", FULL)}
WORDS = {("title", "Meadow lamp"), ("rating", "4.6 by 120")}
ITEM = {("price", GOLD), *STOCK, *WORDS}


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn said of ages: whether its reply names one, its cards' labels, and its decision's old facts."""

    is_aged: bool
    cards: tuple[str, ...]
    facts: set[tuple[str, object]]


NEW = Told(is_aged=False, cards=(), facts=set())


def hear(events: tuple[Event, ...], *, read_at: datetime = OPENED) -> Told:
    stale = [fact for fact in list_facts(events) if fact.stale]
    # Whatever is old was read before, and is no system's own word of now.
    assert all(fact.observed_at <= read_at and fact.authority == "cache" for fact in stale)
    return Told(
        is_aged=AGE in find_reply(events),
        cards=tuple(card.as_of for event in events if isinstance(event, CardsShown) for card in event.cards),
        facts={(fact.name, fact.value) for fact in stale},
    )


class Regular:
    """A gold shopper with an order, who has asked everything once while the shop behaved; in a talk for each kind."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.talks: dict[str, Talk] = {}

    async def open(self) -> None:
        conversations, shop = self.talk.platform.conversations, TalkMerchantId(self.talk.merchant)
        card = await conversations.shoppers.record(
            merchant=shop, key="ada", name="Ada Moss", at=self.talk.clock()
        )
        for kind in (*ASKED, "cart"):
            own = Talk(platform=self.talk.platform, clock=self.talk.clock, merchant=self.talk.merchant)
            own.conversation = await conversations.open_conversation(
                merchant=shop, shopper=card.id, currency="EUR", at=self.talk.clock()
            )
            self.talks[kind] = own
        await self.gather(
            {
                kind: own.say_until_fresh(ASKED.get(kind, "show me green lamps"))
                for kind, own in self.talks.items()
            }
        )

    async def gather(
        self, said: dict[str, Coroutine[Any, Any, tuple[Event, ...]]]
    ) -> dict[str, tuple[Event, ...]]:
        return dict(zip(said, await asyncio.gather(*said.values()), strict=True))

    async def ask_all(self, *kinds: str) -> dict[str, Told]:
        """Each kind is asked for in its own talk, all at once."""
        heard = await self.gather({kind: self.talks[kind].say(ASKED[kind]) for kind in kinds or ASKED})
        return {kind: hear(events) for kind, events in heard.items()}

    async def recover(self, kind: str) -> None:
        """Asks until nothing on the card is old: a call that failed is not made again within a quarter second."""

        async def is_new() -> bool:
            events = await self.talks[kind].say(ASKED[kind])
            return not any(hear(events, read_at=self.talk.clock()).cards)

        await wait_until_async(is_new, what="a card without an age")

    async def expect_nothing_ordered(self, *asked: str) -> None:
        """Neither bought nor changed: no offer is made that could be confirmed."""
        own = self.talks["cart"]
        said = [await own.say(text) for text in asked or ("add it to my cart", "check out", CANCEL)]
        assert not any(isinstance(event, ProposalMade) for events in said for event in events)
        assert [order async for order in self._list_orders()] == [("1001", "pending")]

    def _list_orders(self) -> Any:
        return Order.objects.filter(merchant_id=self.talk.merchant).values_list("number", "status")


@pytest.fixture
def stocked(lamps: MerchantId) -> MerchantId:
    """The lamp shop with a promotion for gold, a policy, and a customer who ordered."""
    Promotion.objects.create(merchant_id=lamps, title="Gold", percent="10", requires_tier="gold")
    Policy.objects.create(
        merchant_id=lamps,
        name="returns",
        title="Returns",
        text="Send it back within 30 days.",
        terms={"window_days": 30},
        version=3,
        observed_at=OPENED,
    )
    Promotion.objects.create(merchant_id=lamps, title="Deal", percent="20", code="DEAL")
    Customer.objects.create(merchant_id=lamps, key="ada", tier="gold", version=2)
    order = Order.objects.create(
        merchant_id=lamps,
        number="1001",
        customer_key="ada",
        placed_at=OPENED - timedelta(days=2),
        total=99,
        total_currency="EUR",
    )
    OrderLine.objects.create(
        merchant_id=lamps,
        order=order,
        sku="MEADOW-G",
        title="Meadow lamp",
        quantity=1,
        unit_price=99,
        unit_price_currency="EUR",
    )
    # Changed once: of a first version there is no older one, and 0 says that nothing is numbered.
    order.save()
    return lamps


@pytest.fixture
def in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns that take too long end themselves, and say none of what is expected here."""
    monkeypatch.setattr(turns, "TURN_SECONDS", TURN_SECONDS)


@asynccontextmanager
async def open_regular(merchant: MerchantId, *, url: str, settings: Any) -> AsyncIterator[Regular]:
    async with asyncio.timeout(MOST_SECONDS), open_talk(merchant, url=url, settings=settings) as talk:
        regular = Regular(talk)
        await regular.open()
        yield regular


@asynccontextmanager
async def in_a_hurry(regular: Regular, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Another process takes the turns, which waits less for a system: what never answers is waited for all the same."""
    monkeypatch.setattr(conf, "StoreApi", partial(StoreApi, seconds=0.1))
    first = regular.talk.platform
    async with open_platform(clock=regular.talk.clock, quiet=True, prefix=first.prefix) as platform:
        for own in regular.talks.values():
            own.platform = platform
        yield


EVERYTHING_OLD = {
    "inventory": Told(is_aged=True, cards=(), facts=ITEM),
    "pricing": Told(is_aged=True, cards=(), facts=ITEM),
    "catalogue": Told(is_aged=True, cards=(AGE,), facts=ITEM),
    "policies": Told(is_aged=True, cards=(), facts=TERMS),
    "promotions": Told(is_aged=True, cards=(), facts={("promotion", "Gold")}),
    "orders": Told(is_aged=True, cards=(), facts=ORDER),
    "customers": Told(is_aged=True, cards=(AGE,), facts=ITEM - {("stock", 12)}),
}


@pytest.mark.parametrize("mode", ["slow", "error", "hang", "rate_limited"])
async def test_whatever_is_out_of_reach_is_said_with_its_age_and_nothing_is_ordered(
    stocked: MerchantId,
    merchant_api: RunningApi,
    settings: Any,
    in_time: None,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
) -> None:
    async with (
        open_regular(stocked, url=merchant_api.url, settings=settings) as regular,
        in_a_hurry(regular, monkeypatch),
    ):
        merchant_api.misbehave(mode, seconds=60)
        regular.talk.clock.advance(LATER.total_seconds())

        assert await regular.ask_all() == EVERYTHING_OLD
        await regular.expect_nothing_ordered()


async def test_of_a_shop_that_is_down_everything_is_said_with_its_age(
    stocked: MerchantId, tmp_path: Path, settings: Any, in_time: None, database: str
) -> None:
    with running_merchant_api(log=tmp_path / "api.log") as api:
        opening = open_regular(stocked, url=api.url, settings=settings)
        regular = await opening.__aenter__()
    try:
        regular.talk.clock.advance(LATER.total_seconds())

        assert await regular.ask_all() == EVERYTHING_OLD
        await regular.expect_nothing_ordered()
    finally:
        await opening.__aexit__(None, None, None)


async def test_a_version_from_before_is_refused_of_every_system_that_has_versions(
    stocked: MerchantId, merchant_api: RunningApi, settings: Any, in_time: None
) -> None:
    async with open_regular(stocked, url=merchant_api.url, settings=settings) as regular:
        merchant_api.misbehave("older_version")
        regular.talk.clock.advance(LATER.total_seconds())

        assert await regular.ask_all() == EVERYTHING_OLD
        # To cancel asks whoever keeps the orders, and is answered as of now.
        await regular.expect_nothing_ordered("add it to my cart", "check out")


async def test_a_turn_ends_by_itself_where_a_call_of_a_hanging_shop_never_would(
    stocked: MerchantId, merchant_api: RunningApi, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the connectors' own timeouts taken away, the turn's is left: it says so, and nothing of it is kept."""
    monkeypatch.setattr(conf, "StoreApi", partial(StoreApi, seconds=3600))
    async with (
        asyncio.timeout(MOST_SECONDS),
        open_talk(stocked, url=merchant_api.url, settings=settings) as talk,
    ):
        await talk.say_until_fresh("show me green lamps")
        talk.clock.advance(LATER.total_seconds())
        merchant_api.misbehave("hang")
        with monkeypatch.context() as hurried:
            hurried.setattr(turns, "TURN_SECONDS", 1.0)
            hung = await talk.speak("add it to my cart")
        merchant_api.behave()

    (reply,) = (event for event in hung if isinstance(event, ReplyGiven))
    (made,) = (event for event in hung if isinstance(event, DecisionMade))
    assert (reply.status, made.decision.planner_reason) == ("failed", "it took too long")
    assert not any(isinstance(event, CartChanged | FactsObserved | ProposalMade) for event in hung)


OLD_OF = {
    "inventory": STOCK,
    "pricing": {("price", GOLD)},
    "catalogue": WORDS,
    # What lowers a price, and for whom, is part of it.
    "promotions": {("price", GOLD)},
    "customers": {("price", GOLD)},
}


async def test_where_one_system_is_out_of_reach_what_it_says_is_old_and_the_rest_is_not(
    stocked: MerchantId,
    merchant_api: RunningApi,
    settings: Any,
    in_time: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What does answer is waited for, however busy the machine is.
    monkeypatch.setattr(conf, "StoreApi", partial(StoreApi, seconds=15))
    async with open_regular(stocked, url=merchant_api.url, settings=settings) as regular:
        own, told = regular.talks["catalogue"], {}
        for kind in OLD_OF:
            read_at = regular.talk.clock()
            merchant_api.misbehave("error", kind=kind)
            regular.talk.clock.advance(LATER.total_seconds())
            told[kind] = hear(await own.say(ASKED["catalogue"]), read_at=read_at)
            merchant_api.behave()
            await regular.recover("catalogue")

        assert told == {kind: Told(is_aged=True, cards=(AGE,), facts=facts) for kind, facts in OLD_OF.items()}


async def test_whatever_is_known_says_of_when_it_is_and_until_when_it_is_good(
    stocked: MerchantId,
    merchant_api: RunningApi,
    settings: Any,
    in_time: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(conf, "StoreApi", partial(StoreApi, seconds=15))
    async with open_regular(stocked, url=merchant_api.url, settings=settings) as regular:
        load = regular.talk.platform.conversations.load
        states = [await load(conversation=talk.conversation) for talk in regular.talks.values()]

    facts = [fact for state in states for fact in state.facts.canonical.values()]
    read = [fact for fact in facts if fact.name in ("price", "stock", "status", "placed", "total")]
    assert {fact.subject.kind for fact in read} == {"variant", "order"}
    assert [fact for fact in read if not (fact.valid_until and fact.valid_until >= fact.observed_at)] == []
    assert [fact for fact in facts if not fact.source or fact.observed_at > regular.talk.clock()] == []


@pytest.mark.parametrize("kind", ["promotions", "pricing"])
async def test_a_cart_is_told_with_the_doubt_of_what_its_price_rests_on(
    stocked: MerchantId,
    merchant_api: RunningApi,
    settings: Any,
    in_time: None,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    monkeypatch.setattr(conf, "StoreApi", partial(StoreApi, seconds=15))
    async with open_regular(stocked, url=merchant_api.url, settings=settings) as regular:
        read_at, own = regular.talk.clock(), regular.talks["cart"]
        merchant_api.misbehave("error", kind=kind)
        regular.talk.clock.advance(LATER.total_seconds())
        asked = (
            "add the green Meadow lamp to my cart",
            "use code DEAL",
            "remove the code DEAL",
            "that's all, thank you, bye",
        )
        said = [await own.say(text) for text in asked]
        merchant_api.behave()

    replies = [find_reply(events) for events in said]
    assert [wish for wish, reply in zip(asked, replies, strict=True) if "20 minutes ago" not in reply] == []
    assert ("counts" in replies[1], "is out of your cart" in replies[2]) == (True, True), replies
    facts = [
        fact
        for events in said
        for event in events
        if isinstance(event, FactsObserved)
        for fact in event.facts
    ]
    doubted = [
        fact for fact in facts if fact.name == "code" or (kind, fact.name) == ("promotions", "promotion")
    ]
    assert {fact.name for fact in doubted} == {"code", kind.removesuffix("s")} - {"pricing"}
    assert all(fact.stale and fact.observed_at <= read_at and fact.authority == "cache" for fact in doubted)
