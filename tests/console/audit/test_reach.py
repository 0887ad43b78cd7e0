"""Whom the audit shows and lets do what: in another shop nothing, in the own one what the role is for, page by page."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from catalog.ids import MerchantId
from catalog.models import Merchant
from commerce_agent.console.audit.addresses import (
    ACTS_ON_A_CONVERSATION,
    FOR_OWNERS,
    OF_A_CONVERSATION,
    PAGES,
)
from commerce_agent.console.audit.indexing import index_conversations
from commerce_agent.models import Case, CaseNote, Role
from conversations.models import Handover
from tests.console.audit.conftest import Kept, log_in, make_member
from tests.console.audit.test_privacy import ACTS, find_address, list_records
from tests.console.conftest import Talk
from tests.console.test_home import ask_for_what_nobody_sells
from tests.flows.recordings import Scene, hold

WORKERS = {Role.OWNER, Role.SUPPORT}
IN_VAIN = "zeppelins"
POLICY = "returns/category:Lamps@1"
"""A version of a policy that only the shop of the kept conversation has."""
PLACES = {"found", "choice", "queue", "missed"}
ACTED = {"reveal": 302, "take": 302, "say": 409, "back": 302, "typing": 204, "change_case": 302, "note": 302}
"""What each act answers whoever may do it and says nothing further, in this order: nothing is said with no words."""


def enter(shop: object, role: Role) -> Client:
    return log_in(make_member(merchant=shop, role=role))


@pytest.fixture(scope="module")
def in_vain(kept: Kept) -> None:
    """Something was looked for in that shop that it does not have, and everything is indexed."""
    shop = Merchant.objects.get(pk=kept.held.merchant)
    ask_for_what_nobody_sells(shop, words=f"do you sell {IN_VAIN}?")
    while index_conversations():
        pass


@pytest.fixture
def case(kept: Kept, in_vain: None) -> Iterator[Case]:
    """The oldest of all, which nobody has."""
    Case.objects.filter(pk=kept.id).delete()
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    yield Case.objects.create(
        pk=kept.id, merchant_id=kept.held.merchant, opened_at=long_ago, changed_at=long_ago
    )
    Case.objects.filter(pk=kept.id).delete()


def list_places(client: Client, kept: Kept) -> set[str]:
    """Where the pages that are of no one conversation tell of the kept one, or of what its shop alone has."""
    find, queue, missed = (reverse(f"admin:audit_{name}") for name in ("find", "queue", "missed"))
    found = client.get(find, {"q": kept.id})
    chosen = {value for field in found.context["fields"] for value, _ in field["choices"]}
    told = {
        "found": kept.id in {line.id for line in found.context["lines"]},
        "choice": POLICY in chosen,
        "queue": kept.id in client.get(queue).content.decode(),
        "missed": IN_VAIN in client.get(missed).content.decode(),
    }
    return {name for name, is_told in told.items() if is_told}


@pytest.mark.parametrize("role", list(Role))
def test_nobody_sees_another_shops_conversations(
    kept: Kept, case: Case, merchant: Merchant, talk: Talk, role: Role
) -> None:
    """Not there and not yours look the same, on every page, and leave no trace in the other's record."""
    other = enter(merchant.pk, role)
    # What must not show there shows where it may.
    assert list_places(enter(kept.held.merchant, Role.SUPPORT), kept) == PLACES
    before = len(list_records(kept))
    refused = 403 if role is Role.MERCHANDISER else 404

    for _, _, name in (*OF_A_CONVERSATION, *ACTS_ON_A_CONVERSATION, *FOR_OWNERS):
        address = find_address(kept, name)
        answer = other.post(address) if name in ACTS else other.get(address)
        changes = name in ACTS and name != "reveal" and role is Role.AUDITOR
        assert answer.status_code == (403 if changes else refused), name
    beside = other.get(reverse("admin:audit_compare", args=[talk.id]), {"other": kept.id})
    assert beside.status_code == (403 if role is Role.MERCHANDISER else 200)
    if role is not Role.MERCHANDISER:
        assert (beside.context["problem"], beside.context["pairs"]) == ("There is no such conversation.", [])
        assert "MEADOW-G" not in beside.content.decode()
        assert list_places(other, kept) == set()
        chain = other.get(reverse("admin:audit_chain"), {"chain": kept.held.merchant})
        assert chain.context["chain"] == merchant.pk
    following = other.post(reverse("admin:audit_next"))
    assert following.status_code == (302 if role in WORKERS else 403)
    assert len(list_records(kept)) == before
    stands = Case.objects.get(pk=kept.id)
    assert (stands.assignee, stands.status, stands.changed_at) == (None, "open", case.changed_at)
    assert not stands.notes.exists()


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_it_may_in_its_own_shop(kept: Kept, role: Role) -> None:
    client, before = enter(kept.held.merchant, role), len(list_records(kept))
    may_look = role is not Role.MERCHANDISER

    opened = {name: client.get(find_address(kept, name)).status_code for _, _, name in OF_A_CONVERSATION}
    opened |= {name: client.get(reverse(f"admin:audit_{name}")).status_code for _, _, name in PAGES}
    for_owners = {name: client.get(find_address(kept, name)).status_code for _, _, name in FOR_OWNERS}

    only_posted = {"views": 405 if may_look else 403, "next": 405 if role in WORKERS else 403}
    assert opened == dict.fromkeys(opened, 200 if may_look else 403) | only_posted
    assert for_owners == dict.fromkeys(for_owners, 200 if role is Role.OWNER else 403)
    records = list_records(kept)[before:]
    roles = {record.role for record in records if record.actor.startswith("operator:")}
    assert roles == ({role.value} if may_look else set())


@pytest.mark.parametrize("role", list(Role))
def test_each_role_does_what_it_may_in_its_own_shop(lamp_shop: MerchantId, kept: Kept, role: Role) -> None:
    async def ask(scene: Scene) -> None:
        await scene.say("show me lamps by Ostra")

    client = enter(lamp_shop, role)
    own = Kept(held=hold(lamp_shop, ask), shopper=kept.shopper)
    subject = f"conversation:{own.id}"

    answered = {name: client.post(own.address(name)).status_code for name in ACTED}
    noted = client.post(own.address("note"), {"text": "Seen."}).status_code

    assert set(ACTED) == set(ACTS)
    on_record = {each.action for each in list_records(kept) if each.subject == subject}
    if role in WORKERS:
        assert (answered, noted) == (ACTED, 302)
        assert {"conversation.taken_over", "conversation.handed_back", "case.changed"} <= on_record
        assert [note.text for note in CaseNote.objects.filter(case=own.id)] == ["Seen."]
    else:
        reveal = 302 if role is Role.AUDITOR else 403
        assert (answered, noted) == (dict.fromkeys(ACTED, 403) | {"reveal": reveal}, 403)
        assert on_record == set()
        assert not Case.objects.filter(pk=own.id).exists()
    assert not Handover.objects.filter(pk=own.id).exists()
    Case.objects.filter(pk=own.id).delete()


@pytest.mark.parametrize("role", list(Role))
def test_the_next_case_is_one_of_the_own_shop(kept: Kept, case: Case, role: Role) -> None:
    client = enter(kept.held.merchant, role)

    answer = client.post(reverse("admin:audit_next"))

    case.refresh_from_db()
    if role in WORKERS:
        assert (answer.status_code, answer["Location"]) == (302, kept.address("case"))
        assert case.assignee is not None
    else:
        assert (answer.status_code, case.assignee) == (403, None)
