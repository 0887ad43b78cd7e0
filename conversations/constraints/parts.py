"""Shelves that hold several kinds: pans and pots are two things, though both are of "Pots & Pans"."""

from conversations.events.constraints import Constraint
from conversations.language.tokens import list_stems
from conversations.language.vocabulary import list_parts


def names_other_part(held: Constraint, *, new: Constraint) -> bool:
    """As in "tongs … spatulas?", both of one shelf: another of its kinds is named than before."""
    if held.field != "category" or held.value != new.value or not isinstance(new.value, str):
        return False
    before, now = _list_named(held), _list_named(new)
    return bool(before and now) and not before & now


def _list_named(term: Constraint) -> set[str]:
    said = set(list_stems(term.text))
    heads = {stem for part in list_parts(str(term.value)) for stem in list_stems(part)[-1:]}
    return said & heads
