"""What the shop's page says that the shopper is looking at. Anybody may have written that page: it is a hint."""

from datetime import datetime

import msgspec

from catalog.ids import GroupKey
from commerce_agent.agent.turns import Turns
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.shop import Shop
from commerce_agent.tools.showing import to_entity
from conversations.events.entities import EntitiesFocused, EntitiesIntroduced
from conversations.ids import ConversationId, EntityRef, MerchantId
from conversations.service import Conversations


class PageSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What a page claims to show."""

    product: str = ""
    """An item's SKU, or the key of a group of variants."""
    cart: tuple[str, ...] = ()
    """SKUs in the shop's own cart."""


class PageReader:
    """Makes what a page shows known to its conversation: the product is what "it" means, until the talk moves on."""

    def __init__(self, *, conversations: Conversations, turns: Turns) -> None:
        self._conversations = conversations
        self._turns = turns

    async def heed(
        self, *, conversation: ConversationId, merchant: MerchantId, page: PageSeen, at: datetime
    ) -> tuple[EntityRef, ...]:
        """Takes in what the shop really has of it, and answers what "this" means from here on: nothing new where
        that was taken in before. Whose message comes with it has it point there, for a turn that runs meanwhile may
        leave another thing in focus.

        Prices, stock and rights never come from a page: only which of the shop's items is meant.
        """
        state = await self._conversations.load(conversation=conversation)
        shop = await self._turns.shops.open_shop(
            merchant=merchant, state=state, now=at, why="the page that the shopper looks at"
        )
        shown = await _find_shown(shop, page.product)
        held = await shop.list_offers(page.cart) if page.cart else ()
        offers = {offer.item.sku: offer for offer in (*shown, *held)}
        known = tuple(to_entity(offer) for offer in offers.values())
        if not known or tuple(entity.ref for entity in known) == state.entities.page:
            return ()
        refs = (known[0].ref,) if shown else ()
        focus = (EntitiesFocused(refs=refs),) if refs else ()
        await self._conversations.record_arrivals(
            conversation=conversation,
            events=(EntitiesIntroduced(entities=known, source="page"), *focus),
            at=at,
        )
        return refs


async def _find_shown(shop: Shop, product: str) -> tuple[Offer, ...]:
    """The item; of a group of variants the first that can be had."""
    if not product:
        return ()
    found = await shop.list_offers((product,))
    if found:
        return found[:1]
    siblings = await shop.list_siblings(GroupKey(product))
    offers = await shop.list_offers(tuple(sibling.sku for sibling in siblings))
    return tuple(sorted(offers, key=lambda offer: not offer.can_be_had)[:1])
