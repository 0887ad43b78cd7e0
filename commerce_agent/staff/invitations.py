"""Brings people into a shop's staff, and keeps a shop from losing its last owner."""

from datetime import datetime

import msgspec
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from catalog.models import Merchant
from commerce_agent.models import Membership, Operator, Role


class LastOwner(Exception):
    """A shop would be left without an owner. Make somebody else an owner first."""

    def __init__(self, *, shop: str) -> None:
        self.shop = shop
        super().__init__(f"{shop} would be left without an owner. Make somebody else an owner first.")


class AlreadyStaff(Exception):
    """Somebody works for the shop already. Change the role they have instead."""

    def __init__(self, *, email: str) -> None:
        self.email = email
        super().__init__(f"{email} works for this shop already. Change the role they have instead.")


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A membership, and for an account that is new the way to its first password."""

    membership: Membership
    welcome: tuple[str, str] | None
    """The two parts of the address under which the password is set, once; None for an account that has one."""


def invite_operator(
    *, merchant: Merchant, email: str, role: Role, by: Operator | None, at: datetime
) -> Invitation:
    """Makes somebody staff of a shop, with a new account where the e-mail has none.

    An account that exists keeps its password and its other roles. Raises AlreadyStaff.
    """
    address = Operator.objects.normalize_email(email.strip()).lower()
    with transaction.atomic():
        # Two invitations to one shop at once: the second one finds the account of the first.
        Merchant.objects.select_for_update().get(pk=merchant.pk)
        known = Operator.objects.filter(username=address).first()
        operator = known or Operator.objects.create_user(address, address, password=None, is_staff=True)
        if Membership.objects.filter(operator=operator, merchant=merchant).exists():
            raise AlreadyStaff(email=address)
        membership = Membership.objects.create(
            operator=operator, merchant=merchant, role=role, invited_by=by, created_at=at
        )
    return Invitation(
        membership=membership, welcome=None if operator.has_usable_password() else make_welcome(operator)
    )


def make_welcome(operator: Operator) -> tuple[str, str]:
    """The two parts of an address under which an account's password is set; good once and for three days."""
    return urlsafe_base64_encode(force_bytes(operator.pk)), default_token_generator.make_token(operator)


def is_last_owner(membership: Membership) -> bool:
    """Whether the shop would be left without an owner."""
    others = Membership.objects.filter(merchant_id=membership.merchant_id, role=Role.OWNER)
    return membership.role == Role.OWNER and not others.exclude(pk=membership.pk).exists()


def require_owner_left(*, membership: Membership) -> None:
    """Raises LastOwner where the shop has no other owner. Within a transaction it holds until the commit."""
    Merchant.objects.select_for_update().get(pk=membership.merchant_id)
    if is_last_owner(membership):
        raise LastOwner(shop=membership.merchant.name)
