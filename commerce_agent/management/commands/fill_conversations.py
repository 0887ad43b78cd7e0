"""Fills a shop with recorded conversations, to measure the audit's pages over."""

import asyncio
import random
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.core.management.base import BaseCommand, CommandError
from rich.progress import Progress
from typing_extensions import override

from catalog.models import Merchant
from commerce_agent.composition import open_platform, read_clock
from commerce_agent.console.audit.indexing import read_traits
from commerce_agent.console.audit.masking import Mask
from commerce_agent.console.audit.traits import count_traits, list_missed, list_said, number_trait
from commerce_agent.models import ConversationTraits, FoundBy, SoughtInVain
from conversations.events import Recorded
from conversations.ids import ConversationId, MerchantId
from conversations.models import Conversation
from conversations.service import Copy

BATCH = 500
SPREAD = timedelta(days=25)
PATTERNS = 32
RARE = ("outcome:failed", "outcome:stopped", "mark:rated_bad", "mark:claim_stopped", "connector:inventory")
ONE_IN = 50
"""So rare is each of these among the copies, so that filters have something to find."""


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """What there is now."""

    conversations: int
    events: int


class Command(BaseCommand):
    """`fill_conversations --merchant KEY [--conversations N]`."""

    help = (
        "Copies the shop's own recorded conversations until it has so many, by COPY, five hundred in a transaction:"
        " stopped and started again it goes on where it was. For databases that are to be measured, never for one"
        " that serves: the copies cannot be told from what shoppers said."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares what the command takes."""
        parser.add_argument("--merchant", required=True, help="the shop, by its key")
        parser.add_argument("--conversations", type=int, default=100_000, help="so many there are to be")
        parser.add_argument("--events", type=int, default=20, help="about so many events in each")

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the command."""
        merchant = Merchant.objects.filter(key=options["merchant"]).first()
        if merchant is None:
            raise CommandError(f"There is no shop {options['merchant']!r}.", returncode=2)
        held = Conversation.objects.filter(merchant_id=merchant.pk)
        names = list(held.filter(turns__gt=0, shopper__isnull=True).order_by("opened_at")[:PATTERNS])
        if not names:
            raise CommandError(
                "There is no conversation of an anonymous shopper to copy: talk to the shop first.",
                returncode=2,
            )
        wanted = max(0, options["conversations"] - held.count())
        with Progress(transient=True) as progress:
            task = progress.add_task("Copying", total=wanted)
            filled = asyncio.run(
                _fill(
                    MerchantId(str(merchant.pk)),
                    names=[ConversationId(str(row.pk)) for row in names],
                    wanted=wanted,
                    length=options["events"],
                    advance=lambda count: progress.advance(task, count),
                )
            )
        self.stdout.write(f"{filled.conversations:,} conversations with {filled.events:,} events were added.")


async def _fill(
    merchant: MerchantId, *, names: list[ConversationId], wanted: int, length: int, advance: Any
) -> Filled:  # fmt: skip
    conversations = events = 0
    async with open_platform(quiet=True) as platform:
        read = [await platform.conversations.list_events(conversation=name) for name in names]
        patterns = [_cut(own, length=length) for own in read]
        traits = [sorted(read_traits(own)) for own in patterns]
        said = [list_said(own, mask=Mask()) for own in patterns]
        missed = [sorted({each.counted for each in list_missed(own) if each.words}) for own in patterns]
        numbers = await platform.conversations.words.make(
            merchant=merchant, words=frozenset().union(*said, *missed)
        )
        now = read_clock()
        while conversations < wanted:
            batch = min(BATCH, wanted - conversations)
            opened = [now - random.random() * SPREAD for _ in range(batch)]
            copies = await platform.copier.copy(merchant=merchant, patterns=patterns, opened=opened)
            rows = [
                _make_traits(
                    copy, merchant=merchant, pattern=patterns[copy.pattern], traits=traits[copy.pattern]
                )
                for copy in copies
            ]
            # Whoever opens the audit meanwhile has had the newest of them read already.
            await ConversationTraits.objects.abulk_create(rows, ignore_conflicts=True)
            await FoundBy.objects.abulk_create(
                [
                    FoundBy(term=term, merchant_id=row.merchant_id, conversation_id=row.pk)
                    for copy, row in zip(copies, rows, strict=True)
                    for term in (
                        *map(number_trait, row.traits),
                        *(numbers[word] for word in said[copy.pattern]),
                    )
                ],
                ignore_conflicts=True,
            )
            await _keep_vain(
                [
                    (row, numbers[words])
                    for copy, row in zip(copies, rows, strict=True)
                    for words in missed[copy.pattern]
                ]
            )
            conversations += batch
            events += sum(len(patterns[copy.pattern]) for copy in copies)
            advance(batch)
    return Filled(conversations=conversations, events=events)


async def _keep_vain(found: list[tuple[ConversationTraits, int]]) -> None:
    rows = [
        SoughtInVain(term=term, merchant_id=row.merchant_id, conversation_id=row.pk, at=row.active_at)
        for row, term in found
    ]
    await SoughtInVain.objects.abulk_create(rows, ignore_conflicts=True)


def _cut(events: tuple[Recorded, ...], *, length: int) -> tuple[Recorded, ...]:
    """The first turns of a conversation, up to about so many events: whole turns, or the first one."""
    ends = [place for place, each in enumerate(events, 1) if type(each.event).__name__ == "ReplyGiven"]
    fitting = [end for end in ends if end <= length]
    return events[: fitting[-1] if fitting else ends[0]]


def _make_traits(
    copy: Copy, *, merchant: MerchantId, pattern: tuple[Recorded, ...], traits: list[str]
) -> ConversationTraits:
    rare = [trait for trait in RARE if random.randrange(ONE_IN) == 0]
    held = [*traits, *rare, f"sku:FILLED-{random.randrange(1_000)}", f"order:F-{copy.name}"]
    return ConversationTraits(
        conversation_id=UUID(copy.name),
        merchant_id=UUID(merchant),
        opened_at=copy.opened_at,
        active_at=copy.active_at,
        turns=max(each.turn for each in pattern),
        version=pattern[-1].seq,
        traits=held,
        counted=count_traits(held),
    )
