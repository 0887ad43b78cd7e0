"""A person joins a conversation, or leaves it, in the merchant's own desk."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from conversations.api.base import ApiView, give, read_body, read_question
from conversations.api.bodies import HandedOver, Handoff, NoQuestion
from conversations.api.problems import Refusal
from conversations.api.schema import describe
from conversations.events.visits import HandoffEnded, HandoffRequested
from conversations.ids import ConversationId
from conversations.redaction import redact
from conversations.service import MovedOn

MOST_TRIES = 5
"""A conversation that moves on between each look and each word is talked in by many; the caller tries again."""


class HandoffView(ApiView):
    """Whose the talk is."""

    @describe(
        name="hand_over",
        tag="Conversations",
        summary="Say that a person was asked to join, or has left",
        question=NoQuestion,
        body=Handoff,
        answer=HandedOver,
    )
    async def post(self, request: Request, conversation: UUID) -> Response:
        """Hands the conversation to a person or back. What is so already is not said again; handed back to the
        assistant, what the shopper said meanwhile is answered.
        """
        read_question(request, NoQuestion)
        wanted = read_body(request, Handoff)
        name = ConversationId(str(conversation))
        await self.require_version(name)
        for _ in range(MOST_TRIES):
            try:
                handed = await self._hand_over(name, wanted)
            except MovedOn:
                continue
            if handed.changed and handed.to == "assistant":
                await self.get_ports().kick(name)
            return give(handed)
        text = "The conversation moves on too fast just now; send the same request again."
        raise Refusal(status=503, name="busy", text=text, retry_after=1)

    async def _hand_over(self, name: ConversationId, wanted: Handoff) -> HandedOver:
        service = await self.get_service()
        state = await service.load(conversation=name)
        if state.transcript.handed_off == (wanted.to == "person"):
            return HandedOver(to=wanted.to, version=state.version, changed=False)
        said = redact(wanted.text.strip()).text
        event = HandoffRequested(text=said) if wanted.to == "person" else HandoffEnded(text=said)
        appended = await service.record_arrivals(
            conversation=name, events=(event,), at=self.get_ports().now(), expected_version=state.version
        )
        return HandedOver(to=wanted.to, version=appended[-1].seq, changed=True)
