"""A shop without a row: every page says what belongs there, and leads to what brings it."""

import re
import uuid
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import BreakerChange, Merchant, Policy
from commerce_agent.models import ModelSpend, Role
from tests.console.test_pages import REGISTERED, SHOP_MODELS, list_address
from tests.console.visits import log_in, make_staff

GOOD_NEWS = {BreakerChange, ModelSpend}
"""Nobody has to bring about an outage or a cost."""


@pytest.fixture(scope="module")
def boss(database: str) -> Client:
    """The owner of a shop on its first day."""
    shop = Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="First Day")
    return log_in(make_staff(shop, Role.OWNER))


def test_an_empty_list_says_what_belongs_there_and_leads_to_it(boss: Client) -> None:
    for model in SHOP_MODELS:
        told = REGISTERED[model].when_empty
        shown = boss.get(list_address(model))
        page = unescape(shown.content.decode())
        is_empty = shown.context["cl"].result_count == 0
        assert told, model
        assert (told in page) is is_empty, model
        assert "yielded" not in page
        steps = re.findall(r'<a class="ca-button" href="([^"]+)">', page.partition('class="ca-empty"')[2])
        assert len(steps) == (1 if is_empty and model not in GOOD_NEWS else 0), model
        assert {boss.get(step).status_code for step in steps} <= {200}, model
    searched = boss.get(list_address(Policy), {"q": "zeppelins"}).content.decode()
    assert "Take a filter away, or search for less." in searched


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("audit_find", "No conversation yet. The first one appears as soon as a shopper writes to the chat."),
        ("audit_people", "No shopper waits. Whoever asks the assistant for a person stands here"),
        (
            "audit_queue",
            "A conversation stands here once somebody flags it, notes something on it or assigns it",
        ),
        (
            "audit_missed",
            "Nothing yet: in the conversations of the last 30 days every search found something.",
        ),
    ],
)
def test_an_empty_page_of_the_audit_says_how_something_comes_there(
    boss: Client, page: str, told: str
) -> None:
    assert told in boss.get(reverse(f"admin:{page}")).content.decode()


def test_the_first_page_tells_the_first_steps_in_order(boss: Client) -> None:
    home = boss.get(reverse("admin:index"))

    steps = home.context["home"].steps
    assert [(step.title, step.done) for step in steps] == [
        ("Add your shop", True),
        ("Import your products", False),
        ("Write your policies", False),
        ("Embed the chat", False),
    ]
    assert {boss.get(step.link).status_code for step in steps} == {200}
    assert all(f'href="{step.link}"' in home.content.decode() for step in steps)
