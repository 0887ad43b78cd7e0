"""Amounts with units as words: `27 inch`, `27"` and `68.6 cm` are one word, so a search for one finds the others."""

import math
import re
from itertools import pairwise

import msgspec

LENGTH = {
    "mm": 0.1,
    "cm": 1.0,
    "m": 100.0,
    "in": 2.54,
    "inch": 2.54,
    "inches": 2.54,
    '"': 2.54,
    "ft": 30.48,
    "feet": 30.48,
}
MASS = {
    "g": 1.0,
    "gram": 1.0,
    "grams": 1.0,
    "kg": 1000.0,
    "oz": 28.35,
    "lb": 453.6,
    "lbs": 453.6,
    "pounds": 453.6,
}
VOLUME = {
    "ml": 0.001,
    "cl": 0.01,
    "l": 1.0,
    "litre": 1.0,
    "liter": 1.0,
    "litres": 1.0,
    "liters": 1.0,
    "ltr": 1.0,
}
MEMORY = {"kb": 1e-6, "mb": 0.001, "gb": 1.0, "tb": 1000.0, "gig": 1.0, "gigabyte": 1.0, "terabyte": 1000.0}
POWER = {"w": 1.0, "watt": 1.0, "watts": 1.0, "kw": 1000.0}
DIMENSIONS = {"cm": LENGTH, "g": MASS, "l": VOLUME, "gb": MEMORY, "w": POWER}
SCALES = {unit: (name, factor) for name, units in DIMENSIONS.items() for unit, factor in units.items()}
STEPS = 150
"""Steps of a scale between an amount and its e-fold, two thirds of a percent each."""
NEAR = {"gb": 4}
"""Steps that make no difference, 1 where nothing else is said: 68.6 cm are 27 inches; and a terabyte is a thousand
gigabytes or 1,024.
"""
MARKS = re.compile("[”″“]|''")
AMOUNT = re.compile(
    r"(?<![\w.,/-])(\d{1,5}(?:[.,]\d{1,2})?)\s?-?("
    + "|".join(sorted((re.escape(unit) for unit in SCALES), key=len, reverse=True))
    + r")(?![\w/])(?!\s+\d+\b)",
    re.IGNORECASE,
)


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """An amount as it stands in a text."""

    written: str
    dimension: str
    step: int

    @property
    def word(self) -> str:
        """The word that every way to write the amount has in common."""
        return f"x{self.dimension}{self.step}"

    @property
    def alike(self) -> tuple[str, ...]:
        """The words of what is near enough to be the same amount."""
        near = NEAR.get(self.dimension, 1)
        return tuple(f"x{self.dimension}{self.step + off}" for off in range(-near, near + 1))


def unify_marks(text: str) -> str:
    """One sign for inches, however it was typed."""
    return MARKS.sub('"', text)


def list_amounts(text: str) -> tuple[Amount, ...]:
    """The amounts of a text, as written and as numbers; none below one step of its unit's scale."""
    return tuple(
        _read(found) for found in AMOUNT.finditer(unify_marks(text)) if float(found[1].replace(",", ".")) > 0
    )


def _read(found: re.Match[str]) -> Amount:
    name, factor = SCALES[found[2].lower()]
    number = float(found[1].replace(",", ".")) * factor
    return Amount(written=found[0], dimension=name, step=round(STEPS * math.log(number)) + 10 * STEPS)


CODE = re.compile(r"[a-z0-9]+(?:[-./][a-z0-9]+)+|[a-z]*\d[a-z0-9]*|[a-z]+", re.IGNORECASE)
LONGEST_CODE = 24


def join_code(word: str) -> str:
    """A model number as one word, `tn2110` for `tn-2110`; empty for what is none."""
    joined = _join(word.lower())
    return joined if _is_code(joined) else ""


def list_codes(text: str) -> tuple[str, ...]:
    """Model numbers written as one word: `tn2110` of `TN-2110`, `iphone12` of `iPhone 12`, `i58400` of `i5-8400`."""
    words = CODE.findall(text.lower())
    whole = [_join(word) for word in words if _join(word) != word]
    pairs = [_join(left + right) for left, right in pairwise(words) if _may_name(left, right)]
    return tuple(dict.fromkeys(code for code in (*whole, *pairs) if _is_code(code)))


def _may_name(left: str, right: str) -> bool:
    return left.isalpha() and len(left) > 1 and left not in SCALES and right[0].isdigit()


def _join(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word)


def _is_code(word: str) -> bool:
    return (
        3 <= len(word) <= LONGEST_CODE
        and any(letter.isdigit() for letter in word)
        and any(letter.isalpha() for letter in word)
    )
