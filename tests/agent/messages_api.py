"""A Messages API of the tests' own: answers what a test scripted, over real HTTP, and keeps what it was sent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


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
    held: threading.Event | None = None
    """The answer waits for it."""

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
                "usage": {"input_tokens": 100, "output_tokens": 1},
            },
        }
        if self.error_midway:
            yield {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
            return
        index = 0
        if self.text:
            yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
            yield {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": self.text},
            }
            yield {"type": "content_block_stop", "index": 0}
            index = 1
        if self.tool:
            block = {"type": "tool_use", "id": f"toolu_{self.tool}", "name": self.tool, "input": {}}
            yield {"type": "content_block_start", "index": index, "content_block": block}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(self.arguments)}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
            yield {"type": "content_block_stop", "index": index}
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
    requests: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def running_messages_api() -> Iterator[MessagesApi]:
    """A server on a free port; a request beyond the scripted replies is refused with 500."""
    api = MessagesApi(url="")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            api.requests.append({"path": self.path, "body": json.loads(body)})
            reply = api.replies.pop(0) if api.replies else Reply(status=500)
            if reply.held is not None:
                reply.held.wait(timeout=30)
            self.send_response(reply.status)
            self.send_header(
                "content-type", "text/event-stream" if reply.status == 200 else "application/json"
            )
            self.send_header("connection", "close")
            self.end_headers()
            if reply.status != 200:
                error = {"type": "error", "error": {"type": "api_error", "message": "scripted"}}
                self.wfile.write(json.dumps(error).encode())
                return
            # A client that was cut off meanwhile is what some tests are about.
            with suppress(BrokenPipeError, ConnectionResetError):
                for event in reply.list_events():
                    self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())

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
