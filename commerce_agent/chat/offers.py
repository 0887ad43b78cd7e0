"""What a proposal's slip says: its title, its button, its sums, in the language of the talk."""

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import override

from commerce_agent.agent.phrases import find_book
from commerce_agent.agent.wording.items import name_written
from commerce_agent.chat import protocol
from conversations.events.carts import CartLine, Proposal, TakenOff
from conversations.events.facts import Amount

Sums = tuple[tuple[str, Amount], ...]


def describe_offer(
    frame: protocol.ProposalFrame, *, proposal: Proposal, language: str
) -> protocol.ProposalFrame:
    """The frame with everything that is to be read on the slip."""
    with override(language):
        if proposal.kind == "order":
            return msgspec.structs.replace(frame, sums=_list_sums(proposal))
        return msgspec.structs.replace(
            frame,
            title=_name(proposal),
            button=_("Confirm"),
            note=proposal.address or (_("In its place:") if proposal.new_lines else ""),
            new_lines=name_lines(proposal.new_lines, language=language),
            sums=_list_owed(proposal),
        )


def name_lines(lines: tuple[CartLine, ...], *, language: str) -> tuple[CartLine, ...]:
    """The lines as they are to be read: each with its colour and its size in the shopper's language."""
    book = find_book(language)
    return tuple(msgspec.structs.replace(line, title=name_written(line.title, book=book)) for line in lines)


def list_taken_off(taken_off: tuple[TakenOff, ...]) -> Sums:
    """What promotions take off, as sums below nothing."""
    return tuple((taken.title, _negate(taken.amount)) for taken in taken_off)


def _list_sums(proposal: Proposal) -> Sums:
    sums = list(list_taken_off(proposal.taken_off))
    if proposal.shipping is not None:
        sums.append((_("Shipping"), proposal.shipping))
    if proposal.tax is not None:
        sums.append((_("Tax, included") if proposal.tax_included else _("Tax"), proposal.tax))
    return (*sums, (_("Total"), proposal.total))


def _list_owed(proposal: Proposal) -> Sums:
    if not proposal.total.amount:
        return ()
    return ((_("Goes back to you") if proposal.goes_back else _("To pay"), proposal.total),)


def _negate(amount: Amount) -> Amount:
    return Amount(amount=-amount.amount, currency=amount.currency)


def _name(proposal: Proposal) -> str:
    words = {
        "cancel": _("Cancel order {number}"),
        "address": _("Send order {number} to"),
        "payment": _("Pay for order {number} another way"),
        "items": _("Change order {number}"),
        "return": _("Return from order {number}"),
        "exchange": _("Exchange from order {number}"),
    }
    return words[proposal.kind].format(number=proposal.order)
