"""A shop is filled with copies that are as readable, findable and whole as what was held."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from catalog.ids import MerchantId
from catalog.models import Merchant
from commerce_agent.console.audit.addresses import PAGES
from commerce_agent.management.costs.console_pages import list_addresses
from commerce_agent.models import ConversationTraits
from conversations.models import Conversation, DataKey, DecisionRecord, JournalEntry
from tests.console.test_pages import MODELS, list_address
from tests.flows.recordings import Scene, hold, make_lamp_shop

WANTED = 6


async def talk(scene: Scene) -> None:
    await scene.say("I need a dimmable lamp under 100 euros", "is it in stock?")


@pytest.fixture(scope="module")
def shop(database: str) -> MerchantId:
    return make_lamp_shop()


def fill(shop: MerchantId) -> str:
    out = StringIO()
    key = Merchant.objects.get(pk=shop).key
    call_command("fill_conversations", "--merchant", key, "--conversations", str(WANTED), stdout=out)
    return out.getvalue()


def test_an_empty_shop_has_nothing_to_copy(shop: MerchantId) -> None:
    with pytest.raises(CommandError, match="talk to the shop first"):
        fill(shop)

    assert not Conversation.objects.filter(merchant_id=shop).exists()


def test_copies_are_read_found_and_whole(shop: MerchantId, support: Client) -> None:
    held = hold(shop, talk)

    said = fill(shop)

    assert re.match(rf"{WANTED - 1} conversations with \d+ events were added", said)
    copies = Conversation.objects.filter(merchant_id=shop).exclude(pk=held.conversation)
    assert copies.count() == WANTED - 1
    assert DataKey.objects.filter(owner_id__in=copies.values("pk")).count() == WANTED - 1
    for copy in copies:
        entries = JournalEntry.objects.filter(conversation=copy.pk)
        assert entries.count() == copy.version
        assert DecisionRecord.objects.filter(conversation=copy.pk).count() == copy.turns
        page = support.get(reverse("admin:audit_talk", args=[copy.pk]))
        assert page.context["look"].broken == ""
        assert "I need a dimmable lamp under 100 euros" in page.content.decode()
        order = f"F-{copy.pk}"
        found = support.get(reverse("admin:audit_find"), {"order": order}).context["lines"]
        assert [line.id for line in found] == [str(copy.pk)]
    said = support.get(reverse("admin:audit_find"), {"q": "dimmable lamps", "shop": shop}).context["lines"]
    assert {line.id for line in said} >= {str(copy.pk) for copy in copies}
    assert ConversationTraits.objects.filter(merchant_id=shop).count() >= WANTED - 1


def test_the_pages_over_it_are_measured_for_both_readers(shop: MerchantId) -> None:
    out = StringIO()
    key = Merchant.objects.get(pk=shop).key
    call_command("evaluate", "console", "--merchant", key, "--rounds", "1", "--only", "find an", stdout=out)

    pages = re.findall(r"^ +\d+ +\d+ +\d+  (.+)$", out.getvalue(), re.MULTILINE)
    names = ("find an item", "find an order", "find an id", "find an item in the field")
    assert pages == [f"{reader}: {name}" for reader in ("owner", "platform") for name in names]


def test_every_list_that_is_registered_is_measured(shop: MerchantId) -> None:
    measured = {address.partition("?")[0] for _, address in list_addresses(Merchant.objects.get(pk=shop))}

    own = {reverse(f"admin:audit_{name}") for _, _, name in PAGES if name not in {"views", "next"}}
    assert measured == {reverse("admin:index"), *own, *map(list_address, MODELS)}


def test_a_list_that_is_no_owners_is_measured_for_the_platform_alone(shop: MerchantId) -> None:
    out = StringIO()
    key = Merchant.objects.get(pk=shop).key
    call_command("evaluate", "console", "--merchant", key, "--rounds", "1", "--only", "list auth", stdout=out)

    assert re.findall(r"  (\w+: .+)$", out.getvalue(), re.MULTILINE) == ["platform: list auth_group"]


def test_what_is_there_is_not_made_again(shop: MerchantId) -> None:
    assert fill(shop) == "0 conversations with 0 events were added.\n"
