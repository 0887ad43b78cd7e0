"""A held conversation is run again: as it is, or as somebody tampered with it."""

import asyncio
from collections.abc import Callable

from catalog.connectors import build_sources
from commerce_agent.composition import open_platform
from commerce_agent.replaying.printing import Replay
from commerce_agent.replaying.reading import replay_conversation
from commerce_agent.replaying.rerun import FactsOf, Rerun, TurnReplayed
from conversations.events import Recorded
from tests.flows.recordings import OPENED, Held


def rerun(held: Held, *, facts: FactsOf = "then") -> Replay:
    return asyncio.run(replay_conversation(conversation=held.conversation, facts=facts, now=OPENED))


def rerun_forged(held: Held, forge: Callable[[Recorded], Recorded]) -> tuple[TurnReplayed, ...]:
    """The turns of a journal that was tampered with, run again."""

    async def run() -> tuple[TurnReplayed, ...]:
        async with open_platform(quiet=True) as platform:
            forged = Rerun(
                conversation=held.conversation,
                events=tuple(map(forge, held.events)),
                turns=platform.turns,
                words=platform.words,
                sources=build_sources(pool=platform.pool),
                facts="then",
                now=OPENED,
            )
            return await forged.run()

    return asyncio.run(run())
