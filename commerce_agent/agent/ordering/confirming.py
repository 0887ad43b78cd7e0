"""The shopper's button: the only thing that turns a proposal into an order, or into a change of one."""

import hmac
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

import msgspec
import structlog

from catalog.connectors import ConnectorUnavailable
from catalog.orders import (
    Attempt,
    ChangeAltered,
    ChangeMade,
    ChangeRefused,
    OfferGone,
    OrderPlaced,
    OrderRecord,
    OrderRefused,
    OutcomeUnknown,
    Pressed,
    TakesNoOrders,
)
from commerce_agent.agent.news.notices import Newsroom
from commerce_agent.agent.ordering import placing
from commerce_agent.agent.ordering.charged import Done, list_charged, watch_sum
from commerce_agent.agent.ordering.late_orders import find_forgotten, list_bought
from commerce_agent.agent.ordering.outcomes import (
    resolve,
    resolve_unchecked,
    resolve_undone,
    say_made,
    say_placed,
)
from commerce_agent.agent.ordering.pressing import ButtonTokens
from commerce_agent.agent.ordering.refusals import list_refusal
from commerce_agent.agent.shops import acting_for_shopper_of
from commerce_agent.agent.turns import Turns
from commerce_agent.observing import metrics
from commerce_agent.tools.proposing import Bound
from commerce_agent.tools.shop import Shop
from conversations.carts import Cart
from conversations.events import Event
from conversations.events.carts import MOVES_NOTHING, Proposal, ProposalResolved
from conversations.service import ConversationId, Conversations, MovedOn
from conversations.state import ConversationState

log = structlog.get_logger(__name__)

LOST_AFTER = timedelta(minutes=5)
"""No call is under way for so long: what was not done by then never will be."""


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
        resolved = await self._confirm(conversation=conversation, press=press, at=at)
        metrics.COMMITMENTS.labels(resolved.status).inc()
        return resolved

    async def _confirm(self, *, conversation: ConversationId, press: Press, at: datetime) -> ProposalResolved:
        while True:
            state = await self._conversations.load(conversation=conversation)
            offered = self._find_pressed(conversation, state, press)
            if offered is None:
                return resolve(state, proposal=press.proposal, status="failed", key="order.gone")
            shop = await self._turns.shops.open_for_button(state, now=at)
            try:
                done = await self._find_done(conversation, shop=shop, state=state, offered=offered)
            except ConnectorUnavailable as outage:
                return resolve_unchecked(state, offered, outage=outage)
            if done is not None:
                # It was done and the answer lost: whatever was pressed since, it stands.
                return await self._tell_done(
                    conversation, state=state, shop=shop, offered=offered, done=done, at=at
                )
            if state.cart.proposal is None or state.cart.proposal.id != press.proposal:
                return resolve(state, proposal=press.proposal, status="failed", key="order.gone")
            if press.decision == "accept" and at < offered.expires_at:
                answer = await self._carry_out(conversation, state=state, shop=shop, offered=offered, at=at)
                if answer is None:
                    continue
                return answer
            resolved = resolve_undone(state, offered, declined=press.decision == "decline")
            if await self._record(conversation, (resolved,), version=state.version, at=at):
                return resolved

    async def settle(self, attempt: Attempt, *, at: datetime) -> bool:
        """Tells a conversation what came of a press when whoever took it died, or never heard. True when told.

        Raises ConnectorUnavailable where whoever keeps the orders cannot be asked; it is asked again later.
        """
        conversation = ConversationId(attempt.origin)
        state = await self._conversations.load(conversation=conversation)
        offered = next((each for each in _list_offered(state.cart) if each.hash == attempt.token), None)
        offered = offered or find_forgotten(await self._list_events(conversation), token=attempt.token)
        shop = await self._turns.shops.open_for_button(state, now=at)
        if offered is None or offered.id in state.cart.done:
            # It was told, and only the mark is missing.
            await shop.mark_told(token=attempt.token)
            return False
        done = await self._find_done(conversation, shop=shop, state=state, offered=offered)
        if done is not None:
            await self._tell_done(conversation, state=state, shop=shop, offered=offered, done=done, at=at)
            return True
        if at - attempt.at < LOST_AFTER:
            return False
        told = await self._tell_lost(conversation, offered=offered, at=at)
        await shop.mark_told(token=attempt.token)
        return told

    async def _list_events(self, conversation: ConversationId) -> list[Event]:
        return [each.event for each in await self._conversations.list_events(conversation=conversation)]

    async def _tell_lost(self, conversation: ConversationId, *, offered: Proposal, at: datetime) -> bool:
        """Nothing was done, and nothing will be: whoever waits for an answer is told so."""
        while True:
            state = await self._conversations.load(conversation=conversation)
            if state.cart.proposal is None or state.cart.proposal.id != offered.id:
                return False
            lost = resolve(state, proposal=offered.id, status="failed", key="order.lost", kind=offered.kind)
            if await self._record(conversation, (lost,), version=state.version, at=at):
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
        self, conversation: ConversationId, *, shop: Shop, state: ConversationState, offered: Proposal
    ) -> OrderRecord | ChangeMade | None:
        with acting_for_shopper_of(conversation, state=state, customer=shop.customer_key):
            if offered.kind == "order":
                return await shop.find_order(token=offered.hash)
            return await shop.find_made(token=offered.hash)

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
        tier_outage = await self._turns.shops.take_tier_anew(shop, state=state)
        with acting_for_shopper_of(conversation, state=state, customer=shop.customer_key):
            stands = partial(self._stands, conversation, offered=offered)
            pressed = Pressed(token=offered.hash, origin=conversation, stands=stands)
            done = await _attempt(pressed, shop=shop, offered=offered, tier_outage=tier_outage)
        match done:
            # The proposal stands: pressed again it is done once, whatever came of it before.
            case placing.NotChecked():
                return resolve_unchecked(state, offered, outage=done.outage)
            case "unknown":
                return resolve(
                    state, proposal=offered.id, status="failed", key="order.uncertain", kind=offered.kind
                )
            case "gone":
                return None
            case "elsewhere":
                ended = resolve(state, proposal=offered.id, status="failed", key="order.elsewhere")
                kept = await self._record(conversation, (ended,), version=state.version, at=at)
                return ended if kept else None
            case OrderPlaced() | ChangeMade():
                return await self._tell_done(
                    conversation, state=state, shop=shop, offered=offered, done=done, at=at
                )
            case OrderRefused() | ChangeAltered() | ChangeRefused():
                bound = Bound(conversation=conversation, state=state, turn=state.transcript.turns, now=at)
                events = await list_refusal(state, shop, offered=offered, refused=done, bound=bound)
                if not await self._record(conversation, events, version=state.version, at=at):
                    return None
                await shop.mark_told(token=offered.hash)
                return events[0]

    async def _stands(self, conversation: ConversationId, *, offered: Proposal) -> bool:
        """Whether the offer stands now that its press is on record: its cart leaves for no other talk from here on, and
        may have left until then.
        """
        state = await self._conversations.load_after_all(conversation=conversation)
        return state.cart.proposal is not None and state.cart.proposal.id == offered.id

    async def _tell_done(
        self,
        conversation: ConversationId,
        *,
        state: ConversationState,
        shop: Shop,
        offered: Proposal,
        done: Done,
        at: datetime,
    ) -> ProposalResolved:
        """Also of what was done before and is found now: it is held against what was confirmed, and recorded, once."""
        is_told = offered.id in state.cart.done
        if not is_told:
            watch_sum(offered, done=done)
        if isinstance(done, ChangeMade):
            said = say_made(state, offered, made=done)
        else:
            checkout = await shop.find_checkout(number=done.number)
            said = say_placed(state, offered, placed=done, checkout=checkout)
        charged = list_charged(offered, done=done, at=at)
        resolved = await self._record_done(
            conversation, shop, resolved=said, token=offered.hash, at=at, charged=charged
        )
        if is_told or isinstance(done, OrderRecord):
            return resolved
        if offered.kind == "address" and offered.address:
            with acting_for_shopper_of(conversation, state=state, customer=shop.customer_key):
                await self._turns.remembering.learn_address(
                    conversation, state=state, address=offered.address, at=at
                )
        lines = () if offered.kind in MOVES_NOTHING else (*offered.lines, *offered.new_lines)
        skus = tuple(dict.fromkeys((*(line.ref.key for line in lines), *(each.sku for each in done.changes))))
        for change in done.changes:
            await self._newsroom.spread(change, beside=conversation)
        await self._note_own(conversation, skus=skus, order=done.number)
        return resolved

    async def _note_own(self, conversation: ConversationId, *, skus: tuple[str, ...], order: str) -> None:
        """What was done stands and is recorded: what goes wrong here must not look like a press that failed."""
        try:
            await self._newsroom.note_own(conversation, skus=skus, order=order)
        except Exception:
            log.exception("order.not_noted", conversation=conversation)

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
            stands = state.cart.proposal is not None and state.cart.proposal.id == resolved.id
            if resolved.kind == "order" and not stands:
                # The cart has gone on since it was proposed.
                bought = list_bought(await self._list_events(conversation), proposal=resolved.id)
                resolved = msgspec.structs.replace(resolved, bought=bought)
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


Came = OrderPlaced | OrderRefused | ChangeMade | ChangeAltered | ChangeRefused


async def _attempt(
    pressed: Pressed, *, shop: Shop, offered: Proposal, tier_outage: ConnectorUnavailable | None
) -> Came | placing.NotChecked | Literal["unknown", "elsewhere", "gone"]:
    """What came of it; or that the shop's systems could not be asked, or that nobody said what they did."""
    try:
        if offered.kind == "order":
            return await placing.order(shop, offered=offered, pressed=pressed, tier_outage=tier_outage)
        return await placing.change(
            shop, offered=offered, conversation=pressed.origin, tier_outage=tier_outage
        )
    except placing.NotChecked as unchecked:
        return unchecked
    except TakesNoOrders:
        return "elsewhere"
    except OfferGone:
        return "gone"
    except OutcomeUnknown:
        return "unknown"


def _list_offered(cart: Cart) -> tuple[Proposal, ...]:
    return cart.former if cart.proposal is None else (cart.proposal, *cart.former)
