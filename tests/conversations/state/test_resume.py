"""A browser comes back by its handle, and nobody else does."""

import hashlib
from uuid import uuid4

from conversations.ids import ConversationId, MerchantId
from conversations.models import ResumeHandle
from conversations.service import Conversations
from conversations.store.resume import RESUME_DAYS
from tests.conversations.state.talking import NOON, after

MONTH = RESUME_DAYS * 86_400


async def test_a_handle_leads_back_for_thirty_days(
    service: Conversations, conversation: ConversationId, merchant: MerchantId
) -> None:
    handle = await service.grant_resume(conversation=conversation, merchant=merchant, at=NOON)

    for seconds, found in ((0, conversation), (MONTH - 1, conversation), (MONTH, None), (MONTH + 1, None)):
        assert await service.find_resumed(handle=handle, merchant=merchant, at=after(seconds)) == found


async def test_a_handle_opens_nothing_elsewhere(
    service: Conversations, conversation: ConversationId, merchant: MerchantId
) -> None:
    handle = await service.grant_resume(conversation=conversation, merchant=merchant, at=NOON)
    other = MerchantId(str(uuid4()))

    assert await service.find_resumed(handle=handle, merchant=other, at=NOON) is None
    assert await service.find_resumed(handle=handle[:-1], merchant=merchant, at=NOON) is None
    assert await service.find_resumed(handle="", merchant=merchant, at=NOON) is None


async def test_only_the_hash_of_a_handle_is_stored(
    service: Conversations, conversation: ConversationId, merchant: MerchantId
) -> None:
    handle = await service.grant_resume(conversation=conversation, merchant=merchant, at=NOON)

    row = await ResumeHandle.objects.aget(merchant_id=merchant)

    assert row.digest == hashlib.sha256(handle.encode()).hexdigest()
    stored = [str(value) for value in (row.digest, row.merchant_id, row.conversation_id, row.expires_at)]
    assert not any(handle in value for value in stored)


async def test_two_handles_of_one_conversation_differ_and_both_lead_back(
    service: Conversations, conversation: ConversationId, merchant: MerchantId
) -> None:
    handles = {
        await service.grant_resume(conversation=conversation, merchant=merchant, at=NOON) for _ in range(2)
    }

    assert len(handles) == 2
    for handle in handles:
        assert await service.find_resumed(handle=handle, merchant=merchant, at=NOON) == conversation
