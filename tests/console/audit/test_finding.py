"""Conversations are found by what happened in them; the address is the search."""

import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from unittest.mock import AsyncMock

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse

from catalog.models import Merchant, Policy
from commerce_agent.composition import open_platform
from commerce_agent.console.audit.finding import PAGE
from commerce_agent.console.audit.indexing import forget_gone, index_conversations
from commerce_agent.models import (
    ERASED,
    CaseFlag,
    ConversationTraits,
    FoundBy,
    Membership,
    Operator,
    Role,
    SavedView,
)
from conversations.events import Event
from conversations.events.decisions import DecisionMade
from conversations.events.entities import EntitiesShown, Entity
from conversations.events.messages import ServiceDegraded
from conversations.ids import EntityRef, MerchantId
from conversations.models import AccessRecord, Conversation, DataKey
from conversations.service import Conversations, UnknownSchema
from tests.console.audit.conftest import PERSONAL, Kept, log_in, make_member
from tests.console.conftest import Talk
from tests.console.test_home import ask_for_what_nobody_sells
from tests.flows.recordings import Scene, hold


@pytest.fixture(autouse=True)
def indexed(kept: Kept, talk: Talk) -> None:
    while index_conversations():
        pass


@pytest.fixture
def address(database: str) -> str:
    return reverse("admin:audit_find")


def find(client: Client, address: str, **query: str) -> list[str]:
    shown = client.get(address, query)
    assert shown.status_code == 200
    return [line.id for line in shown.context["lines"]]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ({"sku": "BRIM-Y"}, True),
        ({"sku": "NO-SUCH"}, False),
        ({"rule": "price"}, True),
        ({"rule": "no_such_rule"}, False),
        ({"outcome": "ordered"}, True),
        ({"outcome": "failed"}, False),
        ({"mark": "news"}, True),
        ({"mark": "claim_stopped"}, False),
        ({"planner": "builtin"}, True),
        ({"planner": "claude"}, False),
        ({"policy": "returns"}, True),
        ({"tool": "search_products"}, True),
        ({"connector": "inventory"}, False),
        ({"from": "2026-11-23", "to": "2026-11-23"}, True),
        ({"from": "2026-11-24", "to": "2026-11-30"}, False),
        ({"to": "2026-11-22"}, False),
        ({"flag": "any"}, False),
        ({"case": "open"}, False),
        ({"waiting": "yes"}, False),
        ({"sku": "BRIM-Y", "rule": "price", "outcome": "ordered"}, True),
        ({"sku": "BRIM-Y", "rule": "no_such_rule"}, False),
    ],
)
def test_each_filter_narrows(
    support: Client, address: str, kept: Kept, query: dict[str, str], is_found: bool
) -> None:
    assert (kept.id in find(support, address, shop=kept.held.merchant, **query)) is is_found


def test_what_could_not_reach_a_system_is_found_by_it(
    support: Client, address: str, merchant: Merchant
) -> None:
    without = async_to_sync(open_with)(str(merchant.pk), ServiceDegraded(system="pricing"))
    assert index_conversations() >= 1

    assert find(support, address, connector="pricing", shop=str(merchant.pk)) == [without]
    assert find(support, address, mark="out_of_reach", shop=str(merchant.pk)) == [without]


def test_what_nobody_can_mean_is_answered(support: Client, address: str, kept: Kept) -> None:
    assert kept.id in find(support, address, shop=kept.held.merchant, to="9999-12-31")
    assert support.get(kept.address("turn", 1), {"why_not": "\x00"}).status_code == 200
    assert support.get(kept.address("whatif"), {"sku": "\x00", "stock": "1"}).status_code == 200


def test_an_order_a_name_a_key_and_an_id_find_it(support: Client, address: str, kept: Kept) -> None:
    order = next(
        trait.removeprefix("order:")
        for trait in ConversationTraits.objects.get(pk=kept.id).traits
        if trait.startswith("order:")
    )
    decision = support.get(kept.address("turn", 1)).context["why"].id

    assert find(support, address, order=order, shop=kept.held.merchant) == [kept.id]
    for words in (order, order.lower(), kept.shopper.key, "Grace Hopper", kept.id, decision, "brim-y"):
        assert kept.id in find(support, address, q=words, shop=kept.held.merchant), words
    assert find(support, address, q="Grace", shop=kept.held.merchant) == []


@pytest.mark.parametrize(
    ("said", "is_found"),
    [
        ("DIMMABLE lamps", True),
        ("compare the green one and the white", True),
        ("dimmable sofa", False),
        # Covered on every page, so not to be found out by asking either.
        ("hopper", False),
        ("a", False),
    ],
)
def test_words_that_were_said_find_it(
    support: Client, address: str, kept: Kept, said: str, is_found: bool
) -> None:
    assert (kept.id in find(support, address, q=said, shop=kept.held.merchant)) is is_found


def test_what_is_found_by_cannot_be_read_nor_compared_between_shops(kept: Kept, talk: Talk) -> None:
    words = async_to_sync(number_words)("lamp")

    assert len(set(words)) == len(words) > 1
    assert FoundBy.objects.filter(conversation_id=kept.id, term__in=words).count() == 1


async def number_words(word: str) -> tuple[int, ...]:
    async with open_platform(quiet=True) as platform:
        return (await platform.conversations.words.find(words=[word]))[word]


def test_a_list_says_what_matters_before_anything_is_opened(
    support: Client, address: str, kept: Kept
) -> None:
    (line,) = support.get(address, {"q": kept.id}).context["lines"]

    assert line.opening == "I need a dimmable lamp under 100 euros"
    assert line.turns == 16
    assert line.shopper == f"Shopper {kept.shopper.id[:8]}"
    assert {"Ordered", "A told fact changed later"} <= {badge.words for badge in line.badges}


def test_a_flag_shows_in_the_list_and_finds(support: Client, address: str, kept: Kept) -> None:
    support.post(kept.address("note"), {"flag": "complaint", "turn": "2"})

    (line,) = support.get(address, {"flag": "complaint", "shop": kept.held.merchant}).context["lines"]
    assert (line.id, line.flags, line.case) == (kept.id, 1, "Open")
    assert find(support, address, flag="wrong", shop=kept.held.merchant) == []

    CaseFlag.objects.filter(case=kept.id).delete()
    assert find(support, address, flag="any", shop=kept.held.merchant) == []


def test_what_happened_a_moment_ago_is_found(owner: Client, address: str, talk: Talk) -> None:
    ConversationTraits.objects.filter(pk=talk.id).delete()

    assert find(owner, address, q=talk.id) == [talk.id]


def test_pages_follow_one_another_without_a_gap(support: Client, address: str) -> None:
    shop, now = uuid.uuid4(), datetime(2026, 1, 1, tzinfo=UTC)
    names = [uuid.uuid4() for _ in range(2 * PAGE + 5)]
    Conversation.objects.bulk_create(
        Conversation(id=name, merchant_id=shop, opened_at=now, active_at=now, erased_at=now) for name in names
    )
    ConversationTraits.objects.bulk_create(
        ConversationTraits(
            conversation_id=name,
            merchant_id=shop,
            opened_at=now,
            # Three share an instant, across the edges of pages too.
            active_at=now + timedelta(seconds=place // 3),
            version=0,
            traits=[],
        )
        for place, name in enumerate(names)
    )

    seen: list[str] = []
    page, pages = f"?shop={shop}", 0
    while page:
        shown = support.get(address + page)
        seen += [line.id for line in shown.context["lines"]]
        page, pages = shown.context["following"], pages + 1

    assert (pages, len(seen)) == (3, len(names))
    assert set(seen) == {str(name) for name in names}
    Conversation.objects.filter(merchant_id=shop).delete()
    assert forget_gone() >= len(names)
    assert not ConversationTraits.objects.filter(merchant_id=shop).exists()


@pytest.mark.parametrize(
    "query",
    [{"shop": "nonsense"}, {"from": "yesterday"}, {"within": "ever"}, {"after": "x_y"}, {"q": "\x00"}],
)
def test_what_cannot_be_read_is_said(support: Client, address: str, query: dict[str, str]) -> None:
    shown = support.get(address, query)

    assert shown.status_code == 200
    assert bool(shown.context["search"].problems) is ("after" not in query and "q" not in query)


def test_a_search_is_kept_shared_and_let_go(
    support: Client, supporter: Operator, onlooker: Client, address: str
) -> None:
    views = reverse("admin:audit_views")

    kept = support.post(views, {"name": "Prices", "query": "rule=price&after=1_2&evil=1", "shared": "yes"})
    assert kept["Location"] == f"{address}?rule=price"
    view = SavedView.objects.get(by=supporter)
    assert (view.name, view.query, view.shared) == ("Prices", "rule=price", True)
    assert 'href="?rule=price"' in onlooker.get(address).content.decode()

    onlooker.post(views, {"drop": str(view.pk)})
    assert SavedView.objects.filter(pk=view.pk).exists()
    support.post(views, {"drop": str(view.pk)})
    assert not SavedView.objects.filter(pk=view.pk).exists()
    assert support.get(views).status_code == 405


def test_a_shared_search_is_for_those_who_see_its_shop_and_holds_no_words(
    support: Client, onlooker: Client, address: str, kept: Kept, merchant: Merchant
) -> None:
    views, own, other = reverse("admin:audit_views"), kept.held.merchant, str(merchant.pk)
    here, there = (log_in(make_member(merchant=shop, role=Role.SUPPORT)) for shop in (own, other))
    colleague = make_member(merchant=own, role=Role.SUPPORT)
    Membership.objects.create(
        operator=colleague, merchant=merchant, role=Role.SUPPORT, created_at=datetime.now(UTC)
    )
    both = log_in(colleague)

    def share(client: Client, *, name: str, query: str) -> str:
        answer = client.post(views, {"name": name, "query": query, "shared": "yes"}, follow=True)
        return str(answer.content.decode())

    def list_names(client: Client) -> set[str]:
        return {view.name for view in client.get(address).context["views"]}

    share(support, name="Everywhere", query="rule=price")
    share(support, name="There", query=f"q=Grace+Hopper&order=1007&rule=price&shop={other}")
    share(both, name="Here", query=f"sku=BRIM-Y&shop={own}")
    share(here, name="Of one shop", query="sku=BRIM-Y")
    assert "Kept for you alone" in share(both, name="Of two", query="sku=BRIM-Y")
    assert "Nothing was kept" in share(both, name="Words", query="q=Grace+Hopper")

    shared = {"Everywhere", "There", "Here", "Of one shop"}
    assert list_names(here) == {"Here", "Of one shop"}
    assert list_names(there) == {"There"}
    assert list_names(both) == {"There", "Here", "Of one shop", "Of two"}
    assert list_names(onlooker) == shared
    queries = dict(SavedView.objects.filter(name__in=shared).values_list("name", "query"))
    assert queries["There"] == f"rule=price&shop={other}"
    assert queries["Of one shop"] == f"sku=BRIM-Y&shop={own}"
    SavedView.objects.filter(name__in=shared | {"Of two"}).delete()


def test_a_key_that_the_database_cannot_hold_hides_no_conversation(
    support: Client, address: str, kept: Kept, merchant: Merchant
) -> None:
    name = uuid.uuid4().hex[:8].upper()
    odd = EntityRef(kind="variant", key=f"{name}\x00Y")
    shown = EntitiesShown(entities=(Entity(ref=odd, name="Brim lamp"),))
    conversation = async_to_sync(open_with)(str(merchant.id), shown)

    assert index_conversations() >= 1

    assert find(support, address, sku=f"{name}\N{REPLACEMENT CHARACTER}Y") == [conversation]
    assert kept.id in find(support, address, sku="BRIM-Y", shop=kept.held.merchant)


def test_a_lost_key_of_a_shop_hides_what_was_said_and_no_conversation(support: Client, address: str) -> None:
    shop = Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Lost Its Key")
    ask_for_what_nobody_sells(shop, words="do you sell zeppelins?")
    assert len(find(support, address, q="zeppelins", shop=str(shop.pk))) == 1
    talk = str(ConversationTraits.objects.get(merchant_id=shop.pk).pk)
    ConversationTraits.objects.filter(pk=talk).delete()
    FoundBy.objects.filter(conversation_id=talk).delete()

    keys = DataKey.objects.filter(owner_id=shop.pk)
    version = keys.get().kek_version
    keys.update(kek_version=4_000)
    try:
        found = [
            find(support, address, shop=str(shop.pk), outcome="nothing"),
            find(support, address, shop=str(shop.pk), q="zeppelins"),
        ]
    finally:
        keys.update(kek_version=version)

    assert found == [[talk], []]


def test_what_only_a_newer_release_reads_is_left_to_it(
    support: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="In the middle of an upgrade")
    talk = async_to_sync(open_with)(str(shop.pk), ServiceDegraded(system="pricing"))
    with monkeypatch.context() as patched:
        patched.setattr(Conversations, "list_events", AsyncMock(side_effect=UnknownSchema(schema=99)))
        index_conversations()
        unread = ConversationTraits.objects.filter(pk=talk).exists()
    index_conversations()
    # As a release did that took it for erased.
    ConversationTraits.objects.filter(pk=talk).update(traits=[ERASED], version=0)
    index_conversations()

    assert not unread
    assert ERASED not in ConversationTraits.objects.get(pk=talk).traits
    assert find(support, address, connector="pricing", shop=str(shop.pk)) == [talk]


async def open_with(merchant: str, event: Event) -> str:
    """A conversation in which this came to pass."""
    now = datetime.now(UTC)
    async with open_platform(quiet=True) as platform:
        opened = await platform.conversations.open_conversation(merchant=MerchantId(merchant), at=now)
        await platform.conversations.record_arrivals(conversation=opened, events=(event,), at=now)
        return str(opened)


def test_a_policys_page_leads_to_those_who_were_told_each_version(kept: Kept) -> None:
    lamps = Policy.objects.get(merchant=kept.held.merchant, name="returns", scope="category")
    owner = log_in(make_member(merchant=kept.held.merchant, role=Role.OWNER))
    merchandiser = log_in(make_member(merchant=kept.held.merchant, role=Role.MERCHANDISER))
    page = reverse("admin:catalog_policy_change", args=[lamps.pk])

    (link,) = re.findall(r'href="([^"]+)">Who was told this', owner.get(page).content.decode())
    told = owner.get(link.replace("&amp;", "&"))

    assert told.context["search"].given["policy"] == "returns/category:Lamps@1"
    (line,) = [line for line in told.context["lines"] if line.id == kept.id]
    # With the very turns, and when.
    rested = [
        (each.event.decision.turn, each.at)
        for each in kept.held.events
        if isinstance(each.event, DecisionMade) and "returns/category:Lamps@1" in each.event.decision.policies
    ]
    assert [(each.turn, each.at) for each in line.told] == rested
    assert rested[0][0] == 2
    assert f'<a href="{kept.address("turn", 2)}">turn 2</a>' in told.content.decode()
    assert "Who was told this" not in merchandiser.get(page).content.decode()


def test_the_consoles_own_list_covers_names_and_its_look_is_on_record(kept: Kept) -> None:
    async def say_who(scene: Scene) -> None:
        await scene.say(PERSONAL)

    mine = log_in(make_member(merchant=kept.held.merchant, role=Role.SUPPORT))
    said = hold(kept.held.merchant, say_who, shopper=kept.shopper).conversation

    shown = mine.get(reverse("admin:conversations_conversation_changelist"), {"q": said})

    assert [row.first_words for row in shown.context["cl"].result_list] == [
        "I am •••, write to ••• or call •••"
    ]
    look = AccessRecord.objects.filter(merchant_id=kept.held.merchant).order_by("-seq")[0]
    assert (look.action, json.loads(look.detail)) == ("conversations.listed", {"q": "given"})
