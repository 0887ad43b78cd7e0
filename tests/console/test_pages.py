"""Every page answers to whoever may see it, and to nobody else."""

import uuid

import pytest
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from catalog.models import Merchant
from commerce_agent.console.site import build_console
from commerce_agent.models import Operator
from tests.console.conftest import Talk

REGISTERED = dict(build_console()._registry)
MODELS = list(REGISTERED)
SHOP_MODELS = [model for model in MODELS if hasattr(model, "merchant_id")]
"""What belongs to a shop: the one of these tests has a row of each."""


def list_address(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def page_address(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_list_can_be_searched(
    owner: Client, merchant: Merchant, talk: Talk, model: type[Model]
) -> None:
    shown = owner.get(list_address(model), {"q": "tempo"})

    assert shown.status_code == 200
    assert "script-src 'self' 'unsafe-eval'" in shown["Content-Security-Policy"]
    assert "no-store" in shown["Cache-Control"]


@pytest.mark.parametrize("model", SHOP_MODELS, ids=lambda model: model.__name__)
def test_every_page_answers(owner: Client, merchant: Merchant, talk: Talk, model: type[Model]) -> None:
    row = model.objects.filter(merchant_id=merchant.id).first()  # type: ignore[attr-defined]

    shown = owner.get(page_address(row), follow=True)

    assert shown.status_code == 200


def test_the_shop_and_the_operator_have_pages(owner: Client, merchant: Merchant, superuser: Operator) -> None:
    assert owner.get(page_address(merchant)).status_code == 200
    assert owner.get(page_address(superuser)).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_strangers_are_sent_to_the_login(database: str, model: type[Model]) -> None:
    answer = Client().get(list_address(model))

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


def test_staff_see_only_what_they_were_given(merchant: Merchant, talk: Talk) -> None:
    clerk = Operator.objects.create_user(
        f"clerk-{uuid.uuid4().hex[:8]}", password="x", is_staff=True, every_shop=True
    )
    clerk.user_permissions.add(
        Permission.objects.get(content_type__app_label="catalog", codename="view_product")
    )
    client = Client()
    client.force_login(clerk)

    home = client.get(reverse("admin:index")).content.decode()
    conversation = reverse("admin:conversations_conversation_change", args=[talk.id])

    assert client.get(reverse("admin:catalog_product_changelist")).status_code == 200
    assert client.get(conversation).status_code == 403
    assert reverse("admin:conversations_conversation_changelist") not in home
    assert reverse("admin:catalog_product_changelist") in home


def test_staff_cannot_raise_themselves(merchant: Merchant) -> None:
    clerk = Operator.objects.create_user(
        f"clerk-{uuid.uuid4().hex[:8]}", password="x", is_staff=True, every_shop=True
    )
    given = Permission.objects.filter(content_type__app_label="commerce_agent", codename__contains="operator")
    clerk.user_permissions.add(*given)
    client = Client()
    client.force_login(clerk)

    client.post(
        page_address(clerk),
        {"username": clerk.username, "is_active": "on", "is_staff": "on", "is_superuser": "on"},
    )

    clerk.refresh_from_db()
    assert clerk.is_superuser is False


def test_a_list_names_the_shop_only_where_there_are_several(owner: Client, merchant: Merchant) -> None:
    other = Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Second Shop")

    shown = owner.get(list_address(merchant.products.model), {"merchant_id__exact": str(other.id)})

    assert "Second Shop" in shown.content.decode()
    assert shown.context["cl"].result_count == 0
