"""What shoppers searched for and did not find: read off the journals when asked, kept nowhere."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

import msgspec
from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from commerce_agent.composition import open_platform
from commerce_agent.console.audit.finding import list_held
from commerce_agent.console.audit.gate import VIEW, get_reader, read_now, record
from commerce_agent.console.audit.masking import make_mask
from commerce_agent.console.audit.shell import show
from commerce_agent.console.audit.traits import TOLD_BY, list_missed, number_trait
from commerce_agent.models import ConversationTraits
from commerce_agent.staff import find_reach
from conversations.ids import ConversationId, ShopperId
from conversations.models import Conversation

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
    of = dict(Conversation.objects.filter(pk__in=names[:READ]).values_list("pk", "shopper_id"))
    said = async_to_sync(_read_words)({name: of.get(name) for name in names[:READ]})
    return show(request, "missed", missed=_gather(said), is_more=len(names) > READ, read=READ)


async def _read_words(talks: Mapping[UUID, UUID | None]) -> list[tuple[UUID, str]]:
    """What found nothing in each conversation, covered as its own pages are."""
    shoppers = tuple({ShopperId(str(shopper)) for shopper in talks.values() if shopper})
    async with open_platform(quiet=True) as platform:
        cards = await platform.conversations.shoppers.list_cards(shoppers=shoppers) if shoppers else {}
        read = await platform.conversations.some_events.list_kinds(
            conversations=[ConversationId(str(name)) for name in talks], kinds=TOLD_BY
        )
    said: list[tuple[UUID, str]] = []
    for name, shopper in talks.items():
        card = cards.get(ShopperId(str(shopper))) if shopper else None
        mask = make_mask(name=card.name if card else "", key=card.key if card else "", events=())
        missed = dict.fromkeys(list_missed(read.get(ConversationId(str(name))) or ()))
        said += [(name, mask.cover(words)) for words in missed if words]
    return said


def _gather(said: Iterable[tuple[UUID, str]]) -> list[Missed]:
    found: dict[str, dict[UUID, None]] = defaultdict(dict)
    for name, words in said:
        found[words[:LONGEST].casefold()][name] = None
    most = sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))[:SHOWN]
    return [
        Missed(
            words=words,
            count=len(names),
            conversations=tuple(reverse("admin:audit_talk", args=[name]) for name in list(names)[:LINKED]),
        )
        for words, names in most
    ]
