"""The laws hold whatever happens, and bugs that are planted break them; each law by itself: `test_laws.py`."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from typing_extensions import override

from conversations.events import Recorded
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


def run(setting: Setting, *, examples: int, steps: int, shrinks: bool = True) -> None:
    phases = tuple(Phase) if shrinks else (Phase.generate,)
    run_state_machine_as_test(
        lambda: Talk(setting),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
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
    run(Setting(**place), examples=10, steps=30)


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
PLANTED = {
    "no fence": ({"plant": NO_FENCE}, {"a turn has one reply", "a reply spends its token"}),
    "no uniqueness": (
        {"plant": NO_UNIQUENESS},
        {"the same message again changes nothing", "one of many at once is taken"},
    ),
    "no version checked by who acts": ({"make_service": Rash}, {"one of two who saw the same acts"}),
    "no version checked at load": (
        {"make_service": Remembering},
        {"snapshot with tail is the rebuild", "every worker knows the same"},
    ),
    "not bound to its conversation": ({"seal_with": make_loose}, {"snapshot with tail is the rebuild"}),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_caught(place: dict[str, str], bug: str) -> None:
    planted, laws = PLANTED[bug]
    setting = Setting(**place, **planted, broken=[])

    try:
        with pytest.raises(Broken):
            run(setting, examples=60, steps=60, shrinks=False)
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
