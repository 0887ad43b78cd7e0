"""Who pays for talks of nobody known: those of one address, or of one ticket, draw on one account beside their own.

Without it each new talk would have a new budget. Redis keeps where a talk's words come from, as a keyed hash, until a
day after its last turn, or until the talk is erased; nothing names the address. Without Redis each talk is on its own
account alone, and the shop's cap holds.
"""

import asyncio
from collections.abc import Iterable

import structlog
from redis.exceptions import RedisError

from catalog.connectors import RedisGate
from conversations.ids import ConversationId

KEPT_SECONDS = 86_400
LONGEST_WAIT = 0.25
"""Seconds; nobody's message waits longer for what only concerns the bill."""
SHOPPERS_OF_A_PLACE = 3
"""How many shoppers' budgets a place has: an address may be a whole office."""

log = structlog.get_logger(__name__)


class AnonymousPayers:
    """Where talks of nobody known come from."""

    def __init__(self, *, gate: RedisGate, prefix: str) -> None:
        self._gate = gate
        self._prefix = prefix

    async def note(self, conversation: ConversationId, *, place: str) -> bool:
        """Keeps where a talk's words come from; `place` is a hash of it. False where Redis could not be told."""
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await self._gate.ask(
                    lambda redis: redis.set(self._name(conversation), place, ex=KEPT_SECONDS)
                )
        except (RedisError, OSError) as outage:
            log.warning("payer.not_noted", kind=type(outage).__name__)
            return False
        return True

    async def find(self, conversation: ConversationId) -> str:
        """Where they come from; empty where nobody knows."""
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                kept = await self._gate.ask(
                    lambda redis: redis.getex(self._name(conversation), ex=KEPT_SECONDS)
                )
        except (RedisError, OSError) as outage:
            log.warning("payer.not_found", kind=type(outage).__name__)
            return ""
        return kept.decode() if isinstance(kept, bytes) else str(kept or "")

    async def forget(self, conversations: Iterable[ConversationId]) -> None:
        """Keeps it no longer. Where Redis is out of reach it runs out by itself."""
        names = [self._name(conversation) for conversation in conversations]
        if not names:
            return
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await self._gate.ask(lambda redis: redis.delete(*names))
        except (RedisError, OSError) as outage:
            log.warning("payer.not_forgotten", kind=type(outage).__name__)

    def _name(self, conversation: ConversationId) -> str:
        return f"{self._prefix}payer:{conversation}"
