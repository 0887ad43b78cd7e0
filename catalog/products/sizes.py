"""Sizes and materials as they are compared."""

import re

LETTERS = {
    "extra extra small": "xxs",
    "extra small": "xs",
    "x small": "xs",
    "small": "s",
    "medium": "m",
    "large": "l",
    "x large": "xl",
    "extra large": "xl",
    "xx large": "xxl",
    "extra extra large": "xxl",
    "2xl": "xxl",
    "3xl": "xxxl",
}
SYSTEM = re.compile(r"^(?:us|uk|eu|size|w|m)\s*(?=\d)")
SEPARATORS = re.compile(r"\s*[/,;]\s*")
PART = re.compile(r"1/(?:2|4|8|10|16)|3/4|4/4|7/8")
REACH = re.compile(r"(\d{1,3})\s*[-–]\s*(\d{1,3})(?:\s*([a-z]+))?")
"""From one whole size to another: "39-42", "52-56 cm"."""
MOST_BETWEEN = 30
WORDS = re.compile(r"[a-zà-ÿ]{3,}")


def normalise_size(text: str) -> str:
    """`Medium` is `m`, `10.0` is `10`."""
    plain = " ".join(text.lower().replace("-", " ").split())
    named = LETTERS.get(plain, plain)
    return re.sub(r"(\d)\.0+\b", r"\1", named)


def list_size_words(size: str) -> tuple[str, ...]:
    """What a size can be asked for by: as written, each part of `S/M`, without its system: `EU 42` by `42`, and each
    size from one to another: `39-42` by `41`, `52-56 cm` by `54 cm`.

    A fraction, as of a violin, is one size: `3/4` is no `3`.
    """
    whole = normalise_size(size)
    if not whole:
        return ()
    if PART.fullmatch(whole):
        return (whole,)
    found = {whole: None}
    for part in SEPARATORS.split(whole):
        named = normalise_size(part)
        found[named] = None
        found[SYSTEM.sub("", named)] = None
    found |= dict.fromkeys(_list_reached(size))
    return tuple(word for word in found if word)


def _list_reached(size: str) -> list[str]:
    reach = REACH.fullmatch(size.strip().lower())
    if reach is None or not int(reach[1]) < int(reach[2]) <= int(reach[1]) + MOST_BETWEEN:
        return []
    return [f"{number} {reach[3] or ''}".strip() for number in range(int(reach[1]), int(reach[2]) + 1)]


def list_material_words(material: str) -> tuple[str, ...]:
    """The material as written and its words: `100% merino wool` is found by `merino` and by `wool`."""
    whole = " ".join(material.lower().split())
    return tuple(dict.fromkeys([whole, *WORDS.findall(whole)])) if whole else ()
