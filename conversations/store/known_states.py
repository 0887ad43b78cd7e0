"""The states that this process made last: who takes their next turn need not open them again.

A process knows the states that it made last : it tells Redis the version, and gets the state only where that is not
the newest. What is known is of this very box, so it goes with the key, and it is believed no further than what
Redis keeps.
"""

from collections import OrderedDict
from functools import partial
from weakref import ref

import msgspec

from conversations.events import Recorded
from conversations.ids import ConversationId
from conversations.state import ConversationState, fold
from conversations.store.sealing import Box

MOST = 256
"""So many conversations a process talks in at once without opening what it knows."""


class Known(msgspec.Struct, frozen=True, gc=False):
    """A state, and how much of it Redis keeps whole."""

    state: ConversationState
    whole: int
    """The version at which this process wrote it whole; what came since stands behind that."""


class KnownStates:
    """One state a box, given up with the oldest. What is known is believed where Redis says that it is the newest.

    A box is handed out anew each minute, as long as its key is there. It is not held here, and with it its state
    goes: no state is known longer than the key that it was opened with.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[ConversationId, tuple[ref[Box], Known]] = OrderedDict()

    def find(self, box: Box) -> Known | None:
        """The state that was kept for this very box."""
        name = box.identity.conversation
        if name not in self._known:
            return None
        held, known = self._known[name]
        if held() is box:
            return known
        self.forget(name)
        return None

    def keep(self, box: Box, state: ConversationState, *, whole: int) -> None:
        """Keeps it, unless a newer one is known; of one, that most of it is kept whole."""
        before, name = self.find(box), box.identity.conversation
        if before is None or (before.state.version, before.whole) < (state.version, whole):
            self._known[name] = ref(box, partial(self._let_go, name)), Known(state, whole)
        self._known.move_to_end(name)
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    def move(self, box: Box, events: tuple[Recorded, ...]) -> None:
        """Moves what is known on by events that follow it; where they do not, it is known no more."""
        known = self.find(box)
        if known is None:
            return
        if events[0].seq == known.state.version + 1:
            self.keep(box, fold(known.state, events), whole=known.whole)
        else:
            self.forget(box.identity.conversation)

    def _let_go(self, name: ConversationId, gone: ref[Box]) -> None:
        if name in self._known and self._known[name][0] is gone:
            self.forget(name)

    def forget(self, conversation: ConversationId) -> None:
        """Gives up what is known of it."""
        self._known.pop(conversation, None)
