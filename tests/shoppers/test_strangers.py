"""Whoever brings an id that is another's hears exactly what they would hear of one that does not exist."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest

from catalog.merchants import create_merchant
from catalog.models import Merchant, Order
from commerce_agent.chat.tickets import grant_ticket
from commerce_agent.management.apart import measure_apart
from conversations.api.keys import grant_key
from conversations.ids import MerchantId
from conversations.models import ApiKey
from tests.naming import name_shopper
from tests.shoppers.conftest import Visitor, buy, get_reply

UNLIKE = {"date", "expires", "x-request-id"}


@pytest.fixture
def http(running_shop: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=running_shop, timeout=30, trust_env=False) as client:
        yield client


def describe(answer: httpx2.Response, *, brought: str) -> tuple[int, dict[str, str], str]:
    """All that a stranger sees of an answer, without the id that they brought."""
    headers = {name: value for name, value in answer.headers.items() if name not in UNLIKE}
    return answer.status_code, headers, answer.text.replace(brought, "ID")


def make_shop() -> tuple[Merchant, httpx2.Headers]:
    shop = create_merchant(key=f"strangers-{uuid4().hex[:12]}", name="Strangers")
    merchant, now = MerchantId(str(shop.id)), datetime.now(UTC)
    key = grant_key(merchant=merchant, name="test", scope=ApiKey.Scope.WRITE, at=now)
    return shop, httpx2.Headers({"Authorization": f"Bearer {key.secret}"})


def test_another_shops_conversation_and_shopper_answer_like_none(http: httpx2.Client, database: str) -> None:
    (another, theirs), (_, ours) = make_shop(), make_shop()
    shopper = f"eve-{uuid4().hex}"
    name_shopper(another.pk, key=shopper, name="Eve")
    talk = str(http.post("/api/v1/conversations/", json={"shopper": shopper}, headers=theirs).json()["id"])
    paths = [f"conversations/ID/{part}" for part in ("", "state/", "events/", "graph/", "export/")]
    paths += ["shoppers/ID/memory/", "shoppers/ID/export/"]

    for path in paths:
        name = talk if path.startswith("conversations") else shopper
        assert http.get(f"/api/v1/{path.replace('ID', name)}", headers=theirs).status_code == 200
        told, untold = (
            describe(http.get(f"/api/v1/{path.replace('ID', brought)}", headers=ours), brought=brought)
            for brought in (name, str(uuid4()))
        )
        assert told[0] == 404
        assert told == untold, path


def test_another_shops_handle_opens_nothing_and_says_nothing(http: httpx2.Client, database: str) -> None:
    (theirs, _), (ours, _) = make_shop(), make_shop()
    handle = f"{uuid4()}{uuid4()}"

    def greet(shop: Merchant, resume: str) -> dict[str, str]:
        hello = {"t": "hello", "v": 1, "ticket": grant_ticket(merchant=shop.key), "resume": resume}
        return {"Chat-Hello": quote(json.dumps(hello))}

    def look(shop: Merchant, resume: str) -> httpx2.Response:
        return http.get(f"/w/{shop.key}/events/?after=0&wait=0", headers=greet(shop, resume))

    said = {"t": "msg", "cid": str(uuid4()), "text": "a secret wish"}
    http.post(f"/w/{theirs.key}/messages/", headers=greet(theirs, handle), json=said)

    assert "a secret wish" in look(theirs, handle).text
    told, untold = (
        describe(look(ours, brought), brought=brought) for brought in (handle, f"{uuid4()}{uuid4()}")
    )
    assert told == untold
    assert "wish" not in told[2]


async def test_another_customers_order_answers_like_none(ada: Visitor) -> None:
    buy(ada.merchant, "TENT-G", customer="eve")
    theirs = await Order.objects.aget(merchant_id=ada.merchant, customer_key="eve")
    nothing = uuid4().hex[:8]

    replies = []
    for number in (theirs.number, nothing):
        ada.talk = None
        replies.append(get_reply(await ada.say(f"where is my order {number}?")).replace(number, "ID"))
    assert replies[0] == replies[1]
    assert "tent" not in replies[0].lower()


async def test_no_door_tells_by_what_it_answers(database: str) -> None:
    """The command measures how long each takes; here it is held that every door answers both alike."""
    report = await measure_apart(rounds=3)

    turns = {"turn_ms", "search_ms", "turn_processor_ms", "search_processor_ms"}
    assert set(report) == {"statement_ms", "strangers_ms", "chain", *turns}
    assert set(report["chain"]) == {"records_per_s", "commits_per_s", "ratio"}  # type: ignore[call-overload]
    assert set(report["strangers_ms"]) == {"conversation", "handle", "shopper", "order"}  # type: ignore[call-overload]
