import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import unescape

from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse
from djmoney.money import Money
from msgspec.structs import replace

from catalog.models import BreakerChange, Merchant, Order, Product, Variant
from commerce_agent.composition import open_platform
from commerce_agent.console.audit.indexing import index_conversations
from commerce_agent.console.audit.traits import InVain
from commerce_agent.console.filters import list_sold_out
from commerce_agent.console.home import describe_home
from commerce_agent.console.numbers import CHARTED
from commerce_agent.models import ConversationTraits, ModelSpend, Operator, Role, SoughtInVain
from conversations.events.decisions import DecisionMade, Verdict
from conversations.ids import ClientMessageId, MerchantId
from conversations.models import AccessRecord, Conversation
from tests.console.conftest import Talk
from tests.console.talk import make_reply
from tests.console.visits import log_in, make_staff


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


def test_each_chart_has_its_table_and_each_number_its_list(owner: Client, talk: Talk) -> None:
    while index_conversations():
        pass
    page = owner.get(reverse("admin:index")).content.decode()

    sections = re.findall(r"<section .*?</section>", page, re.DOTALL)
    charts = [section for section in sections if "<svg" in section or "<meter" in section]
    assert len(charts) == 2
    assert all("<table" in chart for chart in charts)
    cells = re.findall(r"<td>(.*?)</td>", " ".join(sections), re.DOTALL)
    numbers = [cell for cell in cells if re.sub("<[^>]*>", "", cell).strip().isdigit()]
    assert len(numbers) > 14
    assert all('<a class="ca-link" href=' in number for number in numbers)


TILE = re.compile(
    r'<a class="ca-tile-main" href="([^"]+)">\s*<span class="ca-tile-label">([^<]+)</span>'
    r'\s*<span class="ca-tile-value[^>]*>([^<]*)</span>\s*</a>'
    r'\s*<(?:a class="ca-tile-note ca-link" href="([^"]*)"|span[^>]*)>([^<]*)<'
)
CELL = re.compile(r'<a class="ca-link" href="([^"]+)"[^>]*>\s*(\d[\d,]*)\s*</a>')
TOLD_OTHERWISE = {"Sold in the chat", "Cost of the model", "Last import"}
"""Sums and an instant: what leads where they are told has tests of its own."""


def count_rows(client: Client, address: str) -> int:
    """How many the list at an address says that it holds, whichever list it is."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    if "cl" in answer.context:
        return int(answer.context["cl"].result_count)
    if "found" in answer.context:
        return int(answer.context["found"].total)
    (waiting,) = re.findall(r"(\d+|[Nn]o\w*) (?:shoppers? waits?|shoppers? wait)\b", answer.content.decode())
    return int(waiting) if waiting.isdigit() else 0


def test_each_number_on_the_page_is_the_length_of_its_list(merchant: Merchant, talk: Talk) -> None:
    while index_conversations():
        pass
    # Of one shop, so that what other tests leave is not counted.
    owner = log_in(make_staff(merchant, Role.OWNER))
    page = owner.get(reverse("admin:index")).content.decode()

    tiles = {
        label: (unescape(link), value, unescape(note_link), note)
        for link, label, value, note_link, note in TILE.findall(page)
    }
    assert len(tiles) == page.count('class="ca-tile"') > 14
    for label, (link, value, note_link, note) in tiles.items():
        if label not in TOLD_OTHERWISE:
            assert f"{count_rows(owner, link):,}" == value, label
        if note_link:
            assert f" {count_rows(owner, note_link):,}" in f" {note}", label
    assert {label for label, tile in tiles.items() if tile[2]} == {"Resolved", "Products"}
    cells = [(unescape(link), int(count.replace(",", ""))) for link, count in CELL.findall(page)]
    # Two weeks of conversations and of orders, and who answered.
    assert len(cells) >= 2 * CHARTED + 1
    for link, count in cells:
        assert count_rows(owner, link) == count, link


def test_what_was_caught_and_stopped_and_is_out_of_reach_is_counted_and_listed(database: str) -> None:
    shop = Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Corrects Itself")
    now = datetime.now(UTC)
    hold_with_a_stopped_claim(shop, at=now)
    for kind, state, ago in (
        ("pricing", "open", 9),
        ("inventory", "open", 8),
        ("pricing", "closed", 7),
        ("inventory", "half_open", 6),
    ):
        BreakerChange.objects.create(merchant=shop, kind=kind, state=state, at=now - timedelta(minutes=ago))
    while index_conversations():
        pass
    boss = make_staff(shop, Role.OWNER)
    client = log_in(boss)

    tiles = {tile.label: tile for tile in describe_home(user=boss, now=datetime.now(UTC)).tiles}

    for label in ("Kept from a stale fact", "Kept from a false claim"):
        assert (tiles[label].value, client.get(tiles[label].link).context["found"].total) == ("1", 1), label
    away = tiles["Systems out of reach"]
    (change,) = client.get(away.link).context["cl"].result_list
    assert (away.value, change.kind, change.state) == ("1", "inventory", "half_open")
    assert away.note == change.get_kind_display()


def hold_with_a_stopped_claim(shop: Merchant, *, at: datetime) -> None:
    """A turn whose reply renewed a fact, and of which a claim was kept from the shopper."""
    verdict = Verdict(claim="$1.00", fact="f1", passed=False)
    reply = tuple(
        replace(event, decision=replace(event.decision, grounding=(verdict,)))
        if isinstance(event, DecisionMade)
        else event
        for event in make_reply(sku="S", decision=str(uuid.uuid4()), at=at)
    )

    async def talk() -> None:
        async with open_platform(quiet=True) as platform:
            service = platform.conversations
            conversation = await service.open_conversation(merchant=MerchantId(str(shop.id)), at=at)
            await service.record_message(
                conversation=conversation, cid=ClientMessageId("m1"), text="shoes under $100", at=at
            )
            turn = await service.take_turn(conversation=conversation, at=at)
            assert turn is not None
            await service.commit_turn(turn=turn, events=reply, at=at)

    async_to_sync(talk)()


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
    # As long ago as is not in the last seven days, today among them.
    ModelSpend.objects.create(merchant=shop, day=now.date() - timedelta(days=7), micros=5_000_000, calls=3)
    ModelSpend.objects.create(merchant=shop, payer="somebody", day=now.date(), micros=1_250_000, calls=3)

    ConversationTraits.objects.create(
        conversation_id=uuid.uuid4(),
        merchant_id=shop.pk,
        opened_at=now,
        active_at=now,
        version=0,
        traits=[],
    )
    home = describe_home(user=boss, now=now)
    tiles = {tile.label: tile.value for tile in home.tiles}

    today = home.days[-1]
    assert (today.talks, today.orders, today.sold) == (1, 2, "€4.50, $10.50")
    assert log_in(boss).get(today.orders_link).context["cl"].result_count == 2
    assert tiles["Orders from the chat"] == "2"
    assert tiles["Sold in the chat"] == "€4.50, $10.50"
    assert tiles["Cost of the model"] == "$1.25"
    sums = {tile.label: log_in(boss).get(tile.link).content.decode() for tile in home.tiles}
    assert "2 orders, together <strong>€4.50, $10.50</strong>" in sums["Sold in the chat"]
    assert "together <strong>$1.25</strong>" in sums["Cost of the model"]
    assert tiles["Systems out of reach"] == "0"


def test_what_was_most_looked_for_in_vain_is_counted_over_the_time_and_told_by_its_words(
    database: str,
) -> None:
    shop = Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Sells Nothing")
    # One zeppelin and several are one wish.
    for words in ("do you sell zeppelins?", "do you sell airships?", "do you sell a zeppelin?"):
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
    shown = home.content.decode()
    for each in home.context["home"].missed:
        assert each.words in shown
        assert client.get(each.conversations[0]).status_code == 200
        assert client.get(each.link).context["found"].total == each.count
    looks = AccessRecord.objects.filter(merchant_id=shop.pk, actor=f"operator:{boss.pk}").order_by("seq")
    assert list(looks.values_list("action", flat=True))[:2] == ["home.viewed", "searches.listed"]
    # Over a hundred conversations that nobody reads, and not what was long ago.
    (zeppelin, airship) = home.context["home"].missed
    term, now = int(zeppelin.link.partition("vain=")[2].partition("&")[0]), datetime.now(UTC)
    make_vain(shop, term=term, at=[now - timedelta(hours=1)] * 100 + [now - timedelta(days=8)] * 7)
    again = describe_home(user=boss, now=now).missed
    assert [(each.words, each.count) for each in again] == [(zeppelin.words, 102), (airship.words, 1)]
    month = client.get(reverse("admin:audit_missed")).context["missed"]
    assert [each.count for each in month] == [109, 1]


def test_what_was_counted_by_its_words_as_they_were_said_is_told_by_them_still(database: str) -> None:
    shop = Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Sells Nothing")
    ask_for_what_nobody_sells(shop, words="do you sell zeppelins?")
    while index_conversations():
        pass
    (row,) = SoughtInVain.objects.filter(merchant_id=shop.pk)
    client = log_in(make_staff(shop, Role.OWNER))
    (told,) = client.get(reverse("admin:audit_missed")).context["missed"]
    counted = InVain(words=told.words, at=row.at).counted
    numbers = async_to_sync(number_words)(told.words, counted)
    before = numbers[told.words][numbers[counted].index(row.term)]
    assert before != row.term
    SoughtInVain.objects.filter(merchant_id=shop.pk).update(term=before)

    (still,) = client.get(reverse("admin:audit_missed")).context["missed"]

    assert (still.words, still.count) == (told.words, 1)


async def number_words(*words: str) -> Mapping[str, tuple[int, ...]]:
    """Their numbers, in every shop that has any."""
    async with open_platform(quiet=True) as platform:
        return await platform.conversations.words.find(words=words)


def make_vain(shop: Merchant, *, term: int, at: list[datetime]) -> None:
    """Conversations of long silence in which the same was looked for, which nothing can be read of."""
    SoughtInVain.objects.bulk_create(
        SoughtInVain(
            term=term, merchant_id=shop.pk, conversation_id=uuid.uuid4(), at=each - timedelta(hours=1)
        )
        for each in at
    )


def test_words_that_cannot_be_read_are_counted_and_that_none_was_in_vain_is_said(database: str) -> None:
    shop = Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Sells Nothing Either")
    client = log_in(make_staff(shop, Role.OWNER))
    ask_for_what_nobody_sells(shop, words="do you sell zeppelins?")
    while index_conversations():
        pass
    SoughtInVain.objects.filter(merchant_id=shop.pk).delete()
    all_found = "In the conversations indexed so far every search found something."

    none = client.get(reverse("admin:index")).content.decode()
    make_vain(shop, term=5, at=[datetime.now(UTC)])
    unread = client.get(reverse("admin:index"))

    assert (all_found in none, "Words that cannot be read" in none) == (True, False)
    assert [(each.words, each.count) for each in unread.context["home"].missed] == [("", 1)]
    assert "Words that cannot be read" in unread.content.decode()


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
