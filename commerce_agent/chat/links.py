"""Where the links and pictures of a card lead: a feed may name both from the root of the shop's own site.

A link leads into the shop's own sites, nowhere else; a picture may be on any server, for feeds name image servers.
"""

from urllib.parse import urljoin, urlsplit

import msgspec
from django.utils.encoding import iri_to_uri

from commerce_agent.agent.markup.addresses import is_own
from commerce_agent.chat.merchants import Shop
from conversations.events.messages import Card


def lead_home(cards: tuple[Card, ...], *, shop: Shop) -> tuple[Card, ...]:
    """The cards with whole addresses, and without links to the sites of others."""
    return tuple(
        msgspec.structs.replace(card, url=_find_link(card.url, shop=shop), image=_join(card.image, shop=shop))
        for card in cards
    )


def _find_link(address: str, *, shop: Shop) -> str:
    """The whole address; empty where it is on the site of another."""
    link = iri_to_uri(_join(address, shop=shop)) or ""
    parts = urlsplit(shop.shop_url)
    own = is_own(link, origins=(*shop.origins, f"{parts.scheme}://{parts.netloc}"))
    return link if own or _is_here(link) else ""


def _is_here(link: str) -> bool:
    """On the chat's own host, where a shop is that has no address of its own, as the demo's."""
    return link.startswith("/") and not link.startswith(("//", "/\\"))


def _join(address: str, *, shop: Shop) -> str:
    return address and urljoin(shop.shop_url, address)
