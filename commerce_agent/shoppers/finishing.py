"""Finishes erasures that an outage interrupted, and that nobody asks for again."""

from datetime import datetime, timedelta

import msgspec
import structlog
from asgiref.sync import sync_to_async

from commerce_agent.composition import Platform
from commerce_agent.decoding import decode_json
from commerce_agent.shoppers.erasing import ENDS_TOLD, OUTAGES, close_erasure, erase, erase_conversation
from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.models import AccessRecord
from conversations.models.access import ERASURES
from conversations.service import KeyFault, NoSuchKey, Reader, UnreadableEvent, Whose

FINISHER = Reader(actor="job:purge", purpose="finishes what an outage interrupted")
UNDER_WAY = timedelta(minutes=5)
"""So long an erasure is left to whoever asked for it."""

log = structlog.get_logger(__name__)


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """An erasure that the record says was begun, and not that it ended."""

    whose: Whose
    conversation: ConversationId | None
    """Where only one of a named shopper's was to go."""


async def finish_erasures(platform: Platform, *, since: datetime, now: datetime) -> int:
    """Finishes what was begun since then and neither ended nor was refused; says how many erasures."""
    finished = 0
    for begun in await sync_to_async(_list_begun)(since=since, before=now - UNDER_WAY):
        try:
            await _finish(platform, begun, now=now)
        except (KeyFault, UnreadableEvent):
            # It must be kept, or cannot be read yet: each is on record now.
            continue
        except OUTAGES as fault:
            log.warning("erasure.not_finished", shopper=begun.whose.shopper, kind=type(fault).__name__)
        else:
            finished += 1
    return finished


async def _finish(platform: Platform, begun: Begun, *, now: datetime) -> None:
    whose = begun.whose
    if begun.conversation is not None:
        await erase_conversation(
            platform, whose=whose, conversation=begun.conversation, reader=FINISHER, at=now
        )
    elif await _is_gone(platform, whose):
        await close_erasure(platform, whose=whose, reader=FINISHER, at=now)
    else:
        await erase(platform, merchant=whose.merchant, owner=whose.shopper, reader=FINISHER, at=now)


async def _is_gone(platform: Platform, whose: Whose) -> bool:
    """Whether the outage came after all had gone."""
    try:
        await platform.key_keeper.require_erasable(merchant=whose.merchant, owner=whose.shopper)
    except NoSuchKey:
        return True
    except KeyFault:
        # The erasure meets it as well, and puts it on record.
        return False
    return False


def _list_begun(*, since: datetime, before: datetime) -> list[Begun]:
    rows = AccessRecord.objects.filter(action__in=ERASURES, at__gte=since).order_by("merchant_id", "seq")
    open_ones: dict[tuple[str, str, str], bool] = {}
    for row in rows:
        detail = decode_json(row.detail, dict[str, str]) if row.detail else {}
        conversation = detail.get("conversation", "")
        open_ones[str(row.merchant_id), row.subject.partition(":")[2], conversation] = (
            row.action.endswith(".erasing") and row.at < before and ENDS_TOLD in detail.items()
        )
    return [
        Begun(
            whose=Whose(merchant=MerchantId(merchant), shopper=ShopperId(owner)),
            conversation=ConversationId(conversation) if conversation else None,
        )
        for (merchant, owner, conversation), is_open in open_ones.items()
        if is_open
    ]
