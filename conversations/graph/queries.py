"""Questions to the graph, with exact answers."""

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from conversations.events.constraints import Constraint
from conversations.events.facts import Fact
from conversations.graph.drafting import name_entity, name_turn
from conversations.graph.nodes import (
    ConstraintNode,
    DecisionNode,
    EdgeKind,
    EntityNode,
    FactNode,
    Graph,
    Mention,
    Message,
    Node,
    NodeId,
    TurnNode,
)
from conversations.ids import EntityRef

AnyNode = TypeVar("AnyNode", bound=Node)


class NoSuchNode(Exception):
    """The graph has no such node. Ask for one of those that `Graph.nodes` lists."""

    def __init__(self, *, node: NodeId) -> None:
        super().__init__(f"This conversation's graph has no {node!r}.")
        self.node = node


class Mentioned(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of words that pointed at an item."""

    mention: Mention
    messages: tuple[Message, ...]
    certain: bool
    """False where it was one of several that the words may have meant."""


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """An item that a decision kept or rejected."""

    ref: EntityRef
    name: str
    kept: bool
    rule: str


class Grounds(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision rested on."""

    decision: DecisionNode
    messages: tuple[Message, ...]
    """Those that it answered."""
    mentions: tuple[Mention, ...]
    constraints: tuple[Constraint, ...]
    facts: tuple[Fact, ...]
    weighed: tuple[Weighed, ...]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that a reply told the shopper."""

    fact: Fact
    turn: int
    replaced_by: Fact | None
    """The next answer to the same question, where one was observed since."""


def list_mentions(graph: Graph, *, ref: EntityRef) -> tuple[Mentioned, ...]:
    """Every mention of an item, in the shopper's words and in replies, in order, uncertain ones included."""
    entity = name_entity(ref)
    found: list[Mentioned] = []
    for edge in graph.edges:
        if edge.target == entity and edge.kind in ("meant", "may_mean"):
            mention = _get(graph, edge.source, Mention)
            found.append(
                Mentioned(
                    mention=mention, messages=_list_saying(graph, mention), certain=edge.kind == "meant"
                )
            )
    return tuple(found)


def _list_saying(graph: Graph, mention: Mention) -> tuple[Message, ...]:
    """The messages that have the words: the shopper's, or the reply of the turn that names the item."""
    replies = (
        reply
        for turn in _list_targets(graph, mention.id, "named_in", TurnNode)
        for reply in _list_sources(graph, turn.id, "closes", Message)
    )
    return (*_list_targets(graph, mention.id, "said_in", Message), *replies)


def list_appearances(graph: Graph, *, ref: EntityRef) -> tuple[int, ...]:
    """The turns in which an item was shown or otherwise introduced, each once, in order."""
    entity = name_entity(ref)
    turns = (
        _get(graph, edge.target, TurnNode).number
        for edge in graph.edges
        if edge.source == entity and edge.kind in ("shown_in", "introduced_in")
    )
    return tuple(dict.fromkeys(turns))


def get_grounds(graph: Graph, *, decision: str) -> Grounds:
    """What a decision rested on; raises `NoSuchNode`."""
    node = _get(graph, f"decision:{decision}", DecisionNode)
    weighed = tuple(
        Weighed(
            ref=_get(graph, edge.target, EntityNode).ref,
            name=graph.names.get(edge.target, ""),
            kept=edge.kind == "kept",
            rule=edge.note,
        )
        for edge in graph.edges
        if edge.source == node.id and edge.kind in ("kept", "rejected")
    )
    return Grounds(
        decision=node,
        messages=tuple(_list_sources(graph, name_turn(node.turn), "taken_by", Message)),
        mentions=tuple(_list_targets(graph, node.id, "understood", Mention)),
        constraints=tuple(
            each.constraint for each in _list_targets(graph, node.id, "applied", ConstraintNode)
        ),
        facts=tuple(each.fact for each in _list_targets(graph, node.id, "rests_on", FactNode)),
        weighed=weighed,
    )


def list_told(graph: Graph, *, about: EntityRef | None = None, turn: int | None = None) -> tuple[Told, ...]:
    """The facts that replies told the shopper, in order; of one item or one turn where that is given."""
    found: list[Told] = []
    for edge in graph.edges:
        if edge.kind != "told_in":
            continue
        fact = _get(graph, edge.source, FactNode).fact
        told_in = _get(graph, edge.target, TurnNode).number
        if about in (None, fact.subject) and turn in (None, told_in):
            newer = next(_list_targets(graph, edge.source, "replaced_by", FactNode), None)
            found.append(Told(fact=fact, turn=told_in, replaced_by=newer.fact if newer else None))
    return tuple(found)


def list_reachable(graph: Graph, *, node: NodeId) -> tuple[NodeId, ...]:
    """Every node that edges lead to from this one, itself left out; raises `NoSuchNode`."""
    if node not in graph.nodes:
        raise NoSuchNode(node=node)
    targets: dict[NodeId, list[NodeId]] = {}
    for edge in graph.edges:
        targets.setdefault(edge.source, []).append(edge.target)
    found: dict[NodeId, None] = {node: None}
    open_ends = [node]
    while open_ends:
        fresh = [target for target in targets.get(open_ends.pop(), ()) if target not in found]
        found.update(dict.fromkeys(fresh))
        open_ends.extend(fresh)
    return tuple(found)[1:]


def _get(graph: Graph, node: NodeId, kind: type[AnyNode]) -> AnyNode:
    found = graph.nodes.get(node)
    if not isinstance(found, kind):
        raise NoSuchNode(node=node)
    return found


def _list_targets(graph: Graph, node: NodeId, kind: EdgeKind, of: type[AnyNode]) -> Iterator[AnyNode]:
    return (_get(graph, edge.target, of) for edge in graph.edges if edge.source == node and edge.kind == kind)


def _list_sources(graph: Graph, node: NodeId, kind: EdgeKind, of: type[AnyNode]) -> Iterator[AnyNode]:
    return (_get(graph, edge.source, of) for edge in graph.edges if edge.target == node and edge.kind == kind)
