"""Numbers with units, brought to one base unit per dimension so that they can be compared.

Base units: weight in g, length in cm, volume in l, temperature in °C, time in hours. A number with another
unit ("350 lumens"), or without one, stays as it is written.
"""

import logging
import re
from functools import lru_cache
from typing import Any

import pint

NUMBER = re.compile(
    r"([-+−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-+−]?\d+,\d{1,2}(?!\d)"
    r"|[-+−]?\d+(?:\.\d+)?|[-+−]?\.\d+)\s*([^\d\s].*)?",
    re.DOTALL,
)
_FRACTION = re.compile(r",(?=\d{1,2}$)")
LONGEST = 40
BASES = {
    "[mass]": "gram",
    "[length]": "centimeter",
    "[length] ** 3": "liter",
    "[temperature]": "degC",
    "[time]": "hour",
}
AS_WRITTEN = (1.0, 0.0)
SPELLINGS = {
    '"': "inch",
    "”": "inch",
    "in": "inch",
    "'": "foot",
    "oz": "ounce",
    "fl oz": "fluid_ounce",
    "lbs": "pound",
    "°c": "degC",
    "°f": "degF",
    "l": "liter",
    "litres": "liter",
    "litre": "liter",
}


@lru_cache(maxsize=1)
def _get_units() -> pint.UnitRegistry[Any]:
    # pint warns of each unit that it could read in two ways ("Mbps"); either reading is as written here.
    logging.getLogger("pint").setLevel(logging.ERROR)
    return pint.UnitRegistry(cache_folder=None)


@lru_cache(maxsize=4096)
def find_scale(unit: str) -> tuple[float, float] | None:
    """Factor and offset that bring a number in `unit` to its base unit; None where it has none here."""
    written = unit.strip().rstrip(".")
    name = SPELLINGS.get(written.lower(), written)
    if not re.fullmatch(r"[A-Za-z_°²³ ]{1,20}", name):
        return None
    units = _get_units()
    try:
        measured = units.Unit(name)
    except (pint.UndefinedUnitError, pint.PintError, ValueError, TypeError, AssertionError):
        return AS_WRITTEN
    base = BASES.get(str(measured.dimensionality))
    if base is None:
        return AS_WRITTEN
    zero = float(units.Quantity(0.0, measured).to(base).magnitude)
    one = float(units.Quantity(1.0, measured).to(base).magnitude)
    return one - zero, zero


def find_measure(text: str) -> float | None:
    """The number a value states, in its base unit: `1.2 kg` is 1200. None where it states no single number."""
    if len(text) > LONGEST:
        return None
    found = NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    # "1,200 g" are twelve hundred; "1,2 kg" and "0,75 l" is how most of Europe writes a fraction.
    written = _FRACTION.sub(".", found[1])
    number = float(written.replace(",", "").replace("−", "-"))
    if not found[2]:
        return number
    scale = find_scale(found[2])
    if scale is None:
        return None
    return round(number * scale[0] + scale[1], 6)


SHORT = {"gram": "g", "centimeter": "cm", "liter": "l", "degC": "°C", "hour": "h"}


def find_unit(text: str) -> str:
    """The unit that `find_measure` answers in, as people write it: `g` for `1.2 kg`, `lumens` for `350 lumens`."""
    found = NUMBER.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if found is None or not found[2]:
        return ""
    written = found[2].strip()
    name = SPELLINGS.get(written.lower().rstrip("."), written)
    try:
        dimension = str(_get_units().Unit(name).dimensionality)
    except (pint.UndefinedUnitError, pint.PintError, ValueError, TypeError, AssertionError):
        return written
    base = BASES.get(dimension)
    return SHORT[base] if base else written
