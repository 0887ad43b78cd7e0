"""A Messages API of the tests' own: answers what a test scripted, over real HTTP, and keeps what it was sent."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PIECE = 7
"""Characters that a text arrives by."""


@dataclass(frozen=True)
class Reply:
    """One answer: blocks to stream, or a status to refuse with, or a stream that is cut."""

    text: str = ""
    tool: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    stop_reason: str | None = None
    status: int = 200
    cut: bool = False
    error_midway: bool = False
    error: str = "overloaded_error"
    raw: str = ""
    """The arguments of the tool as they are written, in place of `arguments`."""
    held: threading.Event | None = None
    """The answer waits for it."""
    pause_after: int = 0
    """So many letters are sent before it waits for `held`, instead of before the first."""
    broken: bool = False
    """The connection ends in the middle of a chunk."""
    body: str | None = None
    """Sent as it is, as if it were an event stream."""
    headers: dict[str, str] = field(default_factory=dict)
    tools: tuple[tuple[str, dict[str, Any]], ...] = ()
    """Further tools that the same message calls."""
    usage: dict[str, Any] = field(default_factory=dict)
    diagnostics: dict[str, Any] | None = None

    def list_events(self) -> Iterator[dict[str, Any]]:
        """The stream's events."""
        yield {
            "type": "message_start",
            "message": {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "model": "claude-of-the-tests",
                "content": [],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": {"input_tokens": 100, "output_tokens": 1, **self.usage},
                "diagnostics": self.diagnostics,
            },
        }
        wrong = {"type": "error", "error": {"type": self.error, "message": "scripted"}}
        if self.error_midway and not self.text:
            yield wrong
            return
        index = 0
        if self.text:
            yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
            for at in range(0, len(self.text), PIECE):
                delta = {"type": "text_delta", "text": self.text[at : at + PIECE]}
                yield {"type": "content_block_delta", "index": 0, "delta": delta}
            if self.error_midway:
                yield wrong
                return
            yield {"type": "content_block_stop", "index": 0}
            index = 1
        calls = ((self.tool, self.arguments), *self.tools) if self.tool else ()
        for at, (tool, arguments) in enumerate(calls, index):
            block = {"type": "tool_use", "id": f"toolu_{at}_{tool}", "name": tool, "input": {}}
            yield {"type": "content_block_start", "index": at, "content_block": block}
            delta = {"type": "input_json_delta", "partial_json": self.raw or json.dumps(arguments)}
            yield {"type": "content_block_delta", "index": at, "delta": delta}
            yield {"type": "content_block_stop", "index": at}
        if self.cut:
            return
        reason = self.stop_reason or ("tool_use" if self.tool else "end_turn")
        yield {
            "type": "message_delta",
            "delta": {"stop_reason": reason, "stop_sequence": None},
            "usage": {"output_tokens": 20},
        }
        yield {"type": "message_stop"}


@dataclass
class MessagesApi:
    """The running server: set `replies`, read `requests`."""

    url: str
    replies: list[Reply] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list, repr=False)
    """Whole prompts: a test that fails for other reasons would tell its reader of nothing else."""
    answer: Callable[[dict[str, Any]], Reply] | None = None
    """Asked for a reply to a request where set, instead of `replies`."""


@contextmanager
def running_messages_api() -> Iterator[MessagesApi]:
    """A server on a free port; a request beyond the scripted replies is refused with 500."""
    api = MessagesApi(url="")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            api.requests.append({"path": self.path, "body": json.loads(body)})
            reply = self._choose(api.requests[-1]["body"])
            if reply.held is not None and not reply.pause_after:
                reply.held.wait(timeout=30)
            _send(self, reply)

        def _choose(self, body: dict[str, Any]) -> Reply:
            if api.answer is not None:
                return api.answer(body)
            return api.replies.pop(0) if api.replies else Reply(status=500)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    handler.send_response(reply.status)
    handler.send_header("content-type", "text/event-stream" if reply.status == 200 else "application/json")
    handler.send_header("connection", "close")
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    if reply.broken:
        handler.send_header("transfer-encoding", "chunked")
    handler.end_headers()
    if reply.status != 200:
        error = {"type": "error", "error": {"type": "api_error", "message": "scripted"}}
        handler.wfile.write(json.dumps(error).encode())
        return
    if reply.body is not None:
        handler.wfile.write(reply.body.encode())
        return
    if reply.broken:
        first = next(reply.list_events())
        begun = f"event: {first['type']}\ndata: {json.dumps(first)}\n\n"
        handler.wfile.write(f"{len(begun) + 99:x}\r\n{begun}".encode())
        return
    # A client that was cut off meanwhile is what some tests are about.
    with suppress(BrokenPipeError, ConnectionResetError):
        sent = 0
        for event in reply.list_events():
            sent += len(event.get("delta", {}).get("text", ""))
            if reply.held is not None and 0 < reply.pause_after < sent:
                handler.wfile.flush()
                reply.held.wait(timeout=30)
            handler.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
