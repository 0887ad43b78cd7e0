"""Staff give out, hold and erase what is kept of a shopper: whose role says so, with a reason, on record."""

import json
import uuid
from unittest.mock import AsyncMock

import pytest
from django.test import Client
from django.urls import reverse
from redis.exceptions import ConnectionError

from catalog.models import Merchant
from catalog.orders import AddressUnreadable
from commerce_agent.console import proof, shopper_rights
from commerce_agent.models import Role
from commerce_agent.shoppers.proving import Found
from conversations.models import AccessRecord, Conversation, DataKey, JournalEntry
from conversations.service import UnreadableEvent
from tests.console.conftest import Talk, hold_talk
from tests.console.visits import log_in, make_staff

REASON = "She asked for it by letter"


@pytest.fixture
def held(merchant: Merchant) -> Talk:
    """A shopper of the test's own, who has talked."""
    return hold_talk(merchant)


def get_page(talk: Talk) -> str:
    return reverse("admin:conversations_shopper_rights", args=[talk.shopper.id])


def list_accesses(talk: Talk, *, since: int = 0) -> list[tuple[str, str]]:
    rows = AccessRecord.objects.filter(subject=f"shopper:{talk.shopper.id}").order_by("seq")
    return [(row.action, row.purpose) for row in rows][since:]


def is_there(talk: Talk) -> bool:
    """Whether the shopper's key and every event of the conversation are."""
    key = DataKey.objects.filter(owner_id=talk.shopper.id, destroyed_at__isnull=True)
    return key.exists() and JournalEntry.objects.filter(conversation_id=talk.id).exists()


def test_an_owner_gives_out_what_is_kept_as_a_page_and_as_json(merchant: Merchant, held: Talk) -> None:
    owner = log_in(make_staff(merchant, Role.OWNER))
    row = reverse("admin:conversations_shopper_change", args=[held.shopper.id])
    assert get_page(held) in owner.get(row).content.decode()
    before = len(list_accesses(held))

    as_json = owner.post(get_page(held), {"do": "export-json", "reason": REASON})
    as_page = owner.post(get_page(held), {"do": "export-page", "reason": REASON})

    told = json.loads(as_json.content)
    assert (told["name"], len(told["conversations"])) == (held.shopper.name, 1)
    assert "Ada &lt;b&gt;Lovelace&lt;/b&gt;" in as_page.content.decode()
    assert as_page["Content-Disposition"].startswith("attachment; ")
    assert list_accesses(held, since=before) == [("profile.read", REASON)] * 2


def test_an_owner_erases_with_a_reason_and_the_shoppers_number_and_nothing_that_is_held(
    merchant: Merchant, held: Talk
) -> None:
    owner = log_in(make_staff(merchant, Role.OWNER))
    asked = {"do": "erase", "reason": REASON, "word": held.shopper.id[:8], "prove": "yes"}
    before = len(list_accesses(held))

    def post(**told: str) -> str:
        return owner.post(get_page(held), told, follow=True).content.decode()

    assert "Say in a few words why; nothing was done." in post(**{**asked, "reason": ""})
    assert "nothing was erased" in post(**{**asked, "word": "yes"})
    assert "A court asks for it" in post(do="hold", reason="A court asks for it")
    assert "A legal hold keeps this shopper" in post(**asked)
    assert is_there(held)
    assert "The hold is lifted." in post(do="release", reason="The court is done with it")
    erased = post(**asked)

    assert "Erased: 1 conversations with" in erased
    assert "texts that were theirs were looked for." in erased
    assert "Still found" not in erased
    assert not is_there(held)
    assert Conversation.objects.get(pk=held.id).erased_at is not None
    told = [each for each in list_accesses(held, since=before) if each[0] != "shopper.viewed"]
    assert told == [
        ("shopper.held", "A court asks for it"),
        ("shopper.erasing", REASON),
        ("shopper.not_erased", REASON),
        ("shopper.released", "The court is done with it"),
        ("shopper.erasing", REASON),
        ("shopper.erased", REASON),
    ]
    assert "Nothing is kept of this shopper any more." in post(**asked)


def test_whether_it_is_gone_is_looked_for_only_when_asked_and_an_outage_undoes_nothing(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = log_in(make_staff(merchant, Role.OWNER))
    looking = AsyncMock(side_effect=ConnectionError("Redis is away"))
    monkeypatch.setattr(proof, "find_left", looking)

    def erase(**proof: str) -> str:
        gone = hold_talk(merchant)
        asked = {"do": "erase", "reason": REASON, "word": gone.shopper.id[:8], **proof}
        told = owner.post(get_page(gone), asked, follow=True).content.decode()
        assert not is_there(gone)
        return told

    assert "Erased: 1 conversations with" in erase()
    assert looking.await_count == 0
    assert "could not be looked for: Redis is away" in erase(prove="yes")


def test_what_is_still_found_is_told_without_the_name_of_a_key(
    merchant: Merchant, held: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = log_in(make_staff(merchant, Role.OWNER))
    looking = AsyncMock(return_value=(Found(canary=0, place="redis ca:secret-key"),))
    monkeypatch.setattr(proof, "find_left", looking)

    asked = {"do": "erase", "reason": REASON, "word": held.shopper.id[:8], "prove": "yes"}
    told = owner.post(get_page(held), asked, follow=True).content.decode()

    assert "Still found, see to it: Redis" in told
    assert "secret-key" not in told
    assert looking.await_args is not None
    assert looking.await_args.kwargs == {"names": (str(merchant.id), held.id)}


@pytest.mark.parametrize("damage", [UnreadableEvent(reason="x"), AddressUnreadable(place="x")], ids=repr)
def test_what_cannot_be_read_is_said_and_not_given_out(
    merchant: Merchant, talk: Talk, monkeypatch: pytest.MonkeyPatch, damage: Exception
) -> None:
    owner = log_in(make_staff(merchant, Role.OWNER))
    monkeypatch.setattr(shopper_rights, "export_shopper", AsyncMock(side_effect=damage))

    told = owner.post(get_page(talk), {"do": "export-json", "reason": REASON}, follow=True)

    assert told.status_code == 200
    assert "Not all that is kept of this shopper can be read" in told.content.decode()


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (Role.OWNER, "Give out, erase or hold what is kept of them"),
        (Role.SUPPORT, "Give out what is kept of them"),
        (Role.AUDITOR, ""),
    ],
)
def test_the_row_leads_there_whoever_may_do_any_of_it(
    merchant: Merchant, talk: Talk, role: Role, words: str
) -> None:
    staff = log_in(make_staff(merchant, role))

    row = staff.get(reverse("admin:conversations_shopper_change", args=[talk.shopper.id])).content.decode()

    assert (get_page(talk) in row, "What this shopper may ask for" in row) == (bool(words), bool(words))
    assert words in row


@pytest.mark.parametrize(
    ("role", "export", "erase"),
    [(Role.SUPPORT, 200, 403), (Role.AUDITOR, 403, 403), (Role.MERCHANDISER, 404, 404)],
)
def test_other_roles_do_what_they_may_and_no_more(
    merchant: Merchant, talk: Talk, role: Role, export: int, erase: int
) -> None:
    staff = log_in(make_staff(merchant, role))
    before = len(list_accesses(talk))

    asked = {"reason": REASON, "word": talk.shopper.id[:8]}
    answers = {
        do: staff.post(get_page(talk), {**asked, "do": do}).status_code
        for do in ("export-json", "hold", "release", "erase", "nonsense")
    }

    assert answers == {
        "export-json": export,
        **dict.fromkeys(("hold", "release", "erase", "nonsense"), erase),
    }
    assert is_there(talk)
    assert len(list_accesses(talk)) - before == (1 if export == 200 else 0)


def test_another_shops_owner_finds_no_such_page(database: str, talk: Talk) -> None:
    elsewhere = Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Elsewhere")
    owner, nobody = log_in(make_staff(elsewhere, Role.OWNER)), Client()

    asked = {"do": "erase", "reason": REASON, "word": talk.shopper.id[:8]}
    assert owner.get(get_page(talk)).status_code == 404
    assert owner.post(get_page(talk), asked).status_code == 404
    assert "login" in nobody.post(get_page(talk), asked)["Location"]
    assert is_there(talk)
