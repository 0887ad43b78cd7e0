"""Each kind of event, taken into the shop's tables; what cannot be is named with its reason."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal

import msgspec
import structlog
from django.db import DataError, IntegrityError, transaction
from django.db.models import Max, QuerySet

from catalog.errors import CatalogError
from catalog.events import CatalogEvent, PolicyChanged, ProductChanged, PromotionChanged
from catalog.feeds import (
    COLUMNS,
    FeedItem,
    RowRefused,
    import_items,
    load_policies,
    load_promotions,
    parse_price,
    parse_stock,
    remove_items,
)
from catalog.ids import MerchantId, Sku
from catalog.inbox.items import PolicyTold, PriceTold, ProductTold, PromotionTold, StockTold
from catalog.inbox.rows import Row
from catalog.inbox.senders import share_numbers
from catalog.inventory import StockSaid, set_stocks
from catalog.models import Merchant, Policy, Variant
from catalog.pricing import PriceSaid, set_prices
from commerce_agent.decoding import decode_json

log = structlog.get_logger(__name__)

SOURCE = "webhook"
HIGHEST_VERSION = 2**31 - 1
NO_SUCH_SKU = "The shop has no item with this SKU; send the product first."


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What changed, and by row what could not be taken."""

    events: tuple[CatalogEvent, ...] = ()
    problems: dict[int, str] = {}


Take = Callable[[list[Row]], Taken]


def take_safely(rows: list[Row], *, take: Take) -> Taken:
    """Takes the rows together; where the database refuses that, one by one: none keeps out the others."""
    try:
        with transaction.atomic():
            return take(rows)
    except (DataError, IntegrityError) as error:
        if len(rows) == 1:
            log.warning("inbox.unstorable", row=rows[0].pk, error=type(error).__name__)
            return Taken(problems={rows[0].pk: "It cannot be stored as it is written."})
    return merge_taken(take_safely([row], take=take) for row in rows)


def merge_taken(parts: Iterable[Taken]) -> Taken:
    """What all of them say."""
    listed = tuple(parts)
    return Taken(
        events=tuple(event for part in listed for event in part.events),
        problems={row: problem for part in listed for row, problem in part.problems.items()},
    )


def take_stocks(rows: list[Row], *, merchant: MerchantId) -> Taken:
    """How many there are; one row a SKU."""
    said = tuple(
        StockSaid(
            sku=Sku(told.sku),
            quantity=told.quantity,
            availability=told.availability,
            at=row.at,
            # What was not ordered yet cannot be booked.
            booked_until=min(told.booked_until, row.at) if told.booked_until else None,
        )
        for row in rows
        for told in (decode_json(row.body, StockTold),)
    )
    changed = set_stocks(merchant=merchant, said=said, source=SOURCE)
    return Taken(
        events=tuple(changed.values()),
        problems={row.pk: NO_SUCH_SKU for row in rows if Sku(row.subject) not in changed},
    )


def take_prices(rows: list[Row], *, merchant: MerchantId) -> Taken:
    """What things cost; one row a SKU."""
    currency = Merchant.objects.values_list("currency", flat=True).get(id=merchant)
    problems: dict[int, str] = {}
    said: list[PriceSaid] = []
    for row in rows:
        told = decode_json(row.body, PriceTold)
        try:
            price = parse_price(told.price, currency=currency)
            sale = (
                parse_price(told.sale_price, currency=currency, name="sale_price")
                if told.sale_price
                else None
            )
        except RowRefused as refusal:
            problems[row.pk] = f"{refusal}."
            continue
        if sale is not None and sale > price:
            problems[row.pk] = f"A sale price is not above the price, {price}."
            continue
        low: Decimal | None = sale.amount if sale is not None else None
        said.append(PriceSaid(sku=Sku(told.sku), price=price.amount, sale_price=low, at=row.at))
    changed = set_prices(merchant=merchant, said=tuple(said), source=SOURCE)
    missing = {row.pk: NO_SUCH_SKU for row in rows if Sku(row.subject) not in changed}
    return Taken(events=tuple(changed.values()), problems=missing | problems)


def list_words_within(rows: Iterable[Row]) -> list[Row]:
    """What whole items say of price and stock, as words of those kinds; one that is gone says nothing of either."""
    words: list[Row] = []
    for row in rows:
        if row.kind != "product":
            continue
        said = decode_json(row.body, ProductTold)
        kinds = [] if said.removed else ["price", *(["stock"] if _says_stock(said) else [])]
        words += [msgspec.structs.replace(row, kind=kind, version=None) for kind in kinds]
    return words


def _says_stock(told: ProductTold) -> bool:
    return _find_stock(_make_item(told, line=0)) is not None


def _find_stock(item: FeedItem) -> tuple[int | None, str] | None:
    """The number and the word; None where a number that is counted stays as it is."""
    quantity, availability = parse_stock(item)
    return (quantity, availability) if quantity is not None or availability == "out_of_stock" else None


def take_products(
    rows: list[Row], *, known: Mapping[tuple[str, str], Row], merchant: MerchantId, now: datetime
) -> Taken:
    """Whole items, through the checks of a feed, and items that are there no more; one row a SKU.

    What `known` has a later word of, price or stock, stays as it is.
    """
    told = [(row, decode_json(row.body, ProductTold)) for row in rows]
    kept = [(row, said) for row, said in told if not said.removed]
    gone = [row for row, said in told if said.removed]
    held = _list_held([row for row, _ in kept], known=known, merchant=merchant)
    items = [
        msgspec.structs.replace(_make_item(said, line=line), **held.get(row.subject, {}))
        for line, (row, said) in enumerate(kept, start=1)
    ]
    # How many there are was so when it was told, not now: that is set with its time below.
    report = (
        import_items(merchant=merchant, items=items, name=SOURCE, now=now, numbers=False) if items else None
    )
    refused = {row.line: row.reason for row in report.refused} if report else {}
    problems = {row.pk: f"{refused[line]}." for line, (row, _) in enumerate(kept, start=1) if line in refused}
    taken = [(item, row) for item, (row, _) in zip(items, kept, strict=True) if row.pk not in problems]
    _set_prices_said(taken, merchant)
    _set_stocks_said(
        [(item, row) for item, row in taken if "quantity" not in held.get(row.subject, {})], merchant
    )
    # One that was not there is gone all the same.
    remove_items(merchant=merchant, skus=[Sku(row.subject) for row in gone])
    return Taken(
        events=tuple(
            ProductChanged(merchant=merchant, sku=Sku(row.subject), at=row.at)
            for row in rows
            if row.pk not in problems
        ),
        problems=problems,
    )


def _set_prices_said(items: list[tuple[FeedItem, Row]], merchant: MerchantId) -> None:
    """An item that is written as it was before says its price anew all the same; a sale of some days is left alone."""
    currency = Merchant.objects.values_list("currency", flat=True).get(id=merchant)
    said = tuple(
        PriceSaid(
            sku=Sku(row.subject),
            price=parse_price(item.price, currency=currency).amount,
            sale_price=parse_price(item.sale_price, currency=currency, name="sale_price").amount
            if item.sale_price
            else None,
            at=row.at,
        )
        for item, row in items
        if not item.sale_price_effective_date
    )
    set_prices(merchant=merchant, said=said, source=SOURCE)


def _set_stocks_said(items: list[tuple[FeedItem, Row]], merchant: MerchantId) -> None:
    """An item that is written as it was before says anew how many there are, whatever was said in between."""
    said = tuple(
        StockSaid(
            sku=Sku(row.subject),
            quantity=stock[0],
            availability=stock[1] if stock[1] != "unknown" else None,
            at=row.at,
        )
        for item, row in items
        if (stock := _find_stock(item)) is not None
    )
    set_stocks(merchant=merchant, said=said, source=SOURCE)


def _list_held(
    rows: list[Row], *, known: Mapping[tuple[str, str], Row], merchant: MerchantId
) -> dict[str, dict[str, str]]:
    """By SKU the columns in which a word that is later than the row holds."""
    later = {
        kind: {
            row.subject
            for row in rows
            if (kind, row.subject) in known and known[kind, row.subject].at > row.at
        }
        for kind in ("price", "stock")
    }
    wanted = later["price"] | later["stock"]
    found = Variant.objects.filter(merchant_id=merchant, sku__in=wanted).select_related("stock")
    held: dict[str, dict[str, str]] = {}
    for variant in found if wanted else ():
        columns = held.setdefault(variant.sku, {})
        if variant.sku in later["price"]:
            sale = variant.sale_price
            columns["price"] = f"{variant.price.amount} {variant.price.currency}"
            columns["sale_price"] = f"{sale.amount} {sale.currency}" if sale is not None else ""
            starts, ends = variant.sale_starts, variant.sale_ends
            between = f"{starts.isoformat()}/{ends.isoformat()}" if starts and ends else ""
            columns["sale_price_effective_date"] = between
        if variant.sku in later["stock"]:
            quantity = variant.stock.quantity
            columns["quantity"] = "" if quantity is None else str(quantity)
            columns["availability"] = str(variant.availability)
    return held


def _make_item(told: ProductTold, *, line: int) -> FeedItem:
    fields = {
        name.strip().lower().removeprefix("g:").replace(" ", "_"): f"{value}".strip()
        for name, value in told.item.items()
    }
    known = {name: value for name, value in fields.items() if name in COLUMNS}
    details = tuple(
        (name.replace("_", " "), value) for name, value in fields.items() if name not in COLUMNS and value
    )
    return FeedItem(**known, details=details, line=line)


def take_terms(rows: list[Row], *, merchant: MerchantId, now: datetime) -> Taken:
    """Policies and promotions, one by one: what is wrong with one does not keep out the others."""
    events: list[CatalogEvent] = []
    problems: dict[int, str] = {}
    for row in rows:
        try:
            with transaction.atomic():
                events.extend(_take_term(row, merchant=merchant, now=now))
        except CatalogError as refusal:
            problems[row.pk] = str(refusal)
    return Taken(events=tuple(events), problems=problems)


def _take_term(row: Row, *, merchant: MerchantId, now: datetime) -> tuple[CatalogEvent, ...]:
    if row.kind == "promotion":
        written = json.dumps([decode_json(row.body, PromotionTold).promotion])
        return load_promotions(merchant=merchant, source=written, now=now)
    policy = decode_json(row.body, PolicyTold).policy
    said = _find_version(row, policy)
    if said is not None:
        policy = {**policy, "version": said + row.lead}
    if "version" not in policy:
        policy = {**policy, "version": _find_next_version(policy, merchant=merchant)}
    return load_policies(merchant=merchant, source=json.dumps([policy]), now=now)


def _find_version(row: Row, policy: dict[str, object]) -> int | None:
    """How its sender numbers a policy; None where it does not, or not so that it can be kept."""
    for said in (row.version, policy.get("version")):
        if isinstance(said, int) and not isinstance(said, bool) and 0 < said <= HIGHEST_VERSION:
            return said
    return None


def number_term(
    row: Row, *, known: Mapping[tuple[str, str], Row], standing: frozenset[str], merchant: MerchantId
) -> Row:
    """The row of a policy with how far our versions are ahead of its sender's: of a policy the highest version holds,
    and what another system told before must not.
    """
    before = known.get((row.kind, row.subject))
    if row.kind != "policy" or before is None:
        return row
    if share_numbers(row.sender, other=before.sender, standing=standing):
        return msgspec.structs.replace(row, lead=before.lead)
    policy = decode_json(row.body, PolicyTold).policy
    said = _find_version(row, policy)
    if said is None:
        return row
    ahead = _find_next_version(policy, merchant=merchant) - said
    # Nobody knows who told what is known of no sender: it may be corrected in its place.
    return msgspec.structs.replace(row, lead=max(0, ahead if before.sender else ahead - 1))


def retell(row: Row, *, merchant: MerchantId) -> tuple[CatalogEvent, ...]:
    """The event of a row that took effect before, for conversations that look at what holds now."""
    if row.kind == "promotion":
        promotion = decode_json(row.body, PromotionTold).promotion
        code = promotion.get("code")
        title = str(promotion["title"])
        return (
            PromotionChanged(merchant=merchant, code=str(code) if code else None, title=title, at=row.at),
        )
    if row.kind != "policy":
        return (ProductChanged(merchant=merchant, sku=Sku(row.subject), at=row.at),)
    policy = decode_json(row.body, PolicyTold).policy
    newest = _list_versions(policy, merchant=merchant).order_by("-version").first()
    if newest is None:
        return ()
    return (
        PolicyChanged(
            merchant=merchant,
            name=newest.name,
            title=newest.title,
            scope=newest.scope,
            scope_value=newest.scope_value,
            version=newest.version,
            at=row.at,
        ),
    )


def _find_next_version(policy: dict[str, object], *, merchant: MerchantId) -> int:
    """One more than the highest of the same scope."""
    versions = _list_versions(policy, merchant=merchant)
    return int(versions.aggregate(highest=Max("version"))["highest"] or 0) + 1


def _list_versions(policy: dict[str, object], *, merchant: MerchantId) -> QuerySet[Policy]:
    """Those of the same scope; one that cannot be read is refused by whoever loads it."""
    scope, value = "store", ""
    applies_to = policy.get("applies_to")
    if isinstance(applies_to, dict) and len(applies_to) == 1:
        ((scope, value),) = applies_to.items()
    return Policy.objects.filter(
        merchant_id=merchant, name=policy["name"], scope=scope, scope_value=str(value).strip()
    )
