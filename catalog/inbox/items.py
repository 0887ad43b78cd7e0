"""The events a merchant's systems may send, as they are written, and what is wrong with those that cannot be taken."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from catalog.errors import CatalogError
from commerce_agent.decoding import JsonDecoder, build_json_decoder

MOST_ITEMS = 500
"""Events of one body."""
MOST_PRODUCT_FIELDS = 100

EventId = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[!-~]+$")]
SkuText = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Version = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Quantity = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
MoneyText = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class BodyUnreadable(CatalogError):
    """The body as a whole is no events; its sender must mend what the message names."""


class _Told(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True):
    """What every event says: its id, by which it counts once, and where it stands among others of its subject."""

    id: EventId
    at: Instant | None = None
    version: Version | None = None


class StockTold(_Told, frozen=True, kw_only=True, tag="stock"):
    """How many there are now. `quantity` null with an availability: the shop does not count."""

    sku: SkuText
    quantity: Quantity | None = None
    availability: Literal["in_stock", "out_of_stock", "preorder", "backorder"] | None = None
    booked_until: Instant | None = None
    """The number counts every order that was made here before then."""

    def __post_init__(self) -> None:
        """Raises where neither is said."""
        if self.quantity is None and self.availability is None:
            raise ValueError("give quantity or availability")

    @property
    def subject(self) -> str:
        """What it is about."""
        return self.sku


class PriceTold(_Told, frozen=True, kw_only=True, tag="price"):
    """What it costs now, as `89.00 USD`; without a sale price a running sale is over."""

    sku: SkuText
    price: MoneyText
    sale_price: MoneyText | None = None

    @property
    def subject(self) -> str:
        """What it is about."""
        return self.sku


ProductField = Annotated[str, msgspec.Meta(max_length=20_000)] | int | float


class ProductTold(_Told, frozen=True, kw_only=True, tag="product"):
    """A product is new or was altered: the whole item, under Google Merchant's attribute names; or the shop has it no
    more (`removed`), for which its `id` is enough.
    """

    removed: bool = False
    item: Annotated[
        dict[Annotated[str, msgspec.Meta(max_length=100)], ProductField],
        msgspec.Meta(max_length=MOST_PRODUCT_FIELDS),
    ]

    def __post_init__(self) -> None:
        """Raises where the item does not say which it is."""
        if not 0 < len(str(self.item.get("id", "")).strip()) <= 100:
            raise ValueError("item.id must be the SKU")

    @property
    def subject(self) -> str:
        """What it is about."""
        return str(self.item["id"]).strip()


class PolicyTold(_Told, frozen=True, kw_only=True, tag="policy"):
    """A policy stands from now on; the fields are those of the list of policies."""

    policy: dict[str, object]

    def __post_init__(self) -> None:
        """Raises where the policy does not say which it is."""
        _require_text(self.policy, "name", of="policy")

    @property
    def subject(self) -> str:
        """What it is about, with its scope: other scopes stand beside it."""
        scope = self.policy.get("applies_to", "store")
        place = (
            ":".join(f"{kind}:{name}" for kind, name in scope.items()) if isinstance(scope, dict) else "store"
        )
        return f"{self.policy['name']}/{place}"[:300]


class PromotionTold(_Told, frozen=True, kw_only=True, tag="promotion"):
    """A promotion was added or altered; the fields are those of the list of promotions."""

    promotion: dict[str, object]

    def __post_init__(self) -> None:
        """Raises where the promotion does not say which it is."""
        _require_text(self.promotion, "title", of="promotion")

    @property
    def subject(self) -> str:
        """What it is about."""
        return str(self.promotion.get("code") or self.promotion["title"])[:300]


Told = StockTold | PriceTold | ProductTold | PolicyTold | PromotionTold


def _require_text(fields: dict[str, object], name: str, *, of: str) -> None:
    value = fields.get(name)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= 200:
        raise ValueError(f"{of}.{name} must be a text")


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was not taken."""

    place: int
    """From 1, in the body."""
    id: str
    reason: str


class _Batch(msgspec.Struct, frozen=True, kw_only=True):
    events: list[msgspec.Raw]
    next: str | None = None


class _Named(msgspec.Struct, frozen=True, kw_only=True):
    id: object = None


class Items(msgspec.Struct, frozen=True, kw_only=True):
    """A body that was read."""

    taken: tuple[Told, ...]
    refused: tuple[Refusal, ...]
    next: str | None = None
    """Where the next question of a poll goes on."""


_BATCH = build_json_decoder(_Batch)
_LIST = build_json_decoder(list[msgspec.Raw])
_ITEM: JsonDecoder[Told] = build_json_decoder(Told)
_NAMED = build_json_decoder(_Named)
_KEYS = build_json_decoder(dict[str, msgspec.Raw])


def read_items(body: bytes) -> Items:
    """One event, a list of events, or `{"events": [...]}`. Raises BodyUnreadable where it is none of these."""
    raws, following = _list_raws(body)
    if not raws:
        return Items(taken=(), refused=(), next=following)
    if len(raws) > MOST_ITEMS:
        raise BodyUnreadable(f"The body holds {len(raws)} events; send {MOST_ITEMS} at most.")
    taken: list[Told] = []
    refused: list[Refusal] = []
    for place, raw in enumerate(raws, start=1):
        try:
            told = _ITEM.decode(raw)
            _require_storable(raw)
            taken.append(told)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            refused.append(Refusal(place=place, id=_find_id(raw), reason=f"{error}"[:300]))
    return Items(taken=tuple(taken), refused=tuple(refused), next=following)


def _list_raws(body: bytes) -> tuple[list[msgspec.Raw], str | None]:
    try:
        start = body.lstrip()[:1]
        if start == b"[":
            return _LIST.decode(body), None
        if "events" in _KEYS.decode(body):
            batch = _BATCH.decode(body)
            return batch.events, batch.next
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BodyUnreadable(f"The body is not JSON with events: {error}.") from error
    return [msgspec.Raw(body)], None


def _require_storable(raw: msgspec.Raw) -> None:
    """PostgreSQL keeps no NUL in a text, and no half of a surrogate pair."""
    if b"\\u0000" in bytes(raw) or b"\x00" in bytes(raw):
        raise ValueError("a text holds the character NUL")


def _find_id(raw: msgspec.Raw) -> str:
    try:
        return str(_NAMED.decode(raw).id or "")[:100]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
