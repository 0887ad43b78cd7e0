"""What the real worker does: it finishes turns that nobody finished and keeps offers fresh."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings

from catalog.models import Merchant, PollSource
from commerce_agent.agent.summaries.built_in import EPISODE_TURNS, KEPT_TURNS
from commerce_agent.agent.summaries.writing import send_for_compression
from commerce_agent.celery import app
from commerce_agent.composition import Platform
from conversations.events.messages import ReplyGiven
from conversations.ids import ClientMessageId, ConversationId, EntityRef
from tests.agent.talking import leave_others_be, open_talk, say
from tests.waiting import wait_until_async

SAYINGS = ("a lamp under 200 euros", "how much is the green Meadow lamp?", "what's the return policy on it?")
LONG_AGO = datetime.now(UTC) - timedelta(minutes=5)


def has_succeeded(log: Path, task: str) -> bool:
    """Whether the worker says so."""
    return f"{task}] succeeded" in log.read_text()


def has_failed(log: Path) -> bool:
    """Whether anything broke in the worker."""
    return "Traceback" in log.read_text()


async def list_replies(platform: Platform, conversation: ConversationId) -> list[str]:
    """Every reply so far."""
    events = await platform.conversations.list_events(conversation=conversation)
    return [each.event.text for each in events if isinstance(each.event, ReplyGiven)]


async def leave_waiting(platform: Platform, merchant: str) -> ConversationId:
    """A message whose worker died five minutes ago."""
    conversation = await open_talk(platform, merchant=merchant)
    await platform.conversations.record_message(
        conversation=conversation, cid=ClientMessageId("left"), text="a green lamp", at=LONG_AGO
    )
    return conversation


async def test_a_message_nobody_answered_is_answered_and_a_scripts_is_left_to_the_script(
    platform: Platform, lamp_shop: str, running_worker: Path
) -> None:
    await leave_others_be(merchant=lamp_shop)
    conversation = await leave_waiting(platform, lamp_shop)

    app.send_task("commerce_agent.finish_turns")

    async def answered() -> list[str]:
        return await list_replies(platform, conversation)

    (reply,) = await wait_until_async(answered, seconds=30)
    assert "Meadow lamp" in reply

    await Merchant.objects.filter(pk=lamp_shop).aupdate(ephemeral=True)
    scripted = await leave_waiting(platform, lamp_shop)
    other = await sync_to_async(app.send_task)("commerce_agent.finish_turns")

    async def done() -> bool:
        return has_succeeded(running_worker, other.id)

    await wait_until_async(done, seconds=30)
    assert await list_replies(platform, scripted) == []


async def test_older_turns_are_summarised_by_the_worker_and_stay_in_the_state(
    platform: Platform, lamp_shop: str, running_worker: Path
) -> None:
    conversation = await open_talk(platform, merchant=lamp_shop)
    platform.turns.compress = send_for_compression
    for number in range(EPISODE_TURNS + KEPT_TURNS):
        await say(platform, conversation, SAYINGS[number % len(SAYINGS)])

    async def compressed() -> bool:
        state = await platform.conversations.rebuild(conversation=conversation)
        return state.summaries.covered == EPISODE_TURNS

    await wait_until_async(compressed, seconds=30)

    state = await platform.conversations.load(conversation=conversation)
    (episode,) = state.summaries.episodes
    assert (episode.first, episode.last, episode.by) == (1, EPISODE_TURNS, "builtin")
    assert episode.text.startswith("Asked: “a lamp under 200 euros” [")
    assert state == await platform.conversations.rebuild(conversation=conversation)
    # What was said and told is not in the summary alone: it stays in state, whatever becomes of the words.
    assert [(term.field, term.op) for term in state.constraints.active][-1:] == [("price", "<=")]
    assert "MEADOW-G" in state.entities.known
    assert state.facts.find_cited(subject=EntityRef("variant", "MEADOW-G"), name="price") is not None
    assert not has_failed(running_worker)

    before = episode.text
    await platform.compressor.rewrite(conversation=conversation, first=1, last=EPISODE_TURNS)
    again = await platform.conversations.load(conversation=conversation)
    assert [each.text for each in again.summaries.episodes] == [before]


def test_every_task_of_the_beat_exists() -> None:
    app.loader.import_default_modules()

    missing = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} - set(app.tasks)

    assert missing == set()


def test_what_nobody_asks_for_is_begun_by_the_clock() -> None:
    """Tasks that nothing but the beat starts, of which no other test would miss the entry."""
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert {"catalog.refresh_offers", "catalog.sweep_reservations"} <= scheduled


@pytest.mark.usefixtures("running_worker")
async def test_the_worker_runs_what_the_beat_sends(
    platform: Platform, lamp_shop: str, running_worker: Path
) -> None:
    await leave_others_be(merchant=lamp_shop)
    # Addresses that other tests left to be polled may each take the whole time of a question.
    await PollSource.objects.exclude(merchant_id=lamp_shop).aupdate(active=False)
    sent = [app.send_task(entry["task"]).id for entry in settings.CELERY_BEAT_SCHEDULE.values()]

    async def done() -> bool:
        return all(has_succeeded(running_worker, each) for each in sent)

    await wait_until_async(done, seconds=50)
    assert not has_failed(running_worker)
