"""`manage.py drop_quiet`: lets go of conversations that have been quiet for long."""

import asyncio
from typing import Any

from asgiref.sync import sync_to_async
from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from commerce_agent.composition import open_platform
from commerce_agent.shoppers.purging import drop_quotes


class Command(BaseCommand):
    """Drops whole months of the journal, and what stands outside of them; says how much."""

    help = (
        "Drops the conversations that were quiet for so many whole months, month by month. What is still in use"
        " is kept, whenever it was opened. There is no way back; --dry-run only says what would go."
    )

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        """How long, and whether in earnest."""
        parser.add_argument("--months", type=int, required=True, help="whole months that are kept, 1 or more")
        parser.add_argument("--dry-run", action="store_true", help="change nothing")

    @override
    def handle(self, *_args: object, **options: Any) -> None:
        """Drops and counts."""
        if options["months"] < 1:
            raise CommandError("Give --months of 1 or more: what is in use cannot be dropped.")
        asyncio.run(self._drop(months=options["months"], dry_run=options["dry_run"]))

    async def _drop(self, *, months: int, dry_run: bool) -> None:
        async with open_platform(quiet=True) as platform:
            dropped = await platform.retention.drop_quiet(
                now=platform.clock(), months=months, dry_run=dry_run
            )
            if not dry_run:
                await sync_to_async(drop_quotes)()
        self.stdout.write(
            f"Quiet since before {dropped.before:%Y-%m-%d}{' (nothing was changed)' if dry_run else ''}:"
            f" {dropped.conversations} conversations with {dropped.events} events,"
            f" {len(dropped.months)} partitions dropped, {dropped.kept} conversations of those months kept."
        )
