"""What a recorded shop and recorded calls look like, and how they are read."""

import json
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import msgspec

from commerce_agent.decoding import convert

Json = dict[str, object]
"""A JSON object as it was read; what the platform does not keep is handed through untouched."""
Shape = TypeVar("Shape")

FORMAT = """
The STORE is a JSON file with the keys `products`, `users` and `orders`, or a folder with products.json, users.json
and orders.json. Each maps ids to objects (a list of objects that carry their id does as well):

  products: {"P1": {"product_id": "P1", "name": "Lamp", "variants": {"I1": {"item_id": "I1", "price": 20.5,
             "available": true, "options": {"color": "red"}}}}}      "quantity" may stand beside "available";
                                                                     it goes down with what is set aside
  users:    {"U1": {"name": {"first_name": "Ada", "last_name": "Moss"}, "email": "ada@example.com",
             "address": {"address1": "...", "zip": "12345", ...},
             "payment_methods": {"M1": {"source": "credit_card" | "paypal" | "gift_card" | ..., "balance": 50.0}}}}
  orders:   {"#1": {"order_id": "#1", "user_id": "U1", "status": "pending", "address": {...},
             "items": [{"item_id": "I1", "product_id": "P1", "name": "Lamp", "price": 20.5, "options": {...}}],
             "payment_history": [{"transaction_type": "payment", "amount": 20.5, "payment_method_id": "M1"}]}}
  rules:    {"cancel_reasons": ["ordered by mistake"], "return_days": 30}     optional; without: any reason, any time

Other fields (fulfillments, tracking, ...) come out as they came in. A status that the platform has no word for is
one in which an order can be neither changed nor sent back.

The CALLS are a JSON list or JSON lines. Either each is a call, {"name": ..., "arguments": {...}} (`kwargs` does as
well, and arguments as JSON text), all done one after the other on the one store; or each is a task with an `id` and
its calls under `actions`, `calls` or `evaluation_criteria.actions`, done on the store as it was loaded; calls with a
`task` of their own are put together to tasks. The names and their arguments:

  find_user_id_by_email(email)                     cancel_pending_order(order_id, reason)
  find_user_id_by_name_zip(first_name, last_name, zip)
  get_user_details(user_id)                        modify_pending_order_address(order_id, address1, ..., zip)
  get_order_details(order_id)                      modify_pending_order_payment(order_id, payment_method_id)
  get_product_details(product_id)                  modify_pending_order_items(order_id, item_ids, new_item_ids,
  list_all_product_types()                                                    payment_method_id)
  modify_user_address(user_id, address1, ..., zip) return_delivered_order_items(order_id, item_ids, payment_method_id)
  calculate(expression), think(thought)            exchange_delivered_order_items(order_id, item_ids, new_item_ids,
  transfer_to_human_agents(summary)                                               payment_method_id)

Of two users of one e-mail address, or of one name and zip, neither is found (`several_users`). Who was given another
address is found by its zip from then on.

--results gets one JSON line a call: {"task", "call", "name", "arguments", "outcome", "because", "result"}; the outcome
is `done`, `refused` (nothing was written; `because` is the platform's rule, `result` begins with "Error:") or
`not understood` (no such call, or arguments that it does not take).

--end gets the state afterwards in the very format of the STORE: one JSON object for plain calls; for tasks one JSON
line each, {"task", "products", "users", "orders"} with only what differs from the store (--whole: everything).
An order that was cancelled carries `cancel_reason`, one with a return `return_items` and `return_payment_method_id`,
one with an exchange `exchange_items`, `exchange_new_items`, `exchange_payment_method_id` and
`exchange_price_difference`; refunds and differences of price stand in `payment_history` and on gift cards' balances.
"""


class StoreUnreadable(Exception):
    """The recorded shop or the calls are not in the format; the message says where. Mend the file, or its name."""

    def __init__(self, *, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
        self.problem = problem


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """A sellable version of a product."""

    price: Decimal
    available: bool = True
    quantity: int | None = None
    options: dict[str, object] = {}


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """What is sold under one name."""

    name: str
    variants: dict[str, Variant]


class Method(msgspec.Struct, frozen=True, kw_only=True):
    """What a user pays with."""

    source: str
    balance: Decimal | None = None
    brand: str = ""
    last_four: str = ""


class Name(msgspec.Struct, frozen=True, kw_only=True):
    """What a user is called."""

    first_name: str
    last_name: str

    @property
    def whole(self) -> str:
        """The name as one writes it."""
        return f"{self.first_name} {self.last_name}".strip()


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A customer of the shop."""

    name: Name
    email: str = ""
    address: dict[str, str | None] = {}
    payment_methods: dict[str, Method] = {}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of an order."""

    item_id: str
    price: Decimal
    name: str = ""


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of an order's payment history."""

    transaction_type: str
    amount: Decimal
    payment_method_id: str = ""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a user bought."""

    user_id: str
    status: str
    items: tuple[Item, ...]
    address: dict[str, str | None] = {}
    payment_history: tuple[Paid, ...] = ()


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop allows, where it is not everything."""

    cancel_reasons: tuple[str, ...] | None = None
    return_days: int = 36_500


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded shop, read, and as it was written."""

    products: dict[str, Product]
    users: dict[str, User]
    orders: dict[str, Order]
    rules: Rules
    written: dict[str, dict[str, Json]]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded call."""

    name: str
    arguments: Json


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """Calls on a fresh store; None: all that there are, on the one store."""

    id: str | None
    calls: tuple[Call, ...]


KEPT = {"products": ("product_id", "id"), "users": ("user_id", "id"), "orders": ("order_id", "id")}
CALLS_UNDER = ("actions", "calls", "tool_calls")


def read_store(path: Path) -> Store:
    """The shop of a file, or of a folder with a file for each kind. Raises StoreUnreadable, OSError."""
    raw = _read_parts(path)
    written = {kind: _map_by_id(raw.get(kind), kind=kind, keys=keys) for kind, keys in KEPT.items()}
    return Store(
        products=_convert(written["products"], dict[str, Product], where="products"),
        users=_convert(written["users"], dict[str, User], where="users"),
        orders=_convert(written["orders"], dict[str, Order], where="orders"),
        rules=_convert(raw.get("rules", {}), Rules, where="rules"),
        written=written,
    )


def read_tasks(path: Path) -> tuple[Task, ...]:
    """The calls of a file, task by task. Raises StoreUnreadable, OSError."""
    entries = _read_entries(path)
    tasks: dict[str, list[Call]] = {}
    alone: list[Call] = []
    for number, entry in enumerate(entries):
        where = f"{path.name}, entry {number + 1}"
        inside = _find_calls(entry)
        if inside is not None:
            name = str(entry.get("id", entry.get("task_id", number)))
            tasks.setdefault(name, []).extend(_read_call(each, where=where) for each in inside)
        elif "task" in entry:
            tasks.setdefault(str(entry["task"]), []).append(_read_call(entry, where=where))
        else:
            alone.append(_read_call(entry, where=where))
    if alone and tasks:
        raise StoreUnreadable(where=path.name, problem="holds calls beside tasks; keep them in two files.")
    if not tasks:
        return (Task(id=None, calls=tuple(alone)),)
    return tuple(Task(id=name, calls=tuple(calls)) for name, calls in tasks.items())


def write_json(value: object) -> bytes:
    """JSON as the formats have it: amounts are numbers."""
    return msgspec.json.Encoder(decimal_format="number").encode(value) + b"\n"


def _read_parts(path: Path) -> Json:
    if not path.is_dir():
        return _convert(_parse(path), Json, where=path.name)
    parts: Json = {kind: _parse(path / f"{kind}.json") for kind in KEPT}
    if (path / "rules.json").exists():
        parts["rules"] = _parse(path / "rules.json")
    return parts


def _parse(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except ValueError as error:
        raise StoreUnreadable(where=path.name, problem=f"is no JSON: {error}") from error


def _map_by_id(rows: object, *, kind: str, keys: tuple[str, ...]) -> dict[str, Json]:
    if not isinstance(rows, list):
        return _convert(rows, dict[str, Json], where=kind)
    found: dict[str, Json] = {}
    for number, row in enumerate(rows):
        named = next((row[key] for key in keys if key in row), None) if isinstance(row, dict) else None
        if named is None:
            raise StoreUnreadable(where=f"{kind}, entry {number + 1}", problem=f"has no {keys[0]}.")
        found[str(named)] = row
    return found


def _read_entries(path: Path) -> list[Json]:
    text = path.read_text(encoding="utf-8")
    try:
        if text.lstrip().startswith("["):
            rows = json.loads(text)
        else:
            rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError as error:
        raise StoreUnreadable(where=path.name, problem=f"is neither JSON nor JSON lines: {error}") from error
    return _convert(rows, list[Json], where=path.name)


def _find_calls(entry: Json) -> list[Json] | None:
    criteria = entry.get("evaluation_criteria")
    for holder in (entry, criteria if isinstance(criteria, dict) else {}):
        for key in CALLS_UNDER:
            if isinstance(holder.get(key), list):
                return _convert(holder[key], list[Json], where=key)
    return None


def _read_call(entry: Json, *, where: str) -> Call:
    inner = entry.get("function")
    entry = {**entry, **inner} if isinstance(inner, dict) else entry
    name = entry.get("name", entry.get("tool"))
    arguments = next((entry[key] for key in ("arguments", "kwargs", "args", "input") if key in entry), {})
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments or "{}")
        except ValueError as error:
            raise StoreUnreadable(where=where, problem=f"arguments are no JSON: {error}") from error
    if not isinstance(name, str):
        raise StoreUnreadable(where=where, problem="has no name of a call, nor calls of its own.")
    return Call(name=name, arguments=_convert(arguments, Json, where=where))


def _convert(value: object, shape: type[Shape], *, where: str) -> Shape:
    try:
        return convert(value, shape)
    except msgspec.ValidationError as error:
        raise StoreUnreadable(where=where, problem=str(error)) from error
