"""What may be said in a minute and in a day: by one ticket, from one address, by one shopper, to one shop.

Counted in Redis for all processes together, in one step: either all of a message's budgets have room, or none is
drawn on. Names are keyed hashes of the day, so no key holds an address. Without Redis nothing is counted: the socket's
own rate still holds, and refusing everybody would be the greater harm.
"""

import asyncio
import hashlib
import hmac
import ipaddress
from datetime import datetime
from typing import Literal, Protocol

import msgspec
import structlog
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop as _
from redis.asyncio import Redis
from redis.exceptions import RedisError

from commerce_agent.agent.spending.payers import AnonymousPayers
from commerce_agent.chat.protocol import FrameRefused
from commerce_agent.composition import Platform
from conversations.ids import ConversationId, MerchantId, ShopperId

Kind = Literal["ticket", "address", "shopper", "shop"]
MINUTE, DAY = 60, 86_400
LONGEST_WAIT = 0.25
"""Seconds; a Redis that hangs keeps nobody from being heard for longer."""
LIMITS: dict[Kind, tuple[int, int]] = {
    "ticket": (30, 1_000),
    "address": (90, 3_000),
    "shopper": (30, 1_000),
    "shop": (6_000, 1_000_000),
}
"""Messages in a minute and in a day. An address may be a whole office; a shop's is all of its shoppers."""

_DRAW = """
for place = 1, #KEYS do
  local drawn = tonumber(redis.call('GET', KEYS[place]) or '0')
  if drawn >= tonumber(ARGV[2 * place - 1]) then return {place, redis.call('TTL', KEYS[place])} end
end
local most = 0
for place = 1, #KEYS do
  local drawn = redis.call('INCR', KEYS[place])
  if drawn == 1 then redis.call('EXPIRE', KEYS[place], ARGV[2 * place]) end
  most = math.max(most, math.floor(100 * drawn / tonumber(ARGV[2 * place - 1])))
end
return {0, most}
"""
_GIVE_BACK = """
for place = 1, #KEYS do
  if tonumber(redis.call('GET', KEYS[place]) or '0') > 0 then redis.call('DECR', KEYS[place]) end
end
"""

log = structlog.get_logger(__name__)


class Speaker(msgspec.Struct, frozen=True, kw_only=True):
    """Who is about to say something, and where."""

    merchant: MerchantId
    ticket: str
    address: str = ""
    """The client's; empty where it is not known."""
    shopper: ShopperId | None = None


class Door(Protocol):
    """The way to Redis."""

    @property
    def client(self) -> Redis:
        """The client to use now; its commands raise `RedisError` in an outage."""
        ...


class StepUp(Protocol):
    """A hook that asks more of a client that has drawn on much of a budget: a captcha, a proof of work."""

    async def require(self, speaker: Speaker, *, used: int, answer: str, now: datetime) -> None:
        """Lets the message pass, or raises `FrameRefused` with the code `step_up` and what to solve as its text.

        `used` is how many per cent of its fullest budget the speaker has drawn; `answer` is the client's, or empty.
        """
        ...


class Budgets:
    """The budgets of the chat."""

    def __init__(
        self,
        *,
        door: Door,
        prefix: str,
        secret: str,
        limits: dict[Kind, tuple[int, int]] | None = None,
        step_up: StepUp | None = None,
        anonymous: AnonymousPayers | None = None,
    ) -> None:
        self._door = door
        self._prefix = prefix
        self._secret = hmac.digest(secret.encode(), b"names of budgets", "sha256")
        self._limits = limits or LIMITS
        self._step_up = step_up
        self._anonymous = anonymous
        self._noted: ConversationId | None = None

    async def draw(self, speaker: Speaker, *, now: datetime, cid: str, answer: str = "") -> None:
        """Counts one message. Raises `FrameRefused` where a budget is used up, which says when there is room again, or
        where more is asked of the client first; nothing is counted then.
        """
        keys, values = self._list_draws(speaker, now=now)
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                place, told = await self._door.client.eval(_DRAW, len(keys), *keys, *values)
        except (RedisError, TimeoutError) as outage:
            log.warning("budget.uncounted", kind=type(outage).__name__)
            return
        if place:
            raise FrameRefused(
                code="slow_down",
                text=_("That was a lot at once. Please come back in a while."),
                cid=cid,
                retry_after=float(max(int(told), 1)),
            )
        if self._step_up is not None:
            try:
                await self._step_up.require(speaker, used=int(told), answer=answer, now=now)
            except FrameRefused as asked:
                await self._give_back(keys)
                # The hook knows nothing of messages; the client must know which one waits for its answer.
                raise FrameRefused(
                    code=asked.code, text=asked.text, cid=cid, retry_after=asked.retry_after
                ) from asked

    async def note_payer(self, speaker: Speaker, *, conversation: ConversationId) -> None:
        """Keeps from where somebody unknown speaks, once a talk: all talks from there share a budget of the model's."""
        if self._anonymous is None or speaker.shopper or conversation == self._noted:
            return
        abroad = _find_abroad(speaker.address)
        kind: Kind = "address" if abroad else "ticket"
        told = self._hash(kind, abroad or speaker.ticket, merchant=speaker.merchant, window="payer")
        if await self._anonymous.note(conversation, place=told):
            self._noted = conversation

    async def _give_back(self, keys: list[str]) -> None:
        """Whoever does not solve what is asked of them uses up nobody's budget: their own is refilled, and so is what
        they share with others.
        """
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await self._door.client.eval(_GIVE_BACK, len(keys), *keys)
        except (RedisError, TimeoutError) as outage:
            log.warning("budget.not_given_back", kind=type(outage).__name__)

    def _list_draws(self, speaker: Speaker, *, now: datetime) -> tuple[list[str], list[str]]:
        """The keys that a message counts under; each with its limit and how long it lasts."""
        drawn: dict[Kind, str] = {"ticket": speaker.ticket, "shop": "all"}
        if abroad := _find_abroad(speaker.address):
            drawn["address"] = abroad
        if speaker.shopper:
            drawn["shopper"] = speaker.shopper
        keys: list[str] = []
        values: list[str] = []
        for kind, name in drawn.items():
            for limit, seconds in zip(self._limits[kind], (MINUTE, DAY), strict=True):
                window = int(now.timestamp()) // seconds
                keys.append(self._name(kind, name, merchant=speaker.merchant, window=f"{seconds}.{window}"))
                values += [str(limit), str(seconds)]
        return keys, values

    def _name(self, kind: Kind, name: str, *, merchant: MerchantId, window: str) -> str:
        digest = self._hash(kind, name, merchant=merchant, window=window)
        return f"{self._prefix}budget:{kind}:{digest}"

    def _hash(self, kind: Kind, name: str, *, merchant: MerchantId, window: str) -> str:
        told = f"{kind}\x00{merchant}\x00{name}\x00{window}".encode()
        return hmac.new(self._secret, told, hashlib.sha256).hexdigest()[:32]


def build_budgets(platform: Platform) -> Budgets:
    """The budgets of this process, with the step-up that CHAT_STEP_UP names, if any."""
    door, prefix = platform.door, platform.prefix
    build = import_string(settings.CHAT_STEP_UP) if settings.CHAT_STEP_UP else None
    step_up: StepUp | None = build(door=door, prefix=prefix) if build else None
    return Budgets(
        door=door,
        prefix=prefix,
        secret=settings.SECRET_KEY,
        step_up=step_up,
        anonymous=platform.turns.anonymous,
    )


def _find_abroad(address: str) -> str:
    """The address, where it is a client's own; empty for one of this machine or of a private network, which is a
    proxy's, and would count all of its clients as one. Of IPv6 it is the network of 64 bits: whoever has one address
    of that has them all.
    """
    try:
        given = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(given, ipaddress.IPv6Address):
        given = given.ipv4_mapped or given
    if not given.is_global:
        return ""
    return str(given if given.version == 4 else ipaddress.ip_network((given, 64), strict=False))
