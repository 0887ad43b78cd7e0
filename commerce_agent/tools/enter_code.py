"""Takes a promotion code of the shopper's for the cart."""

import msgspec

from catalog.connectors.readings import NOBODY
from catalog.ids import Sku
from catalog.pricing import CartItem, CartPrice, RefusedCode
from catalog.promotions import AsOf
from commerce_agent.tools.desk import CannotBeDone, Desk
from commerce_agent.tools.proposing import list_kept_lines, list_taken_off
from commerce_agent.tools.recording import recorded
from commerce_agent.tools.showing import record_offer
from commerce_agent.tools.trail import Observation
from conversations.events.carts import CartChanged
from conversations.ids import EntityRef

DESCRIPTION = "Enter a promotion code that the shopper has given. Never guess or suggest one."

MOST_CODES = 5
MOST_LETTERS = 40
"""No shop can give out a longer code. Not in the schema of the arguments: a strict tool's may bound no length."""
MAY_COME = ("min_total", "nothing", "not_yet", "unreachable")
"""A code refused for one of these is kept: it may count for the cart of later, or once the shop's system answers."""


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The code, as the shopper wrote it."""

    code: str


class CodeEntered(msgspec.Struct, frozen=True, kw_only=True):
    """The cart with the code; `refused` says why it does not count yet, where it does not."""

    code: str
    priced: CartPrice
    refused: RefusedCode | None
    in_place_of: tuple[str, ...] = ()
    """Codes that counted before and are outdone by this one: promotions do not add up."""
    beaten_by: tuple[str, ...] = ()
    """Codes that outdo this one, which would count without them."""


@recorded("enter_code")
async def run(desk: Desk, arguments: Arguments) -> CodeEntered:
    """Prices the cart with the code and keeps it; raises `CannotBeDone` for one that cannot count."""
    code = arguments.code.strip()
    cart = desk.trail.state.cart
    given = [each for each in cart.codes if each.lower() != code.lower()]
    if not code or len(given) >= MOST_CODES:
        raise CannotBeDone("There are codes enough for one cart.", kind="code_unknown", code=code)
    if len(code) > MOST_LETTERS:
        raise CannotBeDone("No code of the shop's is that long.", kind="code_unknown", code=code)
    codes = (*given, code)
    items = tuple(CartItem(sku=Sku(line.ref.key), quantity=line.quantity) for line in cart.lines)
    priced = await desk.shop.price_lines(items, codes=codes)
    refused = next((each for each in priced.refused_codes if each.code == code), None)
    _record_code(desk, code=code, refused=refused, priced=priced)
    if refused is not None and refused.kind not in MAY_COME:
        raise CannotBeDone(
            f"The code {code} does not count: {refused.reason}.", kind=f"code_{refused.kind}", code=code
        )
    titles = {line.ref.key: line.title for line in cart.lines}
    if refused is not None and refused.kind == "unreachable":
        # What lowers the prices cannot be asked for: they stay as they were told.
        desk.trail.record(CartChanged(lines=cart.lines, taken_off=cart.taken_off, codes=codes))
    else:
        lines = list_kept_lines(priced, wanted=items, titles=titles, held=cart.lines)
        desk.trail.record(CartChanged(lines=lines, taken_off=list_taken_off(priced), codes=codes))
    if refused is None:
        await record_prices(desk, skus=[line.ref.key for line in cart.lines], codes=codes)
    return await _compare(
        desk, items, entered=CodeEntered(code=code, priced=priced, refused=refused), given=given
    )


async def _compare(
    desk: Desk, items: tuple[CartItem, ...], *, entered: CodeEntered, given: list[str]
) -> CodeEntered:
    """What the code does to those given before, or they to it."""
    refused = {each.code for each in entered.priced.refused_codes}
    if entered.refused is None:
        out = [code for code in given if code in refused]
        before = await _list_refused(desk, items, codes=tuple(given)) if out else frozenset()
        outdone = tuple(code for code in out if code not in before)
        return msgspec.structs.replace(entered, in_place_of=outdone)
    holding = tuple(code for code in given if code not in refused)
    if entered.refused.kind != "nothing" or not holding:
        return entered
    alone = await _list_refused(desk, items, codes=(entered.code,))
    return entered if alone else msgspec.structs.replace(entered, beaten_by=holding)


async def _list_refused(desk: Desk, items: tuple[CartItem, ...], *, codes: tuple[str, ...]) -> frozenset[str]:
    priced = await desk.shop.price_lines(items, codes=codes)
    return frozenset(each.code for each in priced.refused_codes)


async def record_prices(desk: Desk, *, skus: list[str], codes: tuple[str, ...]) -> None:
    """What the items cost with the codes is what the shopper knows from now on: later news is held against it."""
    offers = await desk.shop.list_offers(skus, codes=codes)
    desk.trail.cite(*(record_offer(desk.trail, offer).price for offer in offers))


def _record_code(desk: Desk, *, code: str, refused: RefusedCode | None, priced: CartPrice) -> None:
    """Whether it counts is a fact, for a code that does not as well: it may be named in the reply. It is as old as
    what the cart's price rests on; where nobody can say whether it counts, it is nobody's word.
    """
    is_told = refused is None or refused.kind != "unreachable"
    as_of = (priced.promoted if is_told else None) or AsOf(observed_at=desk.now, stale=not is_told)
    facts = desk.trail.record_observations(
        (
            Observation(
                subject=EntityRef("promotion", code),
                name="code",
                value=refused.reason if refused else "counts",
                source="promotions" if is_told else NOBODY,
                observed_at=as_of.observed_at,
                version=as_of.version,
                stale=as_of.stale,
                teller=as_of.teller,
            ),
        )
    )
    desk.trail.cite(*facts)
