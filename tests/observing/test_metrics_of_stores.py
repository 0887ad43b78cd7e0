"""What Prometheus sees besides turns: buttons, conflicts, misses, outages, and what ran out."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
import redis as sync_redis
from asgiref.sync import sync_to_async
from django.conf import settings
from redis.asyncio import Redis

from catalog.connectors import ConnectorUnavailable
from catalog.connectors.cache import AnswerCache, Keys
from catalog.connectors.fallback import FallbackToLast, make_unknown_stock
from catalog.connectors.readings import StockReading
from catalog.connectors.recorded import Recorded
from catalog.connectors.redis_gate import RedisGate
from catalog.connectors.tally import Tally
from catalog.ids import MerchantId, Sku
from catalog.inbox import read_items, record_delivery
from commerce_agent import tasks
from commerce_agent.agent.ordering import confirming
from commerce_agent.composition import Platform
from commerce_agent.shoppers.purging import Purged
from commerce_agent.webhooks import draining
from conversations.metrics import count_read
from conversations.service import Overtaken
from tests.agent.conftest import NOW
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.talking import open_talk, say
from tests.agent.test_confirming import press, propose
from tests.observing.test_metrics import Counted

BLUE, RED = Sku("BLUE"), Sku("RED")


async def test_a_button_is_counted_by_what_came_of_it(platform: Platform, lamp_shop: str) -> None:
    conversation, proposal = await propose(platform, lamp_shop)
    other, declined = await propose(platform, lamp_shop)
    counted = Counted()

    await press(platform, conversation, proposal)
    await press(platform, other, declined, decision="decline")

    assert counted.since("commerce_commitments_total", result="accepted") == 1
    assert counted.since("commerce_commitments_total", result="declined") == 1
    assert counted.since("commerce_commitment_without_check_total") == 0
    assert counted.since("commerce_outbox_lag_seconds_count") >= 2


async def test_an_order_at_another_total_than_was_confirmed_is_counted(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, proposal = await propose(platform, lamp_shop)
    watch = confirming.watch_sum

    def watch_another(offered: Any, *, done: Any) -> None:
        cheaper = msgspec.structs.replace(proposal.total, amount=proposal.total.amount - 1)
        watch(msgspec.structs.replace(offered, total=cheaper), done=done)

    monkeypatch.setattr(confirming, "watch_sum", watch_another)
    counted = Counted()

    await press(platform, conversation, proposal)

    assert counted.since("commerce_commitment_without_check_total") == 1


async def test_a_turn_that_was_overtaken_counts_a_conflict_and_how_long_it_took(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, tried = platform.conversations.commit_turn, []

    async def commit_second(**told: Any) -> Any:
        tried.append(told)
        if len(tried) == 1:
            await platform.conversations.drop_turn(turn=told["turn"])
            raise Overtaken(conversation=told["turn"].conversation, fence=0)
        return await commit(**told)

    monkeypatch.setattr(platform.conversations, "commit_turn", commit_second)
    conversation = await open_talk(platform, merchant=lamp_shop)
    counted = Counted()

    await say(platform, conversation, "a green lamp")

    assert len(tried) == 2
    labels = {"layer": "conversation", "resolution": "taken_again"}
    assert counted.since("commerce_cas_conflicts_total", **labels) == 1
    assert counted.since("commerce_conflict_resolution_seconds_count") == 1
    assert counted.since("commerce_turns_total", planner="builtin", status="ok") == 1


async def test_why_the_models_cache_did_not_serve_is_counted(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    missed = {"cache_miss_reason": {"type": "tools_changed", "cache_missed_input_tokens": 12}}
    messages_api.replies = [Reply(text="Which lamp?"), Reply(text="Which one?", diagnostics=missed)]
    conversation = await open_talk(claude, merchant=lamp_shop)
    counted = Counted()

    for said in ("a lamp", "hm"):
        await say(claude, conversation, said)

    assert counted.since("commerce_model_cache_misses_total", reason="first_call") == 1
    assert counted.since("commerce_model_cache_misses_total", reason="tools_changed") == 1


async def test_how_long_news_take_to_reach_the_open_conversations_is_counted_event_by_event(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    merchant, told = MerchantId(lamp_shop), []
    news = [
        {"id": uuid.uuid4().hex, "kind": "stock", "sku": sku, "quantity": 3}
        for sku in ("MEADOW-G", "CHAIR-O")
    ]
    body = msgspec.json.encode({"events": news})
    async with platform.pool.connection() as lent:
        await record_delivery(
            lent, merchant=merchant, via="test", items=read_items(body), size=len(body), at=NOW
        )
    # A second until it is applied, and two until the conversations have it.
    monkeypatch.setattr(draining, "read_clock", lambda: NOW + timedelta(seconds=3 if told else 1))
    monkeypatch.setattr(draining, "SETTLE_SECONDS", 0)
    counted = Counted()

    with sync_redis.Redis.from_url(settings.REDIS_URL) as redis:
        await sync_to_async(draining.drain_inbox)(merchant=merchant, redis=redis, tell=told.append)

    assert [len(events) for events in told] == [2]
    assert counted.since("commerce_news_lag_seconds_count") == 2
    assert counted.since("commerce_news_lag_seconds_sum") == 6


def test_a_copy_that_lags_is_counted_with_by_how_much() -> None:
    counted = Counted()

    count_read(kept=7, head=7)
    count_read(kept=3, head=7)

    labels = {"layer": "conversation", "source": "redis"}
    assert counted.since("commerce_state_reads_total", **labels, stale="false") == 1
    assert counted.since("commerce_state_reads_total", **labels, stale="true") == 1
    assert counted.since("commerce_state_lag_events_count") == 1
    assert counted.since("commerce_state_lag_events_sum") == 4


async def test_what_ran_out_is_counted_class_by_class(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def purge(opened: Platform, *, now: datetime) -> Purged:
        return Purged(counts={"talk": 3, "profile": 1})

    monkeypatch.setattr(tasks, "purge", purge)
    counted = Counted()

    assert await tasks._purge(platform) == 4

    assert counted.since("commerce_purged_rows_total", kind="talk") == 3
    assert counted.since("commerce_purged_rows_total", kind="profile") == 1


class Failing:
    """A source that answers until it fails."""

    failing = False

    async def read(
        self, *, merchant: MerchantId, keys: tuple[Sku, ...], now: datetime
    ) -> dict[Sku, StockReading]:
        if self.failing:
            raise ConnectorUnavailable(connector="inventory", reason="on purpose")
        return {
            key: StockReading(
                sku=key, quantity=5, availability="in_stock", source="scripted", observed_at=now, version=1
            )
            for key in keys
        }


async def test_what_is_served_in_an_outage_is_counted_by_its_age_and_what_nobody_knows_is_not(
    redis: Redis,
) -> None:
    gate, prefix = RedisGate(get_redis=lambda: redis), f"test-{uuid.uuid4().hex}:"
    tally, inner, hour = Tally(gate=gate, prefix=prefix), Failing(), timedelta(hours=1)
    cache: AnswerCache[Sku, StockReading] = AnswerCache(
        gate=gate, keys=Keys(prefix=prefix), connector="inventory", shape=StockReading
    )
    source = FallbackToLast(
        inner=Recorded(inner=inner, cache=cache, connector="inventory", fresh_seconds=(30, 60), tally=tally),
        cache=cache,
        connector="inventory",
        max_age=hour,
        copy_age=hour,
        tally=tally,
        make_unknown=make_unknown_stock,
    )
    merchant = MerchantId(str(uuid.uuid4()))
    await source.read(merchant=merchant, keys=(BLUE,), now=NOW)
    inner.failing, counted = True, Counted()

    told = await source.read(merchant=merchant, keys=(BLUE, RED), now=NOW + timedelta(seconds=100))

    assert [told[sku].availability for sku in (BLUE, RED)] == ["in_stock", "unknown"]
    assert counted.since("commerce_fallback_age_seconds_count", dep="inventory") == 1
    assert counted.since("commerce_fallback_age_seconds_sum", dep="inventory") == 100
