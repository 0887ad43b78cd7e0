"""A lamp shop with keys of its own, and a client that speaks for it over HTTP."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from catalog.feeds import import_feed
from catalog.ids import MerchantId as CatalogMerchantId
from catalog.merchants import create_merchant
from catalog.models import Merchant
from catalog.products import index_products
from conversations.api.keys import grant_key
from conversations.ids import MerchantId
from conversations.models import ApiKey
from tests.waiting import wait_until

LAMPS = Path(__file__).parent.parent / "scripts" / "lamps.tsv"
Open = Callable[..., httpx2.Client]


def make_shop(*, stocked: bool = False) -> Merchant:
    """A shop that sells in euros; with lamps where they are wanted."""
    merchant = create_merchant(key=f"api-{uuid.uuid4().hex[:12]}", name="Lamps", currency="EUR")
    if stocked:
        now = datetime.now(UTC)
        import_feed(merchant=CatalogMerchantId(str(merchant.id)), path=LAMPS, now=now)
        index_products(merchant=CatalogMerchantId(str(merchant.id)), now=now)
    return Merchant.objects.get(pk=merchant.id)


def make_key(
    merchant: Merchant, *, scope: ApiKey.Scope = ApiKey.Scope.WRITE, per_minute: int = 10_000
) -> tuple[str, ApiKey]:
    """A key of the shop's: its secret and its row."""
    granted = grant_key(
        merchant=MerchantId(str(merchant.id)),
        name="tests",
        scope=scope,
        at=datetime.now(UTC),
        per_minute=per_minute,
    )
    return granted.secret, granted.row


@pytest.fixture(scope="session")
def lamp_shop(database: str) -> Merchant:
    """A stocked shop; tests tell their conversations apart, not its goods."""
    return make_shop(stocked=True)


@pytest.fixture
def shop(database: str) -> Merchant:
    """A shop of this test's own, with nothing in it."""
    return make_shop()


@pytest.fixture
def open_client(running_shop: str) -> Iterator[Open]:
    """Opens clients that send a key."""
    opened: list[httpx2.Client] = []

    def open_one(merchant: Merchant, **wanted: object) -> httpx2.Client:
        secret, _ = make_key(merchant, **wanted)  # type: ignore[arg-type]  # handed on as they are
        client = httpx2.Client(
            base_url=f"{running_shop}/api/v1/",
            headers={"Authorization": f"Bearer {secret}"},
            timeout=40,
            trust_env=False,
        )
        opened.append(client)
        return client

    yield open_one
    for client in opened:
        client.close()


@pytest.fixture
def client(open_client: Open, shop: Merchant) -> httpx2.Client:
    """Speaks for the empty shop and may write."""
    return open_client(shop)


@pytest.fixture
def lamps(open_client: Open, lamp_shop: Merchant) -> httpx2.Client:
    """Speaks for the lamp shop and may write."""
    return open_client(lamp_shop)


def start(client: httpx2.Client) -> str:
    """A new conversation's address, relative to the client's base."""
    answer = client.post("conversations/", json={})
    assert answer.status_code == 201, answer.text
    return f"conversations/{answer.json()['id']}/"


def say(client: httpx2.Client, address: str, text: str) -> dict[str, object]:
    """Says something and waits for the reply's event."""
    taken = client.post(f"{address}messages/", json={"cid": uuid.uuid4().hex, "text": text})
    assert taken.status_code == 202, taken.text
    return wait_for_reply(client, address, after=int(taken.json()["seq"]))


def wait_for_reply(client: httpx2.Client, address: str, *, after: int) -> dict[str, object]:
    """The first reply after a seq, as soon as there is one."""

    def find_reply() -> dict[str, object] | None:
        page = client.get(f"{address}events/", params={"after": after, "wait": 5}).json()
        replies = [one["event"] for one in page["results"] if one["event"]["type"] == "reply.given"]
        return replies[0] if replies else None

    return wait_until(find_reply, seconds=40, what="the reply") or {}
