"""Where a card leads: into the shop, and never to the chat's own host."""

import pytest
from pytest_django.fixtures import Settings

from commerce_agent.chat.links import DEMO_KEY, lead_home
from commerce_agent.chat.merchants import Shop
from commerce_agent.demo.content import get_demo_shop
from conversations.events.messages import Card
from conversations.ids import EntityRef, MerchantId

URL, SITES = "https://shop.example/en/", ("https://www.shop.example", "https://shop.example.org")


def lead(
    address: str, *, key: str = "a-shop", shop_url: str = "", origins: tuple[str, ...] = ()
) -> list[str]:
    """Where the link and the picture of a card with this address for both lead."""
    shop = Shop(
        id=MerchantId("m"), key=key, name="A", currency="USD", locale="en", shop_url=shop_url, origins=origins
    )
    card = Card(ref=EntityRef("variant", "TEA-1"), title="Teapot", url=address, image=address)
    (led,) = lead_home((card,), shop=shop)
    return [led.url, led.image]


@pytest.mark.parametrize("address", ["/p/teapot", "p/teapot"])
def test_a_relative_address_is_the_shops(address: str) -> None:
    rooted = address.startswith("/")

    assert (
        lead(address, shop_url=URL, origins=SITES)
        == [f"https://shop.example/{'' if rooted else 'en/'}p/teapot"] * 2
    )
    # Where the shop has told no address, the first of its sites is one.
    assert lead(address, origins=SITES) == ["https://www.shop.example/p/teapot"] * 2
    assert lead(address) == ["", ""]


def test_a_whole_address_needs_no_other() -> None:
    own, foreign = "https://shop.example.org/p/1", "https://cdn.example/1.webp"

    assert lead(own, origins=SITES) == [own, own]
    # A feed names the servers of others for its pictures.
    assert lead(foreign, origins=SITES) == ["", foreign]
    assert lead(foreign) == ["", foreign]
    assert lead("https://[p/1", origins=SITES) == ["", ""]
    assert lead("javascript:alert(1)") == ["", ""]


def test_the_demos_pages_are_on_the_chats_own_host(settings: Settings) -> None:
    assert get_demo_shop().sign.key == DEMO_KEY
    assert lead("/shop/product/1/", key="demo") == ["/shop/product/1/"] * 2
    assert lead("//evil.example/1", key="demo")[0] == ""

    settings.DEMO_SHOP = False
    assert lead("/shop/product/1/", key="demo") == ["", ""]
