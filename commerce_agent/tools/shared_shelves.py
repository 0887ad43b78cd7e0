"""Shelves of several kinds: who looks for pens on a shelf "Pens, Pencils & Markers" looks for no pencils."""

import msgspec

from catalog.products import Hit, SearchResult
from conversations.events.constraints import Constraint
from conversations.language.tokens import list_stems
from conversations.language.vocabulary import get_kind, list_parts


def name_kind(term: Constraint) -> str:
    """What the goods are called: of a shelf that holds several kinds the one that was said."""
    kind = get_kind(str(term.value))
    said = set(list_stems(term.text))
    named = [part for part in list_parts(kind) if set(list_stems(part)[-1:]) <= said]
    return " ".join(named) if named and len(named) < len(list_parts(kind)) else kind


def leave_other_kinds(result: SearchResult, *, query: str) -> SearchResult:
    """The result without goods whose titles name another kind of their shelf than the one that is looked for."""
    words = set(list_stems(query))
    kept = tuple(hit for hit in result.hits if not _is_of_other_kind(hit, words=words))
    if len(kept) == len(result.hits) or not kept:
        return result
    return msgspec.structs.replace(result, hits=kept, total=result.total - (len(result.hits) - len(kept)))


def _is_of_other_kind(hit: Hit, *, words: set[str]) -> bool:
    title = set(list_stems(hit.title))
    for name in hit.category.split(" > "):
        parts = [set(list_stems(part)[-1:]) for part in list_parts(name)]
        meant = [part for part in parts if part and part <= words]
        others = [part for part in parts if part and not part <= words]
        if meant and others:
            return not any(part <= title for part in meant) and any(part <= title for part in others)
    return False
