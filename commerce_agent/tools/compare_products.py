"""Puts items side by side."""

import msgspec
from moneyed.l10n import format_money

from commerce_agent.tools.desk import AskAgain, Desk
from commerce_agent.tools.recording import recorded
from commerce_agent.tools.shop import Offer
from commerce_agent.tools.showing import get_availability, get_ref, record_offer, to_entity
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
    rows: list[tuple[str, ...]] = [("Price", *(_say_price(offer) for offer in offers))]
    for offer in offers:
        told = record_offer(desk.trail, offer)
        desk.trail.cite(told.price, told.availability)
    rows.append(("Stock", *(get_availability(offer).replace("_", " ") for offer in offers)))
    if any(offer.item.rating is not None for offer in offers):
        ratings = (f"{offer.item.rating:.1f}" if offer.item.rating is not None else "–" for offer in offers)
        rows.append(("Rating", *ratings))
    attributes = _list_attribute_rows(offers)
    rows.extend(attributes[: MOST_ROWS - len(rows)])
    columns = ("", *(offer.item.product_title or offer.item.title for offer in offers))
    desk.trail.record(TableShown(part=desk.trail.mint_part(), columns=columns, rows=tuple(rows)))
    desk.trail.record(EntitiesFocused(refs=tuple(get_ref(offer.item.sku) for offer in offers)))
    differing = tuple(row[0] for row in rows if len(set(row[1:])) > 1)
    return Compared(offers=offers, differing=differing)


def _say_price(offer: Offer) -> str:
    return format_money(offer.price.price, locale="en_US")


def _list_attribute_rows(offers: tuple[Offer, ...]) -> list[tuple[str, ...]]:
    """Rows that differ first: they are what a comparison is for."""
    names = ["brand", "color", "size", "material"]
    own = [name for offer in offers for name in offer.item.attributes]
    rows: list[tuple[str, ...]] = []
    for name in dict.fromkeys([*names, *own]):
        values = [_find_value(offer, name) for offer in offers]
        if sum(value is not None for value in values) * 2 > len(values):
            shown = name.replace("_", " ").capitalize()
            rows.append((shown, *(value or "–" for value in values)))
    return sorted(rows, key=lambda row: len(set(row[1:])) == 1)


def _find_value(offer: Offer, name: str) -> str | None:
    fixed = {
        "brand": offer.item.brand,
        "color": offer.item.color,
        "size": offer.item.size,
        "material": offer.item.material,
    }
    return fixed.get(name) or offer.item.attributes.get(name) or None
