"""Which shop a frame or a socket speaks for."""

import msgspec

from catalog.models import Merchant
from commerce_agent.agent.markup.addresses import list_sites
from commerce_agent.chat.looks import Look
from commerce_agent.models import WidgetLook
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
    look: Look = Look()

    @property
    def sites(self) -> tuple[str, ...]:
        """Its own sites: where links may lead, and where its pictures may be without encryption."""
        return list_sites(origins=self.origins, shop_url=self.shop_url)


def find_shop(*, key: str) -> Shop | None:
    """Answers the merchant with this public key; None when there is none or it is switched off."""
    merchant = Merchant.objects.filter(key=key, active=True).select_related("look").first()
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
        look=_get_look(merchant),
    )


def _get_look(merchant: Merchant) -> Look:
    try:
        chosen: WidgetLook = merchant.look  # type: ignore[attr-defined, unused-ignore]  # the other end of the look's own field
    except WidgetLook.DoesNotExist:
        return Look()
    return Look(
        accent=chosen.accent.lower(),
        corners=chosen.corners,
        typeface=chosen.typeface,
        scheme=chosen.scheme,
        direction=chosen.direction,
    )
