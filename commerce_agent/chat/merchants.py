"""Which shop a frame or a socket speaks for."""

import msgspec

from catalog.models import Merchant
from conversations.ids import MerchantId


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """What the chat needs to know of a merchant."""

    id: MerchantId
    key: str
    name: str
    currency: str
    locale: str
    shop_url: str
    origins: tuple[str, ...]
    """The sites that may embed the widget."""


def find_shop(*, key: str) -> Shop | None:
    """Answers the merchant with this public key; None when there is none or it is switched off."""
    merchant = Merchant.objects.filter(key=key, active=True).first()
    if merchant is None:
        return None
    return Shop(
        id=MerchantId(str(merchant.id)),
        key=merchant.key,
        name=merchant.name,
        currency=merchant.currency,
        locale=merchant.locale,
        shop_url=merchant.shop_url,
        origins=tuple(merchant.allowed_origins),
    )
