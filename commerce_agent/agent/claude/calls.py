"""Each tool as the model calls it: the arguments go to the tool, and its answer comes back in few words."""

from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

from catalog.pricing import CartPrice
from commerce_agent.agent.builtin.letting_go import offer_to_let_go
from commerce_agent.agent.builtin.orders_shown import show_orders
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.topics import leave_goods_before
from commerce_agent.agent.builtin.wished_versions import list_wished
from commerce_agent.agent.claude.seen import (
    LONGEST_POLICY,
    clean,
    tell_text,
    to_offer_seen,
    to_promotion_seen,
    to_taste_seen,
)
from commerce_agent.agent.doubts import list_doubts
from commerce_agent.agent.wording.terms import say_money
from commerce_agent.tools import (
    call_person,
    cancel_order,
    change_address,
    change_cart,
    change_order_items,
    compare_products,
    drop_code,
    enter_code,
    exchange_items,
    get_policy,
    list_orders,
    list_promotions,
    look_at_cart,
    look_at_product,
    propose_order,
    recall_shopper,
    return_items,
    search_products,
)
from commerce_agent.tools.changing_orders import ChangeProposed
from commerce_agent.tools.look_at_product import Look
from commerce_agent.tools.naming import get_name
from commerce_agent.tools.showing import record_offer, to_entity
from commerce_agent.tools.tastes import Taste
from conversations.events.carts import CartLineChecked
from conversations.events.entities import EntitiesIntroduced, SearchMade

UNPRICED = "Nobody can say now what it costs; these are the prices of before."

Call = Callable[[Scene, Any], Awaitable[object]]

MOST_WISHED = 3
MOST_REMEMBERED = 24
_FOR_NO_MODEL = frozenset({"address", "payment"})
MOST_NARROWING = 5
"""Values of a facet that the model is told: enough to ask by, and cheap."""


async def search(scene: Scene, arguments: search_products.Arguments) -> object:
    """Searches; goods of another kind than before end the terms of those, as they do without a model."""
    await leave_goods_before(scene, query=arguments.query)
    found = await search_products.run(scene.desk, arguments)
    scene.desk.trail.record(SearchMade(query=arguments.query, order=arguments.order, total=found.total))
    if not found.offers:
        await offer_to_let_go(scene, found)
    return {
        "shown": [to_offer_seen(offer) for offer in found.offers],
        "total": found.total,
        **_tell_tastes(found.tastes),
        "sold_out": [clean(get_name(offer)) for offer in found.sold_out],
        "dropping_a_limit_would_bring": [
            {
                "limit": f"{relaxation.term.field} {relaxation.term.op} {relaxation.term.value}",
                "total": relaxation.total,
                **_tell_example(relaxation),
            }
            for relaxation in found.relaxations
        ],
        "dropping_two_limits_would_bring": [
            {
                "limits": [f"{term.field} {term.op} {term.value}" for term in (pair.term, pair.also) if term],
                "total": pair.total,
                **_tell_example(pair),
            }
            for pair in found.double_relaxations
        ],
        "narrow_by": {
            facet.field: [(clean(value), count) for value, count in facet.values[:MOST_NARROWING]]
            for facet in (*found.facets, *found.attribute_facets)
            if len(facet.values) > 1
        },
    }


def _tell_example(relaxation: search_products.Relaxation) -> dict[str, object]:
    """One of the goods that dropping the limit would bring."""
    if not relaxation.sku:
        return {}
    price = {"price": relaxation.price} if relaxation.price else {}
    return {"for_example": {"sku": relaxation.sku, "name": clean(relaxation.example), **price}}


def _tell_tastes(tastes: tuple[Taste, ...]) -> dict[str, object]:
    """What has moved the results, for the model to say: nobody is ranked for unseen."""
    if not tastes:
        return {}
    return {
        "ordered_by_likes": [to_taste_seen(taste) for taste in tastes],
        "say": "Say in a few words that these likes have put some first, or last, and how you know of them.",
    }


async def look(scene: Scene, arguments: look_at_product.Arguments) -> object:
    """Looks at one item, and at the versions of it that the message wishes for."""
    look = await look_at_product.run(scene.desk, arguments)
    await _read_wished(scene, look)
    versions = [
        {"sku": sibling.sku, "color": sibling.color, "size": sibling.size, "sold_out": sibling.quantity == 0}
        for sibling in look.siblings[:24]
    ]
    return {
        "item": to_offer_seen(look.offer),
        **tell_text(look.offer.item.description, name="description"),
        "versions": versions,
    }


async def _read_wished(scene: Scene, look: Look) -> None:
    """The stock of a version that is asked for is a fact as any other, above all where there is none of it."""
    if not scene.understanding.wishes:
        return
    wished = list_wished(scene, look)[:MOST_WISHED]
    offers = await scene.desk.shop.list_offers([version.sku for version in wished])
    scene.desk.trail.record(EntitiesIntroduced(entities=tuple(to_entity(offer) for offer in offers)))
    for offer in offers:
        record_offer(scene.desk.trail, offer)


async def read_policy(scene: Scene, arguments: get_policy.Arguments) -> object:
    """Reads a policy."""
    read = await get_policy.run(scene.desk, arguments)
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
        **tell_text(chosen.text, name="text", most=LONGEST_POLICY),
        "terms": chosen.terms,
        "version": chosen.ref,
        "scope": chosen.ref.partition("@")[0].partition("/")[2] or "store",
        "out_of_date_since": str(read.answer.stale_since) if read.answer.stale_since else None,
        "told_before": str(read.before.value) if read.before else None,
    }


async def read_promotions(scene: Scene, arguments: list_promotions.Arguments) -> object:
    """Reads the promotions."""
    found = await list_promotions.run(scene.desk, arguments)
    if found.promotions is None:
        return {
            "promotions": None,
            "say": "The shop's system does not answer now; whether there are any is unknown.",
        }
    return {"promotions": [to_promotion_seen(each) for each in found.promotions]}


async def compare(scene: Scene, arguments: compare_products.Arguments) -> object:
    """Compares items."""
    compared = await compare_products.run(scene.desk, arguments)
    return {"items": [to_offer_seen(offer) for offer in compared.offers], "differ_in": compared.differing}


async def set_cart(scene: Scene, arguments: change_cart.Arguments) -> object:
    """Changes the cart."""
    cart = await change_cart.run(scene.desk, arguments)
    lines = [
        {"sku": line.ref.key, "quantity": line.quantity, "unit_price": say_money(line.unit_price)}
        for line in cart.lines
    ]
    return {"lines": lines, **_tell_total(cart.priced, key="total")}


async def look_at_cart_now(scene: Scene, arguments: look_at_cart.Arguments) -> object:
    """Prices the cart anew; the button of an order that cannot be met as it stands says so."""
    seen = await look_at_cart.run(scene.desk, arguments)
    scene.desk.trail.record(*list_doubts(scene.desk.trail.state, book=scene.book))
    before = {now.ref: was for was, now in seen.repriced}
    return {
        "lines": [
            {
                "sku": line.ref.key,
                "title": clean(line.title),
                "quantity": line.quantity,
                "unit_price": say_money(line.unit_price),
                **(
                    {"unit_price_before": say_money(before[line.ref].unit_price)}
                    if line.ref in before
                    else {}
                ),
                **_tell_amiss(seen.amiss.get(line.ref.key)),
            }
            for line in seen.lines
        ],
        **({"goods_before": say_money(seen.total_before)} if seen.total_before else {}),
        **({} if seen.stale else {"goods": say_money(seen.priced.total)}),
        "total": None if seen.stale else say_money(seen.priced.charges.total),
        "say": UNPRICED if seen.stale else None,
    }


def _tell_amiss(checked: CartLineChecked | None) -> dict[str, object]:
    """Why the line cannot be ordered as it stands, and how many there are."""
    if checked is None:
        return {"amiss": None}
    return {"amiss": checked.verdict, **({"left": checked.left} if checked.left is not None else {})}


async def propose(scene: Scene, arguments: propose_order.Arguments) -> object:
    """Proposes the order; a button confirms it."""
    proposed = await propose_order.run(scene.desk, arguments)
    return {"total": say_money(proposed.proposal.total), "next": "The shopper presses Confirm; you cannot."}


async def read_orders(scene: Scene, arguments: list_orders.Arguments) -> object:
    """Reads the shopper's own orders."""
    found = await list_orders.run(scene.desk, arguments)
    if found.out_of_reach:
        return {
            "orders": None,
            "say": "The shop's system does not answer now; whether there are orders is unknown.",
        }
    if found.orders is None:
        return {"orders": None, "say": "The shopper is not signed in with the shop."}
    if found.orders:
        show_orders(scene, found.orders)
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


async def recall(scene: Scene, arguments: recall_shopper.Arguments) -> object:
    """Recalls what is remembered of the shopper."""
    remembered = await recall_shopper.run(scene.desk, arguments)
    if remembered is None:
        return {"remembered": None, "say": "The shopper is not signed in: nothing is kept of earlier visits."}
    if not remembered.allowed:
        return {"remembered": None, "say": "The shopper has not agreed to be remembered."}
    return {
        "remembered": [
            {
                "about": clean(f"{kept.kind} {kept.topic}" if kept.kind != "seen" else "looked at"),
                "value": clean(kept.name or kept.value),
                "certain": kept.source == "stated",
                **({"sku": kept.ref.key} if kept.ref else {}),
            }
            # Where somebody lives and what they pay with is for the shopper to see, and for no model.
            for kept in [each for each in remembered.kept if each.kind not in _FOR_NO_MODEL][:MOST_REMEMBERED]
        ]
    }


async def cancel(scene: Scene, arguments: cancel_order.Arguments) -> object:
    """Proposes to cancel an order."""
    return _tell_change(await cancel_order.run(scene.desk, arguments))


async def send_elsewhere(scene: Scene, arguments: change_address.Arguments) -> object:
    """Proposes another address."""
    return _tell_change(await change_address.run(scene.desk, arguments))


async def swap_items(scene: Scene, arguments: change_order_items.Arguments) -> object:
    """Proposes other items in an order."""
    return _tell_change(await change_order_items.run(scene.desk, arguments))


async def send_back(scene: Scene, arguments: return_items.Arguments) -> object:
    """Proposes a return."""
    return _tell_change(await return_items.run(scene.desk, arguments))


async def exchange(scene: Scene, arguments: exchange_items.Arguments) -> object:
    """Proposes an exchange."""
    return _tell_change(await exchange_items.run(scene.desk, arguments))


def _tell_total(priced: CartPrice, *, key: str = "cart_total") -> dict[str, str | None]:
    """What the goods come to; nothing where that rests on an answer that nobody could give anew."""
    if priced.stale:
        return {key: None, "say": UNPRICED}
    return {key: say_money(priced.total)}


async def take_code(scene: Scene, arguments: enter_code.Arguments) -> object:
    """Takes a code."""
    entered = await enter_code.run(scene.desk, arguments)
    return {
        "code": clean(entered.code),
        "counts": entered.refused is None,
        "why_not": entered.refused.reason if entered.refused else None,
        "in_place_of": [clean(code) for code in entered.in_place_of],
        "outdone_by": [clean(code) for code in entered.beaten_by],
        **_tell_total(entered.priced),
    }


async def let_code_go(scene: Scene, arguments: drop_code.Arguments) -> object:
    """Takes a code out again."""
    dropped = await drop_code.run(scene.desk, arguments)
    return {"gone": [clean(code) for code in dropped.codes], **_tell_total(dropped.priced)}


async def ask_for_person(scene: Scene, arguments: call_person.Arguments) -> object:
    """Asks for a person."""
    await call_person.run(scene.desk, arguments)
    return {"asked": True}


OFFERED: tuple[tuple[str, ModuleType, Call], ...] = (
    ("call_person", call_person, ask_for_person),
    ("cancel_order", cancel_order, cancel),
    ("change_address", change_address, send_elsewhere),
    ("change_cart", change_cart, set_cart),
    ("change_order_items", change_order_items, swap_items),
    ("compare_products", compare_products, compare),
    ("drop_code", drop_code, let_code_go),
    ("enter_code", enter_code, take_code),
    ("exchange_items", exchange_items, exchange),
    ("get_policy", get_policy, read_policy),
    ("list_orders", list_orders, read_orders),
    ("list_promotions", list_promotions, read_promotions),
    ("look_at_cart", look_at_cart, look_at_cart_now),
    ("look_at_product", look_at_product, look),
    ("propose_order", propose_order, propose),
    ("recall_shopper", recall_shopper, recall),
    ("return_items", return_items, send_back),
    ("search_products", search_products, search),
)
"""Each tool by its name, with what describes it and what calls it; sorted, for the list of tools must be the same
bytes in every request.
"""
