"""What an operator enters of a merchant's system, checked before it is kept."""

import re
from urllib.parse import urlsplit

from catalog.connectors.json_source import ONE_BY_ONE
from catalog.connectors.mapping import MappingRefused, check_mapping
from catalog.connectors.readings import Kind

PLACES: dict[Kind, tuple[str, ...]] = {
    "inventory": ("{skus}", "{sku}"),
    "pricing": ("{skus}", "{sku}"),
    "catalogue": ("{skus}", "{sku}"),
    "policies": (),
    "promotions": (),
    "orders": ("{customer}",),
    "customers": ("{customer}",),
}
"""Where in an address the question of each kind may stand."""
LEAST_WAIT_MS, LONGEST_WAIT_MS = 50, 10_000
"""A turn has 45 seconds for everything, so one call must not take more than ten."""
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OWN_HEADERS = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", "accept"}
)
_SENDABLE = re.compile(r"[!-~](?:[ -~]*[!-~])?")
"""What a header can carry: letters, digits and signs of ASCII."""
_PORTS = range(1, 65536)


class ConfigurationRefused(MappingRefused):
    """An address or a timeout cannot be used; the message says what to write."""


def check_address(*, kind: Kind, url: str) -> None:
    """Raises ConfigurationRefused for an address that cannot be called, or that does not say what is asked."""
    check_host(url)
    allowed = PLACES[kind]
    found = [place for place in ("{skus}", "{sku}", "{customer}") if place in url]
    if [place for place in found if place not in allowed] or len(found) > 1 or (allowed and not found):
        wanted = " or ".join(allowed) or "none of {sku}, {skus}, {customer}"
        raise ConfigurationRefused(f"For this kind, the address holds {wanted}.")


def check_host(url: str) -> None:
    """Raises ConfigurationRefused for what is no address, or names no host that could be called."""
    try:
        split = urlsplit(url)
        has_port = split.port is None or split.port in _PORTS
    except ValueError as error:
        raise ConfigurationRefused(f"This is no address: {error}.") from error
    if split.scheme not in ("http", "https") or not split.hostname:
        raise ConfigurationRefused("An address starts with https:// and names a host.")
    if not has_port:
        raise ConfigurationRefused("The port lies between 1 and 65535.")
    if re.search(r"\s", url):
        raise ConfigurationRefused("An address holds no spaces: write %20 for each.")
    if "{" in split.netloc:
        raise ConfigurationRefused("The host is fixed: {…} stands in the path or after the question mark.")
    if split.username or split.password:
        raise ConfigurationRefused("A user and a password belong to the login, not into the address.")


def check_desk(*, kind: Kind, url: str) -> None:
    """Raises ConfigurationRefused for an address that cannot take orders. None needs to be given."""
    if not url:
        return
    if kind != "orders":
        raise ConfigurationRefused("Only a connector for orders takes orders.")
    check_host(url)
    if url.count("{call}") != 1:
        raise ConfigurationRefused("The address for orders holds {call} once, in its path.")


def check_login_name(*, login: str, written: str) -> None:
    """Raises ConfigurationRefused for a header's name or a user that no call could carry."""
    if login not in ("header", "basic"):
        return
    if not written:
        raise ConfigurationRefused("This login needs the header's name, or the user.")
    if login == "basic":
        if ":" in written:
            raise ConfigurationRefused("A user holds no colon: what follows it would be the password.")
        return
    if not _HEADER_NAME.fullmatch(written):
        raise ConfigurationRefused("A header's name is letters, digits and hyphens, such as X-Api-Key.")
    if written.lower() in _OWN_HEADERS:
        raise ConfigurationRefused(f"{written} is set by the call itself; use another header.")


def check_secret(*, login: str, written: str) -> None:
    """Raises ConfigurationRefused for a secret that no header could carry."""
    if login in ("bearer", "header") and written and not _SENDABLE.fullmatch(written):
        raise ConfigurationRefused(
            "A header carries letters, digits and signs of ASCII; this secret holds others."
        )


def check_connector(*, kind: Kind, url: str, items: str, fields: dict[str, str], timeout_ms: int) -> None:
    """Raises MappingRefused or ConfigurationRefused, whose message says which part to mend and how."""
    check_address(kind=kind, url=url)
    check_mapping(kind=kind, items=items, fields=fields, one_by_one=any(place in url for place in ONE_BY_ONE))
    if not LEAST_WAIT_MS <= timeout_ms <= LONGEST_WAIT_MS:
        raise ConfigurationRefused(
            f"The longest wait lies between {LEAST_WAIT_MS} and {LONGEST_WAIT_MS} milliseconds."
        )
