"""Discounts in force: which bear on an item, and what is the best of them."""

from catalog.products.discounts import Discount
from catalog.promotions.asking import AsOf, PromotionsHeld, ask_promotions
from catalog.promotions.choosing import AppliedPromotion, choose_discount
from catalog.promotions.reading import PromotionRecord, list_promotions

__all__ = [
    "AppliedPromotion",
    "AsOf",
    "Discount",
    "PromotionRecord",
    "PromotionsHeld",
    "ask_promotions",
    "choose_discount",
    "list_promotions",
]
