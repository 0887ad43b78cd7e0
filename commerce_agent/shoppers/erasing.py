"""Erasure of a shopper, or of one conversation: the key, the rows, the copies, the person in the orders."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

import msgspec
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import Q
from psycopg import OperationalError as DriverError
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError

from catalog.ids import CustomerKey
from catalog.ids import MerchantId as ShopId
from catalog.orders import forget_customer, forget_orders
from commerce_agent.agent.spending.caps import hide_payer
from commerce_agent.composition import Platform
from commerce_agent.models import Case, ConversationTraits, FoundBy, ModelSpend, Sending, SoughtInVain
from commerce_agent.shoppers.unsigned import list_orders_of
from conversations.accesses import Access, record_access_through
from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.models import Conversation
from conversations.service import KeyFault, Reader, ShopperCard, UnreadableEvent, Whose

OUTAGES = (OperationalError, InterfaceError, DriverError, PoolTimeout)
"""What an erasure ends with where PostgreSQL goes away in the middle."""
INTERRUPTED = (
    "PostgreSQL went out of reach in the middle. What was begun is on record, and finished by the purge, or by"
    " asking again."
)
ENDS_TOLD = ("ends", "told")
"""Of what was begun: every way in which it ends is on record, so what has no end was interrupted. Releases that did not
record that they refused left this out."""
PERSON_GONE = ("went", "person")
"""Of what was refused in the middle: who they are had gone from the orders and the notes; what was said stayed."""

log = structlog.get_logger(__name__)


class ErasedShopper(msgspec.Struct, frozen=True, kw_only=True):
    """What went."""

    conversations: int
    events: int
    orders: int
    """Orders that stay for the books, without the person."""
    copies: int
    """Values that were removed from Redis."""
    left: int = 0
    """Conversations of which Redis, out of reach, may hold a copy still. It opens for nobody; the purge drops it."""

    def describe(self) -> str:
        """The same for whoever asked for it."""
        told = (
            f"Erased: {self.conversations} conversations with {self.events} events, {self.copies} copies;"
            f" {self.orders} orders stay without the person."
        )
        if self.left:
            told += (
                f" Redis is out of reach and may hold copies of {self.left} conversations, which open for nobody any"
                " more; the purge drops them."
            )
        return told


async def erase(
    platform: Platform, *, merchant: MerchantId, owner: str, reader: Reader, at: datetime
) -> ErasedShopper:
    """Erases everything of a shopper, or of an anonymous conversation, by its id. There is no way back.

    That it begins is recorded before, and what went after, or that nothing did; all name ids only, so the chain stays
    whole. What an outage interrupted is finished by asking again, or by the purge. Raises `OnHold` where a legal hold
    keeps it, `NoSuchKey` where there is nothing, `MissingKey` and `WrongKey` where the operator must put a key right,
    `UnknownSchema` where a newer release must read it; then what was said stays. Where one of them comes up in the
    middle, the record says what went.
    """
    whose = Whose(merchant=merchant, shopper=ShopperId(owner))
    card = await platform.conversations.find_shopper(merchant=merchant, shopper=whose.shopper)
    talks: tuple[ConversationId, ...] = (ConversationId(owner),)
    if card is not None:
        talks = await platform.conversations.owners.list_conversations(merchant=merchant, shopper=card.id)
    await _record(platform, "shopper.erasing", whose=whose, reader=reader, at=at, detail=(ENDS_TOLD,))
    refused = partial(_recording, platform, "shopper.not_erased", whose=whose, reader=reader, at=at)
    async with refused():
        names = await platform.key_keeper.require_erasable(merchant=merchant, owner=owner)
        # Who they are goes first: once the key is gone nobody could say it any more, and what was interrupted before
        # is begun again.
        placed = () if names else await list_orders_of(platform, talks=talks)
    async with refused(detail=(PERSON_GONE,)):
        gone = await _erase(platform, card, whose=whose, talks=talks, names=names, placed=placed)
    await _record_erased(platform, gone, whose=whose, reader=reader, at=at)
    return gone


async def close_erasure(platform: Platform, *, whose: Whose, reader: Reader, at: datetime) -> None:
    """Ends an erasure of which all went, except for the word that it did. Does no harm twice."""
    gone = Conversation.objects.filter(
        Q(pk=whose.shopper) | Q(shopper_id=whose.shopper), merchant_id=whose.merchant, erased_at__isnull=False
    )
    names = [ConversationId(str(pk)) async for pk in gone.values_list("pk", flat=True)]
    await _drop_beside(platform, whose=whose, names=tuple(names))
    nothing = ErasedShopper(conversations=0, events=0, orders=0, copies=0)
    await _record_erased(platform, nothing, whose=whose, reader=reader, at=at)


async def _record_erased(
    platform: Platform, gone: ErasedShopper, *, whose: Whose, reader: Reader, at: datetime
) -> None:
    counts = tuple((name, str(count)) for name, count in msgspec.structs.asdict(gone).items())
    await _record(platform, "shopper.erased", whose=whose, reader=reader, at=at, detail=counts)


async def _erase(
    platform: Platform,
    card: ShopperCard | None,
    *,
    whose: Whose,
    talks: tuple[ConversationId, ...],
    names: tuple[ConversationId, ...],
    placed: tuple[str, ...],
) -> ErasedShopper:
    merchant, owner, left = whose.merchant, whose.shopper, 0
    orders, copies = await _drop_person(
        platform, card, merchant=merchant, talks=names or talks, placed=placed
    )
    if not names:
        erased = await platform.key_keeper.forget_key(merchant=merchant, owner=owner)
        names, copies, left = erased.names, copies + erased.copies, erased.left
        # Again, for what came meanwhile.
        more = await _drop_person(platform, card, merchant=merchant, talks=names, placed=())
        orders, copies = orders + more[0], copies + more[1]
    await _drop_beside(platform, whose=whose, names=names)
    # The rows last: as long as there are some, whoever asks again has this finished.
    events = await platform.purges.drop_rows(conversations=names)
    return ErasedShopper(conversations=len(names), events=events, orders=orders, copies=copies, left=left)


async def _drop_person(
    platform: Platform,
    card: ShopperCard | None,
    *,
    merchant: MerchantId,
    talks: tuple[ConversationId, ...],
    placed: tuple[str, ...],
) -> tuple[int, int]:
    """Takes the person out of what stands outside of the journal; how many orders and copies. Twice does no harm."""
    orders = await _forget_customer(card, merchant=merchant)
    orders += await sync_to_async(forget_orders)(merchant=ShopId(merchant), numbers=placed)
    await _drop_notes(talks)
    return orders, await _drop_answers(platform, card, merchant=merchant)


async def _drop_beside(platform: Platform, *, whose: Whose, names: tuple[ConversationId, ...]) -> None:
    """The copy of what was remembered, what answering them cost, and from where they spoke."""
    await platform.conversations.profiles.drop_copy(whose)
    await platform.turns.payers.forget(names)
    payers = [hide_payer(each, secret=settings.SECRET_KEY) for each in (whose.shopper, *names)]
    await ModelSpend.objects.filter(merchant_id=whose.merchant, payer__in=payers).adelete()


async def erase_conversation(
    platform: Platform, *, whose: Whose, conversation: ConversationId, reader: Reader, at: datetime
) -> int:
    """Erases one conversation of a named shopper and says how many events went. What else is theirs stays: their key
    opens it. Recorded before and after, as `erase` is. Raises `OnHold`; then what was said stays.
    """
    named = (("conversation", conversation),)
    begun = (*named, ENDS_TOLD)
    await _record(platform, "conversation.erasing", whose=whose, reader=reader, at=at, detail=begun)
    refused = partial(_recording, platform, "conversation.not_erased", whose=whose, reader=reader, at=at)
    async with refused(detail=named):
        await platform.holds.require_free(merchant=whose.merchant, owner=conversation)
        # Before the rows, for without them nobody finds these again.
        placed = await list_orders_of(platform, talks=(conversation,))
    # A hold may be placed in this very moment.
    async with refused(detail=(*named, PERSON_GONE)):
        await sync_to_async(forget_orders)(merchant=ShopId(whose.merchant), numbers=placed)
        await _drop_notes((conversation,))
        events = await platform.purges.drop_one(merchant=whose.merchant, conversation=conversation)
    await _drop_notes((conversation,))
    payer = hide_payer(conversation, secret=settings.SECRET_KEY)
    await ModelSpend.objects.filter(merchant_id=whose.merchant, payer=payer).adelete()
    await platform.turns.payers.forget((conversation,))
    await platform.key_keeper.drop_copies((conversation,))
    told = (*named, ("events", str(events)))
    await _record(platform, "conversation.erased", whose=whose, reader=reader, at=at, detail=told)
    return events


async def _drop_notes(conversations: tuple[ConversationId, ...]) -> None:
    """What staff noted of a talk may quote it."""
    await Case.objects.filter(conversation_id__in=conversations).adelete()
    await ConversationTraits.objects.filter(conversation_id__in=conversations).adelete()
    await FoundBy.objects.filter(conversation_id__in=conversations).adelete()
    await SoughtInVain.objects.filter(conversation_id__in=conversations).adelete()
    await Sending.objects.filter(conversation_id__in=conversations).adelete()


async def _forget_customer(card: ShopperCard | None, *, merchant: MerchantId) -> int:
    if card is None:
        return 0
    return await sync_to_async(forget_customer)(merchant=ShopId(merchant), customer_key=card.key)


async def _drop_answers(platform: Platform, card: ShopperCard | None, *, merchant: MerchantId) -> int:
    """What Redis keeps of the merchant's systems' answers; out of reach, it opens for nobody and runs out."""
    if card is None:
        return 0
    shop, keys = ShopId(merchant), (CustomerKey(card.key),)
    connectors = platform.connectors
    try:
        asked = (connectors.orders, connectors.customers, connectors.history)
        return sum([await each.forget(merchant=shop, keys=keys) for each in asked])
    except (RedisError, OSError):
        log.warning("erased.answers_left")
        return 0


@asynccontextmanager
async def _recording(
    platform: Platform,
    action: str,
    *,
    whose: Whose,
    reader: Reader,
    at: datetime,
    detail: tuple[tuple[str, str], ...] = (),
) -> AsyncIterator[None]:
    """Puts on record by the action why it was refused, where it is."""
    try:
        yield
    except (KeyFault, UnreadableEvent) as fault:
        why = (*detail, ("because", type(fault).__name__))
        await _record(platform, action, whose=whose, reader=reader, at=at, detail=why)
        raise


async def _record(
    platform: Platform,
    action: str,
    *,
    whose: Whose,
    reader: Reader,
    at: datetime,
    detail: tuple[tuple[str, str], ...] = (),
) -> None:
    access = Access(
        merchant=whose.merchant,
        actor=reader.actor,
        action=action,
        subject=f"shopper:{whose.shopper}",
        purpose=reader.purpose,
        detail=detail,
    )
    await record_access_through(platform.pool, access, at=at)
