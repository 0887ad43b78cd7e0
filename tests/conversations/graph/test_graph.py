"""The graph of the recorded story: what each question answers, exactly; and the laws for any journal."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commerce_agent.agent.explain import Register, explain_turn
from conversations.events import Event, Recorded
from conversations.events.decisions import Candidate, Decision, DecisionMade
from conversations.events.entities import (
    EntitiesMentioned,
    EntitiesShown,
    Entity,
    Reference,
    ReferenceResolved,
)
from conversations.events.facts import Fact, FactsCited, FactsObserved, FactSuperseded
from conversations.events.messages import ReplyGiven, ShopperSpoke, TurnStarted
from conversations.graph import (
    DecisionNode,
    Graph,
    Message,
    NoSuchNode,
    apply_graph,
    build_graph,
    get_grounds,
    list_appearances,
    list_mentions,
    list_reachable,
    list_told,
)
from conversations.ids import ClientMessageId, DecisionId, EntityRef
from tests.conversations.state.recordings import read_recording
from tests.conversations.state.samples import ANY_EVENT
from tests.conversations.state.talking import BLUE, RED

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STORY = build_graph(read_recording(1))


def list_edges(graph: Graph, kind: str) -> list[tuple[str, str, str]]:
    return [(edge.source, edge.target, edge.note) for edge in graph.edges if edge.kind == kind]


def test_every_mention_of_an_item_is_found_with_the_words_it_stood_in() -> None:
    mentions = list_mentions(STORY, ref=BLUE)

    assert [
        (each.mention.reference.text, [message.text for message in each.messages], each.certain)
        for each in mentions
    ] == [
        ("the blue one", ["is the blue one lighter? under $90"], True),
        ("them", ["which of them?"], False),
    ]
    assert [each.certain for each in list_mentions(STORY, ref=RED)] == [False]
    assert list_mentions(STORY, ref=EntityRef("variant", "NOBODY")) == ()


def test_a_mention_in_a_reply_is_found_with_the_reply() -> None:
    graph = build_graph(read_recording(2))

    told = [
        (each.mention.by, each.mention.turn, [message.text for message in each.messages], each.certain)
        for each in list_mentions(graph, ref=RED)
    ]

    assert told == [
        ("assistant", 2, ["It is."], True),
        ("shopper", 3, ["which of them?"], False),
    ]
    assert list_edges(graph, "named_in") == [
        ("mention:22.1", "turn:2", ""),
        ("mention:22.2", "turn:2", ""),
    ]
    assert [each.mention.reference.text for each in list_mentions(graph, ref=BLUE)] == [
        "the blue one",
        "Meadow Runner",
        "them",
    ]


def test_an_item_appears_in_the_turns_that_showed_or_introduced_it() -> None:
    assert list_appearances(STORY, ref=BLUE) == (1, 4)
    assert list_appearances(STORY, ref=RED) == (1,)


def test_a_decision_rests_on_its_terms_facts_and_weighing() -> None:
    (decision,) = (node for node in STORY.nodes.values() if isinstance(node, DecisionNode))

    grounds = get_grounds(STORY, decision=decision.decision)

    assert [message.text for message in grounds.messages] == ["running shoes under $100"]
    assert [(term.id, term.field, term.value) for term in grounds.constraints] == [("c1", "price", 100.0)]
    assert [fact.id for fact in grounds.facts] == ["f1"]
    assert [(each.ref, each.name, each.kept, each.rule) for each in grounds.weighed] == [
        (BLUE, "Meadow Runner", True, "matched")
    ]
    assert grounds.mentions == ()


def test_what_the_shopper_was_told_says_what_replaced_it() -> None:
    (told,) = list_told(STORY)

    assert (told.fact.id, told.turn) == ("f1", 1)
    assert told.replaced_by is not None
    assert told.replaced_by.id == "n1"
    assert list_told(STORY, about=BLUE) == (told,)
    assert list_told(STORY, about=RED) == ()
    assert list_told(STORY, turn=2) == ()


def test_each_telling_stands_where_a_journal_gave_several_answers_one_id() -> None:
    graph = build_graph(tell_under_one_id(80, 70, 60))

    assert [
        (told.fact.value, told.turn, told.replaced_by.value if told.replaced_by else None)
        for told in list_told(graph)
    ] == [(80, 1, 70), (70, 2, 60), (60, 3, None)]
    assert [[fact.value for fact in get_grounds(graph, decision=f"d{turn}").facts] for turn in (1, 2, 3)] == [
        [80],
        [70],
        [60],
    ]


def test_a_decision_is_accounted_for_by_what_its_id_stood_for_then() -> None:
    register = Register.read(tell_under_one_id(80, 70, 60))

    accounts = [explain_turn(turn, register=register) for turn in (1, 2, 3)]

    assert [
        [(fact.value, fact.since) for fact in account.facts] for account in accounts if account is not None
    ] == [
        [("80", "Later in this conversation: 60")],
        [("70", "Later in this conversation: 60")],
        [("60", "")],
    ]


def tell_under_one_id(*values: int) -> tuple[Recorded, ...]:
    """A turn for each answer to one question, the first observed and the rest news."""
    events: list[tuple[int, Event]] = []
    for turn, value in enumerate(values, start=1):
        fact = Fact(id="f0", subject=BLUE, name="stock", value=value, source="store", observed_at=NOON)
        cid = ClientMessageId(f"m{turn}")
        decision = Decision(id=DecisionId(f"d{turn}"), turn=turn, planner="builtin", facts=("f0",))
        events += [
            *([(0, FactSuperseded(id="f0", fact=fact))] if turn > 1 else []),
            (0, ShopperSpoke(cid=cid, text="how many?")),
            (turn, TurnStarted(turn=turn, cids=(cid,))),
            *([(turn, FactsObserved(facts=(fact,)))] if turn == 1 else []),
            (turn, FactsCited(ids=("f0",))),
            (turn, DecisionMade(decision=decision)),
            (turn, ReplyGiven(turn=turn, text="so", decision=decision.id)),
        ]
    return place(events)


def test_terms_hang_on_their_words_and_their_ends() -> None:
    assert list_edges(STORY, "stated_in") == [
        ("constraint:c1", "message:m1", ""),
        ("constraint:c2", "message:m2", ""),
        ("constraint:c3", "message:m2", ""),
    ]
    assert list_edges(STORY, "superseded_by") == [("constraint:c1", "constraint:c2", "")]
    assert list_edges(STORY, "withdrawn_in") == [("constraint:c3", "turn:5", "dropped")]


def test_a_turn_joins_the_messages_it_took_and_its_reply() -> None:
    assert list_edges(STORY, "taken_by")[:2] == [("message:m1", "turn:1", ""), ("message:m2", "turn:2", "")]
    assert list_edges(STORY, "closes")[:2] == [("reply:1", "turn:1", ""), ("reply:2", "turn:2", "")]
    reply = STORY.nodes["reply:2"]
    assert isinstance(reply, Message)
    assert (reply.by, reply.text) == ("assistant", "It is.")


def test_what_is_not_there_is_said_to_be_so() -> None:
    with pytest.raises(NoSuchNode) as refused:
        get_grounds(STORY, decision="d-unknown")
    assert refused.value.node == "decision:d-unknown"

    with pytest.raises(NoSuchNode):
        list_reachable(STORY, node="fact:unknown")


SKUS = st.sampled_from(["A", "B", "C"])
NAMES = st.sampled_from(["price", "stock"])


@st.composite
def make_turns(draw: st.DrawFn) -> tuple[Recorded, ...]:
    """Journals as turns write them: words, what was shown, facts, what was told, the decision on them."""
    events: list[tuple[int, Event]] = []
    observed = 0
    for turn in range(1, draw(st.integers(1, 5)) + 1):
        cid = ClientMessageId(f"m{turn}")
        refs = [
            EntityRef("variant", sku) for sku in draw(st.lists(SKUS, min_size=1, max_size=3, unique=True))
        ]
        facts = []
        for ref in refs:
            observed += 1
            facts.append(
                Fact(
                    id=f"f{observed}",
                    subject=ref,
                    name=draw(NAMES),
                    value=draw(st.integers(0, 9)),
                    source="store",
                    observed_at=NOON,
                )
            )
        cited = tuple(fact.id for fact in draw(st.lists(st.sampled_from(facts), max_size=3, unique=True)))
        reference = Reference(text="the first", outcome="resolved", refs=(refs[0],))
        decision = Decision(
            id=DecisionId(f"d{turn}"),
            turn=turn,
            planner="builtin",
            facts=cited,
            references=(reference,),
            candidates=tuple(
                Candidate(ref=ref, name="it", kept=True, rule="matched", reason="") for ref in refs
            ),
        )
        events += [
            (0, ShopperSpoke(cid=cid, text="the first")),
            (turn, TurnStarted(turn=turn, cids=(cid,))),
            (turn, ReferenceResolved(reference=reference)),
            (turn, EntitiesShown(entities=tuple(Entity(ref=ref, name=ref.key) for ref in refs))),
            (turn, FactsObserved(facts=tuple(facts))),
            (turn, FactsCited(ids=cited)),
            (turn, DecisionMade(decision=decision)),
            (turn, EntitiesMentioned(refs=tuple(refs[1:]))),
            (turn, ReplyGiven(turn=turn, text="so", decision=decision.id)),
        ]
    return place(events)


def place(events: list[tuple[int, Event]]) -> tuple[Recorded, ...]:
    return tuple(
        Recorded(seq=seq, frame=None, at=NOON, turn=turn, event=event)
        for seq, (turn, event) in enumerate(events, start=1)
    )


ANY_JOURNAL = st.one_of(
    make_turns(), st.lists(st.tuples(st.integers(0, 3), ANY_EVENT), max_size=12).map(place)
)


@settings(max_examples=60, deadline=None)
@given(ANY_JOURNAL)
def test_one_by_one_and_all_at_once_are_the_same(events: tuple[Recorded, ...]) -> None:
    graph = Graph()
    for recorded in events:
        graph = apply_graph(graph, recorded)

    assert graph == build_graph(events)


@settings(max_examples=60, deadline=None)
@given(ANY_JOURNAL, st.integers(0, 40))
def test_the_graph_of_a_prefix_is_a_subgraph(events: tuple[Recorded, ...], cut: int) -> None:
    part, whole = build_graph(events[:cut]), build_graph(events)

    assert {name: whole.nodes.get(name) for name in part.nodes} == part.nodes
    assert whole.edges[: len(part.edges)] == part.edges


@settings(max_examples=60, deadline=None)
@given(ANY_JOURNAL)
def test_every_edge_joins_two_nodes_once(events: tuple[Recorded, ...]) -> None:
    graph = build_graph(events)

    assert all(edge.source in graph.nodes and edge.target in graph.nodes for edge in graph.edges)
    assert len(set(graph.edges)) == len(graph.edges)


@settings(max_examples=60, deadline=None)
@given(make_turns())
def test_every_fact_that_was_told_is_reached_from_its_decision(events: tuple[Recorded, ...]) -> None:
    graph = build_graph(events)

    for told in list_told(graph):
        reached = list_reachable(graph, node=f"decision:d{told.turn}")
        assert f"fact:{told.fact.id}" in reached
        assert f"entity:variant:{told.fact.subject.key}" in reached
        assert told.fact in get_grounds(graph, decision=f"d{told.turn}").facts


@settings(max_examples=40, deadline=None)
@given(make_turns())
def test_the_questions_agree_with_the_journal(events: tuple[Recorded, ...]) -> None:
    """Each answer is worked out a second time, from the events alone."""
    graph = build_graph(events)
    ref = EntityRef("variant", "A")

    meant = [
        (each.seq, "so" if isinstance(each.event, EntitiesMentioned) else "the first")
        for each in events
        if (isinstance(each.event, ReferenceResolved) and ref in each.event.reference.refs)
        or (isinstance(each.event, EntitiesMentioned) and ref in each.event.refs)
    ]
    assert [
        (each.mention.seq, *(message.text for message in each.messages))
        for each in list_mentions(graph, ref=ref)
    ] == meant
    shown = [
        each.turn
        for each in events
        if isinstance(each.event, EntitiesShown) and ref in [entity.ref for entity in each.event.entities]
    ]
    assert list(list_appearances(graph, ref=ref)) == shown
    cited = [
        (each.turn, id) for each in events if isinstance(each.event, FactsCited) for id in each.event.ids
    ]
    assert [(told.turn, told.fact.id) for told in list_told(graph)] == cited
