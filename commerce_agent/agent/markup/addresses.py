"""Which addresses may stand in a reply: those of the shop's own sites."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

_CALLABLE = r"(?:javascript|vbscript|data|file|blob|mailto|tel|sms|intent|view-source)"
ADDRESS = re.compile(
    rf"(?:[a-z][a-z0-9+.-]{{1,20}}:)?[/\\]{{2}}[^\s<>]+|(?<!\w)(?:https?|ftp|wss?):[^\s<>]+|\bwww\.[^\s<>]+|(?<!\w){_CALLABLE}\s*:\s*[^\s<>]+"
    r"|(?<![\w@])[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}\.[^\W\d_]{2,24}(?::\d{1,5})?[/?#][^\s<>]*",
    re.IGNORECASE,
)
"""What a reader or a program may take for an address, however it is written; a bare "shop.example" is only words."""
_OPENED = re.compile(r"!?\[([^\[\]\n]{0,80})\]\(\s*$")
"""What is left of a link whose address is gone."""
_TRAILING = ".,;:!?)]}'\"”’»*_"


def list_sites(*, origins: Collection[str], shop_url: str) -> tuple[str, ...]:
    """The shop's own sites: those that may embed the chat, and the one that its address is on."""
    own = find_origin(shop_url)
    return (*origins, own) if own and own not in origins else tuple(origins)


def is_own(address: str, *, origins: Collection[str]) -> bool:
    """Whether it is on one of the shop's own sites, written out in full."""
    return find_origin(address) in origins


def find_origin(address: str) -> str | None:
    """The site that it is on; None for what is no plain web address, written out in full."""
    if re.search(r"[\s\\\x00-\x20]", address) or not address.isascii():
        return None
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("https", "http") or not host or "@" in parts.netloc:
        return None
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def cut_addresses(text: str, *, origins: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The text in pieces, each with the own address that it is, or with none; other addresses are gone."""
    pieces: list[tuple[str, str]] = []
    at = 0
    for match in ADDRESS.finditer(text):
        before, address = text[at : match.start()], match.group().rstrip(_TRAILING)
        own = is_own(address, origins=origins)
        pieces.append((before if own else _OPENED.sub(r"\1", before), ""))
        if own:
            pieces.append((address, address))
            pieces.append((match.group()[len(address) :], ""))
        at = match.end()
    pieces.append((text[at:], ""))
    return tuple(piece for piece in pieces if piece[0])
