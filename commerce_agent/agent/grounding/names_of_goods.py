"""What the goods that there is talk of may be called."""

import re
from collections.abc import Iterable, Iterator, Mapping

from commerce_agent.tools.naming import shorten
from conversations.events.decisions import Candidate
from conversations.state import ConversationState

_WORD = re.compile(r"\b[^\W\d_a-zß-ÿ][^\W\d_]{3,}\b")
"""A word with a capital, as the names of goods are made of."""
_NOUN = re.compile(r"[^\W\d_]{3,}")


def list_names(state: ConversationState, *, weighed: Iterable[Candidate]) -> dict[str, frozenset[str]]:
    """Whole names, SKUs, and such words of a name as no other name has."""
    names: dict[str, set[str]] = {}
    words: dict[str, set[str]] = {}
    called = [(each.ref.key, each.name) for each in weighed]
    called.extend((sku, entry.entity.name) for sku, entry in state.entities.known.items())
    for sku, name in called:
        for form in {name, shorten(name), sku} - {""}:
            names.setdefault(form, set()).add(sku)
        for word in _WORD.findall(name):
            words.setdefault(word, set()).add(name)
    looks = _list_looks(state)
    for word, having in words.items():
        # "Cabin" names no "Soft Cabin Case" where suitcases come in a size of that name.
        if len(having) == 1 and word not in names and word.lower() not in looks:
            names[word] = set(names[next(iter(having))])
    return {name: frozenset(skus) for name, skus in names.items()}


def _list_looks(state: ConversationState) -> frozenset[str]:
    return frozenset(
        value.lower()
        for entry in state.entities.known.values()
        for field in ("size", "color", "material")
        for value in entry.entity.attributes.get(field, ())
    )


def list_shown(state: ConversationState, weighed: tuple[Candidate, ...]) -> frozenset[str]:
    """What this turn chose to show, else what was put before the shopper last."""
    chosen = frozenset(each.ref.key for each in weighed if each.kept)
    last = state.entities.showings[-1].refs if state.entities.showings else ()
    return chosen or frozenset(ref.key for ref in last)


def list_nouns(state: ConversationState) -> Iterator[str]:
    """The last words of the names: what kind of goods there is talk of."""
    for entry in state.entities.known.values():
        words = _NOUN.findall(shorten(entry.entity.name).lower())
        yield from words[-1:]


def find_called(name: str, *, names: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The goods that a longer name means: "Brim lamp in yellow" is a Brim lamp, "Hammer (500 g)" a Hammer."""
    inside = [
        known
        for known in names
        if (" " in known and known.lower() in name.lower()) or name.startswith(f"{known} (")
    ]
    return names[max(inside, key=len)] if inside else frozenset()
