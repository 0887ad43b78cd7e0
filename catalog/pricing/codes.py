"""Why a promotion code lowered nothing."""

from datetime import datetime
from decimal import Decimal

import msgspec
from moneyed import Money
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from catalog.connectors import PromotionTerms
from catalog.ids import MerchantId
from catalog.pricing.records import PriceContext, RefusedCode, RefusedFor
from commerce_agent.decoding import convert

BY_CODE = """
SELECT lower(code) AS code, active, valid_from, valid_until, requires_tier, min_total
FROM catalog_promotion WHERE merchant_id = %(merchant)s AND lower(code) = ANY(%(codes)s)
"""


class _Code(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    active: bool
    valid_from: datetime | None
    valid_until: datetime | None
    requires_tier: str
    min_total: Decimal | None


def _find_reason(code: _Code | None, *, context: PriceContext, before: Money) -> tuple[RefusedFor, str]:
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


def _read_terms(terms: PromotionTerms) -> _Code:
    told = {name: getattr(terms, name) for name in _Code.__struct_fields__}
    return _Code(**{**told, "code": (terms.code or "").lower()})


async def find_refused_codes(
    connection: AsyncConnection[TupleRow],
    *,
    merchant: MerchantId,
    codes: tuple[str, ...],
    context: PriceContext,
    before: Money,
    terms: tuple[PromotionTerms, ...] | None = None,
) -> tuple[RefusedCode, ...]:
    """The reason for each code that did not apply; `before` is the cart's total without promotions, `terms` are the
    promotions of the merchant's own system.
    """
    if not codes:
        return ()
    if terms is None:
        asked = {"merchant": merchant, "codes": [code.strip().lower() for code in codes]}
        async with connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(BY_CODE, asked)
            known = {row["code"]: convert(row, _Code) for row in await cursor.fetchall()}
    else:
        known = {each.code.lower(): _read_terms(each) for each in terms if each.code}
    refused: list[RefusedCode] = []
    for code in codes:
        meant = known.get(code.strip().lower())
        kind, reason = _find_reason(meant, context=context, before=before)
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
