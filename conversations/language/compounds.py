"""What a compound that a shop writes as one word is: "Zeltheringe" are "Heringe", "Wanderrucksäcke" are "Rucksäcke"."""

from functools import lru_cache

from conversations.language.catalogue import Entry, Words, index_words, load_catalogue
from conversations.language.tokens import list_stems

COMPOUNDING = ("de",)
"""The languages that write compounds as one word, of those that have a catalogue."""
_SHORTEST_HALF = 3
_SHORTEST_HEAD = 4
"""A head has so many letters, or it is the end of any word."""

_INFINITIVES = ("n", "en")
"""What a verb leaves off before the head: "Wanderrucksack" is of "wandern"."""


@lru_cache(maxsize=8192)
def list_heads(name: str, *, language: str) -> tuple[str, ...]:
    """Answers the words that goods of this name are called as well: what they are, without what is said of it."""
    if language not in COMPOUNDING:
        return ()
    heads = (_find_head(word, language) for word in name.lower().replace("-", " ").split()[-1:])
    return tuple(head for head in heads if head)


def _find_head(word: str, language: str) -> str:
    """The noun behind a word that the catalogue has, the longest that it has as well; or a noun behind any word."""
    words, rules = index_words(language), load_catalogue(language).rules
    if not word.isalpha():
        return ""
    whole = words.find(word, stemmer=rules.stemmer)
    qualified = known = ""
    for cut in range(_SHORTEST_HALF, len(word) - _SHORTEST_HEAD + 1):
        head = word[cut:]
        noun = _is_noun(words.find(head, stemmer=rules.stemmer))
        said = [entry for joint in rules.compounds if (entry := _qualify(word[:cut], joint, words))]
        if said and (whole is None or any(_is_said(each, whole) for each in said)):
            if noun:
                return head
            qualified = head
        elif noun and not known:
            known = head
    return qualified or ("" if whole else known)


def _is_noun(entry: Entry | None) -> bool:
    return entry is not None and entry.tag == "noun"


def _is_said(half: Entry, whole: Entry) -> bool:
    """As in "Regenjacke", a rain jacket, and not in "Handschuh", a glove."""
    return not set(list_stems(half.english)).isdisjoint(list_stems(whole.english))


def _qualify(half: str, joint: str, words: Words) -> Entry | None:
    """The noun, adjective or verb that stands, with its joint, before the head of a compound."""
    left = half.removesuffix(joint) if joint else half
    if not half.endswith(joint) or len(left) < _SHORTEST_HALF:
        return None
    verbs = [
        entry for ending in _INFINITIVES if (entry := words.exact.get(left + ending)) and entry.tag == "verb"
    ]
    found = words.exact.get(left) or next(iter(verbs), None)
    return found if found is not None and found.tag in ("noun", "adjective", "verb") else None
