"""Where this process last saw conversations: guesses, which the statement that is made by one checks."""

import msgspec

from conversations.events.messages import TurnStarted
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
    begun: bool = False
    """Whether a turn was begun with the last message, by this process, and not taken yet: the head has its token."""

    def after_message(self, *, head: Head, cid: ClientMessageId) -> "Stand":
        """The same with one more message, which moved the conversation on to `head`."""
        waiting = None if self.waiting is None else (*self.waiting, cid)
        return Stand(head=head, turns=self.turns, waiting=waiting)

    def find_start(self, cid: ClientMessageId) -> TurnStarted | None:
        """The start of the turn that answers the next message and nothing else; None where more may wait."""
        return TurnStarted(turn=self.turns + 1, cids=(cid,)) if self.waiting == () else None


class Standings:
    """The conversations that this process saw last, the oldest sight given up first."""

    def __init__(self) -> None:
        self._seen: dict[ConversationId, Stand] = {}

    def find(self, conversation: ConversationId) -> Stand | None:
        """Where it was seen last, if it was."""
        return self._seen.get(conversation)

    def take_begun(self, conversation: ConversationId) -> Head | None:
        """Where the turn stands that was begun here with its message; once."""
        stand = self._seen.get(conversation)
        if stand is None or not stand.begun:
            return None
        self._seen[conversation] = Stand(head=stand.head)
        return stand.head

    def note(self, conversation: ConversationId, stand: Stand) -> None:
        """Remembers where it stands now."""
        self._seen.pop(conversation, None)
        self._seen[conversation] = stand
        if len(self._seen) > MOST:
            self._seen.pop(next(iter(self._seen)))
