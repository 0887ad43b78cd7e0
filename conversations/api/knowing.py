"""What a conversation knows: its state, and the parts of it that are asked for by themselves."""

import asyncio
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import TypeVar
from uuid import UUID

import msgspec
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.api.base import ApiView, give, read_question
from conversations.api.bodies import (
    DecisionPage,
    DecisionsQuestion,
    EntityPage,
    FactPage,
    HeldFact,
    MadeDecision,
    StateAnswer,
    StatePageQuestion,
    WholeQuestion,
)
from conversations.api.problems import Refusal
from conversations.api.schema import describe
from conversations.events.decisions import DecisionMade
from conversations.ids import ConversationId
from conversations.state import ConversationState

Item = TypeVar("Item")


class VersionView(ApiView):
    """Answers for a conversation as it is, or as it was."""

    async def require_reached(
        self, conversation: UUID, *, at: int | msgspec.UnsetType
    ) -> tuple[ConversationId, int | None]:
        """The conversation, and the version that is asked for where one is. Raises `Refusal` for a later one."""
        name = ConversationId(str(conversation))
        version = await self.require_version(name)
        if isinstance(at, msgspec.UnsetType):
            return name, None
        if at > version:
            text = f"The conversation is at version {version}; there is no version {at}."
            raise Refusal(status=404, name="no-such-version", text=text)
        return name, at


class _StateView(VersionView):
    async def load(self, conversation: UUID, *, at: int | msgspec.UnsetType) -> ConversationState:
        """The state now, or at a version. Raises `Refusal` for a version that is not reached yet."""
        name, version = await self.require_reached(conversation, at=at)
        service = await self.get_service()
        if version is None:
            return await service.load(conversation=name)
        return await service.rebuild(conversation=name, up_to=version)

    async def recall(self, conversation: UUID, *, at: int | msgspec.UnsetType) -> ConversationState:
        """The same with all that ever came up, also what a turn no longer has at hand."""
        name, version = await self.require_reached(conversation, at=at)
        service = await self.get_service()
        return await service.recall(conversation=name, up_to=version)

    async def read_page(
        self,
        request: Request,
        conversation: UUID,
        find_all: Callable[[ConversationState], Mapping[str, Item]],
        *,
        of: str,
    ) -> tuple[ConversationState, tuple[tuple[str, Item], ...], str | None]:
        """The state with all that ever came up, the page of its items by key that is asked for, and the next cursor.
        That it is read is on record then.
        """
        question = read_question(request, StatePageQuestion)
        state = await self.recall(conversation, at=question.at)
        later = sorted(
            (each for each in find_all(state).items() if each[0] > question.cursor), key=itemgetter(0)
        )
        page = tuple(later[: question.limit])
        await self.record_read(ConversationId(str(conversation)), of=of)
        return state, page, page[-1][0] if len(later) > len(page) else None


class StateView(_StateView):
    """The state whole."""

    @describe(
        name="get_state",
        tag="State",
        summary="Get the state, now or at an earlier event",
        question=WholeQuestion,
        answer=StateAnswer,
    )
    async def get(self, request: Request, conversation: UUID) -> Response:
        """The fold of the events up to `at`; with `graph`, how it hangs together as well."""
        question = read_question(request, WholeQuestion)
        if question.graph:
            answer = await self._know(conversation, at=question.at)
        else:
            state = await self.load(conversation, at=question.at)
            answer = StateAnswer(version=state.version, state=state)
        await self.record_read(ConversationId(str(conversation)), of="state")
        return give(answer)

    async def _know(self, conversation: UUID, *, at: int | msgspec.UnsetType) -> StateAnswer:
        name, version = await self.require_reached(conversation, at=at)
        whole = await (await self.get_service()).know(conversation=name, up_to=version)
        # Beside the loop: it grows with the talk, and others are being answered.
        state, graph = await asyncio.to_thread(lambda: (whole.state, whole.graph))
        return StateAnswer(version=whole.version, state=state, graph=graph)


class EntitiesView(_StateView):
    """The items that were shown or named."""

    @describe(
        name="list_entities",
        tag="State",
        summary="List the items that the conversation knows",
        question=StatePageQuestion,
        answer=EntityPage,
    )
    async def get(self, request: Request, conversation: UUID) -> Response:
        """By key, with what is in focus."""
        state, known, following = await self.read_page(
            request, conversation, lambda state: state.entities.known, of="entities"
        )
        return give(
            EntityPage(
                results=tuple(item for _, item in known),
                next=following,
                version=state.version,
                focus=state.entities.focus,
            )
        )


class FactsView(_StateView):
    """What the shop's systems said."""

    @describe(
        name="list_facts",
        tag="State",
        summary="List the facts that were observed, and what the shopper was told of them",
        question=StatePageQuestion,
        answer=FactPage,
    )
    async def get(self, request: Request, conversation: UUID) -> Response:
        """By subject and name: the canonical fact, and the one that was last told."""
        state, facts, following = await self.read_page(
            request, conversation, lambda state: state.facts.canonical, of="facts"
        )
        return give(
            FactPage(
                results=tuple(
                    HeldFact(
                        canonical=fact,
                        cited=state.facts.cited.get(name),
                        conflicts=state.facts.list_conflicts(fact),
                    )
                    for name, fact in facts
                ),
                next=following,
                version=state.version,
            )
        )


class DecisionsView(ApiView):
    """Why each reply is what it is; the journal keeps them all."""

    @describe(
        name="list_decisions",
        tag="State",
        summary="List the decisions, oldest first",
        question=DecisionsQuestion,
        answer=DecisionPage,
    )
    async def get(self, request: Request, conversation: UUID) -> Response:
        """Each with what was weighed, applied, used and checked."""
        question = read_question(request, DecisionsQuestion)
        name = ConversationId(str(conversation))
        await self.require_version(name)
        service = await self.get_service()
        found = await service.list_events(
            conversation=name,
            after=int(question.cursor or 0),
            kind="decision.made",
            limit=question.limit + 1,
        )
        made = tuple(
            MadeDecision(seq=recorded.seq, at=recorded.at, decision=recorded.event.decision)
            for recorded in found[: question.limit]
            if isinstance(recorded.event, DecisionMade)
        )
        if made:
            await self.record_read(name, of="decisions")
        return give(
            DecisionPage(results=made, next=str(made[-1].seq) if len(found) > question.limit else None)
        )
