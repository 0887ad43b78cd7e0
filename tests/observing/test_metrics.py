"""What Prometheus sees: counts of what is on record, of every process together, and who may ask for them."""

import asyncio
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from asgiref.typing import HTTPScope
from prometheus_client import REGISTRY

from catalog.models import Merchant
from commerce_agent.composition import Platform
from commerce_agent.observing.exposing import may_see, write_metrics
from conversations.events.facts import FactsObserved
from conversations.ids import ClientMessageId, MerchantId
from tests.agent.conftest import NOW
from tests.agent.messages_api import MessagesApi, Reply
from tests.agent.shop_settings import choose
from tests.agent.talking import find_decision, leave_others_be, open_talk, say
from tests.chat.serving import serving
from tests.chat.shopper import Gate
from tests.running import find_free_port, get_test_environment

COUNT_IN_A_PROCESS = """
import django
django.setup()
from commerce_agent.observing import metrics
metrics.PURGED.inc({many})
metrics.TURN_SECONDS.observe(0.01)
metrics.IN_FLIGHT.inc()
"""
COUNT_READS = """
import django
django.setup()
from catalog.metrics import BREAKER_STATE
from commerce_agent.observing.metrics import TOKENS
from conversations.metrics import STATE_READS
STATE_READS.labels("conversation", "redis", "false").inc(6)
STATE_READS.labels("transaction", "cache", "true").inc(2)
TOKENS.labels("input").inc(10)
TOKENS.labels("cache_read").inc(90)
TOKENS.labels("output").inc(500)
BREAKER_STATE.labels("claude").set(2)
"""
FINISH_TURNS = """
import django
django.setup()
from commerce_agent.tasks import finish_turns
print(finish_turns())
"""


class Counted:
    """How far a count went since."""

    def __init__(self) -> None:
        self._before = self._read()

    def _read(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for metric in REGISTRY.collect()
            for sample in metric.samples
        }

    def since(self, name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return self._read().get(key, 0.0) - self._before.get(key, 0.0)


async def test_a_turn_is_counted_as_it_is_on_record(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [
        Reply(
            tool="search_products",
            arguments={"query": "lamp"},
            usage={"cache_read_input_tokens": 40, "output_tokens_details": {"thinking_tokens": 7}},
        ),
        Reply(text="The Meadow lamp is €80.00. It is 30% off."),
        Reply(text="It folds."),
    ]
    await choose(lamp_shop, shop_micros=1_000_000_000)
    conversation = await open_talk(claude, merchant=lamp_shop)
    counted = Counted()

    decision = find_decision(await say(claude, conversation, "a dimmable lamp under 100 euros"))

    assert counted.since("commerce_turns_total", planner="claude", status="ok") == 1
    assert counted.since("commerce_turn_seconds_count") == 1
    assert counted.since("commerce_turn_first_words_seconds_count") == 1
    assert counted.since("commerce_turn_state_seconds_count") == 1
    assert counted.since("commerce_turn_wait_seconds_count") == 1
    assert counted.since("commerce_turns_in_flight") == 0
    assert counted.since("commerce_tool_seconds_count", tool="search_products", outcome="ok") == 1
    assert counted.since("commerce_tokens_total", kind="cache_read") == 40
    assert counted.since("commerce_tokens_total", kind="thinking") == 7
    assert sum(call.thinking_tokens for call in decision.calls) == 7
    assert counted.since("commerce_outbox_lag_seconds_count") >= 1
    assert counted.since("commerce_tokens_total", kind="input") == sum(
        call.input_tokens for call in decision.calls
    )
    assert counted.since("commerce_model_calls_total", stop_reason="end_turn", answered="true") == 2
    assert counted.since("commerce_cost_microdollars_total", tenant_tier="large") == decision.cost_micros
    assert counted.since("commerce_grounding_claims_total", kind="money", verdict="stands") == 1
    assert counted.since("commerce_grounding_claims_total", kind="percent", verdict="blocked") == 1
    assert counted.since("commerce_grounding_blocked_total", remedy="repaired") == 1
    assert counted.since("commerce_fact_age_seconds_count") == len(decision.facts)
    assert (
        counted.since("commerce_state_reads_total", layer="conversation", source="redis", stale="false") >= 1
    )


async def test_a_model_that_failed_and_a_message_sent_twice_are_counted(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.replies = [Reply(text="I will not.", stop_reason="refusal")]
    conversation = await open_talk(claude, merchant=lamp_shop)
    counted = Counted()

    await say(claude, conversation, "a green lamp")
    for _ in range(2):
        await claude.conversations.record_message(
            conversation=conversation, cid=ClientMessageId("c-1"), text="hello", at=NOW
        )
    await claude.door.client.delete(*[key async for key in claude.redis.scan_iter(f"{claude.prefix}*")])
    await claude.conversations.load(conversation=conversation)

    assert counted.since("commerce_turns_total", planner="builtin", status="ok") == 1
    assert counted.since("commerce_planner_stood_in_total") == 1
    assert counted.since("commerce_duplicate_messages_total") == 1
    assert (
        counted.since("commerce_state_reads_total", layer="conversation", source="journal", stale="false")
        >= 1
    )
    assert counted.since("commerce_state_rebuild_seconds_count") >= 1


async def test_a_model_that_is_not_asked_is_counted_with_the_reason(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    await choose(lamp_shop, shop_micros=0)
    conversation = await open_talk(claude, merchant=lamp_shop)
    counted = Counted()

    await say(claude, conversation, "a lamp")

    assert messages_api.requests == []
    assert counted.since("commerce_model_refused_total", reason="budget") == 1


def test_no_label_names_anybody() -> None:
    named = {
        label
        for metric in REGISTRY.collect()
        if metric.name.startswith("commerce_")
        for sample in metric.samples
        for label in sample.labels
    }

    allowed = {
        "planner",
        "status",
        "resolution",
        "tool",
        "outcome",
        "kind",
        "verdict",
        "remedy",
        "stop_reason",
        "answered",
        "tenant_tier",
        "lock",
        "loader",
    }
    assert named <= allowed | {"reason", "result", "source", "stale", "layer", "dep", "what", "state", "le"}


PROMISED = {
    "commerce_state_reads": ("layer", "source", "stale"),
    "commerce_state_read_age_seconds": ("layer",),
    "commerce_cas_conflicts": ("layer", "resolution"),
    "commerce_conflict_resolution_seconds": (),
    "commerce_state_rebuild_seconds": (),
    "commerce_aad_failures": ("layer",),
    "commerce_grounding_claims": ("kind", "verdict"),
    "commerce_grounding_blocked": ("remedy",),
    "commerce_chat_hellos": ("loader",),
    "commerce_commitments": ("result",),
    "commerce_commitment_without_check": (),
    "commerce_breaker_state": ("dep",),
    "commerce_breaker_rejects": ("dep",),
    "commerce_fallback_age_seconds": ("dep",),
    "commerce_tokens": ("kind",),
    "commerce_cost_microdollars": ("tenant_tier",),
    "commerce_turn_first_words_seconds": (),
    "commerce_turn_seconds": (),
    "commerce_turns_in_flight": (),
    "commerce_duplicate_messages": (),
    "commerce_lock_wait_seconds": ("lock",),
    "commerce_outbox_lag_seconds": (),
    "commerce_news_lag_seconds": (),
    "commerce_audit_chain_lag_seconds": (),
    "commerce_purged_rows": ("kind",),
}
"""What an operator is promised a count of, and by what it is told apart; two ratios are reckoned beside these."""


def test_every_promised_count_is_there_by_what_it_is_told_apart() -> None:
    there = {
        metric._name: metric._labelnames
        for metric in set(REGISTRY._collector_to_names)
        if hasattr(metric, "_labelnames")
    }

    assert {name: there.get(name) for name in PROMISED} == PROMISED


async def test_what_a_breaker_holds_back_and_where_it_stands_is_counted(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.answer = lambda body: Reply(status=401)
    conversation = await open_talk(claude, merchant=lamp_shop)
    counted = Counted()

    for _ in range(4):
        await say(claude, conversation, "a green lamp")

    assert len(messages_api.requests) == 3
    assert counted.since("commerce_breaker_changes_total", dep="claude", state="open") == 1
    assert counted.since("commerce_breaker_rejects_total", dep="claude") == 1
    assert REGISTRY.get_sample_value("commerce_breaker_state", {"dep": "claude"}) == 2
    assert counted.since("commerce_lock_wait_seconds_count", lock="turn") >= 4


async def test_what_the_shop_and_the_shopper_were_read_from_is_counted(
    claude: Platform, messages_api: MessagesApi, lamp_shop: str
) -> None:
    messages_api.answer = lambda body: Reply(text="Which lamp do you like?")
    merchant = MerchantId(lamp_shop)
    card = await claude.conversations.shoppers.record(
        merchant=merchant, key="s-1", name="", tier=None, at=NOW
    )
    conversation = await claude.conversations.open_conversation(
        merchant=merchant, currency="EUR", at=NOW, shopper=card.id
    )
    counted = Counted()

    events = await say(claude, conversation, "show me lamps")
    messages_api.answer = lambda body: Reply(tool="search_products", arguments={"query": "lamp"})
    await say(claude, conversation, "what do you know about me?")

    read = sum(len(event.facts) for event in events if isinstance(event, FactsObserved))
    assert (
        counted.since("commerce_state_reads_total", layer="transaction", source="api", stale="false") == read
    )
    assert counted.since("commerce_state_read_age_seconds_count", layer="transaction") == read
    assert (
        counted.since("commerce_state_reads_total", layer="shopper", source="postgresql", stale="false") >= 1
    )
    assert counted.since("commerce_audit_chain_lag_seconds_count") >= 1


def test_ratios_are_reckoned_where_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "metrics"
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    subprocess.run([sys.executable, "-c", COUNT_READS], check=True, timeout=50)

    told = write_metrics(folder=str(folder)).decode().splitlines()

    assert "commerce_stale_read_ratio 0.25" in told
    assert "commerce_cache_hit_ratio 0.9" in told
    assert 'commerce_breaker_state{dep="claude"} 2.0' in told
    assert "commerce_commitment_without_check_total 0.0" in told


def test_processes_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "metrics"
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    for many in (3, 4):
        command = [sys.executable, "-c", COUNT_IN_A_PROCESS.format(many=many)]
        subprocess.run(command, check=True, timeout=50)

    told = write_metrics(folder=str(folder)).decode().splitlines()

    assert "commerce_purged_conversations_total 7.0" in told
    assert "commerce_turn_seconds_count 2.0" in told


def fetch(url: str, **headers: str) -> tuple[int, str]:
    """The status and the body of an answer."""
    request = urllib.request.Request(
        url, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


async def test_web_and_worker_are_told_by_the_web_server(
    platform: Platform, lamp_shop: str, tmp_path: Path
) -> None:
    port, folder = find_free_port(), tmp_path / "metrics"
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    conversation = await platform.conversations.open_conversation(merchant=MerchantId(lamp_shop), at=long_ago)
    await platform.conversations.record_message(
        conversation=conversation, cid=ClientMessageId("c-1"), text="a green lamp", at=long_ago
    )
    environment = {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    key = await sync_to_async(lambda: Merchant.objects.get(pk=lamp_shop).key)()
    await leave_others_be(merchant=lamp_shop)

    with serving(port=port, log=tmp_path / "web.log", **environment) as base:
        async with Gate(base=base, key=key).open() as shopper:
            await shopper.hello()
            await shopper.say("hello")
            await shopper.expect("done")
        worker = [sys.executable, "-c", FINISH_TURNS]
        finished = await asyncio.to_thread(
            subprocess.run,
            worker,
            check=True,
            timeout=50,
            stdout=subprocess.PIPE,
            env={**get_test_environment(), **environment},
        )
        status, told = await asyncio.to_thread(fetch, f"{base}/metrics")
        proxied, nothing = await asyncio.to_thread(fetch, f"{base}/metrics", X_Forwarded_For="10.0.0.1")

    assert status == 200
    assert int(finished.stdout) == 1
    assert 'commerce_turns_total{planner="builtin",status="ok"} 2.0' in told.splitlines()
    assert "commerce_turns_in_flight 0.0" in told.splitlines()
    assert (proxied, nothing) == (404, "Not found\n")


@pytest.mark.parametrize(
    ("client", "headers", "token", "seen"),
    [
        (("127.0.0.1", 1), {}, "", True),
        (("10.2.0.7", 1), {}, "", True),
        (("::1", 1), {}, "", True),
        (("8.8.8.8", 1), {}, "", False),
        (("93.184.216.34", 1), {}, "", False),
        (("10.2.0.7", 1), {"x-forwarded-for": "10.2.0.9"}, "", False),
        (("10.2.0.7", 1), {"via": "1.1 proxy"}, "", False),
        (None, {}, "", False),
        (("unix", 1), {}, "", False),
        (("93.184.216.34", 1), {"authorization": "Bearer secret"}, "secret", True),
        (("127.0.0.1", 1), {"authorization": "Bearer other"}, "secret", False),
        (("127.0.0.1", 1), {}, "secret", False),
    ],
)
def test_who_may_see_them(
    client: tuple[str, int] | None, headers: dict[str, str], token: str, seen: bool
) -> None:
    scope: HTTPScope = {
        "client": client,
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # type: ignore[typeddict-item]

    assert may_see(scope, token=token) is seen
