"""`manage.py purge`: lets go of what ran out, and keeps the shops' own periods."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from catalog.errors import CatalogError
from catalog.merchants import get_merchant
from commerce_agent.composition import open_platform
from commerce_agent.shoppers.purging import Purged, purge
from commerce_agent.shoppers.retention import CLASSES
from conversations.models import RetentionPeriod

CHOSEN = ("talk", "anonymous talk", "profile", "order of nobody")
"""The classes whose period is a shop's to choose."""


class Command(BaseCommand):
    """Purges, or says how long a shop keeps something."""

    help = (
        "Lets go of what ran out, class by class, and says how much; the clock does the same daily. With --merchant"
        " and --keep it only notes how many days that shop keeps a class. What is under a legal hold stays."
    )

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        """Nothing is needed."""
        parser.add_argument("--merchant", metavar="KEY", help="whose period")
        parser.add_argument("--keep", metavar="CLASS=DAYS", help=f"a period; classes: {', '.join(CHOSEN)}")
        parser.add_argument("--classes", action="store_true", help="only list the classes and their periods")

    @override
    def handle(self, *_args: object, **options: Any) -> None:
        """Does it."""
        if options["classes"]:
            for kind, kept in CLASSES.items():
                self.stdout.write(
                    f"{kind}: {f'{kept.days} days' if kept.days else 'no fixed end'}. {kept.why}"
                )
        elif options["keep"]:
            self._note_period(options["merchant"], options["keep"])
        else:
            purged = asyncio.run(_purge())
            self.stdout.write(", ".join(f"{kind} {count}" for kind, count in purged.counts.items()))

    def _note_period(self, key: str | None, period: str) -> None:
        kind, _, days = period.partition("=")
        if kind not in CHOSEN or not days.isdecimal() or int(days) < 1 or not key:
            raise CommandError(
                f"Give --merchant, and --keep as CLASS=DAYS: a class of {', '.join(CHOSEN)}, 1 day or more."
            )
        try:
            merchant = get_merchant(key=key)
        except CatalogError as error:
            raise CommandError(str(error)) from error
        RetentionPeriod.objects.update_or_create(
            merchant_id=merchant.id, kind=kind, defaults={"days": int(days)}
        )
        self.stdout.write(f"{key} keeps {kind} for {days} days.")


async def _purge() -> Purged:
    async with open_platform(quiet=True) as platform:
        return await purge(platform, now=platform.clock())
