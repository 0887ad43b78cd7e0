"""The admin's pages that nobody can open: each is the answer to something that was sent."""

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from catalog.models import Connector, Merchant, PollSource, Synonym
from tests.console.conftest import Talk
from tests.strange_system import Answer, answering, say

TEMPLATES = Path(settings.BASE_DIR) / "templates"
ONLY_POSTED = {"made.html", "invited.html", "tried.html"}
"""How the templates are called that show what was made or what came of a try."""
HERE = override_settings(CONNECTOR_PRIVATE_NETWORKS=["127.0.0.0/8"])


def list_templates() -> set[str]:
    """Every template that is an answer alone."""
    found = (path for path in TEMPLATES.rglob("*.html") if path.name in ONLY_POSTED)
    return {str(path.relative_to(TEMPLATES)) for path in found}


def list_answers(client: Client, *, gone: Talk) -> Iterator[tuple[str, Any]]:
    """What the platform's staff get by name: what was made, invited, tried, erased, asked again and refused."""
    shop, other = (
        Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name=name, currency="USD")
        for name in ("Posted", "Posted too")
    )
    yield from _list_made(client, shop)
    email = f"new-{uuid.uuid4().hex[:8]}@shop.example"
    for name, where in (("invited", shop), ("invited again", other)):
        asked = {"merchant": str(where.pk), "email": email, "role": "support"}
        yield name, client.post(reverse("admin:commerce_agent_membership_add"), asked)
    yield from _list_tried(client, shop)
    erasing = {"do": "erase", "reason": "They asked for it", "word": gone.shopper.id[:8], "prove": "yes"}
    rights = reverse("admin:conversations_shopper_rights", args=[gone.shopper.id])
    yield "not erased", client.post(rights, {**erasing, "word": "yes"}, follow=True)
    yield "erased", client.post(rights, erasing, follow=True)
    word = Synonym.objects.create(merchant=shop, words=["torch", "flashlight"])
    chosen = {"action": "delete_selected", "_selected_action": [str(word.pk)]}
    yield "asked whether to delete", client.post(reverse("admin:catalog_synonym_changelist"), chosen)
    for model in ("catalog_connector", "catalog_importrun", "commerce_agent_membership"):
        yield f"refused {model}", client.post(reverse(f"admin:{model}_add"), {})


def _list_made(client: Client, shop: Merchant) -> Iterator[tuple[str, Any]]:
    told = {"merchant": str(shop.pk), "name": "Front"}
    more = {
        "conversations_apikey": {"scope": "write", "requests_per_minute": "60"},
        "catalog_webhookkey": {},
        "commerce_agent_identitykey": {},
        "commerce_agent_listener": {"url": "https://desk.shop.example/hook", "kinds": ["order.placed"]},
    }
    for model, asked in more.items():
        yield f"made {model}", client.post(reverse(f"admin:{model}_add"), {**told, **asked})


def _list_tried(client: Client, shop: Merchant) -> Iterator[tuple[str, Any]]:
    """Where the address may not be asked, and where it answers."""

    def answer(path: str, _headers: Mapping[str, str]) -> Answer:
        if path.startswith("/stock"):
            return say({"items": [{"sku": "LAMP", "quantity": 6}]})
        known, spoiled = ({"id": f"e-{n}", "kind": "stock", "sku": "LAMP"} for n in (1, 2))
        return say({"events": [{**known, "quantity": 6}, spoiled], "next": "7"})

    with answering(answer) as url:
        connector = Connector.objects.create(
            merchant=shop,
            kind="inventory",
            name="erp",
            url=f"{url}/stock?skus={{skus}}",
            items="items",
            fields={"sku": "sku", "quantity": "quantity"},
        )
        source = PollSource.objects.create(merchant=shop, name="till", url=f"{url}/events")
        tries = {
            "connector": (reverse("admin:catalog_connector_try", args=[connector.pk]), {"key": "LAMP"}),
            "address": (reverse("admin:catalog_pollsource_try", args=[source.pk]), {}),
        }
        for name, (address, asked) in tries.items():
            yield f"tried {name}", client.post(address, asked)
            with HERE:
                yield f"{name} works", client.post(address, asked)
