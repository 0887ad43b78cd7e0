"""How everything in a conversation hangs together, and the questions that are asked of it most."""

import asyncio
from uuid import UUID

from msgspec import UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.api.base import give, read_question
from conversations.api.bodies import (
    MentionsAnswer,
    MentionsQuestion,
    StateQuestion,
    ToldAnswer,
    ToldQuestion,
)
from conversations.api.knowing import VersionView
from conversations.api.problems import Refusal
from conversations.api.schema import describe
from conversations.graph import Graph, Grounds, NoSuchNode, get_grounds, list_mentions, list_told
from conversations.ids import EntityRef


class _GraphView(VersionView):
    async def build(self, conversation: UUID, *, at: int | UnsetType, of: str) -> Graph:
        """The graph now, or as it was at a version. That it is read, and for what, is on record then."""
        name, version = await self.require_reached(conversation, at=at)
        service = await self.get_service()
        whole = await service.know(conversation=name, up_to=version)
        # Beside the loop: it grows with the talk, and others are being answered.
        graph = await asyncio.to_thread(lambda: whole.graph)
        await self.record_read(name, of=of)
        return graph


class GraphView(_GraphView):
    """The graph whole."""

    @describe(
        name="get_graph",
        tag="Graph",
        summary="Get the graph, now or at an earlier event",
        question=StateQuestion,
        answer=Graph,
    )
    async def get(self, request: Request, conversation: UUID) -> Response:
        """Messages, mentions, entities, facts, constraints and decisions, with the edges between them."""
        question = read_question(request, StateQuestion)
        return give(await self.build(conversation, at=question.at, of="graph"))


class MentionsView(_GraphView):
    """Where an item was meant."""

    @describe(
        name="list_mentions",
        tag="Graph",
        summary="List every mention of an item",
        question=MentionsQuestion,
        answer=MentionsAnswer,
    )
    async def get(self, request: Request, conversation: UUID) -> Response:
        """In order, with those that may have meant another."""
        question = read_question(request, MentionsQuestion)
        graph = await self.build(conversation, at=question.at, of="mentions")
        ref = EntityRef(kind=question.kind, key=question.key)
        return give(MentionsAnswer(version=graph.version, mentions=list_mentions(graph, ref=ref)))


class ToldView(_GraphView):
    """What the shopper was told."""

    @describe(
        name="list_told",
        tag="Graph",
        summary="List the facts that replies told the shopper",
        question=ToldQuestion,
        answer=ToldAnswer,
    )
    async def get(self, request: Request, conversation: UUID) -> Response:
        """In order; of one item or turn where that is given. Each with the newer answer that has replaced it since."""
        question = read_question(request, ToldQuestion)
        graph = await self.build(conversation, at=question.at, of="told")
        turn = None if isinstance(question.turn, UnsetType) else question.turn
        about = None if isinstance(question.key, UnsetType) else EntityRef(question.kind, question.key)
        return give(ToldAnswer(version=graph.version, told=list_told(graph, about=about, turn=turn)))


class GroundsView(_GraphView):
    """What a decision rested on."""

    @describe(
        name="get_grounds",
        tag="Graph",
        summary="See what a decision rested on",
        question=StateQuestion,
        answer=Grounds,
    )
    async def get(self, request: Request, conversation: UUID, decision: UUID) -> Response:
        """The messages it answered, what they meant, and the constraints, facts and items it weighed."""
        question = read_question(request, StateQuestion)
        graph = await self.build(conversation, at=question.at, of="grounds")
        try:
            grounds = get_grounds(graph, decision=str(decision))
        except NoSuchNode as error:
            text = "The conversation has made no such decision; `decisions/` lists them."
            raise Refusal(status=404, name="no-such-decision", text=text) from error
        return give(grounds)
