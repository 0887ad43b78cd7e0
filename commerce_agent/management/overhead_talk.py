"""The conversation whose turns are measured, and the bare floor beside each of them.

No model and no merchant's system is asked. Each turn records what a real one does: a reference, a term, four
items shown with their facts, cards, a decision with its basis and a reply.
"""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import msgspec
from django.conf import settings
from psycopg import AsyncConnection, AsyncCursor

from catalog.pricing import PriceContext
from commerce_agent.agent.claude.loading import Loaded
from commerce_agent.agent.claude.prompt import Prompt, assemble
from commerce_agent.agent.closing import Spoke, record_decision, record_reply, record_understanding
from commerce_agent.agent.shop.settings import AgentSettings
from commerce_agent.agent.understanding.understand import understand
from commerce_agent.agent.understanding.understood import ShopWords
from commerce_agent.composition import Platform
from commerce_agent.management.overhead_goods import ShopAnswers, make_answers, note_answers
from commerce_agent.tools.answers import pack_answers
from commerce_agent.tools.trail import Observation, Trail
from conversations.events.decisions import Basis, Candidate
from conversations.events.entities import EntitiesFocused, EntitiesShown, Entity
from conversations.events.facts import Amount
from conversations.events.messages import Card, CardsShown
from conversations.ids import ClientMessageId, EntityRef, MerchantId
from conversations.language import Category, Vocabulary
from conversations.service import ConversationId, Turn

COLORS = ("blue", "red", "green", "grey", "black", "white", "yellow", "brown")
SAYINGS = (
    "show me {color} chairs under {limit}",
    "how much is the {color} one?",
    "and the second one?",
    "is it in stock?",
    "something cheaper",
)
WORDS = ShopWords(
    vocabulary=Vocabulary(
        categories=(Category(name="Chairs", path=("Furniture",)), Category(name="Lamps")),
        brands=("Ostra", "Kvist"),
        colors=COLORS,
        measures={"price": "", "rating": "", "height": "cm"},
    )
)


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What one turn took, in milliseconds."""

    accept: float
    """The message's own commit, with which its turn is begun, and Redis told of both in the round trip that takes the
    lease: before the turn, and no part of its total."""
    take: float
    think: float
    commit: float
    processor: float
    """What this process computed meanwhile: it says more than the clock where others keep the machine busy."""

    @property
    def total(self) -> float:
        """The whole of it."""
        return self.take + self.think + self.commit


class Talk:
    """A conversation that is talked on, turn by turn."""

    def __init__(self, *, platform: Platform, conversation: ConversationId) -> None:
        self._platform = platform
        self.conversation = conversation
        self.turns = 0
        self.prompt_characters: dict[int, int] = {}

    async def speak(self) -> Cost:
        """Takes one message and measures its turn, and beside it the message's own commit."""
        self.turns += 1
        said = SAYINGS[self.turns % len(SAYINGS)].format(
            color=COLORS[self.turns % len(COLORS)], limit=50 + self.turns % 50
        )
        now = datetime.now(UTC)
        answers = make_answers(self.turns, at=now)
        conversations = self._platform.conversations
        asked = time.perf_counter()
        await conversations.record_message(
            conversation=self.conversation,
            cid=ClientMessageId(uuid4().hex),
            text=said,
            at=now,
            answering=True,
        )
        started, computed = time.perf_counter(), time.process_time()
        turn = await conversations.take_turn(conversation=self.conversation, at=now)
        if turn is None:
            raise LookupError(self.conversation)
        taken = time.perf_counter()
        trail, prompt = self._think(turn, answers=answers, at=now)
        thought = time.perf_counter()
        await conversations.commit_turn(turn=turn, events=trail.events, at=now)
        done, computed = time.perf_counter(), time.process_time() - computed
        # Only to tell its length: the one that is sent is written out by the model's own client.
        self.prompt_characters[turn.number] = len(prompt.encode())
        return Cost(
            accept=(started - asked) * 1000,
            take=(taken - started) * 1000,
            think=(thought - taken) * 1000,
            commit=(done - thought) * 1000,
            processor=computed * 1000,
        )

    def _think(self, turn: Turn, *, answers: ShopAnswers, at: datetime) -> tuple[Trail, Prompt]:
        """Resolves and assembles as a turn does, and records what a turn records."""
        trail = Trail(state=turn.state, turn=turn.number, at=at)
        understanding = understand(said=turn.said, state=trail.state, words=WORDS)
        record_understanding(trail, understanding)
        prompt = assemble(
            settings=AgentSettings(),
            words=WORDS,
            state=trail.state,
            understanding=understanding,
            loaded=Loaded(),
            seconds=int(at.timestamp()),
        )
        _show_items(trail)
        note_answers(trail, answers)
        decision = record_decision(
            trail,
            conversation=turn.conversation,
            understanding=understanding,
            verdicts=(),
            spoke=Spoke(planner="none", reason="overhead"),
            basis=Basis(
                at=at,
                since=trail.since,
                words="",
                answers=pack_answers(context=PriceContext(now=at), noted=trail.noted),
            ),
        )
        record_reply(trail, text="Here are four that fit. The first costs least.", decision=decision)
        return trail, prompt


def _show_items(trail: Trail) -> None:
    items = tuple(_make_item(trail.turn, place) for place in range(4))
    trail.record(EntitiesShown(entities=items))
    facts = trail.record_observations(
        tuple(_observe(item, name=name, at=trail.at) for item in items for name in ("price", "stock"))
    )
    trail.cite(*facts)
    cards = tuple(
        Card(ref=item.ref, title=item.name, price=_price_of(item), stock=5, availability="in_stock")
        for item in items
    )
    trail.record(CardsShown(part=trail.mint_part(), cards=cards))
    trail.record(EntitiesFocused(refs=tuple(item.ref for item in items)))
    trail.weigh(
        *(
            Candidate(ref=item.ref, name=item.name, kept=True, rule="matched", reason="It fits.")
            for item in items
        )
    )


def _make_item(turn: int, place: int) -> Entity:
    number = turn * 4 + place
    return Entity(
        ref=EntityRef("variant", f"SKU-{number}"),
        name=f"Chair {number}",
        group=f"G{number}",
        attributes={"color": (COLORS[number % len(COLORS)],), "category": ("Furniture", "Chairs")},
        measures={"price": 20.0 + number % 80, "rating": 4.0, "height": 80.0},
    )


def _price_of(item: Entity) -> Amount:
    return Amount(amount=Decimal(str(item.measures["price"])), currency="USD")


def _observe(item: Entity, *, name: str, at: datetime) -> Observation:
    value = _price_of(item) if name == "price" else 5
    return Observation(subject=item.ref, name=name, value=value, source="store", observed_at=at, version=1)


_COMMITTED = "SELECT pg_logical_emit_message(true, 'floor', %s::bytea)"


class Floor:
    """The bare floor: two round trips to Redis, which read and write a whole state, and one durable commit of as many
    bytes as a turn's events have.

    The commit is a transaction of its own (begin, one statement, commit) on a connection that does nothing else, or,
    as a turn's is, one statement on a connection of the pool.
    """

    def __init__(
        self, *, platform: Platform, connection: AsyncConnection, state_bytes: int, turn_bytes: int
    ) -> None:
        self._platform = platform
        self._connection = connection
        self._key = f"{platform.prefix}floor"
        self._state = os.urandom(state_bytes)
        self._turn = os.urandom(turn_bytes)

    async def measure(self) -> float:
        """Milliseconds of it, once: the state is read and written, the turn is committed in a transaction."""
        client, connection = self._platform.redis, self._connection
        started = time.perf_counter()
        await client.get(self._key)
        async with connection.transaction():
            await connection.execute(_COMMITTED, [self._turn])
        await client.set(self._key, self._state)
        return (time.perf_counter() - started) * 1000

    async def measure_at_once(self) -> float:
        """The same where the commit is one statement, prepared, on a connection of the pool."""
        client = self._platform.redis
        started = time.perf_counter()
        await client.get(self._key)
        async with self._platform.pool.connection() as connection:
            await AsyncCursor(connection).execute(_COMMITTED, [self._turn], prepare=True)
        await client.set(self._key, self._state)
        return (time.perf_counter() - started) * 1000


async def open_talk(platform: Platform, *, merchant: MerchantId) -> Talk:
    """A new conversation of the merchant."""
    conversation = await platform.conversations.open_conversation(merchant=merchant, at=datetime.now(UTC))
    return Talk(platform=platform, conversation=conversation)


@asynccontextmanager
async def open_floor(platform: Platform, *, talk: Talk) -> AsyncIterator[Floor]:
    """The floor under the turns of a conversation such as this one, on a connection that does nothing else."""
    async with await AsyncConnection.connect(settings.DATABASE_URL, autocommit=True) as connection:
        yield Floor(
            platform=platform,
            connection=connection,
            state_bytes=await platform.projection.count_bytes(conversation=talk.conversation),
            turn_bytes=await count_turn_bytes(platform, talk=talk, turn=talk.turns),
        )


async def count_turn_bytes(platform: Platform, *, talk: Talk, turn: int) -> int:
    """Bytes of the journal that one turn wrote."""
    async with platform.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT coalesce(sum(length(body)), 0) FROM conversations_journalentry"
            " WHERE conversation_id = %s AND turn = %s",
            [talk.conversation, turn],
        )
        row = await cursor.fetchone()
    return int(row[0]) if row else 0
