"""Why a promotion code lowered nothing."""

from moneyed import Money
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from catalog.connectors import PromotionTerms
from catalog.ids import MerchantId
from catalog.pricing.records import PriceContext, RefusedCode, RefusedFor
from commerce_agent.decoding import convert

BY_CODE = """
SELECT id, code, title, percent, amount, scope, scope_value, requires_tier, min_total, valid_from, valid_until, active,
  version
FROM catalog_promotion WHERE merchant_id = %(merchant)s AND lower(code) = ANY(%(codes)s)
"""


def _find_reason(
    code: PromotionTerms | None, *, context: PriceContext, before: Money
) -> tuple[RefusedFor, str]:
    if code is None or not code.active:
        return "unknown", "there is no such code"
    if code.valid_from is not None and context.now < code.valid_from:
        return "not_yet", f"it holds from {code.valid_from:%B %d, %Y} on"
    if code.valid_until is not None and context.now >= code.valid_until:
        return "expired", "it has expired"
    if code.requires_tier and code.requires_tier.lower() != (context.tier or "").lower():
        return "tier", f"it is for {code.requires_tier} members"
    if code.min_total is not None and before.amount < code.min_total:
        return (
            "min_total",
            f"the cart must come to {Money(code.min_total, before.currency)} before promotions",
        )
    return "nothing", "nothing in the cart gets cheaper by it"


async def list_terms(
    connection: AsyncConnection[TupleRow], *, merchant: MerchantId, codes: tuple[str, ...]
) -> tuple[PromotionTerms, ...]:
    """What the shop's own tables say of these codes."""
    asked = {"merchant": merchant, "codes": [code.strip().lower() for code in codes]}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(BY_CODE, asked)
        return tuple(convert(row, PromotionTerms) for row in await cursor.fetchall())


def refuse_unreachable(code: str) -> RefusedCode:
    """A code of which nobody can say now whether there is one: that is not the same as none."""
    reason = "whether it counts cannot be checked now, for the shop's system does not answer"
    return RefusedCode(code=code, reason=reason, kind="unreachable")


def find_refused_codes(
    codes: tuple[str, ...],
    *,
    context: PriceContext,
    before: Money,
    terms: tuple[PromotionTerms, ...],
    is_old: bool = False,
) -> tuple[RefusedCode, ...]:
    """The reason for each code that did not apply; `before` is the cart's total without promotions.

    `is_old` says that `terms` are the last ones known: a code that is not among them may have come since, as may the
    tier that it wants where the shopper's could not be asked for.
    """
    known = {each.code.lower(): each for each in terms if each.code}
    refused: list[RefusedCode] = []
    for code in codes:
        meant = known.get(code.strip().lower())
        kind, reason = _find_reason(meant, context=context, before=before)
        if (meant is None and is_old) or (kind == "tier" and context.tier_since is not None):
            refused.append(refuse_unreachable(code))
            continue
        least = meant.min_total if meant is not None and kind == "min_total" else None
        refused.append(
            RefusedCode(
                code=code,
                reason=reason,
                kind=kind,
                holds_from=meant.valid_from if meant is not None and kind == "not_yet" else None,
                least=None if least is None else Money(least, before.currency),
            )
        )
    return tuple(refused)
