"""What a text says that is written in a code: Base64, hexadecimal, character numbers, bits, Morse, escapes.

Each code is read off, and what comes out is looked at in turn: a code in a code is read as well.
"""

import base64
import binascii
import html
import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import unquote

_DEEPEST = 3
_LONGEST = 4000
_LEAST_DECODED = 12
_PLAIN_SHARE = 0.95
_BASE64 = re.compile(r"[A-Za-z0-9+/_=-]{16,}")
_BASE64_PIECES = re.compile(r"(?:[A-Za-z0-9+/_=-]{2,}[\s,;|·.]{1,3}){3,}[A-Za-z0-9+/_=-]{2,}")
_BASE32 = re.compile(r"(?:[A-Z2-7]{8}\s?){2,}[A-Z2-7=]*")
_HEX = re.compile(r"(?:(?:0x|\\x)?[0-9a-fA-F]{2}[\s:,]?){12,}")
_NUMBERS = re.compile(r"(?:\d{1,3}[\s,;.-]{1,2}){11,}\d{1,3}")
_BITS = re.compile(r"(?:[01]{7,8}[\s,]?){6,}")
_ESCAPED = re.compile(
    r"(?:\\u\{?[0-9a-fA-F]{2,6}\}?|&#x?[0-9a-fA-F]{2,6};?|%[0-9a-fA-F]{2}|U\+[0-9a-fA-F]{4,6}\s?){6,}"
)
_POINT = re.compile(r"(?:\\u\{?|U\+)([0-9a-fA-F]{2,6})\}?\s?")
_MORSE = re.compile(r"(?:[.·•−–—-]{1,6}[\s/|]+){12,}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_PRINTED = range(0x20, 0x7F)


def list_decoded(text: str, *, depth: int = 0) -> Iterator[str]:
    """What codes in the text say, as far as it can be read."""
    for said in _list_once(text[:_LONGEST]):
        if is_readable(said):
            yield said
        if depth < _DEEPEST and len(said) >= _LEAST_DECODED and said != text and _has_code(said):
            yield from list_decoded(said, depth=depth + 1)


def has_morse(text: str) -> bool:
    """Whether dots and dashes stand in a row as nobody writes them."""
    return _MORSE.search(text) is not None


def is_readable(text: str) -> bool:
    """Whether words came out: letters and spaces, nearly all of it."""
    plain = sum(letter.isascii() and (letter.isalnum() or letter in " .,:;'\"-_<>{}\n") for letter in text)
    letters = sum(letter.isalpha() for letter in text)
    return len(text) >= _LEAST_DECODED and plain >= len(text) * _PLAIN_SHARE and letters * 2 >= len(text)


def _has_code(text: str) -> bool:
    return any(pattern.search(text) for pattern in (_BASE64, _HEX, _NUMBERS, _BITS, _ESCAPED, _BASE32))


def _list_once(text: str) -> Iterator[str]:
    for run in _BASE64.findall(text):
        yield from _read_base64(run)
    for match in _BASE64_PIECES.finditer(text):
        yield from _read_base64(re.sub(r"[^A-Za-z0-9+/_=-]", "", match.group()))
    for match in _BASE32.finditer(text):
        yield from _read_base32(re.sub(r"\s", "", match.group()))
    for match in _HEX.finditer(text):
        digits = re.sub(r"0x|\\x|[^0-9a-fA-F]", "", match.group())
        yield bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("utf-8", errors="replace")
    for match in _NUMBERS.finditer(text):
        yield from _read_numbers([int(number) for number in re.findall(r"\d+", match.group())])
    for match in _BITS.finditer(text):
        groups = re.findall(r"[01]{7,8}", match.group())
        yield "".join(chr(int(bits, 2)) for bits in groups)
    for match in _ESCAPED.finditer(text):
        written = _POINT.sub(lambda point: chr(min(int(point[1], 16), 0x10FFFF)), match.group())
        yield unquote(html.unescape(written))


def _read_base64(run: str) -> Iterator[str]:
    padded = run.translate(str.maketrans("-_", "+/")).rstrip("=")
    for whole in dict.fromkeys((padded, padded[: len(padded) // 4 * 4])):
        try:
            decoded = base64.b64decode(whole + "=" * (-len(whole) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue
        yield decoded.decode("utf-8", errors="replace")


def _read_base32(run: str) -> Iterator[str]:
    try:
        yield base64.b32decode(run.rstrip("=") + "=" * (-len(run.rstrip("=")) % 8)).decode(
            "utf-8", errors="replace"
        )
    except (binascii.Error, ValueError):
        return


def _read_numbers(numbers: list[int]) -> Iterator[str]:
    """As numbers of characters, and as places in the alphabet; what only counts up, as sizes do, is neither."""
    steps = {after - before for before, after in pairwise(numbers)}
    if len(steps) == 1:
        return
    if all(number in _PRINTED for number in numbers):
        yield "".join(map(chr, numbers))
    if all(1 <= number <= len(_LETTERS) for number in numbers):
        yield "".join(_LETTERS[number - 1] for number in numbers)
