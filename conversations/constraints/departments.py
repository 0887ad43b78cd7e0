"""Kinds that several departments of a shop have under one name: jackets for men and jackets for women."""

from msgspec.structs import replace

from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.events.constraints import list_values
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


def keep_told_apart(scan: Scan, draft: Draft) -> Draft:
    """As in "dry food for a dog", where dogs and cats have dry and wet food: the kind with most of the words."""
    values = draft.value if isinstance(draft.value, tuple) else ()
    said = {
        token.stem
        for at, token in enumerate(scan.tokens)
        if not draft.first <= at < draft.after and scan.cues.find_ending_at("not", at=at) is None
    }
    told = {value: len(said & set(list_stems(value))) for value in values}
    most = tuple(value for value in values if told[value] == max(told.values()))
    if not values or len(most) == len(values):
        return draft
    if len(most) > 1:
        return replace(draft, value=most)
    return replace(draft, op="=" if draft.op == "in" else "!=", value=most[0])


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
    """The kinds that were talked of and the departments they are in, by their names or by where the shop has them."""
    values = [
        value
        for term in scan.ledger.list_for("category")
        if term.op in _POSITIVE
        for value in list_values(term.value)
    ]
    homes = [homes[0] for value in values if len(homes := _list_homes(scan, value)) == 1]
    parts = [part for value in values for part in (*list_departments(value), get_kind(value))]
    return {part.lower() for part in (*parts, *(part for home in homes for part in home.path))}


def _write(category: Category) -> str:
    return " > ".join(dict.fromkeys((*category.path, category.name)))
