"""Policies and promotions written as YAML lists."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

import yaml
from django.db import transaction

from catalog.errors import CatalogError
from catalog.events import PolicyChanged, PromotionChanged
from catalog.feeds.checks import RowRefused, parse_price
from catalog.feeds.plain import make_plain_text
from catalog.ids import MerchantId
from catalog.models import Merchant, Policy, Promotion

Changed = TypeVar("Changed")
Entry = Mapping[str, object]
TEXT_FILE = "text"
POLICY_FIELDS = {"name", "title", "text", "terms", "applies_to", "version", "valid_from", "valid_until"}
PROMOTION_FIELDS = {
    "code", "title", "discount", "applies_to", "requires", "min_total", "valid_from", "valid_until", "active",
}  # fmt: skip


class TermsRefused(CatalogError):
    """A list of policies or promotions does not say what it must; nothing of it was taken in."""

    def __init__(self, *, file: str, item: int, field: str, problem: str) -> None:
        place = f"{file}, item {item}, {field}" if item else file
        super().__init__(f"{place}: {problem} Nothing of it was taken in.")
        self.file = file
        self.item = item
        self.field = field
        self.problem = problem


class Item:
    """One entry of the list, that reads its fields and complains with their place."""

    def __init__(self, *, entry: Entry, file: str, number: int) -> None:
        self.entry = entry
        self.file = file
        self.number = number

    def refuse(self, field: str, *, problem: str) -> TermsRefused:
        """The complaint to raise."""
        return TermsRefused(file=self.file, item=self.number, field=field, problem=problem)

    def require_known(self, fields: set[str]) -> None:
        """Raises TermsRefused for a field that means nothing here: most likely a slip of the pen."""
        unknown = sorted(str(field) for field in set(self.entry) - fields)
        if unknown:
            raise self.refuse(unknown[0], problem=f"is no field here; those are {', '.join(sorted(fields))}.")

    def get_text(self, field: str) -> str:
        """A text that must be there."""
        value = self.entry.get(field)
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(field, problem="must be a text.")
        return value.strip()

    def find_date(self, field: str) -> datetime | None:
        """A moment; a day alone is its first moment in UTC."""
        value = self.entry.get(field)
        if value is None:
            return None
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError as error:
                raise self.refuse(field, problem=f"{value!r} is not a date such as 2026-05-01.") from error
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        raise self.refuse(field, problem=f"{value!r} is not a date such as 2026-05-01.")

    def get_scope(self, allowed: tuple[str, ...]) -> tuple[str, str]:
        """Kind and value of `applies_to`; the whole store where it is not given."""
        value = self.entry.get("applies_to", "store")
        if value == "store":
            return "store", ""
        if isinstance(value, dict) and len(value) == 1:
            (kind, name), *_ = value.items()
            if kind in allowed and str(name).strip():
                return str(kind), str(name).strip()
        raise self.refuse("applies_to", problem=f"must be store, or one of {', '.join(allowed)} with a name.")

    def find_mapping(self, field: str) -> Entry:
        """A mapping, empty where it is not given."""
        value = self.entry.get(field)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.refuse(field, problem="must be a mapping of names to values.")
        return value

    def find_number(self, field: str, *, value: object) -> Decimal | None:
        """A number above nothing."""
        if value is None:
            return None
        try:
            number = Decimal(str(value))
        except InvalidOperation as error:
            raise self.refuse(field, problem=f"{value!r} is not a number.") from error
        if isinstance(value, bool) or not number.is_finite() or number <= 0:
            raise self.refuse(field, problem=f"{value!r} is not a number above 0.")
        return number

    def find_amount(self, field: str, *, value: object, currency: str) -> Decimal | None:
        """An amount of money above nothing: `5.00 USD`, or a number in the shop's currency."""
        if value is None:
            return None
        try:
            money = parse_price(str(value), currency=currency, name=field)
        except RowRefused as error:
            raise self.refuse(field, problem=f"{error}.") from error
        if not money.amount:
            raise self.refuse(field, problem=f"{value!r} is nothing.")
        return money.amount


def _list_entries(source: Path | str) -> list[Item]:
    file = source.name if isinstance(source, Path) else TEXT_FILE
    try:
        text = source.read_text(encoding="utf-8") if isinstance(source, Path) else source
        entries = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TermsRefused(file=file, item=0, field="", problem=f"it cannot be read: {error}.") from error
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise TermsRefused(file=file, item=0, field="", problem="it must be a list of entries.")
    items = []
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            raise TermsRefused(file=file, item=number, field="entry", problem="must be a mapping.")
        items.append(Item(entry=entry, file=file, number=number))
    return items


def _load(items: list[Item], load: Callable[[Item], Changed]) -> tuple[Changed, ...]:
    with transaction.atomic():
        return tuple(load(item) for item in items)


def load_policies(*, merchant: MerchantId, source: Path | str, now: datetime) -> tuple[PolicyChanged, ...]:
    """Takes in a list of policies; a version that is there already is brought to what the list says.

    `source` is a file or YAML text. Raises TermsRefused, and then nothing was taken in.
    """
    return _load(_list_entries(source), lambda item: _load_policy(item, merchant=merchant, now=now))


def _load_policy(item: Item, *, merchant: MerchantId, now: datetime) -> PolicyChanged:
    item.require_known(POLICY_FIELDS)
    name, text = item.get_text("name"), make_plain_text(item.get_text("text"))
    scope, value = item.get_scope(("category", "sku"))
    version = item.entry.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise item.refuse("version", problem=f"{version!r} is not a whole number from 1.")
    title = str(item.entry.get("title") or name.replace("_", " ").capitalize())
    Policy.objects.update_or_create(
        merchant_id=merchant,
        name=name,
        scope=scope,
        scope_value=value,
        version=version,
        defaults={
            "title": title,
            "text": text,
            "terms": dict(item.find_mapping("terms")),
            "valid_from": item.find_date("valid_from"),
            "valid_until": item.find_date("valid_until"),
            "observed_at": now,
        },
    )
    return PolicyChanged(
        merchant=merchant, name=name, title=title, scope=scope, scope_value=value, version=version, at=now
    )


def load_promotions(
    *, merchant: MerchantId, source: Path | str, now: datetime
) -> tuple[PromotionChanged, ...]:
    """Takes in a list of promotions; one with the same code, or without a code the same title, is replaced.

    `source` is a file or YAML text. Raises TermsRefused, and then nothing was taken in.
    """
    currency = Merchant.objects.values_list("currency", flat=True).get(id=merchant)
    return _load(
        _list_entries(source),
        lambda item: _load_promotion(item, merchant=merchant, currency=currency, now=now),
    )


def _load_promotion(item: Item, *, merchant: MerchantId, currency: str, now: datetime) -> PromotionChanged:
    item.require_known(PROMOTION_FIELDS)
    title = item.get_text("title")
    code = item.entry.get("code")
    if code is not None and not str(code).strip():
        raise item.refuse("code", problem="must be a text, or null for a promotion that applies by itself.")
    code = None if code is None else str(code).strip()
    percent, amount = _read_discount(item, currency=currency)
    scope, value = item.get_scope(("category", "brand", "sku"))
    requires = item.find_mapping("requires")
    unknown = sorted(set(requires) - {"tier", "min_total"})
    if unknown:
        raise item.refuse(
            "requires", problem=f"{unknown[0]!r} is no condition; those are tier and min_total."
        )
    least = requires.get("min_total", item.entry.get("min_total"))
    same = {"code": code} if code is not None else {"code": None, "title": title}
    Promotion.objects.update_or_create(
        merchant_id=merchant,
        **same,
        defaults={
            "title": title,
            "percent": percent,
            "amount": amount,
            "scope": scope,
            "scope_value": value,
            "requires_tier": str(requires.get("tier") or ""),
            "min_total": item.find_amount("min_total", value=least, currency=currency),
            "valid_from": item.find_date("valid_from"),
            "valid_until": item.find_date("valid_until"),
            "active": item.entry.get("active", True) is not False,
        },
    )
    return PromotionChanged(merchant=merchant, code=code, title=title, at=now)


def _read_discount(item: Item, *, currency: str) -> tuple[Decimal | None, Decimal | None]:
    discount = item.find_mapping("discount")
    if len(discount) != 1 or not set(discount) <= {"percent", "amount"}:
        raise item.refuse("discount", problem="must be {percent: 10} or {amount: '5.00 USD'}.")
    percent = item.find_number("discount", value=discount.get("percent"))
    if percent is not None and percent > 100:
        raise item.refuse("discount", problem="is more than the whole price.")
    return percent, item.find_amount("discount", value=discount.get("amount"), currency=currency)
