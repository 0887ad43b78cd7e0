"""A conversation is told as the shopper saw it, with why beside it, and cannot be changed by looking."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from djmoney.money import Money

from catalog.ids import MerchantId, Sku
from catalog.models import Merchant
from catalog.pricing import set_price
from commerce_agent.composition import open_platform
from commerce_agent.console.audit import gate
from commerce_agent.console.audit.indexing import index_conversations
from commerce_agent.isolation.owning import as_owner
from commerce_agent.models import ConversationTraits
from conversations import ids as talk_ids
from conversations.accesses import verify_chain
from conversations.events.decisions import DecisionMade
from conversations.models import AccessRecord, Conversation, Document, JournalEntry
from tests.console.audit.conftest import Kept
from tests.console.conftest import Talk, hold_talk
from tests.flows.recordings import Scene, hold
from tests.naming import name_shopper


@pytest.fixture(scope="module")
def talk(merchant: Merchant) -> Talk:
    return hold_talk(merchant)


@pytest.fixture
def address(talk: Talk) -> str:
    return reverse("admin:audit_talk", args=[talk.id])


def test_the_page_shows_what_the_shopper_saw(owner: Client, address: str) -> None:
    page = owner.get(address).content.decode()

    assert "shoes under $100" in page
    assert "The Lark costs $89.00." in page
    assert "$119.00" in page
    assert "Few left (3)" in page
    assert "The Lark has sold out." in page
    assert "Still there?" in page
    assert "No reply yet." in page


def test_words_of_shoppers_and_models_are_escaped(owner: Client, address: str) -> None:
    page = owner.get(address).content.decode()

    assert "<script>alert(" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


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
    facts = {fact.used.name: fact for fact in owner.get(f"{address}turn/1/").context["facts"]}
    assert (facts["price"].used.value, facts["price"].today, facts["price"].is_changed) == (
        "$89.00", "$1,234.00", True,
    )  # fmt: skip


def test_the_page_says_why(owner: Client, address: str, talk: Talk) -> None:
    chapters = owner.get(address).context["chapters"]
    reasons = chapters[0].story.reasons

    assert [chapter.story.number for chapter in chapters] == [1, 0, 0]
    assert (reasons.spoken.planner, reasons.spoken.reason) == ("Built-in planner", "no key is set")
    assert [term.words for term in reasons.terms] == ["price at most $100.00"]
    assert [(item.sku, item.rule) for item in reasons.kept] == [(talk.sku, "Matched")]
    assert [(item.sku, item.rule, item.reason) for item in reasons.rejected] == [
        ("DEAR-1", "Price", "It costs more than the limit.")
    ]
    assert [badge.words for badge in chapters[0].badges] == ["1 fact past its time"]
    assert chapters[0].summary == "Why: 1 kept, 1 rejected · 2 facts · price at most $100.00 · 1 tool"


def test_a_stale_fact_is_flagged_then_and_now(owner: Client, address: str) -> None:
    price, stock = owner.get(f"{address}turn/1/").context["facts"]

    assert (price.used.age, price.used.warning) == ("42 s", "")
    assert price.used.since == "Later in this conversation: $95.00"
    assert stock.used.warning == "Source out of reach: last known answer"
    page = owner.get(f"{address}turn/1/").content.decode()
    assert "Fresh then" in page
    assert "Source out of reach: last known answer" in page


def test_a_fact_past_its_time_now_says_so(support: Client, kept: Kept) -> None:
    facts = support.get(kept.address("turn", 1)).context["facts"]

    # It was read in a shop of long ago, good for a minute, and used at once.
    timed = [fact for fact in facts if fact.valid_until is not None]
    assert timed
    assert all(not fact.used.warning and fact.is_past for fact in timed)


def test_every_rejected_candidate_has_a_rule_and_a_sentence(support: Client, kept: Kept) -> None:
    rejected = [
        item
        for chapter in support.get(kept.address("talk")).context["chapters"]
        if chapter.story.reasons
        for item in chapter.story.reasons.rejected
    ]

    assert len(rejected) >= 5
    assert all(item.rule and item.reason for item in rejected)
    assert any(item.margin for item in rejected)


def test_each_view_opens_as_much_as_it_says(support: Client, kept: Kept) -> None:
    turns = support.get(kept.address("talk")).content.decode()
    details = support.get(kept.address("talk"), {"view": "d"}).content.decode()

    assert 'data-view="t"' in turns
    assert 'data-view="d"' in details
    assert turns.count("<summary>Why: ") == 16
    assert details.count("<summary>Why: ") == 0


def test_looking_changes_nothing_of_the_conversation(support: Client, kept: Kept) -> None:
    rows = JournalEntry.objects.filter(conversation=kept.id).order_by("seq")
    before, head = list(rows.values()), Conversation.objects.filter(pk=kept.id).values().get()

    for page in (
        "talk",
        "print",
        "graph",
        "timeline",
        "state",
        "replay",
        "whatif",
        "compare",
        "case",
        "export",
    ):
        assert support.get(kept.address(page)).status_code == 200
        assert support.delete(kept.address(page)).status_code in (200, 405)

    assert list(rows.values()) == before
    assert Conversation.objects.filter(pk=kept.id).values().get() == head


def test_the_old_addresses_lead_here(owner: Client, talk: Talk, address: str) -> None:
    page = owner.get(reverse("admin:conversations_conversation_change", args=[talk.id]))
    turn = owner.get(reverse("admin:conversations_decisionrecord_change", args=[talk.decision]))

    assert (page.status_code, page["Location"]) == (302, address)
    assert (turn.status_code, turn["Location"]) == (302, f"{address}turn/1/")


def test_how_long_it_is_kept_is_told(support: Client, kept: Kept, settings: Any) -> None:
    settings.KEEP_MONTHS = 13
    for_a_time = support.get(kept.address("talk")).content.decode()
    settings.KEEP_MONTHS = 0
    for_good = support.get(kept.address("talk")).content.decode()

    assert "<dt>Kept</dt><dd>until 13 whole months after its last message</dd>" in for_a_time
    assert "<dt>Kept</dt><dd>until it is asked to be erased</dd>" in for_good


def test_versions_are_told(support: Client, kept: Kept) -> None:
    why = support.get(kept.address("turn", 2)).context["why"]

    assert why.versions.policies == ("returns/category:Lamps@1",)
    assert why.versions.code
    assert "none made: the defaults" in support.get(kept.address("turn", 2)).content.decode()


def test_the_catalogue_of_then_is_named(support: Client, kept: Kept, owner: Client, address: str) -> None:
    """By the digest under which its words are kept; a turn that kept none says so."""
    made = {
        recorded.turn: recorded.event.basis
        for recorded in kept.held.events
        if isinstance(recorded.event, DecisionMade)
    }
    basis = made[2]
    assert basis is not None
    assert Document.objects.filter(merchant_id=kept.held.merchant, digest=basis.words).exists()

    named = f"<dt>Catalogue</dt><dd>its words <code>{basis.words}</code>"
    for page, times in (("talk", 16), ("print", 16)):
        assert support.get(kept.address(page)).content.decode().count("<dt>Catalogue</dt>") == times
        assert named in support.get(kept.address(page)).content.decode()
    assert named in support.get(kept.address("turn", 2)).content.decode()
    told = support.get(kept.address("export")).json()["decisions"][1]
    assert (told["turn"], told["versions"]["catalogue"]) == (2, basis.words)
    assert "<dt>Catalogue</dt><dd>not kept with this turn</dd>" in owner.get(address).content.decode()


def test_a_changed_row_turns_the_mark_red(
    owner: Client, merchant: Merchant, talk: Talk, address: str
) -> None:
    assert owner.get(address).context["look"].broken == ""
    entry = JournalEntry.objects.get(conversation=talk.id, seq=2)
    other = JournalEntry.objects.get(conversation=talk.id, seq=3)

    set_row(talk.id, seq=2, column="body", value=bytes(other.body))
    page = owner.get(address)
    assert "Not as written" in page.content.decode()
    assert "was changed or belongs elsewhere" in page.context["look"].broken
    assert "shoes under $100" not in page.content.decode()

    set_row(talk.id, seq=2, column="body", value=bytes(entry.body))
    assert owner.get(address).context["look"].broken == ""


def set_row(conversation: str, *, seq: int, column: str, value: object) -> None:
    """As somebody would who owns the database."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE conversations_journalentry DISABLE TRIGGER USER")
        try:
            cursor.execute(
                f"UPDATE conversations_journalentry SET {column} = %s WHERE conversation_id = %s AND seq = %s",
                [value, conversation, seq],
            )
        finally:
            cursor.execute("ALTER TABLE conversations_journalentry ENABLE TRIGGER USER")


def test_a_row_that_opens_and_is_another_than_was_looked_at_turns_the_mark_red(
    owner: Client, merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The instant of an event is sealed in no body: only what an earlier look noted of the whole journal knows it."""
    monkeypatch.setattr(gate, "NEWEST_LOOKS", 2)
    talk = hold_talk(merchant)
    address = reverse("admin:audit_talk", args=[talk.id])
    entries = JournalEntry.objects.filter(conversation=talk.id)
    then, count = entries.get(seq=2).at, entries.count()

    def look() -> tuple[str, str]:
        broken = owner.get(address).context["look"].broken
        noted = AccessRecord.objects.filter(subject=f"conversation:{talk.id}").order_by("-seq")[0].detail
        return broken, json.loads(noted)["journal"]

    first = look()
    assert (first[0], first[1].partition(":")[0]) == ("", str(count))
    assert look() == first
    set_row(talk.id, seq=2, column="at", value=then - timedelta(hours=1))

    told = f"The first {count} events are not those that were there when it was looked at or indexed."
    # Nor do more looks make it the one that is believed.
    assert [look() for _ in range(4)] == [(told, first[1])] * 4
    assert "Not as written" in owner.get(address).content.decode()
    set_row(talk.id, seq=2, column="at", value=then)
    assert look() == first
    assert verify_chain(chain=merchant.pk).is_whole


@pytest.mark.parametrize("column", ["at", "turn", "frame"])
def test_a_row_that_was_changed_before_the_first_look_turns_the_mark_red(
    owner: Client, merchant: Merchant, column: str
) -> None:
    """What stands beside the sealed body is known by the index, which has read the journal before anybody looks."""
    talk = hold_talk(merchant)
    address = reverse("admin:audit_talk", args=[talk.id])
    count = JournalEntry.objects.filter(conversation=talk.id).count()
    while index_conversations():
        pass
    then = getattr(JournalEntry.objects.get(conversation=talk.id, seq=2), column)

    set_row(talk.id, seq=2, column=column, value=then - timedelta(hours=1) if column == "at" else 77)
    # Nor does reading on make the changed row the one that is believed.
    async_to_sync(say_more)(talk.id)
    while index_conversations():
        pass

    told = f"The first {count + 1} events are not those that were there when it was looked at or indexed."
    page = owner.get(address)
    assert page.context["look"].broken == told
    assert "Verified" not in page.content.decode()
    set_row(talk.id, seq=2, column=column, value=then)
    page = owner.get(address)
    assert (page.context["look"].broken, "Verified" in page.content.decode()) == ("", True)


def test_a_look_hashes_only_what_no_look_has_hashed(owner: Client, merchant: Merchant) -> None:
    talk = hold_talk(merchant)
    address = reverse("admin:audit_talk", args=[talk.id])
    count = JournalEntry.objects.filter(conversation=talk.id).count()

    def look() -> tuple[list[str], str]:
        """What was asked for bodies, and the mark."""
        with CaptureQueriesContext(connection) as asked:
            broken = owner.get(address).context["look"].broken
        journal = (each["sql"] for each in asked if "conversations_journalentry" in each["sql"])
        return [sql for sql in journal if '"body"' in sql], broken

    first, again = look(), look()
    assert (['"seq" > 0 ' in sql for sql in first[0]], first[1]) == ([True], "")
    assert again == ([], "")
    async_to_sync(say_more)(talk.id)
    (grown,), mark = look()
    assert (f'"seq" > {count} ' in grown, mark) == (True, "")
    assert look() == ([], "")
    # One row written anew, with the same length and at the same version, has all of it hashed again.
    before = JournalEntry.objects.get(conversation=talk.id, seq=2).at
    set_row(talk.id, seq=2, column="at", value=before - timedelta(hours=1))
    (whole,), mark = look()
    assert '"seq" > 0 ' in whole
    assert "are not those that were there when it was looked at or indexed" in mark


async def say_more(talk: str) -> None:
    async with open_platform(quiet=True) as platform:
        await platform.conversations.record_message(
            conversation=talk_ids.ConversationId(talk),
            cid=talk_ids.ClientMessageId("more"),
            text="and lamps?",
            at=datetime.now(UTC),
        )


def test_an_event_that_is_missing_turns_the_mark_red(owner: Client, talk: Talk, address: str) -> None:
    last = JournalEntry.objects.filter(conversation=talk.id).order_by("-seq")[0]
    row = {field.attname: getattr(last, field.attname) for field in last._meta.concrete_fields}

    JournalEntry.objects.filter(conversation=talk.id, seq=last.seq).delete()
    assert f"The journal ends at event {last.seq - 1}" in owner.get(address).context["look"].broken
    JournalEntry.objects.create(**row)
    assert owner.get(address).context["look"].broken == ""


@pytest.mark.parametrize("known_by", ["look", "index"])
def test_an_end_cut_off_with_the_number_that_counts_it_turns_the_mark_red(
    owner: Client, merchant: Merchant, known_by: str
) -> None:
    talk = hold_talk(merchant)
    address = reverse("admin:audit_talk", args=[talk.id])
    last = JournalEntry.objects.filter(conversation=talk.id).order_by("-seq")[0]
    row = {field.attname: getattr(last, field.attname) for field in last._meta.concrete_fields}
    if known_by == "look":
        assert owner.get(address).context["look"].broken == ""
        ConversationTraits.objects.filter(pk=talk.id).delete()
    else:
        while index_conversations():
            pass

    JournalEntry.objects.filter(conversation=talk.id, seq=last.seq).delete()
    Conversation.objects.filter(pk=talk.id).update(version=last.seq - 1)

    told = f"The journal ends at event {last.seq - 1}; when it was looked at or indexed, it had {last.seq}."
    for page in (owner.get(address), owner.get(address)):
        assert page.context["look"].broken == told
        assert "Verified" not in page.content.decode()
    JournalEntry.objects.create(**row)
    Conversation.objects.filter(pk=talk.id).update(version=last.seq)
    assert owner.get(address).context["look"].broken == ""


async def say_one_thing(scene: Scene) -> None:
    await scene.say("shoes under $100")


def test_an_erased_conversation_says_so(support: Client, lamp_shop: MerchantId) -> None:
    gone = Kept(held=hold(lamp_shop, say_one_thing), shopper=name_shopper(lamp_shop))
    assert "shoes under $100" in support.get(gone.address("talk")).content.decode()

    async def erase() -> None:
        async with open_platform(quiet=True) as platform:
            merchant = talk_ids.MerchantId(str(lamp_shop))
            await platform.key_keeper.forget_key(merchant=merchant, owner=gone.id)

    async_to_sync(erase)()

    page = support.get(gone.address("talk"))
    while index_conversations():
        pass
    listed = support.get(reverse("admin:audit_find"), {"q": gone.id})
    assert page.status_code == listed.status_code == 200
    assert "was erased" in page.context["look"].broken
    assert "shoes under $100" not in page.content.decode()
    assert "Cannot be read any more" in listed.content.decode()
    for name in ("graph", "timeline", "state", "replay", "whatif", "compare", "case", "print", "export"):
        assert support.get(gone.address(name)).status_code == 200, name
    assert support.get(gone.address("script")).status_code == 404
