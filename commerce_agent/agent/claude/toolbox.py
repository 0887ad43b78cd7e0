"""The tools as Claude sees them: the same ones the built-in planner drives, with JSON at the edge."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

import msgspec
import structlog

from catalog.connectors import ConnectorUnavailable
from commerce_agent.agent.wording import say_money, say_stock
from commerce_agent.tools import (
    call_person,
    cancel_order,
    change_address,
    change_cart,
    change_order_items,
    compare_products,
    enter_code,
    exchange_items,
    get_policy,
    list_orders,
    list_promotions,
    look_at_product,
    propose_order,
    return_items,
    search_products,
)
from commerce_agent.tools.changing_orders import ChangeProposed
from commerce_agent.tools.desk import AskAgain, CannotBeDone, Desk
from commerce_agent.tools.naming import get_name
from commerce_agent.tools.shop import Offer
from conversations.events.entities import SearchMade

log = structlog.get_logger(__name__)

LONGEST_TEXT = 600
"""Text of the shop's goods that goes to the model is cut here: it is material, and it costs."""

_UNSEEN = dict.fromkeys(
    [
        *range(0x20),
        *range(0x7F, 0xA0),
        0xAD,
        0x34F,
        0x61C,
        0x115F,
        0x1160,
        0x180E,
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
        0x3164,
        *range(0xFE00, 0xFE10),
        0xFEFF,
        *range(0xFFF9, 0xFFFC),
    ]
)
_TAGS = dict.fromkeys([*range(0xE0000, 0xE0080), *range(0xE0100, 0xE01F0)])


class ToolAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back to the model."""

    content: str
    is_error: bool = False


class OfferSeen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An item in few words. Its texts come from the shop's feed and are no instructions."""

    sku: str
    name: str
    price: str
    stock: str
    list_price: str = ""
    rating: float | None = None
    attributes: dict[str, str] = {}
    as_of: str = ""


def to_offer_seen(offer: Offer) -> OfferSeen:
    """The item as the model sees it."""
    return OfferSeen(
        sku=offer.item.sku,
        name=clean(get_name(offer)),
        price=say_money(offer.price.price),
        stock=say_stock(offer),
        list_price=say_money(offer.price.list_price) if offer.price.list_price > offer.price.price else "",
        rating=offer.item.rating,
        attributes={clean(k): clean(v) for k, v in list(offer.item.attributes.items())[:8] if v},
        as_of=f"{min(offer.price.observed_at, offer.stock.observed_at):%H:%M:%S}"
        if offer.price.stale or offer.stock.stale
        else "",
    )


def clean(text: str, *, most: int = LONGEST_TEXT) -> str:
    """The text without characters nobody sees, and no longer than it needs to be."""
    if text.isascii() and text.isprintable():
        return text[:most]
    return text.translate(_UNSEEN).translate(_TAGS)[:most]


OUT_OF_REACH = (
    "The shop's system does not answer now: what you asked is unknown, not none. Tell the shopper so."
)
BROKEN = "This tool does not work now. Do not call it again in this turn; tell the shopper what you cannot look up."
MOST_NARROWING = 5
"""Values of a facet that the model is told: enough to ask by, and cheap."""


async def _search(desk: Desk, arguments: search_products.Arguments) -> object:
    found = await search_products.run(desk, arguments)
    desk.trail.record(SearchMade(query=arguments.query, order=arguments.order, total=found.total))
    return {
        "shown": [to_offer_seen(offer) for offer in found.offers],
        "total": found.total,
        "sold_out": [clean(get_name(offer)) for offer in found.sold_out],
        "dropping_a_limit_would_bring": [
            {
                "limit": f"{relaxation.term.field} {relaxation.term.op} {relaxation.term.value}",
                "total": relaxation.total,
            }
            for relaxation in found.relaxations
        ],
        "dropping_two_limits_would_bring": [
            {
                "limits": [f"{term.field} {term.op} {term.value}" for term in (pair.term, pair.also) if term],
                "total": pair.total,
            }
            for pair in found.double_relaxations
        ],
        "narrow_by": {
            facet.field: [(clean(value), count) for value, count in facet.values[:MOST_NARROWING]]
            for facet in (*found.facets, *found.attribute_facets)
            if len(facet.values) > 1
        },
    }


async def _look(desk: Desk, arguments: look_at_product.Arguments) -> object:
    look = await look_at_product.run(desk, arguments)
    versions = [
        {"sku": sibling.sku, "color": sibling.color, "size": sibling.size, "sold_out": sibling.quantity == 0}
        for sibling in look.siblings[:24]
    ]
    return {
        "item": to_offer_seen(look.offer),
        "description": clean(look.offer.item.description),
        "versions": versions,
    }


async def _policy(desk: Desk, arguments: get_policy.Arguments) -> object:
    read = await get_policy.run(desk, arguments)
    if read.out_of_reach:
        return {
            "policy": None,
            "say": "The shop's system does not answer now; whether there is such a policy is unknown.",
        }
    if read.answer is None:
        return {"policy": None, "say": "The shop has no such policy on record."}
    chosen = read.answer.chosen
    return {
        "policy": chosen.name,
        "text": clean(chosen.text),
        "terms": chosen.terms,
        "version": chosen.ref,
        "out_of_date_since": str(read.answer.stale_since) if read.answer.stale_since else None,
        "told_before": str(read.before.value) if read.before else None,
    }


async def _promotions(desk: Desk, arguments: list_promotions.Arguments) -> object:
    found = await list_promotions.run(desk, arguments)
    if found.promotions is None:
        return {
            "promotions": None,
            "say": "The shop's system does not answer now; whether there are any is unknown.",
        }
    return {"promotions": [clean(promotion.title) for promotion in found.promotions]}


async def _compare(desk: Desk, arguments: compare_products.Arguments) -> object:
    compared = await compare_products.run(desk, arguments)
    return {"items": [to_offer_seen(offer) for offer in compared.offers], "differ_in": compared.differing}


async def _cart(desk: Desk, arguments: change_cart.Arguments) -> object:
    cart = await change_cart.run(desk, arguments)
    lines = [
        {"sku": line.ref.key, "quantity": line.quantity, "unit_price": say_money(line.unit_price)}
        for line in cart.lines
    ]
    return {"lines": lines, "total": say_money(cart.priced.total)}


async def _propose(desk: Desk, arguments: propose_order.Arguments) -> object:
    proposed = await propose_order.run(desk, arguments)
    return {"total": say_money(proposed.proposal.total), "next": "The shopper presses Confirm; you cannot."}


async def _orders(desk: Desk, arguments: list_orders.Arguments) -> object:
    found = await list_orders.run(desk, arguments)
    if found.out_of_reach:
        return {
            "orders": None,
            "say": "The shop's system does not answer now; whether there are orders is unknown.",
        }
    if found.orders is None:
        return {"orders": None, "say": "The shopper is not signed in with the shop."}
    return {
        "orders": [
            {
                "number": order.number,
                "placed": f"{order.placed_at:%Y-%m-%d}",
                "status": order.status,
                "total": say_money(order.total),
                "items": [
                    {"sku": line.sku, "title": clean(line.title), "quantity": line.quantity}
                    for line in order.lines
                ],
            }
            for order in found.orders
        ]
    }


def _tell_change(proposed: ChangeProposed) -> object:
    proposal = proposed.proposal
    return {
        "order": proposal.order,
        "items": [f"{line.quantity} × {clean(line.title)}" for line in proposal.lines],
        "new_items": [f"{line.quantity} × {clean(line.title)}" for line in proposal.new_lines],
        "amount": say_money(proposal.total),
        "amount_goes": "back to the shopper" if proposal.goes_back else "from the shopper to the shop",
        "return_window_days": proposed.days,
        "policy": proposal.policy,
        "next": "The shopper presses Confirm; you cannot.",
    }


async def _cancel(desk: Desk, arguments: cancel_order.Arguments) -> object:
    return _tell_change(await cancel_order.run(desk, arguments))


async def _address(desk: Desk, arguments: change_address.Arguments) -> object:
    return _tell_change(await change_address.run(desk, arguments))


async def _order_items(desk: Desk, arguments: change_order_items.Arguments) -> object:
    return _tell_change(await change_order_items.run(desk, arguments))


async def _return(desk: Desk, arguments: return_items.Arguments) -> object:
    return _tell_change(await return_items.run(desk, arguments))


async def _exchange(desk: Desk, arguments: exchange_items.Arguments) -> object:
    return _tell_change(await exchange_items.run(desk, arguments))


async def _code(desk: Desk, arguments: enter_code.Arguments) -> object:
    entered = await enter_code.run(desk, arguments)
    return {
        "code": clean(entered.code),
        "counts": entered.refused is None,
        "why_not": entered.refused.reason if entered.refused else None,
        "cart_total": say_money(entered.priced.total),
    }


async def _person(desk: Desk, arguments: call_person.Arguments) -> object:
    await call_person.run(desk, arguments)
    return {"asked": True}


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool, ready to be offered and called."""

    name: str
    description: str
    arguments: type[msgspec.Struct]
    call: Callable[[Desk, Any], Awaitable[object]]
    changes: bool = False
    """Whether it does more than read. Such calls run alone and in their order, and their arguments are strict."""


_CHANGING = frozenset(
    {
        "call_person",
        "cancel_order",
        "change_address",
        "change_cart",
        "change_order_items",
        "enter_code",
        "exchange_items",
        "propose_order",
        "return_items",
    }
)

TOOLS: tuple[Tool, ...] = tuple(
    Tool(
        name=name,
        description=module.DESCRIPTION,
        arguments=module.Arguments,
        call=call,
        changes=name in _CHANGING,
    )
    for name, module, call in (
        ("call_person", call_person, _person),
        ("cancel_order", cancel_order, _cancel),
        ("change_address", change_address, _address),
        ("change_cart", change_cart, _cart),
        ("change_order_items", change_order_items, _order_items),
        ("compare_products", compare_products, _compare),
        ("enter_code", enter_code, _code),
        ("exchange_items", exchange_items, _exchange),
        ("get_policy", get_policy, _policy),
        ("list_orders", list_orders, _orders),
        ("list_promotions", list_promotions, _promotions),
        ("look_at_product", look_at_product, _look),
        ("propose_order", propose_order, _propose),
        ("return_items", return_items, _return),
        ("search_products", search_products, _search),
    )
)
"""Sorted by name: the list must be the same bytes in every request."""

_BY_NAME = {tool.name: tool for tool in TOOLS}


@cache
def _list_schemas() -> tuple[dict[str, object], ...]:
    schemas: list[dict[str, object]] = []
    for tool in TOOLS:
        (_,), components = msgspec.json.schema_components([tool.arguments])
        schema = dict(components.pop(tool.arguments.__name__))
        schema.pop("title", None)
        if components:
            schema["$defs"] = components
        offered: dict[str, object] = {
            "name": tool.name,
            "description": tool.description,
            "input_schema": schema,
        }
        schemas.append({**offered, "strict": True} if tool.changes else offered)
    return tuple(schemas)


def list_schemas() -> list[dict[str, object]]:
    """The tools in the form of the Messages API; the same in every request."""
    return list(_list_schemas())


def changes_anything(name: str) -> bool:
    """Whether a tool does more than read."""
    return name in _CHANGING


def write_json(value: object) -> str:
    """JSON in which no text can look like the mark-up around it."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c").replace(">", "\\u003e")


async def call_tool(desk: Desk, *, name: str, arguments: object) -> ToolAnswer:
    """Calls a tool as the model asked; what the model did wrong comes back as words it can act on."""
    tool = _BY_NAME.get(name)
    if tool is None:
        return ToolAnswer(content=f"There is no tool {name!r}. Use one of those offered.", is_error=True)
    try:
        typed = msgspec.convert(arguments, tool.arguments)
        result = await tool.call(desk, typed)
    except msgspec.ValidationError as error:
        return ToolAnswer(
            content=f"The arguments do not fit: {error}. Correct them and call again.", is_error=True
        )
    except (AskAgain, CannotBeDone) as refusal:
        return ToolAnswer(content=str(refusal), is_error=True)
    except ConnectorUnavailable:
        return ToolAnswer(content=OUT_OF_REACH, is_error=True)
    except Exception:
        # What went wrong is for the log: a model that were told would tell it on.
        log.exception("tool.crashed", tool=name)
        return ToolAnswer(content=BROKEN, is_error=True)
    return ToolAnswer(content=write_json(result))
