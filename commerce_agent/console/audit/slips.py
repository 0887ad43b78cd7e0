"""What a slip told the shopper: the cart, what they could confirm, and what came of it."""

from datetime import datetime

import msgspec
from django.utils.translation import override

from commerce_agent.agent.explain.plain import tell_amount
from commerce_agent.chat.offers import Sums, describe_offer, list_taken_off
from commerce_agent.chat.phrases import choose_language, list_phrases
from commerce_agent.chat.wire import to_proposal_frame
from conversations.events import Recorded
from conversations.events.carts import (
    CartChanged,
    CartLine,
    Proposal,
    ProposalKind,
    ProposalMade,
    ProposalResolved,
)
from conversations.events.messages import ConversationOpened

PROPOSED: dict[ProposalKind, str] = {
    "order": "Order proposed",
    "cancel": "Cancellation proposed",
    "address": "Another address proposed",
    "payment": "Another way of paying proposed",
    "items": "Change of items proposed",
    "return": "Return proposed",
    "exchange": "Exchange proposed",
}
"""What the staff read beside the slip's own title."""


class LineSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a cart or a proposal."""

    sku: str
    title: str
    quantity: int
    unit_price: str


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """A slip of the chat's, in the shopper's words."""

    title: str
    lines: tuple[LineSeen, ...]
    kind: ProposalKind | None = None
    """None: the cart."""
    order: str = ""
    """The number of the order that is to be changed."""
    note: str = ""
    new_lines: tuple[LineSeen, ...] = ()
    sums: tuple[tuple[str, str], ...] = ()
    """Every sum below the lines with its name, the total last."""
    until: datetime | None = None
    buttons: tuple[str, ...] = ()


class Slips(msgspec.Struct, frozen=True, kw_only=True):
    """The proposals of a conversation as they were shown, by their ids."""

    phrases: dict[str, str]
    """What the widget says itself, in the language that the chat was opened in."""
    made: dict[str, Slip]

    @classmethod
    def read(cls, events: tuple[Recorded, ...]) -> "Slips":
        """Every slip of a journal."""
        opened = next((each.event for each in events if isinstance(each.event, ConversationOpened)), None)
        language = choose_language(wished=opened.locale if opened else "", own="")
        with override(language):
            phrases = list_phrases()
        made = {
            each.event.proposal.id: _see_proposal(each, each.event.proposal, phrases, language=language)
            for each in events
            if isinstance(each.event, ProposalMade)
        }
        return cls(phrases=phrases, made=made)

    def see_cart(self, event: CartChanged) -> Slip:
        """The cart with what comes off it."""
        return Slip(
            title=self.phrases["cart"] if event.lines else self.phrases["empty"],
            lines=_see_lines(event.lines),
            sums=_tell_sums(list_taken_off(event.taken_off)),
        )

    def find_title(self, proposal: str) -> str:
        """What the slip of a proposal is headed; empty where none was shown."""
        slip = self.made.get(proposal)
        return slip.title if slip else ""

    def tell_outcome(self, event: ProposalResolved) -> str:
        """What stood on the slip then, and what was said."""
        slip = self.made.get(event.id)
        # Of an order the widget tells how it ended in its own words, and reads out what was said.
        is_order = (slip.kind if slip else event.kind) == "order"
        own = self.phrases.get(event.status, "") if is_order else ""
        number = f"(order {event.order})" if event.order else ""
        pay = f"{self.phrases['pay']}: {event.pay_at}" if event.pay_at else ""
        told = event.text if not own or event.text.startswith(own) else f"{own.rstrip('.')}. {event.text}"
        return " ".join(text for text in (told, number, pay) if text)


def tell_proposed(proposal: Proposal) -> str:
    """A proposal in one line, for the staff."""
    number = f" for order {proposal.order}" if proposal.order else ""
    if not proposal.total.amount:
        return f"{PROPOSED[proposal.kind]}{number}"
    owed = "goes back" if proposal.goes_back else "to pay"
    return f"{PROPOSED[proposal.kind]}{number}, {tell_amount(proposal.total)} {owed}"


def _see_proposal(recorded: Recorded, proposal: Proposal, phrases: dict[str, str], *, language: str) -> Slip:
    frame = to_proposal_frame(proposal, seq=recorded.frame or 0, at=recorded.at, turn=recorded.turn)
    offer = describe_offer(frame, proposal=proposal, language=language)
    return Slip(
        kind=proposal.kind,
        title=offer.title or phrases["order"],
        order=proposal.order or "",
        lines=_see_lines(offer.lines),
        note=offer.note,
        new_lines=_see_lines(offer.new_lines),
        sums=_tell_sums(offer.sums),
        until=offer.expires,
        buttons=(offer.button or phrases["confirm"], phrases["decline"]),
    )


def _tell_sums(sums: Sums) -> tuple[tuple[str, str], ...]:
    return tuple((name, tell_amount(amount)) for name, amount in sums)


def _see_lines(lines: tuple[CartLine, ...]) -> tuple[LineSeen, ...]:
    return tuple(
        LineSeen(
            sku=line.ref.key,
            title=line.title,
            quantity=line.quantity,
            unit_price=tell_amount(line.unit_price),
        )
        for line in lines
    )
