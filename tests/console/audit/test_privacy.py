"""What is personal is covered until somebody says why; every look is on record before it is answered."""

import io
import json
import re
import uuid
import zipfile
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from commerce_agent.console.audit import gate
from commerce_agent.console.audit.addresses import (
    ACTS_ON_A_CONVERSATION,
    FOR_OWNERS,
    OF_A_CONVERSATION,
    PAGES,
)
from commerce_agent.console.audit.indexing import index_conversations
from commerce_agent.console.audit.masking import COVERED, Mask
from commerce_agent.models import Case, Operator, Role, SavedView
from conversations.accesses import verify_chain
from conversations.events.decisions import DecisionMade
from conversations.events.facts import FactsObserved, FactSuperseded
from conversations.models import AccessRecord, Conversation
from tests.console.audit.conftest import EMAIL, PHONE, Kept, log_in, make_member

READ = [name for _, _, name in OF_A_CONVERSATION]
FOR_ALL = [name for _, _, name in PAGES if name not in {"views", "next"}]
ACTS = [name for _, _, name in ACTS_ON_A_CONVERSATION]
CANARIES = ("Grace", "Hopper", EMAIL, PHONE)


def list_records(kept: Kept) -> list[AccessRecord]:
    return list(AccessRecord.objects.filter(merchant_id=kept.held.merchant).order_by("seq"))


def list_more(kept: Kept, page: str) -> list[object]:
    """What else its address names: the turn in which all that is personal was said, or a fact of the news before it."""
    news = next(each.event.fact for each in kept.held.events if isinstance(each.event, FactSuperseded))
    more: dict[str, list[object]] = {"turn": [11], "fact": [news.id]}
    return more.get(page, [])


def find_address(kept: Kept, page: str) -> str:
    return kept.address(page, *list_more(kept, page))


def read(answer: object) -> str:
    body: bytes = answer.content  # type: ignore[attr-defined]
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "\n".join(archive.read(name).decode() for name in archive.namelist())
    return body.decode()


@pytest.mark.parametrize("page", READ)
def test_what_is_personal_is_covered_on_every_page(support: Client, kept: Kept, page: str) -> None:
    answer = support.get(find_address(kept, page))

    text = read(answer)
    assert answer.status_code == 200
    assert [canary for canary in (*CANARIES, kept.shopper.key) if canary in text] == []


def test_every_view_is_on_record_before_it_is_answered(
    support: Client, supporter: Operator, kept: Kept
) -> None:
    for page in READ:
        before = len(list_records(kept))
        support.get(find_address(kept, page))
        (record,) = list_records(kept)[before:]
        assert (record.action, record.actor, record.subject) == (
            "conversation.viewed", f"operator:{supporter.pk}", f"conversation:{kept.id}",
        )  # fmt: skip
    assert verify_chain(chain=Conversation.objects.get(pk=kept.id).merchant_id).is_whole


def test_a_live_page_watches_itself_alone(support: Client, kept: Kept) -> None:
    watch = {"watch": support.get(kept.address("live")).context["watch"]}
    before = len(list_records(kept))

    again = support.get(kept.address("live"), watch)
    assert len(list_records(kept)) == before
    assert again.context["watch"] == watch["watch"]

    others = [page for page in READ if page != "live"]
    for page in others:
        support.get(find_address(kept, page), watch)
    assert len(list_records(kept)) == before + len(others)


def test_what_a_colleague_noted_is_covered_too(support: Client, onlooker: Client, kept: Kept) -> None:
    support.post(
        kept.address("note"), {"text": f"Grace Hopper, {EMAIL}, called from 01712345678.", "turn": "1"}
    )

    for address in (kept.address("case"), kept.address("talk"), kept.address("turn", 1)):
        text = onlooker.get(address).content.decode()
        assert [canary for canary in (*CANARIES, "01712345678") if canary in text] == [], address
        assert COVERED in text
    Case.objects.filter(pk=kept.id).delete()


def test_without_a_record_nothing_is_shown(
    support: Client, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    class OutOfReach(Exception):
        pass

    def refuse(*_: object, **__: object) -> None:
        raise OutOfReach

    monkeypatch.setattr(gate, "record_access", refuse)

    with pytest.raises(OutOfReach):
        support.get(kept.address("talk"))


def test_a_reason_shows_it_and_is_kept(support: Client, supporter: Operator, kept: Kept) -> None:
    reason = "The shopper has called about order 1007"

    answer = support.post(kept.address("reveal"), {"reason": reason, "next": kept.address("talk")})

    assert (answer.status_code, answer["Location"]) == (302, kept.address("talk"))
    page = support.get(kept.address("talk"))
    assert "Grace Hopper" in page.content.decode()
    assert EMAIL in page.content.decode()
    revealed, viewed = list_records(kept)[-2:]
    assert (revealed.action, revealed.purpose, revealed.actor) == (
        "personal.revealed", reason, f"operator:{supporter.pk}",
    )  # fmt: skip
    detail, events = json.loads(viewed.detail), len(kept.held.events)
    assert re.fullmatch(rf"{events}:[0-9a-f]{{64}}", detail.pop("journal"))
    assert detail == {"page": "talk", "events": str(events), "revealed": "yes"}


def test_it_is_covered_again_after_a_quarter_of_an_hour(
    support: Client, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    support.post(kept.address("reveal"), {"reason": "The shopper has called us"})
    assert "Grace Hopper" in support.get(kept.address("talk")).content.decode()

    later = datetime.now(UTC) + timedelta(minutes=16)
    monkeypatch.setattr(gate, "read_now", lambda: later)
    assert "Grace Hopper" not in support.get(kept.address("talk")).content.decode()


@pytest.mark.parametrize("reason", ["", "because", "         x         "])
def test_without_a_reason_nothing_is_shown(support: Client, kept: Kept, reason: str) -> None:
    before = len(list_records(kept))

    support.post(kept.address("reveal"), {"reason": reason})

    assert len(list_records(kept)) == before
    assert "Grace" not in support.get(kept.address("talk")).content.decode()


def test_what_one_has_revealed_stays_covered_for_others(
    support: Client, onlooker: Client, kept: Kept
) -> None:
    support.post(
        kept.address("reveal"), {"reason": "The shopper has called us", "next": "https://evil.example/"}
    )

    assert "Grace" not in onlooker.get(kept.address("talk")).content.decode()


def test_nobody_is_sent_elsewhere(support: Client, kept: Kept) -> None:
    answer = support.post(
        kept.address("reveal"), {"reason": "The shopper has called us", "next": "https://evil.example/"}
    )

    assert answer["Location"] == kept.address("talk")


def test_strangers_see_nothing_and_leave_no_trace(stranger: Client, kept: Kept) -> None:
    before = len(list_records(kept))
    addresses = [find_address(kept, name) for name in READ] + [
        reverse(f"admin:audit_{name}") for _, _, name in PAGES
    ]

    for address in addresses:
        assert stranger.get(address).status_code == 403, address
        assert Client().get(address).status_code == 302, address

    assert len(list_records(kept)) == before


def test_a_conversation_that_is_not_there_is_not_found(support: Client, kept: Kept) -> None:
    for _, _, name in (*OF_A_CONVERSATION, *ACTS_ON_A_CONVERSATION):
        more = ["00000000-0000-4000-8000-000000000000", *list_more(kept, name)]
        address = reverse(f"admin:audit_{name}", args=more)
        answer = support.post(address) if name in ACTS else support.get(address)
        assert answer.status_code == 404, name


def test_every_page_has_the_strict_policy(kept: Kept) -> None:
    owner = log_in(make_member(merchant=kept.held.merchant, role=Role.OWNER))
    of_it = [find_address(kept, name) for name in (*READ, *(name for _, _, name in FOR_OWNERS))]
    for address in of_it + [reverse(f"admin:audit_{name}") for name in FOR_ALL]:
        answer = owner.get(address)
        assert answer.status_code == 200, address
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy
        assert "no-store" in answer["Cache-Control"]
        if answer["Content-Type"].startswith("text/html"):
            page = answer.content.decode()
            assert not re.search(r"\son\w+=|\sstyle=|<script(?![^>]*src=)", page)


def test_a_searched_name_does_not_get_into_the_record(
    support: Client, supporter: Operator, kept: Kept
) -> None:
    while index_conversations():
        pass
    typed = {"q": "Grace Hopper", "order": "Grace Hopper", "sku": EMAIL}
    support.get(reverse("admin:audit_find"), {**typed, "shop": kept.held.merchant, "rule": "matched"})

    record = list_records(kept)[-1]
    assert record.action == "conversations.searched"
    assert json.loads(record.detail) == {
        **dict.fromkeys(typed, "given"),
        "rule": "matched",
        "shop": kept.held.merchant,
    }


def test_what_an_address_is_made_up_with_gets_into_no_record_and_no_kept_search(
    support: Client, supporter: Operator, kept: Kept
) -> None:
    while index_conversations():
        pass
    choices = ("rule", "outcome", "connector", "mark", "planner", "policy", "tool", "flag", "case")
    made_up = dict.fromkeys(
        (*choices, "mine", "waiting", "resolved", "within", "from", "vain"), "Grace Hopper"
    )
    shop = kept.held.merchant

    support.get(reverse("admin:audit_find"), {**made_up, "shop": shop})
    record = list_records(kept)[-1]
    support.get(reverse("admin:audit_find"), {"tool": "search_products", "case": "open", "shop": shop})
    chosen = list_records(kept)[-1]
    query = urlencode({**made_up, "case": "open"})
    support.post(reverse("admin:audit_views"), {"name": "mine", "query": query})

    told = dict.fromkeys(choices, "not a choice") | dict.fromkeys(("mine", "waiting", "resolved"), "yes")
    assert json.loads(record.detail) == {**told, "shop": shop}
    assert json.loads(chosen.detail) == {"tool": "search_products", "case": "open", "shop": shop}
    view = SavedView.objects.get(by=supporter)
    assert view.query == "case=open&mine=yes&waiting=yes&resolved=yes"


def test_what_is_typed_into_the_record_of_looks_gets_into_it_only_as_a_kind_and_an_id(
    support: Client, kept: Kept
) -> None:
    page = reverse("admin:audit_chain")
    for typed in (
        "Grace Hopper",
        "conversation:Grace Hopper",
        "shopper:",
        "name:7",
        "order:0612345678",
        f"conversation:{kept.id}",
    ):
        shown = support.get(page, {"chain": kept.held.merchant, "subject": typed})
        assert shown.context["subject"] == typed

    looks = [each for each in list_records(kept) if each.action == "accesses.viewed"][-6:]
    given = ("", {"subject": "given"})
    assert [(each.subject, json.loads(each.detail or "{}")) for each in looks] == [
        *[given] * 5,
        (f"conversation:{kept.id}", {}),
    ]


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("write to ada@x.example please", f"write to {COVERED} please"),
        ("call +49 171 2345678 or (555) 123-4567", f"call {COVERED} or {COVERED}"),
        ("ship it to 12 Baker Street, London", f"ship it to {COVERED}, London"),
        ("Musterstraße 12, Berlin", f"{COVERED}, Berlin"),
        ("12 rue de la Paix", COVERED),
        ("Ada Lovelace and ADA, not Canada", f"{COVERED} and {COVERED}, not Canada"),
        ("SKU-4821 costs $1,299.00, GTIN 4006381333931", "SKU-4821 costs $1,299.00, GTIN 4006381333931"),
        ("2026-11-25 10:30, 12.11.2026, size 38-40-42", "2026-11-25 10:30, 12.11.2026, size 38-40-42"),
        ("1920 1080 144, 12 350 000, 3 for 2", "1920 1080 144, 12 350 000, 3 for 2"),
    ],
)  # fmt: skip
def test_what_is_taken_for_personal(text: str, covered: str) -> None:
    assert Mask(names=("Ada Lovelace", "Ada", "Lovelace")).cover(text) == covered
    assert Mask(is_lifted=True).cover(text) == text


def test_the_test_that_is_made_runs(support: Client, kept: Kept, tmp_path: Path) -> None:
    answer = support.get(kept.address("script"))
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(tmp_path)
    (script,) = tmp_path.rglob("*.yaml")
    assert sorted(path.suffix for path in script.parent.iterdir()) == [".tsv", ".txt", ".yaml"]

    # Plays every step, and fails where one gives something else than the conversation gave then.
    told = io.StringIO()
    call_command("check_scripts", str(script.parent), stdout=told)
    assert told.getvalue() == "1 of 1 scripts are as expected.\n"
    assert script.read_text().count("expect:") == 16


def test_the_document_holds_every_event_and_decision(support: Client, kept: Kept) -> None:
    told = support.get(kept.address("export")).json()

    assert [event["seq"] for event in told["events"]] == [recorded.seq for recorded in kept.held.events]
    assert [decision["turn"] for decision in told["decisions"]] == list(range(1, 17))
    assert (told["as_written"], told["covered"]) == (True, True)
    assert all(not event["event"]["basis"][packed] for packed in ("answers", "heard") for event in told["events"]
               if event["event"]["type"] == "decision.made")  # fmt: skip


def test_the_complaint_file_proves_itself(support: Client, kept: Kept) -> None:
    page = support.get(kept.address("print")).content.decode()

    assert f"All {len(kept.held.events)} events are those that were written: " in page
    assert "anchor" in page
    assert page.count('class="au-turn"') == 16
    assert "<summary>Why: " not in page
    assert f"What is personal is covered ({COVERED}). Show it" in page


def test_when_a_fact_was_read_and_until_when_it_held_is_printed(support: Client, kept: Kept) -> None:
    """As words: what only a pointer that rests on something shows is neither on paper nor on a phone."""
    whole = support.get(kept.address("print")).content.decode()
    pages = [
        re.findall(r'<section class="au-turn" .*?</section>', whole, re.DOTALL)[0],
        support.get(kept.address("turn", 1)).content.decode(),
    ]
    told = [re.sub(r"<[^>]*>", " ", page) for page in pages]

    events = [recorded.event for recorded in kept.held.events if recorded.turn == 1]
    facts = [fact for event in events if isinstance(event, FactsObserved) for fact in event.facts]
    (used,) = [event.decision.facts for event in events if isinstance(event, DecisionMade)]
    for fact in facts:
        if fact.id in used:
            words = [f"({fact.authority})", f"{fact.observed_at:%-d %b %Y, %H:%M:%S}"]
            words += [f"{fact.valid_until:%-d %b %Y, %H:%M:%S}" if fact.valid_until else "no limit"]
            assert [each for text in told for each in words if each not in text] == [], fact
    assert used


def test_the_document_holds_what_the_staff_noted(support: Client, supporter: Operator, kept: Kept) -> None:
    assert support.get(kept.address("export")).json()["case"] is None
    note = {"text": f"Grace called from {PHONE}.", "turn": "2", "flag": "complaint"}
    support.post(kept.address("note"), note)

    case = support.get(kept.address("export")).json()["case"]

    name = supporter.get_username()
    assert (case["status"], case["assigned_to"]) == ("open", None)
    (noted,), (flag,) = case["notes"], case["flags"]
    assert (noted["turn"], noted["text"], noted["by"]) == (2, f"{COVERED} called from {COVERED}.", name)
    assert (flag["turn"], flag["kind"], flag["by"], flag["resolved_at"]) == (2, "complaint", name, None)
    Case.objects.filter(pk=kept.id).delete()


def test_a_conversations_page_leads_to_who_looked_at_it(
    support: Client, supporter: Operator, kept: Kept
) -> None:
    page = support.get(kept.address("talk")).content.decode()
    (link,) = re.findall(r'href="([^"]+subject=[^"]+)">Who looked</a>', page)

    lines = support.get(unescape(link)).context["lines"]

    assert {each.conversation for line in lines for each in line.entries} == {uuid.UUID(kept.id)}
    assert [(line.newest.who, line.newest.did) for line in lines[:2]] == [
        (supporter.username, "Looked at the record of who looked"),
        (supporter.username, "Looked at a conversation"),
    ]
