"""Whether an order may be changed, by the rules that were in force when it was placed, and what that comes to."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from re import compile as pattern

import msgspec
from moneyed import Money
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from catalog.ids import MerchantId, Sku
from catalog.orders.elsewhere import OWN, Elsewhere
from catalog.orders.paying import Payer, find_payment_fault
from catalog.orders.placing import list_ordered, price_at_source
from catalog.orders.records import (
    CancelOrder,
    Change,
    ChangeAddress,
    ChangeChecked,
    ChangeItems,
    ChangePayment,
    ChangeRefused,
    ExchangeItems,
    OrderedLine,
    OrderRecord,
    RefusedBecause,
    ReturnItems,
    Swap,
)
from catalog.orders.shelves import Shelf
from catalog.policies import PolicyRecord, ask_policies, find_category, find_policy
from catalog.pricing import CartItem, PriceContext
from catalog.products.discounts import round_money

GONE = ("shipped", "delivered", "cancelled", "return_requested", "exchange_requested", "returned")
"""An order in one of these states has left, or is no more."""
ARRIVED = ("delivered", "return_requested", "exchange_requested")
SAYS_DAYS = pattern(r"\b(\d{1,3})[- ]days?\b")
CHANGED = """
SELECT 1 FROM catalog_orderchange c JOIN catalog_order o ON o.id = c.order_id
WHERE o.merchant_id = %(merchant)s AND o.number = %(number)s AND c.kind = 'items' LIMIT 1
"""
PRODUCTS = (
    "SELECT sku, product_id FROM catalog_variant WHERE merchant_id = %(merchant)s AND sku = ANY(%(skus)s)"
)


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What a check stands on: an order of the asking customer, and the shelves of what would come in."""

    merchant: MerchantId
    customer_key: str
    order: OrderRecord
    context: PriceContext
    shelves: dict[Sku, Shelf]
    elsewhere: Elsewhere = OWN


def list_new_skus(change: Change) -> list[Sku]:
    """The SKUs that would come into the order."""
    return [swap.for_sku for swap in change.swaps] if isinstance(change, ChangeItems | ExchangeItems) else []


async def check(
    connection: AsyncConnection[TupleRow], ground: Ground, *, change: Change
) -> ChangeChecked | ChangeRefused:
    """What the change comes to, or why it cannot be."""
    if isinstance(change, ReturnItems | ExchangeItems):
        checked = await _check_sent_back(connection, ground, change=change)
    else:
        checked = await _check_open(connection, ground, change=change)
    if isinstance(checked, ChangeRefused):
        return checked
    payer = Payer(merchant=ground.merchant, customer_key=ground.customer_key)
    fault = await find_payment_fault(
        connection, payer, order=ground.order, change=change, amount=checked.amount
    )
    return checked if fault is None else _refuse(ground, because=fault)


async def _check_open(
    connection: AsyncConnection[TupleRow],
    ground: Ground,
    *,
    change: CancelOrder | ChangeAddress | ChangePayment | ChangeItems,
) -> ChangeChecked | ChangeRefused:
    """Until it leaves; by itself that is while it is pending, a `cancellation` policy may say `until: shipped`."""
    order = ground.order
    policy = await _find_policy_then(connection, ground, name="cancellation")
    until_shipped = policy is not None and policy.terms.get("until") == "shipped"
    may = order.status == "pending" or (until_shipped and order.status not in GONE)
    if not may:
        return _refuse(ground, because="too_late", policy=policy)
    stricter = await _find_stricter(connection, ground, policy=policy, change=change)
    if stricter is not None:
        return _refuse(ground, because=stricter, policy=policy)
    ref = policy.ref if policy else ""
    nothing = Money(0, order.total.currency)
    match change:
        case CancelOrder():
            open_sum = order.total - (order.refunded or nothing)
            return ChangeChecked(number=order.number, lines=order.lines, amount=-open_sum, policy=ref)
        case ChangeAddress():
            if not change.address.strip():
                return _refuse(ground, because="no_address")
            return ChangeChecked(
                number=order.number, lines=order.lines, amount=nothing, address=change.address, policy=ref
            )
        case ChangePayment():
            return ChangeChecked(number=order.number, lines=order.lines, amount=nothing, policy=ref)
        case ChangeItems():
            if any(swap.sku == swap.for_sku for swap in change.swaps):
                title = _get_title(ground, change.swaps[0].sku)
                return _refuse(ground, because="other_product", item=title)
            return await _check_swaps(connection, ground, swaps=change.swaps, policy=ref)


async def _find_stricter(
    connection: AsyncConnection[TupleRow], ground: Ground, *, policy: PolicyRecord | None, change: Change
) -> RefusedBecause | None:
    """What a `cancellation` policy asks beyond the time: `items: once` closes an order whose items were changed,
    `reasons` names those that count for cancelling.
    """
    if policy is None:
        return None
    reasons = policy.terms.get("reasons")
    if isinstance(change, CancelOrder) and isinstance(reasons, list) and change.reason not in reasons:
        return "no_reason"
    if policy.terms.get("items") != "once":
        return None
    cursor = await connection.execute(CHANGED, {"merchant": ground.merchant, "number": ground.order.number})
    return "already_changed" if await cursor.fetchone() else None


async def _check_sent_back(
    connection: AsyncConnection[TupleRow], ground: Ground, *, change: ReturnItems | ExchangeItems
) -> ChangeChecked | ChangeRefused:
    if ground.order.status not in ARRIVED:
        return _refuse(ground, because="not_delivered")
    if (policy := await _find_policy_then(connection, ground, name="returns")) is not None:
        once = policy.terms.get("requests") == "once"
        if once and ground.order.status != "delivered":
            return _refuse(ground, because="already_requested", policy=policy)
    wanted = change.items if isinstance(change, ReturnItems) else change.swaps
    if not wanted or any(item.quantity < 1 for item in wanted):
        return _refuse(ground, because="no_items")
    refs: list[str] = []
    windows: list[int] = []
    for item in wanted:
        policy = await _find_policy_then(connection, ground, name="returns", sku=item.sku)
        refused = _judge_window(ground, sku=item.sku, policy=policy)
        if refused is not None:
            return refused
        if policy is not None:
            refs.append(policy.ref)
            windows.append(_find_days(policy) or 0)
    days = min(windows, default=None)
    if isinstance(change, ExchangeItems):
        return await _check_swaps(connection, ground, swaps=change.swaps, policy=refs[0], days=days)
    parts = _take_parts(ground, wanted=[(item.sku, item.quantity) for item in change.items])
    if isinstance(parts, ChangeRefused):
        return parts
    return ChangeChecked(
        number=ground.order.number, lines=parts, amount=-_sum_charged(parts), policy=refs[0], days=days
    )


async def _find_policy_then(
    connection: AsyncConnection[TupleRow], ground: Ground, *, name: str, sku: Sku | None = None
) -> PolicyRecord | None:
    """The policy of the name that held for this item when the order was placed: later versions do not reach it."""
    then, own = ground.order.placed_at, ground.elsewhere.policies
    if own is None:
        answer = await find_policy(connection, merchant=ground.merchant, name=name, now=then, sku=sku)
        return answer.chosen if answer else None
    category = None if sku is None else await find_category(connection, merchant=ground.merchant, sku=sku)
    found = await ask_policies(
        own, merchant=ground.merchant, now=then, names=(name,), sku=sku, category=category
    )
    return found[0].chosen if found else None


def _judge_window(ground: Ground, *, sku: Sku, policy: PolicyRecord | None) -> ChangeRefused | None:
    order = ground.order
    item = next((line.title for line in order.lines if line.sku == sku), sku)
    if policy is None:
        return _refuse(ground, because="no_policy", item=item)
    days = _find_days(policy)
    if policy.terms.get("final_sale") is True or days == 0:
        return _refuse(ground, because="final_sale", item=item, policy=policy)
    if days is None:
        return _refuse(ground, because="no_policy", item=item, policy=policy)
    since = order.delivered_at or order.placed_at
    if ground.context.now > since + timedelta(days=days):
        return _refuse(ground, because="window_over", item=item, policy=policy, days=days)
    return None


def _find_days(policy: PolicyRecord) -> int | None:
    """The return window: the term `window_days`, else the first number of days in the text."""
    said = policy.terms.get("window_days")
    if isinstance(said, int | float) and not isinstance(said, bool):
        return int(said)
    match = SAYS_DAYS.search(policy.text)
    return int(match.group(1)) if match else None


async def _check_swaps(
    connection: AsyncConnection[TupleRow],
    ground: Ground,
    *,
    swaps: tuple[Swap, ...],
    policy: str,
    days: int | None = None,
) -> ChangeChecked | ChangeRefused:
    """Each for a version of the same product that is there; the difference at the prices of now."""
    if not swaps or any(swap.quantity < 1 for swap in swaps):
        return _refuse(ground, because="no_items")
    parts = _take_parts(ground, wanted=[(swap.sku, swap.quantity) for swap in swaps])
    if isinstance(parts, ChangeRefused):
        return parts
    products = await _list_products(
        connection, merchant=ground.merchant, skus=[sku for swap in swaps for sku in (swap.sku, swap.for_sku)]
    )
    wanted: dict[Sku, int] = {}
    for swap in swaps:
        shelf, title = ground.shelves.get(swap.for_sku), _get_title(ground, swap.sku)
        same = products.get(swap.sku) is not None and products.get(swap.sku) == products.get(swap.for_sku)
        if shelf is None or not same:
            return _refuse(ground, because="other_product", item=title)
        wanted[swap.for_sku] = wanted.get(swap.for_sku, 0) + swap.quantity
        if shelf.left is not None and shelf.left < wanted[swap.for_sku]:
            return _refuse(ground, because="out_of_stock", item=shelf.title)
    items = tuple(CartItem(sku=sku, quantity=quantity) for sku, quantity in wanted.items())
    priced = await price_at_source(
        connection,
        merchant=ground.merchant,
        lines=items,
        context=ground.context,
        elsewhere=ground.elsewhere,
    )
    if priced.unpriced:
        return _refuse(ground, because="no_price", item=ground.shelves[priced.unpriced[0]].title)
    new = list_ordered(priced, titles={sku: ground.shelves[sku].title for sku in wanted})
    return ChangeChecked(
        number=ground.order.number,
        lines=parts,
        new_lines=new,
        amount=_sum_charged(new) - _sum_charged(parts),
        policy=policy,
        days=days,
    )


def _take_parts(
    ground: Ground, *, wanted: Iterable[tuple[Sku, int]]
) -> tuple[OrderedLine, ...] | ChangeRefused:
    """The pieces as lines of their own, each with what was paid for it, from as many lines as hold the item."""
    parts: list[OrderedLine] = []
    gone: dict[int, int] = {}
    for sku, quantity in wanted:
        lines = [(place, line) for place, line in enumerate(ground.order.lines) if line.sku == sku]
        if sum(line.quantity for _, line in lines) < quantity:
            return _refuse(ground, because="not_in_order", item=lines[0][1].title if lines else sku)
        missing = quantity
        for place, line in lines:
            before = line.returned + gone.get(place, 0)
            taken = min(line.quantity - before, missing)
            if taken > 0:
                parts.append(get_part(line, since=before, quantity=taken))
                gone[place] = gone.get(place, 0) + taken
                missing -= taken
        if missing:
            return _refuse(ground, because="already_returned", item=lines[0][1].title)
    return tuple(parts)


def get_part(line: OrderedLine, *, since: int, quantity: int) -> OrderedLine:
    """So many pieces after the first `since`, with what they were charged; all parts of a line sum to the line."""
    currency = str(line.unit_price.currency)
    whole = line.charged if line.charged is not None else line.unit_price * line.quantity

    def get_upto(pieces: int) -> Decimal:
        return round_money(whole.amount * pieces / line.quantity, currency=currency)

    charged = get_upto(since + quantity) - get_upto(since)
    return OrderedLine(
        sku=line.sku,
        title=line.title,
        quantity=quantity,
        unit_price=line.unit_price,
        charged=Money(charged, currency),
    )


def _sum_charged(lines: tuple[OrderedLine, ...]) -> Money:
    charged = [
        line.charged if line.charged is not None else line.unit_price * line.quantity for line in lines
    ]
    return sum(charged[1:], charged[0])


async def _list_products(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, skus: list[Sku]
) -> dict[Sku, int]:
    cursor = await connection.execute(PRODUCTS, {"merchant": merchant, "skus": skus})
    return dict(await cursor.fetchall())


def _get_title(ground: Ground, sku: Sku) -> str:
    return next((line.title for line in ground.order.lines if line.sku == sku), sku)


def _refuse(
    ground: Ground,
    *,
    because: RefusedBecause,
    item: str = "",
    policy: PolicyRecord | None = None,
    days: int | None = None,
) -> ChangeRefused:
    return ChangeRefused(
        because=because,
        number=ground.order.number,
        status=ground.order.status,
        item=item,
        days=days,
        policy=policy.ref if policy else "",
    )
