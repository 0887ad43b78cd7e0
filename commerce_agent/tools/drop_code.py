"""Takes a promotion code of the shopper's out of the cart again."""

import msgspec

from catalog.ids import Sku
from catalog.pricing import CartItem, CartPrice
from commerce_agent.tools.desk import CannotBeDone, Desk
from commerce_agent.tools.enter_code import record_prices
from commerce_agent.tools.proposing import list_kept_lines, list_taken_off
from commerce_agent.tools.recording import recorded
from conversations.events.carts import CartChanged

DESCRIPTION = "Take a promotion code out of the cart again, or all of them where the shopper names none."


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The code as the shopper wrote it; empty: all of them."""

    code: str = ""


class CodeDropped(msgspec.Struct, frozen=True, kw_only=True):
    """The codes that went, and the cart without them."""

    codes: tuple[str, ...]
    priced: CartPrice


@recorded("drop_code")
async def run(desk: Desk, arguments: Arguments) -> CodeDropped:
    """Prices the cart without the code; raises `CannotBeDone` where the cart has no such code."""
    cart, code = desk.trail.state.cart, arguments.code.strip()
    gone = tuple(each for each in cart.codes if code.lower() in ("", each.lower()))
    if not gone:
        raise CannotBeDone(
            f"The cart has no code {code}.".replace(" .", "."), kind="code_not_given", code=code
        )
    left = tuple(each for each in cart.codes if each not in gone)
    items = tuple(CartItem(sku=Sku(line.ref.key), quantity=line.quantity) for line in cart.lines)
    priced = await desk.shop.price_lines(items, codes=left)
    titles = {line.ref.key: line.title for line in cart.lines}
    lines = list_kept_lines(priced, wanted=items, titles=titles, held=cart.lines)
    desk.trail.record(CartChanged(lines=lines, taken_off=list_taken_off(priced), codes=left))
    await record_prices(desk, skus=[line.ref.key for line in cart.lines], codes=left)
    return CodeDropped(codes=gone, priced=priced)
