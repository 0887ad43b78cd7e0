"""The words that go back to goods which the talk has left."""

import re
from typing import Final

BACK_TO: Final = re.compile(r"\bback to\b", re.IGNORECASE)
"""Returns to what was talked of before."""

KIND_AGAIN: Final = re.compile(
    r"\W*(?:(?:and|now|ok(?:ay)?|show me|let me see|so|then)\W+)*the [a-z -]{3,40}"
    r" (?:again|(?:from|as) (?:before|earlier))\W*",
    re.IGNORECASE,
)
"""Wants goods of a kind once more: "the jackets again"."""
