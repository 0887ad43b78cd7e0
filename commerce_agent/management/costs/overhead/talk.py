"""The conversation whose turns are measured.

No model and no merchant's system is asked. Each turn records what a real one does: a reference, a term, four
items shown with their facts, cards, a decision with its basis and a reply.
"""

import time
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import msgspec

from catalog.pricing import PriceContext
from commerce_agent.agent.claude.loading import Loaded
from commerce_agent.agent.claude.prompt import Prompt, assemble
from commerce_agent.agent.closing import Spoke, record_decision, record_reply, record_understanding
from commerce_agent.agent.shop.settings import AgentSettings
from commerce_agent.agent.understanding.understand import understand
from commerce_agent.agent.understanding.understood import ShopWords
from commerce_agent.composition import Platform
from commerce_agent.management.costs.overhead.goods import ShopAnswers, make_answers, note_answers
from commerce_agent.tools.answers import pack_answers
from commerce_agent.tools.trail import Observation, Trail
from conversations.events.decisions import Basis, Candidate
from conversations.events.entities import EntitiesFocused, EntitiesShown, Entity
from conversations.events.facts import Amount
from conversations.events.messages import Card, CardsShown, ShopperSpoke
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

    message: float
    """The message's own durable commit, with which its turn is begun: before the turn, and no part of its total."""
    load: float
    """The round trip to Redis that tells it of the message and gives the turn's lease and its state."""
    think: float
    commit: float
    """One durable commit, and the round trip to Redis that keeps the state and gives the lease back."""
    processor: float
    """What this process computed meanwhile: it says more than the clock where others keep the machine busy."""

    @property
    def total(self) -> float:
        """The turn: load, resolve, assemble, commit. Two round trips to Redis and one durable commit, as the floor."""
        return self.load + self.think + self.commit

    @property
    def with_message(self) -> float:
        """The turn and the message before it: two round trips and two durable commits."""
        return self.message + self.total


class Talk:
    """A conversation that is talked on, turn by turn."""

    def __init__(self, *, platform: Platform, conversation: ConversationId) -> None:
        self._platform = platform
        self.conversation = conversation
        self.turns = 0
        self.prompt_characters: dict[int, int] = {}

    async def speak(self) -> Cost:
        """Takes one message, in the halves of `record_message`, and measures its turn and the message's own commit."""
        self.turns += 1
        said = SAYINGS[self.turns % len(SAYINGS)].format(
            color=COLORS[self.turns % len(COLORS)], limit=50 + self.turns % 50
        )
        now = datetime.now(UTC)
        answers = make_answers(self.turns, at=now)
        conversations = self._platform.conversations
        asked = time.perf_counter()
        arrival = await conversations.commit_message(
            conversation=self.conversation,
            spoke=ShopperSpoke(cid=ClientMessageId(uuid4().hex), text=said),
            at=now,
            answering=True,
        )
        started, computed = time.perf_counter(), time.process_time()
        await conversations.tell_of_message(conversation=self.conversation, arrival=arrival)
        turn = await conversations.take_turn(conversation=self.conversation, at=now)
        if turn is None:
            raise LookupError(self.conversation)
        loaded = time.perf_counter()
        trail, prompt = self._think(turn, answers=answers, at=now)
        thought = time.perf_counter()
        await conversations.commit_turn(turn=turn, events=trail.events, at=now)
        done, computed = time.perf_counter(), time.process_time() - computed
        # Only to tell its length: the one that is sent is written out by the model's own client.
        self.prompt_characters[turn.number] = len(prompt.encode())
        return Cost(
            message=(started - asked) * 1000,
            load=(loaded - started) * 1000,
            think=(thought - loaded) * 1000,
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


async def open_talk(platform: Platform, *, merchant: MerchantId) -> Talk:
    """A new conversation of the merchant."""
    conversation = await platform.conversations.open_conversation(merchant=merchant, at=datetime.now(UTC))
    return Talk(platform=platform, conversation=conversation)
