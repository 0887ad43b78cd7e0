"""The state of a conversation from what is kept of it, brought up to the journal where that lags.

A projection ahead of the journal is thrown away. It tells of a past that PostgreSQL lost, as after a restored
backup. It is only noticed while it is ahead: empty Redis when you restore.

A reader writes the projection after a long tail. Commits write it; after a flush, or when a quiet conversation gets
much news, the first reader past 32 events does, so that the next ones need not fold them again.
"""

import asyncio
from contextlib import nullcontext
from datetime import timedelta

import msgspec
import structlog
from redis.exceptions import RedisError

from conversations.events import Recorded
from conversations.ids import ConversationId
from conversations.metrics import REBUILD_SECONDS, count_lag, count_read
from conversations.state import ConversationState, fold
from conversations.store.append import Head
from conversations.store.journal import Journal
from conversations.store.projection import LONG_TAIL, Projection

log = structlog.get_logger(__name__)


class Healed(msgspec.Struct, frozen=True, kw_only=True):
    """A state as the journal has it."""

    state: ConversationState
    lag: timedelta
    """By how much what was kept lagged behind it: from the first event that it lacked to the newest."""
    rebuilt: bool
    """Whether nothing was kept that it could start from."""


class Healing:
    """Believes the projection up to the journal's head, and the journal beyond it."""

    def __init__(self, *, journal: Journal, projection: Projection) -> None:
        self._journal = journal
        self._projection = projection

    async def load(self, *, conversation: ConversationId, head: Head) -> ConversationState:
        """What the projection keeps, brought up to the head; where it cannot be asked, all from the journal."""
        kept, has_redis = None, True
        try:
            kept = await self._projection.find_state(conversation=conversation)
        except RedisError:
            log.warning("projection.unreachable", conversation=conversation)
            has_redis = False
        healed = await self.heal(conversation=conversation, kept=kept, head=head, to_redis=has_redis)
        return healed.state

    async def heal(
        self, *, conversation: ConversationId, kept: ConversationState | None, head: Head, to_redis: bool
    ) -> Healed:
        """What was kept, brought up to the head from the journal where it lags."""
        if kept and kept.version > head.version:
            kept = await self._require_past(conversation=conversation, kept=kept)
        count_read(kept=kept.version if kept else None, head=head.version)
        with nullcontext() if kept else REBUILD_SECONDS.time():
            return await self._catch_up(
                kept or ConversationState(), conversation=conversation, head=head, to_redis=to_redis
            )

    async def _catch_up(
        self, state: ConversationState, *, conversation: ConversationId, head: Head, to_redis: bool
    ) -> Healed:
        lag, is_new = timedelta(), not state.version
        if state.version < head.version:
            missing = await self._journal.list_events(
                conversation=conversation, after=state.version, up_to=head.version
            )
            if state.version and missing:
                lag = max(lag, missing[-1].at - missing[0].at)
                count_lag(lag)
            state = await fold_apart(state, missing)
            if len(missing) >= LONG_TAIL and to_redis:
                await self._projection.write(conversation=conversation, state=state)
        return Healed(state=state, lag=lag, rebuilt=is_new)

    async def _require_past(
        self, *, conversation: ConversationId, kept: ConversationState
    ) -> ConversationState | None:
        """A projection that is ahead of the journal itself tells of a past that was lost, and goes."""
        now_at = await self._journal.get_head(conversation=conversation)
        if kept.version <= now_at.version:
            return kept
        log.error("projection.ahead", conversation=conversation, kept=kept.version, journal=now_at.version)
        await self._projection.forget(conversation=conversation)
        return None

    async def catch_up(
        self, *, conversation: ConversationId, state: ConversationState, appended: tuple[Recorded, ...]
    ) -> ConversationState:
        """The state after what was appended, and after what came before it since; it may hold some of it already."""
        appended = tuple(recorded for recorded in appended if recorded.seq > state.version)
        if appended and appended[0].seq != state.version + 1:
            arrived = await self._journal.list_events(
                conversation=conversation, after=state.version, up_to=appended[0].seq - 1
            )
            state = fold(state, arrived)
        return fold(state, appended)


async def fold_apart(state: ConversationState, events: tuple[Recorded, ...]) -> ConversationState:
    """The fold; that of many events beside the loop, so that other conversations go on meanwhile."""
    if len(events) <= LONG_TAIL:
        return fold(state, events)
    return await asyncio.to_thread(fold, state, events)
