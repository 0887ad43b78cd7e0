"""Webhook keys are shown once; what could not be applied is tried again."""

import re
from datetime import UTC, datetime

from django.db.models import Model
from django.test import Client
from django.urls import reverse

from catalog.models import Delivery, Merchant, ShopEvent, WebhookKey
from commerce_agent.models import Listener, Membership, Role
from commerce_agent.webhooks.keys import WEBHOOK_KEYS
from tests.console.test_pages import list_address
from tests.console.visits import log_in, make_staff


def test_a_key_is_made_shown_once_and_ended(owner: Client) -> None:
    shop = Merchant.objects.create(key=f"wk-{datetime.now(UTC):%H%M%S%f}", name="Keys")
    made = owner.post(
        reverse("admin:catalog_webhookkey_add"), {"merchant": str(shop.id), "name": "Warehouse"}
    )

    (secret,) = re.findall(r"whsec_[-_A-Za-z0-9]+", made.content.decode())
    key = WebhookKey.objects.get(merchant=shop)
    opened = WEBHOOK_KEYS.open_secret(bytes(key.sealed_secret), merchant=str(shop.id), key_id=key.key_id)
    assert opened == secret
    listed = owner.get(reverse("admin:catalog_webhookkey_changelist"))
    assert secret not in listed.content.decode()

    owner.post(
        reverse("admin:catalog_webhookkey_changelist"), {"action": "end", "_selected_action": [str(key.pk)]}
    )
    key.refresh_from_db()
    assert key.ends_at is not None
    assert key.ends_at <= datetime.now(UTC)


def test_what_was_refused_can_be_applied_again(owner: Client, merchant: Merchant) -> None:
    delivery = Delivery.objects.get(merchant=merchant, via="wk_1")
    shown = owner.get(reverse("admin:catalog_delivery_change", args=[delivery.pk])).content.decode()
    assert "send the product first" in shown

    owner.post(
        reverse("admin:catalog_delivery_changelist"),
        {"action": "apply_again", "_selected_action": [str(delivery.pk)]},
    )

    assert ShopEvent.objects.get(delivery=delivery).status == "waiting"


def test_who_owns_one_shop_and_only_looks_at_another_makes_no_secret_there(merchant: Merchant) -> None:
    now = datetime.now(UTC)
    mine = Merchant.objects.create(key=f"wk-{now:%H%M%S%f}", name="Mine")
    clerk = make_staff(mine, Role.OWNER, name="owns-one")
    Membership.objects.create(operator=clerk, merchant=merchant, role=Role.AUDITOR, created_at=now)
    client = log_in(clerk)
    own = Listener.objects.create(merchant=mine, name="own", url="https://own.example/", created_at=now)
    listener, key = Listener.objects.get(merchant=merchant), WebhookKey.objects.get(merchant=merchant)

    def press(row: Model, action: str) -> str:
        told = {"action": action, "_selected_action": [str(row.pk)]}
        return client.post(list_address(type(row)), told, follow=True).content.decode()

    renewed, replaced, made = press(listener, "renew"), press(key, "replace"), press(own, "renew")
    press(key, "end")

    assert "Choose one address" in renewed
    assert "Choose one key" in replaced
    assert "whsec_" not in renewed + replaced
    assert "whsec_" in made
    assert bytes(Listener.objects.get(pk=listener.pk).sealed_secret) == bytes(listener.sealed_secret)
    assert WebhookKey.objects.get(merchant=merchant).ends_at is None
