"""Values that reach from one number to another, told by the number that was meant: "players 4"."""

import re
from collections.abc import Sequence

_SEVERAL = 2
_REACHES = re.compile(r"\d+(?:[.,]\d+)?\s*[a-z]{0,6}\s*(?:\+|[-–—]\s*\d.*)?", re.IGNORECASE)
_NUMBER = re.compile(
    r"\d+(?:[.,]\d+)?(?: ?(?:cm|mm|m|kg|g|years?|months?|inch(?:es)?|in|l|ml))?", re.IGNORECASE
)


def find_number_meant(values: Sequence[str], *, text: str) -> str:
    """The number in the shopper's words that all of the values reach over; empty where they are not so."""
    reaching = len(values) >= _SEVERAL and all(_REACHES.fullmatch(value.strip()) for value in values)
    said = _NUMBER.search(text) if reaching else None
    return said.group() if said else ""
