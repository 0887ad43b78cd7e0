"""Taking a conversation over, speaking in it and giving it back: from a page to the state service and the sockets.

A person is a lease, not a lock. Who takes a conversation over has it until they hand it back, are not seen for five
minutes (an open page asks for news by itself and counts for 75 seconds, in a tab behind another too), or let the
shopper wait for ten (`visiting.py`); then the clock gives it back, the record says why, and the assistant answers
what waits. Coming, each answer and going are two rows of the chain, that it is tried and what came of it; that
somebody types is none. The page asks `live_news` (a wait of twenty seconds in the server's own loop, no thread) and
then itself; without scripts it is loaded again.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from asgiref.sync import async_to_sync

from commerce_agent.announcing import publish_through
from commerce_agent.chat.hints import tell
from commerce_agent.composition import Platform, open_platform
from conversations.ids import ClientMessageId, ConversationId
from conversations.service import Person

STAYS = timedelta(minutes=5)
"""Whoever opened the page, wrote or pressed something counts as there for so long."""
WATCHED = timedelta(seconds=75)
"""The same for a page that goes on asking for news by itself: it has stopped when it was closed."""
ANSWERS_WITHIN = timedelta(minutes=10)
"""Whoever lets a shopper wait longer has the conversation taken from them."""

Answer = TypeVar("Answer")


def join(*, conversation: ConversationId, person: Person, at: datetime) -> bool:
    """Gives a person the conversation, and ends the reply that may be running; False where they had it already.

    Raises `InHand` while another has it.
    """

    async def work(platform: Platform) -> bool:
        visits = platform.conversations.visits
        joined = await visits.join(conversation=conversation, person=person, at=at, until=at + STAYS)
        if joined:
            # Its commit is refused anyway; so nothing more of it is thought up and shown.
            hint = {"type": "conversation.stop", "turn": 0}
            await tell(platform.channel_layer, conversation=conversation, hint=hint)
        return joined

    return _run(work)


def speak(
    *,
    conversation: ConversationId,
    account: str,
    cid: ClientMessageId,
    text: str,
    seen: int,
    at: datetime,
) -> bool:
    """Puts what a person wrote before the shopper; False where it was said before. Raises `NotInHand`."""

    async def work(platform: Platform) -> bool:
        return await platform.conversations.visits.speak(
            conversation=conversation,
            account=account,
            cid=cid,
            text=text,
            seen=seen,
            at=at,
            until=at + STAYS,
        )

    return _run(work)


def leave(*, conversation: ConversationId, account: str, note: str, at: datetime) -> None:
    """Gives the conversation back to the assistant, with what it is to know. Raises `NotInHand`."""

    async def work(platform: Platform) -> None:
        await platform.conversations.visits.leave(
            conversation=conversation, account=account, note=note, text="", at=at
        )

    _run(work)


def show_typing(*, conversation: ConversationId, account: str, at: datetime) -> None:
    """Lets the shopper see that the person writes; nothing is kept of it but that they are there."""

    async def work(platform: Platform) -> None:
        visits = platform.conversations.visits
        stay = await visits.find(conversation=conversation)
        if stay is not None and stay.account == account:
            await visits.see(conversation=conversation, account=account, until=at + WATCHED)
            await publish_through(platform.channel_layer)(conversation, {"t": "typing", "name": stay.name})

    _run(work)


async def _open_and_run(work: Callable[[Platform], Awaitable[Answer]]) -> Answer:
    async with open_platform() as platform:
        return await work(platform)


def _run(work: Callable[[Platform], Awaitable[Answer]]) -> Answer:
    return async_to_sync(_open_and_run)(work)
