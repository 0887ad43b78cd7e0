"""The lists of conversations and decisions; what a conversation's own page tells is in `audit/`."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import ImportRun, Merchant, Order
from commerce_agent.console.journal import list_previews
from conversations.models import Conversation, DataKey, JournalEntry
from tests.console.conftest import Talk


@pytest.fixture
def address(talk: Talk) -> str:
    return reverse("admin:conversations_conversation_change", args=[talk.id])


def test_nothing_can_be_changed(owner: Client, address: str, talk: Talk, merchant: Merchant) -> None:
    decision = reverse("admin:conversations_decisionrecord_change", args=[talk.decision])
    order = Order.objects.filter(merchant=merchant).first()
    run = ImportRun.objects.filter(merchant=merchant).first()
    assert order is not None
    assert run is not None
    before = list(JournalEntry.objects.filter(conversation=talk.id).order_by("seq").values())

    assert owner.post(address, {"turns": 99}).status_code == 405
    assert owner.post(decision, {"turn": 99}).status_code == 405
    assert (
        owner.post(reverse("admin:catalog_order_change", args=[order.pk]), {"number": "X"}).status_code == 403
    )
    assert (
        owner.post(reverse("admin:catalog_importrun_change", args=[run.pk]), {"read": 1}).status_code == 403
    )
    for name in ("conversation", "decisionrecord", "shopper"):
        assert owner.get(reverse(f"admin:conversations_{name}_add")).status_code == 403
    delete = reverse("admin:conversations_conversation_delete", args=[talk.id])
    assert owner.post(delete, {"post": "yes"}).status_code == 403

    assert list(JournalEntry.objects.filter(conversation=talk.id).order_by("seq").values()) == before
    assert Order.objects.get(pk=order.pk).number == order.number
    assert Conversation.objects.get(pk=talk.id).turns == 1


def test_the_list_says_what_was_said_first_and_who_waits(owner: Client, talk: Talk) -> None:
    shown = owner.get(reverse("admin:conversations_conversation_changelist"), {"q": talk.id})
    (row,) = shown.context["cl"].result_list

    assert row.first_words.endswith("shoes under $100")
    assert row.latest_planner == "builtin"
    assert "Waiting for" in shown.content.decode()


@pytest.mark.parametrize("wanted", ["sku", "shopper", "id"])
def test_a_conversation_is_found(owner: Client, talk: Talk, wanted: str) -> None:
    words = {"sku": talk.sku, "shopper": talk.shopper.key, "id": talk.id}[wanted]

    shown = owner.get(reverse("admin:conversations_conversation_changelist"), {"q": words})

    assert talk.id in {str(row.pk) for row in shown.context["cl"].result_list}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"waiting": "yes"}, True),
        ({"waiting": "no"}, False),
        ({"planner": "builtin"}, True),
        ({"planner": "claude"}, False),
        ({"known": "yes"}, True),
        ({"known": "no"}, False),
        ({"within": "24h"}, True),
    ],
)
def test_filters_narrow_the_list(owner: Client, talk: Talk, query: dict[str, str], found: bool) -> None:
    shown = owner.get(reverse("admin:conversations_conversation_changelist"), {**query, "q": talk.id})

    assert (shown.context["cl"].result_count == 1) is found


def test_an_unknown_conversation_leads_back_to_the_list(owner: Client, talk: Talk) -> None:
    for name in ("00000000-0000-0000-0000-000000000000", "nonsense"):
        answer = owner.get(reverse("admin:conversations_conversation_change", args=[name]))
        assert (answer.status_code, answer["Location"]) == (302, reverse("admin:index"))


def test_a_key_that_is_missing_closes_its_own_conversation_and_no_list(
    owner: Client, talk: Talk, merchant: Merchant
) -> None:
    keys = DataKey.objects.filter(conversation=talk.id)
    version = keys.get().kek_version
    keys.update(kek_version=4_000)
    try:
        preview = list_previews({UUID(talk.id): None})[UUID(talk.id)]
        listed = owner.get(reverse("admin:index"))
    finally:
        keys.update(kek_version=version)

    assert preview.opening == "Cannot be read any more"
    assert listed.status_code == 200
