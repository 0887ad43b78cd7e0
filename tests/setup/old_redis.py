"""A server that speaks as much of the Redis protocol as is needed to say how old it is."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from typing_extensions import override

TOLD = "# Server\r\nredis_version:{version}\r\n"


class _Talk(socketserver.StreamRequestHandler):
    version = ""

    @override
    def handle(self) -> None:
        while head := self.rfile.readline():
            words = []
            for _ in range(int(head[1:])):
                length = int(self.rfile.readline()[1:])
                words.append(self.rfile.read(length + 2)[:-2].upper())
            self.wfile.write(self._answer(words[0]))

    def _answer(self, command: bytes) -> bytes:
        if command == b"HELLO":
            if self.version < "6":
                return b"-ERR unknown command 'HELLO'\r\n"
            return b"%1\r\n+proto\r\n:3\r\n"
        if command == b"PING":
            return b"+PONG\r\n"
        if command == b"INFO":
            told = TOLD.format(version=self.version).encode()
            return b"$%d\r\n%s\r\n" % (len(told), told)
        return b"+OK\r\n"


@contextmanager
def running_old_redis(version: str) -> Iterator[str]:
    """Its URL."""
    handler = type("Talk", (_Talk,), {"version": version})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"redis://127.0.0.1:{server.server_address[1]}/0"
        finally:
            server.shutdown()
