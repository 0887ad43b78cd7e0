"""The handle by which a browser comes back is another after every visit; the old one is soon worth nothing."""

import uuid
from datetime import UTC, datetime, timedelta

from catalog.models import Merchant
from commerce_agent.composition import Platform
from conversations.ids import MerchantId
from conversations.models import ResumeHandle
from conversations.store.resume import GRACE, RESUME_DAYS
from tests.chat.shopper import Gate
from tests.chat.signing import claim, give_key, sign


def make_secret() -> str:
    return f"{uuid.uuid4()}{uuid.uuid4()}"


async def visit(gate: Gate, secret: str, *, following: str) -> str | None:
    """Comes back with one secret and offers the next; the one to come back with."""
    async with gate.open() as shopper:
        welcome = await shopper.hello(resume=secret, next=following)
        assert welcome["conversation"] is True
        return welcome.get("resume")


async def test_each_visit_is_found_by_another_handle_and_the_last_but_one_ends(
    gate: Gate, merchant: Merchant, platform: Platform
) -> None:
    first, second, third = (make_secret() for _ in range(3))
    async with gate.open() as shopper:
        await shopper.hello(resume=first)
        await shopper.say("hello")
        await shopper.expect("done")

    taken = await visit(gate, first, following=second)
    # The answer may have been lost, so the first is good until the second was brought.
    again = await visit(gate, first, following=second)
    taken_next = await visit(gate, second, following=third)

    now, shop = datetime.now(UTC), MerchantId(str(merchant.pk))
    find = platform.conversations.find_resumed
    soon, later = now + GRACE / 2, now + 2 * GRACE
    found = [
        [await find(handle=handle, merchant=shop, at=at) is not None for handle in (first, second, third)]
        for at in (soon, later)
    ]
    assert (taken, again, taken_next) == (second, second, third)
    assert found == [[True, True, True], [False, True, True]]
    newest = await ResumeHandle.objects.filter(merchant_id=merchant.pk).order_by("-expires_at").afirst()
    assert newest is not None
    assert newest.expires_at > now + timedelta(days=RESUME_DAYS) - timedelta(hours=1)


async def test_a_follower_is_told_of_once(gate: Gate) -> None:
    first, second, third = (make_secret() for _ in range(3))
    async with gate.open() as begun:
        await begun.hello(resume=first)
        await begun.say("hello")
        await begun.expect("done")

    async with gate.open() as shopper:
        told = [(await shopper.hello(resume=first, next=second)).get("resume")]
        assert await visit(gate, second, following=third) == third
        told.append((await shopper.hello(resume=third)).get("resume"))

    assert told == [second, None]


async def test_who_is_vouched_for_comes_back_by_the_same_handle_for_a_month_again(
    gate: Gate, merchant: Merchant
) -> None:
    key, handle = give_key(merchant), make_secret()
    async with gate.open() as shopper:
        await shopper.hello(resume=handle)
        await shopper.send(t="identify", cid=str(uuid.uuid4()), jwt=sign(key, claim(merchant)))
        await shopper.expect("welcome")
        await shopper.say("hello")
        await shopper.expect("done")
    now = datetime.now(UTC)
    handles = ResumeHandle.objects.filter(merchant_id=merchant.pk)
    await handles.aupdate(expires_at=now + timedelta(days=1))

    async with gate.open() as back:
        await back.hello(resume=make_secret())
        await back.send(t="identify", cid=str(uuid.uuid4()), jwt=sign(key, claim(merchant)), resume=handle)
        welcome = await back.expect("welcome")

    assert (welcome["conversation"], welcome["resume"]) == (True, handle)
    assert (await handles.aget()).expires_at > now + timedelta(days=RESUME_DAYS) - timedelta(hours=1)


async def test_a_handle_that_is_weak_or_leads_elsewhere_is_not_taken(gate: Gate) -> None:
    mine, theirs = make_secret(), make_secret()
    for secret in (mine, theirs):
        async with gate.open() as shopper:
            await shopper.hello(resume=secret)
            await shopper.say("hello")
            await shopper.expect("done")

    assert [await visit(gate, mine, following=other) for other in ("a" * 64, theirs)] == [None, None]
    async with gate.open() as other:
        assert (await other.hello(resume=theirs))["conversation"] is True


async def test_a_later_hellos_ticket_opens_no_budget_of_its_own(gate: Gate, platform: Platform) -> None:
    async def count_budgets() -> int:
        keys = [key async for key in platform.redis.scan_iter(match=f"{platform.prefix}budget:ticket:*")]
        # Those of a minute come and go; a day's stays.
        return sum([await platform.redis.ttl(key) > 60 for key in keys])

    async with gate.open() as shopper:
        await shopper.hello()
        await shopper.say("hello")
        before = await count_budgets()
        await shopper.hello(ticket="made up")
        await shopper.say("hello again")
        after = await count_budgets()

    assert before > 0
    assert after == before
