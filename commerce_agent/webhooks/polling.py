"""Asks merchants' systems that cannot send: the same events, through the same inbox."""

import asyncio
from datetime import datetime, timedelta

import httpx2
import msgspec
import structlog
from django.db import transaction
from django.db.models import Q

from catalog.connectors import ConnectorUnavailable
from catalog.connectors.fetching import Fetcher
from catalog.connectors.sealing import SecretUnreadable
from catalog.connectors.trying import say_problem
from catalog.ids import MerchantId
from catalog.inbox import BodyUnreadable, Items, name_poll, read_items, record_delivery, record_refusal
from catalog.models import PollSource
from commerce_agent.isolation.connections import Pool
from commerce_agent.webhooks.poll_logins import PollLogin, find_login
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
    login: PollLogin

    @property
    def address(self) -> str:
        """What is asked: the address, and after what the last answer named. Raises `PollFailed`."""
        try:
            url = httpx2.URL(self.url)
            return str(url.copy_merge_params({"after": self.cursor}) if self.cursor else url)
        except httpx2.InvalidURL as error:
            raise PollFailed(f"This is no address: {error}.") from error


class PollFailed(Exception):
    """The address did not answer with events; whoever runs it must mend what the message names."""


class PollAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an address answered with."""

    items: Items
    size: int


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
    return tuple(describe_due(source) for source in due)


def describe_due(source: PollSource) -> Due:
    """A stored address, as it is asked next."""
    return Due(
        pk=source.pk,
        merchant=MerchantId(str(source.merchant_id)),
        name=source.name,
        url=source.url,
        cursor=source.cursor,
        login=find_login(source),
    )


async def poll(due: Due, *, pool: Pool, fetcher: Fetcher, now: datetime) -> Polled:
    """Asks one address after what came before; what it answers is durable once this returns."""
    via = f"poll {due.name}"
    try:
        answered = await ask(due, fetcher=fetcher)
    except (PollFailed, SecretUnreadable) as failure:
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
    items = answered.items
    cursor = (items.next or due.cursor)[:500]
    if not items.taken and not items.refused:
        return Polled(accepted=0, outcome="Nothing new.", cursor=cursor)
    async with pool.connection() as connection:
        receipt = await record_delivery(
            connection,
            merchant=due.merchant,
            via=via,
            items=items,
            size=answered.size,
            at=now,
            sender=name_poll(source=due.pk, url=due.url),
        )
    outcome = f"{receipt.accepted} new, {receipt.known} known, {len(receipt.refused)} refused."
    return Polled(accepted=receipt.accepted, outcome=outcome, cursor=cursor)


def keep_outcome(due: Due, polled: Polled) -> None:
    """Remembers where the next question goes on, once what came before is durable.

    An address that took this one's place meanwhile is asked from its own beginning.
    """
    PollSource.objects.filter(pk=due.pk, url=due.url).update(cursor=polled.cursor, outcome=polled.outcome)


async def ask(due: Due, *, fetcher: Fetcher) -> PollAnswer:
    """The events that an address answers with; nothing is kept. Raises `PollFailed`, `SecretUnreadable`."""
    headers = {"Accept": "application/json", **due.login.make_headers()}
    try:
        async with asyncio.timeout(POLL_SECONDS):
            # Which kind of system it is matters to connectors alone.
            answer = await fetcher.fetch(kind="catalogue", url=due.address, headers=headers)
    except ConnectorUnavailable as error:
        raise PollFailed(say_problem(error)) from error
    except TimeoutError as error:
        raise PollFailed(f"It did not answer within {POLL_SECONDS:g} seconds.") from error
    if answer.status == httpx2.codes.NO_CONTENT:
        return PollAnswer(items=Items(taken=(), refused=()), size=0)
    if answer.status != httpx2.codes.OK:
        raise PollFailed(f"It answered {answer.status}; 200 with events was expected.")
    if len(answer.body) > MOST_BYTES:
        raise PollFailed(f"Its answer is longer than {MOST_BYTES:,} bytes.")
    try:
        return PollAnswer(items=read_items(answer.body), size=len(answer.body))
    except BodyUnreadable as error:
        raise PollFailed(str(error)) from error
