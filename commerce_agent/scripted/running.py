"""Runs a script's steps through the real pipeline, on a clock that stands still."""

import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from asgiref.sync import sync_to_async
from moneyed import Money

from catalog import inventory, policies, pricing
from catalog.errors import CatalogError
from catalog.events import CatalogEvent
from catalog.feeds import load_promotions
from catalog.ids import Sku
from commerce_agent.agent.looking_at_page import PageSeen
from commerce_agent.agent.ordering.confirming import Press
from commerce_agent.composition import Platform
from commerce_agent.scripted.script import (
    Happening,
    PageWritten,
    PersonWritten,
    Script,
    ScriptRefused,
    ShopperWritten,
    Step,
)
from commerce_agent.scripted.stage import Stage, read_money
from commerce_agent.tools.showing import get_ref
from conversations.events import Recorded
from conversations.ids import ClientMessageId, EntityRef, MerchantId, ShopperId
from conversations.service import BelongsElsewhere, ConversationId, InHand, NotInHand, Person
from conversations.state import ConversationState

STAYS = timedelta(days=1)
"""A script's person is there until they leave."""


class StoppedClock:
    """A clock that moves only when it is told to."""

    def __init__(self, *, at: datetime) -> None:
        self._now = at

    def __call__(self) -> datetime:
        """The instant it stands at."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Moves it on."""
        self._now += timedelta(seconds=seconds)


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """A step that was run, and what it did."""

    number: int
    step: Step
    before: ConversationState
    after: ConversationState
    events: tuple[Recorded, ...]
    total_ms: float
    state_ms: float
    answer: str | None = None
    """What a pressed button was answered, whether or not the journal has it."""
    outage: bool
    """A connector or Redis was down during the step."""


class _Pointed(msgspec.Struct, frozen=True, kw_only=True):
    refs: tuple[EntityRef, ...] = ()
    title: str = ""


class Performance:
    """One script, one conversation."""

    def __init__(self, *, platform: Platform, clock: StoppedClock, stage: Stage, script: Script) -> None:
        self._platform = platform
        self._clock = clock
        self._stage = stage
        self._script = script
        self._pressed: Press | None = None
        self._answer: str | None = None

    async def play(self) -> AsyncIterator[Played]:
        """Runs the steps one after another; raises `ScriptRefused` for one that cannot be run."""
        conversation = await self._platform.conversations.open_conversation(
            merchant=MerchantId(self._stage.merchant),
            shopper=ShopperId(self._stage.shopper) if self._stage.shopper else None,
            tier=self._stage.tier,
            locale=self._script.locale,
            currency=self._stage.currency,
            at=self._clock(),
        )
        state = await self._platform.conversations.load(conversation=conversation)
        for number, step in enumerate(self._script.turns, start=1):
            started = time.perf_counter()
            self._answer = None
            try:
                state_ms = await self._run(conversation, number, step, state)
            except ScriptRefused as refusal:
                raise ScriptRefused(f"step {number}: {refusal}") from refusal
            took = (time.perf_counter() - started) * 1000
            after = await self._platform.conversations.load(conversation=conversation)
            events = await self._platform.conversations.list_events(
                conversation=conversation, after=state.version
            )
            yield Played(
                number=number,
                step=step,
                before=state,
                after=after,
                events=events,
                total_ms=took,
                state_ms=state_ms,
                answer=self._answer,
                outage=bool(self._platform.outages.list_down()) or not self._platform.door.is_open,
            )
            state = after

    async def _run(
        self, conversation: ConversationId, number: int, step: Step, state: ConversationState
    ) -> float:
        if step.say is not None:
            person = state.transcript.person
            about = await self._point_at(conversation, step.about) if step.about else _Pointed()
            return await self._say(conversation, number, step.say, about=about, is_answered=not person)
        if step.person is not None:
            return await self._visit(conversation, number, step.person, version=state.version)
        if step.event is not None:
            await self._happen(step.event)
        elif step.shopper is not None:
            await self._vouch(conversation, step.shopper)
        elif step.page is not None:
            await self._look_at(conversation, step.page)
        elif step.advance is not None:
            self._clock.advance(step.advance)
        else:
            await self._press(conversation, step, state)
        return 0.0

    async def _point_at(self, conversation: ConversationId, skus: tuple[str, ...]) -> _Pointed:
        """What a reply to cards, or a page that is looked at, has the message point at: only what has come up."""
        known = (await self._platform.conversations.recall(conversation=conversation)).entities
        refs = tuple(map(get_ref, skus))
        for ref in refs:
            if known.find(ref) is None:
                raise ScriptRefused(f"about: nothing has shown {ref.key} so far, so nobody can point at it.")
        named = [entity.name for ref in refs if (entity := known.find(ref))]
        return _Pointed(refs=refs, title=named[0] if len(named) == 1 else "")

    async def _look_at(self, conversation: ConversationId, page: PageWritten) -> None:
        seen = PageSeen(product=page.product, cart=page.cart)
        await self._platform.pages.heed(
            conversation=conversation, merchant=MerchantId(self._stage.merchant), page=seen, at=self._clock()
        )

    async def _say(
        self, conversation: ConversationId, number: int, text: str, *, about: _Pointed, is_answered: bool
    ) -> float:
        await self._platform.conversations.record_message(
            conversation=conversation,
            cid=ClientMessageId(f"step-{number}"),
            text=text,
            at=self._clock(),
            about=about.title,
            refs=about.refs,
            answering=is_answered,
        )
        if not is_answered:
            return 0.0
        ran = await self._platform.turns.run(conversation)
        if ran is None:
            raise ScriptRefused("another process took this turn; run the script where nothing else does.")
        return ran.state_ms

    async def _vouch(self, conversation: ConversationId, written: ShopperWritten) -> None:
        """The shop says who the shopper is, and in which tier they are; from here on the conversation is theirs."""
        conversations, merchant = self._platform.conversations, MerchantId(self._stage.merchant)
        named = await conversations.shoppers.record(
            merchant=merchant, key=written.id, name=written.name, tier=written.tier, at=self._clock()
        )
        self._platform.turns.shops.keep_card(merchant, card=named)
        try:
            await conversations.owners.join(conversation=conversation, shopper=named, at=self._clock())
        except BelongsElsewhere as refused:
            raise ScriptRefused(f"shopper: {refused}") from refused

    async def _visit(
        self, conversation: ConversationId, number: int, person: PersonWritten, *, version: int
    ) -> float:
        """What a person does; what they left unanswered is the assistant's again once they are gone."""
        visits, now = self._platform.conversations.visits, self._clock()
        try:
            match person.does:
                case "joins":
                    joining = Person(account=person.name, name=person.name)
                    await visits.join(conversation=conversation, person=joining, at=now, until=now + STAYS)
                case "says":
                    await visits.speak(
                        conversation=conversation,
                        account=person.name,
                        cid=ClientMessageId(f"person-{number}"),
                        text=person.text,
                        seen=version,
                        at=now,
                        until=now + STAYS,
                    )
                case "leaves":
                    await visits.leave(
                        conversation=conversation, account=person.name, note=person.text, text="", at=now
                    )
                    ran = await self._platform.turns.run(conversation)
                    return ran.state_ms if ran else 0.0
        except (InHand, NotInHand) as refused:
            raise ScriptRefused(f"person: {refused}") from refused
        return 0.0

    async def _happen(self, event: Happening) -> None:
        outages, door = self._platform.outages, self._platform.door
        match event.kind:
            case "connector.down":
                outages.take_down(_require_connector(event, outages.names))
            case "connector.up":
                outages.bring_up(_require_connector(event, outages.names))
            case "redis.down":
                door.shut()
            case "redis.up":
                door.open()
            case "redis.flush":
                await self._platform.forget_keys()
            case _:
                for changed in await sync_to_async(self._change)(event):
                    await self._platform.newsroom.spread(changed)

    def _change(self, event: Happening) -> tuple[CatalogEvent, ...]:
        merchant, now = self._stage.merchant, self._clock()
        try:
            match event.kind:
                case "stock.changed":
                    sku = Sku(event.sku or "")
                    return (
                        inventory.set_stock(
                            merchant=merchant, sku=sku, quantity=event.quantity, at=now, source="script"
                        ),
                    )
                case "price.changed":
                    price: Money = read_money(event.price or "", shop_currency=self._stage.currency)
                    sku = Sku(event.sku or "")
                    return (
                        pricing.set_price(merchant=merchant, sku=sku, price=price, at=now, source="script"),
                    )
                case "policy.changed":
                    return (self._change_policy(event),)
                case _:
                    written = msgspec.json.encode([event.promotion]).decode()
                    return load_promotions(merchant=merchant, source=written, now=now)
        except CatalogError as error:
            raise ScriptRefused(str(error)) from error

    def _change_policy(self, event: Happening) -> CatalogEvent:
        scope, value = policies.read_scope(event.applies_to)
        return policies.set_policy(
            merchant=self._stage.merchant,
            name=event.policy or "",
            text=event.text or "",
            terms=event.terms,
            title=event.title or "",
            scope=scope,
            scope_value=value,
            at=self._clock(),
        )

    async def _press(self, conversation: ConversationId, step: Step, state: ConversationState) -> None:
        """Presses a button of the proposal, or once more one of the last that was pressed."""
        which = step.decline or step.confirm or "latest"
        offered = state.cart.proposal or next(reversed(state.cart.former), None)
        if offered is not None and which in ("latest", offered.id):
            token = await self._platform.confirmations.issue_token(
                conversation=conversation, proposal=offered.id
            )
            self._pressed = Press(
                proposal=offered.id, hash=offered.hash, token=token or self._get_token(offered.id)
            )
        elif self._pressed is None or which not in ("latest", self._pressed.proposal):
            raise ScriptRefused(f"{step.kind}: there is no open proposal {which!r}: check out first.")
        decision: Literal["accept", "decline"] = "decline" if step.kind == "decline" else "accept"
        press = msgspec.structs.replace(self._pressed, decision=decision)
        resolved = await self._platform.confirmations.confirm(
            conversation=conversation, press=press, at=self._clock()
        )
        self._answer = resolved.text

    def _get_token(self, proposal: str) -> str:
        return self._pressed.token if self._pressed and self._pressed.proposal == proposal else ""


def _require_connector(event: Happening, known: tuple[str, ...]) -> str:
    if event.connector not in known:
        raise ScriptRefused(f"there is no connector {event.connector!r}; there are {', '.join(known)}.")
    return event.connector
