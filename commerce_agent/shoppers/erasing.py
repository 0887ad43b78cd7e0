"""Erasure of a shopper, or of an anonymous conversation: the key, the rows, the copies, the person in the orders."""

from datetime import datetime

import msgspec
import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from redis.exceptions import RedisError

from catalog.ids import CustomerKey
from catalog.ids import MerchantId as ShopId
from catalog.orders import forget_customer, forget_orders
from commerce_agent.agent.spending import hide_payer
from commerce_agent.composition import Platform
from commerce_agent.models import Case, ConversationTraits, FoundBy, ModelSpend
from conversations.accesses import Access, record_access_through
from conversations.events.carts import ProposalResolved
from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.service import KeyFault, NoSuchConversation, Reader, ShopperCard, Whose

log = structlog.get_logger(__name__)


class ErasedShopper(msgspec.Struct, frozen=True, kw_only=True):
    """What went."""

    conversations: int
    events: int
    orders: int
    """Orders that stay for the books, without the person."""
    copies: int
    """Values that were removed from Redis."""


async def erase(
    platform: Platform, *, merchant: MerchantId, owner: str, reader: Reader, at: datetime
) -> ErasedShopper:
    """Erases everything of a shopper, or of an anonymous conversation, by its id. There is no way back.

    That it begins is recorded before, and what went after; both name ids only, so the chain stays whole. Raises
    `OnHold` where a legal hold keeps it, `NoSuchKey` where there is nothing; then nothing was erased.
    """
    whose = Whose(merchant=merchant, shopper=ShopperId(owner))
    card = await platform.conversations.find_shopper(merchant=merchant, shopper=whose.shopper)
    placed = await _list_orders_of_nobody(platform, whose=whose, is_named=card is not None)
    await _record(platform, "shopper.erasing", whose=whose, reader=reader, at=at)
    erased = await platform.key_keeper.forget_key(merchant=merchant, owner=owner)
    events = await platform.purges.drop_rows(conversations=erased.names)
    # What staff noted of a talk may quote it.
    await Case.objects.filter(conversation_id__in=erased.names).adelete()
    await ConversationTraits.objects.filter(conversation_id__in=erased.names).adelete()
    await FoundBy.objects.filter(conversation_id__in=erased.names).adelete()
    await platform.conversations.profiles.drop_copy(whose)
    orders = await _forget_customer(card, merchant=merchant)
    orders += await sync_to_async(forget_orders)(merchant=ShopId(merchant), numbers=placed)
    copies = erased.copies + await _drop_answers(platform, card, merchant=merchant)
    payers = [hide_payer(each, secret=settings.SECRET_KEY) for each in (owner, *erased.names)]
    await ModelSpend.objects.filter(merchant_id=merchant, payer__in=payers).adelete()
    gone = ErasedShopper(conversations=erased.conversations, events=events, orders=orders, copies=copies)
    counts = tuple((name, str(count)) for name, count in msgspec.structs.asdict(gone).items())
    await _record(platform, "shopper.erased", whose=whose, reader=reader, at=at, detail=counts)
    return gone


async def _list_orders_of_nobody(platform: Platform, *, whose: Whose, is_named: bool) -> tuple[str, ...]:
    """What was ordered in these conversations while nobody was signed in: only they say whose it is."""
    service = platform.conversations
    talks = (
        await service.owners.list_conversations(merchant=whose.merchant, shopper=whose.shopper)
        if is_named
        else (ConversationId(whose.shopper),)
    )
    numbers: list[str] = []
    for talk in talks:
        try:
            resolved = await service.list_events(conversation=talk, kind="proposal.resolved")
        except (KeyFault, NoSuchConversation):
            # What cannot be read names no order; whether there is anything to erase is found out next.
            continue
        for recorded in resolved:
            match recorded.event:
                case ProposalResolved(status="accepted", kind="order", order=str(number)):
                    numbers.append(number)
                case _:
                    pass
    return tuple(numbers)


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
        return await connectors.orders.forget(merchant=shop, keys=keys) + await connectors.customers.forget(
            merchant=shop, keys=keys
        )
    except (RedisError, OSError):
        log.warning("erased.answers_left")
        return 0


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
