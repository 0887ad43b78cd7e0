from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moneyed import Money

from catalog.connectors import StorePrices
from catalog.feeds import load_promotions
from catalog.ids import MerchantId, Sku
from catalog.inventory import UnknownSku
from catalog.models import Variant
from catalog.pricing import (
    CartItem,
    ImpossiblePrice,
    PriceContext,
    RefusedCode,
    price_cart,
    price_variants,
    set_price,
)
from catalog.products.discounts import Discount
from catalog.promotions import choose_discount
from commerce_agent.isolation.connections import Pool
from tests.catalog.conftest import NOW

PROMOTIONS = """
- {code: SPRING10, title: Ten percent off lamps, discount: {percent: 10}, applies_to: {category: Lamps}}
- {code: null, title: Gold saves 5, discount: {percent: 5}, applies_to: {category: Footwear}, requires: {tier: gold}}
- {code: null, title: Five off Corrie, discount: {amount: "5.00 USD"}, applies_to: {brand: Corrie}}
- {code: BIG20, title: Twenty percent off big carts, discount: {percent: 20}, requires: {min_total: "200.00 USD"}}
- {code: OLD, title: Old, discount: {percent: 50}, valid_until: 2026-05-01}
"""


def usd(amount: str) -> Money:
    return Money(amount, "USD")


@pytest.fixture
def promoted(shop: MerchantId) -> MerchantId:
    load_promotions(merchant=shop, source=PROMOTIONS, now=NOW)
    return shop


@pytest.mark.parametrize(
    ("sku", "context", "list_price", "price", "titles"),
    [
        ("CAFE", PriceContext(now=NOW), "31.95", "31.95", []),
        ("FELL-BLU-9", PriceContext(now=NOW), "89.00", "84.00", ["Five off Corrie"]),
        ("TARN-RED-9", PriceContext(now=NOW, tier="gold"), "119.00", "90.00", ["Five off Corrie"]),
        ("BEN-BRN-9", PriceContext(now=NOW, tier="Gold"), "140.00", "133.00", ["Gold saves 5"]),
        ("BEN-BRN-9", PriceContext(now=NOW, tier="silver"), "140.00", "140.00", []),
        (
            "MEADOW-GRN",
            PriceContext(now=NOW, codes=("spring10",)),
            "45.00",
            "40.50",
            ["Ten percent off lamps"],
        ),
        ("MEADOW-GRN", PriceContext(now=NOW, codes=("OLD",)), "45.00", "45.00", []),
    ],
)
async def test_best_single_promotion_is_taken_off(
    promoted: MerchantId,
    pool: Pool,
    sku: str,
    context: PriceContext,
    list_price: str,
    price: str,
    titles: list[str],
) -> None:
    async with pool.connection() as connection:
        answers = await price_variants(
            connection,
            merchant=promoted,
            skus=(Sku(sku),),
            context=context,
            source=StorePrices(connections=pool),
        )

    answer = answers[Sku(sku)]
    assert (answer.list_price, answer.price) == (usd(list_price), usd(price))
    assert [applied.title for applied in answer.promotions] == titles
    assert (answer.source, answer.observed_at, answer.stale) == ("store", NOW, False)


async def test_cart_counts_lines_and_says_why_a_code_did_nothing(promoted: MerchantId, pool: Pool) -> None:
    context = PriceContext(now=NOW, codes=("SPRING10", "BIG20", "OLD", "NOPE"))
    lines = (CartItem(sku=Sku("CAFE"), quantity=2), CartItem(sku=Sku("MEADOW-GRN"), quantity=1))

    async with pool.connection() as connection:
        cart = await price_cart(
            connection, merchant=promoted, lines=lines, context=context, source=StorePrices(connections=pool)
        )

    assert [(line.sku, line.unit_price, line.line_total) for line in cart.lines] == [
        ("CAFE", usd("31.95"), usd("63.90")),
        ("MEADOW-GRN", usd("40.50"), usd("40.50")),
    ]
    assert (cart.total, cart.discount) == (usd("104.40"), usd("4.50"))
    assert cart.refused_codes == (
        RefusedCode(
            code="BIG20",
            reason=f"the cart must come to {usd('200.000')} before promotions",
            kind="min_total",
            least=usd("200.000"),
        ),
        RefusedCode(code="OLD", reason="it has expired", kind="expired"),
        RefusedCode(code="NOPE", reason="there is no such code", kind="unknown"),
    )


@pytest.mark.parametrize(
    ("since", "kinds"), [(None, ["tier", "unknown"]), (NOW - timedelta(hours=1), ["unreachable", "unknown"])]
)
async def test_a_code_for_a_tier_is_not_refused_where_the_tier_could_not_be_asked_for(
    shop: MerchantId, pool: Pool, since: datetime | None, kinds: list[str]
) -> None:
    source = "- {code: GOLDEN, title: Golden, discount: {percent: 20}, requires: {tier: gold}}"
    load_promotions(merchant=shop, source=source, now=NOW)
    context = PriceContext(now=NOW, tier_since=since, codes=("GOLDEN", "NOPE"))
    lines = (CartItem(sku=Sku("MEADOW-GRN"), quantity=1),)

    async with pool.connection() as connection:
        cart = await price_cart(
            connection, merchant=shop, lines=lines, context=context, source=StorePrices(connections=pool)
        )

    assert [refused.kind for refused in cart.refused_codes] == kinds


async def test_a_promotion_holds_from_its_first_instant_until_its_last_has_come(
    shop: MerchantId, pool: Pool
) -> None:
    begins, ends, least = NOW, NOW + timedelta(hours=1), timedelta(microseconds=1)
    hour = f'valid_from: "{begins.isoformat()}", valid_until: "{ends.isoformat()}"'
    load_promotions(
        merchant=shop,
        source=f"""
- {{code: null, title: An hour, discount: {{percent: 10}}, applies_to: {{category: Lamps}}, {hour}}}
- {{code: HOUR, title: By code, discount: {{percent: 20}}, applies_to: {{category: Lamps}}, {hour}}}
""",
        now=NOW,
    )
    lines = (CartItem(sku=Sku("MEADOW-GRN"), quantity=1),)

    async def price(at: datetime, *codes: str) -> tuple[Money, tuple[str, ...]]:
        context = PriceContext(now=at, codes=codes)
        async with pool.connection() as connection:
            cart = await price_cart(
                connection, merchant=shop, lines=lines, context=context, source=StorePrices(connections=pool)
            )
        return cart.total, tuple(refused.kind for refused in cart.refused_codes)

    for at in (begins, ends - least):
        assert [await price(at), await price(at, "HOUR")] == [(usd("40.50"), ()), (usd("36.00"), ())]
    for at, why in ((begins - least, "not_yet"), (ends, "expired")):
        assert [await price(at), await price(at, "HOUR")] == [(usd("45.00"), ()), (usd("45.00"), (why,))]


async def test_promotion_with_a_least_total_competes_once_the_cart_reaches_it(
    promoted: MerchantId, pool: Pool
) -> None:
    context = PriceContext(now=NOW, codes=("BIG20",))
    lines = (CartItem(sku=Sku("BEN-BRN-9"), quantity=1), CartItem(sku=Sku("HARBOUR"), quantity=1))

    async with pool.connection() as connection:
        cart = await price_cart(
            connection, merchant=promoted, lines=lines, context=context, source=StorePrices(connections=pool)
        )

    assert [line.unit_price for line in cart.lines] == [usd("112.00"), usd("51.20")]
    assert (cart.total, cart.discount, cart.refused_codes) == (usd("163.20"), usd("40.80"), ())


async def test_unknown_sku_has_no_price_rather_than_none(promoted: MerchantId, pool: Pool) -> None:
    async with pool.connection() as connection:
        cart = await price_cart(
            connection,
            merchant=promoted,
            lines=(CartItem(sku=Sku("NO-SUCH"), quantity=1),),
            context=PriceContext(now=NOW),
            source=StorePrices(connections=pool),
        )

    assert (cart.lines, cart.total, cart.unpriced) == ((), usd("0"), ("NO-SUCH",))


def test_set_price_goes_up_a_version_and_ends_a_sale(shop: MerchantId) -> None:
    event = set_price(
        merchant=shop, sku=Sku("TARN-RED-9"), price=usd("110.00"), at=NOW + timedelta(hours=1), source="floor"
    )

    assert (event.amount, event.currency, event.version) == (Decimal("110.00"), "USD", 2)
    tarn = Variant.objects.get(merchant_id=shop, sku="TARN-RED-9")
    assert (tarn.price, tarn.sale_price, tarn.price_source) == (usd("110.00"), None, "floor")


@pytest.mark.parametrize("price", [Money("-1", "USD"), Money("10", "EUR")], ids=["negative", "foreign"])
def test_impossible_price_changes_nothing(shop: MerchantId, price: Money) -> None:
    with pytest.raises(ImpossiblePrice):
        set_price(merchant=shop, sku=Sku("CAFE"), price=price, at=NOW, source="floor")
    with pytest.raises(UnknownSku):
        set_price(merchant=shop, sku=Sku("NO-SUCH"), price=usd("1"), at=NOW, source="floor")

    assert Variant.objects.get(merchant_id=shop, sku="CAFE").price_version == 1


DISCOUNTS = st.lists(
    st.builds(
        Discount,
        id=st.integers(1, 99),
        code=st.none(),
        title=st.just("x"),
        percent=st.none() | st.decimals("0.01", "100", places=2),
        amount=st.decimals("0.01", "300", places=2),
        scope=st.sampled_from(["store", "brand", "sku", "category"]),
        scope_value=st.sampled_from(["Corrie", "S", "Footwear", "Nowhere"]),
        requires_tier=st.just(""),
        min_total=st.none(),
        valid_until=st.none(),
    ),
    max_size=6,
)


@given(DISCOUNTS, st.decimals("0", "500", places=2))
def test_discount_law(discounts: list[Discount], amount: Decimal) -> None:
    """The price falls to the lowest that any single covering discount makes it, in whole cents, never below nothing."""
    item = {"sku": "S", "brand": "Corrie", "category": "Footwear > Boots"}

    best = choose_discount(discounts, price=Money(amount, "USD"), **item)

    price = amount - (best.saving.amount if best else 0)
    options = [each.take_off(price=amount, currency="USD") for each in discounts if each.covers(**item)]
    assert price == min([amount, *options])
    assert 0 <= price <= amount
    assert price == price.quantize(Decimal("0.01"))
