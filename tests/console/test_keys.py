"""API keys in the console and at the command line: made, shown once, revoked."""

import re
import uuid
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from catalog.models import Merchant
from conversations.api.keys import Caller, KeyRefused, get_caller
from conversations.ids import MerchantId
from conversations.models import ApiKey

ADD = reverse("admin:conversations_apikey_add")
LIST = reverse("admin:conversations_apikey_changelist")


@pytest.fixture
def shop(database: str) -> Merchant:
    return Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Corner Shop")


def make(owner: Client, shop: Merchant) -> str:
    filled = {"merchant": str(shop.id), "name": "Order desk", "scope": "write", "requests_per_minute": "60"}
    shown = owner.post(ADD, filled)
    assert shown.status_code == 200
    found = re.search(r'id="ca-secret"[^>]*>(ca_[0-9a-f]{8}_[\w-]{43})<', shown.content.decode())
    assert found is not None, shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert found[1] not in str(shown.cookies)
    return found[1]


def test_a_key_is_shown_once_and_works(owner: Client, shop: Merchant) -> None:
    secret = make(owner, shop)

    key = ApiKey.objects.get(merchant_id=shop.id)
    pages = [owner.get(LIST), owner.get(reverse("admin:conversations_apikey_change", args=[key.pk]))]

    assert get_caller(secret=secret, at=datetime.now(UTC)) == Caller(
        key=key.pk, merchant=MerchantId(str(shop.id)), may_write=True, per_minute=60
    )
    assert (key.name, key.prefix) == ("Order desk", secret[:11])
    assert all(key.prefix in page.content.decode() for page in pages)
    assert not any(secret[12:] in page.content.decode() for page in pages)


def test_a_key_keeps_its_shop_and_its_scope(owner: Client, shop: Merchant) -> None:
    secret = make(owner, shop)
    key = ApiKey.objects.get(merchant_id=shop.id)
    page = reverse("admin:conversations_apikey_change", args=[key.pk])

    changed = {"name": "Desk 2", "requests_per_minute": "5", "scope": "read", "merchant": str(uuid.uuid4())}
    assert owner.post(page, changed).status_code == 302

    key.refresh_from_db()
    assert (key.name, key.requests_per_minute, key.scope) == ("Desk 2", 5, "write")
    assert get_caller(secret=secret, at=datetime.now(UTC)).merchant == str(shop.id)


def test_a_key_is_revoked_and_stays_listed(owner: Client, shop: Merchant) -> None:
    secret = make(owner, shop)
    key = ApiKey.objects.get(merchant_id=shop.id)

    owner.post(LIST, {"action": "revoke", "_selected_action": [str(key.pk)]})

    with pytest.raises(KeyRefused):
        get_caller(secret=secret, at=datetime.now(UTC))
    assert "Revoked" in owner.get(LIST, {"q": key.prefix}).content.decode()
    assert owner.get(reverse("admin:conversations_apikey_delete", args=[key.pk])).status_code == 403


def test_a_command_makes_and_revokes(shop: Merchant, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("api_key", "make", "--merchant", shop.key, "--name", "Nightly export")
    secret = capsys.readouterr().out.strip()
    caller = get_caller(secret=secret, at=datetime.now(UTC))

    call_command("api_key", "revoke", secret[:11])
    call_command("api_key", "revoke", secret[:11])

    assert (caller.merchant, caller.may_write, caller.per_minute) == (str(shop.id), False, 600)
    assert capsys.readouterr().out == "Nightly export: revoked.\nNightly export: was revoked before.\n"
    with pytest.raises(KeyRefused):
        get_caller(secret=secret, at=datetime.now(UTC))


def test_a_command_says_what_is_wrong(shop: Merchant) -> None:
    with pytest.raises(CommandError, match="No key begins with 'ca_00'; the admin lists them"):
        call_command("api_key", "revoke", "ca_00")
    with pytest.raises(CommandError):
        call_command("api_key", "make", "--merchant", f"{shop.key}x", "--name", "x")
    assert not ApiKey.objects.filter(merchant_id=shop.id).exists()
