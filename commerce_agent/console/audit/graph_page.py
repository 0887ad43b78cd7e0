"""The conversation's graph in turn lanes, with a panel for one node, and the same as a nested list."""

from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from commerce_agent.agent.explain.plain import SOURCES, tell_fact, tell_name
from commerce_agent.console.audit.gate import Look, looked_at, read_number
from commerce_agent.console.audit.lane_lines import BOX, BOX_HEIGHT
from commerce_agent.console.audit.lane_list import RELATIONS, list_lanes
from commerce_agent.console.audit.lanes import (
    COLUMNS,
    find_kind,
    lay_out,
    light_path,
    say_node,
)
from commerce_agent.console.audit.notes import list_notes
from commerce_agent.console.audit.shell import guard, show_look
from commerce_agent.decoding import decode_json
from commerce_agent.models import CaseFlag
from commerce_agent.tools.answers import AnswersUnreadable, unpack_answers
from conversations.events.decisions import DecisionMade
from conversations.events.facts import Fact, FactsObserved, FactSuperseded
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
    build_graph,
)
from conversations.ids import EntityRef

OF_GOODS = frozenset({"list_items", "list_siblings", "list_offers", "find_policy", "list_promotions"})
"""The questions to the shop whose answers tell of goods and terms, and of nobody."""


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """An edge as the panel tells it."""

    words: str
    note: str
    node: str
    says: str
    turn: int
    """Of a turn, its number: it has a page of its own."""


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """All about one node."""

    id: str
    kind: str
    says: str
    pairs: tuple[tuple[str, str], ...]
    relations: tuple[Relation, ...]
    fact: str


@looked_at("graph")
def show_graph(request: HttpRequest, look: Look) -> HttpResponse:
    """The lanes; `node` chooses one, `open` says which bands are open, `turn` opens one and chooses its decision."""
    graph = build_graph(look.events)
    chosen = request.GET.get("node", "")
    wanted = request.GET.get("turn", "")
    if wanted and not chosen:
        chosen = _find_decision(graph, turn=wanted)
    opened = _read_open(request.GET.get("open"), turn=wanted)
    lanes = lay_out(
        graph, events=look.events, opened=opened, chosen=chosen, lit=light_path(graph, node=chosen)
    )
    return show_look(
        request,
        "graph",
        look,
        tab="graph",
        lanes=lanes,
        chapters=list_lanes(graph, lanes=lanes),
        box=BOX,
        box_height=BOX_HEIGHT,
        columns=COLUMNS,
        chosen=chosen,
        panel=_make_panel(graph, name=chosen) if chosen in graph.nodes else None,
        opened_now=lanes.opened,
        notes=list_notes(look, node=chosen) if chosen else (),
        flagged=frozenset(
            CaseFlag.objects.filter(case=look.row.pk, resolved_at__isnull=True).values_list("turn", flat=True)
        ),
    )


def _find_decision(graph: Graph, *, turn: str) -> str:
    made = (node for node in graph.nodes.values() if isinstance(node, DecisionNode))
    return next((node.id for node in made if str(node.turn) == turn), "")


def _read_open(text: str | None, *, turn: str) -> frozenset[int] | None:
    if text is None:
        return None
    return frozenset(number for part in (*text.split(","), turn) if (number := read_number(part)))


def _make_panel(graph: Graph, *, name: str) -> Panel:
    node = graph.nodes[name]
    relations = []
    for edge in graph.edges:
        if name in (edge.source, edge.target):
            is_out = edge.source == name
            other = graph.nodes[edge.target if is_out else edge.source]
            relations.append(
                Relation(
                    words=RELATIONS[edge.kind][0 if is_out else 1],
                    note=tell_name(edge.note),
                    node=other.id,
                    says=say_node(other, graph=graph),
                    turn=other.number if isinstance(other, TurnNode) else 0,
                )
            )
    return Panel(
        id=name,
        kind=dict(COLUMNS).get(find_kind(node), "Turn"),
        says=say_node(node, graph=graph),
        pairs=_list_pairs(node),
        relations=tuple(relations),
        fact=node.fact.id if isinstance(node, FactNode) else "",
    )


def _list_pairs(node: Node) -> tuple[tuple[str, str], ...]:
    match node:
        case Message():
            return (("At", f"{node.at:%d %b %Y, %H:%M:%S}"), ("Event", str(node.seq)))
        case Mention():
            rules = ", ".join(tell_name(rule) for rule in node.reference.rules)
            return (("By", node.by), ("Outcome", node.reference.outcome), ("Rules", rules or "–"))
        case ConstraintNode():
            return (
                ("Source", SOURCES[node.constraint.source]),
                ("Words", node.constraint.text),
                ("Scope", node.constraint.scope),
                ("Turn", str(node.constraint.turn)),
            )
        case EntityNode():
            return (("Kind", node.ref.kind), ("Key", node.ref.key))
        case FactNode():
            return _list_fact_pairs(node.fact)
        case _:
            return (("Event", str(node.seq)),)


def _list_fact_pairs(fact: Fact) -> tuple[tuple[str, str], ...]:
    until = f"{fact.valid_until:%d %b %Y, %H:%M:%S}" if fact.valid_until else "no limit"
    return (
        ("Value", tell_fact(fact.value)),
        ("Source", f"{fact.source} ({fact.authority})"),
        ("Read at", f"{fact.observed_at:%d %b %Y, %H:%M:%S}"),
        ("Good until", until),
        ("Version", str(fact.version)),
        ("Last known only", "yes" if fact.stale else "no"),
    )


@looked_at("fact")
def show_fact(request: HttpRequest, look: Look, fact: str) -> HttpResponse:
    """A fact as it was recorded, with its event and what the shop's system answered in that turn about its subject."""
    del request
    for recorded in look.events:
        event = recorded.event
        facts: tuple[Fact, ...] = ()
        if isinstance(event, FactsObserved):
            facts = event.facts
        elif isinstance(event, FactSuperseded):
            facts = (event.fact,)
        for each in facts:
            if each.id == fact:
                told: dict[str, Any] = {"seq": recorded.seq, "at": recorded.at, "turn": recorded.turn}
                told["fact"] = msgspec.to_builtins(each)
                told["answered"] = _list_answers(look, turn=recorded.turn, subject=each.subject)
                return guard(JsonResponse(told, json_dumps_params={"indent": 2}))
    raise Http404("The conversation has no such fact.")


def _list_answers(look: Look, *, turn: int, subject: EntityRef) -> list[object]:
    """Each answer about the goods or the terms that the turn was given, question by question, as it is kept for replay;
    empty where the turn kept none. What was asked about somebody is left to the reveal.
    """
    kept = (
        recorded.event.basis.answers
        for recorded in look.events
        if recorded.turn == turn and isinstance(recorded.event, DecisionMade) and recorded.event.basis
    )
    try:
        noted = [each for answers in kept if answers for each in unpack_answers(answers).noted]
    except AnswersUnreadable:
        return []
    return [
        {"question": each.question, "answer": decode_json(each.answer, object)}
        for each in noted
        if each.question.partition(" ")[0] in OF_GOODS and subject.key in bytes(each.answer).decode()
    ]
