"""Work outside of a request: news of the shop, and turns that nobody finished."""

import asyncio
from datetime import timedelta
from functools import cache, partial

import structlog
from asgiref.sync import sync_to_async
from celery import shared_task
from celery.signals import worker_init
from django.conf import settings
from redis import Redis

from catalog.connectors import Allowed, ConnectorUnavailable
from catalog.connectors.fetching import Fetcher
from catalog.events import CatalogEvent, decode_event
from catalog.ids import MerchantId as CatalogMerchantId
from catalog.inbox import list_merchants_waiting, prune_inbox
from catalog.merchants import delete_merchant
from catalog.models import Merchant
from catalog.orders import list_attempts
from commerce_agent.agent.summaries.writing import COMPRESS
from commerce_agent.composition import Platform, build_claude, open_platform, read_clock
from commerce_agent.console.audit.indexing import forget_gone, index_conversations
from commerce_agent.console.audit.visiting import ANSWERS_WITHIN
from commerce_agent.isolation.acting import acting_for, acting_for_platform
from commerce_agent.observing import metrics
from commerce_agent.shoppers.purging import drop_quotes, purge
from commerce_agent.warming import warming
from commerce_agent.webhooks.background import Background
from commerce_agent.webhooks.draining import drain_inbox
from commerce_agent.webhooks.outgoing import claim_due as claim_messages
from commerce_agent.webhooks.outgoing import deliver, prune_sendings
from commerce_agent.webhooks.polling import Due, Polled, claim_due, keep_outcome, poll
from commerce_agent.webhooks.waking import APPLY
from conversations.ids import ConversationId, MerchantId
from conversations.models import Conversation

log = structlog.get_logger(__name__)

background = Background()
REDIS_TIMEOUT = 5.0
WARM_UP_SECONDS = 60.0
"""A worker that is not warm by then takes its tasks all the same."""

UNANSWERED_SECONDS = 20
"""A message that waits longer has lost its worker; another takes the turn."""
UNTOLD_SECONDS = 20
"""A press that was not answered by then has lost its process, or the answer of whoever keeps the orders."""
SCRIPT_HOURS = 24
"""No script runs longer."""


@worker_init.connect
def warm_up(**_told: object) -> None:
    """Before a worker takes its first task, and before it forks: what it builds here its children have as well."""
    if settings.WARM_UP:
        warming.finish(seconds=WARM_UP_SECONDS)


@shared_task(name="commerce_agent.spread_catalog_event")
def spread_catalog_event(event: str) -> int:
    """Carries a catalogue event (JSON) into the open conversations; answers how many were told."""
    told = decode_event(event.encode())
    with acting_for(told.merchant):
        return background.run(lambda platform: platform.newsroom.spread(told))


@shared_task(name=APPLY)
def apply_inbox(merchant: str) -> int:
    """Applies what waits in a shop's inbox and carries it into the open conversations; answers how many events."""
    with acting_for(merchant):
        return drain_inbox(merchant=CatalogMerchantId(merchant), redis=_get_redis(), tell=_tell)


def _tell(events: tuple[CatalogEvent, ...]) -> None:
    background.run(lambda platform: platform.newsroom.spread_all(events))


@cache
def _get_redis() -> Redis:
    """The client of this process; it is made after the fork, at the first use."""
    return Redis.from_url(settings.REDIS_URL, socket_timeout=REDIS_TIMEOUT)


@shared_task(name="commerce_agent.look_into_inboxes")
@acting_for_platform("which shops have events waiting")
def look_into_inboxes() -> int:
    """Sends for a worker wherever events wait that nobody came for; answers for how many shops."""
    waiting = list_merchants_waiting(now=read_clock())
    for merchant in waiting:
        apply_inbox.delay(merchant)
    return len(waiting)


@shared_task(name="commerce_agent.poll_sources")
@acting_for_platform("which addresses are due, of all shops")
def poll_sources() -> int:
    """Asks the addresses whose time has come, and has applied what they say; answers how many events were new."""
    accepted = 0
    for due in claim_due(now=read_clock()):
        with acting_for(due.merchant):
            polled = background.run(partial(_poll, due))
            keep_outcome(due, polled)
        if polled.accepted:
            apply_inbox.delay(due.merchant)
        accepted += polled.accepted
    return accepted


async def _poll(due: Due, platform: Platform) -> Polled:
    fetcher = Fetcher(allowed=Allowed(networks=tuple(settings.CONNECTOR_PRIVATE_NETWORKS)))
    try:
        return await poll(due, pool=platform.pool, fetcher=fetcher, now=read_clock())
    finally:
        await fetcher.close()


@shared_task(name="commerce_agent.prune_inboxes")
@acting_for_platform("what ran out, of all shops")
def prune_inboxes() -> int:
    """Forgets what came, and what was sent, long ago; answers how many deliveries and messages."""
    return prune_inbox(now=read_clock()) + prune_sendings(now=read_clock())


@shared_task(name="commerce_agent.send_webhooks")
@acting_for_platform("which messages to shops are due, of all shops")
def send_webhooks() -> int:
    """Tells shops' systems what happened in the chat; answers how many messages were tried."""
    return deliver(claim_messages(now=read_clock()), now=read_clock)


@shared_task(name="commerce_agent.finish_turns")
@acting_for_platform("turns that nobody finished, of all shops")
def finish_turns() -> int:
    """Takes the turns of conversations whose message has waited too long; answers how many it answered."""
    scripted = Merchant.objects.filter(ephemeral=True).values_list("pk", flat=True)
    return asyncio.run(_finish(but=tuple(MerchantId(str(pk)) for pk in scripted)))


async def _finish(*, but: tuple[MerchantId, ...]) -> int:
    """Answers what waits, `but` of scripted merchants: a script runs its own turns, on its own clock."""
    async with open_platform(claude=build_claude()) as platform:
        before = read_clock() - timedelta(seconds=UNANSWERED_SECONDS)
        total = 0
        async for waiting in platform.conversations.walk_waiting(before=before, but=but):
            answered = await asyncio.gather(
                *(platform.turns.run_all(conversation) for conversation in waiting), return_exceptions=True
            )
            for conversation, turns in zip(waiting, answered, strict=True):
                if isinstance(turns, BaseException):
                    log.error("turn.not_finished", conversation=conversation, error=type(turns).__name__)
            total += sum(turns for turns in answered if isinstance(turns, int))
    return total


@shared_task(name="commerce_agent.give_back")
@acting_for_platform("people who went away, of all shops")
def give_back() -> int:
    """Gives conversations back to the assistant whose person went away; answers how many. What waits in them is
    answered by the process of the shopper's socket, or by `finish_turns`.
    """
    return background.run(_give_back)


async def _give_back(platform: Platform) -> int:
    now = platform.clock()
    left = await platform.conversations.visits.give_back(at=now, unanswered_since=now - ANSWERS_WITHIN)
    for conversation in left:
        log.info("person.went_away", conversation=conversation)
    return len(left)


@shared_task(name=COMPRESS)
def compress_conversation(conversation: str) -> int:
    """Writes the older turns of a conversation down in few words; answers how many episodes that made."""
    with acting_for_platform("whose conversation it is"):
        merchant = Conversation.objects.values_list("merchant_id", flat=True).get(pk=conversation)
    with acting_for(merchant):
        return background.run(
            lambda platform: platform.compressor.compress(conversation=ConversationId(conversation))
        )


@shared_task(name="commerce_agent.keep_journal")
@acting_for_platform("the journal's months, which all shops share")
def keep_journal() -> int:
    """Makes the journal's next partitions, forgets expired handles and lets go of what KEEP_MONTHS says; answers
    how many conversations.
    """
    return background.run(_keep_journal)


@shared_task(name="commerce_agent.purge")
@acting_for_platform("what ran out, of all shops")
def purge_all() -> int:
    """Lets go of what ran out, class by class; answers how many rows and conversations went."""
    return background.run(_purge)


async def _purge(platform: Platform) -> int:
    purged = await purge(platform, now=platform.clock())
    log.info("rows.purged", **{kind.replace(" ", "_"): count for kind, count in purged.counts.items()})
    for kind, count in purged.counts.items():
        metrics.PURGED_ROWS.labels(kind).inc(count)
    return purged.total


async def _keep_journal(platform: Platform) -> int:
    now = platform.clock()
    made = await platform.retention.make_ahead(now=now)
    log.info("journal.partitions", made=[month.partition for month in made])
    log.info("resume.expired", handles=await platform.retention.drop_handles(now=now))
    if not settings.KEEP_MONTHS:
        return 0
    dropped = await platform.retention.drop_quiet(now=now, months=settings.KEEP_MONTHS)
    log.info(
        "journal.dropped",
        months=[month.partition for month in dropped.months],
        conversations=dropped.conversations,
        events=dropped.events,
        kept=dropped.kept,
    )
    metrics.PURGED.inc(dropped.conversations)
    metrics.PURGED_ROWS.labels("note").inc(await sync_to_async(drop_quotes)())
    return dropped.conversations


@shared_task(name="commerce_agent.index_conversations")
@acting_for_platform("conversations of all shops, for the audit's search")
def index_for_audit() -> int:
    """Reads off what conversations can be found by, where their journals have moved on; answers how many."""
    forget_gone()
    return index_conversations()


@shared_task(name="commerce_agent.settle_orders")
@acting_for_platform("which orders' answers were lost, of all shops")
def settle_orders() -> int:
    """Tells conversations of orders whose answer was lost with its process; answers how many were told."""
    return background.run(_settle)


async def _settle(platform: Platform) -> int:
    told, now = 0, platform.clock()
    async with platform.pool.connection() as connection:
        attempts = await list_attempts(connection, before=now - timedelta(seconds=UNTOLD_SECONDS))
    for attempt in attempts:
        try:
            with acting_for(attempt.merchant):
                told += await platform.confirmations.settle(attempt, at=now)
        except ConnectorUnavailable as outage:
            log.warning("order.not_settled", conversation=attempt.origin, reason=str(outage))
        except Exception:
            # One conversation that cannot be told must not keep the others waiting.
            log.exception("order.not_settled", conversation=attempt.origin)
    return told


@shared_task(name="commerce_agent.sweep_scripts")
@acting_for_platform("shops that scripts have left behind")
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
