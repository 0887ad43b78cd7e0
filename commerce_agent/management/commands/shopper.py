"""`manage.py shopper export|erase|hold|release`: what a shopper, or a court, may ask for."""

import asyncio
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path

import msgspec
from django.core.management.base import CommandError, CommandParser
from typing_extensions import override

from commerce_agent.composition import Platform
from commerce_agent.management.rights import Asked, RightsCommand
from commerce_agent.shoppers.erasing import erase
from commerce_agent.shoppers.exporting import export_shopper, write_page
from commerce_agent.shoppers.holding import Held
from commerce_agent.shoppers.proving import Before, look_before
from conversations.ids import MerchantId, ShopperId
from conversations.service import Reader


class Command(RightsCommand):
    """Shows, erases, holds."""

    help = "Exports, erases or holds what is kept of one shopper. Everything it does is in `verify_audit`'s chain."

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and of whom."""
        export = self.add_actions(parser).add_parser(
            "export", help="write all that is kept: JSON, or a page (.html)"
        )
        self.add_common(export).add_argument("--out", type=Path, required=True, help="where to write")

    @override
    def add_subject(self, parser: ArgumentParser) -> None:
        parser.add_argument("subject", metavar="key", help="the merchant's own key of the shopper")

    @override
    async def find_subject(self, platform: Platform, subject: str, *, merchant: MerchantId) -> Held:
        card = await platform.conversations.shoppers.find_by_key(merchant=merchant, key=subject)
        if card is None:
            raise CommandError(f"This shop has no shopper of the key {subject!r}.")
        return Held(merchant=merchant, kind="shopper", id=card.id)

    @override
    async def act(self, platform: Platform, held: Held, *, asked: Asked, at: datetime) -> None:
        if asked.out is None:
            await super().act(platform, held, asked=asked, at=at)
            return
        export = await export_shopper(
            platform, merchant=held.merchant, shopper=ShopperId(held.id), reader=asked.reader, at=at
        )
        page = asked.out.suffix == ".html"
        written = write_page(export).encode() if page else msgspec.json.encode(export) + b"\n"
        await asyncio.to_thread(asked.out.write_bytes, written)
        self.stdout.write(f"{len(export.conversations)} conversations, {len(export.orders)} orders.")

    @override
    async def erase(self, platform: Platform, held: Held, *, reader: Reader, at: datetime) -> Before:
        shopper = ShopperId(held.id)
        card = await platform.conversations.find_shopper(merchant=held.merchant, shopper=shopper)
        before = await look_before(platform, merchant=held.merchant, card=card)
        gone = await erase(platform, merchant=held.merchant, owner=shopper, reader=reader, at=at)
        self.stdout.write(gone.describe())
        return before
