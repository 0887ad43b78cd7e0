"""The words a shop uses for its goods."""

import re

import msgspec

_JOINTS = re.compile(r"\s*(?:,|&|/|\band\b|\bund\b|\bet\b|\by\b)\s*")

YES = frozenset({"yes", "true", "ja", "sí", "si", "oui"})
"""What shops write for an attribute that their goods have."""
NO = frozenset({"no", "false", "nein", "non"})


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of goods: its own name, the names above it, outermost first, and what is told of its goods."""

    name: str
    path: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    says_parent: bool = False
    """Its goods are called by the name above its own: "Standing" of desks."""


def get_kind(value: str) -> str:
    """The kind that a term of goods names, without the departments before it: "Dry food" of "Dogs > Dry food"."""
    return value.rpartition(">")[2].strip()


def list_parts(name: str) -> tuple[str, ...]:
    """The kinds that one shelf holds: "Pens", "Pencils" and "Markers" of "Pens, Pencils & Markers"."""
    return tuple(part.strip() for part in _JOINTS.split(get_kind(name)) if part.strip())


def list_departments(value: str) -> tuple[str, ...]:
    """The departments before the kind that a term of goods names."""
    return tuple(part.strip() for part in value.split(">")[:-1])


class Vocabulary(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What the shop's words are. Compared by identity: keep one object for a shop and it is indexed once."""

    categories: tuple[Category, ...] = ()
    brands: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    attributes: dict[str, tuple[str, ...]] = {}
    """Other attributes' values by the attribute's own name: `{"waterproof": ("yes", "no")}`."""
    measures: dict[str, str] = {}
    """Attributes that are numbers, with the unit they are kept in: `{"weight": "g"}`."""
