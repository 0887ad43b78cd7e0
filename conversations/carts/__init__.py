"""The slice of state that knows the cart, the open proposal and what was ordered here.

An order takes its lines, not the cart. The button can cross a change of the cart; what was put in meanwhile stays,
and the same order twice is one. Told late, when the cart has gone on, `bought` says which of its pieces were in the
cart all the time since.
"""

from conversations.carts.slice import Cart, CartEvent, Receipt, apply_cart, list_moved

__all__ = ["Cart", "CartEvent", "Receipt", "apply_cart", "list_moved"]
