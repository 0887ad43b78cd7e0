"""Where a connector may call: the public internet over HTTPS, and private addresses that the operator allowed.

An address is resolved once and called by what was found, so that a second look at the name cannot lead inside.
Private addresses are the operator's to allow (`CONNECTOR_PRIVATE_NETWORKS`), redirects are not followed, and
without HTTPS only an allowed private address is called.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

import msgspec

from catalog.connectors.readings import CallRefused, Kind

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """The private networks that the operator lets connectors reach."""

    networks: tuple[str, ...] = ()

    def holds(self, address: Address) -> bool:
        """Whether an address lies in one of them."""
        return any(address in ipaddress.ip_network(network, strict=False) for network in self.networks)


def is_public(address: Address) -> bool:
    """Whether an address is on the public internet, whatever it is wrapped in."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.sixtofour is not None or address.teredo is not None or address in TRANSLATED:
            return False
    return address.is_global and not address.is_multicast


async def resolve_address(*, host: str, port: int, scheme: str, allowed: Allowed, kind: Kind) -> str:
    """The one address to connect to, so that no second look at the name can lead elsewhere.

    Raises CallRefused where the name leads to a private address that is not allowed, or HTTPS is missing.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CallRefused(connector=kind, reason=f"{host} cannot be found") from error
    addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    return str(_choose(addresses, scheme=scheme, host=host, allowed=allowed, kind=kind))


def _choose(addresses: Sequence[Address], *, scheme: str, host: str, allowed: Allowed, kind: Kind) -> Address:
    for address in addresses:
        if allowed.holds(address):
            continue
        if not is_public(address):
            raise CallRefused(
                connector=kind,
                reason=f"{host} is a private address, which the operator did not allow (CONNECTOR_PRIVATE_NETWORKS)",
            )
        if scheme != "https":
            raise CallRefused(connector=kind, reason=f"{host} is asked over HTTP, and secrets need HTTPS")
    return addresses[0]
