"""An open talk in a shop that exchanges one of its systems: what the new one says holds, however it numbers it."""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from catalog.connectors import directory, expire_offers
from catalog.events import StockChanged
from catalog.ids import MerchantId, Sku
from catalog.models import Connector, Policy
from catalog.policies.operations import set_policy
from commerce_agent.agent.explain import Register
from commerce_agent.composition import open_platform
from commerce_agent.scripted.running import StoppedClock
from conversations.events.decisions import DecisionMade
from conversations.events.facts import Fact, FactConflict
from conversations.events.messages import NoticeGiven
from conversations.ids import EntityRef
from tests.agent.test_confirming import press
from tests.flows.recordings import OPENED
from tests.flows.test_misbehaving import Talk, find_reply
from tests.strange_system import Answer, answering, say

GREEN = EntityRef("variant", "MEADOW-G")
RETURNS = EntityRef("policy", "returns")
SOON = 20
"""Seconds: what was read before has not run out."""


class Systems:
    """Answers each address with what was put there."""

    def __init__(self) -> None:
        self.url = ""
        self.said: dict[str, list[dict[str, object]]] = {}

    def respond(self, path: str, headers: Mapping[str, str]) -> Answer:
        return say(self.said[path.partition("?")[0].strip("/")])

    def put(self, name: str, *rows: dict[str, object]) -> str:
        self.said[name] = list(rows)
        return f"{self.url}/{name}"


@pytest.fixture
def systems() -> Iterator[Systems]:
    made = Systems()
    with answering(made.respond) as made.url:
        yield made


@pytest.fixture
async def talk(lamps: MerchantId, settings: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Talk]:
    settings.CONNECTOR_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    # Every turn is of a process that has heard of the change.
    monkeypatch.setattr(directory, "REMEMBERED_SECONDS", 0.0)
    clock = StoppedClock(at=OPENED)
    async with open_platform(clock=clock, quiet=True, prefix=f"test-{uuid4().hex}:") as platform:
        yield Talk(platform=platform, clock=clock, merchant=lamps)
        await platform.forget_keys()


async def enter(talk: Talk, kind: str, url: str, fields: dict[str, str]) -> Connector:
    return await Connector.objects.acreate(
        merchant_id=talk.merchant, kind=kind, name="erp", url=url, items="@", fields=fields, timeout_ms=9000
    )


async def ask(talk: Talk, text: str) -> str:
    talk.clock.advance(SOON)
    return find_reply(await talk.say(text))


async def know(talk: Talk, ref: EntityRef, name: str) -> tuple[Fact, tuple[FactConflict, ...]]:
    """What holds in the talk, and what gave way; it is what its journal says too."""
    conversations = talk.platform.conversations
    assert talk.conversation is not None
    state = await conversations.load(conversation=talk.conversation)
    assert state == await conversations.rebuild(conversation=talk.conversation)
    fact = state.facts.find(subject=ref, name=name)
    assert fact is not None
    return fact, state.facts.list_conflicts(fact)


COUNTS = {"sku": "sku", "quantity": "left", "version": "version"}


@pytest.mark.parametrize(("version", "left"), [(2, 4), (2, 11), (901, 4), (0, 4)])
async def test_the_count_of_a_system_that_takes_anothers_place_holds_at_once(
    talk: Talk, systems: Systems, version: int, left: int
) -> None:
    old = systems.put("old", {"sku": "MEADOW-G", "left": 9, "version": 900})
    new = systems.put("new", {"sku": "MEADOW-G", "left": left, "version": version})
    connector = await enter(talk, "inventory", f"{old}?skus={{skus}}", COUNTS)
    assert "9" in await ask(talk, "how many of the green Meadow lamp are left?")
    before, _ = await know(talk, GREEN, "stock")

    await Connector.objects.filter(pk=connector.pk).aupdate(url=f"{new}?skus={{skus}}")

    assert f"{left}" in await ask(talk, "how many of the green Meadow lamp are left?")
    holds, conflicts = await know(talk, GREEN, "stock")
    assert (before.value, holds.value, holds.source, holds.version) == (9, left, "erp", version)
    assert [(each.winner, each.loser, each.rule) for each in conflicts] == [(holds.id, before, "teller")]


async def hear_of(talk: Talk, left: int, *, version: int) -> None:
    """As a webhook of the shop's has it."""
    talk.clock.advance(SOON)
    merchant, sku = MerchantId(str(talk.merchant)), Sku("MEADOW-G")
    await expire_offers(talk.platform.connectors, merchant=merchant, skus=(sku,))
    change = StockChanged(
        merchant=merchant,
        sku=sku,
        quantity=left,
        availability="in_stock",
        version=version,
        at=talk.clock(),
    )
    await talk.platform.newsroom.spread(change)


async def read_register(talk: Talk) -> tuple[Register, DecisionMade]:
    """What is known over the whole talk, and its last decision."""
    assert talk.conversation is not None
    journal = await talk.platform.conversations.list_events(conversation=talk.conversation)
    decisions = [each.event for each in journal if isinstance(each.event, DecisionMade)]
    return Register.read(journal), decisions[-1]


@pytest.mark.parametrize("version", [5, 0])
async def test_news_of_two_systems_in_one_version_are_two_facts(
    talk: Talk, systems: Systems, version: int
) -> None:
    def count(name: str, left: int, *, version: int) -> str:
        return systems.put(name, {"sku": "MEADOW-G", "left": left, "version": version})

    old = count("old", 9, version=min(version, 4))
    connector = await enter(talk, "inventory", f"{old}?skus={{skus}}", COUNTS)
    await ask(talk, "how many of the green Meadow lamp are left?")
    count("old", 3, version=version)
    await hear_of(talk, 3, version=version)
    assert "3" in await ask(talk, "how many of the green Meadow lamp are left?")
    before, _ = await know(talk, GREEN, "stock")
    _, decision = await read_register(talk)
    assert before.id in decision.decision.facts

    new = count("new", 2, version=version)
    await Connector.objects.filter(pk=connector.pk).aupdate(url=f"{new}?skus={{skus}}")
    await hear_of(talk, 2, version=version)

    holds, conflicts = await know(talk, GREEN, "stock")
    assert (before.value, before.version, holds.value, holds.version) == (3, version, 2, version)
    (last,) = (each for each in conflicts if each.rule == "teller")
    assert (last.winner, last.loser) == (holds.id, before)
    register, _ = await read_register(talk)
    noted = {name: [fact.value for _, fact in told] for name, told in register.facts.items()}
    assert (noted[before.id], noted[holds.id]) == ([3], [2])


async def test_two_counts_of_one_system_in_one_version_are_two_facts_in_conflict(
    talk: Talk, systems: Systems
) -> None:
    def count(left: int) -> str:
        return systems.put("erp", {"sku": "MEADOW-G", "left": left, "version": 5})

    await enter(talk, "inventory", f"{count(9)}?skus={{skus}}", COUNTS)
    await ask(talk, "how many of the green Meadow lamp are left?")
    known = [(await know(talk, GREEN, "stock"))[0]]
    for left in (3, 2):
        count(left)
        await hear_of(talk, left, version=5)
        known.append((await know(talk, GREEN, "stock"))[0])

    assert [(fact.value, fact.version) for fact in known] == [(9, 5), (3, 5), (2, 5)]
    read, heard, holds = known
    assert len({read.id, heard.id, holds.id}) == 3
    _, conflicts = await know(talk, GREEN, "stock")
    assert conflicts == (
        FactConflict(subject=GREEN, name="stock", winner=heard.id, loser=read, rule="time"),
        FactConflict(subject=GREEN, name="stock", winner=holds.id, loser=heard, rule="time"),
    )
    register, _ = await read_register(talk)
    noted = {name: [fact.value for _, fact in told] for name, told in register.facts.items()}
    assert (noted[heard.id], noted[holds.id]) == ([3], [2])
    assert "2" in await ask(talk, "how many of the green Meadow lamp are left?")
    _, decision = await read_register(talk)
    assert [each for each in decision.decision.conflicts if each.name == "stock"] == list(conflicts)


async def test_a_sale_here_is_no_conflict_with_a_warehouse_that_has_not_booked_it(
    talk: Talk, systems: Systems
) -> None:
    url = systems.put("erp", {"sku": "MEADOW-G", "left": 9, "version": 5})
    await enter(talk, "inventory", f"{url}?skus={{skus}}", COUNTS)
    for text in ("show me the green Meadow lamp", "add three of it", "check out"):
        await ask(talk, text)
    assert talk.conversation is not None
    state = await talk.platform.conversations.load(conversation=talk.conversation)
    assert state.cart.proposal is not None
    await press(talk.platform, talk.conversation, state.cart.proposal, at=talk.clock())

    holds, conflicts = await know(talk, GREEN, "stock")
    assert (holds.value, holds.version, conflicts) == (6, 5, ())


async def test_our_own_count_holds_at_once_where_a_system_is_taken_out(talk: Talk, systems: Systems) -> None:
    old = systems.put("old", {"sku": "MEADOW-G", "left": 9, "version": 900})
    connector = await enter(talk, "inventory", f"{old}?skus={{skus}}", COUNTS)
    await ask(talk, "how many of the green Meadow lamp are left?")

    await connector.adelete()

    assert "12" in await ask(talk, "how many of the green Meadow lamp are left?")
    holds, conflicts = await know(talk, GREEN, "stock")
    assert (holds.value, holds.source, [each.rule for each in conflicts]) == (12, "store", ["teller"])


async def test_a_price_of_the_system_before_is_charged_to_nobody(talk: Talk, systems: Systems) -> None:
    costs = {"sku": "sku", "price": "price", "currency": "currency", "version": "version"}
    old = systems.put("old", {"sku": "MEADOW-G", "price": 70, "currency": "EUR", "version": 900})
    new = systems.put("new", {"sku": "MEADOW-G", "price": 95, "currency": "EUR", "version": 2})
    connector = await enter(talk, "pricing", f"{old}?skus={{skus}}", costs)
    assert "70" in await ask(talk, "how much is the green Meadow lamp?")

    await Connector.objects.filter(pk=connector.pk).aupdate(url=f"{new}?skus={{skus}}")

    told = await ask(talk, "how much is the green Meadow lamp?")
    assert "95" in told
    # It was told otherwise, and the answer says so.
    assert "70" in told
    holds, _ = await know(talk, GREEN, "price")
    assert (str(getattr(holds.value, "amount", "")), holds.version) == ("95.00", 2)


async def test_two_prices_of_one_system_in_one_version_are_in_conflict(talk: Talk, systems: Systems) -> None:
    costs = {"sku": "sku", "price": "price", "currency": "currency", "version": "version"}
    row = {"sku": "MEADOW-G", "currency": "EUR", "version": 5}
    address = systems.put("erp", {**row, "price": 70})
    await enter(talk, "pricing", f"{address}?skus={{skus}}", costs)
    await ask(talk, "how much is the green Meadow lamp?")
    before, _ = await know(talk, GREEN, "list_price")

    systems.put("erp", {**row, "price": 95})
    talk.clock.advance(10 * SOON)

    assert "95" in await ask(talk, "how much is the green Meadow lamp?")
    holds, conflicts = await know(talk, GREEN, "list_price")
    only = FactConflict(subject=GREEN, name="list_price", winner=holds.id, loser=before, rule="time")
    assert conflicts == (only,)
    _, decision = await read_register(talk)
    assert decision.decision.conflicts == (only,)


TERMS = {"name": "name", "text": "text", "terms": "terms", "version": "version"}


@pytest.mark.parametrize("leaves", [False, True])
async def test_a_policy_of_the_system_before_holds_no_longer(
    talk: Talk, systems: Systems, leaves: bool
) -> None:
    long = {"name": "returns", "text": "Send it back within 60 days.", "terms": {"window_days": 60}}
    short = {"name": "returns", "text": "Send it back within 14 days.", "terms": {"window_days": 14}}
    old, new = (
        systems.put("old", {**long, "version": 900}),
        systems.put("new", {**short, "version": 1}),
    )
    # Our own was written down long before any of them was asked.
    await Policy.objects.filter(merchant_id=talk.merchant).adelete()
    await Policy.objects.acreate(
        merchant_id=talk.merchant,
        name="returns",
        title="Returns",
        text=short["text"],
        terms=short["terms"],
        version=1,
        observed_at=OPENED - timedelta(days=90),
    )
    connector = await enter(talk, "policies", old, TERMS)
    assert "60 days" in await ask(talk, "what is your return policy?")

    if leaves:
        await connector.adelete()
    else:
        await Connector.objects.filter(pk=connector.pk).aupdate(url=new)

    told = await ask(talk, "what is your return policy?")
    assert "14 days" in told
    holds, conflicts = await know(talk, RETURNS, "policy.returns")
    assert (holds.value, holds.version) == (short["text"], 1)
    assert [(each.loser.value, each.rule) for each in conflicts] == [(long["text"], "teller")]
    # And once more, where nothing has changed since.
    assert "14 days" in await ask(talk, "what is your return policy?")
    assert (await know(talk, RETURNS, "policy.returns"))[0] == holds


async def test_news_of_a_policy_is_told_though_the_system_before_numbered_higher(
    talk: Talk, systems: Systems
) -> None:
    long = {"name": "returns", "text": "Send it back within 60 days.", "terms": {"window_days": 60}}
    old = systems.put("old", {**long, "version": 900})
    await Policy.objects.filter(merchant_id=talk.merchant).adelete()
    connector = await enter(talk, "policies", old, TERMS)
    assert "60 days" in await ask(talk, "what is your return policy?")
    await connector.adelete()

    talk.clock.advance(SOON)
    change = await sync_to_async(set_policy)(
        merchant=talk.merchant, name="returns", text="Send it back within 14 days.", at=talk.clock()
    )
    await talk.platform.newsroom.spread(change)

    assert talk.conversation is not None
    journal = await talk.platform.conversations.list_events(conversation=talk.conversation)
    told = [each.event.text for each in journal if isinstance(each.event, NoticeGiven)]
    assert len(told) == 1
    assert "14 days" in told[0]
    holds, conflicts = await know(talk, RETURNS, "policy.returns")
    assert (holds.value, holds.version, change.version) == ("Send it back within 14 days.", 1, 1)
    assert [each.rule for each in conflicts] == ["teller"]


@pytest.mark.parametrize(("days", "told"), [(60, 0), (14, 1)])
async def test_the_same_words_and_numbers_of_another_system_are_no_news(
    talk: Talk, systems: Systems, days: int, told: int
) -> None:
    text = "Send it back in its box."
    long = {"name": "returns", "text": text, "terms": {"window_days": 60}}
    old = systems.put("old", {**long, "version": 900})
    await Policy.objects.filter(merchant_id=talk.merchant).adelete()
    connector = await enter(talk, "policies", old, TERMS)
    assert "in its box" in await ask(talk, "what is your return policy?")
    known = [(await know(talk, RETURNS, name))[0].value for name in ("policy.returns", "returns.window_days")]
    assert known == [text, 60]
    await connector.adelete()

    talk.clock.advance(SOON)
    change = await sync_to_async(set_policy)(
        merchant=talk.merchant, name="returns", text=text, terms={"window_days": days}, at=talk.clock()
    )
    await talk.platform.newsroom.spread(change)

    assert talk.conversation is not None
    journal = await talk.platform.conversations.list_events(conversation=talk.conversation)
    assert sum(isinstance(each.event, NoticeGiven) for each in journal) == told
    assert (await know(talk, RETURNS, "returns.window_days"))[0].value == days
