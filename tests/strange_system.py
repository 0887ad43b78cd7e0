"""A merchant's system that answers whatever a test has it answer."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
from typing_extensions import override


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What comes back."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = {}


def say(document: object, *, status: int = 200) -> Answer:
    """An answer in JSON."""
    return Answer(body=json.dumps(document).encode(), status=status)


Respond = Callable[[str, Mapping[str, str]], Answer]
"""From the path with its query, and the headers by their lower-case names."""


@contextmanager
def answering(respond: Respond, *, posted: list[bytes] | None = None) -> Iterator[str]:
    """Serves on loopback; yields its address. What is posted to it is kept."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = respond(self.path, {name.lower(): value for name, value in self.headers.items()})
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if posted is not None:
                posted.append(body)
            self.do_GET()

        @override
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
