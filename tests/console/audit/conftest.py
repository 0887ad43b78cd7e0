"""A conversation that was really held, with one of nearly everything in it, and someone who may look at it."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from catalog.ids import MerchantId
from catalog.merchants import delete_merchant
from commerce_agent.models import Membership, Operator, Role
from conversations.service import ShopperCard
from tests.flows.recordings import TEN_TURNS, Held, Scene, hold, make_lamp_shop
from tests.naming import name_shopper

EMAIL = "grace@shop.example"
PHONE = "0171 234 5678"
PERSONAL = f"I am Grace Hopper, write to {EMAIL} or call {PHONE}"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation of sixteen turns, in which an item sold out after it was shown."""

    held: Held
    shopper: ShopperCard

    @property
    def id(self) -> str:
        """The conversation's."""
        return self.held.conversation

    def address(self, name: str, *more: object) -> str:
        """Of one of its pages."""
        return reverse(f"admin:audit_{name}", args=[self.id, *more])


async def talk_long(scene: Scene) -> None:
    await scene.say(*TEN_TURNS)
    await scene.confirm()
    await scene.sell_out("BRIM-Y")
    await scene.say(
        PERSONAL, "show me desk lamps", "only white ones", "the first one?", "and returns?", "thanks"
    )


@pytest.fixture(scope="session")
def lamp_shop(database: str) -> Iterator[MerchantId]:
    merchant = make_lamp_shop()
    yield merchant
    Membership.objects.filter(merchant=merchant).delete()
    delete_merchant(merchant=merchant)


@pytest.fixture(scope="session")
def kept(lamp_shop: MerchantId) -> Kept:
    shopper = name_shopper(lamp_shop, key=f"c-{uuid.uuid4().hex[:8]}", name="Grace Hopper", tier="gold")
    return Kept(held=hold(lamp_shop, talk_long, shopper=shopper), shopper=shopper)


def make_staff(*rights: str) -> Operator:
    """Someone of the platform's staff with these rights over the conversations of every shop."""
    staff = Operator.objects.create_user(
        f"staff-{uuid.uuid4().hex[:8]}", password="x", is_staff=True, every_shop=True
    )
    for right in rights:
        staff.user_permissions.add(
            Permission.objects.get(content_type__app_label="conversations", codename=f"{right}_conversation")
        )
    return staff


def make_member(*, merchant: object, role: Role) -> Operator:
    """Someone of one shop's own staff."""
    member = Operator.objects.create_user(f"member-{uuid.uuid4().hex[:8]}", password="x", is_staff=True)
    Membership.objects.create(
        operator=member, merchant_id=str(merchant), role=role, created_at=datetime.now(UTC)
    )
    return member


def log_in(staff: Operator) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def supporter(database: str) -> Operator:
    """Someone who may see conversations and work on them."""
    return make_staff("view", "change")


@pytest.fixture
def visitor(supporter: Operator) -> Operator:
    """Whose browser it is."""
    return supporter


@pytest.fixture
def support(supporter: Operator) -> Client:
    return log_in(supporter)


@pytest.fixture
def onlooker(database: str) -> Client:
    """Someone who may see conversations and do nothing about them."""
    return log_in(make_staff("view"))


@pytest.fixture
def stranger(database: str) -> Client:
    """Someone of the staff without any right."""
    return log_in(make_staff())
