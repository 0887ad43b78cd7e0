"""Numbers as people write them. "1.234" is one thousand in Berlin and one and a bit in Boston: both are kept."""

import re
from decimal import Decimal
from functools import cache, lru_cache

from commerce_agent.agent.grounding.cues import alternate, get_cues

SPACES = "\u00a0\u202f"
DIGITS = rf"(?:\d{{1,3}}(?:[.,'’{SPACES}]\d{{3}})+(?!\d)(?:[.,]\d{{1,2}}(?!\d))?|\d+(?:[.,]\d+)?)"
"""Digits with their separators; "£1.95, 2 of" is two numbers."""
_GROUPED = re.compile(rf"\d{{1,3}}(?:[{SPACES}'’]\d{{3}})+(?:[.,]\d+)?")
_ENGLISH = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_CONTINENTAL = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_NUMBER = re.compile(DIGITS)
_POINT = re.compile(r"\d+(?:\.\d+)?")
_COMMA = re.compile(r"\d+,\d+")
_ONE = ("", "a", "ein")


@cache
def get_number_pattern() -> str:
    """A number in digits or spelled out, as a piece of a pattern."""
    return rf"(?:{DIGITS}|(?<!\w)(?:{get_large_pattern()}|{alternate(get_cues().numbers)})(?!\w))"


@cache
def get_large_pattern() -> str:
    """A number from a hundred on in words."""
    cues = get_cues()
    numbers, thousand = alternate(cues.numbers), cues.pieces["thousand"]
    joined = "|".join(re.escape(form).replace(r"\ ", r"\s+") for form in cues.after_hundreds)
    hundreds = rf"(?:{alternate(cues.hundreds)})(?:(?:{joined})(?:{numbers}))?"
    rest = rf"(?:(?:{joined}|,\s)(?:{hundreds}|{numbers}))?"
    return rf"(?:(?:(?:{numbers}|a|ein)[\s-]*)?(?:{thousand}){rest}|{hundreds})"


def read_number(written: str) -> tuple[Decimal, ...]:
    """What the number may mean, without needless zeros; empty where it is none."""
    written = written.strip()
    spelled = _read_words(re.sub(r"\s+", " ", written.lower()))
    if spelled is not None:
        return (spelled,)
    readings: list[str] = []
    if _GROUPED.fullmatch(written):
        readings.append(re.sub(rf"[{SPACES}'’]", "", written).replace(",", "."))
    if _ENGLISH.fullmatch(written):
        readings.append(written.replace(",", ""))
    if _CONTINENTAL.fullmatch(written):
        readings.append(written.replace(".", "").replace(",", "."))
    if _POINT.fullmatch(written):
        readings.append(written)
    if _COMMA.fullmatch(written):
        readings.append(written.replace(",", "."))
    return tuple(dict.fromkeys(normalise(Decimal(reading)) for reading in readings))


@cache
def _get_thousands() -> re.Pattern[str]:
    return re.compile(rf"(?P<many>.*?)[\s-]*(?:{get_cues().pieces['thousand']})(?P<rest>.*)")


def _read_words(written: str) -> Decimal | None:
    """A number below a hundred thousand that is spelled out."""
    cues = get_cues()
    if not written[:1].isalpha():
        return None
    whole = _get_thousands().fullmatch(written)
    if whole is None:
        return _read_below_thousand(written)
    many = Decimal(1) if whole["many"] in _ONE else cues.numbers.get(whole["many"])
    rest = _read_rest(whole["rest"])
    return None if many is None or rest is None else many * 1000 + rest


def _read_rest(written: str) -> Decimal | None:
    """What follows the thousands, with the joint before it."""
    if not written:
        return Decimal(0)
    for joint in (*get_cues().after_hundreds, ", "):
        if written.startswith(joint):
            found = _read_below_thousand(written.removeprefix(joint))
            if found is not None:
                return found
    return None


def _read_below_thousand(written: str) -> Decimal | None:
    cues = get_cues()
    if written in cues.numbers:
        return cues.numbers[written]
    for form, hundreds in cues.hundreds.items():
        if written == form:
            return hundreds
        for joint in cues.after_hundreds:
            rest = cues.numbers.get(written.removeprefix(f"{form}{joint}"))
            if written.startswith(f"{form}{joint}") and rest is not None:
                return hundreds + rest
    return None


def normalise(number: Decimal) -> Decimal:
    """The number in the one form that compares and hashes as written: 80 for 80.00 and for 8E+1."""
    return Decimal(f"{number.normalize():f}")


@lru_cache(maxsize=256)
def list_numbers_said(said: str) -> tuple[Decimal, ...]:
    """Those of the shopper's, also in words: "eighty quid"."""
    return tuple(
        number for match in _get_any_number().finditer(said) for number in read_number(match.group())
    )


@cache
def _get_any_number() -> re.Pattern[str]:
    return re.compile(get_number_pattern(), re.IGNORECASE)


@lru_cache(maxsize=4096)
def list_numbers_in(text: str) -> tuple[Decimal, ...]:
    return tuple(number for match in _NUMBER.finditer(text) for number in read_number(match.group()))
