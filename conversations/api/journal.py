"""The journal over HTTP: what comes after an event, at once or as soon as it happens, and all of it."""

import asyncio
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connections
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.api.base import ApiView, give, read_question
from conversations.api.bodies import EventPage, EventsQuestion, Export, NoQuestion
from conversations.api.schema import describe
from conversations.events import EVENT_SCHEMA, Recorded
from conversations.ids import ConversationId


class EventsView(ApiView):
    """The events after one that is known."""

    @describe(
        name="list_events",
        tag="Journal",
        summary="List the events after a seq; wait for them where there is none yet",
        question=EventsQuestion,
        answer=EventPage,
    )
    async def get(self, request: Request, conversation: UUID) -> Response:
        """Oldest first and without a gap. With `wait`, the answer comes when something happens, or empty in the end."""
        question = read_question(request, EventsQuestion)
        name = ConversationId(str(conversation))
        await self.require_version(name)
        found = await self._list(name, question)
        if not found and question.wait:
            # Letting the request in opened a connection for the ORM, which nobody needs while this waits.
            await sync_to_async(connections.close_all)()
            found = await self._wait(name, question)
        if found:
            # Who only waits has seen nothing.
            await self.record_read(name, of="events")
        return give(EventPage(results=found, after=found[-1].seq if found else question.after))

    async def _wait(self, name: ConversationId, question: EventsQuestion) -> tuple[Recorded, ...]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + question.wait
        listening = await self.get_ports().listen(name)
        try:
            found = await self._list(name, question)
            while not found and (left := deadline - loop.time()) > 0:
                await listening.wait(seconds=left)
                found = await self._list(name, question)
        finally:
            await listening.close()
        return found

    async def _list(self, name: ConversationId, question: EventsQuestion) -> tuple[Recorded, ...]:
        service = await self.get_service()
        return await service.list_events(conversation=name, after=question.after, limit=question.limit)


class ExportView(ApiView):
    """A conversation to take along."""

    @describe(
        name="export_conversation",
        tag="Journal",
        summary="Export the whole journal",
        question=NoQuestion,
        answer=Export,
    )
    async def get(self, request: Request, conversation: UUID) -> Response:
        """Every event in order; folding them makes the state."""
        read_question(request, NoQuestion)
        name = ConversationId(str(conversation))
        await self.require_version(name)
        service = await self.get_service()
        events = await service.list_events(conversation=name)
        await self.record_read(name, of="export")
        answer = give(Export(conversation=name, schema=max(EVENT_SCHEMA), events=events))
        answer["Content-Disposition"] = f'attachment; filename="conversation-{name}.json"'
        return answer
