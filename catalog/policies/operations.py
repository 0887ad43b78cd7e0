"""Changing the shop's rules: a new version stands beside the old ones."""

import re
from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from catalog.errors import CatalogError
from catalog.events import PolicyChanged
from catalog.ids import MerchantId
from catalog.models import Policy
from catalog.policies.records import TermValue


class PolicyWithoutText(CatalogError):
    """A policy needs its words; give the text."""

    def __init__(self, *, name: str) -> None:
        super().__init__(f"The policy {name!r} has no text. Say what holds, in words a shopper reads.")
        self.name = name


def _carry_terms(last: Policy | None, *, text: str) -> dict[str, TermValue]:
    """The terms of the last version, as far as the new text leaves them: "60 days" that became "40 days" is 40 from now
    on, and a number of which the new text says nothing as clear holds no longer. One of several of a unit takes no
    other's place.
    """
    carried: dict[str, TermValue] = {}
    for name, value in (last.terms if last is not None else {}).items():
        said = re.search(rf"\b{value}\s+(\w+)", last.text) if last and type(value) is int else None
        if said is None or re.search(rf"\b{value}\s+{said[1]}\b", text):
            carried[name] = value
            continue
        was, instead = _list_numbers(said[1], last.text if last else ""), _list_numbers(said[1], text)
        if len(was) == len(instead) == 1:
            carried[name] = instead.pop()
    return carried


def _list_numbers(unit: str, text: str) -> set[int]:
    return {int(number) for number in re.findall(rf"\b(\d+)\s+{unit}\b", text)}


def set_policy(
    *,
    merchant: MerchantId,
    name: str,
    text: str,
    at: datetime,
    title: str = "",
    terms: Mapping[str, TermValue] | None = None,
    scope: str = "store",
    scope_value: str = "",
) -> PolicyChanged:
    """Puts a new version of a policy in force from `at` on; title and terms stay as they were where not given, but for
    a number that the new text contradicts.
    """
    if not text.strip():
        raise PolicyWithoutText(name=name)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", [f"{merchant}/{name}"])
        versions = Policy.objects.filter(
            merchant_id=merchant, name=name, scope=scope, scope_value=scope_value
        )
        highest = versions.aggregate(highest=Max("version"))["highest"] or 0
        last = versions.filter(version=highest).first()
        policy = Policy.objects.create(
            merchant_id=merchant,
            name=name,
            title=title or (last.title if last else name.replace("_", " ").capitalize()),
            text=text.strip(),
            terms=dict(terms) if terms is not None else _carry_terms(last, text=text),
            scope=scope,
            scope_value=scope_value,
            version=highest + 1,
            valid_from=at,
            observed_at=at,
        )
    return PolicyChanged(
        merchant=merchant,
        name=name,
        title=policy.title,
        scope=scope,
        scope_value=scope_value,
        version=policy.version,
        at=at,
    )
