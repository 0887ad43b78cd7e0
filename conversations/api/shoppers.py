"""What is remembered of a shopper, and what a shopper may ask for: to see it, correct it, have all of it erased."""

from collections.abc import Callable
from functools import partial

import msgspec
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.api.base import ApiView, give, read_body, read_question
from conversations.api.bodies import (
    ConsentGiven,
    ErasedAnswer,
    ErasureWanted,
    ItemCorrected,
    ItemsForgotten,
    MemoryAnswer,
    NoQuestion,
    ShopperExported,
)
from conversations.api.problems import OUTAGES, RETRY_SECONDS, Refusal
from conversations.api.schema import describe
from conversations.service import KeyFault, Reader, ShopperCard, UnreadableEvent, Whose
from conversations.shoppers import Profile, consent, correct, forget

_INTERRUPTED = (
    "The store went out of reach in the middle. What was begun is on record, and finished by the same request again, or"
    " by the purge."
)
_NOT_YET = (
    "A key of the installation, or its release, must be put right before this shopper can be erased; whoever runs it"
    " finds in its log what to do. Send the same request again then."
)
_describe = partial(describe, tag="Shoppers", question=NoQuestion)


class _ShopperView(ApiView):
    """A shopper whom the merchant has named, by the merchant's own key."""

    async def require_shopper(self, request: Request, key: str) -> ShopperCard:
        """The shopper. Raises `Refusal`; another merchant's answers like none. The address asks nothing else."""
        read_question(request, NoQuestion)
        service = await self.get_service()
        card = await service.shoppers.find_by_key(merchant=self.get_merchant(), key=key)
        if card is None:
            raise _refuse_unknown()
        return card

    def get_reader(self, purpose: str) -> Reader:
        """Who asks, for the record."""
        return Reader(actor=self.get_actor(), purpose=purpose)

    async def change(
        self, request: Request, key: str, make: Callable[[Profile], Profile], *, purpose: str
    ) -> Response:
        """Changes what is remembered and answers what then is."""
        card, service = await self.require_shopper(request, key), await self.get_service()
        changed = await service.profiles.change(
            Whose(merchant=self.get_merchant(), shopper=card.id),
            make,
            reader=self.get_reader(purpose),
            fields=("kept", "consent"),
            at=self.get_ports().now(),
        )
        return give(_show(changed))


class MemoryView(_ShopperView):
    """All that is remembered."""

    @_describe(
        name="get_memory",
        summary="Get what is remembered of a shopper",
        answer=MemoryAnswer,
    )
    async def get(self, request: Request, key: str) -> Response:
        """The profile, with what gave way to what."""
        card, service = await self.require_shopper(request, key), await self.get_service()
        profile = await service.profiles.read(
            Whose(merchant=self.get_merchant(), shopper=card.id),
            reader=self.get_reader("memory"),
            fields=("everything",),
            at=self.get_ports().now(),
        )
        return give(_show(profile))


class ForgettingView(_ShopperView):
    """Takes items out."""

    @_describe(
        name="forget_items",
        summary="Take items out of what is remembered",
        body=ItemsForgotten,
        answer=MemoryAnswer,
    )
    async def post(self, request: Request, key: str) -> Response:
        """Forgets them; ids that are not there change nothing."""
        wanted = read_body(request, ItemsForgotten)
        return await self.change(
            request, key, lambda profile: forget(profile, ids=wanted.ids), purpose="forget"
        )


class CorrectingView(_ShopperView):
    """Puts an item right."""

    @_describe(
        name="correct_item",
        summary="Put an item right, as the shopper says",
        body=ItemCorrected,
        answer=MemoryAnswer,
    )
    async def post(self, request: Request, key: str) -> Response:
        """The value holds as the shopper's own word."""
        wanted, now = read_body(request, ItemCorrected), self.get_ports().now()
        return await self.change(
            request,
            key,
            lambda profile: correct(profile, id=wanted.id, value=wanted.value, now=now),
            purpose="correct",
        )


class ConsentView(_ShopperView):
    """Takes the shopper's answer."""

    @_describe(
        name="set_consent",
        summary="Say whether the shopper agrees to be remembered",
        body=ConsentGiven,
        answer=MemoryAnswer,
    )
    async def post(self, request: Request, key: str) -> Response:
        """A no takes everything out, and keeps it out."""
        wanted, now = read_body(request, ConsentGiven), self.get_ports().now()
        return await self.change(
            request, key, lambda profile: consent(profile, given=wanted.given, now=now), purpose="consent"
        )


class ShopperExportView(_ShopperView):
    """Everything that is kept."""

    @_describe(
        name="export_shopper",
        summary="Take out everything that is kept of a shopper",
        answer=ShopperExported,
    )
    async def get(self, request: Request, key: str) -> Response:
        """As data, and as a page that a person can read."""
        card = await self.require_shopper(request, key)
        exported = await self.get_ports().export_shopper(
            self.get_merchant(), card.id, self.get_reader("export")
        )
        if exported is None:
            raise _refuse_unknown()
        return give(ShopperExported(export=msgspec.Raw(exported.body), page=exported.page))


class ErasureView(_ShopperView):
    """Erases the shopper."""

    @_describe(
        name="erase_shopper",
        summary="Erase everything of a shopper, for good",
        body=ErasureWanted,
        answer=ErasedAnswer,
    )
    async def post(self, request: Request, key: str) -> Response:
        """The key is destroyed, the rows and the copies go, and orders stay without the person."""
        wanted = read_body(request, ErasureWanted)
        try:
            erased = await self._erase(request, key, why=wanted.why)
        except (KeyFault, UnreadableEvent) as fault:
            raise Refusal(status=503, name="not-erased", text=_NOT_YET) from fault
        if erased is None:
            text = "A legal hold keeps what is stored of this shopper; it was not erased."
            raise Refusal(status=403, name="on-hold", text=text)
        return give(erased)

    async def _erase(self, request: Request, key: str, *, why: str) -> ErasedAnswer | None:
        card = await self.require_shopper(request, key)
        try:
            return await self.get_ports().erase_shopper(self.get_merchant(), card.id, self.get_reader(why))
        except OUTAGES as outage:
            raise Refusal(
                status=503, name="unavailable", text=_INTERRUPTED, retry_after=RETRY_SECONDS
            ) from outage


def _refuse_unknown() -> Refusal:
    return Refusal(status=404, name="not-found", text="You have named no shopper of this key.")


def _show(profile: Profile) -> MemoryAnswer:
    return MemoryAnswer(
        version=profile.version, consent=profile.consent, kept=profile.kept, overruled=profile.overruled
    )
