"""What a turn teaches about a named shopper, kept after its commit: sizes, likes and dislikes, what was looked at."""

from datetime import datetime, timedelta

import structlog

from commerce_agent.agent.shop.settings import SettingsKeeper
from commerce_agent.tools.memory import AskGiven, Memory
from conversations.events import Event
from conversations.events.carts import CartChanged
from conversations.events.constraints import Constraint, ConstraintStated
from conversations.events.entities import EntitiesFocused, Entity
from conversations.events.messages import CardsShown
from conversations.ids import EntityRef
from conversations.service import ConversationId, Conversations, Reader, Whose
from conversations.shoppers import Kept, Profile, may_keep, remember
from conversations.state import ConversationState

SIZE_LASTS = timedelta(days=730)
SAID_LASTS = timedelta(days=365)
INFERRED_LASTS = timedelta(days=90)
INFERRED = 0.5
IN_CART = 0.8
"""Whoever searched for blue once may like blue."""
log = structlog.get_logger(__name__)

TASTES = frozenset({"brand", "color", "material"})


class Remembering:
    """Keeps what turns teach. Nothing is kept of anonymous shoppers, nor without the consent that is needed."""

    def __init__(self, *, conversations: Conversations, settings: SettingsKeeper) -> None:
        self._conversations = conversations
        self._settings = settings

    async def open(
        self,
        state: ConversationState,
        *,
        now: datetime,
        read_only: bool,
        why: str | None = None,
        ask_given: AskGiven | None = None,
    ) -> Memory | None:
        """What is remembered of the shopper of a turn; it is not read before the words ask for it.

        `why` is what its reads go on record for, where that is not the turn; `ask_given` asks the shop's own system.
        """
        shopper, merchant = state.transcript.shopper, state.transcript.merchant
        if shopper is None:
            return None
        settings = await self._settings.get_settings(merchant=merchant)
        return Memory(
            profiles=self._conversations.profiles,
            whose=Whose(merchant=merchant, shopper=shopper),
            reader=Reader(actor="agent", purpose=why or f"turn {state.transcript.turns} of a conversation"),
            needs_consent=settings.memory_needs_consent,
            now=now,
            read_only=read_only,
            ask_given=ask_given,
        )

    async def learn(
        self,
        conversation: ConversationId,
        *,
        state: ConversationState,
        events: tuple[Event, ...],
        at: datetime,
    ) -> None:
        """Keeps what these events of the shopper's turn say.

        The turn is committed and answered: what cannot be remembered now is logged, and not worth failing it.
        """
        try:
            await self._learn(conversation, state=state, events=events, at=at)
        except Exception:
            log.exception("turn.not_remembered", conversation=conversation)

    async def learn_address(
        self, conversation: ConversationId, *, state: ConversationState, address: str, at: datetime
    ) -> None:
        """Keeps where the shopper has had an order sent, by their own button. What fails is logged, as above."""
        kept = Kept(
            id="",
            kind="address",
            topic="address",
            value=address,
            source="stated",
            at=at,
            expires_at=at + SAID_LASTS,
            conversation=conversation,
        )
        try:
            await self._keep((kept,), state=state, why=f"an address confirmed in {conversation}", at=at)
        except Exception:
            log.exception("turn.not_remembered", conversation=conversation)

    async def _learn(
        self,
        conversation: ConversationId,
        *,
        state: ConversationState,
        events: tuple[Event, ...],
        at: datetime,
    ) -> None:
        news = list_news(state, events=events, at=at, conversation=conversation)
        await self._keep(news, state=state, why=f"turn {state.transcript.turns} of {conversation}", at=at)

    async def _keep(
        self, news: tuple[Kept, ...], *, state: ConversationState, why: str, at: datetime
    ) -> None:
        shopper, merchant = state.transcript.shopper, state.transcript.merchant
        if shopper is None or not news:
            return
        settings = await self._settings.get_settings(merchant=merchant)
        whose = Whose(merchant=merchant, shopper=shopper)

        def keep(profile: Profile) -> Profile:
            if not may_keep(profile, needs_consent=settings.memory_needs_consent):
                return profile
            return remember(profile, news, now=at)

        profiles, reader = self._conversations.profiles, Reader(actor="agent", purpose=why)
        if settings.memory_needs_consent:
            held = await profiles.read(whose, reader=reader, fields=("consent",), at=at)
            if keep(held) == held:
                return
        await profiles.change(
            whose, keep, reader=reader, fields=tuple(sorted({each.kind for each in news})), at=at
        )


def list_news(
    state: ConversationState, *, events: tuple[Event, ...], at: datetime, conversation: str
) -> tuple[Kept, ...]:
    """What the events say of the shopper, each with where it comes from."""
    news: dict[str, Kept] = {}
    for event in events:
        match event:
            case CardsShown():
                looked_at = [card.ref for card in event.cards]
            case EntitiesFocused():
                looked_at = list(event.refs)
            case CartChanged():
                put_in = _list_entities(state, [line.ref for line in event.lines])
                news.update({kept.about: kept for kept in _list_sizes(put_in, at=at, talk=conversation)})
                continue
            case ConstraintStated():
                said = _read_term(event.constraint, state=state, at=at, conversation=conversation)
                if said is not None:
                    news[said.about] = said
                continue
            case _:
                continue
        for entity in _list_entities(state, looked_at):
            seen = _see(entity, at=at, conversation=conversation)
            news[seen.about] = seen
    return tuple(news.values())


def _list_entities(state: ConversationState, refs: list[EntityRef]) -> list[Entity]:
    return [entity for ref in refs if ref.kind == "variant" and (entity := state.entities.find(ref))]


def _list_sizes(entities: list[Entity], *, at: datetime, talk: str) -> list[Kept]:
    """Whoever puts boots of size 42 into the cart may wear 42."""
    return [
        Kept(
            id="",
            kind="size",
            topic=shelves[-1].lower(),
            value=sizes[0],
            source="inferred",
            confidence=IN_CART,
            at=at,
            expires_at=at + SIZE_LASTS,
            conversation=talk,
        )
        for entity in entities
        if (sizes := entity.attributes.get("size")) and (shelves := entity.attributes.get("category"))
    ]


def _see(entity: Entity, *, at: datetime, conversation: str) -> Kept:
    words = (*entity.attributes.get("category", ()), *entity.attributes.get("color", ()))
    return Kept(
        id="",
        kind="seen",
        topic=entity.ref.key,
        value=entity.name,
        name=entity.name,
        words=words,
        ref=entity.ref,
        source="inferred",
        at=at,
        expires_at=at + INFERRED_LASTS,
        conversation=conversation,
    )


def _read_term(term: Constraint, *, state: ConversationState, at: datetime, conversation: str) -> Kept | None:
    goods = _find_goods(state)
    value = ", ".join(term.value) if isinstance(term.value, tuple) else str(term.value)
    value = value.removesuffix(".0") if isinstance(term.value, float) else value
    against = term.op in ("!=", "not in")
    if term.field == "size" and term.op in ("=", "in"):
        return Kept(
            id="",
            kind="size",
            topic=goods or "clothing",
            value=value,
            source="stated",
            at=at,
            expires_at=at + SIZE_LASTS,
            conversation=conversation,
        )
    if term.field not in TASTES or term.op not in ("=", "in", "!=", "not in"):
        return None
    stated = against or term.scope == "always"
    topic = f"not {term.field}" if against else f"{goods} {term.field}".strip()
    return Kept(
        id="",
        kind="preference",
        topic=topic,
        value=value,
        source="stated" if stated else "inferred",
        confidence=1.0 if stated else INFERRED,
        at=at,
        expires_at=at + (SAID_LASTS if stated else INFERRED_LASTS),
        conversation=conversation,
    )


def _find_goods(state: ConversationState) -> str:
    """What was looked for when it was said: the shelf, else the words of the search, else the item in hand."""
    kinds = [term.value for term in state.constraints.active if term.field == "category" and term.op == "="]
    if kinds and isinstance(kinds[-1], str):
        return kinds[-1].rpartition(">")[2].strip().lower()
    if state.entities.searched and state.entities.searched.query:
        return state.entities.searched.query.lower()
    focused = _list_entities(state, list(state.entities.focus))
    shelves = focused[0].attributes.get("category", ()) if focused else ()
    return shelves[-1].lower() if shelves else ""
