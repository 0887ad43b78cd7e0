"""Who begins anew takes the cart along: whoever shows the handle of the talk that was left, and nobody else."""

import uuid
from datetime import UTC, datetime

import pytest

from catalog.models import Merchant, OrderAttempt
from commerce_agent.composition import Platform
from conversations.carts import Cart
from conversations.ids import ConversationId
from conversations.models import Conversation
from tests.browser.scenes import CART
from tests.chat.shopper import Gate
from tests.chat.signing import claim, give_key, sign
from tests.chat.test_identify import identify, make_handle


class Carts:
    """The carts of a shop's conversations, as a process of the test's own sees them."""

    def __init__(self, *, platform: Platform) -> None:
        self.platform = platform

    async def fill(self, conversation: ConversationId) -> None:
        await self.platform.conversations.record_arrivals(
            conversation=conversation, events=(CART,), at=datetime.now(UTC)
        )

    async def read(self, conversation: ConversationId) -> Cart:
        return (await self.platform.conversations.load(conversation=conversation)).cart


@pytest.fixture
def carts(platform: Platform) -> Carts:
    return Carts(platform=platform)


async def begin(gate: Gate, **hello: str) -> ConversationId:
    """A conversation that begins with this hello, by somebody of whom nothing else is known."""
    merchant = await Merchant.objects.aget(key=gate.key)
    known = {row.pk async for row in Conversation.objects.filter(merchant_id=merchant.pk)}
    async with gate.open() as shopper:
        await shopper.hello(**hello)
        await shopper.say("hello")
        await shopper.expect("done")
    row = await Conversation.objects.exclude(pk__in=known).aget(merchant_id=merchant.pk)
    return ConversationId(str(row.pk))


async def test_a_cart_comes_along_into_the_next_talk_of_the_same_browser(gate: Gate, carts: Carts) -> None:
    left = make_handle()
    earlier = await begin(gate, resume=left)
    await carts.fill(earlier)

    later = await begin(gate, resume=make_handle(), left=left)

    assert (await carts.read(later)).lines == CART.lines
    assert (await carts.read(earlier)).lines == ()
    # It is in one place: shown once more, the handle brings nothing.
    again = await begin(gate, resume=make_handle(), left=left)
    assert (await carts.read(again)).lines == ()
    assert (await carts.read(later)).lines == CART.lines


async def test_a_cart_comes_along_for_nobody_who_cannot_show_its_handle(
    gate: Gate, carts: Carts, other_merchant: Merchant
) -> None:
    left = make_handle()
    earlier = await begin(gate, resume=left)
    await carts.fill(earlier)
    elsewhere = Gate(base=gate.base, key=other_merchant.key)

    strangers = [
        await begin(gate, resume=make_handle()),
        await begin(gate, resume=make_handle(), left=make_handle()),
        await begin(gate, resume=make_handle(), left=str(uuid.UUID(earlier))),
        await begin(elsewhere, resume=make_handle(), left=left),
    ]

    assert [(await carts.read(each)).lines for each in strangers] == [()] * 4
    assert (await carts.read(earlier)).lines == CART.lines


async def test_a_known_shoppers_cart_is_not_brought_by_a_handle_alone(
    gate: Gate, merchant: Merchant, carts: Carts
) -> None:
    left, key = make_handle(), give_key(merchant)
    async with gate.open() as shopper:
        await shopper.hello(resume=left)
        await identify(shopper, sign(key, claim(merchant)))
        await shopper.say("hello")
        await shopper.expect("done")
    row = await Conversation.objects.aget(merchant_id=merchant.pk)
    earlier = ConversationId(str(row.pk))
    await carts.fill(earlier)

    # The shopper has logged out, and somebody else is at the same browser.
    later = await begin(gate, resume=make_handle(), left=left)

    assert (await carts.read(later)).lines == ()
    assert (await carts.read(earlier)).lines == CART.lines


async def test_what_was_deleted_comes_along_with_nobody(gate: Gate, merchant: Merchant, carts: Carts) -> None:
    left = make_handle()
    earlier = await begin(gate, resume=left)
    await carts.fill(earlier)
    async with gate.open() as shopper:
        await shopper.hello(resume=left)
        await shopper.send(t="erase", cid=str(uuid.uuid4()))
        await shopper.expect("ack")

    later = await begin(gate, resume=make_handle(), left=left)

    assert (await carts.read(later)).lines == ()


async def test_a_cart_of_which_an_order_may_have_been_placed_stays_where_that_will_be_told(
    gate: Gate, merchant: Merchant, carts: Carts
) -> None:
    left = make_handle()
    earlier = await begin(gate, resume=left)
    await carts.fill(earlier)
    await OrderAttempt.objects.acreate(
        merchant=merchant, token="t" * 64, origin=earlier, at=datetime.now(UTC)
    )

    later = await begin(gate, resume=make_handle(), left=left)

    assert (await carts.read(later)).lines == ()
    assert (await carts.read(earlier)).lines == CART.lines
