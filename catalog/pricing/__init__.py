"""What things cost: a price is an answer with a source and an age, and the best promotion taken off."""

from catalog.pricing.operations import ImpossiblePrice, set_price
from catalog.pricing.quoting import price_cart, price_variants
from catalog.pricing.records import (
    CartItem,
    CartPrice,
    PriceAnswer,
    PriceContext,
    PricedLine,
    RefusedCode,
)

__all__ = [
    "CartItem",
    "CartPrice",
    "ImpossiblePrice",
    "PriceAnswer",
    "PriceContext",
    "PricedLine",
    "RefusedCode",
    "price_cart",
    "price_variants",
    "set_price",
]
