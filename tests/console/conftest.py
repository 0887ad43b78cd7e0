import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from asgiref.sync import async_to_sync
from celery.signals import before_task_publish
from django.test import Client
from playwright.sync_api import Browser, Page

from catalog.events import CatalogEvent, decode_event
from catalog.ids import MerchantId as CatalogMerchantId
from catalog.models import (
    BreakerChange,
    Connector,
    Delivery,
    FeedDraft,
    Merchant,
    PollSource,
    ShopEvent,
    Synonym,
    Variant,
)
from commerce_agent.composition import open_platform
from commerce_agent.demo.seeding import seed_shop
from commerce_agent.identity.keys import make_identity_key
from commerce_agent.models import AgentSettings, Listener, Membership, ModelSpend, Operator, Role, WidgetLook
from commerce_agent.webhooks.keys import make_key
from commerce_agent.webhooks.listeners import renew_secret
from commerce_agent.webhooks.outgoing import make_test
from conversations.api.keys import grant_key
from conversations.ids import ClientMessageId, ConversationId, MerchantId
from conversations.models import ApiKey
from conversations.service import ShopperCard
from tests.chromium import browser
from tests.console.browsing import open_page
from tests.console.talk import NOTICE, SAID, make_reply
from tests.console.visits import Visits
from tests.naming import name_shopper

__all__ = ["browser"]


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation with one answered turn, a notice after it and a message that waits."""

    id: str
    decision: str
    shopper: ShopperCard
    sku: str


@pytest.fixture(scope="session")
def merchant(database: str) -> Merchant:
    """A shop of these tests' own, with everything that a shop has."""
    key = f"t-{uuid.uuid4().hex[:12]}"
    seed_shop(clock=lambda: datetime.now(UTC), key=key)
    made = Merchant.objects.get(key=key)
    grant_key(
        merchant=MerchantId(str(made.id)), name="Order desk", scope=ApiKey.Scope.READ, at=datetime.now(UTC)
    )
    Connector.objects.create(
        merchant=made,
        kind="inventory",
        name="erp",
        active=False,
        url="https://erp.shop.example/stock?sku={sku}",
        fields={"quantity": "on_hand"},
    )
    BreakerChange.objects.create(
        merchant=made, kind="inventory", state="open", calls=6, failures=5, at=datetime.now(UTC)
    )
    now = datetime.now(UTC)
    make_key(merchant=CatalogMerchantId(str(made.id)), name="Warehouse", at=now)
    PollSource.objects.create(merchant=made, name="Till", url="https://till.shop.example/events")
    delivery = Delivery.objects.create(merchant=made, via="wk_1", received_at=now, status=202, accepted=1)
    ShopEvent.objects.create(
        merchant=made,
        delivery=delivery,
        event_id="e-1",
        kind="stock",
        subject="NO-SUCH",
        at=now,
        body={"id": "e-1", "kind": "stock", "sku": "NO-SUCH", "quantity": 1},
        status="refused",
        problem="The shop has no item with this SKU; send the product first.",
    )
    Synonym.objects.create(merchant=made, words=["torch", "flashlight"])
    add_settings(made, at=now)
    add_listener(made, at=now)
    return made


def add_listener(shop: Merchant, *, at: datetime) -> None:
    """An address that nobody is told at, and what it was not told."""
    listener = Listener.objects.create(
        merchant=shop, name="Help desk", url="https://desk.shop.example/hook", active=False, created_at=at
    )
    renew_secret(listener, at=at)
    make_test(listener, now=at)


def add_settings(shop: Merchant, *, at: datetime) -> None:
    """What says how the chat speaks, looks and whom it believes, what it cost, and who works for the shop."""
    AgentSettings.objects.create(merchant=shop, version=1, tone="dry", changed_at=at)
    WidgetLook.objects.create(merchant=shop, accent="#aa3366")
    make_identity_key(merchant=CatalogMerchantId(str(shop.pk)), name="Shop front", public_key="", at=at)
    ModelSpend.objects.create(merchant=shop, day=at.date(), micros=1_250_000, calls=3)
    clerk = Operator.objects.create_user(f"clerk-{uuid.uuid4().hex[:8]}", password="x", is_staff=True)
    Membership.objects.create(operator=clerk, merchant=shop, role=Role.OWNER, created_at=at)


@pytest.fixture(scope="session")
def visits(merchant: Merchant, talk: Talk, draft: FeedDraft) -> Visits:
    """What each role is shown of that shop."""
    return Visits(merchant)


@pytest.fixture(scope="session")
def draft(merchant: Merchant) -> FeedDraft:
    return FeedDraft.objects.create(
        merchant=merchant, file_name="secret.tsv", body=b"id\ttitle\tprice\n", made_at=datetime.now(UTC)
    )


@pytest.fixture(scope="session")
def superuser(database: str) -> Operator:
    return Operator.objects.create_superuser(f"owner-{uuid.uuid4().hex[:8]}", "owner@shop.example", "x")


@pytest.fixture
def owner(superuser: Operator) -> Client:
    client = Client()
    client.force_login(superuser)
    return client


@pytest.fixture
def visitor(superuser: Operator) -> Operator:
    """Whose browser it is."""
    return superuser


@pytest.fixture
def page(browser: Browser, running_shop: str, visitor: Operator) -> Iterator[Page]:
    """A page of the visitor's, of whom nobody complains."""
    with open_page(browser, shop=running_shop, visitor=visitor) as opened:
        yield opened


@pytest.fixture
def variant(merchant: Merchant) -> Variant:
    """A variant that no other test changes."""
    unchanged = Variant.objects.filter(merchant=merchant, price_version=1, stock__version=1)
    return unchanged.select_related("stock", "product").order_by("sku")[0]


NOT_OVERDUE = timedelta(hours=6)


@pytest.fixture(scope="session")
def talk(merchant: Merchant) -> Talk:
    return hold_talk(merchant)


def hold_talk(merchant: Merchant) -> Talk:
    """One of its own, whose last message waits: from later on, for a worker of other tests answers what is overdue."""
    shopper = name_shopper(
        merchant.id, key=f"c-{uuid.uuid4().hex[:8]}", name="Ada <b>Lovelace</b>", tier="gold"
    )
    sku = Variant.objects.filter(merchant=merchant).order_by("sku")[0].sku
    conversation, decision = async_to_sync(_hold_talk)(merchant, shopper, sku)
    return Talk(id=conversation, decision=decision, shopper=shopper, sku=sku)


async def _hold_talk(merchant: Merchant, shopper: ShopperCard, sku: str) -> tuple[str, str]:
    now = datetime.now(UTC)
    async with open_platform(quiet=True) as platform:
        service = platform.conversations
        conversation = await service.open_conversation(
            merchant=MerchantId(str(merchant.id)), at=now, shopper=shopper.id, tier="gold"
        )
        await service.record_message(conversation=conversation, cid=ClientMessageId("m1"), text=SAID, at=now)
        turn = await service.take_turn(conversation=conversation, at=now)
        assert turn is not None
        decision = str(uuid.uuid4())
        await service.commit_turn(turn=turn, events=make_reply(sku=sku, decision=decision, at=now), at=now)
        await service.record_arrivals(conversation=conversation, events=(NOTICE,), at=now)
        await service.record_message(
            conversation=conversation, cid=ClientMessageId("m2"), text="Still there?", at=now + NOT_OVERDUE
        )
    return ConversationId(conversation), decision


@contextmanager
def published() -> Iterator[list[tuple[str, Any]]]:
    """The tasks that are really sent to the broker meanwhile: name and arguments."""
    sent: list[tuple[str, Any]] = []

    def note(sender: str, body: Any, **_: object) -> None:
        sent.append((sender, body))

    before_task_publish.connect(note, weak=False)
    try:
        yield sent
    finally:
        before_task_publish.disconnect(note)


def list_events(sent: list[tuple[str, Any]]) -> list[CatalogEvent]:
    """The catalogue events among what was sent, as the worker will read them."""
    return [decode_event(body[0][0]) for name, body in sent if name == "commerce_agent.spread_catalog_event"]
