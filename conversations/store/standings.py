"""Where this process last saw conversations: guesses, which the statement that is made by one checks."""

import msgspec

from conversations.ids import ClientMessageId, ConversationId
from conversations.store.append import Head

MOST = 4096
"""Of so many conversations a process remembers where it last saw them; what is wrong is noticed and looked up."""


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as it was seen last."""

    head: Head
    turns: int = 0
    """Turns begun, where what waits is known."""
    waiting: tuple[ClientMessageId, ...] | None = None
    """The messages without an answer, in order; None where not all of them were seen, or a turn runs."""

    def after_message(self, *, head: Head, cid: ClientMessageId) -> "Stand":
        """The same with one more message, which moved the conversation on to `head`."""
        waiting = None if self.waiting is None else (*self.waiting, cid)
        return Stand(head=head, turns=self.turns, waiting=waiting)


class Standings:
    """The conversations that this process saw last, the oldest sight given up first."""

    def __init__(self) -> None:
        self._seen: dict[ConversationId, Stand] = {}

    def find(self, conversation: ConversationId) -> Stand | None:
        """Where it was seen last, if it was."""
        return self._seen.get(conversation)

    def note(self, conversation: ConversationId, stand: Stand) -> None:
        """Remembers where it stands now."""
        self._seen.pop(conversation, None)
        self._seen[conversation] = stand
        if len(self._seen) > MOST:
            self._seen.pop(next(iter(self._seen)))
