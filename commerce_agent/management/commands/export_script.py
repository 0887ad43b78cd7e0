"""Writes a recorded conversation as a script that `converse` runs."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError
from typing_extensions import override

from catalog.ids import MerchantId
from commerce_agent.composition import open_platform
from commerce_agent.scripted.annotating import annotate, dump, observe_recorded
from commerce_agent.scripted.exporting import list_steps
from commerce_agent.scripted.shop_export import (
    has_promotions,
    list_orders_of,
    list_policies_of,
    list_promotions_of,
    write_shop_feed,
)
from conversations.events import Recorded
from conversations.events.messages import ConversationOpened
from conversations.ids import ConversationId
from conversations.service import KeyDestroyed, KeyFault, NoSuchConversation, ShopperCard

STANDARD = "# Runs in the demo shop. With --out FILE the goods of the conversation's own shop go beside it.\n"


class Command(BaseCommand):
    """`export_script CONVERSATION [--out FILE] [--expect]`."""

    help = (
        "Writes a recorded conversation as a converse script: what was said, what happened in the shop, the time "
        "between, the button. With --out the shop's goods are written beside it, as the conversation first saw them."
    )

    @override
    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares what the command takes."""
        parser.add_argument("conversation", type=UUID, help="the conversation's id")
        parser.add_argument("--out", type=Path, help="the script's file; standard output without it")
        parser.add_argument(
            "--expect",
            action="store_true",
            help="write beside each message what it gave, for check_scripts to hold later runs to",
        )

    @override
    def handle(self, *args: Any, **options: Any) -> None:
        """Runs the command."""
        conversation = ConversationId(str(options["conversation"]))
        try:
            events, shopper = async_to_sync(_read)(conversation)
        except (NoSuchConversation, KeyDestroyed, KeyFault) as error:
            raise CommandError(str(error), returncode=2) from error
        out: Path | None = options["out"]
        script = _write_script(conversation, events, shopper=shopper, out=out, expect=options["expect"])
        if out is None:
            sys.stdout.write(STANDARD + script)
            return
        try:
            out.write_text(script, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}.", returncode=2) from error


async def _read(conversation: ConversationId) -> tuple[tuple[Recorded, ...], ShopperCard | None]:
    async with open_platform(quiet=True) as platform:
        await platform.conversations.get_head(conversation=conversation)
        events = await platform.conversations.list_events(conversation=conversation)
        opened = _get_opening(events)
        card = (
            await platform.conversations.find_shopper(merchant=opened.merchant, shopper=opened.shopper)
            if opened.shopper
            else None
        )
        return events, card


def _write_script(
    conversation: ConversationId,
    events: tuple[Recorded, ...],
    *,
    shopper: ShopperCard | None,
    out: Path | None,
    expect: bool,
) -> str:
    opened, at = _get_opening(events), events[0].at
    merchant = MerchantId(opened.merchant)
    script: dict[str, Any] = {"name": f"conversation {conversation}", "locale": opened.locale}
    if out is not None:
        feed = out.with_name(f"{out.stem}.feed.tsv")
        try:
            write_shop_feed(merchant=merchant, events=events, path=feed)
        except OSError as error:
            raise CommandError(f"{feed} cannot be written: {error.strerror}.", returncode=2) from error
        script["feed"] = feed.name
        script["policies"] = list_policies_of(merchant=merchant, at=at, events=events)
        script["promotions"] = list_promotions_of(merchant=merchant)
    if shopper is not None or opened.tier:
        script["shopper"] = {"id": shopper.key if shopper else "shopper"}
        if opened.tier:
            script["shopper"]["tier"] = opened.tier
        if shopper is not None and out is not None:
            script["shopper"]["orders"] = list_orders_of(
                merchant=merchant, customer_key=shopper.key, before=at
            )
    steps = list_steps(events, is_promoted=has_promotions(merchant=merchant))
    script["turns"] = annotate(steps, observe_recorded(events, steps)) if expect else steps
    return dump(script)


def _get_opening(events: tuple[Recorded, ...]) -> ConversationOpened:
    opened = events[0].event
    if not isinstance(opened, ConversationOpened):
        raise CommandError("The journal does not begin with an opening.", returncode=2)
    return opened
