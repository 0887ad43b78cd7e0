"""Work outside of a request: news of the shop, and turns that nobody finished."""

import asyncio
from datetime import timedelta

import structlog
from celery import shared_task

from catalog.events import decode_event
from catalog.ids import MerchantId as CatalogMerchantId
from catalog.merchants import delete_merchant
from catalog.models import Merchant
from commerce_agent.composition import build_claude, open_platform, read_clock
from conversations.ids import MerchantId

log = structlog.get_logger(__name__)

UNANSWERED_SECONDS = 20
"""A message that waits longer has lost its worker; another takes the turn."""
SCRIPT_HOURS = 24
"""No script runs longer."""


@shared_task(name="commerce_agent.spread_catalog_event")
def spread_catalog_event(event: str) -> int:
    """Carries a catalogue event (JSON) into the open conversations; answers how many were told."""
    return asyncio.run(_spread(event))


async def _spread(event: str) -> int:
    async with open_platform() as platform:
        return await platform.newsroom.spread(decode_event(event.encode()))


@shared_task(name="commerce_agent.finish_turns")
def finish_turns() -> int:
    """Takes the turns of conversations whose message has waited too long; answers how many it answered."""
    scripted = Merchant.objects.filter(ephemeral=True).values_list("pk", flat=True)
    return asyncio.run(_finish(but=tuple(MerchantId(str(pk)) for pk in scripted)))


async def _finish(*, but: tuple[MerchantId, ...]) -> int:
    """Answers what waits, `but` of scripted merchants: a script runs its own turns, on its own clock."""
    async with open_platform(claude=build_claude()) as platform:
        before = read_clock() - timedelta(seconds=UNANSWERED_SECONDS)
        waiting = await platform.conversations.list_waiting(before=before, but=but)
        answered = await asyncio.gather(
            *(platform.turns.run_all(conversation) for conversation in waiting), return_exceptions=True
        )
    for conversation, turns in zip(waiting, answered, strict=True):
        if isinstance(turns, BaseException):
            log.error("turn.not_finished", conversation=conversation, error=type(turns).__name__)
    return sum(turns for turns in answered if isinstance(turns, int))


@shared_task(name="commerce_agent.sweep_scripts")
def sweep_scripts() -> int:
    """Removes the merchants of scripted conversations that were killed before they could; answers how many."""
    before = read_clock() - timedelta(hours=SCRIPT_HOURS)
    left = [
        MerchantId(str(pk))
        for pk in Merchant.objects.filter(ephemeral=True, created_at__lt=before).values_list("pk", flat=True)
    ]
    for merchant in left:
        asyncio.run(_forget(merchant))
        delete_merchant(merchant=CatalogMerchantId(merchant))
    return len(left)


async def _forget(merchant: MerchantId) -> None:
    async with open_platform() as platform:
        await platform.conversations.forget_merchant(merchant=merchant)
