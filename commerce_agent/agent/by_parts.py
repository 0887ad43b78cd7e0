"""A message of several requests, understood and answered one after the other: each sees what the one before did."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from commerce_agent.agent.closing import record_understanding
from commerce_agent.agent.understanding.understood import Understanding
from commerce_agent.tools.trail import Trail
from conversations.events.entities import Reference


class ByParts:
    """The parts of a message, to be read in their order by the planner that takes them so."""

    def __init__(
        self, parts: Sequence[str], *, trail: Trail, read: Callable[[str], Awaitable[Understanding]]
    ) -> None:
        self.parts = tuple(parts)
        self._trail = trail
        self._read = read
        self._before = trail.mark()
        self._recorded = 0
        self._understood: list[Understanding] = []

    def note_recorded(self) -> None:
        """What the whole message means is on the trail now, and nothing behind it."""
        self._recorded = self._trail.state.version

    def begin(self) -> bool:
        """Whether the message is to be taken by its parts; what the whole seemed to mean is then forgotten.

        Not where somebody began to answer the whole already: what was called for it is on record.
        """
        if len(self.parts) < 2 or self._trail.state.version != self._recorded:
            return False
        self._trail.return_to(self._before)
        return True

    async def read(self, part: str) -> Understanding:
        """What the part means after everything before it."""
        understanding = await self._read(part)
        record_understanding(self._trail, understanding)
        self._understood.append(understanding)
        return understanding

    def put_together(self, whole: Understanding) -> Understanding:
        """What the message meant, as it was answered."""
        if not self._understood:
            return whole
        references = [each for one in self._understood for each in one.references]
        return msgspec.structs.replace(
            whole,
            references=tuple(_without_pronouns(references)),
            wishes=tuple(each for one in self._understood for each in one.wishes),
        )


def _without_pronouns(references: Sequence[Reference]) -> list[Reference]:
    """As in "three of the fern. Why is it cheaper?": what is meant twice is told once."""
    kept: list[Reference] = []
    for reference in references:
        if not any(reference.refs and set(reference.refs) == set(other.refs) for other in kept):
            kept.append(reference)
    return kept
