"""The shopper's button: the only thing that turns a proposal into an order, or into a change of one."""

import hmac
from datetime import datetime
from typing import Literal

import msgspec

from catalog.events import StockChanged
from catalog.orders import ChangeAltered, ChangeMade, ChangeRefused, OrderPlaced, OrderRefused, UntoldChange
from commerce_agent.agent import ordering
from commerce_agent.agent.notices import Newsroom
from commerce_agent.agent.outcomes import (
    Status,
    resolve,
    say_altered,
    say_changes,
    say_made,
    say_placed,
    say_refused,
)
from commerce_agent.agent.pressing import ButtonTokens
from commerce_agent.agent.turns import Turns
from commerce_agent.tools.proposing import Bound
from commerce_agent.tools.shop import Shop
from conversations.carts import Cart
from conversations.events import Event
from conversations.events.carts import Proposal, ProposalMade, ProposalResolved
from conversations.events.facts import Fact, FactsObserved
from conversations.service import ConversationId, Conversations, MovedOn
from conversations.state import ConversationState


class Press(msgspec.Struct, frozen=True, kw_only=True):
    """What the button sends: which proposal, its hash, and the token that came to the widget with it."""

    proposal: str
    hash: str
    token: str
    decision: Literal["accept", "decline"] = "accept"


class Confirmations:
    """Resolves proposals."""

    def __init__(
        self, *, conversations: Conversations, turns: Turns, newsroom: Newsroom, tokens: ButtonTokens
    ) -> None:
        self._conversations = conversations
        self._turns = turns
        self._newsroom = newsroom
        self._tokens = tokens

    async def issue_token(self, *, conversation: ConversationId, proposal: str) -> str:
        """The token for the button of a proposal that can still be pressed; empty for any other.

        For the widget of the conversation's own shopper and nobody else: no model, no API, no log.
        """
        state = await self._conversations.load(conversation=conversation)
        offered = next((each for each in _list_offered(state.cart) if each.id == proposal), None)
        if offered is None or offered.id in state.cart.done:
            return ""
        return self._tokens.make(conversation=conversation, state=state, proposal=offered)

    async def is_standing(self, *, conversation: ConversationId, proposal: str) -> bool:
        """Whether the proposal waits for its button: it may be pressed again."""
        state = await self._conversations.load(conversation=conversation)
        return state.cart.proposal is not None and state.cart.proposal.id == proposal

    async def confirm(self, *, conversation: ConversationId, press: Press, at: datetime) -> ProposalResolved:
        """Does exactly what was proposed, or says why not. Pressed twice, it is done once.

        An answer of `failed` without a trace in the journal means that there is no such proposal of this
        conversation's shopper any more, or that the shop cannot be asked now and the proposal still stands.
        """
        while True:
            state = await self._conversations.load(conversation=conversation)
            offered = self._find_pressed(conversation, state, press)
            if offered is None:
                return resolve(state, proposal=press.proposal, status="failed", key="order.gone")
            shop = await self._turns.open_shop(merchant=state.transcript.merchant, state=state, now=at)
            done = await self._find_done(shop, state=state, offered=offered)
            if done is not None:
                # It was done and the answer lost: whatever was pressed since, it stands.
                return await self._record_done(conversation, shop, resolved=done, token=offered.hash, at=at)
            if state.cart.proposal is None or state.cart.proposal.id != press.proposal:
                return resolve(state, proposal=press.proposal, status="failed", key="order.gone")
            if press.decision == "accept" and at < offered.expires_at:
                answer = await self._carry_out(conversation, state=state, shop=shop, offered=offered, at=at)
                if answer is None:
                    continue
                return answer
            resolved = _resolve_undone(state, offered, declined=press.decision == "decline")
            if await self._record(conversation, (resolved,), version=state.version, at=at):
                return resolved

    async def settle(self, untold: UntoldChange, *, at: datetime) -> bool:
        """Tells a conversation what was done for it when whoever did it died before saying so. True when told."""
        conversation = ConversationId(untold.origin)
        state = await self._conversations.load(conversation=conversation)
        offered = next((each for each in _list_offered(state.cart) if each.hash == untold.token), None)
        shop = await self._turns.open_shop(merchant=state.transcript.merchant, state=state, now=at)
        done = None
        if offered is not None and offered.id not in state.cart.done:
            done = await self._find_done(shop, state=state, offered=offered)
        if done is None:
            # It was told, and only the mark is missing.
            await shop.mark_told(token=untold.token)
            return False
        await self._record_done(conversation, shop, resolved=done, token=untold.token, at=at)
        return True

    def _find_pressed(
        self, conversation: ConversationId, state: ConversationState, press: Press
    ) -> Proposal | None:
        """The proposal of this id, hash and token, standing or taken back a moment ago."""
        for each in _list_offered(state.cart):
            if (
                each.id == press.proposal
                and hmac.compare_digest(each.hash, press.hash)
                and self._tokens.is_genuine(
                    press.token, conversation=conversation, state=state, proposal=each
                )
            ):
                return each
        return None

    async def _find_done(
        self, shop: Shop, *, state: ConversationState, offered: Proposal
    ) -> ProposalResolved | None:
        if offered.kind == "order":
            placed = await shop.find_order(token=offered.hash)
            if placed is None:
                return None
            checkout = await shop.find_checkout(number=placed.number)
            return say_placed(state, offered, number=placed.number, checkout=checkout)
        made = await shop.find_made(token=offered.hash)
        return None if made is None else say_made(state, offered, made=made)

    async def _carry_out(
        self,
        conversation: ConversationId,
        *,
        state: ConversationState,
        shop: Shop,
        offered: Proposal,
        at: datetime,
    ) -> ProposalResolved | None:
        """The end of the proposal; None where nothing was done and the conversation moved on meanwhile."""
        done = await _attempt(conversation, shop=shop, offered=offered)
        if done is None:
            # The proposal stands: the shopper may press again once the shop's system answers.
            return resolve(
                state, proposal=offered.id, status="failed", key="order.unchecked", kind=offered.kind
            )
        match done:
            case OrderPlaced() | ChangeMade():
                return await self._tell_done(
                    conversation, state=state, shop=shop, offered=offered, changes=done.changes, at=at
                )
            case OrderRefused() | ChangeAltered() | ChangeRefused():
                bound = Bound(conversation=conversation, state=state, turn=state.transcript.turns, now=at)
                events = await _list_refusal(state, shop, offered=offered, refused=done, bound=bound)
                recorded = await self._record(conversation, events, version=state.version, at=at)
                return events[0] if recorded else None

    async def _tell_done(
        self,
        conversation: ConversationId,
        *,
        state: ConversationState,
        shop: Shop,
        offered: Proposal,
        changes: tuple[StockChanged, ...],
        at: datetime,
    ) -> ProposalResolved:
        done = await self._find_done(shop, state=state, offered=offered)
        if done is None:
            raise LookupError(offered.id)
        charged = _list_charged(offered, number=done.order or "", at=at) if offered.kind == "order" else ()
        resolved = await self._record_done(
            conversation, shop, resolved=done, token=offered.hash, at=at, charged=charged
        )
        for change in changes:
            await self._newsroom.spread(change, beside=conversation)
        return resolved

    async def _record_done(
        self,
        conversation: ConversationId,
        shop: Shop,
        *,
        resolved: ProposalResolved,
        token: str,
        at: datetime,
        charged: tuple[Event, ...] = (),
    ) -> ProposalResolved:
        """What was done stands, so it is recorded however the conversation moved on; once."""
        while True:
            state = await self._conversations.load(conversation=conversation)
            if resolved.id in state.cart.done or await self._record(
                conversation, (resolved, *charged), version=state.version, at=at
            ):
                await shop.mark_told(token=token)
                return resolved

    async def _record(
        self, conversation: ConversationId, events: tuple[Event, ...], *, version: int, at: datetime
    ) -> bool:
        """False when the conversation moved on since it was read, and nothing was recorded."""
        try:
            await self._conversations.record_arrivals(
                conversation=conversation, events=events, at=at, expected_version=version
            )
        except MovedOn:
            return False
        return True


async def _attempt(
    conversation: ConversationId, *, shop: Shop, offered: Proposal
) -> OrderPlaced | OrderRefused | ChangeMade | ChangeAltered | ChangeRefused | None:
    """What came of it; None where the shop's systems could not be asked."""
    try:
        if offered.kind == "order":
            return await ordering.order(shop, offered=offered, conversation=conversation)
        return await ordering.change(shop, offered=offered, conversation=conversation)
    except ordering.NotChecked:
        return None


async def _list_refusal(
    state: ConversationState,
    shop: Shop,
    *,
    offered: Proposal,
    refused: OrderRefused | ChangeAltered | ChangeRefused,
    bound: Bound,
) -> tuple[ProposalResolved, *tuple[Event, ...]]:
    """What the shopper is told, and the fresh proposal where there can be one."""
    match refused:
        case OrderRefused():
            again = await ordering.propose_again(shop, offered=offered, refused=refused, bound=bound)
            fresh = next((each.proposal for each in again if isinstance(each, ProposalMade)), None)
            return (say_changes(state, offered, refused=refused, fresh=fresh), *again)
        case ChangeAltered():
            again = ordering.propose_change_again(offered=offered, altered=refused, bound=bound)
            return (say_altered(state, offered, altered=refused), *again)
        case ChangeRefused():
            return (say_refused(state, offered, refused=refused),)


def _list_charged(offered: Proposal, *, number: str, at: datetime) -> tuple[Event, ...]:
    """What the checkout itself has read in the step that ordered; whatever is read next takes its place."""
    facts = tuple(
        Fact(
            id=f"{line.ref.key}/price@order/{number}",
            subject=line.ref,
            name="price",
            value=line.unit_price,
            source=f"order:{number}",
            observed_at=at,
            valid_until=at,
            authority="checkout",
        )
        for line in offered.lines
    )
    return (FactsObserved(facts=facts),)


def _list_offered(cart: Cart) -> tuple[Proposal, ...]:
    return cart.former if cart.proposal is None else (cart.proposal, *cart.former)


def _resolve_undone(state: ConversationState, offered: Proposal, *, declined: bool) -> ProposalResolved:
    status: Status = "declined" if declined else "expired"
    key = f"order.{status}" if offered.kind == "order" else f"sale.{status}"
    return resolve(state, proposal=offered.id, status=status, key=key, kind=offered.kind)
