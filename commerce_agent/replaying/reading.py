"""From a conversation's id to its replay."""

from datetime import datetime

from redis.exceptions import RedisError

from catalog.connectors import ask_anew, leave_no_trace
from commerce_agent.composition import Platform, open_platform
from commerce_agent.release import get_code_version
from commerce_agent.replaying.printing import Replay, StateCheck
from commerce_agent.replaying.rerun import FactsOf, Rerun
from conversations.events import Recorded
from conversations.events.decisions import DecisionMade
from conversations.ids import ConversationId
from conversations.replay import compare_states, fold_up_to


async def replay_conversation(
    *, conversation: ConversationId, facts: FactsOf, now: datetime, prefix: str | None = None
) -> Replay:
    """Replays a conversation of the journal. Raises `NoSuchConversation`, and what the shop raises when it
    is asked now and cannot answer.
    """
    async with open_platform(clock=lambda: now, quiet=True, prefix=prefix) as platform:
        await platform.conversations.get_head(conversation=conversation)
        events = await platform.conversations.list_events(conversation=conversation)
        rerun = Rerun(
            conversation=conversation,
            events=events,
            turns=platform.turns,
            words=platform.words,
            sources=ask_anew(leave_no_trace(platform.connectors, pool=platform.pool)),
            facts=facts,
            now=now,
        )
        return Replay(
            conversation=conversation,
            facts=facts,
            state=await _check_state(platform, conversation=conversation, events=events),
            turns=await rerun.run(),
            recorded_by=list_codes(events),
            run_by=get_code_version(),
        )


async def read_codes(conversation: ConversationId) -> tuple[str, ...]:
    """The versions of the code that recorded a conversation."""
    async with open_platform(quiet=True) as platform:
        return list_codes(await platform.conversations.list_events(conversation=conversation))


def list_codes(events: tuple[Recorded, ...]) -> tuple[str, ...]:
    """The versions that decided its turns, in their order."""
    decisions = (each.event.decision for each in events if isinstance(each.event, DecisionMade))
    return tuple(dict.fromkeys(made.code_version for made in decisions if made.code_version))


async def _check_state(
    platform: Platform, *, conversation: ConversationId, events: tuple[Recorded, ...]
) -> StateCheck:
    version = events[-1].seq
    try:
        served = await platform.projection.find_state(conversation=conversation)
    except RedisError:
        served = None
    if served is None or served.version > version:
        return StateCheck(version=version, served=None, differences=())
    folded = fold_up_to(events, seq=served.version)
    return StateCheck(
        version=version, served=served.version, differences=compare_states(before=folded, after=served)
    )
