"""The graph in turn lanes: drawn on the server, plain links, the same as a list."""

import re
from html import unescape
from itertools import pairwise
from typing import get_args
from xml.etree import ElementTree

import pytest
from django.test import Client

from commerce_agent.console.audit.graph_page import OF_GOODS
from commerce_agent.console.audit.lane_lines import BOX_HEIGHT
from commerce_agent.console.audit.lane_list import RELATIONS
from commerce_agent.console.audit.lanes import OPEN_TURNS, find_kind, find_turns, lay_out, light_path
from conversations.events.facts import FactsObserved
from conversations.graph import DecisionNode, EdgeKind, TurnNode, build_graph, get_grounds
from tests.console.audit.conftest import Kept

SVG = re.compile(r"<svg .*?</svg>", re.DOTALL)


def read_nodes(page: str) -> set[str]:
    drawing = SVG.search(page)
    assert drawing is not None
    return {name.replace("&amp;", "&") for name in re.findall(r'id="n-([^"]+)"', drawing[0])}


LISTED = re.compile(r'data-listed="([^"]+)"( class="lit")?')
LINE = re.compile(r'data-line="([^"]+)" data-to="([^"]+)"( class="lit")?')


def test_the_drawing_and_the_list_hold_the_same(support: Client, kept: Kept) -> None:
    graph = build_graph(kept.held.events)
    every = ",".join(str(turn) for turn in range(17))
    chosen = next(name for name, node in graph.nodes.items() if isinstance(node, DecisionNode))
    page = unescape(support.get(kept.address("graph"), {"open": every, "node": chosen}).content.decode())

    drawn = read_nodes(page)
    listed = {name: bool(lit) for name, lit in LISTED.findall(page)}
    assert drawn == set(listed)
    assert drawn == {name for name, node in graph.nodes.items() if not isinstance(node, TurnNode)}
    # The path to the answer is marked in both, and the one that was chosen is named in both.
    assert {name for name, lit in listed.items() if lit} == light_path(graph, node=chosen)
    assert len(re.findall(r'class="lane-node [^"]*\blit\b', page)) == sum(listed.values())
    assert page.count('aria-current="true"') == 2
    # A turn that holds a part of the path stands open in the list.
    assert page.count("<details open>") == len(re.findall(r"on the path \d+", page))


def test_each_line_of_the_drawing_is_told_once_in_the_list(support: Client, kept: Kept) -> None:
    every = ",".join(str(turn) for turn in range(17))
    chosen = next(
        node.id for node in build_graph(kept.held.events).nodes.values() if isinstance(node, DecisionNode)
    )
    shown = support.get(kept.address("graph"), {"open": every, "node": chosen})
    page = unescape(shown.content.decode())

    told = [
        (name, target, bool(lit))
        for name, rest in re.findall(r'data-listed="([^"]+)"(.*?)(?=data-listed=|$)', page, re.DOTALL)
        for _, target, lit in LINE.findall(rest)
    ]
    drawn = [(line.source, line.target, line.is_lit) for line in shown.context["lanes"].edges]
    assert sorted(told) == sorted(drawn)
    assert len(drawn) == page.count('class="lane-edge')
    assert sum(lit for *_, lit in told) == len(re.findall(r'class="lane-edge[^"]*\blit\b', page))
    assert any(lit for *_, lit in told)
    # What a line means is said: whatever a decision turned down stands with the rule.
    assert {kind for kind, _, _ in LINE.findall(page)} >= {"applied", "rests_on", "kept", "rejected", "meant"}


def test_every_kind_of_line_has_words() -> None:
    assert set(RELATIONS) == set(get_args(EdgeKind))


def test_what_is_folded_away_in_the_drawing_keeps_its_lines_in_the_list(support: Client, kept: Kept) -> None:
    address = kept.address("graph")
    folded, unfolded = (
        support.get(address, {"open": opened}).content.decode()
        for opened in ("", ",".join(str(turn) for turn in range(17)))
    )

    assert LINE.findall(folded) == LINE.findall(unfolded) != []


def test_a_long_conversation_is_folded_but_for_its_last_turns(support: Client, kept: Kept) -> None:
    shown = support.get(kept.address("graph"))
    bands = shown.context["lanes"].bands

    assert [band.turn for band in bands if band.is_open] == list(range(17 - OPEN_TURNS, 17))
    folded = bands[0]
    assert (folded.turn, folded.is_open) == (1, False)
    # What is folded is counted, and still stands in the list.
    assert "decision 1" in folded.counts
    assert len(read_nodes(shown.content.decode())) < shown.content.decode().count("data-listed")

    opened = support.get(kept.address("graph"), {"open": folded.toggle}).context["lanes"]
    assert opened.bands[0].is_open


def test_lines_of_a_folded_turn_end_at_its_fold(support: Client, kept: Kept) -> None:
    graph, address = build_graph(kept.held.events), kept.address("graph")
    turns = find_turns(graph, events=kept.held.events)
    every = ",".join(str(turn) for turn in range(17))
    whole = support.get(address, {"open": every}).context["lanes"].edges
    between = {frozenset((turns[line.source], turns[line.target])) for line in whole if line.is_far}
    assert any(max(pair) < 17 - OPEN_TURNS for pair in between)

    shown = support.get(address)
    lanes = shown.context["lanes"]
    folded = [band for band in lanes.bands if not band.is_open]

    def get_turn(name: str) -> int:
        return int(name.split(":")[1]) if name.startswith("fold:") else turns[name]

    # Whatever two turns have to do with each other is drawn, though one or both are folded.
    assert {
        frozenset((get_turn(line.source), get_turn(line.target))) for line in lanes.edges if line.is_far
    } == between
    ends = [name for line in lanes.edges for name in (line.source, line.target)]
    at_folds = {name for name in ends if name.startswith("fold:")}
    assert {get_turn(name) for name in at_folds} == {
        band.turn for band in folded if any(band.turn in pair for pair in between)
    }
    # None leads to a box that is not drawn, and each pair of ends is joined once.
    assert {name for name in ends if not name.startswith("fold:")} <= read_nodes(shown.content.decode())
    rings = [line for line in lanes.edges if line.is_folded]
    assert len(rings) == len({(line.source, line.target) for line in rings}) > 0
    assert all("a3 3" in line.path for line in rings)


def test_the_drawing_is_well_formed_and_nothing_overlaps(support: Client, kept: Kept) -> None:
    page = support.get(kept.address("graph")).content.decode()
    drawing = SVG.search(page)
    assert drawing is not None
    ElementTree.fromstring(drawing[0].replace("&rarr;", ""))  # noqa: S314 - our own page

    lanes = support.get(kept.address("graph")).context["lanes"]
    places = sorted((node.x, node.y) for node in lanes.nodes)
    assert len(places) == len(set(places))
    for (x, y), (other_x, other_y) in pairwise(places):
        assert x != other_x or other_y - y >= BOX_HEIGHT
    assert max(node.y for node in lanes.nodes) + BOX_HEIGHT <= lanes.height


def test_the_path_of_a_decision_is_what_it_rested_on(kept: Kept) -> None:
    graph = build_graph(kept.held.events)
    decision = next(
        node for node in graph.nodes.values() if isinstance(node, DecisionNode) and node.turn == 1
    )
    grounds = get_grounds(graph, decision=decision.decision)

    lit = light_path(graph, node=decision.id)

    assert {f"constraint:{term.id}" for term in grounds.constraints} <= lit
    assert {f"fact:{fact.id}" for fact in grounds.facts} <= lit
    assert {message.id for message in grounds.messages} <= lit
    replies = [name for name in lit if find_kind(graph.nodes[name]) == "reply"]
    assert [name in lit for name in replies] == [True]
    others = {node.id for node in graph.nodes.values() if isinstance(node, DecisionNode)} - {decision.id}
    assert not lit & others


def test_a_term_is_lit_to_the_replies_it_bound(kept: Kept) -> None:
    graph = build_graph(kept.held.events)
    term = next(name for name in graph.nodes if name.startswith("constraint:"))
    bound = {edge.source for edge in graph.edges if edge.kind == "applied" and edge.target == term}

    lit = light_path(graph, node=term)

    assert bound <= lit
    assert any(
        edge.kind == "stated_in" and edge.source == term and edge.target in lit for edge in graph.edges
    )


def test_a_node_has_a_panel_and_an_address_of_its_own(support: Client, kept: Kept) -> None:
    fact = next(name for name in build_graph(kept.held.events).nodes if name.startswith("fact:"))

    page = support.get(kept.address("graph"), {"node": fact})

    assert page.context["panel"].id == fact
    assert {name for name, _ in page.context["panel"].pairs} >= {"Value", "Source", "Read at", "Version"}
    assert any(relation.words == "about" for relation in page.context["panel"].relations)
    recorded = support.get(kept.address("fact", page.context["panel"].fact)).json()
    assert recorded["fact"]["id"] == page.context["panel"].fact
    assert support.get(kept.address("fact", "f99999")).status_code == 404


def test_a_fact_leads_to_what_the_shops_system_answered(support: Client, kept: Kept) -> None:
    priced = next(
        fact
        for recorded in kept.held.events
        if isinstance(recorded.event, FactsObserved)
        for fact in recorded.event.facts
        if fact.name == "price"
    )

    answered = support.get(kept.address("fact", priced.id)).json()["answered"]

    assert {each["question"].split(" ")[0] for each in answered} <= OF_GOODS
    assert any(priced.subject.key in str(each["answer"]) for each in answered)


def test_an_unknown_node_chooses_nothing(support: Client, kept: Kept) -> None:
    shown = support.get(kept.address("graph"), {"node": "<script>", "open": "1,x,99"})

    assert shown.status_code == 200
    assert shown.context["panel"] is None
    assert "<script>&" not in shown.content.decode()


@pytest.mark.parametrize("opened", [None, frozenset[int](), frozenset({1, 2})])
def test_every_node_is_in_one_band(kept: Kept, opened: frozenset[int] | None) -> None:
    graph = build_graph(kept.held.events)

    lanes = lay_out(graph, events=kept.held.events, opened=opened, chosen="", lit=frozenset())

    names = [node.id for band in lanes.bands for node in band.nodes]
    assert len(names) == len(set(names))
    assert set(names) == {name for name, node in graph.nodes.items() if not isinstance(node, TurnNode)}
