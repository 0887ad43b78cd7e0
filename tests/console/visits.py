"""The admin's pages as each role is shown them: each is asked for once in a run, whoever looks at it."""

import uuid
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.test import Client
from django.urls import reverse

from catalog.models import Merchant
from commerce_agent.models import Membership, Operator, Role


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What came back."""

    status: int
    location: str = ""
    """Where it leads to, where it does."""
    html: str = ""

    @property
    def refused(self) -> bool:
        """Whether nothing was shown; the way back to the first page is how Django says that there is no such row."""
        return self.status in {403, 404, 405} or (
            self.status == 302 and self.location == reverse("admin:index")
        )


def see(answer: Any) -> Seen:
    """An answer, without what a test client keeps beside it."""
    return Seen(
        status=answer.status_code,
        location=answer.get("Location", ""),
        html=answer.content.decode() if answer.status_code == 200 else "",
    )


def make_staff(merchant: Merchant, role: Role, *, name: str = "") -> Operator:
    """Somebody who works for a shop."""
    operator = Operator.objects.create_user(
        f"{name or role}-{uuid.uuid4().hex[:8]}@shop.example", password="x", is_staff=True
    )
    Membership.objects.create(operator=operator, merchant=merchant, role=role, created_at=datetime.now(UTC))
    return operator


def log_in(operator: Operator) -> Client:
    """A browser of theirs."""
    client = Client()
    client.force_login(operator)
    return client


class Visits:
    """Looks of the roles of one shop. They are looks alone: nothing is posted, so that what was seen stays true."""

    def __init__(self, merchant: Merchant) -> None:
        self._merchant = merchant
        self._clients: dict[Role, Client] = {}
        self._seen: dict[tuple[Role, str], Seen] = {}

    def get_client(self, role: Role) -> Client:
        """The browser of somebody in a role."""
        if role not in self._clients:
            self._clients[role] = log_in(make_staff(self._merchant, role))
        return self._clients[role]

    def look(self, role: Role, address: str) -> Seen:
        """A page as a role is shown it."""
        if (role, address) not in self._seen:
            self._seen[role, address] = see(self.get_client(role).get(address))
        return self._seen[role, address]
