"""What the model is shown of the shop: few words, cleaned of what nobody sees, and no mark-up around it."""

from collections.abc import Sequence

import msgspec

from catalog.promotions import PromotionRecord
from commerce_agent.agent.wording.terms import say_money, say_stock
from commerce_agent.tools.naming import get_name
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.tastes import Taste

LONGEST_TEXT = 600
"""Text of the shop's goods that goes to the model is cut here: it is material, and it costs."""
LONGEST_POLICY = 4000
"""What a shop's terms say last is as binding as what they say first."""
CUT = "…"
"""The last letter of what goes on."""

_SPACES = dict.fromkeys([*range(0x09, 0x0E), 0x85, 0x2028, 0x2029], " ")
_UNSEEN = dict.fromkeys(
    [
        *range(0x20),
        *range(0x7F, 0xA0),
        0xAD,
        0x34F,
        0x61C,
        0x115F,
        0x1160,
        0x180E,
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
        0x3164,
        *range(0xFE00, 0xFE10),
        0xFEFF,
        *range(0xFFF9, 0xFFFC),
    ]
)
_TAGS = dict.fromkeys([*range(0xE0000, 0xE0080), *range(0xE0100, 0xE01F0)])
_JOINERS = (0x09, 0x0A, 0x0D, 0x200C, 0x200D, 0xFE0F)
"""Breaks of lines, and what Hindi, Persian and emoji are written with."""
_HIDING = {letter: None for letter in (*_UNSEEN, *_TAGS) if letter not in _JOINERS}
_CLEANING: dict[int, str | None] = {**_UNSEEN, **_TAGS, **_SPACES}


class OfferSeen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An item in few words. Its texts come from the shop's feed and are no instructions."""

    sku: str
    name: str
    price: str
    stock: str
    list_price: str = ""
    promotions: tuple[str, ...] = ()
    """Those that its price is after."""
    rating: float | None = None
    rated_by: int | None = None
    attributes: dict[str, str] = {}
    as_of: str = ""


def to_offer_seen(offer: Offer) -> OfferSeen:
    """The item as the model sees it."""
    return OfferSeen(
        sku=offer.item.sku,
        name=clean(get_name(offer)),
        price=say_money(offer.price.price),
        stock=say_stock(offer),
        list_price=say_money(offer.price.list_price) if offer.price.list_price > offer.price.price else "",
        promotions=tuple(clean(each.title) for each in offer.price.promotions),
        rating=offer.item.rating,
        rated_by=offer.item.rating_count,
        attributes={clean(k): clean(v) for k, v in list(offer.item.attributes.items())[:8] if v},
        as_of=f"{min(offer.price.observed_at, offer.stock.observed_at):%H:%M:%S}"
        if offer.price.stale or offer.stock.stale
        else "",
    )


def to_promotion_seen(promotion: PromotionRecord) -> dict[str, str]:
    """A promotion as the model sees it: what it takes off what, from which total on and until when."""
    covered = "all goods" if promotion.scope == "store" else f"{promotion.scope} {promotion.scope_value}"
    return {
        "title": clean(promotion.title),
        **({"code": clean(promotion.code)} if promotion.code else {}),
        "takes_off": promotion.terms,
        "applies_to": clean(covered),
        **({"ends": f"{promotion.valid_until:%Y-%m-%d %H:%M}"} if promotion.valid_until else {}),
    }


def to_taste_seen(taste: Taste) -> dict[str, str]:
    """What the shopper likes, and how that is known, as the model sees it."""
    known = "the shopper, in an earlier visit" if taste.source == "stated" else "their account with the shop"
    return {
        "dislikes" if taste.is_dislike else "likes": f"{taste.field} {clean(taste.value)}",
        **({"of": clean(taste.goods)} if taste.goods else {}),
        "known_from": known,
    }


def clean(text: str, *, most: int = LONGEST_TEXT) -> str:
    """The text without characters nobody sees, and no longer than it needs to be."""
    return _cut(text if text.isascii() and text.isprintable() else text.translate(_CLEANING), most=most)


def _cut(text: str, *, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - len(CUT)]}{CUT}"


def tell_text(text: str, *, name: str, most: int = LONGEST_TEXT) -> dict[str, object]:
    """A text under its name, and that it goes on where it does: of what is left out a model knows nothing."""
    cleaned = clean(text, most=most)
    return {name: cleaned, **({"cut": True} if len(cleaned) == most and cleaned.endswith(CUT) else {})}


def clean_whole(value: object, *, most: int = LONGEST_TEXT) -> object:
    """All of an answer, cleaned: whatever of it the shop, or whoever sells through it, has written."""
    return _clean_plain(msgspec.to_builtins(value), most=most)


def _clean_plain(value: object, *, most: int) -> object:
    match value:
        case str():
            return clean(value, most=most)
        case dict():
            return {
                _clean_plain(name, most=most): _clean_plain(each, most=most) for name, each in value.items()
            }
        case list() | tuple():
            return [_clean_plain(each, most=most) for each in value]
        case _:
            return value


def clean_each(texts: Sequence[str], *, most: int) -> list[str]:
    """The same of many, most of which need nothing: that is seen of all at once."""
    joined = "".join(texts)
    if joined.isascii() and joined.isprintable():
        return [_cut(text, most=most) for text in texts]
    return [clean(text, most=most) for text in texts]


def without_unseen(text: str) -> str:
    """What a model wrote, without what nobody sees: that would part a sum's digits, or turn them round."""
    return text if text.isascii() and text.isprintable() else text.translate(_HIDING)


def clean_lines(text: str, *, most: int) -> str:
    """The same of what a shopper wrote, line by line."""
    if text.isascii() and text.isprintable():
        return _cut(text, most=most)
    return _cut("\n".join(clean(line, most=most) for line in text.splitlines()), most=most)


def write_json(value: object) -> str:
    """JSON in which no text can look like the mark-up around it."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c").replace(">", "\\u003e")
