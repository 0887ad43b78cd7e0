"""A server at another's address: what comes to a port goes on to one that runs already."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit


class Port(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def relaying(*, port: int, base: str) -> Iterator[None]:
    """Has the server at `base` answer at this port as well."""
    server = urlsplit(base)

    class Relay(BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((server.hostname, server.port)) as there:
                threading.Thread(target=pass_on, args=(self.request, there), daemon=True).start()
                pass_on(there, self.request)

    with Port(("127.0.0.1", port), Relay) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            listening.shutdown()


def pass_on(here: socket.socket, there: socket.socket) -> None:
    with suppress(OSError):
        while octets := here.recv(65_536):
            there.sendall(octets)
        there.shutdown(socket.SHUT_WR)
