"""Discounts in force: which bear on an item, and what is the best of them."""

from catalog.products.discounts import Discount, list_discounts
from catalog.promotions.choosing import AppliedPromotion, choose_discount

__all__ = ["AppliedPromotion", "Discount", "choose_discount", "list_discounts"]
