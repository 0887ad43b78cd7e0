"""The record of looks: its page, its words, and what stands together on it."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from commerce_agent.console.audit import chain_page
from commerce_agent.console.audit.access_words import tell_action
from commerce_agent.models import Operator, Role
from conversations.accesses import INSTALLATION
from conversations.models import AccessRecord
from tests.console.audit.conftest import Kept, log_in, make_member
from tests.console.audit.test_privacy import list_records


def test_the_chain_has_a_page(
    support: Client, supporter: Operator, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    support.get(kept.address("talk"))
    address = reverse("admin:audit_chain")

    shown = support.get(address, {"chain": kept.held.merchant, "subject": f"conversation:{kept.id}"})

    assert shown.context["verified"].is_whole
    entries = [entry for line in shown.context["lines"] for entry in line.entries]
    assert {entry.who for entry in entries} >= {supporter.username}
    assert all(entry.row.subject == f"conversation:{kept.id}" for entry in entries)
    monkeypatch.setattr(chain_page, "VERIFIED_UNASKED", 0)
    unasked = support.get(address, {"chain": kept.held.merchant})
    assert unasked.context["verified"] is None
    assert "Whole" not in unasked.content.decode()
    assert support.get(address, {"chain": kept.held.merchant, "verify": "1"}).context["verified"].is_whole
    wrong = support.get(address, {"chain": kept.held.merchant, "anchor": "1:00"})
    assert "Not whole" in wrong.content.decode()


def test_looks_at_one_thing_stand_in_one_line_and_each_is_a_record(
    support: Client, supporter: Operator, kept: Kept
) -> None:
    before = len(list_records(kept))
    for page in ("talk", "graph", "talk"):
        support.get(kept.address(page))
    support.post(kept.address("reveal"), {"reason": "The shopper asked us to."})
    records = list_records(kept)[before:]
    assert [each.action for each in records] == ["conversation.viewed"] * 3 + ["personal.revealed"]

    shown = support.get(
        reverse("admin:audit_chain"), {"chain": kept.held.merchant, "subject": f"conversation:{kept.id}"}
    )

    own = [line for line in shown.context["lines"] if line.newest.who == supporter.username]
    assert [[entry.row.action for entry in line.entries] for line in own] == [
        ["accesses.viewed"],
        ["personal.revealed"],
        ["conversation.viewed"] * 3,
    ]
    page = shown.content.decode()
    assert "Looked at a conversation, 3 times" in page
    # Every record is told with its number, and the digest of the journal whole, to be copied.
    assert all(f">{each.seq}, <time" in page for each in records[:3])
    digest = dict(json.loads(records[0].detail))["journal"]
    assert page.count(f'data-copy-text="{digest}"') >= 3
    assert f"<code>{digest}</code>" in page


@pytest.mark.parametrize(("page", "action"), [("queue", "queue.viewed"), ("people", "people.listed")])
def test_a_look_at_a_list_by_a_shops_own_staff_lies_in_the_shops_chain(
    support: Client, kept: Kept, page: str, action: str
) -> None:
    clerk = make_member(merchant=kept.held.merchant, role=Role.SUPPORT)
    auditor = log_in(make_member(merchant=kept.held.merchant, role=Role.AUDITOR))
    installation = AccessRecord.objects.filter(merchant_id=INSTALLATION)
    before = installation.count()

    log_in(clerk).get(reverse(f"admin:audit_{page}"))

    assert installation.count() == before
    lines = auditor.get(reverse("admin:audit_chain")).context["lines"]
    assert (action, clerk.username) in {
        (entry.row.action, entry.who) for line in lines for entry in line.entries
    }
    # Whoever sees every shop looks at no single one's list.
    support.get(reverse(f"admin:audit_{page}"))
    assert (installation.count(), installation.latest("seq").action) == (before + 1, action)


def test_of_the_queue_the_record_has_one_of_its_names_and_nothing_that_was_typed(kept: Kept) -> None:
    client = log_in(make_member(merchant=kept.held.merchant, role=Role.SUPPORT))

    shown = client.get(reverse("admin:audit_queue"), {"who": "Grace Hopper"})

    assert (shown.context["who"], json.loads(list_records(kept)[-1].detail)) == ("all", {"who": "all"})


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("conversation.viewed", "Looked at a conversation"),
        ("personal.revealed", "Uncovered what is personal"),
        ("rows.purged", "Let go of what had had its time"),
        ("shopper.married", "Shopper married"),
        ("", ""),
    ],
)
def test_an_action_on_record_is_told_in_words(action: str, told: str) -> None:
    assert tell_action(action) == told
