"""What a shopper takes along and has destroyed: this conversation, or everything, where the shop vouches for them."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from catalog.models import Merchant
from commerce_agent.chat.tickets import grant_ticket
from commerce_agent.composition import Platform
from conversations.models import AccessRecord, Conversation, JournalEntry
from tests.browser.scenes import propose
from tests.chat.shopper import Gate, Shopper
from tests.chat.signing import claim, give_key, sign
from tests.chat.test_reading import append


def make_secret() -> str:
    return f"{uuid.uuid4()}{uuid.uuid4()}"


async def identify(shopper: Shopper, token: str) -> str:
    """Has the shop vouch for the shopper; the proof of it."""
    await shopper.send(t="identify", cid=str(uuid.uuid4()), jwt=token)
    return str((await shopper.expect("welcome"))["proof"])


async def begin(shopper: Shopper, *, resume: str, text: str = "hello") -> None:
    await shopper.hello(resume=resume)
    await shopper.say(text)
    await shopper.expect("done")


@pytest.fixture
async def http(running_shop: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=running_shop, timeout=30) as client:
        yield client


async def ask(http: httpx2.AsyncClient, merchant: Merchant, *, of: str = "", **hello: Any) -> httpx2.Response:
    said = {"t": "hello", "v": 1, "ticket": grant_ticket(merchant=merchant.key), **hello}
    headers = {"Chat-Hello": quote(json.dumps(said))}
    return await http.get(f"/w/{merchant.key}/export/?of={of}", headers=headers)


async def test_a_conversation_is_taken_along_without_what_its_buttons_send(
    gate: Gate, merchant: Merchant, platform: Platform, http: httpx2.AsyncClient
) -> None:
    secret = make_secret()
    async with gate.open() as shopper:
        await begin(shopper, resume=secret)
        await append(platform, merchant, propose())
        await shopper.hello(seq=1)
        proposal = await shopper.expect("proposal")

    answer = await ask(http, merchant, resume=secret)

    frames = answer.json()
    assert [frame["seq"] for frame in frames] == list(range(1, proposal["seq"] + 1))
    assert (frames[0]["t"], frames[0]["text"], frames[-1]["t"]) == ("user", "hello", "proposal")
    assert proposal["token"]
    assert proposal["token"] not in answer.text
    assert answer.headers["Content-Disposition"].startswith("attachment")
    taken = AccessRecord.objects.filter(merchant_id=merchant.pk, action="conversation.exported")
    assert [row.actor async for row in taken] == ["shopper"]


async def test_everything_is_handed_to_who_was_vouched_for_and_to_nobody_else(
    gate: Gate, merchant: Merchant, http: httpx2.AsyncClient
) -> None:
    secret = make_secret()
    async with gate.open() as shopper:
        await begin(shopper, resume=secret, text="my secret")
        proof = await identify(shopper, sign(give_key(merchant), claim(merchant, name="Ada Moss")))

    mine = await ask(http, merchant, of="everything", resume=secret, proof=proof)
    refused = [
        await ask(http, merchant, of="everything", resume=secret),
        await ask(http, merchant, resume=secret),
        await ask(http, merchant, resume=make_secret()),
        await ask(http, merchant, of="everything", resume=secret, proof=proof, ticket="made up"),
    ]

    assert (mine.json()["name"], mine.json()["conversations"][0]["lines"][0]["text"]) == (
        "Ada Moss",
        "my secret",
    )
    assert [(answer.status_code, answer.json()[0]["t"]) for answer in refused] == [
        (403, "error"),
        (403, "error"),
        (403, "error"),
        (403, "bye"),
    ]
    assert not any("secret" in answer.text for answer in refused)
    looked = AccessRecord.objects.filter(merchant_id=merchant.pk, action__contains="read").order_by("seq")
    assert [(row.action, row.purpose) async for row in looked] == [
        ("shopper.read", "came back with the shop's word"),
        ("profile.read", "asked in the chat"),
    ]


async def test_deleting_a_conversation_of_a_known_shopper_leaves_the_others(
    gate: Gate, merchant: Merchant
) -> None:
    key, old, new = give_key(merchant), make_secret(), make_secret()
    for secret in (old, new):
        async with gate.open() as shopper:
            await shopper.hello(resume=secret)
            await identify(shopper, sign(key, claim(merchant)))
            await shopper.say("hello")
            await shopper.expect("done")
    talks = [row async for row in Conversation.objects.filter(merchant_id=merchant.pk).order_by("opened_at")]
    assert talks[0].shopper_id == talks[1].shopper_id is not None

    cid = str(uuid.uuid4())
    async with gate.open() as shopper:
        await shopper.hello(resume=make_secret())
        await shopper.send(t="identify", cid=str(uuid.uuid4()), jwt=sign(key, claim(merchant)), resume=new)
        await shopper.expect("done")
        await shopper.send(t="erase", cid=cid)
        await shopper.expect("ack", lambda frame: frame["cid"] == cid)
        assert await shopper.expect_close() == 4012

    left = [
        await JournalEntry.objects.filter(merchant_id=merchant.pk, conversation_id=talk.pk).acount()
        for talk in talks
    ]
    assert left[0] > 0
    assert left[1] == 0
    async with gate.open() as shopper:
        await shopper.hello(resume=make_secret())
        await shopper.send(t="identify", cid=str(uuid.uuid4()), jwt=sign(key, claim(merchant)), resume=old)
        assert (await shopper.expect("done"))["text"]


async def test_everything_is_deleted_only_for_who_was_vouched_for(gate: Gate, merchant: Merchant) -> None:
    secret = make_secret()
    async with gate.open() as shopper:
        await begin(shopper, resume=secret)
        await shopper.send(t="erase", cid=str(uuid.uuid4()), everything=True)
        refused = await shopper.expect("error")
        await identify(shopper, sign(give_key(merchant), claim(merchant)))
        await shopper.send(t="erase", cid=str(uuid.uuid4()), everything=True)
        await shopper.expect_close()

    assert refused["code"] == "not_identified"
    assert not await JournalEntry.objects.filter(merchant_id=merchant.pk).aexists()
    erased = await Conversation.objects.select_related("shopper").aget(merchant_id=merchant.pk)
    assert erased.erased_at is not None
    assert erased.shopper is not None
    assert erased.shopper.tier == ""


async def test_everything_is_deleted_before_anything_is_said_too(gate: Gate, merchant: Merchant) -> None:
    key = give_key(merchant)
    async with gate.open() as shopper:
        await shopper.hello(resume=make_secret())
        await identify(shopper, sign(key, claim(merchant, tier="gold")))
        await shopper.say("my secret")
        await shopper.expect("done")

    cid = str(uuid.uuid4())
    async with gate.open() as elsewhere:
        assert (await elsewhere.hello(resume=make_secret(), lang="de"))["head"] == 0
        await elsewhere.send(t="erase", cid=str(uuid.uuid4()))
        refused = await elsewhere.expect("error")
        await elsewhere.send(t="erase", cid=str(uuid.uuid4()), everything=True)
        unknown = await elsewhere.expect("error")
        assert await JournalEntry.objects.filter(merchant_id=merchant.pk).aexists()
        await identify(elsewhere, sign(key, claim(merchant)))
        await elsewhere.send(t="erase", cid=cid, everything=True)
        await elsewhere.expect("ack", lambda frame: frame["cid"] == cid)
        assert await elsewhere.expect_close() == 4012

    assert (refused["code"], unknown["code"]) == ("not_open", "not_identified")
    assert refused["text"] == "Es gibt noch kein Gespräch. Bitte senden Sie zuerst eine Nachricht."
    assert not await JournalEntry.objects.filter(merchant_id=merchant.pk).aexists()
