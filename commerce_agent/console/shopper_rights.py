"""What a shopper may ask of the shop's staff: to see all that is kept of them, and to have it erased; and a court,
that it is kept. Nothing of it is done without a reason, which is on record with who gave it.
"""

from datetime import datetime
from typing import Any

import msgspec
from asgiref.sync import async_to_sync
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from typing_extensions import override

from catalog.orders import AddressUnreadable
from commerce_agent.composition import Platform, open_platform
from commerce_agent.console.audit.gate import (
    LEAST_REASON,
    LONGEST_REASON,
    name_actor,
    read_now,
    read_reason,
    record,
)
from commerce_agent.console.personal import PersonalAdmin
from commerce_agent.console.proof import tell_found
from commerce_agent.models import Operator
from commerce_agent.shoppers.erasing import INTERRUPTED, OUTAGES, erase
from commerce_agent.shoppers.exporting import NobodyToExport, ShopperExport, export_shopper, write_page
from commerce_agent.shoppers.holding import Held, lift_hold, place_hold
from commerce_agent.shoppers.proving import Before, look_before
from commerce_agent.staff import find_reach
from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.models import Conversation, LegalHold, Shopper
from conversations.service import KeyFault, NoSuchKey, OnHold, Reader, UnreadableEvent, Whose

GIVE_OUT = "conversations.change_shopper"
"""Hands out what is kept of a shopper."""
ERASE = "conversations.delete_shopper"
"""Erases a shopper, and holds what must be kept."""
SHOWN_ID = 8


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody of the staff does about a shopper, and why."""

    shopper: Shopper
    reader: Reader
    at: datetime
    user: Operator

    @property
    def whose(self) -> Whose:
        """Whose rights they are."""
        return Whose(
            merchant=MerchantId(str(self.shopper.merchant_id)), shopper=ShopperId(str(self.shopper.pk))
        )


class RightsAdmin(PersonalAdmin):
    """A shopper's page with a page beside it for what they may ask for."""

    change_form_outer_before_template = "admin/conversations/shopper/panel.html"

    @override
    def get_urls(self) -> list[URLPattern]:
        """With that page."""
        route = path(
            "<path:object_id>/rights/",
            self.admin_site.admin_view(self.rights_page),
            name="conversations_shopper_rights",
        )
        return [route, *super().get_urls()]

    @override
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The row, leading to that page whoever may do any of it."""
        shopper = self.get_object(request, object_id)
        given_out = shopper is not None and _may(request.user, shopper, GIVE_OUT)
        erased = shopper is not None and _may(request.user, shopper, ERASE)
        rights = reverse("admin:conversations_shopper_rights", args=[object_id])
        told = {"rights": rights if given_out or erased else "", "given_out": given_out, "erased": erased}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **told})

    def rights_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Shows what may be done about a shopper, and does it."""
        shopper = self.get_object(request, object_id)
        if shopper is None:
            raise Http404("There is no such shopper.")
        user = request.user
        if not isinstance(user, Operator) or not _may(user, shopper, GIVE_OUT, ERASE):
            raise PermissionDenied
        if request.method not in ("GET", "POST"):
            return HttpResponseNotAllowed(["GET", "POST"])
        if request.method == "POST":
            return self._act(request, shopper=shopper, user=user)
        now = read_now()
        record(
            user=user,
            merchant=shopper.merchant_id,
            action="shopper.viewed",
            subject=f"shopper:{shopper.pk}",
            now=now,
            detail=(("page", "rights"),),
        )
        return TemplateResponse(
            request, "admin/conversations/shopper/rights.html", self._tell(request, shopper)
        )

    def _tell(self, request: HttpRequest, shopper: Shopper) -> dict[str, Any]:
        """What the page says."""
        talks = Conversation.objects.filter(shopper_id=shopper.pk, merchant_id=shopper.merchant_id)
        hold = LegalHold.objects.filter(owner_id=shopper.pk, merchant_id=shopper.merchant_id)
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"What shopper {str(shopper.pk)[:SHOWN_ID]} may ask for",
            "shopper": shopper,
            "word": str(shopper.pk)[:SHOWN_ID],
            "talks": talks.filter(erased_at__isnull=True).count(),
            "hold": hold.filter(lifted_at__isnull=True).first(),
            "may_give_out": _may(request.user, shopper, GIVE_OUT),
            "may_erase": _may(request.user, shopper, ERASE),
            "reason_lengths": (LEAST_REASON, LONGEST_REASON),
            "back": reverse("admin:conversations_shopper_change", args=[shopper.pk]),
            "list": reverse("admin:conversations_shopper_changelist"),
        }

    def _act(self, request: HttpRequest, *, shopper: Shopper, user: Operator) -> HttpResponse:
        here = HttpResponseRedirect(reverse("admin:conversations_shopper_rights", args=[shopper.pk]))
        do = request.POST.get("do", "")
        if not _may(user, shopper, GIVE_OUT if do.startswith("export") else ERASE):
            raise PermissionDenied
        if not (reason := read_reason(request)):
            messages.error(request, "Say in a few words why; nothing was done.")
            return here
        asked = Asked(
            shopper=shopper, reader=Reader(actor=name_actor(user), purpose=reason), at=read_now(), user=user
        )
        try:
            match do:
                case "export-json" | "export-page":
                    return _give_out(asked, page=do == "export-page")
                case "hold":
                    placed = _hold(asked, release=False)
                    messages.success(request, "It is held." if placed else "It was held already.")
                case "release":
                    lifted = _hold(asked, release=True)
                    messages.success(request, "The hold is lifted." if lifted else "There was no hold.")
                case "erase":
                    return self._erase(request, asked, here=here)
                case _:
                    messages.error(request, "Nothing was done.")
        except NobodyToExport:
            messages.error(request, "Nothing is kept of this shopper any more.")
        except KeyFault as fault:
            messages.error(request, f"Nothing was done: {fault}")
        except (UnreadableEvent, AddressUnreadable) as damage:
            messages.error(request, f"Not all that is kept of this shopper can be read: {damage}")
        return here

    def _erase(self, request: HttpRequest, asked: Asked, *, here: HttpResponse) -> HttpResponse:
        """Erases where the page's word was repeated: there is no way back."""
        if request.POST.get("word", "").strip() != str(asked.shopper.pk)[:SHOWN_ID]:
            messages.error(request, "Repeat the shopper's number to erase them; nothing was erased.")
            return here
        try:
            told = async_to_sync(_erase_and_prove)(asked, prove=bool(request.POST.get("prove")))
        except OnHold:
            messages.error(request, "A legal hold keeps this shopper: lift it first. They were not erased.")
            return here
        except NoSuchKey:
            messages.warning(request, "Nothing is kept of this shopper any more.")
            return here
        except OUTAGES:
            messages.error(request, INTERRUPTED)
            return here
        for level, words in told:
            messages.add_message(request, level, words)
        return HttpResponseRedirect(reverse("admin:conversations_shopper_changelist"))


def _may(user: object, shopper: Shopper, *permissions: str) -> bool:
    return isinstance(user, Operator) and shopper.merchant_id in find_reach(user, *permissions)


def _hold(asked: Asked, *, release: bool) -> bool:
    """Places or lifts the hold on all that is theirs; False where there was nothing to do."""
    act = lift_hold if release else place_hold
    held = Held(merchant=asked.whose.merchant, kind="shopper", id=asked.whose.shopper)

    async def run() -> bool:
        async with open_platform(quiet=True) as platform:
            return await act(platform, held, reader=asked.reader, at=asked.at)

    return async_to_sync(run)()


def _export(asked: Asked) -> ShopperExport:
    async def run() -> ShopperExport:
        async with open_platform(quiet=True) as platform:
            return await export_shopper(
                platform,
                merchant=asked.whose.merchant,
                shopper=asked.whose.shopper,
                reader=asked.reader,
                at=asked.at,
            )

    return async_to_sync(run)()


def _give_out(asked: Asked, *, page: bool) -> HttpResponse:
    export = _export(asked)
    body = write_page(export).encode() if page else msgspec.json.format(msgspec.json.encode(export), indent=2)
    kind, ending = ("text/html; charset=utf-8", "html") if page else ("application/json", "json")
    answer = HttpResponse(body, content_type=kind)
    name = f"shopper-{str(asked.shopper.pk)[:SHOWN_ID]}.{ending}"
    # A file to hand on, not a page of the console: it never runs under the console's origin.
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


async def _erase_and_prove(asked: Asked, *, prove: bool) -> list[tuple[int, str]]:
    """Erases, and says what went; where it shall be proven also whether anything of theirs is found still."""
    whose = asked.whose
    async with open_platform(quiet=True) as platform:
        before, talks = await _look_before(platform, whose) if prove else (Before(), ())
        gone = await erase(
            platform, merchant=whose.merchant, owner=whose.shopper, reader=asked.reader, at=asked.at
        )
        told = [(messages.SUCCESS, gone.describe())]
        return [*told, *await tell_found(platform, before, names=(whose.merchant, *talks))] if prove else told


async def _look_before(platform: Platform, whose: Whose) -> tuple[Before, tuple[ConversationId, ...]]:
    """Their own words, and their talks: once they are erased nobody can say either."""
    card = await platform.conversations.find_shopper(merchant=whose.merchant, shopper=whose.shopper)
    if card is None:
        return Before(), ()
    talks = await platform.conversations.owners.list_conversations(merchant=whose.merchant, shopper=card.id)
    return await look_before(platform, merchant=whose.merchant, card=card), talks
