"""A conversation is told as it was, and cannot be changed."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse
from djmoney.money import Money

from catalog.ids import MerchantId, Sku
from catalog.models import ImportRun, Merchant, Order
from catalog.pricing import set_price
from commerce_agent.composition import open_platform
from conversations import ids as talk_ids
from conversations.models import Conversation, DecisionRecord, JournalEntry
from tests.console.conftest import Talk


@pytest.fixture
def address(talk: Talk) -> str:
    return reverse("admin:conversations_conversation_change", args=[talk.id])


def test_the_page_shows_what_the_shopper_saw(owner: Client, address: str, talk: Talk) -> None:
    page = owner.get(address).content.decode()

    assert "shoes under $100" in page
    assert "The Lark costs $89.00." in page
    assert "<s" in page
    assert "$119.00" in page
    assert "Few left (3)" in page
    assert "The Lark has sold out." in page
    assert "Still there?" in page
    assert "No reply yet." in page


def test_the_page_says_why(owner: Client, address: str, talk: Talk) -> None:
    story = owner.get(address).context["story"]
    reasons = story.chapters[0].reasons

    assert [chapter.number for chapter in story.chapters] == [1, 0, 0]
    assert (reasons.spoken.planner, reasons.spoken.reason) == ("Built-in planner", "no key is set")
    assert [term.words for term in reasons.terms] == ["price at most 100"]
    assert [(item.sku, item.rule) for item in reasons.kept] == [(talk.sku, "Matched")]
    assert [(item.sku, item.rule, item.reason, item.margin) for item in reasons.rejected] == [
        ("DEAR-1", "Price", "It costs more than the limit.", "$110.00 over")
    ]
    assert [(ref.text, ref.outcome, ref.items) for ref in reasons.references] == [
        ("the blue one", "Resolved", (f"Lark, blue ({talk.sku})",))
    ]
    assert [(tool.tool, tool.milliseconds) for tool in reasons.tools] == [("search products", "12 ms")]
    assert [(verdict.claim, verdict.passed) for verdict in reasons.verdicts] == [("$89.00", True)]
    assert reasons.versions.policies == ("returns/store@3",)


def test_facts_keep_their_value_and_age_of_then(owner: Client, address: str) -> None:
    price, stock = owner.get(address).context["story"].chapters[0].reasons.facts

    assert (price.name, price.value, price.source, price.version) == ("price", "$89.00", "catalogue", 7)
    assert (price.age, price.warning) == ("42 s", "")
    assert price.since == "Later in this conversation: $95.00"
    assert (stock.value, stock.age) == ("3", "10 min")
    assert stock.warning == "Source out of reach: last known answer"


def test_todays_price_does_not_change_what_was_shown(
    owner: Client, address: str, talk: Talk, merchant: Merchant
) -> None:
    before = owner.get(address).context["story"]
    set_price(
        merchant=MerchantId(str(merchant.id)),
        sku=Sku(talk.sku),
        price=Money(Decimal("1234.00"), "USD"),
        at=datetime.now(UTC),
        source="test",
    )

    assert owner.get(address).context["story"] == before


def test_words_of_shoppers_and_models_are_escaped(owner: Client, address: str) -> None:
    page = owner.get(address).content.decode()

    assert "<script>alert(" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "Ada <b>" not in page


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


def test_a_decision_leads_to_its_turn(owner: Client, talk: Talk, address: str) -> None:
    decision = DecisionRecord.objects.get(pk=talk.decision)

    answer = owner.get(reverse("admin:conversations_decisionrecord_change", args=[decision.pk]))

    assert answer.status_code == 302
    assert answer["Location"] == f"{address}#turn-1"
    assert 'id="turn-1"' in owner.get(address).content.decode()


def test_an_unknown_conversation_leads_back_to_the_list(owner: Client, talk: Talk) -> None:
    for name in ("00000000-0000-0000-0000-000000000000", "nonsense"):
        answer = owner.get(reverse("admin:conversations_conversation_change", args=[name]))
        assert (answer.status_code, answer["Location"]) == (302, reverse("admin:index"))


def test_an_erased_conversation_says_so(owner: Client, address: str, talk: Talk) -> None:
    conversation = Conversation.objects.get(pk=talk.id)

    async def erase() -> None:
        async with open_platform(quiet=True) as platform:
            await platform.key_keeper.forget_key(
                merchant=talk_ids.MerchantId(str(conversation.merchant_id)),
                owner=str(conversation.shopper_id or conversation.pk),
            )

    async_to_sync(erase)()

    page, listed = owner.get(address), owner.get(reverse("admin:conversations_conversation_changelist"))
    assert page.status_code == listed.status_code == 200
    assert "was erased, or was quiet" in page.content.decode()
    assert "shoes under $100" not in page.content.decode()
    assert "Cannot be read any more" in listed.content.decode()
