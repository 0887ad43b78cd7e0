"""`manage.py rebuild_summaries`: makes what is told of older turns in few words anew from the journal."""

import asyncio
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from rich.progress import Progress
from typing_extensions import override

from catalog.errors import CatalogError
from catalog.merchants import get_merchant
from commerce_agent.agent.summaries.writing import Rebuilt
from commerce_agent.composition import Platform, open_platform
from conversations.models import Conversation
from conversations.service import ConversationId, KeyFault, NoSuchConversation, UnreadableEvent


class Command(BaseCommand):
    """`rebuild_summaries CONVERSATION ... | --merchant KEY`."""

    help = (
        "Writes the summaries of older turns anew: those of the named conversations, or of all of a shop's. They cover"
        " the same turns as before. The shop's small model writes them where it has chosen one and a key is set, on"
        " the shop's budget, else the built-in summariser. Done again it does no harm; the exit code is 1 where a"
        " conversation could not be read or went on meanwhile."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares what the command takes."""
        parser.add_argument("conversations", type=UUID, nargs="*", help="conversations, by their ids")
        parser.add_argument("--merchant", metavar="KEY", help="all conversations of this shop")

    @override
    def handle(self, *_args: Any, **options: Any) -> None:
        """Runs the command."""
        named, key = options["conversations"], options["merchant"]
        if bool(named) == bool(key):
            raise CommandError("Name conversations, or a shop with --merchant; one of the two.", returncode=2)
        wanted = _list_of_shop(key) if key else tuple(ConversationId(str(each)) for each in named)
        rebuilt, left = asyncio.run(self._rebuild(wanted))
        with_summaries = [each for each in rebuilt if each.episodes or each.memories]
        episodes = sum(each.episodes for each in rebuilt)
        memories = sum(each.memories for each in rebuilt)
        self.stdout.write(
            f"{len(wanted)} conversations read, {len(with_summaries)} of them with summaries:"
            f" {episodes} episodes and {memories} memories written anew, {left} conversations left as they are."
        )
        if left:
            sys.exit(1)

    async def _rebuild(self, wanted: Sequence[ConversationId]) -> tuple[list[Rebuilt], int]:
        """What was made anew, and how many conversations were left."""
        rebuilt: list[Rebuilt] = []
        async with open_platform(quiet=True) as platform:
            with Progress(transient=True) as progress:
                for conversation in progress.track(wanted, description="Summaries"):
                    made = await self._rebuild_one(platform, conversation)
                    rebuilt.extend([made] if made else [])
        return rebuilt, len(wanted) - len(rebuilt)

    async def _rebuild_one(self, platform: Platform, conversation: ConversationId) -> Rebuilt | None:
        try:
            made = await platform.compressor.rebuild(conversation=conversation)
        except (NoSuchConversation, UnreadableEvent, KeyFault) as error:
            self.stderr.write(f"{conversation}: {error}")
            return None
        if made.overtaken:
            self.stderr.write(f"{conversation}: the talk went on meanwhile; run this again.")
            return None
        return made


def _list_of_shop(key: str) -> tuple[ConversationId, ...]:
    try:
        merchant = get_merchant(key=key)
    except CatalogError as error:
        raise CommandError(str(error), returncode=2) from error
    kept = Conversation.objects.filter(merchant_id=merchant.id, erased_at__isnull=True).order_by("pk")
    return tuple(ConversationId(str(each)) for each in kept.values_list("pk", flat=True))
