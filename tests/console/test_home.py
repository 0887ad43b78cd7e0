import uuid
from datetime import UTC, datetime

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse
from djmoney.money import Money

from catalog.models import Merchant, Order, Product, Variant
from commerce_agent.composition import open_platform
from commerce_agent.console import home as home_page
from commerce_agent.console.audit.indexing import index_conversations
from commerce_agent.console.filters import list_sold_out
from commerce_agent.console.home import describe_home
from commerce_agent.models import ModelSpend, Operator, Role
from conversations.ids import ClientMessageId, MerchantId
from conversations.models import AccessRecord, Conversation
from tests.console.conftest import Talk
from tests.console.test_roles import log_in, make_staff


def ask_for_what_nobody_sells(merchant: Merchant, *, words: str) -> None:
    async def ask() -> None:
        async with open_platform(quiet=True) as platform:
            service, now = platform.conversations, datetime.now(UTC)
            conversation = await service.open_conversation(merchant=MerchantId(str(merchant.id)), at=now)
            await service.record_message(
                conversation=conversation, cid=ClientMessageId("m1"), text=words, at=now
            )
            assert await platform.turns.run(conversation) is not None

    async_to_sync(ask)()


def test_home_shows_true_numbers_that_lead_to_their_lists(
    owner: Client, superuser: Operator, merchant: Merchant, talk: Talk
) -> None:
    home = describe_home(user=superuser, now=datetime.now(UTC))
    tiles = {tile.label: tile for tile in home.tiles}

    waiting = Conversation.objects.filter(waiting_since__isnull=False).count()
    assert tiles["Waiting now"].value == f"{waiting:,}"
    assert tiles["Products"].value == f"{Product.objects.count():,}"
    assert tiles["Products"].note == f"in {Variant.objects.count():,} variants"
    assert tiles["Sold out"].value == f"{list_sold_out().count():,}"

    page = owner.get(reverse("admin:index")).content.decode()
    for tile in home.tiles:
        assert tile.link.replace("&", "&amp;") in page
        assert owner.get(tile.link).status_code == 200


def test_each_number_is_the_length_of_its_list(owner: Client, superuser: Operator, talk: Talk) -> None:
    while index_conversations():
        pass
    home = describe_home(user=superuser, now=datetime.now(UTC))
    counted = {"Conversations", "Waiting now", "Products", "Sold out", "Orders from the chat"}
    found = {"Resolved", "Handed to a person", "Found nothing", "False claims stopped", "Changes passed on"}

    tiles = {tile.label: tile for tile in home.tiles}
    for label in counted:
        answer = owner.get(tiles[label].link)
        assert f"{answer.context['cl'].result_count:,}" == tiles[label].value, label
    for label in found:
        answer = owner.get(tiles[label].link)
        assert f"{answer.context['found'].total:,}" == tiles[label].value, label
    for day in home.days:
        assert owner.get(day.link).context["found"].total == day.talks


def test_what_the_chat_sold_is_told_by_currency_without_what_was_cancelled(database: str) -> None:
    now = datetime.now(UTC)
    shop = Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Sold Here")
    boss = make_staff(shop, Role.OWNER)
    for number, (token, total, status) in enumerate(
        [
            ("a", "10.50 USD", "pending"),
            ("b", "4.50 EUR", "shipped"),
            ("c", "99 USD", "cancelled"),
            (None, "7 USD", "paid"),
        ]
    ):
        amount, currency = total.split()
        Order.objects.create(
            merchant=shop,
            number=f"N-{number}",
            token=f"{shop.pk}-{token}" if token else None,
            total=Money(amount, currency),
            status=status,
            placed_at=now,
        )
    ModelSpend.objects.create(merchant=shop, day=now.date(), micros=1_250_000, calls=3)
    ModelSpend.objects.create(merchant=shop, payer="somebody", day=now.date(), micros=1_250_000, calls=3)

    tiles = {tile.label: tile.value for tile in describe_home(user=boss, now=now).tiles}

    assert tiles["Orders from the chat"] == "2"
    assert tiles["Sold in the chat"] == "€4.50, $10.50"
    assert tiles["Cost of the model"] == "$1.25"
    assert tiles["Systems out of reach"] == "0"


def test_what_was_most_looked_for_in_vain_is_told_by_its_words(database: str) -> None:
    shop = Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Sells Nothing")
    for words in ("do you sell zeppelins?", "do you sell airships?", "do you sell zeppelins?"):
        ask_for_what_nobody_sells(shop, words=words)
    while index_conversations():
        pass
    boss = make_staff(shop, Role.OWNER)
    client = log_in(boss)

    home = client.get(reverse("admin:index"))
    page = client.get(reverse("admin:audit_missed"))

    told = {each.words: each.count for each in home.context["home"].missed}
    assert [("zeppelin" in words, count) for words, count in told.items()] == [(True, 2), (False, 1)]
    assert [each.words for each in page.context["missed"]] == list(told)
    assert home.context["home"].missed_in == 0
    shown = home.content.decode()
    for each in home.context["home"].missed:
        assert each.words in shown
        assert client.get(each.conversations[0]).status_code == 200
    looks = AccessRecord.objects.filter(merchant_id=shop.pk, actor=f"operator:{boss.pk}").order_by("seq")
    assert list(looks.values_list("action", flat=True))[:2] == ["home.viewed", "searches.listed"]


def test_that_every_search_found_something_is_said_of_what_was_read_only(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Sells Nothing Either")
    client = log_in(make_staff(shop, Role.OWNER))
    ask_for_what_nobody_sells(shop, words="do you sell zeppelins?")
    all_found = "In the conversations indexed so far every search found something."
    unread = "There were searches that found nothing; their words cannot be read."

    while index_conversations():
        pass
    monkeypatch.setattr(home_page, "read_missed", lambda names: [])
    damaged = client.get(reverse("admin:index")).content.decode()
    monkeypatch.setattr(home_page, "list_in_vain", lambda user, *, since, most: ())
    none = client.get(reverse("admin:index")).content.decode()

    assert (all_found in none, unread in none) == (True, False)
    assert (all_found in damaged, unread in damaged) == (False, True)


def test_whoever_sees_no_conversation_is_told_no_words_and_leaves_no_record(
    merchant: Merchant, talk: Talk
) -> None:
    clerk = make_staff(merchant, Role.MERCHANDISER)

    home = log_in(clerk).get(reverse("admin:index")).context["home"]

    assert (home.missed, home.latest, home.days) == ((), (), ())
    assert not AccessRecord.objects.filter(actor=f"operator:{clerk.pk}").exists()


def test_replies_are_counted_by_planner(superuser: Operator, talk: Talk) -> None:
    shares = describe_home(user=superuser, now=datetime.now(UTC)).shares

    assert "Built-in planner" in {share.label for share in shares}
    assert 98 <= sum(share.percent for share in shares) <= 102


def test_first_steps_end_when_the_shop_runs(superuser: Operator, merchant: Merchant, talk: Talk) -> None:
    assert describe_home(user=superuser, now=datetime.now(UTC)).steps == ()
