"""`manage.py seed_demo`: stocks the demo shop."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from typing_extensions import override

from commerce_agent.demo.seeding import seed_shop


class Command(BaseCommand):
    help = "Stock the demo shop: products, policies, promotions, shoppers and their orders. Safe to repeat."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reset",
            action="store_true",
            help="Put stock, prices and terms back to the first day and forget orders placed in the chat.",
        )

    @override
    def handle(self, *_arguments: Any, **options: Any) -> None:
        seeded = seed_shop(clock=lambda: datetime.now(UTC), reset=options["reset"])
        self.stdout.write(
            f"{seeded.merchant}: {seeded.products} products in {seeded.variants} variants "
            f"({seeded.created} new, {seeded.updated} updated, {seeded.unchanged} unchanged), "
            f"{seeded.policies} policies, {seeded.promotions} promotions, "
            f"{seeded.shoppers} shoppers with {seeded.orders} orders."
        )
