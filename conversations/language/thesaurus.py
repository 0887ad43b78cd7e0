"""Names of goods that mean the same, or that cover one another."""

from functools import lru_cache

import msgspec

from conversations.language.tokens import get_key
from conversations.language.tongue import Tongue


class Thesaurus(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A language's names of goods by key (see `get_key`)."""

    same: dict[str, frozenset[str]]
    """A key with those of its synonyms and its own."""
    near: tuple[frozenset[str], ...]
    """Names that shoppers take for one another, as keys: what one wide name covers."""
    covered: dict[str, frozenset[str]]
    """A wide name's key with those of what it covers."""


@lru_cache(maxsize=8)
def build_thesaurus(tongue: Tongue) -> Thesaurus:
    """Answers the index of the language's names of goods."""
    same: dict[str, set[str]] = {}
    for group in tongue.synonyms:
        keys = {get_key(name, language=tongue.stemmer) for name in group}
        for key in keys:
            same.setdefault(key, set()).update(keys)
    covered: dict[str, set[str]] = {}
    for wide, narrow in tongue.broader.items():
        keys = set()
        for name in narrow:
            key = get_key(name, language=tongue.stemmer)
            keys |= same.get(key, {key})
        for key in same.get(get_key(wide, language=tongue.stemmer), {get_key(wide, language=tongue.stemmer)}):
            covered.setdefault(key, set()).update(keys)
    departments = {get_key(name, language=tongue.stemmer) for name in tongue.departments}
    nouns = {get_key(name, language=tongue.stemmer) for name in tongue.broader} - departments
    return Thesaurus(
        near=tuple(frozenset(covered[name] | {name}) for name in sorted(nouns)),
        same={key: frozenset(keys) for key, keys in same.items()},
        covered={key: frozenset(keys) for key, keys in covered.items()},
    )


def get_same(key: str, thesaurus: Thesaurus) -> frozenset[str]:
    """Answers the keys that name the same goods as this one, its own among them."""
    return thesaurus.same.get(key) or frozenset((key,))


def does_cover(*, wide: str, narrow: str, thesaurus: Thesaurus) -> bool:
    """True where everything that `narrow` names is also a `wide`."""
    return narrow in thesaurus.covered.get(wide, frozenset())
