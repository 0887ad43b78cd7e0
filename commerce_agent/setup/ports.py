"""Ports of this machine's loopback."""

import socket

LOOPBACK = "127.0.0.1"
TRIED_PORTS = 50
"""How many ports after the wanted one are tried before giving up."""


def is_free(port: int) -> bool:
    """Say whether a server could listen on this port now."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still closing counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def find_next_free(port: int) -> int | None:
    """Return the first free port after `port`, None where the next ones are all taken."""
    return next((one for one in range(port + 1, min(port + TRIED_PORTS, 65535) + 1) if is_free(one)), None)


def get_any_free() -> int:
    """Return a port that the system picks."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
