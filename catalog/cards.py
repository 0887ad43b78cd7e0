"""What may be a card's number is kept nowhere, and so never taken where the checkout's own reference belongs."""

import re

from stdnum import luhn

from catalog.errors import CatalogError

_NUMBER = re.compile(r"(?<!\d)[2-6](?:[ .-]?\d){12,18}(?!\d)")
_SEPARATORS = re.compile(r"[ .-]")


class CardNumberGiven(CatalogError):
    """A card's number stands where the checkout's reference of a means of payment belongs. Whoever sent it sends the
    reference; the number is not repeated here.
    """

    def __init__(self) -> None:
        super().__init__("A payment method is the checkout's reference of one, never a card's number.")


def require_no_card(*texts: str) -> None:
    """Raises CardNumberGiven where a text has what may be a card's number in it."""
    for text in texts:
        for found in _NUMBER.finditer(text):
            if luhn.is_valid(_SEPARATORS.sub("", found.group())):
                raise CardNumberGiven
