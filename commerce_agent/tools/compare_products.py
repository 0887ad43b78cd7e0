"""Puts items side by side."""

import msgspec

from commerce_agent.tools.describing import record_description
from commerce_agent.tools.desk import AskAgain, Desk
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.recording import recorded
from commerce_agent.tools.showing import get_availability, get_ref, record_offer, to_entity
from commerce_agent.tools.table_words import TableWords
from conversations.events.entities import EntitiesFocused, EntitiesShown
from conversations.events.messages import TableShown

DESCRIPTION = "Compare two to four products by SKU in a table: price, stock, rating and what sets them apart."

MOST_COMPARED = 4
MOST_ROWS = 10


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which items."""

    skus: tuple[str, ...]


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """The items and the names of what differs between them."""

    offers: tuple[Offer, ...]
    differing: tuple[str, ...]


@recorded("compare_products")
async def run(desk: Desk, arguments: Arguments) -> Compared:
    """Reads, records the facts, shows the table; raises `AskAgain` for fewer than two known items."""
    offers = await desk.shop.list_offers(list(dict.fromkeys(arguments.skus))[:MOST_COMPARED])
    if len(offers) < 2:
        raise AskAgain("Name two to four SKUs that were shown.")
    desk.trail.record(EntitiesShown(entities=tuple(to_entity(offer) for offer in offers)))
    words = desk.table_words
    rows: list[tuple[str, ...]] = [("price", *(words.money(offer.price.price) for offer in offers))]
    for offer in offers:
        told = record_offer(desk.trail, offer)
        desk.trail.cite(told.price, told.availability, *told.rating)
        record_description(desk, offer)
    rows.append(
        ("stock", *(words.stock(get_availability(offer), left=offer.stock.quantity) for offer in offers))
    )
    if any(offer.item.rating is not None for offer in offers):
        ratings = (
            words.number(offer.item.rating) if offer.item.rating is not None else "–" for offer in offers
        )
        rows.append(("rating", *ratings))
    attributes = _list_attribute_rows(offers, words=words)
    rows.extend(attributes[: MOST_ROWS - len(rows)])
    columns = ("", *(offer.item.product_title or offer.item.title for offer in offers))
    labelled = tuple((words.label(row[0]), *row[1:]) for row in rows)
    refs = tuple(get_ref(offer.item.sku) for offer in offers)
    desk.trail.record(TableShown(part=desk.trail.mint_part(), columns=columns, rows=labelled, refs=refs))
    desk.trail.record(EntitiesFocused(refs=refs))
    differing = tuple(row[0] for row in rows if len(set(row[1:])) > 1)
    return Compared(offers=offers, differing=differing)


def _list_attribute_rows(offers: tuple[Offer, ...], *, words: TableWords) -> list[tuple[str, ...]]:
    """Rows that differ first: they are what a comparison is for."""
    names = ["brand", "color", "size", "material"]
    own = [name for offer in offers for name in offer.item.attributes]
    rows: list[tuple[str, ...]] = []
    for name in dict.fromkeys([*names, *own]):
        values = [_find_value(offer, name) for offer in offers]
        if sum(value is not None for value in values) * 2 > len(values):
            rows.append((name, *(words.value(value, row=name) if value else "–" for value in values)))
    return sorted(rows, key=lambda row: len(set(row[1:])) == 1)


def _find_value(offer: Offer, name: str) -> str | None:
    fixed = {
        "brand": offer.item.brand,
        "color": offer.item.color,
        "size": offer.item.size,
        "material": offer.item.material,
    }
    return fixed.get(name) or offer.item.attributes.get(name) or None
