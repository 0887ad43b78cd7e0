"""What shoppers searched for and did not find: counted by numbers, and their words read in a journal of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Max, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from catalog.models import Merchant
from commerce_agent.composition import Platform, open_platform
from commerce_agent.console.audit.gate import VIEW, find_only_shop, get_reader, read_now, record
from commerce_agent.console.audit.masking import make_mask
from commerce_agent.console.audit.shell import show
from commerce_agent.console.audit.traits import TOLD_BY, list_missed
from commerce_agent.models import Operator, SoughtInVain
from commerce_agent.staff import find_reach
from conversations.ids import ConversationId, ShopperId
from conversations.models import Conversation

LATELY = timedelta(days=30)
SHOWN = 100
LINKED = 3


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """Words that found nothing."""

    words: str
    """Empty where none of the newest conversations with them can be read."""
    shop: str
    count: int
    """Of the conversations in which they were looked for."""
    link: str
    """The list of those."""
    conversations: tuple[str, ...]
    """The addresses of the newest of them."""


class _Number(msgspec.Struct, frozen=True, kw_only=True):
    """Words by their number, and where they were said."""

    term: int
    merchant: UUID
    count: int
    newest: tuple[UUID, ...]


def show_missed(request: HttpRequest) -> HttpResponse:
    """The words that found nothing, the most frequent first."""
    user, now = get_reader(request), read_now()
    record(user=user, merchant=find_only_shop(user, asked=None), action="searches.listed", now=now)
    missed = list_most_missed(user, since=now - LATELY, most=SHOWN + 1, within="30d")
    return show(
        request,
        "missed",
        missed=missed[:SHOWN],
        is_more=len(missed) > SHOWN,
        has_shops=len({each.shop for each in missed}) > 1,
    )


def list_most_missed(
    user: Operator | AnonymousUser, *, since: datetime, most: int, within: str
) -> tuple[Missed, ...]:
    """What was most looked for in vain since an instant, of all that somebody may see. The look must be on record.
    `within` is the same stretch of time as an address says it.
    """
    numbers = _count(user, since=since, most=most)
    if not numbers:
        return ()
    words = async_to_sync(_read_words)(numbers)
    shops = dict(
        Merchant.objects.filter(pk__in={each.merchant for each in numbers}).values_list("pk", "name")
    )
    find = reverse("admin:audit_find")
    return tuple(
        Missed(
            words=words.get(each.term, ""),
            shop=shops.get(each.merchant, ""),
            count=each.count,
            link=f"{find}?vain={each.term}&within={within}",
            conversations=tuple(reverse("admin:audit_talk", args=[name]) for name in each.newest),
        )
        for each in numbers
    )


def _count(user: Operator | AnonymousUser, *, since: datetime, most: int) -> tuple[_Number, ...]:
    rows = find_reach(user, VIEW).narrow(SoughtInVain.objects.filter(at__gte=since))
    counted = rows.values_list("term", "merchant_id").annotate(held=Count("at"), last=Max("at"))
    found = list(counted.order_by("-held", "-last", "term")[:most])
    place = Window(RowNumber(), partition_by=["term", "merchant_id"], order_by=F("at").desc())
    said = rows.filter(term__in=[row[0] for row in found]).annotate(place=place)
    newest: dict[tuple[int, UUID], list[UUID]] = {}
    for term, merchant, name in (
        said.filter(place__lte=LINKED).order_by("place").values_list("term", "merchant_id", "conversation_id")
    ):
        newest.setdefault((term, merchant), []).append(name)
    return tuple(
        _Number(term=term, merchant=merchant, count=held, newest=tuple(newest.get((term, merchant), ())))
        for term, merchant, held, _ in found
    )


async def _read_words(numbers: Sequence[_Number]) -> dict[int, str]:
    """The words that have these numbers, covered as the pages of their conversations are: those of the newest that can
    be read.
    """
    words: dict[int, str] = {}
    async with open_platform(quiet=True) as platform:
        for places in (slice(1), slice(1, LINKED)):
            wanted = {name for each in numbers if each.term not in words for name in each.newest[places]}
            if wanted:
                words |= await _read_some(wanted, platform=platform)
    return words


async def _read_some(names: Iterable[UUID], *, platform: Platform) -> dict[int, str]:
    talks = {row.pk: row.shopper_id async for row in Conversation.objects.filter(pk__in=list(names))}
    shoppers = tuple({ShopperId(str(shopper)) for shopper in talks.values() if shopper})
    service = platform.conversations
    cards = await service.shoppers.list_cards(shoppers=shoppers) if shoppers else {}
    read = await service.some_events.list_kinds(
        conversations=[ConversationId(str(name)) for name in talks], kinds=TOLD_BY
    )
    said: dict[str, str] = {}
    for name, shopper in talks.items():
        card = cards.get(ShopperId(str(shopper))) if shopper else None
        mask = make_mask(name=card.name if card else "", key=card.key if card else "", events=())
        for each in list_missed(read.get(ConversationId(str(name))) or ()):
            # What is somebody's name in one conversation stays covered where another says the same.
            shown = mask.cover(each.said)
            # What was counted before forms and marks were left aside has the number of the words as they were said.
            for words in (each.counted, each.said):
                if shown != each.said or words not in said:
                    said[words] = shown
    return dict(_number(said, numbers=await service.words.find(words=said.keys())))


def _number(said: Mapping[str, str], *, numbers: Mapping[str, tuple[int, ...]]) -> Iterator[tuple[int, str]]:
    """What was said by each of its numbers: it has one in every shop."""
    return ((number, shown) for words, shown in said.items() for number in numbers[words])
