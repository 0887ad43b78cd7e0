"""What the state service's API is handed by this process: turns, the shop's terms, announcements."""

import asyncio
from contextlib import suppress

import msgspec

from catalog.models import Merchant
from commerce_agent.chat.hints import Hint, Hints
from commerce_agent.composition import get_conversations, get_platform, read_clock
from commerce_agent.shoppers.erasing import erase
from commerce_agent.shoppers.exporting import NobodyToExport, export_shopper, write_page
from conversations.accesses import Access, record_access_through
from conversations.api.bodies import ErasedAnswer
from conversations.api.ports import Exported, Listening, Ports, ShopTerms
from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.service import NoSuchKey, OnHold, Reader


class HintListening:
    """Hears a conversation's announcements; while nothing can be heard it wakes its caller every second."""

    def __init__(self) -> None:
        self._heard = asyncio.Event()
        self._hints: Hints | None = None

    async def open(self, conversation: ConversationId) -> None:
        """Begins to listen; the first wait ends as soon as announcements are heard."""
        platform = await get_platform()
        self._hints = Hints(
            layer=platform.channel_layer,
            conversation=conversation,
            hear=self._hear,
            is_waiting=lambda: False,
        )
        self._hints.open()

    async def wait(self, *, seconds: float) -> bool:
        """True once something may have been appended, False when so many seconds have passed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._heard.wait()
        heard = self._heard.is_set()
        self._heard.clear()
        return heard

    async def close(self) -> None:
        """Ends the listening."""
        if self._hints is not None:
            await self._hints.close()

    async def _hear(self, _hint: Hint | None) -> None:
        self._heard.set()


async def listen(conversation: ConversationId) -> Listening:
    """Listens from now on."""
    listening = HintListening()
    await listening.open(conversation)
    return listening


async def kick(conversation: ConversationId) -> None:
    """Starts the turn that answers what waits, in this process."""
    (await get_platform()).turns.kick(conversation)


async def find_terms(merchant: MerchantId) -> ShopTerms | None:
    """The language and money of a shop; None where its chat is switched off."""
    shop = await Merchant.objects.filter(pk=merchant, active=True).afirst()
    return ShopTerms(locale=shop.locale, currency=shop.currency) if shop else None


async def take_out_shopper(merchant: MerchantId, shopper: ShopperId, reader: Reader) -> Exported | None:
    """Everything that is kept of a shopper, as JSON and as a page; None for one that was erased meanwhile."""
    platform = await get_platform()
    try:
        export = await export_shopper(
            platform, merchant=merchant, shopper=shopper, reader=reader, at=read_clock()
        )
    except NobodyToExport:
        return None
    return Exported(body=msgspec.json.encode(export), page=write_page(export))


async def erase_shopper(merchant: MerchantId, shopper: ShopperId, reader: Reader) -> ErasedAnswer | None:
    """Erases a shopper; None where a legal hold keeps it. Whom another request has just erased, nothing is left of."""
    platform = await get_platform()
    try:
        gone = await erase(platform, merchant=merchant, owner=shopper, reader=reader, at=read_clock())
    except OnHold:
        return None
    except NoSuchKey:
        return ErasedAnswer(conversations=0, events=0, orders=0)
    return ErasedAnswer(conversations=gone.conversations, events=gone.events, orders=gone.orders)


async def record_read(access: Access) -> None:
    """Puts an access on record; it is durable then."""
    await record_access_through((await get_platform()).pool, access, at=read_clock())


def build_ports() -> Ports:
    """The ports of this process."""
    return Ports(
        get_conversations=get_conversations,
        kick=kick,
        find_terms=find_terms,
        listen=listen,
        now=read_clock,
        export_shopper=take_out_shopper,
        record_access=record_read,
        erase_shopper=erase_shopper,
    )
