"""Who a shopper is, and who ordered and where to, is covered until somebody says why they must see it."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Merchant, Order
from commerce_agent.console.personal import LISTED
from commerce_agent.models import Role
from conversations.models import AccessRecord
from tests.console.audit.conftest import log_in, make_member, make_staff
from tests.console.conftest import Talk

REASON = "She asks on the phone where her parcel is"


@pytest.fixture(params=["shopper", "order"])
def row(request: pytest.FixtureRequest, merchant: Merchant, talk: Talk) -> tuple[str, str, str]:
    """The kind of a row, its key, and what of it is personal."""
    if request.param == "shopper":
        return "conversations_shopper", str(talk.shopper.id), talk.shopper.key
    order = Order.objects.filter(merchant=merchant, customer_key__gt="").order_by("number")[0]
    return "catalog_order", str(order.pk), str(order.customer_key)


def list_accesses(kind: str, key: str) -> list[tuple[str, str]]:
    subject = f"{kind.partition('_')[2]}:{key}"
    rows = AccessRecord.objects.filter(subject=subject).order_by("seq")
    return list(rows.values_list("action", "purpose"))


def test_it_is_covered_until_a_reason_is_given_and_each_look_is_on_record(
    owner: Client, row: tuple[str, str, str]
) -> None:
    kind, key, personal = row
    page, way = (reverse(f"admin:{kind}_{name}", args=[key]) for name in ("change", "reveal"))
    before = list_accesses(kind, key)
    viewed = (f"{kind.partition('_')[2]}.viewed", "")

    assert personal not in owner.get(reverse(f"admin:{kind}_changelist")).content.decode()
    covered = owner.get(page).content.decode()
    assert personal not in covered
    assert "Personal data is covered (•••)" in covered
    refused = owner.post(way, {"reason": "because"}, follow=True).content.decode()
    assert personal not in refused
    assert "Say in a few words why you must see it; nothing was shown." in refused
    assert owner.get(way).status_code == 405
    shown = owner.post(way, {"reason": REASON}, follow=True).content.decode()

    assert personal in shown
    told = [viewed, viewed, ("personal.revealed", REASON), viewed]
    assert list_accesses(kind, key)[len(before) :] == told
    last = AccessRecord.objects.filter(subject__endswith=f":{key}").latest("seq")
    assert json.loads(last.detail) == {"revealed": "yes"}
    fresh = Client()
    fresh.force_login(owner.get(page).wsgi_request.user)
    assert personal not in fresh.get(page).content.decode()


@pytest.mark.parametrize("model", LISTED)
def test_a_look_at_a_list_of_people_is_on_record_without_what_was_looked_for(
    merchant: Merchant, talk: Talk, model: str
) -> None:
    clerk = make_member(merchant=merchant.pk, role=Role.OWNER)
    app = "catalog" if model == "order" else "conversations"
    sought = {"q": "Ada Lovelace", "p": "1"} | ({"customer_key__exact": "c-1"} if model == "order" else {})

    answer = log_in(clerk).get(reverse(f"admin:{app}_{model}_changelist"), sought)

    assert answer.status_code == 200
    look = AccessRecord.objects.filter(actor=f"operator:{clerk.pk}").get()
    told = dict.fromkeys(sought, "given") | {"p": "1"}
    assert (look.action, look.merchant_id, json.loads(look.detail)) == (LISTED[model], merchant.pk, told)


@pytest.mark.parametrize("model", LISTED)
def test_what_a_lists_address_is_made_up_with_gets_into_no_record(
    merchant: Merchant, talk: Talk, model: str
) -> None:
    clerk = make_member(merchant=merchant.pk, role=Role.OWNER)
    app = "catalog" if model == "order" else "conversations"
    names = {
        "conversation": ("within", "waiting", "planner", "known"),
        "decisionrecord": ("within", "planner"),
        "shopper": ("tier",),
        "order": ("within", "origin", "status__exact"),
    }[model]
    made_up = dict.fromkeys((*names, "merchant_id__exact"), "Ada Lovelace")

    log_in(clerk).get(reverse(f"admin:{app}_{model}_changelist"), made_up)

    look = AccessRecord.objects.filter(actor=f"operator:{clerk.pk}").get()
    assert (look.action, json.loads(look.detail)) == (LISTED[model], dict.fromkeys(made_up, "not a choice"))


def test_whoever_may_not_see_it_reveals_nothing(stranger: Client, row: tuple[str, str, str]) -> None:
    kind, key, _ = row
    before = list_accesses(kind, key)

    answer = stranger.post(reverse(f"admin:{kind}_reveal", args=[key]), {"reason": REASON})

    assert answer.status_code in {403, 404}
    assert list_accesses(kind, key) == before


@pytest.fixture
def stranger(database: str) -> Client:
    """Someone of the staff without any right."""
    client = Client()
    client.force_login(make_staff())
    return client
