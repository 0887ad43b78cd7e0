"""From one event to the nodes and edges that it adds. Nothing is ever changed or taken away."""

from typing import Self, assert_never

from conversations.events import Event, Recorded
from conversations.events.carts import (
    CartChanged,
    CartLineChecked,
    ProposalDoubted,
    ProposalMade,
    ProposalResolved,
)
from conversations.events.constraints import ConstraintStated, ConstraintSuperseded, ConstraintWithdrawn
from conversations.events.decisions import Decision, DecisionMade, ToolCalled
from conversations.events.entities import (
    EntitiesFocused,
    EntitiesIntroduced,
    EntitiesMentioned,
    EntitiesShown,
    Entity,
    Reference,
    ReferenceResolved,
    SearchMade,
)
from conversations.events.facts import Fact, FactsCited, FactsObserved, FactSuperseded, FactValue
from conversations.events.messages import (
    CardsShown,
    ConversationOpened,
    FeedbackGiven,
    NoticeGiven,
    QuickRepliesOffered,
    ReplyGiven,
    ServiceDegraded,
    ServiceRecovered,
    ShopperIdentified,
    ShopperSpoke,
    TableShown,
    TierChanged,
    TurnStarted,
)
from conversations.events.summaries import EpisodeSummarised, MemoryFormed
from conversations.events.visits import HandoffEnded, HandoffRequested, PersonJoined, PersonSpoke
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
    NodeId,
    TurnNode,
)
from conversations.ids import EntityRef


def name_entity(ref: EntityRef) -> NodeId:
    """The node of an item."""
    return f"entity:{ref.kind}:{ref.key}"


def name_turn(number: int) -> NodeId:
    """The node of a turn."""
    return f"turn:{number}"


class Draft:
    """A graph being written; whoever holds it is the only one."""

    def __init__(self, *, graph: Graph) -> None:
        self._version = graph.version
        self._nodes = dict(graph.nodes)
        self._edges = dict.fromkeys(graph.edges)
        self._names = dict(graph.names)
        self._newest = dict(graph.newest)
        self._taken: dict[NodeId, list[NodeId]] = {}
        self._mentions: dict[int, list[Mention]] = {}
        self._told: list[NodeId] = []
        """The shopper's words that a person answered."""
        self._tellings: dict[str, NodeId] = {}
        """Of each fact's id the node that has it last: one id may have been given to several answers."""
        for edge in graph.edges:
            if edge.kind == "taken_by":
                self._taken.setdefault(edge.target, []).append(edge.source)
            if edge.kind == "answers":
                self._told.append(edge.target)
        for node in graph.nodes.values():
            if isinstance(node, Mention):
                self._mentions.setdefault(node.turn, []).append(node)
            if isinstance(node, FactNode):
                self._tellings[node.fact.id] = node.id

    def freeze(self) -> Graph:
        """The graph as drafted so far."""
        return Graph(
            version=self._version,
            nodes=dict(self._nodes),
            edges=tuple(self._edges),
            names=dict(self._names),
            newest=dict(self._newest),
        )

    def note(self, recorded: Recorded) -> Self:
        """Adds what the event brought."""
        self._version = recorded.seq
        event: Event = recorded.event
        match event:
            case ShopperSpoke() | TurnStarted() | ReplyGiven():
                self._note_talk(event, recorded)
            case PersonSpoke():
                self._note_person(event, recorded)
            case EntitiesShown() | EntitiesIntroduced():
                self._note_entities(event, recorded)
            case ReferenceResolved():
                self._note_mention(event.reference, recorded)
            case EntitiesMentioned():
                self._note_names(event, recorded)
            case ConstraintStated() | ConstraintSuperseded() | ConstraintWithdrawn():
                self._note_constraint(event, recorded)
            case FactsObserved() | FactsCited() | FactSuperseded():
                self._note_facts(event, recorded)
            case DecisionMade():
                self._note_decision(event.decision, recorded)
            case (
                ConversationOpened()
                | ShopperIdentified()
                | EntitiesFocused()
                | SearchMade()
                | ToolCalled()
                | CardsShown()
                | TableShown()
                | QuickRepliesOffered()
                | CartChanged()
                | CartLineChecked()
                | ProposalMade()
                | ProposalDoubted()
                | ProposalResolved()
                | NoticeGiven()
                | HandoffRequested()
                | PersonJoined()
                | HandoffEnded()
                | FeedbackGiven()
                | ServiceDegraded()
                | ServiceRecovered()
                | TierChanged()
                | EpisodeSummarised()
                | MemoryFormed()
            ):
                # They put what is known before the shopper, or say who speaks and how it fares; nothing new is meant.
                pass
            case _:
                assert_never(event)
        return self

    def _add(self, node: Node) -> NodeId:
        self._nodes.setdefault(node.id, node)
        return node.id

    def _link(self, kind: EdgeKind, source: NodeId, target: NodeId, *, note: str = "") -> None:
        """An edge to what the journal never told of would lead nowhere, so it is left out."""
        if source in self._nodes and target in self._nodes:
            self._edges.setdefault(Edge(kind=kind, source=source, target=target, note=note))

    def _find_spoken(self, words: str, *, turn: int) -> list[NodeId]:
        """The message of the turn that has these words, or else the newest to a person that has; all of the turn's
        messages where none or several have.
        """
        taken = self._taken.get(name_turn(turn), [])
        having = self._list_having(words, among=taken)
        told = [] if having else self._list_having(words, among=self._told)[-1:]
        return having if len(having) == 1 else told or list(taken)

    def _list_having(self, words: str, *, among: list[NodeId]) -> list[NodeId]:
        said = {name: node.text.lower() for name in among if isinstance(node := self._nodes[name], Message)}
        return [name for name, text in said.items() if words and words.lower() in text]

    def _note_person(self, event: PersonSpoke, recorded: Recorded) -> None:
        spoken = Message(
            id=f"person:{event.cid}",
            by="person",
            text=event.text,
            seq=recorded.seq,
            at=recorded.at,
            name=event.name,
        )
        self._add(spoken)
        for cid in event.answers:
            message = f"message:{cid}"
            self._link("answers", spoken.id, message)
            if message in self._nodes:
                self._told.append(message)

    def _note_talk(self, event: ShopperSpoke | TurnStarted | ReplyGiven, recorded: Recorded) -> None:
        match event:
            case ShopperSpoke():
                self._add(
                    Message(
                        id=f"message:{event.cid}",
                        by="shopper",
                        text=event.text,
                        seq=recorded.seq,
                        at=recorded.at,
                    )
                )
            case TurnStarted():
                turn = self._add(TurnNode(id=name_turn(event.turn), number=event.turn, seq=recorded.seq))
                for cid in event.cids:
                    message = f"message:{cid}"
                    self._link("taken_by", message, turn)
                    taken = self._taken.setdefault(turn, [])
                    if message in self._nodes and message not in taken:
                        taken.append(message)
            case ReplyGiven():
                reply = self._add(
                    Message(
                        id=f"reply:{event.turn}",
                        by="assistant",
                        text=event.text,
                        seq=recorded.seq,
                        at=recorded.at,
                    )
                )
                self._link("closes", reply, name_turn(event.turn))

    def _note_entities(self, event: EntitiesShown | EntitiesIntroduced, recorded: Recorded) -> None:
        turn = name_turn(recorded.turn)
        for entity in event.entities:
            name = self._meet(entity, seq=recorded.seq)
            if isinstance(event, EntitiesShown):
                self._link("shown_in", name, turn)
            else:
                self._link("introduced_in", name, turn, note=event.source)

    def _meet(self, entity: Entity, *, seq: int) -> NodeId:
        name = self._point_at(entity.ref, seq=seq)
        self._names[name] = entity.name
        return name

    def _point_at(self, ref: EntityRef, *, seq: int) -> NodeId:
        return self._add(EntityNode(id=name_entity(ref), ref=ref, seq=seq))

    def _note_mention(self, reference: Reference, recorded: Recorded) -> None:
        mention = Mention(
            id=f"mention:{recorded.seq}", reference=reference, turn=recorded.turn, seq=recorded.seq
        )
        self._add(mention)
        self._mentions.setdefault(recorded.turn, []).append(mention)
        for message in self._find_spoken(reference.text, turn=recorded.turn):
            self._link("said_in", mention.id, message)
        for ref in reference.refs:
            self._link("meant", mention.id, self._point_at(ref, seq=recorded.seq))
        for ref in reference.candidates:
            self._link("may_mean", mention.id, self._point_at(ref, seq=recorded.seq))

    def _note_names(self, event: EntitiesMentioned, recorded: Recorded) -> None:
        """The reply itself comes later, so what it names hangs on its turn."""
        for place, ref in enumerate(event.refs, start=1):
            entity = self._point_at(ref, seq=recorded.seq)
            named = Reference(text=self._names.get(entity, ref.key), outcome="resolved", refs=(ref,))
            mention = self._add(
                Mention(
                    id=f"mention:{recorded.seq}.{place}",
                    reference=named,
                    turn=recorded.turn,
                    seq=recorded.seq,
                    by="assistant",
                )
            )
            self._link("named_in", mention, name_turn(recorded.turn))
            self._link("meant", mention, entity)

    def _note_constraint(
        self, event: ConstraintStated | ConstraintSuperseded | ConstraintWithdrawn, recorded: Recorded
    ) -> None:
        match event:
            case ConstraintStated(constraint=term):
                name = self._add(
                    ConstraintNode(id=f"constraint:{term.id}", constraint=term, seq=recorded.seq)
                )
                for message in self._find_spoken(term.text, turn=recorded.turn):
                    self._link("stated_in", name, message)
            case ConstraintSuperseded():
                self._link("superseded_by", f"constraint:{event.id}", f"constraint:{event.by}")
            case ConstraintWithdrawn():
                turn = name_turn(recorded.turn)
                self._link("withdrawn_in", f"constraint:{event.id}", turn, note=event.reason)

    def _note_facts(self, event: FactsObserved | FactsCited | FactSuperseded, recorded: Recorded) -> None:
        match event:
            case FactsObserved():
                for fact in event.facts:
                    self._observe(fact, seq=recorded.seq)
            case FactSuperseded():
                before, name = self._name_fact(event.id), self._observe(event.fact, seq=recorded.seq)
                if before != name:
                    self._link("replaced_by", before, name)
            case FactsCited():
                for told in event.ids:
                    self._link("told_in", self._name_fact(told), name_turn(recorded.turn))

    def _name_fact(self, told: str) -> NodeId:
        return self._tellings.get(told, f"fact:{told}")

    def _observe(self, fact: Fact, *, seq: int) -> NodeId:
        """A node of its own for each answer, also where the journal gave two the same id."""
        name = self._name_fact(fact.id)
        known = self._nodes.get(name)
        if isinstance(known, FactNode) and _tell_apart(known.fact) != _tell_apart(fact):
            name = f"fact:{fact.id}@{seq}"
        self._tellings[fact.id] = self._add(FactNode(id=name, fact=fact, seq=seq))
        self._link("about", name, self._point_at(fact.subject, seq=seq))
        question = f"{fact.subject.kind}:{fact.subject.key}:{fact.name}"
        before = self._newest.get(question)
        if before is not None and before != name:
            self._link("replaced_by", before, name)
        self._newest[question] = name
        return name

    def _note_decision(self, decision: Decision, recorded: Recorded) -> None:
        name = self._add(
            DecisionNode(
                id=f"decision:{decision.id}",
                decision=decision.id,
                turn=decision.turn,
                planner=decision.planner,
                seq=recorded.seq,
            )
        )
        self._link("decided_in", name, name_turn(decision.turn))
        for mention in self._mentions.get(recorded.turn, ()):
            if mention.reference in decision.references:
                self._link("understood", name, mention.id)
        for term in decision.constraints:
            self._link("applied", name, f"constraint:{term.id}")
        for fact in decision.facts:
            self._link("rests_on", name, self._name_fact(fact))
        for candidate in decision.candidates:
            entity = self._point_at(candidate.ref, seq=recorded.seq)
            self._names.setdefault(entity, candidate.name)
            self._link("kept" if candidate.kept else "rejected", name, entity, note=candidate.rule)


def _tell_apart(fact: Fact) -> tuple[EntityRef, str, FactValue]:
    return fact.subject, fact.name, fact.value
