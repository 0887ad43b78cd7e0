"""The shopper's button: the only thing that turns a proposal into an order."""

import hmac
from datetime import datetime
from typing import Literal

from moneyed import Money

from catalog.connectors import ConnectorUnavailable
from catalog.ids import Sku
from catalog.orders import OrderItem, OrderPlaced, OrderRefused
from commerce_agent.agent.notices import Newsroom
from commerce_agent.agent.phrases import get_book
from commerce_agent.agent.turns import Turns
from commerce_agent.agent.wording import say_money
from commerce_agent.tools.shop import Shop
from conversations.carts import Cart
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
        """Orders exactly what was proposed, or says why not. Pressed twice, it orders once.

        An answer of `failed` is not recorded: there is no such proposal of this conversation any more.
        """
        while True:
            state = await self._conversations.load(conversation=conversation)
            offered = _find_offered(state.cart, proposal=proposal, hash=hash)
            if offered is None:
                return _resolve(proposal, "failed", "order.gone")
            shop = await self._turns.open_shop(merchant=state.transcript.merchant, state=state, now=at)
            placed = await shop.find_order(token=offered.hash)
            if placed is not None:
                # The order was made and the answer lost: whatever was pressed since, it stands.
                return await self._record_order(conversation, offered, number=placed.number, at=at)
            if state.cart.proposal is None or state.cart.proposal.id != proposal:
                return _resolve(proposal, "failed", "order.gone")
            if decision == "accept" and at < offered.expires_at:
                return await self._order(conversation, offered, shop=shop, version=state.version, at=at)
            resolved = (
                _resolve(offered.id, "declined", "order.declined")
                if decision == "decline"
                else _resolve(offered.id, "expired", "order.expired")
            )
            if await self._record(conversation, resolved, version=state.version, at=at):
                return resolved

    async def _order(
        self, conversation: ConversationId, offered: Proposal, *, shop: Shop, version: int, at: datetime
    ) -> ProposalResolved:
        lines = tuple(
            OrderItem(
                sku=Sku(line.ref.key),
                quantity=line.quantity,
                unit_price=Money(line.unit_price.amount, line.unit_price.currency),
            )
            for line in offered.lines
        )
        try:
            placed = await shop.place_order(lines=lines, token=offered.hash)
        except ConnectorUnavailable:
            # The proposal stands: the shopper may press again once the shop's system answers.
            return _resolve(offered.id, "failed", "order.unchecked")
        match placed:
            case OrderPlaced():
                resolved = await self._record_order(conversation, offered, number=placed.number, at=at)
                for change in placed.changes:
                    await self._newsroom.spread(change, beside=conversation)
                return resolved
            case OrderRefused():
                titles = {line.ref.key: line.title for line in offered.lines}
                changes = "; ".join(
                    f"{titles.get(change.sku, change.sku)} ({change.kind})" for change in placed.changes
                )
                resolved = _resolve(offered.id, "changed", "order.changed", changes=changes)
                await self._record(conversation, resolved, version=version, at=at)
                return resolved

    async def _record_order(
        self, conversation: ConversationId, offered: Proposal, *, number: str, at: datetime
    ) -> ProposalResolved:
        """The order stands, so it is recorded however the conversation moved on; once."""
        text = get_book("en").say("order.accepted", seed=0, number=number, total=say_money(offered.total))
        resolved = ProposalResolved(id=offered.id, status="accepted", text=text, order=number)
        while True:
            state = await self._conversations.load(conversation=conversation)
            if number in state.cart.orders:
                return resolved
            if await self._record(conversation, resolved, version=state.version, at=at):
                return resolved

    async def _record(
        self, conversation: ConversationId, resolved: ProposalResolved, *, version: int, at: datetime
    ) -> bool:
        """False when the conversation moved on since it was read, and nothing was recorded."""
        try:
            await self._conversations.record_arrivals(
                conversation=conversation, events=(resolved,), at=at, expected_version=version
            )
        except MovedOn:
            return False
        return True


def _find_offered(cart: Cart, *, proposal: str, hash: str) -> Proposal | None:
    """The proposal of this id and hash, standing or taken back a moment ago."""
    offered = cart.former if cart.proposal is None else (cart.proposal, *cart.former)
    return next(
        (each for each in offered if each.id == proposal and hmac.compare_digest(each.hash, hash)), None
    )


def _resolve(proposal: str, status: Status, key: str, **values: str) -> ProposalResolved:
    return ProposalResolved(id=proposal, status=status, text=get_book("en").put(key, **values))
