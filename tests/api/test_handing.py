"""A person joins in the merchant's own desk, and leaves again."""

import httpx2
import pytest

from tests.api.conftest import start


def list_kinds(client: httpx2.Client, address: str) -> list[str]:
    return [one["event"]["type"] for one in client.get(f"{address}events/").json()["results"]]


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
