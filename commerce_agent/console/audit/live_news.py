"""Tells an open page that its conversation has moved on. What has happened, the page asks for itself."""

import time
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, JsonResponse

from commerce_agent.api import listen
from commerce_agent.console.audit.gate import (
    get_reader,
    get_row,
    is_watching,
    name_actor,
    read_now,
    read_number,
)
from commerce_agent.console.audit.shell import guard
from commerce_agent.console.audit.visiting import WATCHED
from commerce_agent.isolation.acting import acting_for
from commerce_agent.staff import acting_for_staff
from conversations.ids import ConversationId
from conversations.models import Conversation, Handover

WAIT_SECONDS = 20.0


async def follow(request: HttpRequest, conversation: UUID) -> HttpResponse:
    """Answers once the conversation is beyond `after`, at the latest after twenty seconds; at once without `wait`.

    Only for a page whose own look is on record: it hands in what it was given then.
    """
    merchant = await sync_to_async(_find_merchant)(request, conversation)
    if merchant is None:
        return guard(JsonResponse({"text": "Open the page again."}, status=403))
    after = read_number(request.GET.get("after", ""))
    with acting_for(merchant):
        version = await _find_version(conversation)
        if version is not None and version <= after and "wait" in request.GET:
            version = await _wait(conversation, after=after)
    if version is None:
        return guard(JsonResponse({"text": "The conversation is no more."}, status=404))
    return guard(JsonResponse({"version": version}))


async def _wait(conversation: UUID, *, after: int) -> int | None:
    ends = time.monotonic() + WAIT_SECONDS
    listening = await listen(ConversationId(str(conversation)))
    try:
        while True:
            version = await _find_version(conversation)
            left = ends - time.monotonic()
            if version is None or version > after or left <= 0:
                return version
            await listening.wait(seconds=left)
    finally:
        await listening.close()


async def _find_version(conversation: UUID) -> int | None:
    """None where the conversation went while the page was open."""
    return await Conversation.objects.filter(pk=conversation).values_list("version", flat=True).afirst()


def _find_merchant(request: HttpRequest, conversation: UUID) -> UUID | None:
    """Whose conversation it is, where this page may hear of it; whoever has it is there while the page is open."""
    if not (request.user.is_active and getattr(request.user, "is_staff", False)):
        return None
    with acting_for_staff(request.user):
        user = get_reader(request)
        row = get_row(user=user, conversation=conversation)
        if not is_watching(request, user=user, of=row.pk):
            return None
        if "here" in request.GET:
            until = read_now() + WATCHED
            mine = Handover.objects.filter(pk=row.pk, person=name_actor(user), joined_at__isnull=False)
            # Never sooner than what they did last gives them.
            mine.filter(present_until__lt=until).update(present_until=until)
        return row.merchant_id
