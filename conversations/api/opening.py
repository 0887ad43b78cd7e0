"""Conversations as a merchant's system opens, finds and feeds them."""

import hashlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.api.base import ApiView, give, read_body, read_question
from conversations.api.bodies import (
    ConversationPage,
    ListedConversation,
    NewConversation,
    NewMessage,
    NoQuestion,
    OpenedConversation,
    OpenedQuestion,
    TakenMessage,
)
from conversations.api.ports import ShopTerms
from conversations.api.problems import Refusal
from conversations.api.schema import describe
from conversations.events.messages import ConversationOpened
from conversations.ids import ClientMessageId, ConversationId, MerchantId
from conversations.models import Conversation
from conversations.service import CARD, Arrival, KeyDestroyed, OpeningKey, Reader, ShopperCard, Whose

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_KEY = 255
ASK_ONCE = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": MOST_KEY, "pattern": "^[!-~]+$"},
    location=OpenApiParameter.HEADER,
    description="The same key with the same body opens nothing again, moves no cart and answers the same, kept for"
    " ever. What refuses an opening refuses it again: a chat that is off (403), a shopper who is unknown (404).",
)


class ConversationsView(ApiView):
    """The merchant's conversations."""

    @describe(
        name="list_conversations",
        tag="Conversations",
        summary="List conversations, the most recently opened first",
        question=OpenedQuestion,
        answer=ConversationPage,
    )
    async def get(self, request: Request) -> Response:
        """The conversations. A page stays where it is while others are opened."""
        question = read_question(request, OpenedQuestion)
        mine = Conversation.objects.filter(merchant_id=self.get_merchant())
        if question.cursor:
            opened, row = _read_cursor(question.cursor)
            mine = mine.filter(Q(opened_at__lt=opened) | Q(opened_at=opened, id__lt=row))
        rows = [row async for row in mine.order_by("-opened_at", "-id")[: question.limit + 1]]
        page = rows[: question.limit]
        return give(
            ConversationPage(
                results=tuple(_list(row) for row in page),
                next=_write_cursor(page[-1]) if len(rows) > len(page) else None,
            )
        )

    @describe(
        name="open_conversation",
        tag="Conversations",
        summary="Open a conversation",
        question=NoQuestion,
        body=NewConversation,
        answer=OpenedConversation,
        status=201,
        headers=(ASK_ONCE,),
    )
    async def post(self, request: Request) -> Response:
        """Opens one. With an Idempotency-Key, asking again opens nothing."""
        read_question(request, NoQuestion)
        wanted = read_body(request, NewConversation)
        terms = await self.require_terms()
        shopper = await self._find_shopper(wanted.shopper)
        opening = _read_opening(request, wanted, shopper=shopper)
        service = await self.get_service()
        conversation = await service.open_conversation(
            merchant=self.get_merchant(),
            at=self.get_ports().now(),
            shopper=shopper.id if shopper else None,
            tier=shopper.tier if shopper else None,
            locale=wanted.locale or terms.locale,
            currency=terms.currency,
            opening=opening,
            with_cart=True,
        )
        opened = await self._describe_opening(conversation)
        return give(opened, status=201, Location=f"{request.path}{conversation}/")

    async def require_terms(self) -> ShopTerms:
        """What the shop gives a conversation. Raises `Refusal` where the chat is switched off."""
        return await require_terms(self, merchant=self.get_merchant())

    async def _find_shopper(self, key: str | None) -> ShopperCard | None:
        if key is None:
            return None
        service = await self.get_service()
        shopper = await service.shoppers.find_by_key(merchant=self.get_merchant(), key=key)
        if shopper is None:
            raise Refusal(
                status=404,
                name="no-such-shopper",
                text="Your shop has named no shopper of this key; leave `shopper` out for an anonymous one.",
            )
        await service.profiles.record(
            Whose(merchant=self.get_merchant(), shopper=shopper.id),
            "shopper.read",
            reader=Reader(actor=self.get_actor(), purpose="opens a conversation"),
            fields=CARD,
            at=self.get_ports().now(),
        )
        return shopper

    async def _describe_opening(self, conversation: ConversationId) -> OpenedConversation:
        service = await self.get_service()
        (first,) = await service.list_events(conversation=conversation, up_to=1)
        opened = first.event
        if not isinstance(opened, ConversationOpened):
            message = f"Conversation {conversation} does not begin with its opening: restore its journal."
            raise TypeError(message)
        return OpenedConversation(
            id=conversation,
            opened_at=first.at,
            shopper=opened.shopper,
            locale=opened.locale,
            currency=opened.currency,
        )


class ConversationView(ApiView):
    """One conversation."""

    @describe(
        name="get_conversation",
        tag="Conversations",
        summary="See how a conversation stands",
        question=NoQuestion,
        answer=ListedConversation,
    )
    async def get(self, request: Request, conversation: UUID) -> Response:
        """Its row."""
        read_question(request, NoQuestion)
        await self.require_version(ConversationId(str(conversation)))
        row = await Conversation.objects.aget(pk=conversation, merchant_id=self.get_merchant())
        return give(_list(row))


class MessagesView(ApiView):
    """Where a conversation takes the shopper's words."""

    @describe(
        name="append_message",
        tag="Conversations",
        summary="Say something in the shopper's name",
        question=NoQuestion,
        body=NewMessage,
        answer=TakenMessage,
        status=202,
    )
    async def post(self, request: Request, conversation: UUID) -> Response:
        """Makes the message durable and starts its turn; the reply comes as an event. `cid` makes it safe to repeat."""
        read_question(request, NoQuestion)
        message = read_body(request, NewMessage)
        name = ConversationId(str(conversation))
        # The merchant's own, but gone: a message that was taken before it went is answered as it was.
        with suppress(KeyDestroyed):
            await self.require_version(name)
        service, cid = await self.get_service(), ClientMessageId(message.cid)
        try:
            await require_terms(self, merchant=self.get_merchant())
        except Refusal:
            # One that was taken while the chat was on is answered as it was, and nothing starts.
            before = await service.find_taken(conversation=name, cid=cid)
            if before is None:
                raise
            return _give_place(before, cid=cid)
        taken = await service.record_message(
            conversation=name,
            cid=cid,
            text=message.text.replace("\x00", "").strip(),
            at=self.get_ports().now(),
            answering=True,
        )
        await self.get_ports().kick(name)
        return _give_place(taken, cid=cid)


async def require_terms(view: ApiView, *, merchant: MerchantId) -> ShopTerms:
    """What the shop gives a conversation. Raises `Refusal` where the chat is switched off."""
    terms = await view.get_ports().find_terms(merchant)
    if terms is None:
        raise Refusal(status=403, name="switched-off", text="The chat of this shop is switched off.")
    return terms


def _give_place(taken: Arrival, *, cid: ClientMessageId) -> Response:
    return give(
        TakenMessage(cid=cid, seq=taken.seq, frame=taken.frame, duplicate=taken.duplicate), status=202
    )


def _read_opening(
    request: Request, wanted: NewConversation, *, shopper: ShopperCard | None
) -> OpeningKey | None:
    """The idempotency key with a digest of what was asked; nobody can test a guessed customer key against that."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 0 < len(key) <= MOST_KEY or not all("!" <= letter <= "~" for letter in key):
        text = f"Idempotency-Key holds 1 to {MOST_KEY} printable ASCII characters without spaces."
        raise Refusal(status=400, name="bad-parameter", text=text)
    asked = msgspec.structs.replace(wanted, shopper=shopper.id if shopper else None)
    return OpeningKey(key=key, digest=hashlib.sha256(msgspec.json.encode(asked)).hexdigest())


def _list(row: Conversation) -> ListedConversation:
    return ListedConversation(
        id=str(row.id),
        version=row.version,
        turns=row.turns,
        locale=row.locale,
        opened_at=row.opened_at,
        active_at=row.active_at,
        waiting_since=row.waiting_since,
    )


def _write_cursor(row: Conversation) -> str:
    return f"{(row.opened_at - EPOCH) // timedelta(microseconds=1)}-{row.id.hex}"


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    micros, _, row = cursor.partition("-")
    return EPOCH + timedelta(microseconds=int(micros)), UUID(row)
