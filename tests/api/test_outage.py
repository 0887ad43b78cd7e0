"""The API while PostgreSQL or Redis is out of reach, and after a shopper was forgotten."""

import uuid
from pathlib import Path

import httpx2
import pytest
from asgiref.sync import async_to_sync

from catalog.models import Merchant
from commerce_agent.composition import open_platform
from conversations.ids import MerchantId
from conversations.models import Conversation
from tests.api.conftest import make_key, make_shop, say, start
from tests.chat.serving import serving
from tests.running import find_free_port

NOBODY = "127.0.0.1:9"


def open_client(base: str, merchant: Merchant) -> httpx2.Client:
    secret, _ = make_key(merchant)
    return httpx2.Client(
        base_url=f"{base}/api/v1/",
        headers={"Authorization": f"Bearer {secret}"},
        timeout=60,
        trust_env=False,
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_postgresql_nothing_is_done_and_it_is_said(
    database: str, shop: Merchant, tmp_path: Path, method: str
) -> None:
    out_of_reach = {"DATABASE_URL": f"postgres://app@{NOBODY}/none"}
    body = {} if method == "POST" else None
    served = serving(port=find_free_port(), log=tmp_path / "web.log", **out_of_reach)
    with served as base, open_client(base, shop) as client:
        answer = client.request(method, "conversations/", json=body)

    assert (answer.status_code, answer.json()) == (
        503,
        {
            "type": "urn:commerce-agent:unavailable",
            "title": "Service Unavailable",
            "status": 503,
            "detail": "The journal is out of reach; nothing was done. Send the same request again.",
            "retry_after": 2,
        },
    )
    assert answer.headers["retry-after"] == "2"
    assert answer.headers["content-type"] == "application/problem+json"
    assert not Conversation.objects.filter(merchant_id=shop.id).exists()


def test_without_redis_it_goes_on(lamp_shop: Merchant, tmp_path: Path) -> None:
    with (
        serving(port=find_free_port(), log=tmp_path / "web.log", REDIS_URL=f"redis://{NOBODY}/0") as base,
        open_client(base, lamp_shop) as client,
    ):
        address = start(client)
        reply = say(client, address, "Show me lamps")
        state = client.get(f"{address}state/").json()["state"]

    assert (reply["turn"], reply["status"]) == (1, "ok")
    assert state["transcript"]["tail"][0]["said"] == "Show me lamps"


def test_what_was_erased_is_gone_and_it_is_said(client: httpx2.Client, shop: Merchant) -> None:
    address = start(client)
    name = address.split("/")[1]
    hello = {"cid": uuid.uuid4().hex, "text": "Hello?"}
    first = client.post(f"{address}messages/", json=hello)

    async def forget() -> None:
        async with open_platform(quiet=True) as platform:
            await platform.key_keeper.forget_key(merchant=MerchantId(str(shop.id)), owner=name)

    async_to_sync(forget)()
    with open_client(str(client.base_url).removesuffix("/api/v1/"), shop) as later:
        listed = later.get("conversations/").json()["results"]
        said = later.post(f"{address}messages/", json={"cid": uuid.uuid4().hex, "text": "Hello?"})
        again = later.post(f"{address}messages/", json=hello)
    with open_client(str(client.base_url).removesuffix("/api/v1/"), make_shop()) as stranger:
        theirs = stranger.get(f"{address}state/")
        none = stranger.get(f"conversations/{uuid.uuid4()}/state/")

    assert (theirs.status_code, theirs.content) == (404, none.content)
    assert [one["id"] for one in listed] == [name]
    assert said.status_code == 410
    assert said.json()["type"] == "urn:commerce-agent:erased"
    # Its id is known for ever, and has no second effect: it is answered as it was.
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == {**first.json(), "duplicate": True}
