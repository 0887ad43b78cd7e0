"""The slice of state that knows the cart, the open proposal and what was ordered here."""

from conversations.carts.slice import Cart, CartEvent, apply_cart

__all__ = ["Cart", "CartEvent", "apply_cart"]
