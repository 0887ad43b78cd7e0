"""`manage.py forget_key`: makes everything that one shopper said unreadable, for good."""

import asyncio
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from typing_extensions import override

from catalog.errors import CatalogError
from catalog.merchants import get_merchant
from commerce_agent.composition import open_platform
from conversations.ids import MerchantId
from conversations.service import KeyFault


class Command(BaseCommand):
    """Destroys a data key."""

    help = (
        "Destroys the data key of a shopper, or of an anonymous conversation. What was said stays stored and"
        " can never be read again, in any copy; there is no way back."
    )

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        """Whose key."""
        parser.add_argument(
            "owner", type=UUID, help="id of the shopper, or of an anonymous shopper's conversation"
        )
        parser.add_argument("--merchant", metavar="KEY", required=True, help="the shop's key")

    @override
    def handle(self, *_args: object, **options: Any) -> None:
        """Destroys it and says what became unreadable."""
        try:
            merchant = MerchantId(str(get_merchant(key=options["merchant"]).id))
            asyncio.run(self._forget(merchant=merchant, owner=str(options["owner"])))
        except (CatalogError, KeyFault) as error:
            raise CommandError(str(error)) from error

    async def _forget(self, *, merchant: MerchantId, owner: str) -> None:
        async with open_platform(quiet=True) as platform:
            erased = await platform.key_keeper.forget_key(merchant=merchant, owner=owner)
            self.stdout.write(
                f"Conversations that cannot be read any more: {erased.conversations}; copies removed from Redis:"
                f" {erased.copies}. Other processes forget the key within a minute."
            )
