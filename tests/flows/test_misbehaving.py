"""Turns while the merchant API, a real process, misbehaves: they end in time and say how old things are."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from catalog.connectors.directory import TIMEOUT
from catalog.connectors.shared_breaker import find_standing
from catalog.ids import MerchantId
from catalog.models import BreakerChange, Order
from catalog.orders import Attempt, list_attempts, record_attempt
from commerce_agent.agent import turns
from commerce_agent.agent.ordering.confirming import Press
from commerce_agent.composition import Platform, open_platform
from commerce_agent.scripted.running import StoppedClock
from conversations.events import Event
from conversations.events.carts import ProposalMade, ProposalResolved
from conversations.events.decisions import DecisionMade
from conversations.events.facts import Fact, FactsObserved
from conversations.events.messages import CardsShown, ReplyGiven
from conversations.ids import ClientMessageId, ConversationId
from conversations.ids import MerchantId as TalkMerchantId
from tests.flows.recordings import OPENED
from tests.merchant_api import KEY, RunningApi, running_merchant_api
from tests.waiting import wait_until_async

LATER = 120
MODES = [
    "slow",
    "hang",
    "rate_limited",
    "not_json",
    "wrong_type",
    "missing_field",
    "negative",
]
WAITED_OUT = ("slow", "hang")
LONGEST = 4 * TIMEOUT + 6
"""Seconds of a turn in an outage: of four rounds of reading each waits in vain, and the machine is busy."""


class Talk:
    """A conversation of one shopper over a platform that reaches its shop over HTTP."""

    def __init__(self, *, platform: Platform, clock: StoppedClock, merchant: MerchantId) -> None:
        self.platform = platform
        self.clock = clock
        self.merchant = merchant
        self.conversation: ConversationId | None = None
        self.took: list[float] = []
        """The seconds of each turn, as the platform has measured them."""

    async def say(self, text: str) -> tuple[Event, ...]:
        events = await self.speak(text)
        expect_an_end_in_time(events, took=self.took[-1])
        return events

    async def speak(self, text: str) -> tuple[Event, ...]:
        """The same, however the turn ends."""
        conversations = self.platform.conversations
        if self.conversation is None:
            self.conversation = await conversations.open_conversation(
                merchant=TalkMerchantId(self.merchant), currency="EUR", at=self.clock()
            )
        before = await conversations.load(conversation=self.conversation)
        await conversations.record_message(
            conversation=self.conversation, cid=ClientMessageId(uuid4().hex), text=text, at=self.clock()
        )
        ran = await self.platform.turns.run(self.conversation)
        assert ran is not None
        self.took.append(ran.total_ms / 1000)
        recorded = await conversations.list_events(conversation=self.conversation, after=before.version)
        return tuple(each.event for each in recorded)

    async def say_until_fresh(self, text: str) -> tuple[Event, ...]:
        """For the time when the shop behaves, on a machine that is busy."""
        heard: list[tuple[Event, ...]] = []

        async def is_fresh() -> bool:
            heard.append(await self.say(text))
            assert self.conversation is not None
            state = await self.platform.conversations.load(conversation=self.conversation)
            rests = {
                name
                for event in heard[-1]
                if isinstance(event, DecisionMade)
                for name in event.decision.facts
            }
            # Also what an earlier try told: the same once more is no news.
            return not any(fact.stale for fact in state.facts.canonical.values() if fact.id in rests)

        await wait_until_async(is_fresh, seconds=30, what="a fresh answer")
        return heard[-1]


def list_facts(events: tuple[Event, ...]) -> list[Fact]:
    """The facts that the turn read and its decision rests on."""
    decided = {name for event in events if isinstance(event, DecisionMade) for name in event.decision.facts}
    read = [fact for event in events if isinstance(event, FactsObserved) for fact in event.facts]
    return [fact for fact in read if fact.id in decided]


def expect_an_end_in_time(events: tuple[Event, ...], *, took: float) -> None:
    """By the platform's own record: the turn came to its own end, which its deadline has not cut short."""
    ended = [event.status for event in events if isinstance(event, ReplyGiven)]
    planners = [event.decision.planner for event in events if isinstance(event, DecisionMade)]
    assert (ended, planners) == (["ok"], ["builtin"])
    assert took <= turns.TURN_SECONDS


def find_reply(events: tuple[Event, ...]) -> str:
    return next(event.text for event in events if isinstance(event, ReplyGiven))


@pytest.fixture
async def talk(lamps: MerchantId, merchant_api: RunningApi, settings: Any) -> AsyncIterator[Talk]:
    async with open_talk(lamps, url=merchant_api.url, settings=settings) as opened:
        yield opened


@asynccontextmanager
async def open_talk(merchant: MerchantId, *, url: str, settings: Any) -> AsyncIterator[Talk]:
    settings.MERCHANT_API_URL, settings.MERCHANT_API_KEY = url, KEY
    clock = StoppedClock(at=OPENED)
    async with open_platform(clock=clock, quiet=True, prefix=f"test-{uuid4().hex}:") as platform:
        yield Talk(platform=platform, clock=clock, merchant=merchant)
        await platform.forget_keys()


async def expect_an_honest_fallback(talk: Talk) -> None:
    """In the reply, on the card and in the decision; and nothing is ordered on it."""
    talk.clock.advance(LATER)
    before = len(talk.took)
    asked = await talk.say("show me green lamps")
    shown = [card for event in asked if isinstance(event, CardsShown) for card in event.cards]
    stale = [fact for fact in list_facts(asked) if fact.stale]

    assert shown
    assert "as of 2 minutes ago" in " ".join(card.as_of for card in shown)
    assert "2 minutes ago" in find_reply(asked)
    assert stale
    assert {fact.observed_at for fact in stale} <= {talk.clock() - timedelta(seconds=LATER), OPENED}
    assert not any(fact.name == "stock" and fact.value == 0 for fact in stale)

    put = (*await talk.say("add it to my cart"), *await talk.say("check out"))
    assert not any(isinstance(event, ProposalMade) for event in put)
    assert await Order.objects.filter(merchant_id=talk.merchant).acount() == 0
    assert max(talk.took[before:]) < LONGEST


@pytest.mark.parametrize("mode", MODES)
async def test_a_shop_that_misbehaves_is_answered_for_honestly(
    talk: Talk, merchant_api: RunningApi, mode: str
) -> None:
    known = await talk.say_until_fresh("show me green lamps")
    assert list_facts(known)
    merchant_api.misbehave(mode, seconds=30)
    talk.took.clear()

    await expect_an_honest_fallback(talk)
    if mode in WAITED_OUT:
        # As long as in production: a call of a system is given up, and the turn goes on.
        assert max(talk.took) > 0.9 * TIMEOUT


async def test_a_price_in_another_currency_is_refused(talk: Talk, merchant_api: RunningApi) -> None:
    await talk.say_until_fresh("show me green lamps")
    merchant_api.misbehave("other_currency", kind="pricing")

    await expect_an_honest_fallback(talk)


@pytest.fixture
def own_api(database: str, tmp_path: Path) -> Path:
    return tmp_path / "api.log"


async def test_a_shop_that_is_down_is_answered_for_and_asked_again_when_it_is_back(
    lamps: MerchantId, own_api: Path, settings: Any, running_api: RunningApi
) -> None:
    async with AsyncExitStack() as stack:
        with running_merchant_api(log=own_api) as api:
            port = int(api.url.rpartition(":")[2])
            talk = await stack.enter_async_context(open_talk(lamps, url=api.url, settings=settings))
            await talk.say_until_fresh("show me green lamps")

        await expect_an_honest_fallback(talk)
        await wait_until_async(has_opened(talk), seconds=60, what="the breaker to open")

        with running_merchant_api(log=own_api, port=port):
            await wait_until_async(may_try(talk), seconds=90, what="the breaker's cool-down")
            talk.clock.advance(LATER)
            await talk.say_until_fresh("is the green one in stock?")

        states = await list_states(lamps)
        assert (states[0], states[-2:]) == ("open", ["half_open", "closed"])


async def list_states(merchant: MerchantId) -> list[str]:
    """What the stock connector's breaker became, one after the other."""
    changes = BreakerChange.objects.filter(merchant_id=merchant, kind="inventory").order_by("pk")
    return [change.state async for change in changes]


def has_opened(talk: Talk) -> Callable[[], Awaitable[bool]]:
    """Asks on and on: who failed a moment ago is not asked again at once, by the clock of Redis."""

    async def opened() -> bool:
        talk.clock.advance(LATER)
        await talk.say("is the green one in stock?")
        return "open" in await list_states(talk.merchant)

    return opened


def may_try(talk: Talk) -> Callable[[], Awaitable[bool]]:
    async def due() -> bool:
        standing = await find_standing(
            gate=talk.platform.connectors.parts.gate,
            prefix=talk.platform.prefix,
            merchant=talk.merchant,
            connector="inventory",
            window_ms=30_000,
        )
        return standing.wait_ms == 0

    return due


async def test_unknown_is_never_none(talk: Talk, merchant_api: RunningApi) -> None:
    merchant_api.misbehave("error")

    policy = find_reply(await talk.say("what's your return policy?"))
    promotions = find_reply(await talk.say("any promotions?"))
    stock = await talk.say("is the green Meadow lamp in stock?")

    assert "no returns policy" not in policy.lower()
    assert "system" in policy
    assert "no promotions" not in promotions.lower()
    read = [fact for event in stock if isinstance(event, FactsObserved) for fact in event.facts]
    assert [fact.value for fact in read if fact.name in ("stock", "availability")] != []
    assert {fact.value for fact in read if fact.name == "stock"} <= {None}
    assert {fact.value for fact in read if fact.name == "availability"} == {"unknown"}
    assert "can't check the stock" in find_reply(stock)
    assert "sold out" not in find_reply(stock).lower()


async def propose(talk: Talk) -> tuple[ConversationId, Press]:
    """A proposal for a green lamp, and the press of its button."""
    await talk.say_until_fresh("show me green lamps")
    await talk.say("add it to my cart")
    made = [event for event in await talk.say("check out") if isinstance(event, ProposalMade)]
    assert talk.conversation is not None
    (proposal,) = (event.proposal for event in made)
    token = await talk.platform.confirmations.issue_token(
        conversation=talk.conversation, proposal=proposal.id
    )
    return talk.conversation, Press(proposal=proposal.id, hash=proposal.hash, token=token)


@pytest.mark.parametrize("status", [500, 408, 409, 423, 425])
async def test_an_order_whose_answer_is_lost_is_not_called_lost_and_is_found_by_the_next_press(
    talk: Talk, merchant_api: RunningApi, status: int
) -> None:
    """Also where the system says that the call took too long, is under way, locked, or came too early."""
    conversation, press = await propose(talk)
    confirm = talk.platform.confirmations.confirm
    merchant_api.misbehave("lost_answer", kind="orders", status=status)

    first = await confirm(conversation=conversation, press=press, at=talk.clock())
    assert (first.status, first.order) == ("failed", None)
    assert "hasn't told me yet" in first.text
    state = await talk.platform.conversations.load(conversation=conversation)
    assert state.cart.proposal is not None

    merchant_api.behave()
    again = await confirm(conversation=conversation, press=press, at=talk.clock())
    order = await Order.objects.aget(merchant_id=talk.merchant)
    assert (again.status, again.order) == ("accepted", order.number)


@pytest.mark.parametrize("status", [400, 403, 422])
async def test_an_order_that_is_refused_is_not_said_to_be_under_way(
    talk: Talk, merchant_api: RunningApi, status: int
) -> None:
    conversation, press = await propose(talk)
    merchant_api.misbehave("lost_answer", kind="orders", status=status)

    refused = await talk.platform.confirmations.confirm(
        conversation=conversation, press=press, at=talk.clock()
    )

    assert refused.status == "failed"
    assert "nothing was ordered" in refused.text.lower()


async def test_an_order_whose_answer_was_lost_is_told_by_the_worker(
    talk: Talk, merchant_api: RunningApi
) -> None:
    conversation, press = await propose(talk)
    merchant_api.misbehave("lost_answer", kind="orders")
    await talk.platform.confirmations.confirm(conversation=conversation, press=press, at=talk.clock())
    merchant_api.behave()

    (attempt,) = await list_own_attempts(talk)
    assert await talk.platform.confirmations.settle(attempt, at=talk.clock())

    state = await talk.platform.conversations.load(conversation=conversation)
    assert state.cart.orders == ((await Order.objects.aget(merchant_id=talk.merchant)).number,)
    assert await list_own_attempts(talk) == []


async def die(**_: object) -> None:
    raise ConnectionError


async def test_a_press_that_came_to_nothing_is_said_to_after_a_while(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, press = await propose(talk)
    async with talk.platform.pool.connection() as lent:
        # Whoever took the press died before the order was placed.
        await record_attempt(
            lent, merchant=talk.merchant, token=press.hash, origin=conversation, now=talk.clock()
        )
    (attempt,) = await list_own_attempts(talk)
    later = talk.clock() + timedelta(minutes=6)

    assert not await talk.platform.confirmations.settle(attempt, at=talk.clock())
    with monkeypatch.context() as dying:
        dying.setattr(talk.platform.conversations, "record_arrivals", die)
        with pytest.raises(ConnectionError):
            await talk.platform.confirmations.settle(attempt, at=later)
    assert await list_own_attempts(talk) == [attempt]
    assert await talk.platform.confirmations.settle(attempt, at=later)

    events = await talk.platform.conversations.list_events(conversation=conversation)
    (told,) = (each.event for each in events if isinstance(each.event, ProposalResolved))
    assert told.status == "failed"
    assert "nothing was done" in told.text
    assert await Order.objects.filter(merchant_id=talk.merchant).acount() == 0


async def test_while_orders_are_down_nothing_is_ordered_and_the_offer_stands(
    talk: Talk, merchant_api: RunningApi
) -> None:
    conversation, press = await propose(talk)
    talk.platform.outages.take_down("orders")
    refused = await talk.platform.confirmations.confirm(
        conversation=conversation, press=press, at=talk.clock()
    )
    assert "Nothing was ordered" in refused.text
    talk.platform.outages.bring_up("orders")

    done = await talk.platform.confirmations.confirm(conversation=conversation, press=press, at=talk.clock())

    assert done.status == "accepted"


async def list_own_attempts(talk: Talk) -> list[Attempt]:
    async with talk.platform.pool.connection() as lent:
        attempts = await list_attempts(lent, before=talk.clock() + timedelta(days=1))
    return [each for each in attempts if each.origin == talk.conversation]
