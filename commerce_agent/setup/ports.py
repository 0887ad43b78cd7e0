"""Ports of this machine's loopback."""

import socket

LOOPBACK = "127.0.0.1"
LOOPBACKS = ((socket.AF_INET, LOOPBACK), (socket.AF_INET6, "::1"))
ANSWER_SECONDS = 0.5
TRIED_PORTS = 50
"""How many ports after the wanted one are tried before giving up."""


def is_free(port: int) -> bool:
    """Say whether a server could listen on this port now, and `localhost` would lead to it.

    Some systems let a second program listen beside one that has the port on every address, and browsers try
    IPv6 first; so whether somebody answers is asked as well.
    """
    if any(_answers(family=family, host=host, port=port) for family, host in LOOPBACKS):
        return False
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still closing counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def _answers(*, family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(ANSWER_SECONDS)
            return probe.connect_ex((host, port)) == 0
    except OSError:
        return False


def find_next_free(port: int) -> int | None:
    """Return the first free port after `port`, None where the next ones are all taken."""
    return next((one for one in range(port + 1, min(port + TRIED_PORTS, 65535) + 1) if is_free(one)), None)


def get_any_free() -> int:
    """Return a port that the system picks."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
