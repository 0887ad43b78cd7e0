"""What was said, looked at and bought in earlier visits is known in the next, said so, and can be taken out."""

from datetime import timedelta

from asgiref.sync import sync_to_async
from moneyed import Money

from catalog.models import Order, OrderLine
from commerce_agent.agent.ordering.confirming import Press
from commerce_agent.models import AgentSettings
from conversations.events import Event
from conversations.events.carts import ProposalMade
from conversations.events.constraints import ConstraintStated
from conversations.events.entities import ReferenceResolved
from conversations.events.messages import QuickRepliesOffered
from conversations.ids import MerchantId
from conversations.models import AccessRecord
from tests.shoppers.conftest import NOON, Visitor, buy, get_reply, list_cards, list_cart

DAY = timedelta(days=1)


async def test_the_same_size_as_last_time_is_the_one_that_was_said(ada: Visitor) -> None:
    await ada.say("I'm looking for hiking boots in size 42")
    await ada.come(after=30 * DAY)

    events = await ada.say("show me winter boots, same size as last time")

    stated = [event.constraint for event in events if isinstance(event, ConstraintStated)]
    assert ("size", "=", "42") in [(term.field, term.op, term.value) for term in stated]
    assert list_cards(events) == ["FELL-42"]
    assert "size 42" in get_reply(events)


async def test_a_size_that_was_bought_counts_and_one_of_other_goods_does_not(
    ada: Visitor, outfitter: MerchantId
) -> None:
    await sync_to_async(buy)(outfitter, "BOOT-41")

    boots = await ada.say("winter boots in the same size as last time please")
    await ada.come()
    tents = await ada.say("a tent, same size as last time")

    assert list_cards(boots) == ["FELL-41"]
    assert "I know no size of yours" in get_reply(tents)


async def test_a_size_that_was_sent_back_counts_no_more(ada: Visitor, outfitter: MerchantId) -> None:
    await sync_to_async(buy)(outfitter, "BOOT-42", days_ago=40)
    await sync_to_async(buy)(outfitter, "BOOT-41")
    await OrderLine.objects.filter(merchant_id=outfitter, sku="BOOT-41").aupdate(returned=1)

    events = await ada.say("winter boots in the same size as last time please")

    assert list_cards(events) == ["FELL-42"]


async def test_what_was_looked_at_yesterday_is_meant_in_another_visit(ada: Visitor) -> None:
    await ada.say("show me the Ridge two-person tent")
    await ada.come(after=DAY)

    events = await ada.say("is the tent I looked at yesterday still in stock?")
    resolved = [event.reference for event in events if isinstance(event, ReferenceResolved)]
    await ada.come(after=10 * DAY)
    later = await ada.say("show me the tent I looked at yesterday")

    assert [[ref.key for ref in each.refs] for each in resolved] == [["TENT-G"]]
    assert resolved[0].rules == ("memory",)
    assert get_reply(events) == "Yes, the Ridge two-person tent in green is in stock."
    assert "I see none from then" in get_reply(later)


async def test_coffee_is_ordered_again_as_it_was(ada: Visitor, outfitter: MerchantId) -> None:
    await sync_to_async(buy)(outfitter, "COFFEE-E", quantity=2)
    await sync_to_async(buy)(outfitter, "COFFEE-F", days_ago=90)

    events = await ada.say("reorder my coffee")
    none = await ada.say("reorder my kayak")

    assert list_cart(events) == [("COFFEE-E", 2)]
    assert "November 3, 2026" in get_reply(events)
    assert list_cart(none) == []
    assert "kayak" in get_reply(none)


async def test_boots_are_ordered_again_in_the_size_that_they_were(
    ada: Visitor, outfitter: MerchantId
) -> None:
    await sync_to_async(buy)(outfitter, "BOOT-43")

    assert list_cart(await ada.say("buy my hiking boots again")) == [("BOOT-43", 1)]


async def test_what_is_remembered_is_shown_corrected_and_taken_out(ada: Visitor) -> None:
    await ada.say("I'm looking for hiking boots in size 42, nothing from Borea")

    shown = get_reply(await ada.say("what do you remember about me?"))
    forgot = get_reply(await ada.say("forget my boots size"))
    after = await ada.get_profile()
    await ada.say("actually I'm looking for boots in size 43")
    again = await ada.get_profile()
    gone = get_reply(await ada.say("forget everything about me"))

    assert "42" in shown
    assert "Scree" in shown
    assert "Forgotten" in forgot
    assert [kept.kind for kept in after.kept if kept.kind == "size"] == []
    assert [kept.value for kept in again.kept if kept.kind == "size"] == ["43"]
    assert "Forgotten" in gone
    assert (await ada.get_profile()).kept == ()


async def test_where_an_order_was_sent_by_the_button_is_offered_the_next_time(
    ada: Visitor, outfitter: MerchantId
) -> None:
    home, asking = "12 New Road, 90210 Springfield", "please send my order to another address"
    await Order.objects.acreate(
        merchant_id=outfitter, number="70001", customer_key="ada", placed_at=NOON, total=Money(9, "USD")
    )
    first = await ada.say(asking)
    (proposal,) = (event.proposal for event in await ada.say(home) if isinstance(event, ProposalMade))
    before = await ada.get_profile()
    confirmations, talk = ada.platform.confirmations, ada.talk
    assert talk is not None
    token = await confirmations.issue_token(conversation=talk, proposal=proposal.id)
    press = Press(proposal=proposal.id, hash=proposal.hash, token=token)
    done = await confirmations.confirm(conversation=talk, press=press, at=ada.clock())
    await ada.come(after=DAY)
    second = await ada.say(asking)
    await ada.come()
    shown = get_reply(await ada.say("what do you remember about me?"))
    await ada.say("forget my address")

    def list_buttons(events: tuple[Event, ...]) -> list[str]:
        return [each for event in events if isinstance(event, QuickRepliesOffered) for each in event.replies]

    assert done.status == "accepted"
    assert home not in list_buttons(first)
    assert home in list_buttons(second)
    assert home in shown
    assert [kept for kept in before.kept if kept.kind == "address"] == []
    assert [kept for kept in (await ada.get_profile()).kept if kept.kind == "address"] == []


async def test_nothing_is_kept_or_used_without_the_consent_that_the_shop_asks(
    ada: Visitor, outfitter: MerchantId
) -> None:
    await AgentSettings.objects.acreate(
        merchant_id=outfitter, version=1, memory_needs_consent=True, changed_at=NOON
    )
    await ada.say("hiking boots in size 42")
    kept = await ada.get_profile()
    await ada.come(after=DAY)
    refused = await ada.say("winter boots, same size as last time")

    allowed = get_reply(await ada.say("you may remember me"))
    await ada.say("winter boots in size 41")
    await ada.come(after=DAY)
    used = await ada.say("hiking boots, same size as last time")

    assert kept.kept == ()
    assert "haven't agreed" in get_reply(refused)
    assert not [
        event for event in refused if isinstance(event, ConstraintStated) and event.constraint.field == "size"
    ]
    assert "Thank you" in allowed
    assert list_cards(used) == ["BOOT-41"]
    assert {each.consented for each in (await ada.get_profile()).kept} == {True}


async def test_a_refusal_takes_everything_out_and_keeps_it_out(ada: Visitor) -> None:
    await ada.say("hiking boots in size 42")
    await ada.say("don't remember me")
    await ada.say("winter boots in size 41")

    profile = await ada.get_profile()
    assert (profile.consent, profile.kept) == ("refused", ())


async def test_an_anonymous_shopper_is_not_remembered(ada: Visitor) -> None:
    stranger = Visitor(ada.platform, ada.clock, merchant=ada.merchant, shopper=None)
    await stranger.say("hiking boots in size 42")

    reply = get_reply(await stranger.say("reorder my coffee"))

    assert "signed in" in reply
    assert (await ada.get_profile()).kept == ()


async def test_a_turn_that_looks_twice_is_on_record_once(ada: Visitor) -> None:
    """The words ask for a size, and the search for what the shopper likes."""
    await ada.say("I'm looking for hiking boots in size 42")
    looks = AccessRecord.objects.filter(merchant_id=ada.merchant, action="profile.read")
    before = await looks.acount()

    assert list_cards(await ada.say("show me winter boots, same size as last time")) == ["FELL-42"]

    assert await looks.acount() == before + 1


async def test_every_look_at_the_memory_is_on_record_before_it_is_said(ada: Visitor) -> None:
    await ada.say("hiking boots in size 42")
    await ada.say("what do you remember about me?")

    looked = AccessRecord.objects.filter(merchant_id=ada.merchant, subject=f"shopper:{ada.shopper}")
    made = [(each.actor, each.action, each.detail) async for each in looked.order_by("seq")]
    assert made[0] == ("shop", "shopper.named", '{"fields":"key,name,contact"}')
    assert made[1] == ("agent", "shopper.read", '{"fields":"contact,key,name,preferences,tier"}')
    assert made[2][:2] == ("agent", "profile.read"), "the search looks for what the shopper likes"
    assert made[3] == ("agent", "profile.written", '{"fields":"seen,size"}')
    assert ("agent", "profile.read", '{"fields":"consent,kept"}') in made
