"""A person joins in the merchant's own desk, and leaves again."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from commerce_agent.composition import open_platform
from conversations.ids import ConversationId
from conversations.service import Person
from tests.api.conftest import start, wait_for_reply


def list_kinds(client: httpx2.Client, address: str) -> list[str]:
    return [one["event"]["type"] for one in client.get(f"{address}events/").json()["results"]]


def join(conversation: str) -> None:
    """A person takes the conversation over in the console."""
    now = datetime.now(UTC)

    async def run() -> bool:
        async with open_platform(quiet=True) as platform:
            return await platform.conversations.visits.join(
                conversation=ConversationId(conversation),
                person=Person(account="operator:5", name="Mara"),
                at=now,
                until=now + timedelta(minutes=5),
            )

    assert asyncio.run(run())


def test_a_conversation_goes_to_a_person_and_back_once(client: httpx2.Client) -> None:
    address = start(client)

    def hand(to: str, text: str = "") -> dict[str, object]:
        answer = client.post(f"{address}handoff/", json={"to": to, "text": text})
        assert answer.status_code == 200, answer.text
        told: dict[str, object] = answer.json()
        return told

    assert hand("assistant") == {"to": "assistant", "version": 1, "changed": False}
    assert hand("person", "Wants a refund.") == {"to": "person", "version": 2, "changed": True}
    assert hand("person", "Once more.") == {"to": "person", "version": 2, "changed": False}
    assert client.get(f"{address}state/").json()["state"]["transcript"]["handed_off"] is True
    assert hand("assistant", "Ada has left.") == {"to": "assistant", "version": 3, "changed": True}

    events = [one["event"] for one in client.get(f"{address}events/").json()["results"]]
    assert events[1:] == [
        {"type": "handoff.requested", "text": "Wants a refund."},
        {"type": "handoff.ended", "text": "Ada has left.", "name": "", "note": "", "cause": ""},
    ]
    assert client.get(f"{address}state/").json()["state"]["transcript"]["handed_off"] is False


@pytest.mark.parametrize(
    "body", [{}, {"to": "nobody"}, {"to": "person", "text": "\x00"}, {"to": "person", "by": "Ada"}]
)
def test_what_cannot_be_read_hands_nothing_over(client: httpx2.Client, body: dict[str, str]) -> None:
    address = start(client)

    refused = client.post(f"{address}handoff/", json=body)

    assert (refused.status_code, refused.json()["type"]) == (422, "urn:commerce-agent:bad-body")
    assert list_kinds(client, address) == ["conversation.opened"]


def test_what_was_said_to_the_person_is_answered_once_the_assistant_has_the_talk_again(
    lamps: httpx2.Client,
) -> None:
    address = start(lamps)
    join(address.split("/")[1])
    taken = lamps.post(f"{address}messages/", json={"cid": uuid.uuid4().hex, "text": "a green lamp"}).json()
    text = "Paid with 4111 1111 1111 1111."

    handed = lamps.post(f"{address}handoff/", json={"to": "assistant", "text": text})

    assert handed.json()["changed"] is True
    reply = wait_for_reply(lamps, address, after=int(taken["seq"]))
    assert (reply["turn"], reply["status"]) == (1, "ok")
    events = [one["event"] for one in lamps.get(f"{address}events/").json()["results"]]
    (ended,) = (event for event in events if event["type"] == "handoff.ended")
    assert ended["text"] == "Paid with [card number removed]."
