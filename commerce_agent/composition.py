"""Builds a process's parts once, by hand: stores, connectors, planners, turns."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast
from weakref import WeakKeyDictionary

import msgspec
import redis.asyncio as aioredis
from channels.layers import BaseChannelLayer, get_channel_layer
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string
from psycopg import AsyncConnection
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff, NoBackoff

from catalog.clock import Clock
from catalog.conf import read_choices
from catalog.connectors import Choices, Connectors, Outages, RedisGate, build_connectors
from catalog.ids import MerchantId as CatalogMerchantId
from catalog.orders import is_waiting
from commerce_agent import announcing
from commerce_agent.agent.looking_at_page import PageReader
from commerce_agent.agent.news.notices import Newsroom
from commerce_agent.agent.ordering.confirming import Confirmations
from commerce_agent.agent.ordering.pressing import ButtonTokens
from commerce_agent.agent.shop.settings import SettingsKeeper
from commerce_agent.agent.shop.words import ShopWordsKeeper
from commerce_agent.agent.speaking import Models, Spoken
from commerce_agent.agent.spending.caps import Spending
from commerce_agent.agent.spending.model_door import build_door
from commerce_agent.agent.summaries.writing import Compressor, Summariser, send_for_compression
from commerce_agent.agent.turns import Turns
from commerce_agent.isolation.connections import Pool, build_pool
from commerce_agent.observing.delivering import announce_traced
from commerce_agent.observing.tracing import start_tracing
from commerce_agent.redis_wire import build_client
from commerce_agent.release import get_code_version
from conversations.ids import MerchantId
from conversations.service import ConversationId, Conversations
from conversations.store.boxes import Boxes, KeyEncryptionKeys
from conversations.store.cluster import Cluster
from conversations.store.copying import Copier
from conversations.store.documents import Documents
from conversations.store.holding import Holds
from conversations.store.keeper import KeyKeeper
from conversations.store.projection import Projection, RedisDoor
from conversations.store.purging import Purges
from conversations.store.retention import Retention

POOL_WAIT = 5.0
"""A turn or a message that gets no connection within this fails, and the widget sends it again."""
POOL_MOST = 16
"""Connections a process may hold; a turn uses one at a time, or three while it reads in parallel."""
FORGETTING_TRIES = 5
REDIS_TIMEOUT = 1.0
"""A Redis that does not answer within a second is out of reach: turns go on through PostgreSQL."""


async def _try_again(error: Exception) -> None:
    """Nothing to put right before the next try."""


class Platform(msgspec.Struct, frozen=True, kw_only=True):
    """What a process holds once."""

    pool: Pool
    door: RedisDoor
    copies: RedisDoor
    """The way to the conversations' fast copies and leases; `door` itself, unless they have a cluster of their own."""
    channel_layer: BaseChannelLayer
    conversations: Conversations
    turns: Turns
    confirmations: Confirmations
    newsroom: Newsroom
    compressor: Compressor
    words: ShopWordsKeeper
    connectors: Connectors
    outages: Outages
    clock: Clock
    key_keeper: KeyKeeper
    projection: Projection
    """What Redis holds, to look at: it is written by the state service alone."""
    prefix: str
    """What every key of this platform in Redis starts with."""

    async def forget_keys(self) -> None:
        """Removes everything this platform keeps in Redis; PostgreSQL remembers.

        A turn takes Redis for lost after a second; this has time, and asks a busy one again.
        """
        patient = Retry(ConstantBackoff(1), FORGETTING_TRIES)
        for client in {self.door.client, self.copies.client}:
            await patient.call_with_retry(partial(self._forget_keys_of, client), _try_again)

    async def _forget_keys_of(self, client: aioredis.Redis) -> None:
        keys = [key async for key in client.scan_iter(match=f"{self.prefix}*", count=500)]
        if keys:
            await client.delete(*keys)

    @property
    def copier(self) -> Copier:
        """What fills a database that is to be measured."""
        keys = KeyEncryptionKeys(keys=settings.KEY_ENCRYPTION_KEYS)
        return Copier(pool=self.pool, boxes=Boxes(pool=self.pool, keys=keys))

    @property
    def retention(self) -> Retention:
        """What has the journal's months ready and lets go of old ones."""
        return Retention(pool=self.pool)

    @property
    def pages(self) -> PageReader:
        """What takes in what a shop's page shows."""
        return PageReader(conversations=self.conversations, turns=self.turns)

    @property
    def purges(self) -> Purges:
        """What lets go of what ran out."""
        return Purges(pool=self.pool)

    @property
    def holds(self) -> Holds:
        """What must be kept, whoever asks."""
        return Holds(pool=self.pool)

    @property
    def redis(self) -> aioredis.Redis:
        """The client to use now."""
        return self.door.client


COLLECT_AFTER = (10_000, 20, 20)
"""So many new objects that hold others make the collector look, for which every turn stops: a turn makes thousands."""


def settle_collector() -> None:
    """For a process that serves from now on: what is loaded stays, so the collector need not walk through it again, and
    looks less often than in a script that soon ends.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def read_clock() -> datetime:
    """The present instant. The only clock of the process; everything else is handed it."""
    return datetime.now(UTC)


def _get_layer() -> announcing.SealedLayer:
    layer = get_channel_layer()
    if not isinstance(layer, announcing.SealedLayer):
        raise ImproperlyConfigured("CHANNEL_LAYERS names no sealed layer; the settings in base.py do.")
    return layer


def _build_door() -> RedisDoor:
    return RedisDoor(client=build_client(settings.REDIS_URL, seconds=REDIS_TIMEOUT))


def _build_state_door(door: RedisDoor) -> RedisDoor:
    """The way to the conversations' fast copies and leases: a cluster of their own where one is named."""
    if not settings.STATE_CLUSTER_URL:
        return door
    return door.add(client=build_cluster(seconds=REDIS_TIMEOUT))


def build_cluster(*, seconds: float) -> aioredis.Redis:
    """A client of the cluster that STATE_CLUSTER_URL names, which waits so long for an answer; close it."""
    cluster = Cluster.from_url(
        settings.STATE_CLUSTER_URL,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 1),
    )
    # A cluster takes the same commands; its class is no kind of the other one.
    return cast("aioredis.Redis", cluster)


def _build_pool() -> Pool:
    return build_pool(settings.DATABASE_URL, most=POOL_MOST, wait=POOL_WAIT, pooled=settings.DATABASE_POOLED)


def _build_connectors(*, pool: Pool, door: RedisDoor, outages: Outages, choices: Choices) -> Connectors:
    return build_connectors(
        pool=pool, get_redis=lambda: door.client, clock=read_clock, outages=outages, choices=choices
    )


def _build_conversations(
    layer: announcing.SealedLayer,
    *,
    pool: Pool,
    door: RedisDoor,
    copies: RedisDoor,
    boxes: Boxes,
    prefix: str,
    quiet: bool,
) -> Conversations:
    return Conversations(
        boxes=boxes,
        pool=pool,
        door=copies,
        prefix=prefix,
        announce=announce_traced(_hush if quiet else announcing.announce_through(layer)),
        announce_all=None if quiet else announcing.announce_all_through(layer, get_redis=lambda: door.client),
        may_leave=_may_leave,
    )


async def _may_leave(
    connection: AsyncConnection[tuple[Any, ...]], *, merchant: MerchantId, conversation: ConversationId
) -> bool:
    """A cart of which an order is being placed, or may have been unheard, stays where that will be told."""
    return not await is_waiting(connection, merchant=CatalogMerchantId(merchant), origin=conversation)


def _build_models(*, pool: Pool, door: RedisDoor, prefix: str, claude: Spoken | None) -> Models:
    gate = RedisGate(get_redis=lambda: door.client)
    return Models(
        settings=SettingsKeeper(pool=pool),
        door=build_door(gate=gate, prefix=prefix, spending=Spending(pool=pool)),
        claude=claude,
    )


def _start_observing() -> None:
    """What a process does once, before its first turn."""
    get_code_version()
    start_tracing(endpoint=settings.TRACES_ENDPOINT)


def build_platform(
    *,
    clock: Clock = read_clock,
    claude: Spoken | None = None,
    quiet: bool = False,
    prefix: str | None = None,
    in_process_store: bool = False,
) -> Platform:
    """Builds the parts for the running event loop; `quiet` announces to nobody. Open `pool` before use.

    `in_process_store`: the built-in store is read here, without its merchant API, whose clock cannot be stopped.
    """
    _start_observing()
    prefix = f"{settings.REDIS_PREFIX}:" if prefix is None else prefix
    layer, door, pool = _get_layer(), _build_door(), _build_pool()
    keys = KeyEncryptionKeys(keys=settings.KEY_ENCRYPTION_KEYS)
    boxes = Boxes(pool=pool, keys=keys)
    copies = _build_state_door(door)
    conversations = _build_conversations(
        layer, pool=pool, door=door, copies=copies, boxes=boxes, prefix=prefix, quiet=quiet
    )
    outages, choices = Outages(), read_choices(prefix=prefix, in_process=in_process_store)
    connectors = _build_connectors(pool=pool, door=door, outages=outages, choices=choices)
    words = ShopWordsKeeper(pool=pool, documents=Documents(pool=pool), policies=connectors.policies)
    models = _build_models(pool=pool, door=door, prefix=prefix, claude=claude)
    turns = Turns(
        conversations=conversations,
        pool=pool,
        connectors=connectors,
        words=words,
        clock=clock,
        publish=_hush if quiet else announcing.publish_through(layer),
        models=models,
    )
    newsroom = Newsroom(conversations=conversations, turns=turns, connectors=connectors, clock=clock)
    turns.recheck, turns.compress = newsroom.recheck, None if quiet else send_for_compression
    return Platform(
        pool=pool,
        door=door,
        channel_layer=layer,
        conversations=conversations,
        turns=turns,
        confirmations=_build_confirmations(conversations, turns=turns, newsroom=newsroom),
        newsroom=newsroom,
        compressor=_build_compressor(conversations, models=models, clock=clock),
        words=words,
        connectors=connectors,
        outages=outages,
        clock=clock,
        prefix=prefix,
        copies=copies,
        projection=Projection(door=copies, prefix=prefix, boxes=boxes),
        key_keeper=KeyKeeper(pool=pool, door=copies, prefix=prefix, boxes=boxes, keys=keys),
    )


def _build_confirmations(conversations: Conversations, *, turns: Turns, newsroom: Newsroom) -> Confirmations:
    tokens = ButtonTokens(secret=settings.SECRET_KEY)
    return Confirmations(conversations=conversations, turns=turns, newsroom=newsroom, tokens=tokens)


def _build_compressor(conversations: Conversations, *, models: Models, clock: Clock) -> Compressor:
    return Compressor(
        conversations=conversations,
        settings=models.settings,
        door=models.door,
        clock=clock,
        summariser=_build_summariser(),
    )


def _build_summariser() -> Summariser | None:
    if not settings.ANTHROPIC_API_KEY:
        return None
    build = import_string("commerce_agent.agent.claude.summaries.build_summariser")
    summariser: Summariser = build(api_key=settings.ANTHROPIC_API_KEY, base_url=settings.ANTHROPIC_BASE_URL)
    return summariser


async def _hush(conversation: ConversationId, word: object) -> None:
    """Tells nobody: a scripted conversation has no listeners."""


def build_claude() -> Spoken | None:
    """Claude, where a key is set; None leaves the talking to the built-in planner."""
    if not settings.ANTHROPIC_API_KEY:
        return None
    # The SDK takes seconds to load, which a process without a key should not pay.
    build_planner = import_string("commerce_agent.agent.claude.planner.build_planner")
    planner: Spoken = build_planner(
        api_key=settings.ANTHROPIC_API_KEY,
        model=settings.CLAUDE_MODEL,
        base_url=settings.ANTHROPIC_BASE_URL,
        secret=settings.SECRET_KEY,
    )
    return planner


_platforms: WeakKeyDictionary[asyncio.AbstractEventLoop, Platform] = WeakKeyDictionary()
_building: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def get_platform() -> Platform:
    """The platform of this event loop, built at the first call."""
    loop = asyncio.get_running_loop()
    platform = _platforms.get(loop)
    if platform is not None:
        return platform
    async with _building.setdefault(loop, asyncio.Lock()):
        platform = _platforms.get(loop)
        if platform is None:
            platform = build_platform(claude=build_claude())
            await platform.pool.open()
            _platforms[loop] = platform
        return platform


async def close_platform() -> None:
    """Ends what `get_platform` built for this event loop: no new turns, the running ones finished, all closed."""
    platform = _platforms.pop(asyncio.get_running_loop(), None)
    if platform is not None:
        await platform.turns.close()
        await platform.connectors.close()
        await platform.pool.close()
        await platform.door.close()


async def get_conversations() -> Conversations:
    """The state service of this event loop."""
    return (await get_platform()).conversations


@asynccontextmanager
async def open_platform(
    *,
    clock: Clock = read_clock,
    claude: Spoken | None = None,
    quiet: bool = False,
    prefix: str | None = None,
    in_process_store: bool = False,
) -> AsyncIterator[Platform]:
    """A platform of its own for a command or a task; closes what it opened."""
    platform = build_platform(
        clock=clock, claude=claude, quiet=quiet, prefix=prefix, in_process_store=in_process_store
    )
    await platform.pool.open()
    try:
        yield platform
    finally:
        await platform.turns.close()
        await platform.connectors.close()
        await platform.pool.close()
        await platform.door.close()
