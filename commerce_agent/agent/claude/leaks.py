"""Whether a sentence gives away what the assistant was told: its rules, its tools, the shop's wishes for it.

Compared are letters alone, so that neither spacing nor case nor look-alikes nor turning the text round hides it. A
translation is not seen: the rules hold nothing whose secrecy anything depends on.
"""

import base64
import binascii
import codecs
import re
import unicodedata
from functools import lru_cache

from commerce_agent.agent.claude.prompt import RULES
from commerce_agent.agent.claude.toolbox import TOOLS
from commerce_agent.agent.merchant_settings import AgentSettings

LEAST_LEAKED = 22
"""So many letters running that are the assistant's own: four or five words, which nobody says by chance."""
_LEAST_DECODED = 12
_ALIKE = str.maketrans("аеорсухіјѕһԁɡӏιοανρτυκ013457", "aeopcyxijshdglioavptukoleast")
_RUN = re.compile(r"[A-Za-z0-9+/_=-]{16,}")
_SPACED_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[\s:,]?){12,}")
_KEY = re.compile(r"[\"'“]\w+[\"'”]\s*:")
_MOST_KEYS = 2
_MARK = re.compile(r"[\w-]{8,}")


def find_leak(sentence: str, *, said: str, settings: AgentSettings) -> str | None:
    """What it gives away; None where it does not. `said` is what the shopper has heard before it."""
    if len(_KEY.findall(sentence)) > _MOST_KEYS:
        return "the assistant's own notes"
    if any(_is_readable(decoded) for decoded in _list_decoded(sentence)):
        return "text in code"
    told = _list_told(settings)
    letters = _spell(said)[-(LEAST_LEAKED - 1) :] + _spell(sentence)
    pieces = _list_pieces(told)
    if any(letters[at : at + LEAST_LEAKED] in pieces for at in range(len(letters) - LEAST_LEAKED + 1)):
        return "the assistant's own rules"
    marks = _list_marks(told[1:])
    return "a mark of the shop's own" if any(mark in letters for mark in marks) else None


@lru_cache(maxsize=64)
def _list_told(settings: AgentSettings) -> tuple[str, ...]:
    own = " ".join((RULES, *(f"{tool.name} {tool.description}" for tool in TOOLS)))
    return (own, settings.persona, settings.tone, *settings.handoff_rules, *settings.declined_topics)


@lru_cache(maxsize=64)
def _list_pieces(told: tuple[str, ...]) -> frozenset[str]:
    """Every run of so many letters, also backwards and turned by half the alphabet."""
    pieces: set[str] = set()
    for text in map(_spell, told):
        for form in (text, text[::-1], codecs.encode(text, "rot13")):
            pieces.update(form[at : at + LEAST_LEAKED] for at in range(len(form) - LEAST_LEAKED + 1))
    return frozenset(pieces)


@lru_cache(maxsize=64)
def _list_marks(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Words of letters and digits, as keys and codes are made."""
    found = (word for text in texts for word in _MARK.findall(text))
    return tuple(_spell(word) for word in found if re.search(r"\d", word) and re.search(r"[^\W\d_]", word))


def _spell(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_ALIKE)
    return "".join(letter for letter in plain if letter.isalnum())


def _list_decoded(sentence: str) -> list[str]:
    decoded: list[str] = []
    for run in _RUN.findall(sentence):
        padded = run.translate(str.maketrans("-_", "+/")).rstrip("=")
        decoded.extend(_decode_all(padded))
    for match in _SPACED_HEX.finditer(sentence):
        digits = re.sub(r"[^0-9a-fA-F]", "", match.group())
        decoded.append(bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("utf-8", errors="replace"))
    return decoded


def _decode_all(run: str) -> list[str]:
    try:
        whole = base64.b64decode(run + "=" * (-len(run) % 4), validate=True)
    except (binascii.Error, ValueError):
        return []
    return [whole.decode("utf-8", errors="replace")]


def _is_readable(text: str) -> bool:
    """Whether words came out: letters and spaces, nearly all of it."""
    plain = sum(letter.isascii() and (letter.isalnum() or letter in " .,:;'\"-_<>{}\n") for letter in text)
    return len(text) >= _LEAST_DECODED and plain >= len(text) * 0.95
