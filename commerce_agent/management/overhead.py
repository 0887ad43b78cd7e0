"""What the state costs a turn: load, resolve, assemble and commit, beside the bare floor in the same run.

No model and no merchant's system is asked. Each measured turn records what a real one does: a reference, a term,
four items shown with their facts, cards, a decision and a reply. The floor is what nothing can go below: two
round trips to Redis and one durable commit to PostgreSQL.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import msgspec

from catalog.pricing import PriceContext
from commerce_agent.agent.claude.prompt import list_messages
from commerce_agent.agent.closing import record_decision, record_reply, record_understanding
from commerce_agent.agent.understanding import ShopWords, understand
from commerce_agent.composition import Platform, open_platform
from commerce_agent.management.overhead_goods import note_shop
from commerce_agent.tools.answers import pack_answers
from commerce_agent.tools.trail import Observation, Trail
from conversations.events.decisions import Basis, Candidate
from conversations.events.entities import EntitiesFocused, EntitiesShown, Entity
from conversations.events.facts import Amount
from conversations.events.messages import Card, CardsShown
from conversations.ids import ClientMessageId, EntityRef, MerchantId
from conversations.language import Category, Vocabulary
from conversations.service import ConversationId, Turn

SAMPLES = 30
"""Turns measured around each length."""
LENGTHS = (1, 10, 30, 100, 300)
PROMPT_LENGTHS = (5, 15, 30, 60, 100)
CHARACTERS_A_TOKEN = 4
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

    take: float
    think: float
    commit: float

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
        """Takes one message and measures its turn; the message's own commit is no part of it."""
        self.turns += 1
        said = SAYINGS[self.turns % len(SAYINGS)].format(
            color=COLORS[self.turns % len(COLORS)], limit=50 + self.turns % 50
        )
        now = datetime.now(UTC)
        conversations = self._platform.conversations
        await conversations.record_message(
            conversation=self.conversation, cid=ClientMessageId(uuid4().hex), text=said, at=now
        )
        started = time.perf_counter()
        turn = await conversations.take_turn(conversation=self.conversation, at=now)
        if turn is None:
            raise LookupError(self.conversation)
        taken = time.perf_counter()
        trail = self._think(turn, at=now)
        thought = time.perf_counter()
        await conversations.commit_turn(turn=turn, events=trail.events, at=now)
        done = time.perf_counter()
        return Cost(
            take=(taken - started) * 1000, think=(thought - taken) * 1000, commit=(done - thought) * 1000
        )

    def _think(self, turn: Turn, *, at: datetime) -> Trail:
        """Resolves and assembles as a turn does, and records what a turn records."""
        trail = Trail(state=turn.state, turn=turn.number, at=at)
        understanding = understand(said=turn.said, state=trail.state, words=WORDS)
        record_understanding(trail, understanding)
        messages = list_messages(trail.state, understanding)
        self.prompt_characters[turn.number] = len(msgspec.json.encode(messages))
        _show_items(trail)
        note_shop(trail)
        decision = record_decision(
            trail,
            conversation=turn.conversation,
            understanding=understanding,
            verdicts=(),
            planner="none",
            planner_reason="overhead",
            used=None,
            basis=Basis(
                at=at,
                since=trail.since,
                words="",
                answers=pack_answers(context=PriceContext(now=at), noted=trail.noted),
            ),
        )
        record_reply(trail, text="Here are four that fit. The first costs least.", decision=decision)
        return trail


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


async def measure_floor(platform: Platform, *, samples: int) -> list[float]:
    """Milliseconds of two round trips to Redis and one durable commit, again and again."""
    taken: list[float] = []
    blob = b"x" * 14_000
    key = f"{platform.prefix}floor"
    for _ in range(samples):
        started = time.perf_counter()
        await platform.redis.set(key, blob)
        await platform.redis.get(key)
        async with platform.pool.connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_logical_emit_message(true, 'floor', %s)", ["x" * 2_000])
        taken.append((time.perf_counter() - started) * 1000)
    return taken


async def measure_lengths(
    platform: Platform, *, merchant: MerchantId, turns: int
) -> tuple[dict[int, list[float]], Talk]:
    """The cost of turns around each length, of one conversation that grows to the longest."""
    talk = await open_talk(platform, merchant=merchant)
    windows = {
        length: (max(1, length - SAMPLES // 2), length + SAMPLES // 2)
        for length in LENGTHS
        if length <= turns
    }
    costs: dict[int, list[float]] = {length: [] for length in windows}
    while talk.turns < turns + SAMPLES // 2:
        cost = await talk.speak()
        for length, (first, last) in windows.items():
            if first <= talk.turns <= last:
                costs[length].append(cost.total)
    return costs, talk


async def measure_concurrent(
    platform: Platform, *, merchant: MerchantId, conversations: int, turns: int = 20
) -> tuple[float, list[float]]:
    """Turns a second, and each turn's cost, of so many conversations at once."""
    talks = [await open_talk(platform, merchant=merchant) for _ in range(conversations)]

    async def run(talk: Talk) -> list[float]:
        return [(await talk.speak()).total for _ in range(turns)]

    started = time.perf_counter()
    costs = await asyncio.gather(*(run(talk) for talk in talks))
    took = time.perf_counter() - started
    return conversations * turns / took, [cost for each in costs for cost in each]


async def open_talk(platform: Platform, *, merchant: MerchantId) -> Talk:
    """A new conversation of the merchant."""
    conversation = await platform.conversations.open_conversation(merchant=merchant, at=datetime.now(UTC))
    return Talk(platform=platform, conversation=conversation)


async def count_bytes(platform: Platform, *, talk: Talk, turn: int) -> int:
    """Bytes of the journal that one turn wrote."""
    async with platform.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT coalesce(sum(length(body)), 0) FROM conversations_journalentry"
            " WHERE conversation_id = %s AND turn = %s",
            [talk.conversation, turn],
        )
        row = await cursor.fetchone()
    return int(row[0]) if row else 0


def find_percentile(values: Sequence[float], percent: int) -> float:
    """The value below which so many percent lie."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))], 3)


async def measure_overhead(*, turns: int, conversations: int) -> dict[str, object]:
    """The whole report, in the form that DESIGN.md fixes."""
    merchant = MerchantId(str(uuid4()))
    async with open_platform(quiet=True, prefix=f"overhead-{uuid4().hex}:") as platform:
        try:
            warm = await open_talk(platform, merchant=merchant)
            for _ in range(SAMPLES):
                await warm.speak()
            floor = await measure_floor(platform, samples=SAMPLES * 4)
            costs, talk = await measure_lengths(platform, merchant=merchant, turns=turns)
            rate, concurrent = await measure_concurrent(
                platform, merchant=merchant, conversations=conversations
            )
            sizes = {
                str(turn): await count_bytes(platform, talk=talk, turn=turn)
                for turn in (10, 300)
                if turn <= turns
            }
        finally:
            await platform.forget_keys()
            await platform.conversations.forget_merchant(merchant=merchant)
    return {
        "floor_ms": _summarise(floor),
        "turns": {str(length): _summarise(taken) for length, taken in costs.items()},
        "concurrent": {
            "conversations": conversations,
            "turns_per_s": round(rate, 1),
            **_summarise(concurrent),
        },
        "bytes_per_turn": sizes,
        "prompt_tokens": {
            str(turn): talk.prompt_characters[turn] // CHARACTERS_A_TOKEN
            for turn in PROMPT_LENGTHS
            if turn in talk.prompt_characters
        },
    }


def _summarise(taken: Sequence[float]) -> dict[str, float]:
    return {"p50": find_percentile(taken, 50), "p99": find_percentile(taken, 99)}
