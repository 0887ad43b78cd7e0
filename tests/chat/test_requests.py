"""The same talk over plain requests, for networks that let no socket through."""

import asyncio
import json
import time
import uuid
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from catalog.models import Merchant
from commerce_agent.chat.tickets import grant_ticket
from conversations.models import Conversation
from tests.chat.shopper import Frame, Gate
from tests.chat.signing import claim, give_key, sign


class Requests:
    """A widget that has no socket."""

    def __init__(self, *, http: httpx2.AsyncClient, merchant: Merchant) -> None:
        self.http = http
        self.key = merchant.key
        self.hello: dict[str, Any] = {
            "t": "hello",
            "v": 1,
            "ticket": grant_ticket(merchant=merchant.key),
            "resume": f"{uuid.uuid4()}{uuid.uuid4()}",
        }
        self.frames: list[Frame] = []

    @property
    def last(self) -> int:
        return max((frame["seq"] for frame in self.frames if "seq" in frame), default=0)

    @property
    def headers(self) -> dict[str, str]:
        return {"Chat-Hello": quote(json.dumps(self.hello))}

    async def post(self, **frame: Any) -> list[Frame]:
        address = f"/w/{self.key}/messages/?after={self.last}"
        return self._keep(await self.http.post(address, json=frame, headers=self.headers))

    async def get(self, *, wait: int = 10, **headers: str) -> list[Frame]:
        address = f"/w/{self.key}/events/?after={self.last}&wait={wait}"
        return self._keep(await self.http.get(address, headers={**self.headers, **headers}))

    async def have(self, kind: str) -> Frame:
        """The first frame of this kind, asked for until it comes."""
        async with asyncio.timeout(60):
            while True:
                for frame in self.frames:
                    if frame["t"] == kind:
                        return frame
                await self.get()

    def _keep(self, answer: httpx2.Response) -> list[Frame]:
        assert answer.status_code == 200, answer.text
        frames: list[Frame] = answer.json()
        self.frames += frames
        return frames


@pytest.fixture
async def requests(running_shop: str, merchant: Merchant) -> Any:
    async with httpx2.AsyncClient(base_url=running_shop, timeout=40) as http:
        yield Requests(http=http, merchant=merchant)


async def test_a_talk_needs_no_socket(requests: Requests, gate: Gate) -> None:
    (welcome,) = await requests.post(**requests.hello)
    cid = str(uuid.uuid4())
    answers = await requests.post(t="msg", cid=cid, text="What is your return policy?")
    done = await requests.have("done")
    again = await requests.post(t="msg", cid=cid, text="What is your return policy?")

    assert (welcome["t"], welcome["head"]) == ("welcome", 0)
    assert [frame["t"] for frame in answers][:2] == ["ack", "user"]
    assert done["text"]
    assert (again[0]["t"], again[0]["dup"]) == ("ack", True)

    async with gate.open() as socket:
        await socket.hello(resume=requests.hello["resume"])
        await socket.expect("done")
    durable = {frame["seq"]: frame for frame in requests.frames if "seq" in frame}
    assert [durable[seq] for seq in sorted(durable)] == socket.durable


async def test_a_question_for_events_waits_for_them(requests: Requests, gate: Gate) -> None:
    await requests.post(**requests.hello)
    await requests.post(t="msg", cid=str(uuid.uuid4()), text="hello")
    await requests.have("done")
    asked = asyncio.create_task(requests.get(wait=20))
    async with gate.open() as socket:
        await socket.hello(resume=requests.hello["resume"])
        began = time.monotonic()
        await socket.say("from the other tab")
        frames = await asked

    assert time.monotonic() - began < 10
    assert frames[0]["t"] in {"user", "status"}
    assert await requests.get(wait=0) is not None


async def test_who_is_refused_by_the_socket_is_refused_here(
    requests: Requests, other_merchant: Merchant, gate: Gate
) -> None:
    foreign = await requests.get(wait=0, **{"Sec-Fetch-Site": "cross-site"})
    nameless = await requests.get(wait=0, **{"Chat-Hello": ""})
    requests.hello["ticket"] = grant_ticket(merchant=other_merchant.key)
    other = await requests.get(wait=0)
    requests.hello["ticket"] = "forged"
    forged = await requests.post(**requests.hello)

    assert [frame["code"] for frame in (*foreign, *nameless, *other, *forged)] == [
        4403,
        "bad_frame",
        4403,
        4403,
    ]
    assert not Conversation.objects.filter(merchant_id=other_merchant.pk).exists()


async def test_a_shoppers_talk_needs_the_shopper_here_too(requests: Requests, merchant: Merchant) -> None:
    await requests.post(**requests.hello)
    key = give_key(merchant)
    frames = await requests.post(t="identify", cid=str(uuid.uuid4()), jwt=sign(key, claim(merchant)))
    proof = frames[1]["proof"]
    requests.hello["proof"] = proof
    await requests.post(t="msg", cid=str(uuid.uuid4()), text="my secret")
    await requests.have("done")

    thief = Requests(http=requests.http, merchant=merchant)
    thief.hello["resume"] = requests.hello["resume"]
    assert await thief.get(wait=0) == []
    assert (await thief.post(**thief.hello))[0]["head"] == 0


async def test_too_many_requests_are_put_off(requests: Requests) -> None:
    for _ in range(20):
        frames = await requests.post(t="msg", cid=str(uuid.uuid4()), text="again")
        assert frames[0]["t"] == "ack"
    # Another handle makes nobody another client.
    requests.hello["resume"] = f"{uuid.uuid4()}{uuid.uuid4()}"
    requests.hello["lang"] = "fr"
    frames = await requests.post(t="msg", cid=str(uuid.uuid4()), text="one more")

    assert (frames[-1]["t"], frames[-1]["code"]) == ("error", "slow_down")
    assert frames[-1]["text"] == "C'était beaucoup à la fois. Nouvel envoi dans un instant."
