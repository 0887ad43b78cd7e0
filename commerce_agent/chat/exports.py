"""What a shopper takes along: this conversation, or everything that is kept of them.

The shopper's own menu saves and deletes. Begin anew (the browser lets go of its handle), save (`export/`: the
durable frames, without buttons' tokens), delete (`erase`: an anonymous conversation's key is destroyed; of a named
shopper, whose key opens other talks too, the rows of this one go). Beside what is remembered stand saving and
deleting everything (`everything`), for which the shop has to vouch: a browser's handle does not prove who holds it.
"""

import msgspec

from commerce_agent.chat.merchants import Shop
from commerce_agent.chat.wire import to_wire
from commerce_agent.composition import Platform
from commerce_agent.shoppers.exporting import export_shopper
from conversations.accesses import Access, record_access_through
from conversations.events import Recorded
from conversations.ids import ConversationId
from conversations.service import Reader, ShopperCard

_PAGE = 500


async def export_talk(platform: Platform, *, shop: Shop, conversation: ConversationId) -> bytes:
    """Every durable frame as JSON, from the first, on record; a proposal's button has no token there."""
    taken = Access(
        merchant=shop.id,
        actor="shopper",
        action="conversation.exported",
        subject=f"conversation:{conversation}",
        purpose="asked in the chat",
    )
    await record_access_through(platform.pool, taken, at=platform.clock())
    frames: list[Recorded] = []
    while page := await platform.conversations.list_frames(
        conversation=conversation, after=len(frames), limit=_PAGE
    ):
        frames += page
    return _write([to_wire(each, origins=shop.sites) for each in frames])


async def export_everything(platform: Platform, *, shop: Shop, shopper: ShopperCard) -> bytes:
    """All that is kept of a shopper whom the shop has vouched for, as JSON; who took it out is on record."""
    export = await export_shopper(
        platform,
        merchant=shop.id,
        shopper=shopper.id,
        reader=Reader(actor="shopper", purpose="asked in the chat"),
        at=platform.clock(),
    )
    return _write(export)


def _write(kept: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(kept), indent=2)
