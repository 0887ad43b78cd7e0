"""`manage.py talk erase|hold|release`: one conversation, by its id, whoever it was with."""

from argparse import ArgumentParser
from datetime import datetime
from uuid import UUID

from django.core.management.base import CommandParser
from typing_extensions import override

from commerce_agent.composition import Platform
from commerce_agent.management.rights import RightsCommand
from commerce_agent.shoppers.holding import Held
from commerce_agent.shoppers.proving import Before, look_before
from commerce_agent.shoppers.talks import erase_talk
from conversations.ids import ConversationId, MerchantId
from conversations.service import Reader


class Command(RightsCommand):
    """Erases, holds."""

    help = (
        "Erases or holds one conversation, also one with nobody known. Of a named shopper all else stays; "
        "`manage.py shopper erase` erases them whole. Everything it does is in `verify_audit`'s chain."
    )

    @override
    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, and to which."""
        self.add_actions(parser)

    @override
    def add_subject(self, parser: ArgumentParser) -> None:
        parser.add_argument("subject", metavar="conversation", type=UUID, help="the conversation's id")

    @override
    async def find_subject(self, platform: Platform, subject: str, *, merchant: MerchantId) -> Held:
        talk = ConversationId(subject)
        await platform.conversations.require_version(conversation=talk, merchant=merchant)
        return Held(merchant=merchant, kind="conversation", id=talk)

    @override
    async def erase(self, platform: Platform, held: Held, *, reader: Reader, at: datetime) -> Before:
        talk = ConversationId(held.id)
        before = await look_before(platform, merchant=held.merchant, card=None, talks=(talk,))
        gone = await erase_talk(platform, merchant=held.merchant, conversation=talk, reader=reader, at=at)
        self.stdout.write(f"Erased: {gone} events.")
        return before
