"""Which shops somebody reaches by a permission."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TypeVar
from uuid import UUID

import msgspec
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model, QuerySet

from commerce_agent.isolation.acting import acting_for, acting_for_platform
from commerce_agent.models import Operator
from commerce_agent.staff.roles import Role, list_grants

Row = TypeVar("Row", bound=Model)


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """The shops whose rows may be seen."""

    every: bool = False
    """Platform staff: no shop is left out."""
    shops: frozenset[UUID] = frozenset()

    def narrow(self, rows: "QuerySet[Row]", *, by: str = "merchant_id") -> "QuerySet[Row]":
        """The rows of these shops; `by` names the field that holds the shop's id."""
        return rows if self.every else rows.filter(**{f"{by}__in": self.shops})

    def __contains__(self, shop: UUID) -> bool:
        """Whether a shop is among them."""
        return self.every or shop in self.shops

    @property
    def empty(self) -> bool:
        """Whether there is none."""
        return not self.every and not self.shops


def find_reach(user: Operator | AnonymousUser, *permissions: str) -> Reach:
    """The shops in which someone holds any of the permissions, named as `app.action_model`."""
    if not isinstance(user, Operator) or not user.is_active:
        return Reach()
    if user.is_superuser or user.every_shop:
        return Reach(every=any(user.has_perm(permission) for permission in permissions))
    return Reach(shops=frozenset(_list_shops(user, wanted=permissions)))


def acting_for_staff(user: AbstractBaseUser | AnonymousUser) -> AbstractContextManager[None]:
    """Acts for the shops that someone has a role in; for all of them where they are the platform's own staff."""
    if not isinstance(user, Operator) or not user.is_active:
        return acting_for()
    if user.is_superuser or user.every_shop:
        return acting_for_platform("the platform's own staff at the console")
    return acting_for(*(membership.merchant_id for membership in user.roles_held))


def _list_shops(user: Operator, *, wanted: Iterable[str]) -> Iterable[UUID]:
    for membership in user.roles_held:
        if not list_grants(Role(membership.role)).isdisjoint(wanted):
            yield membership.merchant_id
