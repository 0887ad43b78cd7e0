"""Asks merchants' systems that cannot send: the same events, through the same inbox."""

import asyncio
from datetime import datetime, timedelta

import httpx2
import msgspec
import structlog
from django.db import transaction
from django.db.models import Q

from catalog.connectors.fetching import Fetcher
from catalog.errors import CatalogError
from catalog.ids import MerchantId
from catalog.inbox import BodyUnreadable, read_items, record_delivery, record_refusal
from catalog.models import PollSource
from commerce_agent.composition import Pool
from commerce_agent.webhooks.receiving import MOST_BYTES

POLL_SECONDS = 10.0
MOST_AT_ONCE = 50

log = structlog.get_logger(__name__)


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """An address whose time has come."""

    pk: int
    merchant: MerchantId
    name: str
    url: str
    cursor: str


class PollFailed(Exception):
    """The address did not answer with events; whoever runs it must mend what the message names."""


class Polled(msgspec.Struct, frozen=True, kw_only=True):
    """What one question brought."""

    accepted: int
    outcome: str
    cursor: str


def claim_due(*, now: datetime) -> tuple[Due, ...]:
    """The addresses to ask now, each given to one worker: its next time is set before it is asked."""
    with transaction.atomic():
        due = list(
            PollSource.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(Q(due_at__isnull=True) | Q(due_at__lte=now), active=True, merchant__active=True)
            .order_by("due_at")[:MOST_AT_ONCE]
        )
        for source in due:
            source.due_at, source.asked_at = now + timedelta(seconds=source.seconds), now
            source.save(update_fields=["due_at", "asked_at"])
    return tuple(
        Due(
            pk=source.pk,
            merchant=MerchantId(str(source.merchant_id)),
            name=source.name,
            url=source.url,
            cursor=source.cursor,
        )
        for source in due
    )


async def poll(due: Due, *, pool: Pool, fetcher: Fetcher, now: datetime) -> Polled:
    """Asks one address after what came before; what it answers is durable once this returns."""
    via = f"poll {due.name}"
    try:
        body = await _ask(due, fetcher=fetcher)
        items = read_items(body)
    except (PollFailed, BodyUnreadable) as failure:
        async with pool.connection() as connection:
            await record_refusal(
                connection,
                merchant=due.merchant,
                via=via,
                size=0,
                at=now,
                status=502,
                problem=str(failure),
            )
        log.warning("poll.failed", source=due.pk, problem=str(failure)[:200])
        return Polled(accepted=0, outcome=str(failure)[:300], cursor=due.cursor)
    cursor = (items.next or due.cursor)[:500]
    if not items.taken and not items.refused:
        return Polled(accepted=0, outcome="Nothing new.", cursor=cursor)
    async with pool.connection() as connection:
        receipt = await record_delivery(
            connection, merchant=due.merchant, via=via, items=items, size=len(body), at=now
        )
    outcome = f"{receipt.accepted} new, {receipt.known} known, {len(receipt.refused)} refused."
    return Polled(accepted=receipt.accepted, outcome=outcome, cursor=cursor)


def keep_outcome(due: Due, polled: Polled) -> None:
    """Remembers where the next question goes on, once what came before is durable."""
    PollSource.objects.filter(pk=due.pk).update(cursor=polled.cursor, outcome=polled.outcome)


async def _ask(due: Due, *, fetcher: Fetcher) -> bytes:
    url = httpx2.URL(due.url)
    if due.cursor:
        url = url.copy_merge_params({"after": due.cursor})
    try:
        async with asyncio.timeout(POLL_SECONDS):
            answer = await fetcher.fetch(
                kind="catalogue", url=str(url), headers={"Accept": "application/json"}
            )
    except (CatalogError, TimeoutError, httpx2.InvalidURL) as error:
        raise PollFailed(str(error) or "It did not answer in time.") from error
    if answer.status != httpx2.codes.OK:
        raise PollFailed(f"It answered {answer.status}; 200 with events was expected.")
    if len(answer.body) > MOST_BYTES:
        raise PollFailed(f"Its answer is longer than {MOST_BYTES:,} bytes.")
    return answer.body
