from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

import msgspec
from asgiref.sync import async_to_sync
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import DjangoModelPermissions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import override

from conversations.events import Recorded
from conversations.ids import ConversationId
from conversations.models import Conversation
from conversations.service import Conversations, NoSuchConversation
from conversations.state import ConversationState

Answer = TypeVar("Answer")
GetConversations = Callable[[], Awaitable[Conversations]]

MOST_EVENTS = 200


class MayView(DjangoModelPermissions):
    """Staff who may view conversations; nobody writes here."""

    perms_map = {method: ["%(app_label)s.view_%(model_name)s"] for method in ("GET", "HEAD", "OPTIONS")}


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    """A conversation's row."""

    class Meta:
        model = Conversation
        fields = [
            "id",
            "merchant_id",
            "version",
            "turns",
            "locale",
            "opened_at",
            "active_at",
            "waiting_since",
        ]
        read_only_fields = fields


class ByActivity(CursorPagination):
    """Newest first; a cursor stays valid while conversations come and go."""

    ordering = "-active_at"
    page_size = 50


class ConversationList(ListAPIView[Conversation]):
    """Lists conversations, the most recently active first."""

    serializer_class = ConversationSerializer
    pagination_class = ByActivity
    permission_classes = [MayView]

    @override
    def get_queryset(self) -> QuerySet[Conversation]:
        """Every conversation."""
        return Conversation.objects.all()


class StateSerializer(serializers.Serializer[dict[str, object]]):
    """The state at one version."""

    version = serializers.IntegerField()
    state = serializers.JSONField()


class EventSerializer(serializers.Serializer[dict[str, object]]):
    """An event in its place."""

    seq = serializers.IntegerField()
    frame = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField()
    turn = serializers.IntegerField()
    event = serializers.JSONField()


class _OfOneConversation(APIView):
    queryset = Conversation.objects.none()
    permission_classes = [MayView]
    get_conversations: GetConversations | None = None
    """Handed in by the project's URLs: the service of the running process."""

    def _run(self, read: Callable[[Conversations], Awaitable[Answer]]) -> Answer:
        async def run() -> Answer:
            if self.get_conversations is None:
                raise NotFound
            try:
                return await read(await self.get_conversations())
            except NoSuchConversation as error:
                raise NotFound("There is no such conversation.") from error

        return async_to_sync(run)()


class ConversationStateView(_OfOneConversation):
    """Answers the state of a conversation, now or at an earlier version."""

    @extend_schema(
        responses=StateSerializer,
        parameters=[OpenApiParameter("at", int, description="The seq to stop at; now where it is left out.")],
    )
    def get(self, request: Request, conversation: UUID) -> Response:
        """The state."""
        at = _read_number(request, "at")
        name = ConversationId(str(conversation))

        async def read(service: Conversations) -> ConversationState:
            if at is None:
                return await service.load(conversation=name)
            return await service.rebuild(conversation=name, up_to=at)

        state = self._run(read)
        return Response({"version": state.version, "state": msgspec.to_builtins(state)})


class ConversationEventsView(_OfOneConversation):
    """Answers the events after a seq, oldest first, 200 at most."""

    @extend_schema(
        responses=EventSerializer(many=True),
        parameters=[OpenApiParameter("after", int, description="The seq of the last event that is known.")],
    )
    def get(self, request: Request, conversation: UUID) -> Response:
        """The events."""
        after = _read_number(request, "after") or 0
        name = ConversationId(str(conversation))

        async def read(service: Conversations) -> tuple[Recorded, ...]:
            await service.get_head(conversation=name)
            return await service.list_events(conversation=name, after=after, up_to=after + MOST_EVENTS)

        events = self._run(read)
        return Response([msgspec.to_builtins(recorded) for recorded in events])


def _read_number(request: Request, name: str) -> int | None:
    written = request.query_params.get(name)
    if written is None:
        return None
    if not written.isdecimal() or len(written) > 15:
        raise serializers.ValidationError({name: "Give a whole number, 0 or more."})
    return int(written)
