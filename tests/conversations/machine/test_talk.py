"""The laws hold whatever happens, and bugs that are planted break them; each law by itself: `test_laws.py`."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from typing_extensions import override

from conversations.events import Event, Recorded
from conversations.events.decisions import DecisionMade
from conversations.ids import ConversationId
from conversations.service import Conversations
from conversations.state import ConversationState
from conversations.store.boxes import Boxes, KeyEncryptionKeys
from conversations.store.sealing import Box, bind
from tests.conversations.machine.laws import Broken
from tests.conversations.machine.talk import Setting, Talk
from tests.conversations.machine.workers import Pool
from tests.owning import connect_as_owner

CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.fixture(autouse=True)
def _nothing_is_left_for_the_next() -> Iterator[None]:
    """What a killed worker left open is heard of here, and in no other test."""
    yield
    gc.collect()


EXAMPLES, STEPS = 15, 40
"""The one budget: with what guards the product, every planted bug is found."""


def run(setting: Setting, *, shrinks: bool = True) -> None:
    phases = tuple(Phase) if shrinks else (Phase.generate,)
    run_state_machine_as_test(
        lambda: Talk(setting),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=phases,
            derandomize=not shrinks,
            report_multiple_bugs=False,
            suppress_health_check=CHECKS,
        ),
    )


@pytest.fixture
def place(database: str) -> dict[str, str]:
    """Where the machine runs: the shared servers, in a merchant of each example's own."""
    return {"database_url": database, "redis_url": django_settings.REDIS_URL}


def test_nothing_is_lost_and_nothing_doubled(place: dict[str, str]) -> None:
    run(Setting(**place))


class Rash(Conversations):
    """Acts on what it saw, whether the conversation moved on or not."""

    @override
    async def record_arrivals(self, **asked: Any) -> tuple[Recorded, ...]:
        return await super().record_arrivals(**{**asked, "expected_version": None})


class Remembering(Conversations):
    """Believes what it saw last, as a process does that keeps states in its memory."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._remembered: dict[ConversationId, ConversationState] = {}

    @override
    async def load(self, *, conversation: ConversationId) -> ConversationState:
        if conversation not in self._remembered:
            self._remembered[conversation] = await super().load(conversation=conversation)
        return self._remembered[conversation]


class Hasty(Conversations):
    """Keeps the decision before the reply, in a commit of its own."""

    @override
    async def commit_turn(self, *, events: tuple[Event, ...], **asked: Any) -> ConversationState:
        made = tuple(event for event in events if isinstance(event, DecisionMade))
        await self.record_arrivals(conversation=asked["turn"].conversation, events=made, at=asked["at"])
        return await super().commit_turn(events=tuple(set_apart(events, made)), **asked)


class Later(Conversations):
    """Writes the decision's row once the turn is committed."""

    @override
    async def commit_turn(self, **asked: Any) -> ConversationState:
        state = await super().commit_turn(**asked)
        with connect_as_owner(django_settings.DATABASE_URL) as connection:
            connection.execute(
                "UPDATE conversations_decisionrecord SET planner = planner WHERE conversation_id = %s",
                [asked["turn"].conversation],
            )
        return state


def set_apart(events: tuple[Event, ...], others: tuple[Event, ...]) -> Iterator[Event]:
    return (event for event in events if event not in others)


class Loose(Boxes):
    """Leaves the conversation out of what a value is bound to."""

    @override
    def _remember(self, box: Box, *, name: ConversationId) -> None:
        box._reader = bind(box.identity.merchant.encode(), box.identity.owner.encode())
        super()._remember(box, name=name)


def make_loose(pool: Pool) -> Boxes:
    return Loose(pool=pool, keys=KeyEncryptionKeys(keys=django_settings.KEY_ENCRYPTION_KEYS))


def break_row(table: str, *, on: str, by: str) -> tuple[str, ...]:
    """Statements after which the database does this to each of the merchant's rows."""
    return (
        f"CREATE OR REPLACE FUNCTION planted_{table}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {by}; RETURN NEW; END $$",
        f'CREATE TRIGGER "planted {{merchant}}" BEFORE {on} ON {table} FOR EACH ROW'
        f" WHEN (NEW.merchant_id = '{{merchant}}') EXECUTE FUNCTION planted_{table}()",
    )


NO_FENCE = break_row("conversations_conversation", on="UPDATE", by="NEW.fence := OLD.fence")
NO_UNIQUENESS = break_row("conversations_message", on="INSERT", by="NEW.cid := md5(random()::text)")
NO_ROW = break_row("conversations_decisionrecord", on="INSERT", by="RETURN NULL")
PLANTED = {
    "no fence": ({"plant": NO_FENCE}, {"a turn has one reply", "a reply spends its token"}),
    "no uniqueness": (
        {"plant": NO_UNIQUENESS},
        {"the same message again changes nothing", "one of many at once is taken", "a message is there once"},
    ),
    "no version checked by who acts": ({"make_service": Rash}, {"one of two who saw the same acts"}),
    "no version checked at load": (
        {"make_service": Remembering},
        {"snapshot with tail is the rebuild", "every worker knows the same"},
    ),
    "no row of a decision": ({"plant": NO_ROW}, {"a decision's row is of its turn's own transaction"}),
    "a decision's row in another transaction": (
        {"make_service": Later},
        {"a decision's row is of its turn's own transaction"},
    ),
    "a decision before its reply": ({"make_service": Hasty}, {"a decision comes with its reply"}),
    "not bound to its conversation": ({"seal_with": make_loose}, {"snapshot with tail is the rebuild"}),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_caught(place: dict[str, str], bug: str) -> None:
    planted, laws = PLANTED[bug]
    setting = Setting(**place, **planted, broken=[])

    try:
        with pytest.raises(Broken):
            run(setting, shrinks=False)
    finally:
        take_out(place["database_url"])

    assert {broken.law for broken in setting.broken} & laws


def take_out(database_url: str) -> None:
    """Takes out of the database what was planted."""
    with connect_as_owner(database_url) as connection:
        planted = connection.execute(
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'planted %' AND tgparentid = 0"
        ).fetchall()
        for name, table in planted:
            connection.execute(f'DROP TRIGGER "{name}" ON {table}')
