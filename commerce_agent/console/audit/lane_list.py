"""The lanes as a nested list: the same nodes, lines and path as the drawing, for whoever hears or prints it. Pure."""

from collections import defaultdict
from itertools import groupby

import msgspec

from commerce_agent.agent.explain.plain import tell_name
from commerce_agent.console.audit.lane_lines import list_drawn
from commerce_agent.console.audit.lanes import COLUMNS, Lanes, Placed
from conversations.graph import EdgeKind, Graph

RELATIONS: dict[EdgeKind, tuple[str, str]] = {
    "taken_by": ("answered in", "answers"),
    "answers": ("answers", "answered by"),
    "closes": ("closes", "closed by"),
    "said_in": ("said in", "has the words"),
    "named_in": ("named in", "names"),
    "meant": ("meant", "was meant by"),
    "may_mean": ("may have meant", "may have been meant by"),
    "stated_in": ("stated in", "states"),
    "superseded_by": ("replaced by", "took the place of"),
    "withdrawn_in": ("ended in", "ended"),
    "about": ("about", "is known by"),
    "replaced_by": ("newer answer", "older answer"),
    "told_in": ("told in", "told"),
    "shown_in": ("shown in", "showed"),
    "introduced_in": ("came up in", "brought up"),
    "decided_in": ("decided in", "decided by"),
    "understood": ("understood", "understood by"),
    "applied": ("applied", "applied by"),
    "rests_on": ("rests on", "is ground of"),
    "kept": ("kept", "kept by"),
    "rejected": ("rejected", "rejected by"),
}
"""What an edge says of its target, and what of its source."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the drawing, told from the node that it leaves."""

    kind: str
    words: str
    note: str
    node: str
    """The one that it leads to."""
    says: str
    turn: int
    """The band that one stands in."""
    is_far: bool
    is_lit: bool


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A node, and the lines that leave it."""

    node: Placed
    lines: tuple[Line, ...]


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """The nodes of one kind in a turn."""

    title: str
    entries: tuple[Listed, ...]


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """A turn."""

    turn: int
    counts: str
    columns: tuple[Column, ...]
    lit: int
    """How many of its nodes are on the path to the answer."""


def list_lanes(graph: Graph, *, lanes: Lanes) -> tuple[Chapter, ...]:
    """Every band, open or folded, with each line of the graph told once."""
    placed = {node.id: node for band in lanes.bands for node in band.nodes}
    lines: dict[str, list[Line]] = defaultdict(list)
    for edge in list_drawn(graph):
        source, target = placed.get(edge.source), placed.get(edge.target)
        if source is None or target is None:
            continue
        lines[source.id].append(
            Line(
                kind=edge.kind,
                words=RELATIONS[edge.kind][0],
                note=tell_name(edge.note),
                node=target.id,
                says=target.says,
                turn=target.turn,
                is_far=source.turn != target.turn,
                is_lit=source.is_lit and target.is_lit,
            )
        )
    titles = dict(COLUMNS)
    return tuple(
        Chapter(
            turn=band.turn,
            counts=band.counts,
            columns=tuple(
                Column(
                    title=titles[kind],
                    entries=tuple(Listed(node=node, lines=tuple(lines[node.id])) for node in nodes),
                )
                for kind, nodes in groupby(band.nodes, key=lambda node: node.kind)
            ),
            lit=sum(node.is_lit for node in band.nodes),
        )
        for band in lanes.bands
    )
