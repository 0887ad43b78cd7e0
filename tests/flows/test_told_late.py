"""An order whose answer was lost and that is told later: what it bought leaves the cart once, and nothing else does."""

from catalog.models import Order
from tests.flows.test_misbehaving import Talk, list_own_attempts, propose, talk
from tests.merchant_api import RunningApi

__all__ = ["talk"]


async def order_unheard(talk: Talk, merchant_api: RunningApi) -> str:
    """A green lamp is ordered, and nobody hears of it; the order's number."""
    conversation, press = await propose(talk)
    merchant_api.misbehave("lost_answer", kind="orders")
    await talk.platform.confirmations.confirm(conversation=conversation, press=press, at=talk.clock())
    merchant_api.behave()
    return str((await Order.objects.aget(merchant_id=talk.merchant)).number)


async def hear(talk: Talk) -> None:
    """The worker asks what came of it."""
    (attempt,) = await list_own_attempts(talk)
    assert await talk.platform.confirmations.settle(attempt, at=talk.clock())


async def read_cart(talk: Talk) -> dict[str, int]:
    assert talk.conversation is not None
    cart = (await talk.platform.conversations.load(conversation=talk.conversation)).cart
    return {line.ref.key: line.quantity for line in cart.lines}


async def test_what_was_ordered_leaves_the_cart_though_its_offer_is_long_forgotten(
    talk: Talk, merchant_api: RunningApi
) -> None:
    number = await order_unheard(talk, merchant_api)
    await talk.say("add the white lamp to my cart")
    for _ in range(4):
        await talk.say("check out")
    assert await read_cart(talk) == {"MEADOW-G": 1, "MEADOW-W": 1}

    await hear(talk)

    assert await read_cart(talk) == {"MEADOW-W": 1}
    assert talk.conversation is not None
    state = await talk.platform.conversations.load(conversation=talk.conversation)
    assert (state.cart.orders, state.cart.proposal) == ((number,), None)
    # Once: what is put in after that is wanted.
    await talk.say("add the green lamp to my cart")
    assert await list_own_attempts(talk) == []
    assert await read_cart(talk) == {"MEADOW-G": 1, "MEADOW-W": 1}


async def test_what_was_put_in_since_stays_in_the_cart(talk: Talk, merchant_api: RunningApi) -> None:
    await order_unheard(talk, merchant_api)
    await talk.say("take the green lamp out of my cart")
    assert await read_cart(talk) == {}
    await talk.say("add the green lamp to my cart")

    await hear(talk)

    assert await read_cart(talk) == {"MEADOW-G": 1}


async def test_of_more_of_the_same_only_what_was_ordered_leaves(talk: Talk, merchant_api: RunningApi) -> None:
    await order_unheard(talk, merchant_api)
    await talk.say("add two more of the green lamp to my cart")
    assert await read_cart(talk) == {"MEADOW-G": 3}

    await hear(talk)

    assert await read_cart(talk) == {"MEADOW-G": 2}
