"""A browser comes back by the handle it made, and nobody else does."""

import asyncio
import hashlib
import secrets
from uuid import uuid4

import pytest

from conversations.ids import ConversationId, MerchantId
from conversations.models import Conversation, ResumeHandle
from conversations.service import Conversations, HandleRefused
from conversations.store.resume import RESUME_DAYS
from tests.conversations.state.talking import NOON, after

MONTH = RESUME_DAYS * 86_400


@pytest.fixture
def handle() -> str:
    return secrets.token_urlsafe(32)


@pytest.fixture
async def conversation(service: Conversations, merchant: MerchantId, handle: str) -> ConversationId:
    return await service.open_conversation(merchant=merchant, resume=handle, at=NOON)


async def test_a_handle_leads_back_for_thirty_days(
    service: Conversations, conversation: ConversationId, merchant: MerchantId, handle: str
) -> None:
    for seconds, found in ((0, conversation), (MONTH - 1, conversation), (MONTH, None), (MONTH + 1, None)):
        assert await service.find_resumed(handle=handle, merchant=merchant, at=after(seconds)) == found


async def test_a_handle_opens_nothing_elsewhere(
    service: Conversations, conversation: ConversationId, merchant: MerchantId, handle: str
) -> None:
    other = MerchantId(str(uuid4()))

    assert await service.find_resumed(handle=handle, merchant=other, at=NOON) is None
    assert await service.find_resumed(handle=handle[:-1], merchant=merchant, at=NOON) is None
    assert await service.find_resumed(handle="", merchant=merchant, at=NOON) is None
    with pytest.raises(HandleRefused):
        await service.open_conversation(merchant=other, resume=handle, at=NOON)
    assert not await Conversation.objects.filter(merchant_id=other).aexists()


async def test_only_the_hash_of_a_handle_is_stored(
    conversation: ConversationId, merchant: MerchantId, handle: str
) -> None:
    row = await ResumeHandle.objects.aget(merchant_id=merchant)

    assert row.digest == hashlib.sha256(handle.encode()).hexdigest()
    stored = [str(value) for value in (row.digest, row.merchant_id, row.conversation_id, row.expires_at)]
    assert not any(handle in value for value in stored)


async def test_a_handle_opens_one_conversation_however_many_open_it_at_once(
    service: Conversations, merchant: MerchantId, handle: str
) -> None:
    answers = await asyncio.gather(
        *(service.open_conversation(merchant=merchant, resume=handle, at=NOON) for _ in range(6)),
        return_exceptions=True,
    )

    [opened] = [answer for answer in answers if isinstance(answer, str)]
    assert sum(isinstance(answer, HandleRefused) for answer in answers) == 5
    assert await service.find_resumed(handle=handle, merchant=merchant, at=NOON) == opened
    assert await Conversation.objects.filter(merchant_id=merchant).acount() == 1


async def test_an_expired_handle_may_open_another(
    service: Conversations, conversation: ConversationId, merchant: MerchantId, handle: str
) -> None:
    late = after(MONTH + 1)

    another = await service.open_conversation(merchant=merchant, resume=handle, at=late)

    assert another != conversation
    assert await service.find_resumed(handle=handle, merchant=merchant, at=late) == another


@pytest.mark.parametrize(
    "weak", ["", "a" * 43, "ab" * 30, "x" * 31, "0aZ-_9qLr7Xk2mVt5yHc8wJd3nPf6sBg" + "!", "ä" * 43]
)
async def test_a_weak_handle_opens_nothing(service: Conversations, merchant: MerchantId, weak: str) -> None:
    with pytest.raises(HandleRefused):
        await service.open_conversation(merchant=merchant, resume=weak, at=NOON)
    assert not await Conversation.objects.filter(merchant_id=merchant).aexists()
