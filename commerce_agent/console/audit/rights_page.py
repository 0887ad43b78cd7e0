"""A conversation erased for good, or held, by staff: also one with nobody known, whom no list of shoppers has."""

from datetime import datetime
from uuid import UUID

import msgspec
from asgiref.sync import async_to_sync
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from commerce_agent.composition import open_platform
from commerce_agent.console.audit.gate import (
    LEAST_REASON,
    LONGEST_REASON,
    get_reader,
    get_row,
    name_actor,
    read_now,
    read_reason,
    record,
)
from commerce_agent.console.audit.shell import show
from commerce_agent.console.proof import tell_found
from commerce_agent.models import Operator
from commerce_agent.shoppers.erasing import INTERRUPTED, OUTAGES
from commerce_agent.shoppers.holding import Held, lift_hold, place_hold
from commerce_agent.shoppers.proving import Before, look_before
from commerce_agent.shoppers.talks import erase_talk
from commerce_agent.staff import find_reach
from conversations.ids import ConversationId, MerchantId
from conversations.models import Conversation, LegalHold
from conversations.service import KeyFault, NoSuchKey, OnHold, Reader, UnreadableEvent

ERASE = "conversations.delete_shopper"
"""Erases what shoppers said, and holds what must be kept."""
SHOWN_ID = 8


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody of the staff does about a conversation, and why."""

    row: Conversation
    reader: Reader
    at: datetime

    @property
    def talk(self) -> ConversationId:
        """Its id."""
        return ConversationId(str(self.row.pk))

    @property
    def merchant(self) -> MerchantId:
        """Whose it is."""
        return MerchantId(str(self.row.merchant_id))


def may_erase(user: object, row: Conversation) -> bool:
    """Whether someone may hold this conversation, and erase it."""
    return isinstance(user, Operator) and row.merchant_id in find_reach(user, ERASE)


def show_rights(request: HttpRequest, conversation: UUID) -> HttpResponse:
    """Shows what may be done about a conversation, and does it."""
    user = get_reader(request)
    row = get_row(user=user, conversation=conversation)
    if not may_erase(user, row):
        raise PermissionDenied
    if request.method not in ("GET", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    now = read_now()
    if request.method == "POST":
        return _act(request, row=row, user=user, now=now)
    record(
        user=user,
        merchant=row.merchant_id,
        action="conversation.viewed",
        subject=f"conversation:{row.pk}",
        now=now,
        detail=(("page", "rights"),),
    )
    hold = LegalHold.objects.filter(merchant_id=row.merchant_id, lifted_at__isnull=True)
    return show(
        request,
        "rights",
        talk=row,
        word=str(row.pk)[:SHOWN_ID],
        hold=hold.filter(owner_id=row.pk).first(),
        hold_of_shopper=row.shopper_id is not None and hold.filter(owner_id=row.shopper_id).exists(),
        reason_lengths=(LEAST_REASON, LONGEST_REASON),
    )


def _act(request: HttpRequest, *, row: Conversation, user: Operator, now: datetime) -> HttpResponse:
    here = HttpResponseRedirect(reverse("admin:audit_rights", args=[row.pk]))
    if not (reason := read_reason(request)):
        messages.error(request, "Say in a few words why; nothing was done.")
        return here
    asked = Asked(row=row, reader=Reader(actor=name_actor(user), purpose=reason), at=now)
    match request.POST.get("do", ""):
        case "hold":
            held = async_to_sync(_hold)(asked, release=False)
            messages.success(request, "It is held." if held else "It was held already.")
        case "release":
            lifted = async_to_sync(_hold)(asked, release=True)
            messages.success(request, "The hold is lifted." if lifted else "There was no hold.")
        case "erase" if request.POST.get("word", "").strip() != str(row.pk)[:SHOWN_ID]:
            messages.error(request, "Repeat the conversation's number to erase it; nothing was erased.")
        case "erase":
            _erase(request, asked)
        case _:
            messages.error(request, "Nothing was done.")
    return here


def _erase(request: HttpRequest, asked: Asked) -> None:
    """There is no way back."""
    try:
        told = async_to_sync(_erase_and_prove)(asked, prove=bool(request.POST.get("prove")))
    except OnHold:
        messages.error(request, "A legal hold keeps this conversation: lift it first. It was not erased.")
    except NoSuchKey:
        messages.warning(request, "Nothing is kept of this conversation any more.")
    except (KeyFault, UnreadableEvent) as fault:
        messages.error(request, f"It was not erased: {fault}")
    except OUTAGES:
        messages.error(request, INTERRUPTED)
    else:
        for level, words in told:
            messages.add_message(request, level, words)


async def _hold(asked: Asked, *, release: bool) -> bool:
    async with open_platform(quiet=True) as platform:
        act = lift_hold if release else place_hold
        held = Held(merchant=asked.merchant, kind="conversation", id=asked.talk)
        return await act(platform, held, reader=asked.reader, at=asked.at)


async def _erase_and_prove(asked: Asked, *, prove: bool) -> list[tuple[int, str]]:
    """Erases, and says what went; where it shall be proven also whether anything that was said is found still."""
    async with open_platform(quiet=True) as platform:
        before = Before()
        if prove:
            before = await look_before(platform, merchant=asked.merchant, card=None, talks=(asked.talk,))
        gone = await erase_talk(
            platform, merchant=asked.merchant, conversation=asked.talk, reader=asked.reader, at=asked.at
        )
        told = [(messages.SUCCESS, f"Erased: {gone} events.")]
        if prove:
            told += await tell_found(platform, before, names=(asked.merchant, asked.talk))
        return told
