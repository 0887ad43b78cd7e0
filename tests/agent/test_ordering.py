"""Orders that hold: one for the last piece, none twice, whatever dies; and a token that nobody else sees."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection

from catalog.connectors.readings import CallLimited
from catalog.models import Order
from catalog.orders import list_attempts, sweep_reservations
from commerce_agent.agent.claude.loading import Loaded
from commerce_agent.agent.claude.prompt import assemble
from commerce_agent.agent.ordering import placing
from commerce_agent.agent.ordering.confirming import Press
from commerce_agent.agent.shop.settings import AgentSettings
from commerce_agent.agent.understanding.understood import Understanding
from commerce_agent.composition import Platform
from commerce_agent.tools.shop import Shop
from conversations.constraints import ConstraintReading
from conversations.events.carts import Proposal, ProposalMade, ProposalResolved
from conversations.ids import ConversationId
from tests.agent.conftest import NOW
from tests.agent.talking import open_talk, say
from tests.agent.test_confirming import press, propose


class Killed(BaseException):
    """The process is gone: nothing of it runs any more, not even what would tidy up."""


async def ask(platform: Platform, query: str, *values: object) -> Any:
    """The one value of a query."""
    async with platform.pool.connection() as lent:
        cursor = await lent.execute(query, values)
        row = await cursor.fetchone()
        return row[0] if row else None


async def count_orders(platform: Platform, shop: str) -> int:
    return int(await ask(platform, "SELECT count(*) FROM catalog_order WHERE merchant_id = %s", shop))


async def count_reserved(platform: Platform, shop: str) -> int:
    query = "SELECT coalesce(sum(quantity), 0) FROM catalog_reservation WHERE merchant_id = %s"
    return int(await ask(platform, query, shop))


async def read_stock(platform: Platform, shop: str) -> int:
    query = (
        "SELECT s.quantity FROM catalog_stocklevel s JOIN catalog_variant v ON v.id = s.variant_id"
        " WHERE v.merchant_id = %s AND v.sku = 'MEADOW-G'"
    )
    return int(await ask(platform, query, shop))


async def leave_one(platform: Platform, shop: str) -> None:
    async with platform.pool.connection() as lent:
        await lent.execute(
            "UPDATE catalog_stocklevel s SET quantity = 1 FROM catalog_variant v"
            " WHERE v.id = s.variant_id AND v.merchant_id = %s AND v.sku = 'MEADOW-G'",
            (shop,),
        )


async def test_fifty_shoppers_press_for_the_last_piece_and_one_gets_it(
    platform: Platform, lamp_shop: str
) -> None:
    offers = [await propose(platform, lamp_shop) for _ in range(50)]
    await leave_one(platform, lamp_shop)

    results = await asyncio.gather(
        *(press(platform, conversation, proposal) for conversation, proposal in offers)
    )

    statuses = sorted(result.status for result in results)
    assert statuses == ["accepted"] + ["changed"] * 49
    assert {result.text for result in results if result.status == "changed"} == {
        "Nothing was ordered, because something changed: Meadow lamp in green: 1 wanted → 0 left."
        " I've taken the Meadow lamp in green out of your cart."
        " Instead there is the Meadow lamp in white, in stock at €80.00,"
        " though it misses one thing you asked for: “green”."
    }
    assert await count_orders(platform, lamp_shop) == 1
    assert await read_stock(platform, lamp_shop) == 0
    assert await count_reserved(platform, lamp_shop) == 0


async def test_what_was_refused_is_told_though_nobody_can_say_what_the_rest_costs(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [await propose(platform, lamp_shop) for _ in range(2)]
    await leave_one(platform, lamp_shop)
    assert (await press(platform, *first)).status == "accepted"

    async def fall_out(*_: object, **__: object) -> None:
        raise CallLimited(connector="pricing", retry_after=9)

    with monkeypatch.context() as limited:
        limited.setattr(placing, "propose_again", fall_out)
        refused = await press(platform, *second)

    assert refused.status == "changed"
    assert "1 wanted → 0 left" in refused.text
    assert await count_orders(platform, lamp_shop) == 1


@pytest.mark.parametrize("point", ["reserve", "place_order", "mark_told"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_killed_at_any_point_there_is_one_order_or_none_and_nothing_stays_reserved(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch, point: str, after: bool
) -> None:
    conversation, proposal = await propose(platform, lamp_shop)
    button = Press(
        proposal=proposal.id, hash=proposal.hash, token=await issue(platform, conversation, proposal)
    )
    confirm = platform.confirmations.confirm
    real = getattr(Shop, point)

    async def die(shop: Shop, **given: Any) -> None:
        if after:
            await real(shop, **given)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(Shop, point, die)
        with pytest.raises(Killed):
            await confirm(conversation=conversation, press=button, at=NOW)

    # Whoever comes next finds things as they are, and pressing again makes one order of it.
    resolved = await confirm(conversation=conversation, press=button, at=NOW)

    assert resolved.status == "accepted"
    assert await count_orders(platform, lamp_shop) == 1
    assert await read_stock(platform, lamp_shop) == 11
    assert await count_reserved(platform, lamp_shop) == 0
    events = await platform.conversations.list_events(conversation=conversation)
    accepted = [each for each in events if isinstance(each.event, ProposalResolved)]
    assert [each.event.status for each in accepted] == ["accepted"]


async def test_what_was_set_aside_by_the_dead_is_let_go(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, proposal = await propose(platform, lamp_shop)
    other, others = await propose(platform, lamp_shop)
    await leave_one(platform, lamp_shop)

    async def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(Shop, "place_order", die)
        with pytest.raises(Killed):
            await press(platform, conversation, proposal)
    held = await press(platform, other, others)
    assert held.status == "changed"
    assert await count_reserved(platform, lamp_shop) == 1

    swept = await asyncio.to_thread(sweep, NOW + timedelta(minutes=3))
    assert swept >= 1
    assert await count_reserved(platform, lamp_shop) == 0
    assert await read_stock(platform, lamp_shop) == 1
    assert await count_orders(platform, lamp_shop) == 0


def sweep(now: Any) -> int:
    """Sweeps in a thread of its own, and closes what it opened there."""
    try:
        return sweep_reservations(now=now)
    finally:
        connection.close()


async def test_an_order_whose_shopper_left_is_told_by_the_worker_once(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, proposal = await propose(platform, lamp_shop)

    async def die(**_: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(platform.conversations, "record_arrivals", die)
        with pytest.raises(Killed):
            await press(platform, conversation, proposal)
    async with platform.pool.connection() as lent:
        attempts = await list_attempts(lent, before=NOW + timedelta(seconds=1))
    (mine,) = (each for each in attempts if each.origin == conversation)

    assert await platform.confirmations.settle(mine, at=NOW)
    assert not await platform.confirmations.settle(mine, at=NOW)

    state = await platform.conversations.load(conversation=conversation)
    order = await Order.objects.aget(merchant_id=lamp_shop)
    assert (state.cart.orders, state.cart.proposal, state.cart.lines) == ((order.number,), None, ())
    async with platform.pool.connection() as lent:
        left = await list_attempts(lent, before=NOW + timedelta(seconds=1))
    assert all(each.origin != conversation for each in left)


async def test_an_order_is_told_though_many_changes_of_the_cart_have_crossed_it(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation, proposal = await propose(platform, lamp_shop)

    async def die(**_: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(platform.conversations, "record_arrivals", die)
        with pytest.raises(Killed):
            await press(platform, conversation, proposal)
    state = await platform.conversations.load(conversation=conversation)
    later = (msgspec.structs.replace(proposal, id=f"later-{n}", hash=f"{n}" * 64) for n in range(5))
    await platform.conversations.record_arrivals(
        conversation=conversation,
        events=tuple(ProposalMade(proposal=each) for each in later),
        at=NOW,
        expected_version=state.version,
    )
    async with platform.pool.connection() as lent:
        attempts = await list_attempts(lent, before=NOW + timedelta(seconds=1))
    (mine,) = (each for each in attempts if each.origin == conversation)

    told = [await platform.confirmations.settle(mine, at=NOW) for _ in range(2)]

    state = await platform.conversations.load(conversation=conversation)
    order = await Order.objects.aget(merchant_id=lamp_shop)
    assert (told, state.cart.orders) == ([True, False], (order.number,))


async def test_the_token_is_in_no_state_no_journal_and_no_prompt(platform: Platform, lamp_shop: str) -> None:
    conversation, proposal = await propose(platform, lamp_shop)
    token = await platform.confirmations.issue_token(conversation=conversation, proposal=proposal.id)
    state = await platform.conversations.load(conversation=conversation)
    events = await platform.conversations.list_events(conversation=conversation)
    said = Understanding(said="order it", moves=(), references=(), reading=ConstraintReading(rest=""))
    words = await platform.words.get_words(merchant=state.transcript.merchant, now=NOW)
    prompt = (
        assemble(
            settings=AgentSettings(), words=words, state=state, understanding=said, loaded=Loaded(), seconds=0
        )
        .encode()
        .decode()
    )

    assert len(token) == 43
    assert token not in msgspec.json.encode((state, events)).decode()
    assert token not in prompt
    assert proposal.hash not in prompt


async def test_a_cart_and_a_proposal_survive_redis(platform: Platform, lamp_shop: str) -> None:
    conversation, proposal = await propose(platform, lamp_shop)

    await platform.forget_keys()
    state = await platform.conversations.load(conversation=conversation)
    resolved = await press(platform, conversation, proposal)

    assert [line.quantity for line in state.cart.lines] == [1]
    assert state.cart.proposal == proposal
    assert resolved.status == "accepted"


async def test_the_token_of_another_shop_or_talk_is_no_token(platform: Platform, lamp_shop: str) -> None:
    conversation, proposal = await propose(platform, lamp_shop)
    stranger = await open_talk(platform, merchant=lamp_shop)
    await say(platform, stranger, "a green lamp")

    assert await platform.confirmations.issue_token(conversation=stranger, proposal=proposal.id) == ""
    mine, theirs = [
        await issue(platform, each, offered)
        for each, offered in ((conversation, proposal), await propose(platform, lamp_shop))
    ]
    swapped = await platform.confirmations.confirm(
        conversation=conversation,
        press=Press(proposal=proposal.id, hash=proposal.hash, token=theirs),
        at=NOW,
    )
    assert mine != theirs
    assert swapped.status == "failed"
    assert await count_orders(platform, lamp_shop) == 0


async def issue(platform: Platform, conversation: ConversationId, proposal: Proposal) -> str:
    """The button's token."""
    return await platform.confirmations.issue_token(conversation=conversation, proposal=proposal.id)
