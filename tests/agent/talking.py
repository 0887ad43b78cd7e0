"""One message and its turn, in the words of a test."""

from uuid import uuid4

from commerce_agent.composition import Platform
from conversations.events import Event
from conversations.events.decisions import Decision, DecisionMade
from conversations.events.messages import CardsShown, NoticeGiven, ReplyGiven
from conversations.ids import ClientMessageId, ConversationId, MerchantId
from conversations.models import Conversation
from tests.agent.conftest import NOW


async def open_talk(platform: Platform, *, merchant: str, currency: str = "EUR") -> ConversationId:
    """A new conversation of an anonymous shopper."""
    return await platform.conversations.open_conversation(
        merchant=MerchantId(merchant), currency=currency, at=NOW
    )


async def say(platform: Platform, conversation: ConversationId, text: str) -> tuple[Event, ...]:
    """The events of the turn that answers the message."""
    before = await platform.conversations.load(conversation=conversation)
    await platform.conversations.record_message(
        conversation=conversation, cid=ClientMessageId(uuid4().hex), text=text, at=NOW
    )
    assert await platform.turns.run(conversation) is not None
    recorded = await platform.conversations.list_events(conversation=conversation, after=before.version)
    return tuple(each.event for each in recorded)


async def leave_others_be(*, merchant: str) -> None:
    """What other tests left waiting is nobody's to answer any more: a sweep finds this merchant's messages alone.

    They are many, some of them cannot be answered, and a sweep would take minutes for them.
    """
    left = Conversation.objects.filter(waiting_since__isnull=False).exclude(merchant_id=merchant)
    await left.aupdate(waiting_since=None)


def find_reply(events: tuple[Event, ...]) -> ReplyGiven:
    """The reply that closed the turn; there is exactly one."""
    (reply,) = (event for event in events if isinstance(event, ReplyGiven))
    return reply


def find_decision(events: tuple[Event, ...]) -> Decision:
    """The turn's decision; there is exactly one."""
    (made,) = (event for event in events if isinstance(event, DecisionMade))
    return made.decision


def list_cards(events: tuple[Event, ...]) -> list[str]:
    """The SKUs on the cards."""
    return [card.ref.key for event in events if isinstance(event, CardsShown) for card in event.cards]


async def list_notices(platform: Platform, conversation: ConversationId) -> list[str]:
    """What the conversation was told of changes."""
    events = await platform.conversations.list_events(conversation=conversation)
    return [each.event.text for each in events if isinstance(each.event, NoticeGiven)]
