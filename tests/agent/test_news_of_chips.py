"""News of a version that a card only offers to choose: its button changes, and nothing is said."""

import pytest
from asgiref.sync import sync_to_async
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.events import ProductChanged
from catalog.feeds import remove_items
from catalog.ids import MerchantId, Sku
from catalog.inventory import StockSaid, set_stock, set_stocks
from catalog.products import VariantRecord, list_variants
from commerce_agent.agent.looking_at_page import PageSeen
from commerce_agent.composition import Platform
from commerce_agent.tools import shop
from commerce_agent.tools.showing import get_ref
from conversations.events.messages import NoticeGiven
from conversations.ids import ConversationId
from conversations.service import Turn
from conversations.state import ConversationState
from tests.agent.conftest import NOW
from tests.agent.talking import list_cards, list_notices, open_talk, say
from tests.agent.test_news import sell_out


async def test_a_version_to_choose_that_sells_out_or_is_back_changes_its_button_and_nothing_is_said(
    platform: Platform, lamp_shop: str
) -> None:
    shows = await open_talk(platform, merchant=lamp_shop)
    other = await open_talk(platform, merchant=lamp_shop)
    assert list_cards(await say(platform, shows, "a green lamp")) == ["MEADOW-G"]
    await say(platform, other, "an oak chair")

    told = [await platform.newsroom.spread(await sell_out(lamp_shop, "MEADOW-W")) for _ in "12"]
    back = await sync_to_async(set_stock)(
        merchant=MerchantId(lamp_shop), sku=Sku("MEADOW-W"), quantity=4, at=NOW, source="test"
    )
    told.append(await platform.newsroom.spread(back))

    assert told == [1, 0, 1]
    events = await platform.conversations.list_events(conversation=shows)
    notices = [each.event for each in events if isinstance(each.event, NoticeGiven)]
    assert [(one.ref.key, one.text, one.availability) for one in notices] == [
        ("MEADOW-W", "", "out_of_stock"),
        ("MEADOW-W", "", "in_stock"),
    ]
    state = await platform.conversations.load(conversation=shows)
    # It is no news that a reply refers to, and no item that the talk knows.
    assert state.transcript.notices == ()
    assert "MEADOW-W" not in state.entities.known
    assert await list_notices(platform, other) == []


async def test_a_version_to_choose_that_sells_out_while_the_turn_runs_changes_right_after_it(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    commit = platform.conversations.commit_turn

    async def commit_too_late(*, turn: Turn, **more: object) -> object:
        assert await platform.newsroom.spread(await sell_out(lamp_shop, "MEADOW-W")) == 0
        return await commit(turn=turn, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(platform.conversations, "commit_turn", commit_too_late)
    await say(platform, conversation, "a green lamp")

    events = await platform.conversations.list_events(conversation=conversation)
    notices = [each.event for each in events if isinstance(each.event, NoticeGiven)]
    assert [(one.ref.key, one.text, one.availability) for one in notices] == [
        ("MEADOW-W", "", "out_of_stock")
    ]


async def test_a_version_to_choose_that_is_back_for_pre_order_is_told_of_as_that(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sell_out(lamp_shop, "MEADOW-W")
    conversation = await open_talk(platform, merchant=lamp_shop)
    commit = platform.conversations.commit_turn
    said = StockSaid(sku=Sku("MEADOW-W"), quantity=9, availability="preorder", at=NOW)

    async def commit_too_late(*, turn: Turn, **more: object) -> object:
        changed = await sync_to_async(set_stocks)(merchant=MerchantId(lamp_shop), said=(said,), source="test")
        assert await platform.newsroom.spread(changed[said.sku]) == 0
        return await commit(turn=turn, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(platform.conversations, "commit_turn", commit_too_late)
    await say(platform, conversation, "a green lamp")

    events = await platform.conversations.list_events(conversation=conversation)
    notices = [each.event for each in events if isinstance(each.event, NoticeGiven)]
    assert [(one.ref.key, one.text, one.availability, one.stock) for one in notices] == [
        ("MEADOW-W", "", "preorder", 9)
    ]


async def test_a_version_to_choose_that_the_shop_takes_out_changes_its_button(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "a green lamp")
    merchant, sku = MerchantId(lamp_shop), Sku("MEADOW-W")
    await sync_to_async(remove_items)(merchant=merchant, skus=[sku])

    told = [await platform.newsroom.spread(ProductChanged(merchant=merchant, sku=sku, at=NOW)) for _ in "12"]

    assert told == [1, 0]
    assert await list_notices(platform, conversation) == [""]


async def test_what_a_turn_showed_and_its_buttons_are_read_together_after_it(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    before = await platform.conversations.load(conversation=conversation)
    events = await say(platform, conversation, "a green lamp")
    read: list[tuple[Sku, ...]] = []

    async def note(
        connection: AsyncConnection[TupleRow], *, skus: tuple[Sku, ...], **more: object
    ) -> dict[Sku, VariantRecord]:
        read.append(skus)
        return await list_variants(connection, skus=skus, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(shop, "list_variants", note)
    await platform.newsroom.recheck(conversation, before, events)

    assert read == [("MEADOW-G", "MEADOW-W")]
    assert await list_notices(platform, conversation) == []


async def test_an_item_that_was_shown_and_is_a_button_too_is_told_of_once(
    platform: Platform, lamp_shop: str
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    assert list_cards(await say(platform, conversation, "a white lamp")) == ["MEADOW-W"]
    assert list_cards(await say(platform, conversation, "a green lamp")) == ["MEADOW-G"]

    assert await platform.newsroom.spread(await sell_out(lamp_shop, "MEADOW-W")) == 1

    (told,) = await list_notices(platform, conversation)
    assert told


async def test_a_talk_that_has_the_button_at_hand_is_not_read_from_its_start(
    platform: Platform, lamp_shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    await say(platform, conversation, "a green lamp")
    recall, read = platform.conversations.recall, []

    async def note(*, conversation: ConversationId) -> ConversationState:
        read.append(conversation)
        return await recall(conversation=conversation)

    monkeypatch.setattr(platform.conversations, "recall", note)
    state = await platform.conversations.load(conversation=conversation)
    assert "MEADOW-W" not in state.entities.known

    assert await platform.newsroom.spread(await sell_out(lamp_shop, "MEADOW-W")) == 1

    assert read == []


async def test_a_button_says_nothing_of_what_there_is_instead(platform: Platform, lamp_shop: str) -> None:
    """The page that the shopper looks at shows it, so it is talked about; what it is like nobody has said yet."""
    conversation, merchant = await open_talk(platform, merchant=lamp_shop), MerchantId(lamp_shop)
    await say(platform, conversation, "a green lamp")
    page = PageSeen(product="MEADOW-W")
    white = get_ref("MEADOW-W")
    heeded = await platform.pages.heed(conversation=conversation, merchant=lamp_shop, page=page, at=NOW)
    before = await platform.conversations.load(conversation=conversation)
    assert heeded == before.entities.focus == (white,)
    assert before.facts.find(subject=white, name="availability") is None

    assert await platform.newsroom.spread(await sell_out(merchant, "MEADOW-W")) == 1

    events = await platform.conversations.list_events(conversation=conversation)
    news = [each.event for each in events if each.seq > before.version]
    assert [(type(each), getattr(each, "text", None)) for each in news] == [(NoticeGiven, "")]


async def test_a_button_says_nothing_of_an_offer_that_is_in_doubt(platform: Platform, lamp_shop: str) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    for words in ("a green lamp", "add it to my cart", "check out"):
        await say(platform, conversation, words)
    gone = [await sell_out(lamp_shop, sku) for sku in ("MEADOW-W", "MEADOW-G")]

    assert await platform.newsroom.spread_all(tuple(gone)) == 1

    events = await platform.conversations.list_events(conversation=conversation)
    notices = [each.event for each in events if isinstance(each.event, NoticeGiven)]
    told = {one.ref.key: one.text for one in notices}
    assert told["MEADOW-W"] == ""
    assert "So the order I proposed no longer stands." in told["MEADOW-G"]
    state = await platform.conversations.load(conversation=conversation)
    assert state.cart.off
