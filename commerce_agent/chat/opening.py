"""Opens the conversation of a first message, under the handle by which its browser comes back."""

import secrets
from datetime import datetime

import msgspec
import structlog
from django.utils.translation import gettext as _
from django.utils.translation import override

from commerce_agent.chat.merchants import Shop
from commerce_agent.chat.protocol import FrameRefused
from commerce_agent.chat.standing import Standing
from commerce_agent.composition import Platform
from conversations.ids import ConversationId
from conversations.service import HandleRefused

log = structlog.get_logger(__name__)


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """The conversation of a first message."""

    conversation: ConversationId
    handle: str
    untold: str | None = None
    """The handle where it is one of ours, of which the client does not know yet."""


def refuse_unopened(*, cid: str | None, language: str) -> FrameRefused:
    """The refusal of what needs a conversation, before there is one."""
    with override(language):
        text = _("There is no conversation yet. Please send a message first.")
    return FrameRefused(code="not_open", text=text, cid=cid)


async def open_conversation(
    *,
    platform: Platform,
    shop: Shop,
    standing: Standing,
    handle: str | None,
    left: str | None,
    language: str,
    at: datetime,
) -> Opened:
    """Opens it under the client's handle, or finds what another socket of the same client has opened meanwhile; opens
    it under a handle of ours where the client's is missing or no good. A known shopper's cart comes along, and of
    whoever shows the handle of the conversation that they `left` the cart of that.
    """
    conversations = platform.conversations

    async def open_under(chosen: str) -> ConversationId:
        shopper = standing.shopper
        conversation = await conversations.open_conversation(
            merchant=shop.id,
            shopper=shopper.id if shopper else None,
            tier=shopper.tier if shopper else None,
            locale=language,
            currency=shop.currency,
            resume=chosen,
            at=at,
        )
        if shopper or left:
            found = await conversations.find_resumed(handle=left, merchant=shop.id, at=at) if left else None
            await conversations.carry_cart(conversation=conversation, at=at, left_by=found)
        return conversation

    if handle is not None:
        try:
            return Opened(conversation=await open_under(handle), handle=handle)
        except HandleRefused as refused:
            log.info("chat.handle_refused", kind=type(refused).__name__)
        found = await conversations.find_resumed(handle=handle, merchant=shop.id, at=at)
        if found is not None and await standing.may_enter(found):
            return Opened(conversation=found, handle=handle)
    ours = secrets.token_urlsafe(32)
    return Opened(conversation=await open_under(ours), handle=ours, untold=ours)
