"""What the graph is made of: nodes and the typed edges between them."""

from datetime import datetime
from typing import Literal

import msgspec

from conversations.events.constraints import Constraint
from conversations.events.entities import Reference
from conversations.events.facts import Fact
from conversations.ids import EntityRef

NodeId = str
"""The node's kind and its own name: `fact:f12`, `entity:variant:SKU-4821`, `turn:3`."""


class Message(msgspec.Struct, frozen=True, kw_only=True, tag="message"):
    """Words of one side: of the shopper, of a person of the shop's, or the reply that closed a turn."""

    id: NodeId
    by: Literal["shopper", "assistant", "person"]
    text: str
    seq: int
    at: datetime
    name: str = ""
    """Of the person, as the shopper read it."""


class TurnNode(msgspec.Struct, frozen=True, kw_only=True, tag="turn"):
    """The answer to the messages it took; what was shown, told and decided hangs on it."""

    id: NodeId
    number: int
    seq: int


class Mention(msgspec.Struct, frozen=True, kw_only=True, tag="mention"):
    """A stretch of words that pointed at something: the shopper's, or an item's name in a reply."""

    id: NodeId
    reference: Reference
    turn: int
    seq: int
    by: Literal["shopper", "assistant"] = "shopper"


class EntityNode(msgspec.Struct, frozen=True, kw_only=True, tag="entity"):
    """Something the conversation can point at. What it is called stands in `Graph.names`, which may change."""

    id: NodeId
    ref: EntityRef
    seq: int
    """The event in which it first came up."""


class ConstraintNode(msgspec.Struct, frozen=True, kw_only=True, tag="constraint"):
    """A term as the shopper stated it."""

    id: NodeId
    constraint: Constraint
    seq: int


class FactNode(msgspec.Struct, frozen=True, kw_only=True, tag="fact"):
    """An answer of the shop's systems."""

    id: NodeId
    fact: Fact
    seq: int


class DecisionNode(msgspec.Struct, frozen=True, kw_only=True, tag="decision"):
    """The reasons of one reply."""

    id: NodeId
    decision: str
    turn: int
    planner: str
    seq: int


Node = Message | TurnNode | Mention | EntityNode | ConstraintNode | FactNode | DecisionNode

EdgeKind = Literal[
    "taken_by",  # message → turn: the turn answers it
    "closes",  # message → turn: the reply that ended it
    "answers",  # message → message: a person's words, and the shopper's that they had read
    "said_in",  # mention → message
    "named_in",  # mention → turn, whose reply has the words
    "meant",  # mention → entity
    "may_mean",  # mention → entity, where the shopper was asked which
    "stated_in",  # constraint → message
    "superseded_by",  # constraint → constraint
    "withdrawn_in",  # constraint → turn
    "about",  # fact → entity
    "replaced_by",  # fact → fact: a newer answer to the same question
    "told_in",  # fact → turn: the reply told it
    "shown_in",  # entity → turn: put before the shopper as a list
    "introduced_in",  # entity → turn: named, in the cart, ordered, on the page
    "decided_in",  # decision → turn
    "understood",  # decision → mention
    "applied",  # decision → constraint
    "rests_on",  # decision → fact
    "kept",  # decision → entity
    "rejected",  # decision → entity
]


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """A typed link between two nodes that both exist."""

    kind: EdgeKind
    source: NodeId
    target: NodeId
    note: str = ""
    """The rule that kept or rejected, the reason of a withdrawal, how an item came up."""


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in a journal and how it hangs together, up to one version."""

    version: int = 0
    """The seq of the last event that it has seen."""
    nodes: dict[NodeId, Node] = {}
    """In the order in which they came."""
    edges: tuple[Edge, ...] = ()
    """In the order in which they came, none twice."""
    names: dict[NodeId, str] = {}
    """What each entity was last called."""
    newest: dict[str, NodeId] = {}
    """The latest fact of each subject and name."""
