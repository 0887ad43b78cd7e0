"""What the tools after the sale share: the shop is asked whether it can be, and a proposal is made of it."""

import msgspec

from catalog.orders import Change, ChangeChecked, ChangeRefused
from commerce_agent.tools.desk import CannotBeDone, Desk
from commerce_agent.tools.proposing import Bound, make_change_proposal
from commerce_agent.tools.trail import Observation
from conversations.events.carts import Proposal, ProposalMade
from conversations.ids import EntityRef

ANONYMOUS = "The shopper is not signed in with the shop, so no order can be looked up or changed."

KEPT_ELSEWHERE = (
    "The shop keeps this order in a system of its own that takes no changes from here; a person can help."
)


class ChangeProposed(msgspec.Struct, frozen=True, kw_only=True):
    """What was proposed; only the shopper's button does it."""

    proposal: Proposal
    days: int | None
    """The return window that holds, where one does."""


async def propose_change(desk: Desk, change: Change) -> ChangeProposed:
    """Proposes the change of the shopper's own order; raises `CannotBeDone` with the rule that stands against it."""
    checked = await desk.shop.check_change(change)
    if checked is None:
        raise CannotBeDone(ANONYMOUS, kind="anonymous")
    _record_rule(desk, checked)
    if isinstance(checked, ChangeRefused):
        if checked.because == "unknown_order" and await _is_listed(desk, change.number):
            raise CannotBeDone(KEPT_ELSEWHERE, kind="sale.kept_elsewhere", number=change.number)
        raise CannotBeDone(
            _explain(checked),
            kind=f"sale.{checked.because}",
            number=checked.number,
            status=checked.status.replace("_", " "),
            item=checked.item,
            days=checked.days or 0,
        )
    bound = Bound(conversation=desk.conversation, state=desk.trail.state, turn=desk.trail.turn, now=desk.now)
    proposal = make_change_proposal(bound, change=change, checked=checked)
    desk.trail.record(ProposalMade(proposal=proposal))
    return ChangeProposed(proposal=proposal, days=checked.days)


async def _is_listed(desk: Desk, number: str) -> bool:
    """Whether the shop's own system shows the order, though whoever would change it does not have it."""
    listed = await desk.shop.list_orders()
    return listed is not None and any(order.number == number for order in listed.orders)


def _record_rule(desk: Desk, checked: ChangeChecked | ChangeRefused) -> None:
    """The rule is a fact of this order: it is the one of the day the order was placed."""
    if not checked.policy:
        return
    desk.trail.use_policy(checked.policy)
    name, _, version = checked.policy.rpartition("@")
    facts = desk.trail.record_observations(
        (
            Observation(
                subject=EntityRef("order", checked.number),
                name=f"{name.partition('/')[0]}.window_days",
                value=checked.days,
                source=f"policy:{checked.policy}",
                observed_at=desk.now,
                version=int(version),
            ),
        )
    )
    desk.trail.cite(*facts)


def _explain(refused: ChangeRefused) -> str:
    said = [f"order {refused.number}"]
    said += [f"it is {refused.status.replace('_', ' ')}"] if refused.status else []
    said += [f"item {refused.item}"] if refused.item else []
    said += [f"return window {refused.days} days from delivery"] if refused.days else []
    said += [f"by policy {refused.policy}"] if refused.policy else []
    return f"It cannot be done: {refused.because.replace('_', ' ')} ({', '.join(said)})."
