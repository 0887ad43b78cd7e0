"""What a message points at besides its words: the product of the shop's page, a card of the talk.

A message replies to a card by naming its frame and its item. What it names has to have been shown in this talk;
then that is what "this" means, as with the product of the shop's page. The message carries both, and its turn puts
them in focus: no turn that runs meanwhile takes that away. The same message a second time points at nothing: the
talk has gone on. The widget fits what waits to the server that takes it (`caps`), shows the quote as that has it,
and where a card or a button is gone "Try again" says the words alone.

What a page shows is a hint (`agent/looking_at_page.py`). `ShopChat.context` names a product and what lies in the
shop's own cart; what the catalogue has of it becomes known to the talk, and the product is what "this" means.
Nothing else of it is believed, or kept.
"""

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from commerce_agent.agent.looking_at_page import PageSeen
from commerce_agent.chat import protocol
from commerce_agent.chat.fields import Page, ReplyTo
from commerce_agent.chat.merchants import Shop
from commerce_agent.composition import Platform
from conversations.events.messages import Card, CardsShown
from conversations.ids import ConversationId, EntityRef


class Pointing:
    """One socket's; what was taken in once is not read again."""

    def __init__(self, *, platform: Platform, shop: Shop, now: Callable[[], datetime]) -> None:
        """For the conversations of `shop`."""
        self._platform = platform
        self._shop = shop
        self._now = now
        self._heeded: Page | None = None
        self.page: Page | None = None
        """Where messages are said that do not say it themselves."""

    def forget(self) -> None:
        """Another conversation knows nothing of the page."""
        self._heeded = None

    async def find_cards(
        self, frame: protocol.Msg | protocol.Action, *, conversation: ConversationId | None, language: str
    ) -> tuple[Card, ...]:
        """The cards that a message replies to, most often none. Raises `FrameRefused` where no such were shown."""
        if isinstance(frame, protocol.Action) or frame.reply_to is None:
            return ()
        cards = await self._list_shown(frame.reply_to, conversation=conversation) if conversation else ()
        if not cards:
            with override(language):
                text = _("That is not shown any more. Please say which one you mean.")
            raise protocol.FrameRefused(code="not_shown", text=text, cid=frame.cid)
        return cards

    async def heed(
        self, frame: protocol.Msg | protocol.Action, *, conversation: ConversationId
    ) -> tuple[EntityRef, ...]:
        """Has the talk know what the page shows, and answers what "this" means by it, where that is new."""
        page = frame.context or frame.page or self.page
        if page is None or page == self._heeded:
            return ()
        seen = PageSeen(product=page.variant or page.product, cart=page.cart)
        refs = await self._platform.pages.heed(
            conversation=conversation, merchant=self._shop.id, page=seen, at=self._now()
        )
        self._heeded = page
        return refs

    async def _list_shown(self, of: ReplyTo, *, conversation: ConversationId) -> tuple[Card, ...]:
        recorded = await self._platform.conversations.list_frames(
            conversation=conversation, after=of.seq - 1, limit=1
        )
        match recorded[0].event if recorded else None:
            case CardsShown(cards=cards):
                return tuple(card for card in cards if of.sku in ("", card.ref.key))
            case _:
                return ()
