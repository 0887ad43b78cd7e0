"""Takes turns: the lease, the token with the turn's start, and the state it starts from.

A turn reads Redis alone and commits once. Whoever takes a message and its turn (a socket, the API) says so, and
where nothing else waits `TurnStarted` and the token come in the message's own commit: from then on everybody sees
that the turn runs, whoever held it before is shut out, and an interrupted turn is known by its number. And Redis is
told of both in the one script that takes the lease and reads what is kept, so taking the turn asks nobody, and its
end is one statement (events, decision, index of what is shown, counters) and one script (what the turn added, the
lease given back). Only who asks first takes it by the token that came with the message; who comes again, or comes
from elsewhere once the lease has run out, takes a new one, and the turn goes on under its number. A process that
says so and does not come keeps the others waiting for ten seconds, as one that dies in a turn does. Where more
waits, or this process did not see all that does, the start is a statement of its own. Who is cancelled while a
lease is granted leaves none: what the server grants then is awaited and given back.
tests/conversations/keeping/test_cost.py counts all of them. A statement takes effect only at the version (and
token) that it was made for. Where something came between it changes nothing, and the way of several statements
under the row's lock decides what that means, so the guess is never wrong, only slower. A message is sealed for the
place where this process last saw the conversation; a wrong guess costs one look.
"""

import asyncio
import time
from collections import OrderedDict
from datetime import datetime

from conversations.events import Recorded
from conversations.ids import ConversationId
from conversations.state import ConversationState
from conversations.store.append import Head
from conversations.store.at_once import has_landed
from conversations.store.healing import Healed, Healing
from conversations.store.journal import Journal
from conversations.store.outcomes import Fenced
from conversations.store.starts import Begun, Starts
from conversations.store.together import Announce, announce_visible
from conversations.store.turn import Reading, Turn, get_known, make_start
from conversations.store.turn_lease import LEASE_SECONDS, Found, Lease, TurnLeases

FRESH_SECONDS = LEASE_SECONDS / 4
"""So long nobody asks again for a lease that is held: after that it may be about to run out."""
MOST_HELD = 1024
"""Of so many turns a process holds the lease before they are taken; the oldest run out by themselves."""


class Taking:
    """Hands out turns, each to one holder."""

    def __init__(
        self, *, leases: TurnLeases, starts: Starts, journal: Journal, healing: Healing, announce: Announce
    ) -> None:
        self._held: OrderedDict[ConversationId, tuple[float, Lease]] = OrderedDict()
        self._leases = leases
        self._starts = starts
        self._journal = journal
        self._healing = healing
        self._announce = announce

    async def hold(self, *, conversation: ConversationId, begun: tuple[Recorded, ...]) -> None:
        """Takes the lease for a turn that was begun with its message, while Redis is told of both: `take` follows, and
        asks nothing then. Where it does not, the lease runs out, as that of a holder who died.
        """
        since = time.monotonic()
        found = await self._leases.hold(conversation=conversation, untold=begun)
        if found is not None:
            # Where Redis keeps another state than this process knows, that is asked for.
            self._held[conversation] = since if found.is_known else 0.0, found.lease
            if len(self._held) > MOST_HELD:
                self._held.popitem(last=False)

    async def announce(self, conversation: ConversationId, *, recorded: tuple[Recorded, ...]) -> None:
        """Announces a message. Where that is cut off nobody comes for its turn, and what `hold` took is given back."""
        try:
            await self._announce(conversation, recorded)
        except BaseException:
            _, held = self._held.pop(conversation, (0.0, None))
            if held is not None:
                await self._leases.release(lease=held)
            raise

    async def take(self, *, conversation: ConversationId, at: datetime) -> Turn | None:
        """The turn, or None when nothing waits or another holds it. Raises `NoSuchConversation`."""
        while True:
            begun = self._starts.find_begun(conversation=conversation)
            ahead = None if begun else self._starts.start_ahead(conversation=conversation, at=at)
            found = await self._find_lease(conversation, begun=begun, ahead=ahead)
            if found is None:
                return None
            turn = None
            try:
                turn, seen = await self._start(conversation, found=found, begun=begun, ahead=ahead, at=at)
            except Fenced:
                return None
            finally:
                if turn is None:
                    await self._leases.release(lease=found.lease)
            if turn is not None or seen is None:
                return turn
            # Whoever brought a message while this lease was held was turned away, and counts on us.
            if (await self._journal.get_head(conversation=conversation)).version == seen:
                return None

    async def _find_lease(
        self, conversation: ConversationId, *, begun: Head | None, ahead: asyncio.Task[Begun | None] | None
    ) -> Found | None:
        """The lease, which may be held already; where there is none, a start that was under way has landed."""
        since, held = self._held.pop(conversation, (0.0, None))
        if held is not None and begun is not None and time.monotonic() - since < FRESH_SECONDS:
            try:
                known = await self._leases.find_known(lease=held)
            except BaseException:
                await self._leases.release(lease=held)
                raise
            if known is not None:
                return known
        found = None
        try:
            found = await self._leases.find_lease(conversation=conversation, mine=held)
        finally:
            if ahead is not None and found is None:
                await has_landed(ahead)
        return found

    async def _start(
        self,
        conversation: ConversationId,
        *,
        found: Found,
        begun: Head | None,
        ahead: asyncio.Task[Begun | None] | None,
        at: datetime,
    ) -> tuple[Turn | None, int | None]:
        """The turn; or None and the version at which nothing waited, no version where another holds it.

        Where what was seen or kept of it is up to date, as it nearly always is, the turn was begun with its message,
        or taking the token and starting it are one commit.
        """
        reading = Reading(found.kept)
        start: Begun | None = None
        if begun is not None and reading.is_at(begun.version):
            start = begun, ()
        elif ahead is not None:
            start = await reading.read_beside(ahead)
        start = start or await self._start_after(conversation, found=found, reading=reading, at=at)
        if start is None:
            return None, None
        head, appended = start
        healed = await self._healing.heal(
            conversation=conversation, kept=reading.read(), head=head, to_redis=not found.without_redis
        )
        state = healed.state
        if not appended:
            started = make_start(state)
            if started is None and not state.transcript.taken:
                return None, state.version
            if started is not None:
                appended = await self._journal.append_turn(
                    conversation=conversation,
                    known=get_known(state, merchant=head.merchant, fence=head.fence),
                    turn=started.turn,
                    events=(started,),
                    at=at,
                )
        state = await self._healing.catch_up(conversation=conversation, state=state, appended=appended)
        await announce_visible(self._announce, conversation=conversation, appended=appended)
        turn = _hold(conversation, found=found, head=head, healed=healed, state=state)
        return turn, state.version

    async def _start_after(
        self, conversation: ConversationId, *, found: Found, reading: Reading, at: datetime
    ) -> Begun | None:
        """Starts by what Redis keeps, read in full while the database is at work."""
        outlined = reading.find_outline()
        return await self._starts.find_started(
            conversation=conversation,
            over_row_lease=found.lease.kept_in == "postgresql",
            started=make_start(outlined) if outlined else None,
            known=get_known(outlined, merchant=outlined.transcript.merchant) if outlined else None,
            at=at,
            meanwhile=reading.read,
        )


def _hold(
    conversation: ConversationId, *, found: Found, head: Head, healed: Healed, state: ConversationState
) -> Turn:
    return Turn(
        conversation=conversation,
        merchant=head.merchant,
        number=state.transcript.turns,
        fence=head.fence,
        lease=found.lease,
        state=state,
        cids=state.transcript.taken,
        said=state.transcript.said,
        without_redis=found.without_redis,
        rebuilt=healed.rebuilt,
        lag=healed.lag,
    )
