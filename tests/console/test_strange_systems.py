"""Systems that answer nonsense, or are not there, on the page that tries them."""

import re
import uuid
from html import unescape

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from catalog.models import Connector, Merchant
from tests.console.test_connectors import enter, fill, try_it
from tests.strange_system import answering, say


@pytest.fixture
def shop(database: str) -> Merchant:
    return Merchant.objects.create(key=f"t-{uuid.uuid4().hex[:12]}", name="Strange", currency="USD")


def told(page: str) -> str:
    """What the page of a try says is wrong."""
    assert "It does not work yet" in page
    return unescape(re.findall(r'class="ca-problem">(.*?)</p>', page, re.DOTALL)[0])


@override_settings(CONNECTOR_PRIVATE_NETWORKS=["127.0.0.0/8"])
def test_markup_of_a_system_is_shown_as_text(owner: Client, shop: Merchant) -> None:
    with answering(lambda _path, _headers: say([{"sku": "A", "availability": "<script>"}])) as url:
        connector = enter(
            owner, shop, url=f"{url}/{{sku}}", items="", paths="availability: availability", timeout_ms="9000"
        )
        page = try_it(owner, connector, "<b>A")

    assert told(page).startswith("Its answer cannot be used: Invalid enum value '<script>'")
    assert "<script>'" not in page
    assert f"GET {url}/%3Cb%3EA" in page


@override_settings(CONNECTOR_PRIVATE_NETWORKS=["127.0.0.0/8"])
def test_an_answer_that_is_very_long_is_cut_on_the_page(owner: Client, shop: Merchant) -> None:
    row = {"sku": "A", "title": "t" * 90_000}
    with answering(lambda _path, _headers: say([row])) as url:
        connector = enter(
            owner,
            shop,
            kind="catalogue",
            url=f"{url}/{{sku}}",
            items="",
            paths="title: title",
            timeout_ms="9000",
        )
        page = try_it(owner, connector, "A")

    assert "It works" in page
    assert "more characters" in page
    assert len(page) < 90_000


def test_a_system_that_is_not_there_is_told_plainly(owner: Client, shop: Merchant) -> None:
    with answering(lambda _path, _headers: say([])) as url:
        connector = enter(owner, shop, url=f"{url}/{{sku}}")
        inside = told(try_it(owner, connector, "A"))
    with override_settings(CONNECTOR_PRIVATE_NETWORKS=["127.0.0.0/8"]):
        gone = told(try_it(owner, connector, "A"))
        port = url.rpartition(":")[2]
        Connector.objects.filter(pk=connector.pk).update(url=f"https://nowhere.invalid:{port}/{{sku}}")
        unknown = told(try_it(owner, connector, "A"))

    assert inside == (
        "127.0.0.1 is a private address, which the operator did not allow (CONNECTOR_PRIVATE_NETWORKS)."
    )
    assert (gone, unknown) == ("Nothing answers there.", "nowhere.invalid cannot be found.")


def test_a_secret_stays_with_the_hosts_that_it_was_entered_for(owner: Client, shop: Merchant) -> None:
    connector = enter(owner, shop)
    page = reverse("admin:catalog_connector_change", args=[connector.pk])

    taken = owner.post(page, fill(shop, url="https://thief.example/{skus}", secret=""))
    moved = owner.post(page, fill(shop, url="https://erp.shop.example/v2/{skus}", secret=""))
    anew = owner.post(page, fill(shop, url="https://new.example/{skus}", secret="new"))
    connector.refresh_from_db()

    assert "Enter the secret again: https://thief.example has not had it" in unescape(taken.content.decode())
    assert (taken.status_code, moved.status_code, anew.status_code) == (200, 302, 302)
    assert connector.url == "https://new.example/{skus}"
