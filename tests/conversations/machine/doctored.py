"""Journals and answers to be doctored, without a server."""

import msgspec
from typing_extensions import override

from conversations.events import VISIBLE, Event, Recorded
from conversations.events.decisions import Decision, DecisionMade
from conversations.events.messages import ConversationOpened, ReplyGiven, ShopperSpoke, TurnStarted
from conversations.ids import ClientMessageId, ConversationId, DecisionId, MerchantId
from conversations.service import Arrival, Conversations, Fenced, MovedOn, Turn
from conversations.state import ConversationState, fold
from tests.conversations.machine.laws import Row
from tests.conversations.state.talking import NOON, make_notice

TALK = ConversationId("8f7e0d5c-3f3b-4a39-9f0e-0c6f1d2e3a4b")
MERCHANT = MerchantId("m")
Journal = tuple[Recorded, ...]


def speak(cid: str) -> ShopperSpoke:
    return ShopperSpoke(cid=ClientMessageId(cid), text=f"say {cid}")


def start(turn: int, *cids: str) -> TurnStarted:
    return TurnStarted(turn=turn, cids=tuple(map(ClientMessageId, cids)))


def reply(turn: int) -> ReplyGiven:
    return ReplyGiven(turn=turn, text="Here you are.")


def write(*events: Event) -> Journal:
    """The events in their places, as a journal without a fault numbers them."""
    journal: list[Recorded] = []
    frames = 0
    for seq, event in enumerate((ConversationOpened(merchant=MERCHANT), *events), start=1):
        is_visible = isinstance(event, VISIBLE)
        frames += is_visible
        frame = frames if is_visible else None
        journal.append(Recorded(seq=seq, frame=frame, at=NOON, turn=0, event=event))
    return tuple(journal)


def renumber(journal: Journal, **fields: dict[int, int]) -> Journal:
    """The journal with other numbers in some places, counted from 1."""
    return tuple(
        msgspec.structs.replace(
            recorded, **{name: places[at] for name, places in fields.items() if at in places}
        )
        for at, recorded in enumerate(journal, start=1)
    )


SOUND = write(
    speak("m1"), speak("m2"), start(1, "m1", "m2"), make_notice(), reply(1), speak("m3"), start(2, "m3")
)
ACKNOWLEDGED = ("m1", "m2", "m3")


def decide(turn: int) -> DecisionMade:
    return DecisionMade(decision=Decision(id=DecisionId(f"d{turn}"), turn=turn, planner="builtin"))


DECIDED = write(speak("m1"), speak("m2"), start(1, "m1", "m2"), decide(1), reply(1), speak("m3"))
ROW = Row(id="d1", seq=5, is_of_one=True)


class Told(Conversations):
    """Answers as it is told to, and the truth of its journal where it is told nothing; behind it is no store."""

    def __init__(
        self,
        journal: Journal = SOUND,
        *,
        loaded: Journal | None = None,
        rebuilt: Journal | None = None,
        waits: bool | None = None,
        arrivals: tuple[Arrival, ...] = (),
        turn: Turn | None = None,
        refusals: int = 0,
        commits: int = 0,
        rows: tuple[Row, ...] = (ROW,),
    ) -> None:
        """`arrivals` are answered in turn; so many who act are refused, and so many commits go through."""
        self._events = journal
        self._loaded = journal if loaded is None else loaded
        self._rebuilt = journal if rebuilt is None else rebuilt
        self._waits = waits
        self._arrivals = list(arrivals)
        self._turn = turn
        self._refusals, self._commits = refusals, commits
        self.rows = rows

    @override
    async def list_events(self, **_: object) -> Journal:
        return self._events

    @override
    async def load(self, **_: object) -> ConversationState:
        return fold(ConversationState(), self._loaded)

    @override
    async def rebuild(self, *, up_to: int | None = None, **_: object) -> ConversationState:
        return fold(ConversationState(), self._rebuilt[:up_to])

    @override
    async def is_waiting(self, **_: object) -> bool:
        state = fold(ConversationState(), self._events)
        return bool(state.transcript.waiting) if self._waits is None else self._waits

    @override
    async def record_message(self, **_: object) -> Arrival:
        return self._arrivals.pop(0)

    @override
    async def record_arrivals(self, **_: object) -> Journal:
        self._refusals -= 1
        if self._refusals >= 0:
            raise MovedOn(conversation=TALK, expected=8, version=9)
        return ()

    @override
    async def take_turn(self, **_: object) -> Turn | None:
        return self._turn

    @override
    async def commit_turn(self, *, turn: Turn, **_: object) -> ConversationState | None:
        self._commits -= 1
        if self._commits < 0:
            raise Fenced(conversation=TALK, fence=turn.fence)
        return None
