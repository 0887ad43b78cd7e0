"""Keeps what conversations can be found by up to date with their journals.

Traits beside the journal. What was said is sealed, so no query finds it. Traits are names and numbers of the
shop's, read off the journal by the clock every ten seconds, and of the newest few by a search itself. They can be
made anew at any time. Words that were said are found by numbers made with the shop's own key, so they are found and
not read; what is covered on a page gets none. Those are the words of shoppers and of colleagues, in the talk or in
a note. The assistant's own replies are found by what they rest on (an item, a policy, a rule, a tool, an outcome):
each repeats the names and terms of the catalogue, so numbers of their words would be some hundred rows a
conversation and say less than those traits.

Beside them is noted how the journal's rows stood when they were read (`links`). That alone is not made anew.

Terms are rows of whole numbers (`FoundBy`), not an array under a GIN index. Under a policy PostgreSQL lets an index
answer only operators that leak nothing; equality of numbers is one, containment in an array is not, and was a scan
of all rows. What the first page counts is a flag beside each row's instant (`Counted`), so a week is counted from
an index alone. `manage.py evaluate console` measures it. What is most looked for in vain is counted by the number
of its words and its instant (`SoughtInVain`), over any time; the words are read in a journal or two of each.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog
from asgiref.sync import async_to_sync
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from commerce_agent.composition import Platform, open_platform, read_clock
from commerce_agent.console.audit.links import note_journal
from commerce_agent.console.audit.masking import Mask, make_mask
from commerce_agent.console.audit.traits import (
    count_traits,
    list_missed,
    list_said,
    list_stale,
    list_traits,
    list_words,
    number_trait,
)
from commerce_agent.models import ERASED, Case, CaseNote, ConversationTraits, FoundBy, Sending, SoughtInVain
from commerce_agent.webhooks.noting import Happening, list_happenings, note_happenings
from conversations.events import Recorded
from conversations.ids import ConversationId, MerchantId, ShopperId
from conversations.models import Conversation
from conversations.service import CARD, KeyFault, Reader, ShopperCard, UnknownSchema, UnreadableEvent

log = structlog.get_logger(__name__)

AT_ONCE = 200
"""So many conversations are read in one go."""
CATCH_UP = 25
"""A search first looks at so many that have moved on just now, so that it finds what happened a moment ago."""
READ_WHOLE = 600
"""A journal of so few events is read whole each time."""
LATELY = timedelta(hours=1)
RENEWED = ("merchant_id", "shopper_id", "active_at", "turns", "version", "traits", "counted", "journal")
"""What of a row that is there changes when its journal is read again."""
INDEXER = Reader(actor="job:index", purpose="so that names are no words that a talk is found by")


class _Read(msgspec.Struct, frozen=True, kw_only=True):
    """What a conversation can be found by."""

    traits: frozenset[str]
    words: frozenset[int] = frozenset()
    """Their numbers."""
    in_vain: Mapping[int, datetime] = {}
    """When words, by their number, were last looked for and not found."""
    happenings: tuple[Happening, ...] = ()
    """What the shop may want to be told of, since it was read last."""
    is_unreadable: bool = False


def index_conversations(*, since: datetime | None = None, most: int = AT_ONCE) -> int:
    """Reads the newest conversations whose journal has moved on, active since an instant; answers how many. Where no
    instant is given, it also notes how the journals stand that were indexed without a note, as many as are left of
    `most`, and counts them, too.
    """
    rows = list(_list_behind(since=since)[:most])
    read = _read_rows(rows) if rows else 0
    # A search waits for its answer: what is left to be noted is the clock's.
    return read if since is not None else read + _note_unnoted(most=most - len(rows))


def _read_rows(rows: list[Conversation]) -> int:
    known = {row.pk: row for row in ConversationTraits.objects.filter(pk__in=[row.pk for row in rows])}
    read = async_to_sync(_read_all)(tuple((row, known.get(row.pk)) for row in rows))
    rows = [row for row in rows if row.pk in read]
    before = {row.pk: _get_noted(known, row) for row in rows}
    journals = {
        # Nothing is known of rows that do not open, so what was noted of those before them stays. Where nothing was,
        # `_note_unnoted` notes how they stand from here on: that needs no key.
        row.pk: before[row.pk] if read[row.pk].is_unreadable else note_journal(row, before=before[row.pk])
        for row in rows
    }
    gone = [row.pk for row in rows if row.erased_at is not None]
    with transaction.atomic():
        for model in (FoundBy, SoughtInVain, Sending):
            model.objects.filter(conversation_id__in=gone).delete()
        note_happenings([each for row in rows for each in read[row.pk].happenings], now=read_clock())
        FoundBy.objects.bulk_create(
            [
                FoundBy(term=term, merchant_id=row.merchant_id, conversation_id=row.pk)
                for row in rows
                for term in (*map(number_trait, read[row.pk].traits), *read[row.pk].words)
            ],
            ignore_conflicts=True,
        )
        SoughtInVain.objects.bulk_create(
            [
                SoughtInVain(term=term, merchant_id=row.merchant_id, conversation_id=row.pk, at=at)
                for row in rows
                for term, at in read[row.pk].in_vain.items()
            ],
            update_conflicts=True,
            unique_fields=["term", "merchant_id", "conversation_id"],
            update_fields=["at"],
        )
        ConversationTraits.objects.bulk_create(
            [_make_row(row, traits=read[row.pk].traits, journal=journals[row.pk]) for row in rows],
            update_conflicts=True,
            unique_fields=["conversation_id"],
            update_fields=RENEWED,
        )
    return len(rows)


def _get_noted(known: Mapping[UUID, ConversationTraits], row: Conversation) -> str:
    return known[row.pk].journal if row.pk in known else ""


def _note_unnoted(*, most: int) -> int:
    """Notes how the rows of journals stand that were indexed and never noted, for want of a note then or since their
    rows were not sealed yet. Only what is still unnoted is written, for the index may be at one of them meanwhile.
    """
    unnoted = ConversationTraits.objects.filter(journal="").values("pk")
    rows = Conversation.objects.filter(pk__in=unnoted, erased_at__isnull=True, may_be_plain=False)
    noted = {row.pk: note_journal(row, before="") for row in rows.order_by("-active_at")[: max(0, most)]}
    return sum(
        ConversationTraits.objects.filter(pk=name, journal="").update(journal=note)
        for name, note in noted.items()
    )


def index_notes(row: Conversation) -> None:
    """Has a conversation found by the words of its notes as well, but for what is covered on its pages."""
    read = async_to_sync(_read_all)(((row, None),)).get(row.pk)
    if read is None:
        return
    FoundBy.objects.bulk_create(
        [FoundBy(term=term, merchant_id=row.merchant_id, conversation_id=row.pk) for term in read.words],
        ignore_conflicts=True,
    )


def forget_gone(*, most: int = 5_000) -> int:
    """Removes what is kept of conversations that are no more; answers of how many."""
    gone = 0
    for model in (ConversationTraits, Case):
        kept = Conversation.objects.filter(pk=OuterRef("pk")).values("pk")
        rows = model.objects.annotate(there=Subquery(kept)).filter(there__isnull=True)
        names = list(rows.values_list("pk", flat=True)[:most])
        gone += len(names)
        model.objects.filter(pk__in=names).delete()
        for beside in (FoundBy, SoughtInVain, Sending):
            beside.objects.filter(conversation_id__in=names).delete()
    return gone


def _list_behind(*, since: datetime | None) -> QuerySet[Conversation]:
    seen = ConversationTraits.objects.filter(pk=OuterRef("pk")).values("version")
    rows = Conversation.objects.annotate(seen=Subquery(seen))
    rows = rows.filter(Q(seen__isnull=True) | Q(version__gt=F("seen")))
    if since is not None:
        rows = rows.filter(active_at__gte=since)
    return rows.order_by("-active_at")


def _make_row(row: Conversation, *, traits: frozenset[str], journal: str) -> ConversationTraits:
    return ConversationTraits(
        conversation_id=row.pk,
        merchant_id=row.merchant_id,
        shopper_id=row.shopper_id,
        opened_at=row.opened_at,
        active_at=row.active_at,
        turns=row.turns,
        version=row.version,
        traits=sorted(traits),
        counted=count_traits(traits),
        journal=journal,
    )


async def _read_all(
    wanted: Collection[tuple[Conversation, ConversationTraits | None]],
) -> dict[UUID, _Read]:
    """What each can be found by: the traits that were known and those of what came since, and the new words. What only
    a newer release reads is left out.
    """
    found: dict[UUID, _Read] = {}
    async with open_platform(quiet=True) as platform:
        cards = await _list_cards(platform, [row for row, _ in wanted if row.shopper_id])
        for row, known in wanted:
            name = ConversationId(str(row.pk))
            if row.erased_at is not None:
                found[row.pk] = _Read(traits=frozenset({ERASED}))
                continue
            before = frozenset(known.traits) - {ERASED} if known else frozenset()
            # A reply may rest on a fact of long ago, so only of a long talk is the new part read alone.
            after = known.version if known and known.version > READ_WHOLE else 0
            try:
                events = await platform.conversations.list_events(conversation=name, after=after)
            except UnknownSchema:
                # A process of the newer release reads it: it stays behind until then.
                log.warning("traits.too_new", conversation=name)
                continue
            except (UnreadableEvent, KeyFault):
                # Whoever opens it is told why; here it must not keep the others from being found.
                log.warning("traits.unreadable", conversation=name)
                found[row.pk] = _Read(traits=before | {ERASED}, is_unreadable=True)
                continue
            card = cards.get(ShopperId(str(row.shopper_id)))
            mask = make_mask(name=card.name if card else "", key=card.key if card else "", events=events)
            numbered = await _number(row, events=events, before=before, mask=mask, platform=platform)
            happened = list_happenings(
                events, merchant=row.merchant_id, conversation=row.pk, after=known.version if known else 0
            )
            found[row.pk] = msgspec.structs.replace(numbered, happenings=tuple(happened))
    return found


async def _list_cards(platform: Platform, rows: Collection[Conversation]) -> dict[ShopperId, ShopperCard]:
    """Who the shoppers are, so that none is found by name; that it was looked at is on record in each one's shop."""
    named: dict[MerchantId, set[ShopperId]] = {}
    for row in rows:
        named.setdefault(MerchantId(str(row.merchant_id)), set()).add(ShopperId(str(row.shopper_id)))
    for merchant, shoppers in named.items():
        await platform.conversations.profiles.record_many(
            shoppers, "shopper.read", merchant=merchant, reader=INDEXER, fields=CARD, at=platform.clock()
        )
    every = {shopper for shoppers in named.values() for shopper in shoppers}
    return await platform.conversations.shoppers.list_cards(shoppers=every)


async def _number(
    row: Conversation, *, events: tuple[Recorded, ...], before: frozenset[str], mask: Mask, platform: Platform
) -> _Read:
    traits = before | read_traits(events)
    missed = {each.counted: each.at for each in list_missed(events) if each.words}
    said = list_said(events, mask=mask)
    async for text in CaseNote.objects.filter(case=row.pk).values_list("text", flat=True):
        said |= list_words(mask.cover(text))
    try:
        numbers = await platform.conversations.words.make(
            merchant=MerchantId(str(row.merchant_id)), words=said | missed.keys()
        )
    except KeyFault:
        # Without the shop's own key nothing is found by what was said; by all else it is.
        log.warning("words.unnumbered", merchant=str(row.merchant_id))
        return _Read(traits=traits)
    return _Read(
        traits=traits,
        words=frozenset(numbers[word] for word in said),
        in_vain={numbers[words]: at for words, at in missed.items()},
    )


def read_traits(events: tuple[Recorded, ...]) -> frozenset[str]:
    """Everything that a stretch of a journal can be found by."""
    return list_traits(events) | list_stale(events)
