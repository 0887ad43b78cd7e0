"""A recorded conversation as a script that `converse` runs, with the shop of then beside it where a folder is given."""

from pathlib import Path
from typing import Any

import msgspec

from catalog.ids import MerchantId
from commerce_agent.scripted.annotating import annotate, dump, observe_recorded
from commerce_agent.scripted.exporting import LeftOut, list_steps
from commerce_agent.scripted.promotion_export import list_promotions_of
from commerce_agent.scripted.shop_export import (
    list_orders_of,
    list_policies_of,
    write_shop_feed,
)
from conversations.events import Recorded
from conversations.events.messages import ConversationOpened, ShopperIdentified
from conversations.ids import ConversationId, ShopperId
from conversations.service import ShopperCard


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A script, with what it leaves out at its head."""

    text: str
    left_out: tuple[LeftOut, ...]


class NoOpening(ValueError):
    """The journal does not begin with an opening; hand over all of a conversation's events."""

    def __init__(self) -> None:
        super().__init__("The journal does not begin with an opening.")


def write_script(
    *,
    conversation: ConversationId,
    events: tuple[Recorded, ...],
    shopper: ShopperCard | None,
    out: Path | None,
    expect: bool,
) -> Written:
    """The script. Where `out` says what file it will be, the shop's goods are written beside it and it names
    them; without, it runs in the demo shop. `expect` puts beside each message what it gave.

    Raises `NoOpening`, and `OSError` where the goods cannot be written.
    """
    opened, at = get_opening(events), events[0].at
    merchant = MerchantId(opened.merchant)
    script: dict[str, Any] = {"name": f"conversation {conversation}", "locale": opened.locale}
    promoted = list_promotions_of(merchant=merchant, events=events)
    if out is not None:
        feed = out.with_name(f"{out.stem}.feed.tsv")
        write_shop_feed(merchant=merchant, events=events, path=feed, promoted=promoted)
        script["feed"] = feed.name
        script["policies"] = list_policies_of(merchant=merchant, at=at, events=events)
        script["promotions"] = list(promoted.at_first)
    known: dict[str, Any] = {"id": shopper.key if shopper else "shopper"}
    if shopper is not None and out is not None:
        known["orders"] = list_orders_of(
            merchant=merchant, customer_key=shopper.key, before=at, events=events
        )
    if opened.shopper or opened.tier:
        script["shopper"] = {**known, **({"tier": opened.tier} if opened.tier else {})}
    told = list_steps(events, promoted=promoted, shopper=known)
    steps = told.steps
    script["turns"] = annotate(steps, observe_recorded(events, steps)) if expect else steps
    head = "".join(f"# Left out: {left.what} (event {left.seq}).\n" for left in told.left_out)
    return Written(text=head + dump(script), left_out=told.left_out)


def find_shopper(events: tuple[Recorded, ...]) -> ShopperId | None:
    """Whose the conversation is, from the beginning or since the shop said so: it is never another's."""
    said = (
        each.event.shopper
        for each in events
        if isinstance(each.event, ConversationOpened | ShopperIdentified) and each.event.shopper
    )
    return next(said, None)


def get_opening(events: tuple[Recorded, ...]) -> ConversationOpened:
    """The conversation's first event; raises `NoOpening`."""
    opened = events[0].event if events else None
    if not isinstance(opened, ConversationOpened):
        raise NoOpening
    return opened
