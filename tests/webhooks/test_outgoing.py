"""A shop's systems are told what happens in its chat: once, signed, again when it fails, and whenever somebody asks."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import uuid4

import msgspec
import pytest
from asgiref.sync import async_to_sync
from django.test import Client, override_settings
from django.urls import reverse

from catalog.connectors.sealing import SecretUnreadable, find_version
from catalog.models import Merchant
from commerce_agent.composition import open_platform
from commerce_agent.console.audit.indexing import index_conversations
from commerce_agent.models import ConversationTraits, Listener, Membership, Operator, Role, Sending, Told
from commerce_agent.shoppers.talks import erase_talk
from commerce_agent.tasks import send_webhooks
from commerce_agent.webhooks import outgoing
from commerce_agent.webhooks.listeners import OVERLAP, list_secrets, renew_secret, reseal_listener_secrets
from commerce_agent.webhooks.noting import Happening, list_happenings, note_happenings
from commerce_agent.webhooks.outgoing import (
    WAITS,
    Attempt,
    claim_due,
    deliver,
    keep_attempt,
    prune_sendings,
)
from commerce_agent.webhooks.signing import require_signature
from conversations.events import Recorded
from conversations.events.carts import ProposalResolved
from conversations.ids import ClientMessageId, ConversationId, MerchantId
from conversations.service import Reader
from tests.strange_system import Answer, answering

ALL = ["order.placed", "order.changed", "person.asked"]
Seen = list[tuple[Mapping[str, str], bytes]]


@pytest.fixture(autouse=True)
def nearby(settings: object) -> None:
    settings.CONNECTOR_PRIVATE_NETWORKS = ["127.0.0.0/8"]  # type: ignore[attr-defined]


def listen(shop: Merchant, *, url: str, kinds: list[str] = ALL) -> tuple[Listener, str]:
    now = datetime.now(UTC) - timedelta(minutes=1)
    listener = Listener.objects.create(merchant=shop, name="desk", url=url, kinds=kinds, created_at=now)
    return listener, renew_secret(listener, at=now)


def happen(
    shop: Merchant, *, kind: str = "person.asked", seq: int = 3, ago: timedelta = timedelta()
) -> Happening:
    at = datetime.now(UTC) - ago
    return Happening(
        merchant=shop.pk,
        conversation=uuid4(),
        seq=seq,
        turn=1,
        at=at,
        kind=Told(kind),
    )


def hold(shop: Merchant, *said: str) -> ConversationId:
    async def talk() -> ConversationId:
        async with open_platform(quiet=True) as platform:
            service, now = platform.conversations, datetime.now(UTC)
            made = await service.open_conversation(merchant=MerchantId(str(shop.id)), at=now)
            for number, text in enumerate(said):
                cid = ClientMessageId(f"m{number}")
                await service.record_message(conversation=made, cid=cid, text=text, at=now)
                assert await platform.turns.run(made) is not None
            return made

    return async_to_sync(talk)()


def test_who_asks_for_a_person_is_told_to_the_shop_once_signed_and_without_a_word_that_was_said(
    shop: Merchant,
) -> None:
    posted: list[bytes] = []
    headers: list[Mapping[str, str]] = []

    def answer(_path: str, given: Mapping[str, str]) -> Answer:
        headers.append(given)
        return Answer(status=204)

    with answering(answer, posted=posted) as url:
        _, secret = listen(shop, url=url)
        _, quiet = listen(shop, url=url, kinds=["order.placed"])
        conversation = hold(shop, "I am Ada, let me talk to a human please")
        index_conversations()
        # As after a migration that has all journals read again.
        ConversationTraits.objects.filter(pk=conversation).update(version=0)
        index_conversations()
        send_webhooks()
        send_webhooks()

    (body,) = posted
    told = json.loads(body)
    sending = Sending.objects.get(listener__merchant=shop)
    assert set(told) == {"id", "kind", "at", "conversation", "turn"}
    assert (told["id"], told["kind"], told["conversation"], told["turn"]) == (
        str(sending.pk),
        "person.asked",
        conversation,
        1,
    )
    assert headers[0]["webhook-id"] == told["id"]
    signed = {"timestamp": headers[0]["webhook-timestamp"], "signature": headers[0]["webhook-signature"]}
    require_signature(secret=secret.encode(), body=body, now=datetime.now(UTC), **signed)
    assert quiet not in headers[0]["webhook-signature"]
    assert (sending.state, sending.due_at, [each["status"] for each in sending.attempts]) == (
        "delivered",
        None,
        [204],
    )


def test_what_is_not_taken_is_tried_for_most_of_a_day_and_then_given_up_with_each_attempt_kept(
    shop: Merchant,
) -> None:
    with answering(lambda _path, _headers: Answer(status=500)) as url:
        listen(shop, url=url)
        assert note_happenings([happen(shop)], now=datetime.now(UTC)) == 1
        waits = []
        for _ in range(len(WAITS) + 2):
            before = datetime.now(UTC)
            Sending.objects.filter(merchant=shop, state="waiting").update(due_at=before)
            send_webhooks()
            kept = Sending.objects.get(merchant=shop)
            waits.append(round((kept.due_at - before) / timedelta(minutes=1)) if kept.due_at else None)

    assert waits == [1, 5, 30, 120, 360, 720, None, None]
    assert (kept.state, len(kept.attempts)) == ("given_up", 7)
    assert {each["problem"] for each in kept.attempts} == {"It answered 500."}


def test_a_private_address_that_the_operator_did_not_allow_is_told_nothing(shop: Merchant) -> None:
    posted: list[bytes] = []
    with answering(lambda _path, _headers: Answer(status=204), posted=posted) as url:
        listen(shop, url=url)
        note_happenings([happen(shop)], now=datetime.now(UTC))
        with override_settings(CONNECTOR_PRIVATE_NETWORKS=[]):
            send_webhooks()

    kept = Sending.objects.get(merchant=shop)
    assert posted == []
    assert (kept.state, [each["status"] for each in kept.attempts]) == ("waiting", [0])
    assert "is a private address, which the operator did not allow" in kept.attempts[0]["problem"]


def test_one_that_takes_it_and_says_a_lot_beside_has_taken_it(shop: Merchant) -> None:
    with answering(lambda _path, _headers: Answer(status=200, body=b"<p>thanks</p>" * 400_000)) as url:
        listen(shop, url=url)
        note_happenings([happen(shop)], now=datetime.now(UTC))
        send_webhooks()

    assert [each.state for each in Sending.objects.filter(merchant=shop)] == ["delivered"]


def test_one_that_answers_nothing_keeps_no_other_from_hearing_and_a_claim_that_was_lost_runs_out(
    shop: Merchant,
) -> None:
    posted: list[bytes] = []
    with answering(lambda _path, _headers: Answer(), posted=posted) as url:
        listen(shop, url="http://127.0.0.1:9/nobody")
        listen(shop, url=url)
        note_happenings([happen(shop)], now=datetime.now(UTC))
        lost = [each for each in claim_due(now=datetime.now(UTC)) if str(each.pk) in ids_of(shop)]
        assert len(lost) == 2
        send_webhooks()
        assert posted == []
        for claimed in (Sending.objects.filter(merchant=shop), Listener.objects.filter(merchant=shop)):
            name = "due_at" if claimed.model is Sending else "held_until"
            claimed.update(**{name: datetime.now(UTC)})
        send_webhooks()

    states = Sending.objects.filter(merchant=shop).values_list("state", "attempts__0__problem")
    assert len(posted) == 1
    assert set(states) == {("delivered", ""), ("waiting", "Nothing answers there.")}


def test_what_breaks_on_our_side_counts_as_an_attempt_and_takes_no_other_with_it(shop: Merchant) -> None:
    now = datetime.now(UTC)
    with answering(lambda _path, _headers: Answer()) as url:
        listen(shop, url=url)
        note_happenings([happen(shop), happen(shop)], now=now)
        broken, whole = (each for each in claim_due(now=now) if str(each.pk) in ids_of(shop))
        deliver((msgspec.structs.replace(broken, body=cast("bytes", None)), whole), now=lambda: now)

    kept = {each.pk: each for each in Sending.objects.filter(merchant=shop)}
    assert (kept[whole.pk].state, kept[broken.pk].state) == ("delivered", "waiting")
    assert kept[broken.pk].tries == 1
    assert "a fault on our side" in kept[broken.pk].attempts[0]["problem"]


def test_a_message_that_was_delivered_stays_so_when_another_attempt_at_it_ends_badly(shop: Merchant) -> None:
    now = datetime.now(UTC)
    listen(shop, url="http://127.0.0.1:9/")
    note_happenings([happen(shop)], now=now)
    (pk,) = Sending.objects.filter(merchant=shop).values_list("pk", flat=True)

    keep_attempt(pk, Attempt(status=200), now=now)
    keep_attempt(pk, Attempt(problem="It answered 500."), now=now)

    kept = Sending.objects.get(pk=pk)
    assert (kept.state, kept.due_at, len(kept.attempts)) == ("delivered", None, 2)


def ids_of(shop: Merchant) -> set[str]:
    return {str(pk) for pk in Sending.objects.filter(merchant=shop).values_list("pk", flat=True)}


def test_only_what_happens_from_then_on_is_told_and_all_of_it_is_forgotten_after_a_month(
    shop: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    listener, _ = listen(shop, url="http://127.0.0.1:9/")
    off, _ = listen(shop, url="http://127.0.0.1:9/off")
    Listener.objects.filter(pk=off.pk).update(active=False)

    assert note_happenings([happen(shop, ago=timedelta(hours=1))], now=now) == 0
    Listener.objects.filter(pk=listener.pk).update(created_at=now - timedelta(days=60))
    assert note_happenings([happen(shop, ago=timedelta(days=8))], now=now) == 0
    assert note_happenings([happen(shop, ago=timedelta(days=6))], now=now) == 1
    assert (
        note_happenings([happen(shop, seq=seq, ago=timedelta(days=6)) for seq in range(2, 7)], now=now) == 5
    )
    assert Sending.objects.filter(merchant=shop).count() == 6
    monkeypatch.setattr(outgoing, "MOST_FORGOTTEN", 4)
    assert prune_sendings(now=now + timedelta(days=31)) >= 6
    assert Sending.objects.filter(merchant=shop).count() == 0


def test_a_secret_is_shown_once_and_the_one_before_signs_on_for_a_day(
    shop: Merchant, settings: object
) -> None:
    client = Client()
    client.force_login(Operator.objects.create_superuser(f"boss-{uuid4().hex[:8]}", password="x"))
    told = {
        "merchant": str(shop.pk),
        "name": "Desk",
        "url": "desk.shop.example/hook",
        "kinds": ALL,
        "active": "on",
    }
    add = reverse("admin:commerce_agent_listener_add")
    wrong = client.post(add, told | {"url": "https://user:pw@desk.shop.example/"}).content.decode()
    made = client.post(add, told).content.decode()
    (first,) = set(re.findall(r"whsec_[-_A-Za-z0-9]+", made))
    listener = Listener.objects.get(merchant=shop)
    row = reverse("admin:commerce_agent_listener_change", args=[listener.pk])
    chosen = {"action": "renew", "_selected_action": [str(listener.pk)]}
    renewed = client.post(reverse("admin:commerce_agent_listener_changelist"), chosen).content.decode()
    (second,) = set(re.findall(r"whsec_[-_A-Za-z0-9]+", renewed))
    listener.refresh_from_db()

    now = datetime.now(UTC)
    assert "A user and a password belong to the login" in wrong
    assert listener.url == "https://desk.shop.example/hook"
    assert "whsec_" not in client.get(row).content.decode()
    assert list_secrets(listener, at=now) == (second.encode(), first.encode())
    assert list_secrets(listener, at=now + OVERLAP) == (second.encode(),)
    keys = settings.KEY_ENCRYPTION_KEYS  # type: ignore[attr-defined]
    with override_settings(KEY_ENCRYPTION_KEYS={**keys, max(keys) + 1: b"k" * 32}):
        assert reseal_listener_secrets() >= 2
        listener.refresh_from_db()
        assert find_version(bytes(listener.sealed_before)) == max(keys) + 1
        assert list_secrets(listener, at=now) == (second.encode(), first.encode())
        # Others of this database go on with the keys that they have.
        Listener.objects.filter(merchant=shop).delete()


def test_a_new_secret_signs_though_the_one_before_does_not_open_any_more(
    shop: Merchant, settings: object
) -> None:
    now = datetime.now(UTC)
    listener, _ = listen(shop, url="http://127.0.0.1:9/")
    newest = max(settings.KEY_ENCRYPTION_KEYS)  # type: ignore[attr-defined]
    with override_settings(KEY_ENCRYPTION_KEYS={newest + 1: b"n" * 32}):
        with pytest.raises(SecretUnreadable):
            list_secrets(listener, at=now)
        secret = renew_secret(listener, at=now)
        listener.refresh_from_db()

        assert list_secrets(listener, at=now) == (secret.encode(),)


def test_an_address_goes_with_the_log_of_what_was_sent_there(shop: Merchant) -> None:
    listener, _ = listen(shop, url="http://127.0.0.1:9/")
    note_happenings([happen(shop), happen(shop)], now=datetime.now(UTC))
    operator = Operator.objects.create_user(f"boss-{uuid4().hex[:8]}", password="x", is_staff=True)
    held = Membership.objects.create(
        operator=operator, merchant=shop, role=Role.OWNER, created_at=datetime.now(UTC)
    )
    client = Client()
    client.force_login(operator)
    address = reverse("admin:commerce_agent_listener_delete", args=[listener.pk])

    asked = client.get(address)
    client.post(address, {"post": "yes"})
    held.delete()

    assert dict(asked.context["model_count"]) == {"webhook addresses": 1, "sent webhooks": 2}
    assert not Listener.objects.filter(pk=listener.pk).exists()
    assert not Sending.objects.filter(merchant=shop).exists()


def test_a_test_is_sent_and_anything_is_sent_again_from_its_page_with_the_same_id(shop: Merchant) -> None:
    posted: list[bytes] = []
    statuses = [403, 200, 200, 200]
    client = Client()
    client.force_login(Operator.objects.create_superuser(f"boss-{uuid4().hex[:8]}", password="x"))
    with answering(lambda _path, _headers: Answer(status=statuses.pop(0)), posted=posted) as url:
        listener, _ = listen(shop, url=url)
        tried = client.post(
            reverse("admin:commerce_agent_listener_try", args=[listener.pk]), follow=True
        ).content.decode()
        (row,) = ids_of(shop)
        again = client.post(reverse("admin:commerce_agent_sending_again", args=[row]), follow=True)
        note_happenings([happen(shop, kind="order.placed")], now=datetime.now(UTC))
        send_webhooks()
        chosen = {"action": "again", "_selected_action": list(ids_of(shop) - {row})}
        client.post(reverse("admin:commerce_agent_sending_changelist"), chosen)
        send_webhooks()

    ids = [json.loads(body)["id"] for body in posted]
    assert "It answered 403: what this login may do does not include it" in tried
    assert "Given up" in tried
    assert "Answered 200" in again.content.decode()
    assert ids[0] == ids[1] == row
    assert ids[2] == ids[3] != row
    assert {each.state for each in Sending.objects.filter(merchant=shop)} == {"delivered"}


def test_what_is_told_of_a_talk_goes_with_it(shop: Merchant) -> None:
    listen(shop, url="http://127.0.0.1:9/")
    conversation = hold(shop, "let me talk to a human please")
    index_conversations()
    assert Sending.objects.filter(merchant=shop, conversation_id=conversation).count() == 1

    async def erase() -> None:
        async with open_platform(quiet=True) as platform:
            reader = Reader(actor="operator:1", purpose="asked for")
            await erase_talk(
                platform,
                merchant=MerchantId(str(shop.id)),
                conversation=conversation,
                reader=reader,
                at=datetime.now(UTC),
            )

    async_to_sync(erase)()

    assert not Sending.objects.filter(merchant=shop, conversation_id=conversation).exists()


def test_an_order_and_its_changes_are_told_by_number_and_what_was_not_accepted_is_not(shop: Merchant) -> None:
    done = [
        ProposalResolved(id="1", status="accepted", text="Thanks, Ada", order="N-1"),
        ProposalResolved(id="2", status="declined", text="", order="N-2"),
        ProposalResolved(id="3", status="accepted", text="", order="N-1", kind="cancel"),
        ProposalResolved(id="4", status="failed", text="", order="N-1", kind="return"),
    ]
    at = datetime.now(UTC)
    events = [
        Recorded(seq=number, frame=number, at=at, turn=0, event=event)
        for number, event in enumerate(done, start=1)
    ]

    def tell(after: int) -> list[dict[str, object]]:
        told = list_happenings(events, merchant=shop.pk, conversation=shop.pk, after=after)
        return [each.write() for each in told]

    common = {"at": at.isoformat(), "conversation": str(shop.pk), "turn": 0, "order": "N-1"}
    assert tell(0) == [
        {"kind": "order.placed", **common},
        {"kind": "order.changed", "change": "cancel", **common},
    ]
    assert [each["kind"] for each in tell(1)] == ["order.changed"]
