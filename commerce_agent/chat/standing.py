"""Who a socket's shopper is: nobody in particular, until the shop vouches for them.

A shop vouches, with a token of its own. `identify` brings a JWT (HS256 or EdDSA, `aud` the shop's key, at most 15
minutes, `jti` for one browser only; keys in the admin). The anonymous conversation becomes the shopper's, never the
other way, and then opens for nobody whom the shop has not vouched for, handle or not: other tabs are shut out. A
welcome gives a *proof*, good for an hour, that a page keeps in memory for lost connections; confirming on an older
one asks the shop again. Where what fetches a token fails, it is asked again every five seconds, and messages wait;
where a token is refused, the page goes on without the shopper, whose handle stays for when they are vouched for.
"""

import secrets
from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from commerce_agent.chat.budgets import Speaker
from commerce_agent.chat.merchants import Shop
from commerce_agent.chat.protocol import CAPS, CAPS_KNOWN, FrameRefused
from commerce_agent.chat.tickets import PROOF_LIFETIME, find_proof, grant_proof
from commerce_agent.composition import Platform
from commerce_agent.identity.tokens import IdentityTokens, TokenRefused
from commerce_agent.shoppers.erasing import OUTAGES, erase, erase_conversation
from conversations.ids import ConversationId
from conversations.service import (
    CARD,
    BelongsElsewhere,
    KeyFault,
    OnHold,
    Reader,
    ShopperCard,
    UnreadableEvent,
    Whose,
)

VOUCH_AGAIN = "vouch_again"


class Standing:
    """What one socket has been shown of its shopper's identity, and what that opens."""

    def __init__(self, *, platform: Platform, shop: Shop, now: Callable[[], datetime]) -> None:
        """Nobody has been vouched for yet."""
        self._platform = platform
        self._shop = shop
        self._now = now
        self._tokens = IdentityTokens(pool=platform.pool)
        self._at: datetime | None = None
        self.shopper: ShopperCard | None = None

    async def accept_proof(self, text: str) -> None:
        """Takes what an earlier socket of the same page was given; one that is no good proves nothing."""
        proof = find_proof(text, merchant=self._shop.key, at=self._now())
        if proof is None:
            return
        shopper = await self._platform.conversations.find_shopper(
            merchant=self._shop.id, shopper=proof.shopper
        )
        if shopper is not None:
            await self._platform.conversations.profiles.record(
                Whose(merchant=self._shop.id, shopper=shopper.id),
                "shopper.read",
                reader=Reader(actor="shopper", purpose="came back with the shop's word"),
                fields=CARD,
                at=self._now(),
            )
            self.shopper, self._at = shopper, proof.at

    async def vouch(self, token: str, *, holder: str | None, cid: str) -> ShopperCard:
        """Takes the shop's word for who this is; raises `FrameRefused` where the token is not the shop's word."""
        at = self._now()
        try:
            vouched = await self._tokens.require_vouched(
                token, merchant=self._shop.id, audience=self._shop.key, at=at
            )
            # Without a handle nobody can show to be the one who brought it.
            await self._tokens.spend(
                vouched, merchant=self._shop.id, holder=holder or secrets.token_urlsafe(), at=at
            )
        except TokenRefused as refused:
            raise FrameRefused(code=refused.reason, text=str(refused), cid=cid) from refused
        named = await self._platform.conversations.shoppers.record(
            merchant=self._shop.id, key=vouched.key, name=vouched.name, tier=vouched.tier, at=at
        )
        self._platform.turns.shops.keep_card(self._shop.id, card=named)
        self.shopper, self._at = named, at
        return named

    async def may_enter(self, conversation: ConversationId) -> bool:
        """An anonymous conversation is its handle's; that of a shopper needs the shopper, handle or not."""
        owner = await self._platform.conversations.owners.find_owner(conversation=conversation)
        return owner is None or (self.shopper is not None and owner == self.shopper.id)

    async def join(self, conversation: ConversationId) -> bool:
        """Makes an anonymous conversation the shopper's; False where it is another's. It never goes back."""
        if self.shopper is None:
            return False
        try:
            await self._platform.conversations.owners.join(
                conversation=conversation, shopper=self.shopper, at=self._now()
            )
        except BelongsElsewhere:
            return False
        return True

    def require_recent(self, *, cid: str | None, language: str) -> None:
        """Raises `FrameRefused` where the shop vouched for the shopper too long ago to buy on it."""
        if self._at is not None and self._now() - self._at > PROOF_LIFETIME:
            with override(language):
                text = _("Please sign in to the shop again; then confirm once more.")
            raise FrameRefused(code=VOUCH_AGAIN, text=text, cid=cid, retry_after=1.0)

    def make_proof(self) -> str | None:
        """What the page may keep; None where nobody was vouched for."""
        if self.shopper is None or self._at is None:
            return None
        return grant_proof(merchant=self._shop.key, shopper=self.shopper.id, at=self._at)

    def list_caps(self) -> tuple[str, ...]:
        """What may be asked for here, besides messages."""
        return CAPS if self.shopper is None else (*CAPS, *CAPS_KNOWN)

    def make_speaker(self, *, ticket: str, address: str) -> Speaker:
        """Whose budgets a message draws on."""
        shopper = self.shopper.id if self.shopper else None
        return Speaker(merchant=self._shop.id, ticket=ticket, address=address, shopper=shopper)

    def require_vouched(self, *, cid: str | None, language: str) -> ShopperCard:
        """The shopper whom the shop has vouched for here, lately; raises `FrameRefused`."""
        if self.shopper is None:
            with override(language):
                text = _("For this the shop has to know you. Please sign in to the shop first.")
            raise FrameRefused(code="not_identified", text=text, cid=cid)
        self.require_recent(cid=cid, language=language)
        return self.shopper

    async def erase(self, conversation: ConversationId | None, *, language: str, cid: str) -> None:
        """Erases this conversation; with None all that is of the shopper, where the shop has vouched for them here.
        Raises `FrameRefused`.

        Who only holds a browser's handle has not proved to be the shopper whose conversation it is.
        """
        reader = Reader(actor="shopper", purpose="asked in the chat")
        owner = conversation or self.require_vouched(cid=cid, language=language).id
        try:
            if self.shopper and conversation:
                await erase_conversation(
                    self._platform,
                    whose=Whose(merchant=self._shop.id, shopper=self.shopper.id),
                    conversation=conversation,
                    reader=reader,
                    at=self._now(),
                )
                return
            await erase(self._platform, merchant=self._shop.id, owner=owner, reader=reader, at=self._now())
        except OnHold as held:
            with override(language):
                text = _("The law has this kept at present. Ask the shop.")
            raise FrameRefused(code="on_hold", text=text, cid=cid) from held
        except (*OUTAGES, UnreadableEvent) as outage:
            # What was begun is finished by the purge; whether anything was, nobody can say here. What a newer process
            # of an upgrade wrote can be read in a while.
            with override(language):
                text = _("We cannot reach the shop. Please have it deleted once more in a while.")
            raise FrameRefused(code="not_erased", text=text, cid=cid, retry_after=5.0) from outage
        except KeyFault as fault:
            with override(language):
                text = _("This conversation belongs to your account. Ask the shop to delete it.")
            raise FrameRefused(code="not_erased", text=text, cid=cid) from fault
