"""What things cost: a price is an answer with a source and an age, and the best promotion taken off."""

from catalog.pricing.charges import Charges, ChargeTerms, reckon_charges, share_out
from catalog.pricing.many import PriceSaid, set_prices
from catalog.pricing.operations import ImpossiblePrice, set_price
from catalog.pricing.quoting import price_cart, price_variants
from catalog.pricing.records import (
    CartItem,
    CartPrice,
    OrderDiscount,
    PriceAnswer,
    PriceContext,
    PricedLine,
    RefusedCode,
)

__all__ = [
    "CartItem",
    "CartPrice",
    "ChargeTerms",
    "Charges",
    "ImpossiblePrice",
    "OrderDiscount",
    "PriceAnswer",
    "PriceContext",
    "PriceSaid",
    "PricedLine",
    "RefusedCode",
    "price_cart",
    "price_variants",
    "reckon_charges",
    "set_price",
    "set_prices",
    "share_out",
]
