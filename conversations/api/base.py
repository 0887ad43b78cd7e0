"""What every view of the API has in common."""

import inspect
import math
from typing import NoReturn, TypeVar

import msgspec
from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import override

from commerce_agent.decoding import convert, decode_json
from commerce_agent.isolation.acting import acting_for
from conversations.accesses import Access
from conversations.api.access import InScope, KeyAuthentication, KeyRate, require_caller
from conversations.api.ports import Ports
from conversations.api.problems import Refusal
from conversations.ids import ConversationId, MerchantId
from conversations.service import Conversations

MOST_BODY = 64 * 1024

Asked = TypeVar("Asked")


class NotWired(Exception):
    """A view was mounted without the process it serves; `list_addresses` hands it in."""

    def __init__(self, *, view: str) -> None:
        super().__init__(f"{view} was mounted without ports: use conversations.api.urls.list_addresses.")
        self.view = view


class JsonAnswer(BaseRenderer):
    """Writes typed answers."""

    media_type = "application/json"
    format = "json"
    charset = None

    @override
    def render(
        self, data: object, accepted_media_type: str | None = None, renderer_context: object = None
    ) -> bytes:
        """The answer's JSON."""
        return b"" if data is None else msgspec.json.encode(data)


class JsonBody(BaseParser):
    """Reads a body; a byte that is no Unicode, or half a character, is refused like a missing bracket."""

    media_type = "application/json"

    @override
    def parse(  # type: ignore[override]  # a body may be any JSON value; `read_body` says what it must be
        self, stream: object, media_type: str | None = None, parser_context: object = None
    ) -> object:
        """The body's plain value. Raises `Refusal` where it is too long, `ParseError` where it is no JSON."""
        written = stream.read(MOST_BODY + 1) if isinstance(stream, HttpRequest | Request) else b""
        if len(written) > MOST_BODY:
            raise Refusal(status=413, name="too-long", text=f"A body holds {MOST_BODY:,} bytes at most.")
        try:
            return decode_json(written)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise ParseError(f"The body is no JSON: {error}.") from error


class ApiView(APIView):
    """Runs `get` and `post` on the event loop, so that a question that waits blocks no thread.

    Whether a request is let in is decided the usual way, in a thread, because it asks the ORM.
    """

    authentication_classes = [KeyAuthentication]
    permission_classes = [InScope]
    throttle_classes = [KeyRate]
    renderer_classes = [JsonAnswer]
    parser_classes = [JsonBody]
    metadata_class = None
    http_method_names = ["get", "head", "post"]
    ports: Ports | None = None

    @override
    async def dispatch(  # type: ignore[override]  # Django awaits a view whose handlers are coroutines
        self, request: HttpRequest, *args: object, **kwargs: object
    ) -> HttpResponseBase:
        """Lets the request in and answers it; whatever fails becomes a problem."""
        self.args, self.kwargs = args, kwargs
        asked = self.initialize_request(request, *args, **kwargs)
        self.request = asked
        self.headers = self.default_response_headers
        try:
            await sync_to_async(self.initial)(asked, *args, **kwargs)
            with acting_for(self.get_merchant()):
                answered = self._find_handler(asked)(asked, *args, **kwargs)
                response = await answered if inspect.isawaitable(answered) else answered
        except Exception as error:  # noqa: BLE001 - the boundary: `answer_problem` logs what it does not know
            response = self.handle_exception(error)
        self.response = self.finalize_response(asked, response, *args, **kwargs)
        return self.response

    @override
    def throttled(self, request: Request, wait: float | None) -> NoReturn:
        """Refuses what is too much, and says when to come back."""
        seconds = max(1, math.ceil(wait or 1))
        text = f"This key has used up its requests; ask again in {seconds} s."
        raise Refusal(status=429, name="throttled", text=text, retry_after=seconds)

    def _find_handler(self, request: Request):  # type: ignore[no-untyped-def]  # noqa: ANN202 - DRF's own
        name = (request.method or "").lower()
        if name not in self.http_method_names:
            return self.http_method_not_allowed
        return getattr(self, name, self.http_method_not_allowed)

    def get_ports(self) -> Ports:
        """The process that serves. Raises `NotWired`."""
        if self.ports is None:
            raise NotWired(view=type(self).__name__)
        return self.ports

    async def get_service(self) -> Conversations:
        """The state service of this process."""
        return await self.get_ports().get_conversations()

    def get_merchant(self) -> MerchantId:
        """Whose key it is."""
        return require_caller(self.request).merchant

    def get_actor(self) -> str:
        """Who asks, for the record."""
        return f"key:{require_caller(self.request).key.hex[:8]}"

    async def record_read(self, conversation: ConversationId, *, of: str) -> None:
        """Puts on record that a conversation of this merchant's is about to be read."""
        access = Access(
            merchant=self.get_merchant(),
            actor=self.get_actor(),
            action="conversation.read",
            subject=f"conversation:{conversation}",
            purpose=of,
        )
        await self.get_ports().record_access(access)

    async def require_version(self, conversation: ConversationId) -> int:
        """The version of a conversation of this merchant's. Raises `NoSuchConversation` for any other."""
        service = await self.get_service()
        return await service.require_version(conversation=conversation, merchant=self.get_merchant())


def read_question(request: Request, kind: type[Asked]) -> Asked:
    """What the address asks. Raises `Refusal` naming the parameter that is wrong."""
    for name, values in request.query_params.lists():
        if len(values) > 1:
            raise Refusal(status=400, name="bad-parameter", text=f"`{name}` is given {len(values)} times.")
    try:
        return convert(request.query_params.dict(), kind, strict=False)
    except msgspec.ValidationError as error:
        raise Refusal(status=400, name="bad-parameter", text=f"{error}.") from error


def read_body(request: Request, kind: type[Asked]) -> Asked:
    """What the body holds. Raises `Refusal` naming the field that is wrong."""
    try:
        return convert(request.data, kind)
    except msgspec.ValidationError as error:
        raise Refusal(status=422, name="bad-body", text=f"{error}.") from error


def give(answer: msgspec.Struct, *, status: int = 200, **headers: str) -> Response:
    """A typed answer, which nobody may keep."""
    return Response(answer, status=status, headers={"Cache-Control": "no-store", **headers})
