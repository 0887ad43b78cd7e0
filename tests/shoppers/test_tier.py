"""The tier is one and the same in search, price, reply and order, also when it changes in the middle of a talk."""

from catalog.models import Customer
from commerce_agent.agent.ordering.confirming import Press
from conversations.events import Event
from conversations.events.messages import CardsShown, TierChanged
from conversations.models import AccessRecord
from tests.shoppers.conftest import Visitor, get_reply


def list_prices(events: tuple[Event, ...]) -> list[tuple[str, str]]:
    """The prices on the cards."""
    return [
        (card.ref.key, str(card.price.amount))
        for event in events
        if isinstance(event, CardsShown)
        for card in event.cards
        if card.price
    ]


async def test_a_tier_that_changes_in_the_middle_is_said_and_holds_everywhere(ada: Visitor) -> None:
    first = await ada.say("show me the Ridge two-person tent")
    await Customer.objects.acreate(merchant_id=ada.merchant, key="ada", tier="gold")
    await ada.platform.forget_keys()

    second = await ada.say("show me a tent under 220 dollars")
    third = await ada.say("add the Ridge tent to my cart")
    assert ada.talk is not None
    state = await ada.platform.conversations.load(conversation=ada.talk)

    assert list_prices(first)[0] == ("TENT-G", "240.00")
    assert [event for event in second if isinstance(event, TierChanged)] == [
        TierChanged(tier="gold", before=None)
    ]
    assert "You are gold" in get_reply(second)
    assert ("TENT-G", "216.00") in list_prices(second)
    assert not [event for event in third if isinstance(event, TierChanged)]
    assert [str(line.unit_price.amount) for line in state.cart.lines] == ["216.00"]
    assert state.transcript.tier == "gold"


async def test_a_tier_that_is_lost_altogether_is_said_and_no_longer_holds(ada: Visitor) -> None:
    await Customer.objects.acreate(merchant_id=ada.merchant, key="ada", tier="gold")
    first = await ada.say("show me the Ridge two-person tent")
    await Customer.objects.filter(merchant_id=ada.merchant, key="ada").aupdate(tier="", version=2)
    await ada.platform.forget_keys()

    second = await ada.say("show me a tent under 250 dollars")
    assert ada.talk is not None
    state = await ada.platform.conversations.load(conversation=ada.talk)

    assert list_prices(first)[0] == ("TENT-G", "216.00")
    assert [event for event in second if isinstance(event, TierChanged)] == [
        TierChanged(tier=None, before="gold")
    ]
    assert ("TENT-G", "240.00") in list_prices(second)
    assert "ordinary" in get_reply(second)
    assert state.transcript.tier is None


async def test_a_tier_that_cannot_be_asked_for_holds_as_before(ada: Visitor) -> None:
    await Customer.objects.acreate(merchant_id=ada.merchant, key="ada", tier="gold")
    await ada.say("show me the Ridge two-person tent")
    await ada.platform.forget_keys()
    ada.platform.outages.take_down("customers")

    second = await ada.say("show me a tent under 220 dollars")

    assert not [event for event in second if isinstance(event, TierChanged)]
    assert ("TENT-G", "216.00") in list_prices(second)


async def test_a_tier_that_takes_nothing_off_need_not_be_asked_for_to_order(ada: Visitor) -> None:
    await Customer.objects.acreate(merchant_id=ada.merchant, key="ada", tier="silver")
    for text in ("show me the Ridge two-person tent", "add it to my cart", "check out"):
        await ada.say(text)
    assert ada.talk is not None
    state = await ada.platform.conversations.load(conversation=ada.talk)
    offered = state.cart.proposal
    assert offered is not None
    confirmations = ada.platform.confirmations
    token = await confirmations.issue_token(conversation=ada.talk, proposal=offered.id)
    ada.platform.outages.take_down("customers")

    done = await confirmations.confirm(
        conversation=ada.talk,
        press=Press(proposal=offered.id, hash=offered.hash, token=token),
        at=ada.clock.now,
    )

    assert (state.transcript.tier, done.status) == ("silver", "accepted")


async def test_a_change_of_tier_is_on_record_once_before_it_is_said(ada: Visitor) -> None:
    changes = AccessRecord.objects.filter(
        merchant_id=ada.merchant, subject=f"shopper:{ada.shopper}", action="tier.changed"
    )
    await ada.say("show me the Ridge two-person tent")
    before = await changes.acount()
    await Customer.objects.acreate(merchant_id=ada.merchant, key="ada", tier="gold")
    await ada.platform.forget_keys()

    await ada.say("show me a tent under 220 dollars")
    await ada.say("thank you")

    assert before == 0
    assert [(row.actor, row.purpose, row.detail) async for row in changes] == [
        ("agent", "turn 2 of a conversation", '{"fields":"tier"}')
    ]
