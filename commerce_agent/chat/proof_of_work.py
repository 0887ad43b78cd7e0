"""A step-up that costs a client a second of reckoning: a number whose hash begins with so many noughts.

A step-up is reckoned in passing. A refusal with the code `step_up` holds a task; the widget finds its number
(`proof_of_work`, about a second) and sends the message again with it. The shopper sees a message being sent.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

import msgspec
from django.core import signing

from commerce_agent.chat.budgets import Door, Speaker
from commerce_agent.chat.protocol import FrameRefused
from commerce_agent.decoding import convert

FROM_PERCENT = 50
"""Asked of whoever has drawn half of a budget."""
BITS = 16
"""A browser tries some 70,000 numbers in a second."""
LIFETIME = timedelta(minutes=5)
_SALT = "commerce_agent.chat.work"


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be solved, signed: `sha256(task + ":" + number)` begins with `bits` noughts."""

    ticket: str
    bits: int
    nonce: str


class ProofOfWork:
    """A `StepUp` whose answers are `task:number`; each is good once, for the ticket that it was set for."""

    def __init__(self, *, door: Door, prefix: str, bits: int = BITS, since: int = FROM_PERCENT) -> None:
        self._door = door
        self._prefix = prefix
        self._bits = bits
        self._since = since

    async def require(self, speaker: Speaker, *, used: int, answer: str, now: datetime) -> None:  # noqa: ARG002 - the hook's
        """Lets a solved task pass, and whoever has drawn little; raises `FrameRefused` with a new task else."""
        if used < self._since or await self._is_solved(answer, ticket=speaker.ticket):
            return
        task = Task(ticket=_digest(speaker.ticket), bits=self._bits, nonce=secrets.token_urlsafe(9))
        text = signing.dumps(msgspec.to_builtins(task), salt=_SALT)
        raise FrameRefused(code="step_up", text=text, retry_after=0.0)

    async def _is_solved(self, answer: str, *, ticket: str) -> bool:
        text, _, number = answer.rpartition(":")
        if not number.isdecimal() or len(number) > 20:
            return False
        try:
            task = convert(signing.loads(text, salt=_SALT, max_age=LIFETIME), Task)
        except (signing.BadSignature, msgspec.ValidationError):
            return False
        if task.ticket != _digest(ticket) or count_noughts(f"{text}:{number}") < task.bits:
            return False
        key = f"{self._prefix}work:{_digest(text)}"
        return bool(await self._door.client.set(key, "1", nx=True, ex=int(LIFETIME.total_seconds())))


def count_noughts(text: str) -> int:
    """How many bits the hash begins with that are nought."""
    digest = hashlib.sha256(text.encode()).digest()
    return 256 - int.from_bytes(digest).bit_length()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
