"""Short ways to say what the tests say often."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from redis.asyncio import Redis

from conversations.events import Event, Recorded
from conversations.events.carts import CartLine, Proposal
from conversations.events.entities import Entity
from conversations.events.facts import Amount, Fact
from conversations.events.messages import NoticeGiven, ReplyGiven
from conversations.ids import ClientMessageId, ConversationId, EntityRef
from conversations.service import Arrival, Conversations, Turn
from conversations.state import ConversationState, fold

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
BLUE = EntityRef("variant", "SKU-4821")
RED = EntityRef("variant", "SKU-17")


class Ear:
    """Remembers what was announced."""

    def __init__(self) -> None:
        self.heard: list[tuple[ConversationId, int]] = []

    async def hear(self, conversation: ConversationId, visible: tuple[Recorded, ...]) -> None:
        assert visible[-1].frame is not None
        self.heard.append((conversation, visible[-1].frame))


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


async def say(
    service: Conversations,
    conversation: ConversationId,
    text: str,
    *,
    cid: str = "",
    at: datetime = NOON,
    answering: bool = False,
) -> Arrival:
    """The shopper says it; the message id is the text unless one is given."""
    return await service.record_message(
        conversation=conversation, cid=ClientMessageId(cid or text), text=text, at=at, answering=answering
    )


async def take(service: Conversations, conversation: ConversationId, *, at: datetime = NOON) -> Turn:
    turn = await service.take_turn(conversation=conversation, at=at)
    assert turn is not None, "nothing waited, or another holds the turn"
    return turn


async def answer(
    service: Conversations, turn: Turn, text: str = "Here you are.", *before: Event, at: datetime = NOON
) -> ConversationState:
    events = (*before, ReplyGiven(turn=turn.number, text=text))
    state = await service.commit_turn(turn=turn, events=events, at=at)
    assert state is not None
    return state


async def require_one_truth(service: Conversations, conversation: ConversationId) -> ConversationState:
    """The replay law: projection with its tail, rebuild and fold of the journal are one state, without a gap."""
    events = await service.list_events(conversation=conversation)
    assert [recorded.seq for recorded in events] == list(range(1, len(events) + 1))
    frames = [recorded.frame for recorded in events if recorded.frame is not None]
    assert frames == list(range(1, len(frames) + 1))
    loaded = await service.load(conversation=conversation)
    assert loaded == await service.rebuild(conversation=conversation)
    assert loaded == fold(ConversationState(), events)
    assert await service.get_head(conversation=conversation) == loaded.frames == len(frames)
    return loaded


async def forget_keys(redis: Redis, conversation: ConversationId) -> int:
    """What a flush of Redis does to one conversation; tests of others go on beside it."""
    keys = [key async for key in redis.scan_iter(match=f"*{{{conversation}}}*", count=1000)]
    return int(await redis.delete(*keys)) if keys else 0


def make_shoe(ref: EntityRef = BLUE, *, name: str = "Meadow Runner") -> Entity:
    return Entity(ref=ref, name=name, attributes={"color": ("blue",)}, measures={"price": 89.0})


def make_fact(id: str, *, price: str = "89.00", version: int = 1, source: str = "catalog") -> Fact:
    return Fact(
        id=id,
        subject=BLUE,
        name="price",
        value=Amount(Decimal(price), "USD"),
        source=source,
        observed_at=NOON,
        version=version,
    )


def make_line(ref: EntityRef = BLUE, *, quantity: int = 1) -> CartLine:
    return CartLine(ref=ref, title=ref.key, quantity=quantity, unit_price=Amount(Decimal("89.00"), "USD"))


def make_proposal(id: str, *lines: CartLine) -> Proposal:
    total = sum((line.unit_price.amount * line.quantity for line in lines), Decimal(0))
    return Proposal(id=id, hash="h", lines=lines, total=Amount(total, "USD"), expires_at=after(900))


def make_notice(text: str = "Sold out.") -> NoticeGiven:
    return NoticeGiven(notice="stock.changed", ref=BLUE, text=text, stock=0)
