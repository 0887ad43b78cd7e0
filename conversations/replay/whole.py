"""All that a conversation's events say at one version: the state that turns work from, and its graph."""

from functools import cached_property

from conversations.events import Recorded
from conversations.graph import Graph, build_graph
from conversations.state import ConversationState, fold, recall


class WholeState:
    """The state of a conversation at one version, whole: each part is folded of the same events when it is asked for.

    What a turn works from is `state`, and what Redis keeps. `graph` is the part that grows with the talk, and that no
    turn reads.
    """

    def __init__(self, events: tuple[Recorded, ...]) -> None:
        """From the first event on, without a gap."""
        self._events = events

    @property
    def version(self) -> int:
        """The seq of the last event."""
        return self._events[-1].seq if self._events else 0

    @cached_property
    def state(self) -> ConversationState:
        """What a turn works from."""
        return fold(ConversationState(), self._events)

    @cached_property
    def recalled(self) -> ConversationState:
        """The same with everything that ever came up."""
        return recall(self._events)

    @cached_property
    def graph(self) -> Graph:
        """How everything that ever came up hangs together."""
        return build_graph(self._events)
