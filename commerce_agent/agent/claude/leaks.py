"""Whether a text gives away what the assistant was told: its rules, its tools, the shop's wishes for it.

Compared are letters alone, so that neither spacing nor case nor look-alikes hides it; and not the letters themselves
but the steps from one to the next, so that a shifted alphabet does not either, nor one turned round. A translation is
not seen: the rules hold nothing whose secrecy anything depends on.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from urllib.parse import unquote_plus

from commerce_agent.agent.claude.codes import has_morse, list_decoded
from commerce_agent.agent.claude.prompt import RULES
from commerce_agent.agent.claude.toolbox import TOOLS
from commerce_agent.agent.shop.settings import AgentSettings

LEAST_LEAKED = 22
"""So many letters running that are the assistant's own: four or five words, which nobody says by chance."""
LEAST_CONSONANTS = 18
"""So many consonants running, where the vowels were left out or put in other signs."""
_ALIKE = str.maketrans("аеорсухіјѕһԁɡӏιοανρτυκ013457", "aeopcyxijshdglioavptukoleast")
_REGIONAL = {0x1F1E6 + place: chr(ord("a") + place) for place in range(26)}
_KEY = re.compile(r"[\"'“]\w+[\"'”]\s*:")
_MOST_KEYS = 2
_MARK = re.compile(r"[\w-]{8,}")
_WORD = re.compile(r"\w+")
_VOWELS = str.maketrans("", "", "aeiou")
_ALPHABET = 26
_FARTHEST_APART = 4
_SPREAD = 240
NOTES, IN_CODE, OWN_RULES = "the assistant's own notes", "text in code", "the assistant's own rules"
OWN_MARK = "a mark of the shop's own"


def find_leak(sentence: str, *, said: str, settings: AgentSettings) -> str | None:
    """What it gives away; None where it does not. `said` is what the shopper has heard before it."""
    if len(_KEY.findall(sentence)) > _MOST_KEYS:
        return NOTES
    if has_morse(sentence) or next(list_decoded(sentence), ""):
        return IN_CODE
    # A code may be spread over sentences, each of them too short to be read; what stood there before is the shop's own.
    tail = said[-_SPREAD:]
    if set(list_decoded(f"{tail} {sentence}")) - set(list_decoded(tail)):
        return IN_CODE
    return find_own_words(sentence, said=said, settings=settings)


def find_own_words(text: str, *, said: str, settings: AgentSettings) -> str | None:
    """Whether words of the assistant's own stand in the text, however they are spelled."""
    told = _list_told(settings)
    before, letters = _spell(said)[-(LEAST_LEAKED - 1) :], _spell(text)
    steps = _list_steps(told)
    for spelled in (before + letters, *_list_respelled(text, letters)):
        if any(step in steps for step in _walk(spelled, LEAST_LEAKED)):
            return OWN_RULES
    consonants = (before + letters).translate(_VOWELS)
    kept = _list_consonants(told)
    if any(
        consonants[at : at + LEAST_CONSONANTS] in kept for at in range(len(consonants) - LEAST_CONSONANTS + 1)
    ):
        return OWN_RULES
    return OWN_MARK if any(mark in letters for mark in _list_marks(told[1:])) else None


def _list_respelled(text: str, letters: str) -> Iterator[str]:
    """Each word turned round, the words in turn from the end, and every second, third or fourth letter."""
    words = [_spell(word) for word in _WORD.findall(text)]
    if len(letters) < LEAST_LEAKED:
        return
    if "%" in text or "&" in text or "+" in text:
        yield _spell(unquote_plus(html.unescape(text)))
    yield "".join(word[::-1] for word in words)
    yield "".join(reversed(words))
    for apart in range(2, _FARTHEST_APART):
        for start in range(apart):
            yield letters[start::apart]


@lru_cache(maxsize=64)
def _list_told(settings: AgentSettings) -> tuple[str, ...]:
    own = " ".join((RULES, *(f"{tool.name} {tool.description}" for tool in TOOLS)))
    return (own, settings.persona, settings.tone, *settings.handoff_rules, *settings.declined_topics)


def _walk(letters: str, length: int) -> Iterator[bytes]:
    """The steps between the letters, so many at a time."""
    steps = bytes((ord(after) - ord(before)) % _ALPHABET for before, after in pairwise(letters))
    return (steps[at : at + length - 1] for at in range(len(steps) - length + 2))


@lru_cache(maxsize=64)
def _list_steps(told: tuple[str, ...]) -> frozenset[bytes]:
    """Those of every run of so many letters: forwards and backwards, in an alphabet from A and in one from Z."""
    steps: set[bytes] = set()
    for text in map(_spell, told):
        for form in (text, text[::-1]):
            for run in _walk(form, LEAST_LEAKED):
                steps.add(run)
                steps.add(bytes(-step % _ALPHABET for step in run))
    return frozenset(steps)


@lru_cache(maxsize=64)
def _list_consonants(told: tuple[str, ...]) -> frozenset[str]:
    pieces: set[str] = set()
    for text in (_spell(each).translate(_VOWELS) for each in told):
        for form in (text, text[::-1]):
            pieces.update(form[at : at + LEAST_CONSONANTS] for at in range(len(form) - LEAST_CONSONANTS + 1))
    return frozenset(pieces)


@lru_cache(maxsize=64)
def _list_marks(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Words of letters and digits, as keys and codes are made."""
    found = (word for text in texts for word in _MARK.findall(text))
    return tuple(_spell(word) for word in found if re.search(r"\d", word) and re.search(r"[^\W\d_]", word))


def _spell(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.translate(_REGIONAL)).casefold().translate(_ALIKE)
    return "".join(letter for letter in plain if letter.isalnum())
