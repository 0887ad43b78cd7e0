"""A script as its author wrote it, with every mistake named by its step."""

from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
import yaml

from commerce_agent.decoding import convert

EventKind = Literal[
    "stock.changed",
    "price.changed",
    "policy.changed",
    "promotion.changed",
    "connector.down",
    "connector.up",
    "redis.down",
    "redis.up",
    "redis.flush",
]


class ScriptRefused(Exception):
    """The script cannot be run. Its author must mend what the message names."""


class Happening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that happens outside the talk."""

    kind: EventKind
    sku: str | None = None
    quantity: int | None = None
    price: str | None = None
    policy: str | None = None
    title: str | None = None
    text: str | None = None
    terms: dict[str, str | int | float | bool] | None = None
    applies_to: str | dict[str, str] | None = None
    version: int | None = None
    connector: str | None = None
    promotion: dict[str, Any] | None = None


class OrderLineWritten(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of a past order."""

    sku: str
    quantity: int = 1
    unit_price: str | None = None
    """As "89.00 USD"; the item's price of now where it is left out."""


class OrderWritten(msgspec.Struct, frozen=True, kw_only=True):
    """An order the shopper placed before."""

    lines: tuple[OrderLineWritten, ...] = ()
    id: str | None = None
    number: str | None = None
    status: str = "delivered"
    placed_at: str | None = None
    days_ago: int = 14
    """Where no `placed_at` is given."""


class ShopperWritten(msgspec.Struct, frozen=True, kw_only=True):
    """Who talks; as a step, whom the shop vouches for from there on."""

    id: str
    tier: str | None = None
    """Empty takes it back; where it is left out, it stays as it was."""
    name: str = ""
    orders: tuple[OrderWritten, ...] = ()


class PersonWritten(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person of the shop's takes the conversation over, speaks, or hands it back."""

    does: Literal["joins", "says", "leaves"]
    name: str
    text: str = ""
    """What they say; of one who leaves, the note for the assistant."""


class PageWritten(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the shop's page shows from here on, as the widget on it says."""

    product: str = ""
    """An item's SKU, or the key of its group."""
    cart: tuple[str, ...] = ()
    """SKUs in the shop's own cart."""


Kind = Literal["say", "event", "advance", "confirm", "decline", "person", "shopper", "page"]
_KINDS: tuple[Kind, ...] = get_args(Kind)


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step; exactly one of the fields is set. `about` and `expect` stand beside one."""

    say: str | None = None
    about: tuple[str, ...] = ()
    """The SKUs that the message points at, as a reply to their cards or from the page that shows them."""
    event: Happening | None = None
    advance: float | None = None
    confirm: str | None = None
    decline: str | None = None
    """The proposal that is turned down by its button; `latest` is the one that is open."""
    person: PersonWritten | None = None
    shopper: ShopperWritten | None = None
    page: PageWritten | None = None
    expect: msgspec.Raw | Any = None
    """Read by the test runner; the command passes over it."""

    @property
    def kind(self) -> Kind:
        """What the step does."""
        if self.say is not None:
            return "say"
        if self.event is not None:
            return "event"
        if self.person is not None:
            return "person"
        if self.shopper is not None:
            return "shopper"
        if self.page is not None:
            return "page"
        if self.decline is not None:
            return "decline"
        return "advance" if self.advance is not None else "confirm"


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """The whole script, and the folder its paths start from."""

    name: str
    turns: tuple[Step, ...]
    folder: Path
    feed: Path | None = None
    policies: Path | str | None = None
    promotions: Path | str | None = None
    shopper: ShopperWritten | None = None
    locale: str = "en"

    @property
    def shoppers(self) -> tuple[ShopperWritten, ...]:
        """Everybody who is vouched for, by what is said of them first, with the orders that are said of them later."""
        found: dict[str, ShopperWritten] = {}
        for each in (self.shopper, *(step.shopper for step in self.turns)):
            if each is not None:
                known = found.setdefault(each.id, each)
                more = tuple(order for order in each.orders if order not in known.orders)
                found[each.id] = msgspec.structs.replace(known, orders=known.orders + more)
        return tuple(found.values())


class _Written(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    turns: list[Any]
    name: str = ""
    description: str = ""
    feed: str | None = None
    policies: str | list[Any] | None = None
    promotions: str | list[Any] | None = None
    shopper: ShopperWritten | None = None
    locale: str = "en"


def read_script(path: Path) -> Script:
    """Reads the script; raises `ScriptRefused` that names the file, the step and the field."""
    try:
        raw = load_document(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScriptRefused(f"{path}: cannot be read ({error.strerror}).") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ScriptRefused(f"{path}: is not YAML: {error}") from error
    try:
        written = convert(raw, _Written, strict=False)
    except msgspec.ValidationError as error:
        raise ScriptRefused(f"{path}: {error}.") from error
    return Script(
        name=written.name or path.stem,
        turns=tuple(_read_step(path, number, raw) for number, raw in enumerate(written.turns, start=1)),
        folder=path.parent,
        feed=_find_file(path, written.feed, what="feed") if written.feed else None,
        policies=_read_list(path, written.policies, what="policies"),
        promotions=_read_list(path, written.promotions, what="promotions"),
        shopper=written.shopper,
        locale=written.locale,
    )


_TYPED = ("terms", "promotion", "applies_to")


def load_document(text: str) -> object:
    """The document with its texts as they are written: `say: yes` is a word, and so is `sku: 0042`.

    Lists of policies and promotions, and the terms of an event, keep YAML's own types.
    """
    written, typed = yaml.load(text, Loader=yaml.BaseLoader), yaml.safe_load(text)  # noqa: S506
    if not isinstance(written, dict) or not isinstance(typed, dict):
        return typed
    for name in ("policies", "promotions"):
        if name in typed:
            written[name] = typed[name]
    steps, plain = typed.get("turns"), written.get("turns")
    if isinstance(steps, list) and isinstance(plain, list):
        for step, kept in zip(steps, plain, strict=True):
            event = step.get("event") if isinstance(step, dict) else None
            for name in _TYPED:
                if isinstance(event, dict) and name in event:
                    kept["event"][name] = event[name]
    return written


def _read_step(path: Path, number: int, raw: object) -> Step:
    try:
        step = convert(raw, Step, strict=False)
    except msgspec.ValidationError as error:
        raise ScriptRefused(f"{path}: step {number}: {error}.") from error
    if sum(getattr(step, kind) is not None for kind in _KINDS) != 1:
        raise ScriptRefused(f"{path}: step {number}: give exactly one of {', '.join(_KINDS)}.")
    if step.about and step.say is None:
        raise ScriptRefused(f"{path}: step {number}: about stands beside say.")
    if step.advance is not None and step.advance < 0:
        raise ScriptRefused(f"{path}: step {number}: advance takes seconds, 0 or more.")
    if step.event is not None:
        _require_fields(path, number, step.event)
    return step


_NEEDED = {
    "stock.changed": ("sku", "quantity"),
    "price.changed": ("sku", "price"),
    "policy.changed": ("policy", "text"),
    "promotion.changed": ("promotion",),
    "connector.down": ("connector",),
    "connector.up": ("connector",),
}


def _require_fields(path: Path, number: int, event: Happening) -> None:
    missing = [name for name in _NEEDED.get(event.kind, ()) if getattr(event, name) is None]
    if missing:
        raise ScriptRefused(f"{path}: step {number}: {event.kind} needs {' and '.join(missing)}.")


def _find_file(path: Path, name: str, *, what: str) -> Path:
    found = path.parent / name
    if not found.is_file():
        raise ScriptRefused(f"{path}: {what}: there is no file {found}.")
    return found


def _read_list(path: Path, written: str | list[Any] | None, *, what: str) -> Path | str | None:
    if written is None:
        return None
    if isinstance(written, str):
        return _find_file(path, written, what=what)
    text: str = yaml.safe_dump(written, sort_keys=False)
    return text
