"""What shoppers searched for and did not find: read off the journals when asked, kept nowhere."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import msgspec
from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from commerce_agent.composition import open_platform
from commerce_agent.console.audit.finding import list_held
from commerce_agent.console.audit.gate import VIEW, get_reader, read_now, record
from commerce_agent.console.audit.masking import Mask
from commerce_agent.console.audit.shell import show
from commerce_agent.console.audit.traits import TOLD_BY, list_missed, number_trait
from commerce_agent.models import ConversationTraits
from commerce_agent.staff import find_reach
from conversations.ids import ConversationId

LATELY = timedelta(days=30)
READ = 200
"""The newest so many conversations without a result are read."""
SHOWN = 100
LINKED = 3
LONGEST = 80


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """Words that found nothing."""

    words: str
    conversations: tuple[str, ...]
    """The addresses of some in which they were said, the newest first."""
    count: int


def show_missed(request: HttpRequest) -> HttpResponse:
    """The words that found nothing, the most frequent first."""
    user, now = get_reader(request), read_now()
    record(user=user, merchant=None, action="searches.listed", now=now)
    talks = ConversationTraits.objects.filter(
        active_at__gte=now - LATELY, conversation_id__in=list_held((number_trait("outcome:nothing"),))
    )
    rows = find_reach(user, VIEW).narrow(talks).order_by("-active_at").values_list("pk", flat=True)
    names = tuple(rows[: READ + 1])
    said = async_to_sync(_read_words)(names[:READ])
    return show(request, "missed", missed=_gather(said), is_more=len(names) > READ, read=READ)


async def _read_words(names: tuple[UUID, ...]) -> list[tuple[UUID, str]]:
    async with open_platform(quiet=True) as platform:
        read = await platform.conversations.some_events.list_kinds(
            conversations=[ConversationId(str(name)) for name in names], kinds=TOLD_BY
        )
    return [
        (name, words)
        for name in names
        for words in dict.fromkeys(list_missed(read.get(ConversationId(str(name))) or ()))
        if words
    ]


def _gather(said: Iterable[tuple[UUID, str]]) -> list[Missed]:
    mask = Mask()
    found: dict[str, dict[UUID, None]] = defaultdict(dict)
    for name, words in said:
        found[mask.cover(words)[:LONGEST].casefold()][name] = None
    most = sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))[:SHOWN]
    return [
        Missed(
            words=words,
            count=len(names),
            conversations=tuple(reverse("admin:audit_talk", args=[name]) for name in list(names)[:LINKED]),
        )
        for words, names in most
    ]
