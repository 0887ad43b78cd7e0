"""A cart that was left in one conversation is in the next one, and never in both or in none."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from psycopg.errors import RaiseException

from conversations.events.carts import CartChanged
from conversations.events.entities import EntitiesIntroduced
from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.models import Conversation
from conversations.service import Conversations
from tests.conversations.state.talking import BLUE, NOON, make_line, make_shoe, require_one_truth
from tests.owning import connect_as_owner

LINES = (make_line(),)
LATER = NOON + timedelta(days=3)


@pytest.fixture
async def shopper(service: Conversations, merchant: MerchantId) -> ShopperId:
    return (await service.shoppers.record(merchant=merchant, key="c-1", at=NOON)).id


@pytest.fixture
async def left(service: Conversations, merchant: MerchantId, shopper: ShopperId) -> ConversationId:
    """A conversation with a line in its cart."""
    left = await service.open_conversation(merchant=merchant, shopper=shopper, at=NOON)
    put = (
        EntitiesIntroduced(entities=(make_shoe(),), source="named"),
        CartChanged(lines=LINES, codes=("TEN",)),
    )
    await service.record_arrivals(conversation=left, events=put, at=NOON)
    return left


async def test_a_cart_is_carried_along_once(
    service: Conversations, merchant: MerchantId, shopper: ShopperId, left: ConversationId
) -> None:
    fresh = await service.open_conversation(merchant=merchant, shopper=shopper, at=LATER)

    assert await service.carry_cart(conversation=fresh, at=LATER)
    assert not await service.carry_cart(conversation=fresh, at=LATER)

    carried = await require_one_truth(service, fresh)
    assert (carried.cart.lines, carried.cart.codes) == (LINES, ("TEN",))
    assert (await require_one_truth(service, left)).cart.lines == ()
    concerned = await service.list_concerned(merchant=merchant, refs=(BLUE,), active_after=NOON)
    assert concerned == {fresh: (BLUE,)}
    assert (await Conversation.objects.aget(id=left)).active_at == NOON


async def test_a_cart_stays_whole_where_carrying_it_breaks_off(
    make_service: Callable[[], Conversations],
    merchant: MerchantId,
    shopper: ShopperId,
    left: ConversationId,
    database: str,
) -> None:
    service = make_service()
    fresh = await service.open_conversation(merchant=merchant, shopper=shopper, at=LATER)
    trigger = f"breaks_{UUID(fresh).hex}"
    with connect_as_owner(database) as owner:
        owner.execute(
            f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS"  # type: ignore[arg-type]
            " $$ BEGIN RAISE EXCEPTION 'the process died here'; END $$"
        )
        owner.execute(
            f"CREATE TRIGGER {trigger} BEFORE INSERT ON conversations_journalentry FOR EACH ROW"
            f" WHEN (NEW.conversation_id = '{fresh}') EXECUTE FUNCTION {trigger}()"
        )
    try:
        with pytest.raises(RaiseException, match="the process died here"):
            await service.carry_cart(conversation=fresh, at=LATER)
    finally:
        with connect_as_owner(database) as owner:
            owner.execute(f"DROP FUNCTION {trigger}() CASCADE")  # type: ignore[arg-type]

    assert (await require_one_truth(service, left)).cart.lines == LINES
    assert await make_service().carry_cart(conversation=fresh, at=LATER)
    assert (await require_one_truth(service, fresh)).cart.lines == LINES
    assert (await require_one_truth(service, left)).cart.lines == ()
