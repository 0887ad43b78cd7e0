"""The public door of the state service: the only place that appends to a journal.

Each write goes the same way: take the turn, check, append under the fence with the decision's row in the
same transaction, then project and announce. An announcement is a hint; the journal is the truth.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from conversations.events import Event, Recorded
from conversations.events.messages import ConversationOpened, ShopperSpoke, TurnStarted
from conversations.ids import ClientMessageId, ConversationId, EntityRef, MerchantId, ShopperId
from conversations.replay.whole import WholeState
from conversations.state import ConversationState, fold
from conversations.store.append import NoSuchConversation
from conversations.store.boxes import Boxes, KeyFault
from conversations.store.carrying import May, carry, stand_behind
from conversations.store.codec import UnknownSchema, UnreadableEvent
from conversations.store.copying import Copy
from conversations.store.finding import Finder
from conversations.store.forgetting import forget_merchant
from conversations.store.healing import Healing, fold_apart
from conversations.store.holding import OnHold
from conversations.store.journal import Journal
from conversations.store.keeper import NoSuchKey
from conversations.store.openings import OpeningDiffers, OpeningKey
from conversations.store.outcomes import Arrival, Fenced, MovedOn, Overtaken
from conversations.store.owners import BelongsElsewhere, Owners
from conversations.store.profiles import Profiles, Reader, Whose
from conversations.store.projection import Projection, RedisDoor
from conversations.store.reading import Reading
from conversations.store.redacting import redact_message
from conversations.store.resume import HandleRefused, ResumeHandles
from conversations.store.sealing import KeyDestroyed
from conversations.store.shoppers import CARD, Contact, NoSuchShopper, ShopperCard, Shoppers
from conversations.store.some_events import SomeEvents
from conversations.store.standings import Standings
from conversations.store.starts import Starts
from conversations.store.taking import Taking
from conversations.store.together import (
    Announce,
    AnnounceAll,
    News,
    Together,
    announce_each,
    announce_visible,
)
from conversations.store.turn import Foresight, Turn, get_known, make_closing
from conversations.store.turn_lease import TurnLeases
from conversations.store.visits import InHand, NotInHand, Person, Stay, Visits
from conversations.store.words import WordNumbers

__all__ = [
    "CARD", "Announce", "AnnounceAll", "Arrival", "BelongsElsewhere", "Contact", "ConversationId", "Conversations",
    "Copy", "Fenced", "HandleRefused", "InHand", "KeyDestroyed", "KeyFault", "MovedOn", "News", "NoSuchConversation",
    "NoSuchKey", "NoSuchShopper", "NotInHand", "OnHold", "OpeningDiffers", "OpeningKey", "Overtaken", "Person",
    "Profiles", "Reader", "ShopperCard", "Stay", "Turn", "UnknownSchema", "UnreadableEvent", "Whose",
]  # fmt: skip

log = structlog.get_logger(__name__)


class Conversations:
    """Opens conversations, takes messages, hands out turns and commits them; knows shoppers and what is theirs."""

    def __init__(
        self,
        *,
        pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]],
        door: RedisDoor,
        prefix: str,
        announce: Announce,
        boxes: Boxes,
        announce_all: AnnounceAll | None = None,
        may_leave: May | None = None,
    ) -> None:
        """`may_leave` is asked before a cart goes from one conversation into the next."""
        self._pool, self._may_leave = pool, may_leave
        standings = Standings()
        self._journal = Journal(pool=pool, boxes=boxes, standings=standings)
        self._projection = Projection(door=door, prefix=prefix, boxes=boxes)
        tell, kept = announce_all or announce_each(announce), self._projection
        self.many = Together(pool=pool, boxes=boxes, projection=kept, announce=tell, load_one=self.load)
        self.visits = Visits(pool=pool, boxes=boxes, projection=kept, announce=announce, load=self.load)
        self._healing = Healing(journal=self._journal, projection=kept)
        self._leases = TurnLeases(door=door, pool=pool, projection=self._projection)
        self._taking = Taking(
            leases=self._leases,
            starts=Starts(pool=pool, boxes=boxes, standings=standings),
            journal=self._journal,
            healing=self._healing,
            announce=announce,
        )
        self.handles = ResumeHandles(pool=pool)
        self.reading = Reading(pool=pool)
        self.shoppers = Shoppers(pool=pool, boxes=boxes)
        self.owners = Owners(pool=pool, boxes=boxes, projection=kept)
        self.profiles = Profiles(pool=pool, door=door, prefix=prefix, boxes=boxes)
        self._finder = Finder(pool=pool)
        self.some_events = SomeEvents(pool=pool, boxes=boxes)
        """How many conversations began, or their events of a few kinds, for lists."""
        self.words = WordNumbers(pool=pool, boxes=boxes)
        """What talks are found by, beside the names and numbers of the shop's."""
        self._announce = announce

    async def open_conversation(  # noqa: PLR0913
        self,
        *,
        merchant: MerchantId,
        at: datetime,
        shopper: ShopperId | None = None,
        tier: str | None = None,
        locale: str = "en",
        currency: str = "USD",
        opening: OpeningKey | None = None,
        resume: str | None = None,
        with_cart: bool = False,
    ) -> ConversationId:
        """Opens a conversation. `shopper` is the id of a `Shopper` row; None for an anonymous one.

        The same `opening` again opens nothing and answers the first one's conversation. `resume` is a handle that a
        browser made from 32 random bytes, stored as a hash. `with_cart` brings a known shopper's where this makes the
        conversation. Raises `NoSuchShopper`, `OpeningDiffers`, `HandleRefused` for a handle that is weak or taken.
        """
        if shopper and await self.shoppers.find(merchant=merchant, shopper=shopper) is None:
            raise NoSuchShopper(shopper=shopper)
        opened = ConversationOpened(
            merchant=merchant, shopper=shopper, tier=tier, locale=locale, currency=currency
        )
        name, appended = await self._journal.open_conversation(
            event=opened,
            shopper_row=UUID(shopper) if shopper else None,
            at=at,
            opening=opening,
            resume=resume,
        )
        if appended:
            await self._projection.write(conversation=name, state=fold(ConversationState(), appended))
            if shopper and with_cart:
                await self.carry_cart(conversation=name, at=at)
        return name

    async def record_message(
        self,
        *,
        conversation: ConversationId,
        cid: ClientMessageId,
        text: str,
        at: datetime,
        about: str = "",
        refs: tuple[EntityRef, ...] = (),
        answering: bool = False,
    ) -> Arrival:
        """Makes a message durable; it may be acknowledged once this returns. It replies to `refs`, titled `about`.

        Whoever takes the turn right after says so (`answering`): where nothing else waits, its start is in the same
        commit, its lease is held from here on, and taking it asks nobody. Who says so and does not come leaves an
        interrupted turn, for anybody once the lease has run out.

        The same `cid` again changes nothing and answers the first one's place, marked `duplicate`: also years later,
        when the conversation was let go of and its reply cannot be given any more. In one that was erased nothing is
        taken, and no `cid` is known. Card and account numbers are taken out before anything is kept. Raises
        `NoSuchConversation`, and `KeyDestroyed` for a new message there.
        """
        spoke = ShopperSpoke(cid=cid, text=text, about=about, refs=refs)
        arrival = await self.commit_message(
            conversation=conversation, spoke=spoke, at=at, answering=answering
        )
        await self.tell_of_message(conversation=conversation, arrival=arrival)
        return arrival

    async def commit_message(
        self, *, conversation: ConversationId, spoke: ShopperSpoke, at: datetime, answering: bool
    ) -> Arrival:
        """The first half of `record_message`, its commit. Whoever does it in halves does the other one next."""
        spoke = await redact_message(spoke, load=partial(self.load, conversation=conversation))
        return await self._journal.record_message(
            conversation=conversation, cid=spoke.cid, event=spoke, at=at, answering=answering
        )

    async def tell_of_message(self, *, conversation: ConversationId, arrival: Arrival) -> None:
        """The other half: Redis hears of it, and gives the lease and the state for the turn that came with it."""
        if arrival.recorded:
            if isinstance(arrival.recorded[-1].event, TurnStarted):
                await self._taking.hold(conversation=conversation, begun=arrival.recorded)
            else:
                await self._projection.append(conversation=conversation, appended=arrival.recorded)
            await self._taking.announce(conversation, recorded=arrival.recorded)

    async def find_taken(self, *, conversation: ConversationId, cid: ClientMessageId) -> Arrival | None:
        """The place of the message, as `record_message` answers it the second time; None where it was not taken."""
        return await self._journal.find_taken(conversation=conversation, cid=cid)

    async def record_arrivals(
        self,
        *,
        conversation: ConversationId,
        events: tuple[Event, ...],
        at: datetime,
        expected_version: int | None = None,
    ) -> tuple[Recorded, ...]:
        """Appends what happened outside a turn: a notice, a pressed button, an outage.

        Whoever decided on a loaded state hands in its version: where the conversation went on meanwhile this
        raises `MovedOn`, so that two who saw the same state do not both act on it.
        """
        appended = await self._journal.record_arrivals(
            conversation=conversation, events=events, at=at, expected_version=expected_version
        )
        await self._projection.append(conversation=conversation, appended=appended)
        await announce_visible(self._announce, conversation=conversation, appended=appended)
        return appended

    async def carry_cart(
        self, *, conversation: ConversationId, at: datetime, left_by: ConversationId | None = None
    ) -> bool:
        """Moves what a known shopper left in the cart of their last conversation, within thirty days, into this one,
        where nothing has happened yet; True when there was something. Into one of nobody known moves what was left in
        `left_by`, of nobody known either: whoever calls this has been shown its handle.
        """
        return await carry(
            self._pool,
            conversation=conversation,
            at=at,
            load=self.load,
            record_all=self.many.record_all,
            left_by=left_by,
            may_leave=self._may_leave,
        )

    async def load_after_all(self, *, conversation: ConversationId) -> ConversationState:
        """The state once whoever holds the conversation this moment has committed."""
        await stand_behind(self._pool, conversation=conversation)
        return await self.load(conversation=conversation)

    async def load(self, *, conversation: ConversationId) -> ConversationState:
        """The state at this moment. Raises `NoSuchConversation`."""
        head = await self._journal.get_head(conversation=conversation)
        return await self._healing.load(conversation=conversation, head=head)

    async def rebuild(self, *, conversation: ConversationId, up_to: int | None = None) -> ConversationState:
        """The state folded from the first event, up to a seq where one is given."""
        events = await self._journal.list_events(conversation=conversation, up_to=up_to)
        return await fold_apart(ConversationState(), events)

    async def recall(self, *, conversation: ConversationId, up_to: int | None = None) -> ConversationState:
        """The state with everything that ever came up: slower the longer the talk, for what is not at hand."""
        whole = await self.know(conversation=conversation, up_to=up_to)
        return await asyncio.to_thread(lambda: whole.recalled)

    async def know(self, *, conversation: ConversationId, up_to: int | None = None) -> WholeState:
        """The state whole, its graph with it, up to a seq where one is given; folded when it is looked at."""
        return WholeState(await self._journal.list_events(conversation=conversation, up_to=up_to))

    async def take_turn(self, *, conversation: ConversationId, at: datetime) -> Turn | None:
        """Takes the turn to answer what waits, or None when nothing waits or another holds it.

        A turn that was interrupted is taken again under its own number. The caller must end what it took
        with `commit_turn` or `drop_turn`, and renew the lease meanwhile. Raises `NoSuchConversation`.
        """
        return await self._taking.take(conversation=conversation, at=at)

    async def renew(self, *, turn: Turn) -> bool:
        """Prolongs the turn's lease; False when it was lost, and the commit will then be refused."""
        return await self._leases.renew(lease=turn.lease)

    async def commit_turn(
        self, *, turn: Turn, events: tuple[Event, ...], at: datetime
    ) -> ConversationState | None:
        """Appends the turn's events, its reply last, and answers the state after them; None where the turn was
        committed and the journal went out of reach before what had come between could be read.

        The reply closes the turn and spends its token, so a second commit is refused as well. Raises `Fenced`
        when a later holder took over, and its kind `Overtaken` when the cart the turn built on was changed
        or ordered meanwhile: nothing of this turn was kept, and its messages wait for the next holder.
        """
        foresight = Foresight(turn=turn, projection=self._projection)
        try:
            appended = await self._journal.append_turn(
                conversation=turn.conversation,
                known=get_known(turn.state, merchant=turn.merchant, fence=turn.fence),
                turn=turn.number,
                events=events,
                at=at,
                closing=make_closing(turn, events),
                meanwhile=foresight.look,
            )
        except BaseException:
            await self._leases.release(lease=turn.lease)
            raise
        # From here on the reply is given: whatever fails, it is announced and the lease is given back.
        try:
            return await self._keep(turn=turn, appended=appended, foresight=foresight)
        except (OperationalError, PoolTimeout) as error:
            log.warning("turn.not_kept", conversation=turn.conversation, kind=type(error).__name__)
            await self._leases.release(lease=turn.lease)
            return None
        finally:
            await announce_visible(self._announce, conversation=turn.conversation, appended=appended)

    async def _keep(
        self, *, turn: Turn, appended: tuple[Recorded, ...], foresight: Foresight
    ) -> ConversationState:
        """Keeps the state that the turn led to, as foreseen where that came true, and gives the lease back."""
        foreseen = foresight.find(version=appended[-1].seq)
        if foreseen is None:
            state = await self._healing.catch_up(
                conversation=turn.conversation, state=turn.state, appended=appended
            )
            prepared = await self._projection.prepare(conversation=turn.conversation, state=state)
        else:
            state, prepared = foreseen
        await self._leases.release_after(lease=turn.lease, prepared=prepared)
        return state

    async def drop_turn(self, *, turn: Turn) -> None:
        """Gives the turn back unanswered; its messages wait for the next holder."""
        await self._leases.release(lease=turn.lease)

    async def list_frames(
        self, *, conversation: ConversationId, after: int, limit: int = 200
    ) -> tuple[Recorded, ...]:
        """The visible events after a frame, in order."""
        return await self._journal.list_frames(conversation=conversation, after=after, limit=limit)

    async def list_events(
        self,
        *,
        conversation: ConversationId,
        after: int = 0,
        up_to: int | None = None,
        kind: str | None = None,
        limit: int | None = None,
    ) -> tuple[Recorded, ...]:
        """Every event after a seq, in order; of one kind, and so many, where these are given."""
        return await self._journal.list_events(
            conversation=conversation, after=after, up_to=up_to, kind=kind, limit=limit
        )

    async def list_turns(
        self, *, conversation: ConversationId, first: int, last: int
    ) -> tuple[Recorded, ...]:
        """The events of these turns and the messages that they answer, in order, with some of what is around them."""
        after, up_to = await self._finder.get_bounds(conversation=conversation, first=first, last=last)
        return await self._journal.list_events(conversation=conversation, after=after, up_to=up_to)

    async def get_head(self, *, conversation: ConversationId) -> int:
        """The number of the newest frame. Raises `NoSuchConversation`."""
        return (await self._journal.get_head(conversation=conversation)).frames

    async def require_version(self, *, conversation: ConversationId, merchant: MerchantId) -> int:
        """The version of a merchant's own conversation: the one gate from an id that a stranger gave.

        Raises `NoSuchConversation` for another merchant's as for one that is not there.
        """
        return await self._finder.get_version(conversation=conversation, merchant=merchant)

    async def list_concerned(
        self, *, merchant: MerchantId, refs: tuple[EntityRef, ...], active_after: datetime
    ) -> dict[ConversationId, tuple[EntityRef, ...]]:
        """The conversations active after an instant that show some of these items, each with those it shows."""
        return await self._finder.list_concerned(merchant=merchant, refs=refs, active_after=active_after)

    async def list_open(self, *, merchant: MerchantId, active_after: datetime) -> tuple[ConversationId, ...]:
        """The merchant's conversations that were active after an instant."""
        return await self._finder.list_open(merchant=merchant, active_after=active_after)

    async def is_waiting(self, *, conversation: ConversationId) -> bool:
        """Whether a message waits for the assistant, whoever is at it. Raises `NoSuchConversation`."""
        return await self._finder.is_waiting(conversation=conversation)

    def walk_waiting(
        self, *, before: datetime, page: int = 100, but: tuple[MerchantId, ...] = ()
    ) -> AsyncIterator[tuple[ConversationId, ...]]:
        """Conversations with a message that nobody answered since before an instant, `but` of some merchants.

        They come longest first, so many at a time, each once.
        """
        return self._finder.walk_waiting(before=before, page=page, but=but)

    async def find_resumed(self, *, handle: str, merchant: MerchantId, at: datetime) -> ConversationId | None:
        """The conversation of a handle, or None when it is unknown, expired or another merchant's."""
        return await self.handles.find_conversation(handle=handle, merchant=merchant, at=at)

    async def forget_merchant(self, *, merchant: MerchantId) -> None:
        """Removes every conversation and shopper of a merchant that is no more."""
        await forget_merchant(self._pool, merchant=merchant)

    async def find_shopper(self, *, merchant: MerchantId, shopper: ShopperId) -> ShopperCard | None:
        """The merchant's shopper of this id, if there is one."""
        return await self.shoppers.find(merchant=merchant, shopper=shopper)
