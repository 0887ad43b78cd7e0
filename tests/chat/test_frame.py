"""The page in the frame: who may embed it, what it may run, and who is given tickets."""

import gzip
import re

import pytest
from django.test import Client

from catalog.models import Merchant
from commerce_agent.chat.tickets import require_ticket
from commerce_agent.models import WidgetLook


def read_policy(header: str) -> dict[str, list[str]]:
    parts = (directive.split() for directive in header.split(";"))
    return {name: values for name, *values in parts}


def test_only_listed_origins_may_embed_the_frame(client: Client, merchant: Merchant) -> None:
    response = client.get(f"/w/{merchant.key}/")
    policy = read_policy(response["Content-Security-Policy"])

    assert response.status_code == 200
    assert policy["frame-ancestors"] == ["'self'", "https://shop.example"]
    assert "X-Frame-Options" not in response
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


def test_the_frame_runs_nothing_but_our_own_files(client: Client, merchant: Merchant) -> None:
    response = client.get(f"/w/{merchant.key}/")
    policy = read_policy(response["Content-Security-Policy"])
    page = response.content.decode()

    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["style-src"] == ["'self'"]
    assert policy["require-trusted-types-for"] == ["'script'"]
    assert policy["trusted-types"] == ["'none'"]
    assert re.findall(r"<script(?![^>]*(src=|application/json))", page) == []
    assert re.findall(r"\s(style|on\w+)=", page) == []
    # Whoever wants to see it larger may.
    assert not re.search("user-scalable|maximum-scale", page)


@pytest.mark.parametrize(
    ("sites", "shop_url", "plain"),
    [
        (["https://shop.example"], "https://shop.example/", []),
        (["http://localhost:3000", "https://shop.example"], "", ["http://localhost:3000"]),
        (["https://shop.example"], "http://127.0.0.1:9000/en/", ["http://127.0.0.1:9000"]),
    ],
    ids=["encrypted", "a site without", "the shop's address without"],
)
def test_pictures_may_come_without_encryption_from_the_shops_own_sites_alone(
    client: Client, merchant: Merchant, sites: list[str], shop_url: str, plain: list[str]
) -> None:
    Merchant.objects.filter(pk=merchant.pk).update(allowed_origins=sites, shop_url=shop_url)
    policy = read_policy(client.get(f"/w/{merchant.key}/")["Content-Security-Policy"])

    assert policy["img-src"] == ["'self'", "https:", "data:", *plain]
    # To have pictures there gives no leave to embed.
    assert policy["frame-ancestors"] == ["'self'", *sites]


def test_an_unknown_key_and_a_shop_that_is_off_look_the_same(client: Client, merchant: Merchant) -> None:
    Merchant.objects.filter(pk=merchant.pk).update(active=False)

    off = client.get(f"/w/{merchant.key}/")
    unknown = client.get("/w/nobody-has-this-key/")

    assert (off.status_code, off.content) == (unknown.status_code, unknown.content)
    assert off["Content-Security-Policy"] == unknown["Content-Security-Policy"]
    assert read_policy(off["Content-Security-Policy"])["frame-ancestors"] == ["'none'"]


def test_the_frame_speaks_the_shops_language_or_the_wished_one(client: Client, merchant: Merchant) -> None:
    assert '<html lang="en" dir="ltr">' in client.get(f"/w/{merchant.key}/").content.decode()
    assert '<html lang="de" dir="ltr">' in client.get(f"/w/{merchant.key}/?lang=de-AT").content.decode()
    assert '<html lang="en" dir="ltr">' in client.get(f"/w/{merchant.key}/?lang=xx").content.decode()


@pytest.mark.parametrize(
    ("wished", "own", "chosen", "direction"),
    [
        ("ar", "en-US", "", "rtl"),
        ("he-IL", "en-US", "", "rtl"),
        ("", "fa", "", "rtl"),
        ("en", "ar", "", "ltr"),
        ("ar", "ar", "ltr", "ltr"),
        ("de", "de", "rtl", "rtl"),
    ],
)
def test_the_frame_is_read_as_the_page_around_it_unless_the_shop_has_chosen(
    client: Client, merchant: Merchant, wished: str, own: str, chosen: str, direction: str
) -> None:
    Merchant.objects.filter(pk=merchant.pk).update(locale=own)
    WidgetLook.objects.create(merchant=merchant, direction=chosen)

    page = client.get(f"/w/{merchant.key}/?lang={wished}").content.decode()

    assert f' dir="{direction}">' in page


@pytest.mark.parametrize("language", ["de", "en", "es", "fr"])
def test_the_page_comes_packed_to_who_can_unpack_it(
    client: Client, merchant: Merchant, language: str
) -> None:
    address = f"/w/{merchant.key}/?lang={language}"
    packed = client.get(address, headers={"accept-encoding": "gzip, br"})
    plain = client.get(address)

    assert packed["Content-Encoding"] == "gzip"
    assert f'<html lang="{language}"' in gzip.decompress(packed.content).decode()
    assert len(packed.content) < len(plain.content) / 2
    assert "Content-Encoding" not in plain
    assert ["Accept-Encoding" in answer["Vary"] for answer in (packed, plain)] == [True, True]


def test_a_frame_fetches_a_new_ticket(client: Client, merchant: Merchant) -> None:
    response = client.get(f"/w/{merchant.key}/ticket/", headers={"sec-fetch-site": "same-origin"})

    assert require_ticket(response.json()["ticket"]).merchant == merchant.key


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_no_other_site_is_given_a_ticket(client: Client, merchant: Merchant, site: str) -> None:
    response = client.get(f"/w/{merchant.key}/ticket/", headers={"sec-fetch-site": site})

    assert response.status_code == 403
    assert "ticket" not in response.json()


def test_there_is_no_ticket_for_a_shop_that_is_off(client: Client, merchant: Merchant) -> None:
    Merchant.objects.filter(pk=merchant.pk).update(active=False)

    assert client.get(f"/w/{merchant.key}/ticket/").status_code == 404


@pytest.mark.parametrize(
    ("asked", "direction"),
    [
        ("lang=en&dir=rtl", "rtl"),
        ("lang=en&dir=ltr", "ltr"),
        # Left to right is what a browser says of any page that says nothing.
        ("lang=ar&dir=ltr", "rtl"),
        ("lang=en&dir=auto", "ltr"),
    ],
)
def test_it_is_read_the_way_the_page_around_it_says(
    client: Client, merchant: Merchant, asked: str, direction: str
) -> None:
    page = client.get(f"/w/{merchant.key}/?{asked}").content.decode()
    WidgetLook.objects.create(merchant=merchant, direction="ltr" if direction == "rtl" else "rtl")
    saved = client.get(f"/w/{merchant.key}/?{asked}").content.decode()

    assert f' dir="{direction}">' in page
    # What the shop has saved goes before that.
    assert f' dir="{direction}">' not in saved
