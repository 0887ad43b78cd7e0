"""Looking again at a turn that crashed, or that another holds who may be dead: then nobody else would come soon."""

import asyncio
from collections.abc import Callable

from conversations.ids import ConversationId

SECONDS = 3.0
MOST_LOOKS = 5
"""Longer in all than a lease lives. What is left waiting then is found by the sweep."""


class LaterLooks:
    """One look is planned for a conversation at a time."""

    def __init__(self, *, kick: Callable[[ConversationId], None]) -> None:
        self._kick = kick
        self._looks: dict[ConversationId, int] = {}
        self._planned: dict[ConversationId, asyncio.TimerHandle] = {}

    def look(self, conversation: ConversationId) -> None:
        """Plans the next look, unless there were enough. What shoppers send meanwhile uses up none of them."""
        if planned := self._planned.pop(conversation, None):
            planned.cancel()
        if self._looks.get(conversation, 0) >= MOST_LOOKS:
            self.forget(conversation)
            return
        loop = asyncio.get_running_loop()
        self._planned[conversation] = loop.call_later(SECONDS, self._run, conversation)

    def forget(self, conversation: ConversationId) -> None:
        """There is nothing to look for any more."""
        self._looks.pop(conversation, None)
        if planned := self._planned.pop(conversation, None):
            planned.cancel()

    def _run(self, conversation: ConversationId) -> None:
        self._planned.pop(conversation, None)
        self._looks[conversation] = self._looks.get(conversation, 0) + 1
        self._kick(conversation)
