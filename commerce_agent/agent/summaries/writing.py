"""Writes older turns down in few words, outside of any turn; by a small model where the shop chose one."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec
import structlog
from asgiref.sync import sync_to_async
from celery import current_app
from kombu.exceptions import OperationalError

from catalog.clock import Clock
from commerce_agent.agent.grounding.claims import list_claims
from commerce_agent.agent.shop.settings import AgentSettings, SettingsKeeper
from commerce_agent.agent.spending.caps import Payer
from commerce_agent.agent.spending.model_door import ModelDoor
from commerce_agent.agent.summaries.built_in import (
    BUILTIN,
    EPISODE_TURNS,
    KEPT_EPISODES,
    LONGEST_EPISODE,
    Told,
    find_due,
    list_told,
    merge,
    shorten_words,
    summarise,
)
from conversations.events.summaries import EpisodeSummarised, MemoryFormed
from conversations.ids import ConversationId
from conversations.service import Conversations, MovedOn
from conversations.state import ConversationState
from conversations.summaries import Episode

log = structlog.get_logger(__name__)

COMPRESS = "commerce_agent.compress_conversation"
"""The task's name; tasks stand above in the layers, so it is sent for, not imported."""
TAKEN_AT_ONCE = 2

Wake = Callable[[ConversationId], Awaitable[None]]
"""Sends for a worker that compresses the conversation."""


class Summariser(Protocol):
    """Whoever writes summaries with a model."""

    async def summarise(
        self, told: tuple[Told, ...], *, model: str, payer: Payer, door: ModelDoor, tier: str
    ) -> str:
        """The turns in few words; empty where the model brought none. `tier`: how large the shop's budget is."""
        ...


class EpisodeForgotten(Exception):
    """The turns are in the memory already. Whoever rewrites begins after those."""

    def __init__(self, *, first: int, last: int) -> None:
        super().__init__(f"Turn {first} is in the memory, which reaches to turn {last}; begin after that.")
        self.first = first
        self.last = last


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    """What was made anew of one conversation."""

    episodes: int = 0
    memories: int = 0
    overtaken: bool = False
    """The talk went on meanwhile, and its memory with it: nothing was changed."""


class Compressor:
    """Makes the episodes that are due, and takes old ones into the memory."""

    def __init__(
        self,
        *,
        conversations: Conversations,
        settings: SettingsKeeper,
        door: ModelDoor,
        clock: Clock,
        summariser: Summariser | None = None,
    ) -> None:
        self._conversations = conversations
        self._settings = settings
        self._door = door
        self._clock = clock
        self._summariser = summariser

    async def compress(self, *, conversation: ConversationId) -> int:
        """Writes what is due; answers how many episodes that were. Done twice it changes nothing."""
        made = 0
        state = await self._conversations.load(conversation=conversation)
        while due := find_due(state):
            await self._write_episode(conversation, state=state, first=due[0], last=due[1])
            made += 1
            state = await self._conversations.load(conversation=conversation)
        if len(state.summaries.episodes) > KEPT_EPISODES:
            old = state.summaries.episodes[:TAKEN_AT_ONCE]
            text = merge(state.summaries.memory, old)
            await self._record(conversation, MemoryFormed(last=old[-1].last, text=text, by=BUILTIN))
        return made

    async def rewrite(self, *, conversation: ConversationId, first: int, last: int) -> None:
        """Makes one episode anew from the journal; it takes the place of the one that covers these turns.

        Raises `EpisodeForgotten` for turns that the memory has taken in.
        """
        state = await self._conversations.load(conversation=conversation)
        if state.summaries.memory and first <= state.summaries.memory.last:
            raise EpisodeForgotten(first=first, last=state.summaries.memory.last)
        await self._write_episode(conversation, state=state, first=first, last=last)

    async def rebuild(self, *, conversation: ConversationId) -> Rebuilt:
        """Makes every summary of the conversation anew from its journal, the memory as well, over the same turns.

        Who chose no small model gets what stood there before, word for word, as the built-in summariser writes it.
        """
        state = await self._conversations.load(conversation=conversation)
        memory = state.summaries.memory
        if memory is not None:
            text = await self._retell(conversation, state=state, last=memory.last)
            anew = MemoryFormed(last=memory.last, text=text, by=BUILTIN)
            if not await self._replace_memory(conversation, memory=memory, anew=anew):
                return Rebuilt(overtaken=True)
        for episode in state.summaries.episodes:
            await self._write_episode(conversation, state=state, first=episode.first, last=episode.last)
        return Rebuilt(episodes=len(state.summaries.episodes), memories=int(memory is not None))

    async def _replace_memory(
        self, conversation: ConversationId, *, memory: Episode, anew: MemoryFormed
    ) -> bool:
        """False where newer turns have gone into it meanwhile: they would be lost."""
        while True:
            now = await self._conversations.load(conversation=conversation)
            if now.summaries.memory != memory:
                return False
            try:
                await self._record(conversation, anew, expected_version=now.version)
            except MovedOn:
                continue
            return True

    async def _retell(self, conversation: ConversationId, *, state: ConversationState, last: int) -> str:
        """The memory of the turns up to this one, taken in as it was: some episodes at a time."""
        memory: Episode | None = None
        waiting: list[Episode] = []
        for first in range(1, last + 1, EPISODE_TURNS):
            until = min(first + EPISODE_TURNS - 1, last)
            waiting.append(await self._word(conversation, state=state, first=first, last=until))
            if len(waiting) == TAKEN_AT_ONCE or until == last:
                text = merge(memory, waiting)
                memory = Episode(first=1, last=until, text=text, by=BUILTIN)
                waiting.clear()
        return memory.text if memory else ""

    async def _write_episode(
        self, conversation: ConversationId, *, state: ConversationState, first: int, last: int
    ) -> None:
        worded = await self._word(conversation, state=state, first=first, last=last)
        await self._record(
            conversation, EpisodeSummarised(first=first, last=last, text=worded.text, by=worded.by)
        )

    async def _word(
        self, conversation: ConversationId, *, state: ConversationState, first: int, last: int
    ) -> Episode:
        events = await self._conversations.list_turns(conversation=conversation, first=first, last=last)
        told = list_told(events, first=first, last=last)
        settings = await self._settings.get_settings(merchant=state.transcript.merchant)
        text, by = await self._ask(told, state=state, settings=settings), settings.small_model
        if not text:
            text, by = summarise(told), BUILTIN
        return Episode(first=first, last=last, text=text, by=by)

    async def _record(
        self,
        conversation: ConversationId,
        event: EpisodeSummarised | MemoryFormed,
        *,
        expected_version: int | None = None,
    ) -> None:
        await self._conversations.record_arrivals(
            conversation=conversation, events=(event,), at=self._clock(), expected_version=expected_version
        )

    async def _ask(self, told: tuple[Told, ...], *, state: ConversationState, settings: AgentSettings) -> str:
        if self._summariser is None or not settings.small_model or not settings.use_claude:
            return ""
        payer = Payer(
            merchant=state.transcript.merchant,
            shopper="summaries",
            day=self._clock().date(),
            shopper_cap=settings.shop_micros,
            shop_cap=settings.shop_micros,
        )
        written = await self._summariser.summarise(
            told, model=settings.small_model, payer=payer, door=self._door, tier=settings.tier
        )
        return without_claims(written)


async def send_for_compression(conversation: ConversationId) -> None:
    """Has a worker compress it. Without a broker the turns stay word for word until the next one asks again."""
    await sync_to_async(_send, thread_sensitive=False)(conversation)


def _send(conversation: ConversationId) -> None:
    try:
        current_app.send_task(COMPRESS, args=[conversation], retry=False)
    except OperationalError:
        log.warning("compression.nobody_sent", conversation=conversation)


def without_claims(text: str) -> str:
    """The sentences that claim no price, stock, date or term: a summary is no place for a fact."""
    sentences = [sentence.strip() for sentence in text.replace("\n", " ").split(". ")]
    kept = [sentence for sentence in sentences if sentence and not list(list_claims(sentence))]
    return shorten_words(". ".join(kept), most=LONGEST_EPISODE)
