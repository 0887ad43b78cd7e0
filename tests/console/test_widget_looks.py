"""A look is chosen beside its preview, and is the shop's own."""

import uuid

from django.test import Client
from django.urls import reverse

from catalog.models import Merchant
from commerce_agent.models import WidgetLook


def test_a_look_is_chosen_beside_its_preview(owner: Client) -> None:
    shop = Merchant.objects.create(key=f"look-{uuid.uuid4().hex[:12]}", name="Looks")
    add = reverse("admin:commerce_agent_widgetlook_add")
    chosen = {"merchant": str(shop.pk), "corners": "soft", "typeface": "serif", "scheme": "", "direction": ""}

    wrong = owner.post(add, {**chosen, "accent": "red;}"}).content.decode()
    assert "Write a colour as #rrggbb." in wrong
    assert not WidgetLook.objects.filter(merchant=shop).exists()

    owner.post(add, {**chosen, "accent": "#aa3366"})
    look = WidgetLook.objects.get(merchant=shop)
    assert (look.accent, look.corners, look.typeface) == ("#aa3366", "soft", "serif")
    shown = owner.get(reverse("admin:commerce_agent_widgetlook_change", args=[look.pk])).content.decode()
    assert "data-look=" in shown
    assert "console/look.js" in shown
    snippet = owner.get(reverse("admin:catalog_merchant_change", args=[shop.pk])).content.decode()
    assert f'data-key="{shop.key}" data-accent="#aa3366"&gt;' in snippet
