"""Each law is seen to catch what breaks it: on journals and answers that were doctored, without a server."""

import ast
import asyncio
import copy
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import msgspec
import pytest

from conversations.events import Recorded
from conversations.events.messages import ShopperSpoke
from conversations.ids import ClientMessageId
from conversations.service import Arrival, Turn
from conversations.state import ConversationState, fold
from conversations.store.turn_lease import Lease
from tests.conversations.machine import laws
from tests.conversations.machine import talk as machine
from tests.conversations.machine.doctored import (
    ACKNOWLEDGED,
    DECIDED,
    MERCHANT,
    ROW,
    SOUND,
    TALK,
    Journal,
    Told,
    decide,
    renumber,
    reply,
    speak,
    start,
    write,
)  # fmt: skip
from tests.conversations.machine.laws import Broken, Row, Seen, require_laws
from tests.conversations.machine.talk import Setting, Talk
from tests.conversations.machine.workers import Worker
from tests.conversations.state.talking import NOON, make_notice


def doctor(
    told: Told | Journal, *, acknowledged: tuple[str, ...] = ACKNOWLEDGED, before: Journal = ()
) -> tuple[Told, tuple[str, ...], Journal]:
    return told if isinstance(told, Told) else Told(told), acknowledged, before


OTHER_WORDS = tuple(
    msgspec.structs.replace(recorded, event=ShopperSpoke(cid=recorded.event.cid, text="other words"))
    if isinstance(recorded.event, ShopperSpoke)
    else recorded
    for recorded in SOUND
)
LAWS = {
    "versions rise by one": {
        "a gap": doctor(renumber(SOUND, seq={7: 8, 8: 9})),
        "a double": doctor(renumber(SOUND, seq={8: 7})),
        "not from the first": doctor(SOUND[1:]),
        "out of order": doctor((*SOUND[:3], SOUND[4], SOUND[3], *SOUND[5:])),
    },
    "frames rise by one": {
        "a gap": doctor(renumber(SOUND, frame={8: 8})),
        "a double": doctor(renumber(SOUND, frame={8: 6})),
    },
    "what was recorded stays": {
        "other words in its place": doctor(SOUND, before=OTHER_WORDS),
        "the last of it is gone": doctor(SOUND, before=write(*(each.event for each in SOUND[1:]), reply(2))),
    },
    "snapshot with tail is the rebuild": {
        "one behind": doctor(Told(loaded=SOUND[:-1])),
        "of another talk as long": doctor(Told(loaded=OTHER_WORDS)),
    },
    "rebuild is the replay": {
        "one behind": doctor(Told(rebuilt=SOUND[:-1])),
        "other words": doctor(Told(rebuilt=OTHER_WORDS)),
    },
    "a message is there once": {
        "twice": doctor(write(speak("m1"), speak("m1")), acknowledged=("m1",)),
    },
    "what was acknowledged is there in order": {
        "two changed places": doctor(SOUND, acknowledged=("m2", "m1", "m3")),
        "one was lost": doctor(SOUND, acknowledged=(*ACKNOWLEDGED, "m4")),
        "one came from nowhere": doctor(SOUND, acknowledged=ACKNOWLEDGED[:2]),
    },
    "turns rise by one": {
        "two starts of one": doctor(write(*map(speak, ACKNOWLEDGED), start(1, "m1"), start(1, "m2", "m3"))),
        "one is left out": doctor(write(*map(speak, ACKNOWLEDGED), start(1, "m1"), reply(1), start(3, "m2"))),
    },
    "a message is in one turn, in order": {
        "in two": doctor(write(*map(speak, ACKNOWLEDGED), start(1, "m1"), reply(1), start(2, "m1", "m2"))),
        "out of order": doctor(write(*map(speak, ACKNOWLEDGED), start(1, "m2", "m1"))),
        "one is passed over": doctor(write(*map(speak, ACKNOWLEDGED), start(1, "m1", "m3"))),
    },
    "a turn has one reply": {
        "two": doctor(write(*map(speak, ACKNOWLEDGED), start(1, *ACKNOWLEDGED), reply(1), reply(1))),
    },
    "one turn is open at most": {
        "two": doctor(write(*map(speak, ACKNOWLEDGED), start(1, "m1"), start(2, "m2"))),
        "one before an answered one": doctor(
            write(*map(speak, ACKNOWLEDGED), start(1, "m1"), start(2, "m2"), reply(2))
        ),
    },
    "a message is answered or waits": {
        "its reply is another turn's": doctor(write(*map(speak, ACKNOWLEDGED), start(1, "m1"), reply(7))),
    },
    "who waits is found": {
        "nobody finds it": doctor(Told(waits=False)),
        "found and nothing waits": doctor(
            Told(write(speak("m1"), start(1, "m1"), reply(1)), waits=True), acknowledged=("m1",)
        ),
    },
}
CASES = [
    pytest.param(law, *case, id=f"{law}: {name}")
    for law, cases in LAWS.items()
    for name, case in cases.items()
]


async def hold_against(told: Told, acknowledged: tuple[str, ...], before: Journal) -> ConversationState:
    return await require_laws(told, TALK, seen=Seen(events=before, acknowledged=list(acknowledged)))


def test_a_journal_without_a_fault_breaks_no_law() -> None:
    state = asyncio.run(hold_against(Told(), ACKNOWLEDGED, SOUND[:4]))

    assert state == fold(ConversationState(), SOUND)


@pytest.mark.parametrize(("law", "told", "acknowledged", "before"), CASES)
def test_a_doctored_journal_breaks_that_law(
    law: str, told: Told, acknowledged: tuple[str, ...], before: Journal
) -> None:
    with pytest.raises(Broken) as broken:
        asyncio.run(hold_against(told, acknowledged, before))

    assert broken.value.law == law


def arrive(*, duplicate: bool, seq: int = 2) -> Arrival:
    return Arrival(seq=seq, frame=1, duplicate=duplicate)


def take(*, said: str = "say m3", state: ConversationState | None = None) -> Turn:
    return Turn(
        conversation=TALK,
        merchant=MERCHANT,
        number=2,
        fence=4,
        lease=Lease(conversation=TALK, token="t", kept_in="redis"),
        state=state or KNOWN,
        cids=(ClientMessageId("m3"),),
        said=said,
        without_redis=False,
        rebuilt=False,
        lag=timedelta(),
    )


class Staged(msgspec.Struct):
    """A worker of the machine's whose service answers as it is told to."""

    service: Told
    held: Turn | None = None


KNOWN = fold(ConversationState(), SOUND)
FRESH, AGAIN = arrive(duplicate=False), arrive(duplicate=True)
ELSEWHERE = arrive(duplicate=True, seq=3)
ALL_ANSWERED = write(*map(speak, ACKNOWLEDGED), start(1, *ACKNOWLEDGED), decide(1), reply(1))
Step = Callable[[Talk, Told], Awaitable[object]]


def say(talk: Talk, told: Told) -> Awaitable[object]:
    return talk._say(told)


def say_again(talk: Talk, told: Told) -> Awaitable[object]:
    return talk._say_again(told, ClientMessageId("m1"))


def say_at_once(talk: Talk, told: Told) -> Awaitable[object]:
    return talk._say_at_once()


def act_at_once(talk: Talk, told: Told) -> Awaitable[object]:
    return talk._act_at_once()


def take_turn(talk: Talk, told: Told) -> Awaitable[object]:
    return talk._take(talk.workers[0])


async def commit_twice(talk: Talk, told: Told) -> None:
    for _ in range(2):
        await talk._commit_late(talk.workers[0], take())


async def look_around(talk: Talk, told: Told) -> None:
    talk.witness = cast("Worker", Staged(service=Told(told._events, rows=told.rows)))
    await talk._require_laws()


STEPS: dict[str, tuple[Step, Told, tuple[Told, ...]]] = {
    # The law, the step that looks at it, who keeps it there, and who breaks it.
    "a new message is new": (say, Told(arrivals=(FRESH,)), (Told(arrivals=(AGAIN,)),)),
    "the same message again changes nothing": (
        say_again,
        Told(arrivals=(AGAIN,)),
        (Told(arrivals=(FRESH,)),),
    ),
    "one of many at once is taken": (
        say_at_once,
        Told(arrivals=(AGAIN, FRESH, AGAIN)),
        (
            Told(arrivals=(FRESH, FRESH, AGAIN)),
            Told(arrivals=(AGAIN, AGAIN, AGAIN)),
            Told(arrivals=(FRESH, AGAIN, ELSEWHERE)),
        ),
    ),
    "one of two who saw the same acts": (act_at_once, Told(refusals=1), (Told(), Told(refusals=2))),
    "a turn says what it took": (take_turn, Told(turn=take()), (Told(turn=take(said="say m2")),)),
    "a turn knows the state of its version": (
        take_turn,
        Told(turn=take()),
        (
            Told(turn=take(state=fold(ConversationState(), OTHER_WORDS))),
            # A turn of another's was committed since.
            Told((*SOUND, Recorded(seq=9, frame=8, at=NOON, turn=2, event=reply(2))), turn=take()),
        ),
    ),
    "a reply spends its token": (commit_twice, Told(commits=1), (Told(commits=2),)),
    "every worker knows the same": (look_around, Told(DECIDED), (Told(DECIDED, loaded=DECIDED[:-1]),)),
    "a decision comes with its reply": (
        look_around,
        Told(DECIDED),
        (
            Told(SOUND),
            Told(write(*map(speak, ACKNOWLEDGED), start(1, *ACKNOWLEDGED), decide(1))),
            Told(
                write(*map(speak, ACKNOWLEDGED), start(1, *ACKNOWLEDGED), decide(1), make_notice(), reply(1))
            ),
        ),
    ),
    "a decision's row is of its turn's own transaction": (
        look_around,
        Told(DECIDED),
        (
            Told(DECIDED, rows=()),
            Told(DECIDED, rows=(ROW, msgspec.structs.replace(ROW, id="d2"))),
            Told(DECIDED, rows=(msgspec.structs.replace(ROW, seq=4),)),
            Told(DECIDED, rows=(msgspec.structs.replace(ROW, is_of_one=False),)),
        ),
    ),
    "nothing waits in the end": (
        lambda talk, told: talk._finish(),
        Told(ALL_ANSWERED, rows=(msgspec.structs.replace(ROW, seq=6),)),
        (Told(DECIDED),),
    ),
}


@pytest.fixture
def talk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Talk]:
    """The machine without its servers."""

    async def pass_over(talk: Talk) -> None:
        """No lease lies anywhere."""

    def list_rows(talk: Talk) -> tuple[Row, ...]:
        return cast("Told", talk.witness.service).rows

    monkeypatch.setattr(Talk, "_let_leases_run_out", pass_over)
    monkeypatch.setattr(Talk, "_list_rows", list_rows)
    talk = Talk(Setting(database_url="", redis_url="", broken=[]))
    talk.conversation = TALK
    talk.seen.acknowledged = list(ACKNOWLEDGED)
    yield talk
    talk.runner.close()


def put_to_work(talk: Talk, told: Told) -> None:
    talk.witness = cast("Worker", Staged(service=told))
    talk.workers = [cast("Worker", Staged(service=told)) for _ in range(2)]


@pytest.mark.parametrize("law", STEPS)
def test_a_step_of_a_service_without_a_fault_breaks_no_law(talk: Talk, law: str) -> None:
    step, keeps, _ = STEPS[law]
    put_to_work(talk, copy.deepcopy(keeps))

    talk.run(step(talk, talk.workers[0].service))

    assert talk.setting.broken == []


@pytest.mark.parametrize(
    ("law", "told"),
    [pytest.param(law, told, id=law) for law, (*_, broken) in STEPS.items() for told in broken],
)
def test_a_step_of_a_doctored_service_breaks_that_law(talk: Talk, law: str, told: Told) -> None:
    put_to_work(talk, copy.deepcopy(told))

    with pytest.raises(Broken):
        talk.run(STEPS[law][0](talk, talk.workers[0].service))

    assert [broken.law for broken in talk.setting.broken] == [law]


def test_every_law_of_the_machine_is_shown_to_catch_something() -> None:
    required = {
        call.args[0].value
        for file in (laws, machine)
        for call in ast.walk(ast.parse(Path(file.__file__).read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "require"
        and isinstance(call.args[0], ast.Constant)
    }

    assert required == LAWS.keys() | STEPS.keys()
