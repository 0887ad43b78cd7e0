"""The states that this process made or opened last: who takes its next turn need not open them again."""

from collections import OrderedDict
from functools import partial
from weakref import ref

from conversations.events import Recorded
from conversations.ids import ConversationId
from conversations.state import ConversationState, fold
from conversations.store.sealing import Box

MOST = 256
"""So many conversations a process talks in at once without opening what it knows."""


class KnownStates:
    """One state a box, given up with the oldest. What is known is believed where Redis says that it is the newest.

    A box is handed out anew each minute, as long as its key is there. It is not held here, and with it its state
    goes: no state is known longer than the key that it was opened with.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[ConversationId, tuple[ref[Box], ConversationState]] = OrderedDict()

    def find(self, box: Box) -> ConversationState | None:
        """The state that was kept for this very box."""
        name = box.identity.conversation
        if name not in self._known:
            return None
        held, state = self._known[name]
        if held() is box:
            return state
        self.forget(name)
        return None

    def keep(self, box: Box, state: ConversationState) -> None:
        """Keeps it, unless a newer one is known."""
        before, name = self.find(box), box.identity.conversation
        if before is None or before.version < state.version:
            self._known[name] = ref(box, partial(self._let_go, name)), state
        self._known.move_to_end(name)
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    def move(self, box: Box, events: tuple[Recorded, ...]) -> None:
        """Moves what is known on by events that follow it; where they do not, it is known no more."""
        state = self.find(box)
        if state is None:
            return
        if events[0].seq == state.version + 1:
            self.keep(box, fold(state, events))
        else:
            self.forget(box.identity.conversation)

    def _let_go(self, name: ConversationId, gone: ref[Box]) -> None:
        if name in self._known and self._known[name][0] is gone:
            self.forget(name)

    def forget(self, conversation: ConversationId) -> None:
        """Gives up what is known of it."""
        self._known.pop(conversation, None)
