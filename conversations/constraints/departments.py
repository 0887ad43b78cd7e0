"""Kinds that several departments of a shop have under one name: jackets for men and jackets for women."""

from msgspec.structs import replace

from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.language.tokens import list_stems
from conversations.language.vocabulary import Category, get_kind, list_departments

_POSITIVE = ("=", "in")


def in_own_department(scan: Scan, draft: Draft) -> Draft:
    """As in "dry food for my dog": of kinds with one name the one in the department that the message names, else in
    that which was talked about; and as in "and for my cat?" after it, the same kind in the other department.
    """
    value = str(draft.value)
    held = _list_held(scan)
    homes = _list_homes(scan, value)
    if len(homes) < 2:
        return _of_kind_before(scan, draft, held=held)
    for named in (_list_named(scan, draft), held):
        within = [home for home in homes if {part.lower() for part in home.path} & named]
        if len(within) == 1:
            return replace(draft, value=_write(within[0]))
    return draft


def without_sections(draft: Draft) -> Draft:
    """As in "a guitar" of a shop with guitars and a section for guitar among its strings: what is called so itself."""
    values = draft.value if isinstance(draft.value, tuple) else ()
    several = {list_stems(value) for value in values if value.lower().endswith("s")}
    kept = tuple(value for value in values if value.lower().endswith("s") or list_stems(value) not in several)
    if not kept or len(kept) == len(values):
        return draft
    if len(kept) > 1:
        return replace(draft, value=kept)
    return replace(draft, op="=" if draft.op == "in" else "!=", value=kept[0])


def _of_kind_before(scan: Scan, draft: Draft, *, held: set[str]) -> Draft:
    before = [str(term.value) for term in scan.ledger.list_for("category") if term.op == "="]
    kinds = {get_kind(value) for value in before if list_departments(value)}
    named = str(draft.value).lower()
    if len(kinds) != 1 or named in held or draft.op != "=":
        return draft
    homes = [home for home in _list_homes(scan, kinds.pop()) if named in {part.lower() for part in home.path}]
    return replace(draft, value=_write(homes[0])) if len(homes) == 1 else draft


def _list_homes(scan: Scan, name: str) -> list[Category]:
    homes = {_write(each): each for each in scan.vocabulary.categories if each.name.lower() == name.lower()}
    return list(homes.values())


def _list_named(scan: Scan, draft: Draft) -> set[str]:
    return {
        term.value.lower()
        for spot in scan.spots
        if not draft.first <= spot.first < draft.after
        for term in spot.terms
        if term.field == "category"
    }


def _list_held(scan: Scan) -> set[str]:
    return {
        part.lower()
        for term in scan.ledger.list_for("category")
        if term.op in _POSITIVE and isinstance(term.value, str)
        for part in (*list_departments(term.value), get_kind(term.value))
    }


def _write(category: Category) -> str:
    return " > ".join(dict.fromkeys((*category.path, category.name)))
