"""Owners hold and erase one conversation, also of nobody known: with a reason, on record, and proven."""

import uuid
from datetime import UTC, datetime

import pytest
from asgiref.sync import async_to_sync
from django.urls import reverse

from catalog.models import Merchant
from commerce_agent.composition import open_platform
from commerce_agent.models import Role
from conversations.ids import ClientMessageId, ConversationId, MerchantId
from conversations.models import AccessRecord, DataKey, JournalEntry
from tests.console.conftest import hold_talk
from tests.console.visits import log_in, make_staff

REASON = "They asked for it by letter"


async def _talk(merchant: MerchantId, *, text: str) -> ConversationId:
    async with open_platform(quiet=True) as platform:
        now = datetime.now(UTC)
        talk = await platform.conversations.open_conversation(merchant=merchant, at=now)
        cid = ClientMessageId(uuid.uuid4().hex)
        await platform.conversations.record_message(conversation=talk, cid=cid, text=text, at=now)
        return talk


@pytest.fixture
def stranger(merchant: Merchant) -> ConversationId:
    """A talk with somebody whom the shop has not named."""
    return async_to_sync(_talk)(MerchantId(str(merchant.pk)), text=f"a secret: {uuid.uuid4().hex}")


def get_page(talk: str) -> str:
    return reverse("admin:audit_rights", args=[talk])


def is_there(talk: str) -> bool:
    return JournalEntry.objects.filter(conversation_id=talk).exists()


def list_accesses(talk: str) -> list[tuple[str, str]]:
    rows = AccessRecord.objects.filter(subject__endswith=talk).exclude(action="conversation.viewed")
    return [(row.action, row.purpose) for row in rows.order_by("seq")]


def test_an_owner_holds_lifts_and_erases_a_talk_of_nobody(
    merchant: Merchant, stranger: ConversationId
) -> None:
    owner = log_in(make_staff(merchant, Role.OWNER))
    asked = {"do": "erase", "reason": REASON, "word": stranger[:8], "prove": "yes"}
    assert get_page(stranger) in owner.get(reverse("admin:audit_talk", args=[stranger])).content.decode()
    shown = owner.get(get_page(stranger)).content.decode()
    assert "No legal hold." in shown
    assert "Orders stay for the books, without the person." in shown

    def post(**told: str) -> str:
        return owner.post(get_page(stranger), told, follow=True).content.decode()

    assert "nothing was done" in post(**{**asked, "reason": "why"})
    assert "nothing was erased" in post(**{**asked, "word": "yes"})
    assert "Nothing was done." in post(do="sing", reason=REASON)
    assert "A court asks for it" in post(do="hold", reason="A court asks for it")
    assert "A legal hold keeps this conversation" in post(**asked)
    assert is_there(stranger)
    assert "The hold is lifted." in post(do="release", reason="The court is done with it")
    told = post(**asked)

    assert "Erased: 2 events." in told
    assert "1 texts that were theirs were looked for." in told
    assert "Still found" not in told
    assert "It was erased on" in told
    assert not is_there(stranger)
    assert not DataKey.objects.filter(owner_id=stranger, destroyed_at=None).exists()
    assert list_accesses(stranger) == [
        ("conversation.held", "A court asks for it"),
        ("shopper.erasing", REASON),
        ("shopper.not_erased", REASON),
        ("conversation.released", "The court is done with it"),
        ("shopper.erasing", REASON),
        ("shopper.erased", REASON),
    ]
    assert "Nothing is kept of this conversation any more." in post(**asked)


def test_of_a_named_shopper_one_talk_goes_and_they_stay_known(merchant: Merchant) -> None:
    held = hold_talk(merchant)
    owner = log_in(make_staff(merchant, Role.OWNER))

    assert "Orders stay" not in owner.get(get_page(held.id)).content.decode()
    told = owner.post(
        get_page(held.id), {"do": "erase", "reason": REASON, "word": held.id[:8]}, follow=True
    ).content.decode()

    assert "Erased: " in told
    assert not is_there(held.id)
    assert DataKey.objects.filter(owner_id=held.shopper.id, destroyed_at=None).exists()


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.AUDITOR, Role.MERCHANDISER])
def test_whoever_may_only_look_erases_and_holds_nothing(
    merchant: Merchant, stranger: ConversationId, role: Role
) -> None:
    other = log_in(make_staff(merchant, role))
    for told in ({"do": "erase", "reason": REASON, "word": stranger[:8]}, {"do": "hold", "reason": REASON}):
        assert other.post(get_page(stranger), told).status_code == 403
    assert other.get(get_page(stranger)).status_code == 403

    assert is_there(stranger)
    assert list_accesses(stranger) == []


def test_another_shops_owner_finds_no_such_talk(
    stranger: ConversationId,
) -> None:
    elsewhere = Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Somebody Else's")
    owner = log_in(make_staff(elsewhere, Role.OWNER))
    asked = {"do": "erase", "reason": REASON, "word": stranger[:8]}

    assert owner.post(get_page(stranger), asked).status_code == 404
    assert owner.post(get_page(str(uuid.uuid4())), asked).status_code == 404
    assert is_there(stranger)
    assert list_accesses(stranger) == []
