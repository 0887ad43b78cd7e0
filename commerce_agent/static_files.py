"""Static files beside asynchronous views."""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction

from asgiref.sync import markcoroutinefunction, sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from typing_extensions import override
from whitenoise.middleware import WhiteNoiseMiddleware

Answer = HttpResponseBase | Awaitable[HttpResponseBase]


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise, which hands other requests on without blocking a thread until they are answered.

    By itself it is synchronous, so that Django would block a thread, and the connection to PostgreSQL that
    belongs to it, for as long as a question for events waits.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Answer]) -> None:
        super().__init__(get_response)
        self._get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    @override
    def __call__(self, request: HttpRequest) -> Answer:
        """A static file, or whatever comes next."""
        if not request.path_info.startswith(self.static_prefix):
            return self._get_response(request)
        if iscoroutinefunction(self._get_response):
            return self._serve(request, self._get_response)
        answer: Answer = super().__call__(request)
        return answer

    async def _serve(
        self, request: HttpRequest, go_on: Callable[[HttpRequest], Awaitable[HttpResponseBase]]
    ) -> HttpResponseBase:
        found = await sync_to_async(self._find)(request.path_info)
        if found is None:
            return await go_on(request)
        served: HttpResponseBase = await sync_to_async(self.serve)(found, request)
        return served

    def _find(self, path: str) -> object | None:
        found: object | None = self.find_file(path) if self.autorefresh else self.files.get(path)
        return found
