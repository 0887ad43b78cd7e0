"""What a conversation knows, over HTTP, against what the service says."""

import uuid
from typing import Any

import httpx2
import msgspec
import pytest
from asgiref.sync import async_to_sync

from catalog.models import Merchant
from commerce_agent.composition import open_platform
from commerce_agent.decoding import convert, decode_json
from conversations.events import Recorded
from conversations.graph import build_graph, get_grounds, list_mentions, list_told
from conversations.ids import ConversationId
from conversations.state import ConversationState, fold
from conversations.store.codec import CURRENT_SCHEMA
from tests.api.conftest import Open, make_key, say, start


@pytest.fixture(scope="module")
def talk(lamp_shop: Merchant, running_shop: str) -> str:
    """The address of a conversation with two turns."""
    secret, _ = make_key(lamp_shop)
    with httpx2.Client(
        base_url=f"{running_shop}/api/v1/",
        headers={"Authorization": f"Bearer {secret}"},
        timeout=40,
        trust_env=False,
    ) as client:
        address = start(client)
        say(client, address, "Show me lamps under 100 euros")
        say(client, address, "What is the price of the first one?")
    return address


def load(address: str, *, at: int | None = None) -> ConversationState:
    async def ask() -> ConversationState:
        async with open_platform(quiet=True) as platform:
            name = ConversationId(address.split("/")[1])
            return await platform.conversations.rebuild(conversation=name, up_to=at)

    return async_to_sync(ask)()


def recall(address: str) -> ConversationState:
    async def ask() -> ConversationState:
        async with open_platform(quiet=True) as platform:
            return await platform.conversations.recall(conversation=ConversationId(address.split("/")[1]))

    return async_to_sync(ask)()


def plain(value: object) -> Any:
    return decode_json(msgspec.json.encode(value))


def read_all(client: httpx2.Client, address: str, *, limit: int) -> list[Any]:
    found, cursor = [], ""
    while cursor is not None:
        page = client.get(address, params={"limit": limit, "cursor": cursor}).json()
        assert len(page["results"]) <= limit
        found += page["results"]
        cursor = page["next"]
    return found


def test_the_state_is_the_services(lamps: httpx2.Client, talk: str) -> None:
    state = load(talk)
    earlier = load(talk, at=3)

    now = lamps.get(f"{talk}state/").json()
    before = lamps.get(f"{talk}state/", params={"at": 3}).json()

    assert now == {"version": state.version, "state": plain(state)}
    assert before == {"version": 3, "state": plain(earlier)}
    assert before["state"]["transcript"]["turns"] == 1


def test_entities_come_page_by_page(lamps: httpx2.Client, talk: str) -> None:
    state = recall(talk)

    listed = read_all(lamps, f"{talk}entities/", limit=2)
    page = lamps.get(f"{talk}entities/").json()

    assert len(listed) > 2
    assert listed == [plain(known) for _, known in sorted(state.entities.known.items())]
    assert page["focus"] == plain(state.entities.focus)
    assert page["version"] == state.version
    assert lamps.get(f"{talk}entities/", params={"at": 2}).json() == {
        "results": [],
        "next": None,
        "version": 2,
        "focus": [],
    }


def test_facts_come_with_what_was_told(lamps: httpx2.Client, talk: str) -> None:
    facts = recall(talk).facts

    listed = read_all(lamps, f"{talk}facts/", limit=3)

    assert facts.cited
    assert listed == [
        {"canonical": plain(fact), "cited": plain(facts.cited.get(name)), "conflicts": []}
        for name, fact in sorted(facts.canonical.items())
    ]


def test_decisions_are_those_of_the_journal(lamps: httpx2.Client, talk: str) -> None:
    events = lamps.get(f"{talk}events/").json()["results"]

    listed = read_all(lamps, f"{talk}decisions/", limit=1)

    assert [one["decision"]["turn"] for one in listed] == [1, 2]
    assert listed == [
        {"seq": one["seq"], "at": one["at"], "decision": one["event"]["decision"]}
        for one in events
        if one["event"]["type"] == "decision.made"
    ]


def test_an_export_folds_to_the_state(lamps: httpx2.Client, talk: str) -> None:
    answer = lamps.get(f"{talk}export/")

    exported = answer.json()
    events = convert(exported["events"], tuple[Recorded, ...])
    name = talk.split("/")[1]
    assert (exported["conversation"], exported["schema"]) == (name, CURRENT_SCHEMA)
    assert fold(ConversationState(), events) == load(talk)
    assert answer.headers["content-disposition"] == f'attachment; filename="conversation-{name}.json"'


def test_events_come_without_a_gap(lamps: httpx2.Client, open_client: Open, talk: str) -> None:
    whole = lamps.get(f"{talk}export/").json()["events"]

    found: list[Any] = []
    after = 0
    while page := lamps.get(f"{talk}events/", params={"after": after, "limit": 7}).json():
        found += page["results"]
        if page["after"] == after:
            break
        after = page["after"]

    assert found == whole
    assert [one["seq"] for one in found] == list(range(1, len(whole) + 1))


def test_the_graph_answers_what_was_meant_told_and_rested_on(lamps: httpx2.Client, talk: str) -> None:
    events = convert(lamps.get(f"{talk}export/").json()["events"], tuple[Recorded, ...])
    graph = build_graph(events)
    decision = lamps.get(f"{talk}decisions/").json()["results"][1]["decision"]["id"]
    focus = load(talk).entities.focus[0]

    whole = lamps.get(f"{talk}graph/")
    earlier = lamps.get(f"{talk}graph/", params={"at": 4}).json()
    mentions = lamps.get(f"{talk}graph/mentions/", params={"key": focus.key}).json()
    told = lamps.get(f"{talk}graph/told/", params={"turn": 2}).json()
    grounds = lamps.get(f"{talk}graph/decisions/{decision}/").json()
    nobody = lamps.get(f"{talk}graph/decisions/{uuid.uuid4()}/")

    assert whole.json() == plain(graph)
    for at in (4, graph.version):
        known = lamps.get(f"{talk}state/", params={"at": at, "graph": "true"}).json()
        assert known["graph"] == plain(build_graph(events[:at]))
        assert known == {
            **lamps.get(f"{talk}state/", params={"at": at}).json(),
            "graph": known["graph"],
        }
    assert earlier == plain(build_graph(events[:4]))
    by_whom = [
        (one["mention"].get("by", "shopper"), one["mention"]["reference"]["text"])
        for one in mentions["mentions"]
    ]
    assert ("shopper", "the first one") in by_whom
    assert ("assistant", load(talk).entities.known[focus.key].entity.name) in by_whom
    assert mentions["mentions"] == plain(list_mentions(graph, ref=focus))
    assert told == {"version": graph.version, "told": plain(list_told(graph, turn=2))}
    ref = list_told(graph, turn=2)[0].fact.subject
    about = lamps.get(f"{talk}graph/told/", params={"kind": ref.kind, "key": ref.key}).json()
    assert about["told"] == plain(list_told(graph, about=ref))
    assert {one["fact"]["subject"]["key"] for one in about["told"]} == {ref.key}
    assert "price" in [one["fact"]["name"] for one in told["told"]]
    assert grounds == plain(get_grounds(graph, decision=decision))
    assert (nobody.status_code, nobody.json()["type"]) == (404, "urn:commerce-agent:no-such-decision")
