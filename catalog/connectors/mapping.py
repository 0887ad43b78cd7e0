"""A merchant's own JSON, read by JMESPath into rows.

A shop's own list of customers may say where orders go and what pays them, by two more fields of its mapping
(`address: home`, `payments: wallet[].{reference: token, label: name}`). A reference is the checkout's own: an
answer with what may be a card's number among them is refused whole (`cards.py`), and no order or change with one
can be made, over HTTP or in this process. The catalogue hands both on and keeps neither but in its veiled answers;
the platform keeps them in the shopper's sealed profile. Of a shop without a system of its own, references are in
`PaymentMeans`, which whoever fills its tables writes (`evaluate service` does): the chat takes no payment, the
shop's checkout does.

Numbers stay exact on their way through a mapping (`paths.py`): JMESPath's functions take decimals and leave them as
they are; on its own it makes 12 of `to_number(12.5)` where numbers are no floats. What is whole is a count, however
it is written (`4.0`).
"""

import json
from collections.abc import Mapping, Sequence
from typing import NoReturn

import msgspec

from catalog.connectors.paths import PathRefused, check_path, read_number, search_path
from catalog.connectors.readings import AnswerRefused, Kind
from catalog.connectors.rows import ROWS
from catalog.connectors.wire import Plain
from catalog.errors import CatalogError

LONGEST_PATH = 500
MUST_BE_SAID: dict[Kind, tuple[str, ...]] = {
    "inventory": ("quantity", "availability"),
    "pricing": ("price", "currency", "list_price"),
    "catalogue": ("title",),
    "policies": ("name", "text"),
    "promotions": ("title",),
    "orders": ("number", "placed_at", "status", "total", "currency", "lines"),
    "customers": (),
}
"""A mapped field of these that an answer leaves out makes the answer worthless: it is not zero, and not nothing."""
NEEDED: dict[Kind, tuple[tuple[str, ...], ...]] = {
    "inventory": (("quantity", "availability"),),
    "pricing": (("price",), ("currency",)),
    "catalogue": (("title",),),
    "policies": (("name",), ("text",)),
    "promotions": (("title",), ("percent", "amount")),
    "orders": (("number",), ("placed_at",), ("status",), ("total",), ("currency",)),
    "customers": (("tier", "preferences", "orders", "address", "payments"),),
}
"""Of each of these groups a mapping names at least one."""


class MappingRefused(CatalogError):
    """A mapping cannot be used; the message says which field, and what to write."""


class RowMapping(msgspec.Struct, frozen=True, kw_only=True):
    """Where the rows are, and where each field is in a row. No field named: rows are as they are."""

    kind: Kind
    items: str = ""
    fields: dict[str, str] = {}
    version: str = ""
    """Where the version of the answer as one whole is; empty: the system does not number it."""

    def list_rows(self, document: object) -> Sequence[Plain]:
        """The rows of an answer. Raises AnswerRefused."""
        found = self._search(self.items, document) if self.items else document
        if found is None:
            where = f"at {self.items}" if self.items else "in it"
            raise AnswerRefused(connector=self.kind, reason=f"there is nothing {where}")
        rows: list[Plain] = []
        for row in found if isinstance(found, list) else [found]:
            if not isinstance(row, dict):
                raise AnswerRefused(connector=self.kind, reason="its rows are not objects")
            rows.append(row)
        return [self._map(row) for row in rows] if self.fields else rows

    def find_version(self, document: object) -> int:
        """The version of the answer as one whole; 0 where it has none. Raises AnswerRefused."""
        found = self._search(self.version, document) if self.version else None
        if found is None:
            return 0
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            raise AnswerRefused(connector=self.kind, reason=f"{found!r} is no version")
        return found

    def _map(self, row: Plain) -> Plain:
        mapped = {name: self._search(path, row) for name, path in self.fields.items()}
        missing = [name for name in MUST_BE_SAID[self.kind] if name in mapped and mapped[name] is None]
        if missing:
            raise AnswerRefused(
                connector=self.kind, reason=f"nothing at {self.fields[missing[0]]} for {missing[0]}"
            )
        return {name: value for name, value in mapped.items() if value is not None}

    def _search(self, path: str, document: object) -> object:
        try:
            return search_path(path, document)
        except PathRefused as error:
            raise AnswerRefused(connector=self.kind, reason=f"{path}: {error}") from error


def check_mapping(*, kind: Kind, items: str, fields: Mapping[str, str], one_by_one: bool) -> None:
    """Raises MappingRefused for a path that cannot be read, an unknown field, or one that is needed and missing."""
    known = ROWS[kind].__struct_fields__
    for name in fields:
        if name not in known:
            raise MappingRefused(f"There is no field {name!r}. Fields are {', '.join(known)}.")
    for name, path in (("items", items), *fields.items()):
        _check_path(name, path)
    for group in NEEDED[kind]:
        if not any(name in fields for name in group):
            raise MappingRefused(f"Say where {' or '.join(group)} stands in an answer.")
    if (
        "sku" in known
        and "sku" not in fields
        and not one_by_one
        and kind in ("inventory", "pricing", "catalogue")
    ):
        raise MappingRefused("Say where sku stands in an answer, or ask for one {sku} at a time.")


def _check_path(name: str, path: str) -> None:
    if len(path) > LONGEST_PATH:
        raise MappingRefused(f"The path of {name} is longer than {LONGEST_PATH} characters.")
    if not path:
        if name == "items":
            return
        raise MappingRefused(f"{name} has no path.")
    try:
        check_path(path)
    except PathRefused as error:
        raise MappingRefused(f"{path!r}, the path of {name}, is no JMESPath: {error}") from error


def read_document(body: bytes, *, kind: Kind) -> object:
    """The JSON of an answer, its numbers kept exact. Raises AnswerRefused."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no number in JSON")

    if not body.strip():
        raise AnswerRefused(connector=kind, reason="its answer is empty, where JSON was expected")
    try:
        return json.loads(body, parse_float=read_number, parse_constant=refuse)
    except json.JSONDecodeError as error:
        # What was answered instead may be somebody's data, and a reason stands in the log.
        why = "a web page" if body.lstrip().startswith(b"<") else f"{error.msg}, character {error.pos + 1}"
    except UnicodeDecodeError:
        why = "its characters are not UTF-8"
    except RecursionError:
        why = "it is nested too deep"
    except ValueError as error:
        why = str(error).partition(":")[0]
    raise AnswerRefused(connector=kind, reason=f"its answer is not JSON: {why}")
