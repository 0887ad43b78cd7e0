"""What an operator enters of a merchant's system, checked before it is kept."""

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


class ConfigurationRefused(MappingRefused):
    """An address or a timeout cannot be used; the message says what to write."""


def check_address(*, kind: Kind, url: str) -> None:
    """Raises ConfigurationRefused for an address that cannot be called, or that does not say what is asked."""
    _check_host(url)
    allowed = PLACES[kind]
    found = [place for place in ("{skus}", "{sku}", "{customer}") if place in url]
    if [place for place in found if place not in allowed] or len(found) > 1 or (allowed and not found):
        wanted = " or ".join(allowed) or "none of {sku}, {skus}, {customer}"
        raise ConfigurationRefused(f"For this kind, the address holds {wanted}.")


def _check_host(url: str) -> None:
    split = urlsplit(url)
    if split.scheme not in ("http", "https") or not split.hostname:
        raise ConfigurationRefused("An address starts with https:// and names a host.")
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
    _check_host(url)
    if url.count("{call}") != 1:
        raise ConfigurationRefused("The address for orders holds {call} once, in its path.")


def check_connector(*, kind: Kind, url: str, items: str, fields: dict[str, str], timeout_ms: int) -> None:
    """Raises MappingRefused or ConfigurationRefused, whose message says which part to mend and how."""
    check_address(kind=kind, url=url)
    check_mapping(kind=kind, items=items, fields=fields, one_by_one=any(place in url for place in ONE_BY_ONE))
    if not LEAST_WAIT_MS <= timeout_ms <= LONGEST_WAIT_MS:
        raise ConfigurationRefused(
            f"The longest wait lies between {LEAST_WAIT_MS} and {LONGEST_WAIT_MS} milliseconds."
        )
