"""The shopper's button: the only thing that turns a proposal into an order."""

import hmac
from datetime import datetime
from typing import Literal

from moneyed import Money

from catalog.ids import Sku
from catalog.orders import OrderItem, OrderPlaced, OrderRefused
from commerce_agent.agent.notices import Newsroom
from commerce_agent.agent.phrases import get_book
from commerce_agent.agent.turns import Turns
from commerce_agent.agent.wording import say_money
from commerce_agent.tools.showing import to_amount
from conversations.events.carts import Proposal, ProposalResolved
from conversations.service import ConversationId, Conversations, MovedOn

Status = Literal["accepted", "declined", "expired", "changed", "failed"]


class Confirmations:
    """Resolves proposals."""

    def __init__(self, *, conversations: Conversations, turns: Turns, newsroom: Newsroom) -> None:
        self._conversations = conversations
        self._turns = turns
        self._newsroom = newsroom

    async def confirm(
        self,
        *,
        conversation: ConversationId,
        proposal: str,
        hash: str,
        decision: Literal["accept", "decline"],
        at: datetime,
    ) -> ProposalResolved:
        """Orders exactly what was proposed, or says why not. Pressed twice, it orders once."""
        while True:
            state = await self._conversations.load(conversation=conversation)
            waiting = state.cart.proposal
            if waiting is None or waiting.id != proposal:
                return _resolve(proposal, "failed", "order.gone")
            resolved = await self._resolve_waiting(conversation, waiting, hash=hash, decision=decision, at=at)
            try:
                await self._conversations.record_arrivals(
                    conversation=conversation, events=(resolved,), at=at, expected_version=state.version
                )
            except MovedOn:
                # A second press or a notice came between. The order's token makes trying again harmless.
                continue
            return resolved

    async def _resolve_waiting(
        self,
        conversation: ConversationId,
        waiting: Proposal,
        *,
        hash: str,
        decision: Literal["accept", "decline"],
        at: datetime,
    ) -> ProposalResolved:
        if decision == "decline":
            return _resolve(waiting.id, "declined", "order.declined")
        if not hmac.compare_digest(waiting.hash, hash):
            return _resolve(waiting.id, "failed", "order.gone")
        if at >= waiting.expires_at:
            return _resolve(waiting.id, "expired", "order.expired")
        return await self._order(conversation, waiting, at=at)

    async def _order(
        self, conversation: ConversationId, waiting: Proposal, *, at: datetime
    ) -> ProposalResolved:
        state = await self._conversations.load(conversation=conversation)
        shop = await self._turns.open_shop(merchant=state.transcript.merchant, state=state, now=at)
        lines = tuple(
            OrderItem(
                sku=Sku(line.ref.key),
                quantity=line.quantity,
                unit_price=Money(line.unit_price.amount, line.unit_price.currency),
            )
            for line in waiting.lines
        )
        placed = await shop.place_order(lines=lines, token=waiting.hash)
        match placed:
            case OrderPlaced():
                for change in placed.changes:
                    await self._newsroom.spread(change, beside=conversation)
                text = get_book("en").say(
                    "order.accepted",
                    seed=0,
                    number=placed.number,
                    total=say_money(to_amount(placed.total)),
                )
                return ProposalResolved(id=waiting.id, status="accepted", text=text, order=placed.number)
            case OrderRefused():
                titles = {line.ref.key: line.title for line in waiting.lines}
                changes = "; ".join(
                    f"{titles.get(change.sku, change.sku)}: {change.kind}" for change in placed.changes
                )
                return _resolve(waiting.id, "changed", "order.changed", changes=changes)


def _resolve(proposal: str, status: Status, key: str, **values: str) -> ProposalResolved:
    return ProposalResolved(id=proposal, status=status, text=get_book("en").say(key, seed=0, **values))
