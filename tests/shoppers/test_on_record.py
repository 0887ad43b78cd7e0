"""Whoever reads or writes what is known of a shopper is on record, with why and which fields, before it is answered."""

import asyncio
import json
import re
from collections import Counter
from decimal import Decimal
from importlib import import_module
from typing import Any
from uuid import uuid4

from asgiref.sync import sync_to_async
from psycopg import AsyncConnection

from catalog.events import PriceChanged
from catalog.ids import MerchantId as ShopId
from catalog.ids import Sku
from commerce_agent.agent.ordering.confirming import Press
from commerce_agent.isolation.acting import PLATFORM, SETTING
from commerce_agent.models import AgentSettings
from commerce_agent.tools.memory import GIVEN
from conversations.accesses import verify_chain
from conversations.events.messages import ConversationOpened
from conversations.ids import ClientMessageId
from conversations.models import AccessRecord
from conversations.service import CARD, Arrival, Conversations, Reader, Whose
from tests.architecture.sources import PACKAGES
from tests.owning import get_owner_url
from tests.running import ROOT
from tests.shoppers.conftest import NOON, Visitor, buy, get_reply
from tests.waiting import wait_until_async

Row = tuple[str, str, tuple[str, ...]]


async def list_rows(visitor: Visitor, *, since: int = 0) -> list[Row]:
    """Who did what, with which fields, in the order in which it went on record."""
    rows = AccessRecord.objects.filter(merchant_id=visitor.merchant, subject=f"shopper:{visitor.shopper}")
    return [
        (row.actor, row.action, tuple(json.loads(row.detail)["fields"].split(",")))
        async for row in rows.order_by("seq")[since:]
    ]


GIVEN_TO_A_TURN: Row = ("agent", "shopper.read", GIVEN)


async def test_a_turn_is_on_record_with_its_message_before_anything_is_read(
    ada: Visitor,
) -> None:
    service = ada.platform.conversations
    await ada.come()
    assert ada.talk is not None
    before = len(await list_rows(ada))

    await service.record_message(
        conversation=ada.talk, cid=ClientMessageId("one"), text="hello", at=NOON, answering=True
    )

    assert await list_rows(ada, since=before) == [GIVEN_TO_A_TURN]
    last = await AccessRecord.objects.filter(merchant_id=ada.merchant).order_by("seq").alast()
    assert last is not None
    assert last.purpose == f"turn 1 of {ada.talk}"
    assert (await sync_to_async(verify_chain)(chain=last.merchant_id)).is_whole


async def test_each_way_in_which_a_turn_begins_says_so_once(ada: Visitor) -> None:
    """With its message, by a start of its own, and after two messages that came while nobody looked."""
    service = ada.platform.conversations
    await ada.say("hello")
    before = len(await list_rows(ada))
    assert ada.talk is not None

    for ways in ((True,), (False,), (True, True), (False, False)):
        for answering in ways:
            await service.record_message(
                conversation=ada.talk,
                cid=ClientMessageId(uuid4().hex),
                text="hello again",
                at=NOON,
                answering=answering,
            )
        if ways == (False, False):
            # Another process has seen none of it come, and Redis has lost what it kept.
            service = Conversations(
                pool=ada.platform.pool,
                door=ada.platform.door,
                prefix=f"other-{uuid4().hex}:",
                announce=service._announce,
                boxes=service.shoppers._boxes,
            )
        turn = await service.take_turn(conversation=ada.talk, at=NOON)
        assert turn is not None
        await service.drop_turn(turn=turn)
        assert await ada.platform.turns.run(ada.talk) is not None

    assert await list_rows(ada, since=before) == [GIVEN_TO_A_TURN] * 4


async def test_a_message_that_waits_for_the_chain_is_not_kept_before_its_turn_is_on_record(
    ada: Visitor, database: str
) -> None:
    """While somebody holds the chain's head, who nobody knows is answered all the same: they are not on it."""
    service = ada.platform.conversations
    stranger = Visitor(ada.platform, ada.clock, merchant=ada.merchant, shopper=None)
    await ada.come()
    await stranger.come()
    assert ada.talk is not None

    async def send(visitor: Visitor) -> Arrival:
        assert visitor.talk is not None
        cid = ClientMessageId(uuid4().hex)
        return await service.record_message(
            conversation=visitor.talk, cid=cid, text="hello", at=NOON, answering=True
        )

    async with await AsyncConnection.connect(get_owner_url(database)) as owner:
        await owner.execute("SELECT set_config(%s, %s, true)", [SETTING, PLATFORM])
        head = "SELECT 1 FROM conversations_accesshead WHERE merchant_id = %s FOR UPDATE"
        await owner.execute(head, [ada.merchant])
        sent = asyncio.create_task(send(ada))
        await wait_until_async(lambda: is_waited_for(owner), what="the message at the chain")
        await send(stranger)
        kept = await service.list_events(conversation=ada.talk)
        assert [type(each.event) for each in kept] == [ConversationOpened]
        assert not sent.done()

    assert not (await sent).duplicate
    assert (await list_rows(ada))[-1] == GIVEN_TO_A_TURN


async def test_many_at_once_stand_on_one_chain_without_a_gap(ada: Visitor) -> None:
    """Messages, looks and joins of one shop all end at the head of its chain, whatever each has locked before."""
    service, shop = ada.platform.conversations, ada.merchant
    assert ada.shopper is not None
    whose = Whose(merchant=shop, shopper=ada.shopper)
    card = await service.find_shopper(merchant=shop, shopper=ada.shopper)
    assert card is not None
    talks = [
        await service.open_conversation(merchant=shop, shopper=ada.shopper if number % 2 else None, at=NOON)
        for number in range(12)
    ]

    async def act(number: int) -> None:
        talk = talks[number]
        if number % 2 == 0:
            await service.owners.join(conversation=talk, shopper=card, at=NOON)
        cid = ClientMessageId(uuid4().hex)
        await service.record_message(conversation=talk, cid=cid, text="hello", at=NOON, answering=True)
        turn = await service.take_turn(conversation=talk, at=NOON)
        assert turn is not None
        await service.drop_turn(turn=turn)
        await service.profiles.read(
            whose, reader=Reader(actor="test", purpose="looks"), fields=("kept",), at=NOON
        )

    await asyncio.gather(*map(act, range(12)))

    rows = AccessRecord.objects.filter(merchant_id=shop)
    counts = Counter([row.action async for row in rows])
    assert counts["shopper.read"] == counts["profile.read"] == 12
    assert counts["conversation.joined"] == 6
    (chain,) = {row.merchant_id async for row in rows}
    verified = await sync_to_async(verify_chain)(chain=chain)
    assert verified.is_whole


async def is_waited_for(owner: AsyncConnection[Any]) -> bool:
    waiting = "SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    return await (await owner.execute(waiting)).fetchone() is not None


async def test_a_look_at_the_orders_is_on_record_once_a_turn(ada: Visitor) -> None:
    await sync_to_async(buy)(ada.merchant, "BOOT-43")
    await ada.say("hello")
    before = len(await list_rows(ada))

    assert "delivered" in get_reply(await ada.say("where is my order?")).lower()

    # What they ordered is talked of now, and remembered as that.
    assert await list_rows(ada, since=before) == [
        GIVEN_TO_A_TURN,
        ("agent", "orders.read", ("orders",)),
        ("agent", "profile.written", ("seen",)),
    ]


async def test_a_press_is_on_record_with_what_it_reads_and_writes(ada: Visitor) -> None:
    for text in ("show me the Ridge two-person tent", "add it to my cart", "check out"):
        await ada.say(text)
    assert ada.talk is not None
    state = await ada.platform.conversations.load(conversation=ada.talk)
    offered, confirmations = state.cart.proposal, ada.platform.confirmations
    assert offered is not None
    before = len(await list_rows(ada))

    token = await confirmations.issue_token(conversation=ada.talk, proposal=offered.id)
    press = Press(proposal=offered.id, hash=offered.hash, token=token)
    done = await confirmations.confirm(conversation=ada.talk, press=press, at=NOON)

    assert done.status == "accepted"
    assert await list_rows(ada, since=before) == [GIVEN_TO_A_TURN, ("agent", "orders.written", ("orders",))]
    purposes = AccessRecord.objects.filter(merchant_id=ada.merchant, action="orders.written")
    assert [each.purpose async for each in purposes] == ["the shopper's button"]


async def test_a_look_whether_anything_may_be_kept_is_one_too(ada: Visitor) -> None:
    await AgentSettings.objects.acreate(
        merchant_id=ada.merchant, version=1, memory_needs_consent=True, changed_at=NOON
    )
    await ada.say("hello")
    before = len(await list_rows(ada))

    await ada.say("hiking boots in size 42")

    assert (await list_rows(ada, since=before))[-1] == ("agent", "profile.read", ("consent",))
    assert (await ada.get_profile()).kept == ()


async def test_who_is_named_again_unchanged_was_looked_up_all_the_same(ada: Visitor) -> None:
    before = len(await list_rows(ada))

    await ada.platform.conversations.shoppers.record(merchant=ada.merchant, key="ada", at=NOON)

    assert await list_rows(ada, since=before) == [("shop", "shopper.read", CARD)]


async def test_news_at_each_ones_price_is_on_record_of_each(ada: Visitor) -> None:
    await ada.say("show me the Ridge two-person tent")
    before = len(await list_rows(ada))

    await ada.platform.newsroom.spread(
        PriceChanged(
            merchant=ShopId(ada.merchant),
            sku=Sku("TENT-G"),
            amount=Decimal(200),
            currency="USD",
            version=2,
            at=NOON,
        )
    )

    assert ("agent", "shopper.read", ("key", "tier")) in await list_rows(ada, since=before)


def test_what_the_database_puts_on_record_is_what_a_turn_is_given() -> None:
    migration = import_module("conversations.migrations.0022_turns_on_record")

    assert tuple(migration.FIELDS.split(",")) == GIVEN


READS = re.compile(
    r"\.(?:find_shopper|find_by_key|list_cards|list_by_email|list_by_name_and_postcode|list_named)\("
    r"|profiles\.find\(|shoppers\.find\(|(?:orders|customers|history|asked)\.read\(|read_bought\("
)
PLACES = {
    "catalog/connectors/history_asked.py": "read_bought's, and the export's, which are below",
    "catalog/merchant_api/answers.py": "the shop's own system, asked by whoever has put it on record",
    "commerce_agent/agent/news/notices.py": "record_many, before",
    "commerce_agent/agent/shops.py": "the commit that began the turn, or note_look",
    "commerce_agent/chat/standing.py": "record, before it is taken for true",
    "commerce_agent/console/audit/gate.py": "conversation.viewed, before",
    "commerce_agent/console/audit/indexing.py": "record_many, before",
    "commerce_agent/console/audit/missed_page.py": "the page's own look, before",
    "commerce_agent/console/journal.py": "the list's own look, before",
    "commerce_agent/console/shopper_rights.py": "shopper.erasing, before the answer",
    "commerce_agent/management/costs/apart.py": "a shop of the measurement's own",
    "commerce_agent/management/commands/export_script.py": "conversation.exported, before",
    "commerce_agent/management/commands/shopper.py": "what it then does, before it says anything",
    "commerce_agent/management/judged/after_sales/acting.py": "a shop of the evaluation's own",
    "commerce_agent/shoppers/erasing.py": "shopper.erasing",
    "commerce_agent/shoppers/exporting.py": "profile.read of everything, before",
    "commerce_agent/tools/customers.py": "with the card, the same rows; what was bought, orders.read by shop.py",
    "commerce_agent/tools/shop.py": "orders.read, beside it",
    "conversations/api/opening.py": "record, before the answer",
    "conversations/api/shoppers.py": "what is then read or changed, before the answer",
    "conversations/store/shoppers.py": "shopper.named, .written or .read, before the answer",
    "conversations/service.py": "whether there is such a shopper, which the opening itself says",
}
"""Where what is known of shoppers is read, and which record says so."""


def test_whatever_reads_of_shoppers_is_listed_with_the_record_that_says_so() -> None:
    found = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if READS.search(path.read_text())
    }

    assert found == set(PLACES)
