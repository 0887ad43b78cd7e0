from typing import assert_never

import msgspec

from conversations.events.summaries import EpisodeSummarised, MemoryFormed

SummaryEvent = EpisodeSummarised | MemoryFormed


class Episode(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Some turns in a row."""

    first: int
    last: int
    text: str
    by: str


class Summaries(msgspec.Struct, frozen=True, kw_only=True):
    """One memory of the oldest turns, and the episodes after it, oldest first."""

    memory: Episode | None = None
    episodes: tuple[Episode, ...] = ()

    @property
    def covered(self) -> int:
        """The last turn that is told in few words."""
        if self.episodes:
            return self.episodes[-1].last
        return self.memory.last if self.memory else 0


def apply_summaries(summaries: Summaries, event: SummaryEvent) -> Summaries:
    """Answers the slice after the event."""
    match event:
        case EpisodeSummarised():
            episode = Episode(first=event.first, last=event.last, text=event.text, by=event.by)
            others = [
                each for each in summaries.episodes if each.last < event.first or each.first > event.last
            ]
            ordered = tuple(sorted((*others, episode), key=lambda each: each.first))
            return msgspec.structs.replace(summaries, episodes=ordered)
        case MemoryFormed():
            memory = Episode(first=1, last=event.last, text=event.text, by=event.by)
            left = tuple(each for each in summaries.episodes if each.last > event.last)
            return Summaries(memory=memory, episodes=left)
        case _:
            assert_never(event)
