"""The lines of the lanes: from node to node, and to the fold of a turn whose nodes are folded away. Pure."""

from collections.abc import Iterator, Mapping

import msgspec

from conversations.graph import Edge, Graph

BOX = 107
BOX_HEIGHT = 24
RING = 3


class End(msgspec.Struct, frozen=True, kw_only=True):
    """Where the lines of a node end."""

    name: str
    """The node; of one that is folded away its column in the fold, where its lines end."""
    turn: int
    x: int
    y: int
    is_folded: bool
    is_lit: bool


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """A line between two nodes, or between the bands that they are folded into."""

    path: str
    source: str
    target: str
    is_far: bool
    is_lit: bool
    is_folded: bool
    """It ends at a fold, in a small ring."""


def draw_lines(graph: Graph, *, ends: Mapping[str, End]) -> tuple[Drawn, ...]:
    """Every line but those within one fold. Of those with the same two ends where one is a fold there is one, lit where
    any of them is.
    """
    drawn: list[Drawn] = []
    at_folds: dict[tuple[str, str], Drawn] = {}
    for edge in list_drawn(graph):
        source, target = ends.get(edge.source), ends.get(edge.target)
        if source is None or target is None:
            continue
        line = _draw(source, target)
        if not line.is_folded:
            drawn.append(line)
        elif source.turn != target.turn:
            key = (line.source, line.target)
            if key not in at_folds or line.is_lit:
                at_folds[key] = line
    return (*drawn, *at_folds.values())


def list_drawn(graph: Graph) -> Iterator[Edge]:
    """The edges between drawn nodes, and for each decision one to the reply that it stands behind."""
    replies = {edge.target: edge.source for edge in graph.edges if edge.kind == "closes"}
    for edge in graph.edges:
        if edge.kind == "decided_in" and edge.target in replies:
            yield Edge(kind="closes", source=edge.source, target=replies[edge.target])
        else:
            yield edge


def _draw(source: End, target: End) -> Drawn:
    left, right = (source, target) if source.x <= target.x else (target, source)
    y1, y2 = left.y + BOX_HEIGHT // 2, right.y + BOX_HEIGHT // 2
    if left.x == right.x:
        x1 = x2 = left.x
        out, into = x1 - 18, x2 - 18
    else:
        x1, x2 = left.x + BOX, right.x
        bend = max(16, (x2 - x1) // 2)
        out, into = x1 + bend, x2 - bend
    rings = "".join(
        f" M{x - RING} {y}a{RING} {RING} 0 1 0 {2 * RING} 0a{RING} {RING} 0 1 0 {-2 * RING} 0"
        for end, x, y in ((left, x1, y1), (right, x2, y2))
        if end.is_folded
    )
    return Drawn(
        path=f"M{x1} {y1} C{out} {y1} {into} {y2} {x2} {y2}{rings}",
        source=source.name,
        target=target.name,
        is_far=source.turn != target.turn,
        is_lit=source.is_lit and target.is_lit,
        is_folded=source.is_folded or target.is_folded,
    )
