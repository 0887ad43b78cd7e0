"""Where the links and pictures of a card lead: a feed may name both from the root of the shop's own site.

A link leads into the shop's own sites, nowhere else; a picture may be on any server, for feeds name image servers.
Where nobody knows where the shop is there is no link, for it would lead to the chat's own host.
"""

from urllib.parse import urljoin, urlsplit

import msgspec
from django.conf import settings
from django.utils.encoding import iri_to_uri

from commerce_agent.agent.markup.addresses import is_own
from commerce_agent.chat.merchants import Shop
from conversations.events.messages import Card

DEMO_KEY = "demo"
"""The public key of the demo shop, whose pages stand on this very host."""


def lead_home(cards: tuple[Card, ...], *, shop: Shop) -> tuple[Card, ...]:
    """The cards with whole addresses, and without links to the sites of others."""
    return tuple(
        msgspec.structs.replace(card, url=_find_link(card.url, shop=shop), image=_join(card.image, shop=shop))
        for card in cards
    )


def _find_link(address: str, *, shop: Shop) -> str:
    """The whole address; empty where it is on the site of another, or nobody knows where the shop's own is."""
    link = iri_to_uri(_join(address, shop=shop)) or ""
    own = is_own(link, origins=shop.sites)
    return link if own or (_is_here(shop) and _is_rooted(link)) else ""


def _join(address: str, *, shop: Shop) -> str:
    """From the shop's address on, from the first of its sites where it has told none; from the chat's host for the
    demo alone, whose pages are there.
    """
    base = shop.shop_url or ("" if _is_here(shop) else next(iter(shop.origins), ""))
    try:
        whole = address and urljoin(base, address)
        return whole if urlsplit(whole).netloc or _is_here(shop) else ""
    except ValueError:
        return ""


def _is_here(shop: Shop) -> bool:
    return settings.DEMO_SHOP and shop.key == DEMO_KEY


def _is_rooted(link: str) -> bool:
    return link.startswith("/") and not link.startswith(("//", "/\\"))
