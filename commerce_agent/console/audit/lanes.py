"""Lays a conversation's graph out in turn lanes: a band a turn, a column a kind. Pure; the template draws it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from commerce_agent.agent.explain.plain import tell_constraint, tell_fact, tell_name
from commerce_agent.console.audit.lane_lines import Drawn, End, draw_lines
from conversations.events import Recorded
from conversations.graph import (
    ConstraintNode,
    DecisionNode,
    EntityNode,
    FactNode,
    Graph,
    Mention,
    Message,
    Node,
    TurnNode,
)

COLUMNS = (
    ("message", "Shopper said"),
    ("mention", "Words that point"),
    ("constraint", "Terms"),
    ("entity", "Items"),
    ("fact", "Facts"),
    ("decision", "Decision"),
    ("reply", "Reply"),
)
PLACES = {kind: place for place, (kind, _) in enumerate(COLUMNS)}
OPEN_TURNS = 12
"""Of a longer conversation only the last so many bands are open, unless the address says which."""
COLUMN = 120
STEP = 30
BAND_HEAD = 26
BAND_GAP = 6
LEFT = 66
TOP = 34
LABEL = 12


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A node and where it stands."""

    id: str
    kind: str
    turn: int
    label: str
    says: str
    """The whole, for whoever hears it or points at it."""
    is_out: bool
    row: int
    x: int
    y: int
    is_lit: bool
    is_chosen: bool

    @property
    def column(self) -> int:
        """The number of its column."""
        return PLACES[self.kind]

    @property
    def text_y(self) -> int:
        """Where its words stand."""
        return self.y + 16

    @property
    def text_x(self) -> int:
        """Where its words begin."""
        return self.x + 12


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """A turn."""

    turn: int
    y: int
    height: int
    is_open: bool
    is_odd: bool
    counts: str
    nodes: tuple[Placed, ...]
    toggle: str = ""
    """The bands that are open once this one is folded or unfolded, as an address carries it."""

    @property
    def text_y(self) -> int:
        """Where its name stands."""
        return self.y + 17


class Lanes(msgspec.Struct, frozen=True, kw_only=True):
    """The whole drawing."""

    width: int
    height: int
    opened: str
    """The bands that are open, as an address carries it."""
    heads: tuple[tuple[int, str], ...]
    bands: tuple[Band, ...]
    edges: tuple[Drawn, ...]

    @property
    def nodes(self) -> tuple[Placed, ...]:
        """The nodes that are drawn, in reading order."""
        return tuple(node for band in self.bands if band.is_open for node in band.nodes)


def lay_out(
    graph: Graph,
    *,
    events: Iterable[Recorded],
    opened: frozenset[int] | None,
    chosen: str,
    lit: frozenset[str],
) -> Lanes:
    """The lanes of a graph. `opened` names the bands that are open; None leaves it to their number."""
    turns = find_turns(graph, events=events)
    members: dict[int, list[Node]] = defaultdict(list)
    for name, turn in turns.items():
        members[turn].append(graph.nodes[name])
    numbers = sorted(members)
    shown = frozenset({*numbers[-OPEN_TURNS:], turns.get(chosen, 0)}) if opened is None else opened
    look = _Look(graph=graph, rejected=_list_rejected(graph), chosen=chosen, lit=lit)
    bands: list[Band] = []
    y = TOP
    for place, turn in enumerate(numbers):
        band = _lay_band(
            members[turn], turn=turn, y=y, is_open=turn in shown, is_odd=bool(place % 2), look=look
        )
        bands.append(band)
        y += band.height + BAND_GAP
    bands = [
        msgspec.structs.replace(band, toggle=write_open(shown ^ {band.turn}, of=numbers)) for band in bands
    ]
    return Lanes(
        width=LEFT + COLUMN * len(COLUMNS),
        height=y + BAND_GAP,
        opened=write_open(shown, of=numbers),
        heads=tuple((LEFT + COLUMN * place, title) for place, (_, title) in enumerate(COLUMNS)),
        bands=tuple(bands),
        edges=draw_lines(graph, ends=_list_ends(bands)),
    )


def write_open(turns: Iterable[int], *, of: Iterable[int]) -> str:
    """Some of the bands, as an address carries them."""
    there = frozenset(of)
    return ",".join(str(turn) for turn in sorted(turns) if turn in there)


def find_turns(graph: Graph, *, events: Iterable[Recorded]) -> dict[str, int]:
    """The band of each node that is drawn: its own turn, the turn that took a message, or the turn before it."""
    of_seq: dict[int, int] = {}
    before = 0
    for recorded in events:
        before = max(before, recorded.turn)
        of_seq[recorded.seq] = recorded.turn or before
    taken = {
        edge.source: node.number
        for edge in graph.edges
        if edge.kind in ("taken_by", "closes") and isinstance(node := graph.nodes[edge.target], TurnNode)
    }
    return {
        name: taken.get(name) or of_seq.get(node.seq, 0)
        for name, node in graph.nodes.items()
        if not isinstance(node, TurnNode)
    }


def find_kind(node: Node) -> str:
    """The column of a node."""
    match node:
        case Message():
            return "message" if node.by == "shopper" else "reply"
        case Mention():
            return "mention"
        case ConstraintNode():
            return "constraint"
        case EntityNode():
            return "entity"
        case FactNode():
            return "fact"
        case DecisionNode():
            return "decision"
        case TurnNode():
            return "turn"


def tell_node(node: Node, *, graph: Graph) -> str:
    """A node in a few words."""
    match node:
        case Message():
            return f"{node.name}: {node.text}" if node.name else node.text
        case Mention():
            return f"“{node.reference.text}”" if node.reference.text else node.reference.outcome
        case ConstraintNode():
            return tell_constraint(node.constraint)
        case EntityNode():
            return graph.names.get(node.id, node.ref.key) or node.ref.key
        case FactNode():
            return f"{tell_name(node.fact.name)}: {tell_fact(node.fact.value)}"
        case DecisionNode():
            return f"Decision of turn {node.turn}"
        case TurnNode():
            return f"Turn {node.number}"


def _tell_subject(node: Node, *, graph: Graph) -> str:
    """What a fact is about; the others say it themselves."""
    if not isinstance(node, FactNode):
        return ""
    subject = node.fact.subject
    name = graph.names.get(f"entity:{subject.kind}:{subject.key}", "")
    return f"{name} ({subject.key})" if name else subject.key


def say_node(node: Node, *, graph: Graph) -> str:
    """A node for whoever does not see the drawing: a fact with what it is about."""
    if isinstance(node, EntityNode) and (name := graph.names.get(node.id)):
        return f"{name} ({node.ref.key})"
    about = _tell_subject(node, graph=graph)
    told = tell_node(node, graph=graph)
    return f"{about}, {told}" if about else told


def light_path(graph: Graph, *, node: str) -> frozenset[str]:
    """The nodes between this one and the answers that it had a part in, and those that it came from."""
    if node not in graph.nodes:
        return frozenset()
    down: dict[str, list[str]] = defaultdict(list)
    up: dict[str, list[str]] = defaultdict(list)
    for edge in graph.edges:
        if edge.kind in (
            "superseded_by",
            "replaced_by",
            "withdrawn_in",
            "shown_in",
            "introduced_in",
            "told_in",
        ):
            continue
        down[edge.source].append(edge.target)
        up[edge.target].append(edge.source)
    lit = {node, *_reach(node, by=up, stops_at=DecisionNode, graph=graph)}
    decisions = [name for name in lit if isinstance(graph.nodes[name], DecisionNode)]
    if isinstance(graph.nodes[node], Message) and find_kind(graph.nodes[node]) == "reply":
        decisions += [
            each for turn in down[node] for each in up[turn] if isinstance(graph.nodes[each], DecisionNode)
        ]
        lit.update(
            name for decision in decisions for name in _reach(decision, by=down, stops_at=None, graph=graph)
        )
    elif isinstance(graph.nodes[node], DecisionNode):
        lit.update(_reach(node, by=down, stops_at=None, graph=graph))
    else:
        lit.update(_reach(node, by=down, stops_at=None, graph=graph))
    for decision in decisions:
        lit.add(decision)
        for turn in down[decision]:
            if isinstance(graph.nodes[turn], TurnNode):
                lit.update(each for each in up[turn] if find_kind(graph.nodes[each]) == "reply")
    return frozenset(lit)


def _reach(
    start: str, *, by: Mapping[str, list[str]], stops_at: type[Node] | None, graph: Graph
) -> frozenset[str]:
    """Everything that edges lead to, not through turns, and not beyond what it stops at."""
    found: set[str] = set()
    ends = [start]
    while ends:
        here = ends.pop()
        if here != start and (
            isinstance(graph.nodes[here], TurnNode) or (stops_at and isinstance(graph.nodes[here], stops_at))
        ):
            continue
        fresh = [each for each in by.get(here, ()) if each not in found]
        found.update(fresh)
        ends.extend(fresh)
    return frozenset(name for name in found if not isinstance(graph.nodes[name], TurnNode))


def _list_rejected(graph: Graph) -> dict[str, str]:
    """The items that were only ever rejected, each with the rule."""
    kept = {edge.target for edge in graph.edges if edge.kind == "kept"}
    return {
        edge.target: edge.note for edge in graph.edges if edge.kind == "rejected" and edge.target not in kept
    }


class _Look(msgspec.Struct, frozen=True, kw_only=True):
    graph: Graph
    rejected: Mapping[str, str]
    chosen: str
    lit: frozenset[str]


def _lay_band(nodes: list[Node], *, turn: int, y: int, is_open: bool, is_odd: bool, look: _Look) -> Band:
    columns: dict[str, int] = defaultdict(int)
    placed: list[Placed] = []
    for node in nodes:
        kind = find_kind(node)
        row = columns[kind]
        columns[kind] += 1
        label = tell_node(node, graph=look.graph)
        says = say_node(node, graph=look.graph)
        if rule := look.rejected.get(node.id):
            says = f"{says}, rejected by {tell_name(rule)}"
        placed.append(
            Placed(
                id=node.id,
                kind=kind,
                turn=turn,
                label=label if len(label) <= LABEL else f"{label[: LABEL - 1]}…",
                says=says,
                is_out=node.id in look.rejected,
                row=y + row,
                x=LEFT + COLUMN * PLACES[kind],
                y=y + BAND_HEAD + STEP * row if is_open else y + 4,
                is_lit=node.id in look.lit,
                is_chosen=node.id == look.chosen,
            )
        )
    titles = dict(COLUMNS)
    return Band(
        turn=turn,
        y=y,
        height=BAND_HEAD + (STEP * max(columns.values(), default=0) + 4 if is_open else 0),
        is_open=is_open,
        is_odd=is_odd,
        counts=" · ".join(f"{titles[kind].lower()} {columns[kind]}" for kind, _ in COLUMNS if columns[kind]),
        nodes=tuple(sorted(placed, key=lambda each: (each.column, each.row))),
    )


def _list_ends(bands: Iterable[Band]) -> dict[str, End]:
    return {
        node.id: End(
            name=node.id if band.is_open else f"fold:{band.turn}:{node.kind}",
            turn=band.turn,
            x=node.x,
            y=node.y if band.is_open else band.y + 1,
            is_folded=not band.is_open,
            is_lit=node.is_lit,
        )
        for band in bands
        for node in band.nodes
    }
