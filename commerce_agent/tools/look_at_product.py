"""Looks at one item closely: its price and stock now, its description, its other sizes and colours."""

import msgspec

from catalog.products import VariantRecord
from commerce_agent.tools.describing import record_description
from commerce_agent.tools.desk import AskAgain, Desk
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.recording import recorded
from commerce_agent.tools.showing import (
    get_ref,
    list_choices,
    record_offer,
    to_card,
    to_entity,
    to_versions,
)
from conversations.events.entities import EntitiesFocused, EntitiesIntroduced
from conversations.events.messages import CardsShown

DESCRIPTION = (
    "Look at one product by SKU: current price and stock, description, attributes, and the other sizes and colours "
    "it comes in. Use before answering any question about a particular item. `show_picture` puts a large picture of it "
    "beside your words: for when the shopper asks what it looks like."
)


IMAGE = "image"
"""With this a part begins that is a picture of one item: the widget shows it large."""


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which item."""

    sku: str
    show_card: bool = False
    show_picture: bool = False


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """The item and its siblings, the item itself included."""

    offer: Offer
    siblings: tuple[VariantRecord, ...]


@recorded("look_at_product")
async def run(desk: Desk, arguments: Arguments) -> Look:
    """Reads, records the facts, takes the item into focus; raises `AskAgain` for an unknown SKU."""
    offers = await desk.shop.list_offers([arguments.sku])
    if not offers:
        raise AskAgain(f"There is no product {arguments.sku!r}; use a SKU from search_products.")
    offer = offers[0]
    desk.trail.record(EntitiesIntroduced(entities=(to_entity(offer),), source="named"))
    told = record_offer(desk.trail, offer)
    desk.trail.cite(told.price, told.availability, *told.rating, *told.words)
    if told.stock.value is not None:
        desk.trail.cite(told.stock)
    record_description(desk, offer)
    siblings = await desk.shop.list_siblings(offer.item.group)
    if arguments.show_picture:
        show_picture(desk, offer)
    if arguments.show_card:
        versions = list_choices(offer.item, among=to_versions(siblings), in_size=desk.in_size)
        card = to_card(offer, now=desk.now, versions=versions, say_age=desk.say_age, words=desk.table_words)
        desk.trail.record(CardsShown(part=desk.trail.mint_part(), cards=(card,)))
    desk.trail.record(EntitiesFocused(refs=(get_ref(offer.item.sku),)))
    return Look(offer=offer, siblings=siblings)


def show_picture(desk: Desk, offer: Offer) -> bool:
    """Puts the item's picture beside the words; False where the shop has none."""
    if not offer.item.image_link:
        return False
    card = to_card(offer, now=desk.now, say_age=desk.say_age, words=desk.table_words)
    desk.trail.record(CardsShown(part=f"{IMAGE}-{desk.trail.mint_part()}", cards=(card,)))
    return True
