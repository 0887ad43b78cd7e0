"""The conversation graph: mention → entity → fact → decision, folded from the journal when it is asked for."""

from collections.abc import Iterable

from conversations.events import Recorded
from conversations.graph.drafting import Draft
from conversations.graph.nodes import (
    ConstraintNode,
    DecisionNode,
    Edge,
    EdgeKind,
    EntityNode,
    FactNode,
    Graph,
    Mention,
    Message,
    Node,
    TurnNode,
)
from conversations.graph.queries import (
    Grounds,
    Mentioned,
    NoSuchNode,
    Told,
    Weighed,
    get_grounds,
    list_appearances,
    list_mentions,
    list_reachable,
    list_told,
)

__all__ = [
    "ConstraintNode",
    "DecisionNode",
    "Edge",
    "EdgeKind",
    "EntityNode",
    "FactNode",
    "Graph",
    "Grounds",
    "Mention",
    "Mentioned",
    "Message",
    "NoSuchNode",
    "Node",
    "Told",
    "TurnNode",
    "Weighed",
    "apply_graph",
    "build_graph",
    "get_grounds",
    "list_appearances",
    "list_mentions",
    "list_reachable",
    "list_told",
]


def build_graph(events: Iterable[Recorded]) -> Graph:
    """The graph of a journal, in time linear in its length."""
    draft = Draft(graph=Graph())
    for recorded in events:
        draft.note(recorded)
    return draft.freeze()


def apply_graph(graph: Graph, recorded: Recorded) -> Graph:
    """The graph after one more event. It copies what is there: to add many, build anew."""
    return Draft(graph=graph).note(recorded).freeze()
