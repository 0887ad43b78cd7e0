"""The shop window through Django: pages, filters, refusals and headers."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from catalog.models import Category, Merchant, Product, Variant

PAGES = ["/", "/shop/running-shoes/", "/shop/footwear/", "/shop/search/?q=merino", "/shop/product/TEMPO/"]
NAME = re.compile(r'class="card-name"><a href="[^"]*">([^<]+)</a>')


class Outline(HTMLParser):
    """What a page is made of, for assertions about its structure."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def get_all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def read_names(html: str) -> list[str]:
    return NAME.findall(html)


@pytest.mark.parametrize("page", [*PAGES, "/shop-floor/"])
def test_a_page_has_its_landmarks_and_labels(visitor: Client, page: str) -> None:
    response = visitor.get(page)
    outline = Outline(response.content.decode())

    assert response.status_code == 200
    assert len(outline.get_all("h1")) == 1
    assert len(outline.get_all("main")) == 1
    assert outline.get_all("html")[0]["lang"] == "en"
    assert outline.get_all("a")[0]["href"] == "#content"
    assert all("alt" in image for image in outline.get_all("img"))
    ids = [a["id"] for _, a in outline.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert not [a for _, a in outline.tags if "style" in a or any(name.startswith("on") for name in a)]


@pytest.mark.parametrize("page", [*PAGES, "/shop-floor/"])
def test_a_page_embeds_the_widget_by_its_one_tag_under_a_strict_policy(visitor: Client, page: str) -> None:
    response = visitor.get(page)
    policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))

    assert '<script async src="/static/loader.js" data-key="demo"></script>\n</body>' in (
        response.content.decode()
    )
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "frame-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


def test_every_shelf_and_every_product_opens(visitor: Client, stocked: Merchant) -> None:
    slugs = Category.objects.filter(merchant=stocked).values_list("slug", flat=True)
    keys = Product.objects.filter(merchant=stocked).values_list("group_key", flat=True)

    assert {slug: visitor.get(f"/shop/{slug}/").status_code for slug in slugs} == dict.fromkeys(slugs, 200)
    assert {key: visitor.get(f"/shop/product/{key}/").status_code for key in keys} == dict.fromkeys(keys, 200)


def test_every_picture_is_served_as_svg_for_good(visitor: Client, stocked: Merchant) -> None:
    for link in Variant.objects.filter(merchant=stocked).values_list("image_link", flat=True):
        response = visitor.get(link)

        assert response.status_code == 200
        assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert visitor.get("/shop/image/NOBODY.svg").status_code == 404


def test_a_shelf_narrows_by_colour_price_size_brand_and_stock(visitor: Client) -> None:
    def list_names(query: str) -> list[str]:
        return read_names(visitor.get(f"/shop/running-shoes/?{query}").content.decode())

    assert list_names("color=Blue&below=100") == ["Tempo 3"]
    assert sorted(list_names("below=100")) == ["Dash", "Lark", "Metro", "Mile One", "Plover", "Tempo 3"]
    assert list_names("brand=Ravnik") == ["Mile One"]
    assert sorted(list_names("size=7")) == ["Lark"]
    assert list_names("sort=price&below=80") == ["Mile One", "Dash"]
    assert list_names("below=nonsense&sort=worse")[0] == "Relay Pro"


def test_a_long_shelf_is_paged_and_keeps_its_filter(visitor: Client) -> None:
    first = visitor.get("/shop/clothing/?stock=1").content.decode()
    second = visitor.get("/shop/clothing/?stock=1&page=2").content.decode()

    assert len(read_names(first)) == 12
    assert "?stock=1&amp;page=2" in first
    assert not set(read_names(first)) & set(read_names(second))


def test_search_finds_by_words_and_by_misspelling_and_says_when_it_finds_nothing(visitor: Client) -> None:
    def search(words: str) -> str:
        return visitor.get("/shop/search/", {"q": words}).content.decode()

    assert read_names(search("grey scarf"))[0] == "Tarn Merino Scarf"
    assert "Owlet 2" in read_names(search("two-person tent"))
    assert "Moth 350" in read_names(search("headlmap"))
    assert read_names(search("zzzz")) == []
    assert "Nothing here fits that" in search("zzzz")
    assert "&lt;b&gt;" in search("<b>")


def test_a_product_page_shows_the_variant_of_its_address(visitor: Client) -> None:
    page = visitor.get("/shop/product/PLOVER/?sku=PLOVER-OLIVE-9").content.decode()

    assert "<code>PLOVER-OLIVE-9</code>" in page
    assert '<span class="now sale">$89.00</span> <s><span class="unseen">before </span>$119.00</s>' in page
    assert "Returns of footwear, the 90-day trail test" in page


def test_a_product_page_says_stock_in_words(visitor: Client) -> None:
    def read_stock(sku: str) -> str:
        page = visitor.get(f"/shop/product/{sku.split('-')[0]}/?sku={sku}").content.decode()
        return re.findall(r'<p class="stock \w+">([^<]+)</p>', page)[0]

    assert read_stock("METRO-WHITE-8") == "Sold out"
    assert read_stock("FEATHER-YELLOW-8") == "Only 2 left"
    assert read_stock("TEMPO-BLUE-9") == "In stock"


def test_the_final_sale_and_the_store_policy_are_quoted_where_they_hold(visitor: Client) -> None:
    assert "Coffee and food are final sale" in visitor.get("/shop/product/BEANS/").content.decode()
    assert "within 60 days of delivery" in visitor.get("/shop/product/TARNSCARF/").content.decode()


@pytest.mark.parametrize("address", ["/shop/nowhere/", "/shop/product/NOTHING/", "/nowhere/"])
def test_an_unknown_address_gets_a_page_that_leads_back(visitor: Client, address: str) -> None:
    response = visitor.get(address)

    assert response.status_code == 404
    assert "This path ends here" in response.content.decode()


def test_without_the_demo_shop_there_is_no_storefront(visitor: Client, settings: Settings) -> None:
    settings.DEMO_SHOP = False

    for address in [*PAGES, "/shop-floor/", "/shop/image/TEMPO-BLUE-9.svg"]:
        assert visitor.get(address).status_code == 404


def test_pages_are_read_only(visitor: Client) -> None:
    assert visitor.post("/").status_code == 405
    assert visitor.post("/shop/product/TEMPO/").status_code == 405
