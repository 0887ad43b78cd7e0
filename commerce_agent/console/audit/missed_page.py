"""What shoppers searched for and did not find: read off the journals when asked, kept nowhere."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from commerce_agent.composition import open_platform
from commerce_agent.console.audit.finding import list_held
from commerce_agent.console.audit.gate import VIEW, find_only_shop, get_reader, read_now, record
from commerce_agent.console.audit.masking import make_mask
from commerce_agent.console.audit.shell import show
from commerce_agent.console.audit.traits import TOLD_BY, list_missed, number_trait
from commerce_agent.models import ConversationTraits, Operator
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
    record(user=user, merchant=find_only_shop(user, asked=None), action="searches.listed", now=now)
    names = list_in_vain(user, since=now - LATELY, most=READ + 1)
    missed = read_missed(names[:READ])[:SHOWN]
    return show(request, "missed", missed=missed, is_more=len(names) > READ, read=READ)


def list_in_vain(user: Operator | AnonymousUser, *, since: datetime, most: int) -> tuple[UUID, ...]:
    """The newest conversations within someone's reach in which a search found nothing."""
    talks = ConversationTraits.objects.filter(
        active_at__gte=since, conversation_id__in=list_held((number_trait("outcome:nothing"),))
    )
    rows = find_reach(user, VIEW).narrow(talks).order_by("-active_at").values_list("pk", flat=True)
    return tuple(rows[:most])


def read_missed(names: Collection[UUID]) -> list[Missed]:
    """What was looked for in vain in these conversations, the most frequent first. The look must be on record."""
    if not names:
        return []
    shoppers = dict(Conversation.objects.filter(pk__in=names).values_list("pk", "shopper_id"))
    return _gather(async_to_sync(_read_words)({name: shoppers.get(name) for name in names}))


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
    most = sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))
    return [
        Missed(
            words=words,
            count=len(names),
            conversations=tuple(reverse("admin:audit_talk", args=[name]) for name in list(names)[:LINKED]),
        )
        for words, names in most
    ]
