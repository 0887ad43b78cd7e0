"""Opens the conversation of a first message, under the handle by which its browser comes back.

The client makes the resume secret. One that the server makes reaches the client with the first ack, and when that
is lost, the same message opens a second conversation. So the widget offers a random secret with every hello, stores
it with the first message (lent by the shop's page where storage is blocked), and the server keeps its hash, bound
to the merchant. Where a secret is missing, weak or known elsewhere, the server makes one and sends it with the acks
until one was sent.

Who comes back is looked after. A hello to a conversation in which a message waits starts its turn: the process that
had begun it may be dead, and the shopper should not wait for the sweep.

A cart survives the talk it was filled in. Whoever begins anew shows the handle of the talk that they `left` with
the next hello: the same secret would have let them into it, so its cart comes along, once, into a talk of nobody
known out of one of nobody known. A known shopper's comes by who they are, whatever the browser. It stays where it
is while an order may have been placed from it that nobody has heard of. A page that is loaded between beginning
anew and the first message has forgotten the old handle: nothing is stored for it.

A handle is used for one visit. A page that finds a handle offers the next one with its hello; the welcome says that
it was taken. The old one holds until the new one is brought, since the welcome may be lost, and an hour more, for
other tabs; those hear of the change. That a talk has begun is told to other tabs by a second key, set and removed
at once: the handle itself is never out of storage for a moment, and a tab that has not heard of a newer one does
not write its own over it.
"""

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
