"""What is remembered of the turn's shopper: read when the words ask for it, changed when the shopper says so."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec

from catalog.connectors import CustomerReading
from commerce_agent.tools.given import read_given
from conversations.service import Profiles, Reader, Whose
from conversations.shoppers import (
    Consent,
    Kept,
    Profile,
    consent,
    correct,
    forget,
    list_usable,
    may_keep,
    take_down,
)


class Forgotten(msgspec.Struct, frozen=True, kw_only=True, tag="forget"):
    """Take these out."""

    ids: tuple[str, ...]


class Corrected(msgspec.Struct, frozen=True, kw_only=True, tag="correct"):
    """The shopper's own word in place of what is kept under this id."""

    id: str
    value: str


class Consented(msgspec.Struct, frozen=True, kw_only=True, tag="consent"):
    """The shopper's answer to whether anything may be remembered; a no takes everything out."""

    given: bool


GIVEN = ("contact", "key", "name", "preferences", "tier")
"""What whoever opens the shop for a shopper reads of them; the commit that begins a turn names the same."""
AskGiven = Callable[[], Awaitable[CustomerReading | None]]
MemoryChange = Forgotten | Corrected | Consented


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """What may be used now; `kept` is empty where consent is missing."""

    kept: tuple[Kept, ...]
    consent: Consent
    allowed: bool
    """False where the shop needs a consent that was not given, or the shopper refused."""


class Memory:
    """One shopper's, for one turn. Whose it is was settled by the server; no tool names anybody."""

    def __init__(
        self,
        *,
        profiles: Profiles,
        whose: Whose,
        reader: Reader,
        needs_consent: bool,
        now: datetime,
        read_only: bool = False,
        ask_given: AskGiven | None = None,
    ) -> None:
        """`ask_given` asks the shop's own system what it has down of the shopper."""
        self._profiles = profiles
        self._whose = whose
        self._reader = reader
        self._needs_consent = needs_consent
        self._now = now
        self._read_only = read_only
        self._ask_given = ask_given
        self._reading: asyncio.Future[Profile] | None = None
        self._noted: dict[tuple[str, ...], asyncio.Future[None]] = {}

    async def note(self, action: str, *fields: str) -> None:
        """Puts on record that something of the shopper that lies elsewhere is read or written: once a turn, and durable
        before it is answered with.
        """
        noting = self._noted.get((action, *fields))
        if noting is None:
            noting = self._noted[action, *fields] = asyncio.ensure_future(
                self._profiles.record(self._whose, action, reader=self._reader, fields=fields, at=self._now)
            )
        await asyncio.shield(noting)

    async def note_look(self) -> None:
        """The same of who the shopper is and what the shop has down of them, which a turn is given as it begins."""
        await self.note("shopper.read", *GIVEN)

    async def recall(self) -> Remembered:
        """What is remembered; that it was read goes on record, once however often it is asked for."""
        return self._show(await self._read())

    async def _read(self) -> Profile:
        if self._reading is None:
            self._reading = asyncio.ensure_future(
                self._profiles.read(
                    self._whose, reader=self._reader, fields=("consent", "kept"), at=self._now
                )
            )
        return await asyncio.shield(self._reading)

    async def recall_given(self) -> Remembered:
        """The same, with what the shop has down now."""
        await self.take_given()
        return await self.recall()

    async def take_given(self) -> None:
        """Keeps what the shop's own system says of where orders go and what pays them, if the shopper may be
        remembered; nothing is written where that is known. A replay asks for nothing and keeps nothing.
        """
        if self._ask_given is not None and not self._read_only:
            await self._take_down(await self._ask_given())

    async def _take_down(self, reading: CustomerReading | None) -> None:
        news, kinds = read_given(reading)
        if not kinds:
            return

        def take(profile: Profile) -> Profile:
            if not may_keep(profile, needs_consent=self._needs_consent):
                return profile
            return take_down(profile, news, kinds=kinds, now=self._now)

        profile = await self._read()
        if take(profile) == profile:
            return
        fields = tuple(sorted(kinds))
        changed = await self._profiles.change(
            self._whose, take, reader=self._reader, fields=fields, at=self._now
        )
        self._reading = asyncio.get_running_loop().create_future()
        self._reading.set_result(changed)

    async def change(self, change: MemoryChange) -> Remembered:
        """Makes the change and answers what is left. A replay changes nothing."""
        if self._read_only:
            return await self.recall()

        def make(profile: Profile) -> Profile:
            match change:
                case Forgotten():
                    return forget(profile, ids=change.ids)
                case Corrected():
                    return correct(profile, id=change.id, value=change.value, now=self._now)
                case Consented():
                    return consent(profile, given=change.given, now=self._now)

        fields = ("consent", "kept") if isinstance(change, Consented) else ("kept",)
        self._reading = None
        changed = await self._profiles.change(
            self._whose, make, reader=self._reader, fields=fields, at=self._now
        )
        return self._show(changed)

    def _show(self, profile: Profile) -> Remembered:
        return Remembered(
            kept=list_usable(profile, now=self._now, needs_consent=self._needs_consent),
            consent=profile.consent,
            allowed=may_keep(profile, needs_consent=self._needs_consent),
        )
