"""What the frames of a client are made of, none of it trusted."""

from typing import Annotated

import msgspec

# A dollar sign alone lets a last line break through.
ClientId = Annotated[str, msgspec.Meta(min_length=8, max_length=64, pattern=r"^[0-9A-Za-z-]+$(?!\n)")]
Position = Annotated[int, msgspec.Meta(ge=0)]
ShortText = Annotated[str, msgspec.Meta(max_length=256)]
Digest = Annotated[str, msgspec.Meta(max_length=256, pattern=r"^[!-~]*$(?!\n)")]
LongText = Annotated[str, msgspec.Meta(max_length=2_048)]


class Client(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which loader has brought the widget, and onto which page: for the log and the counts (`clients`). Both are
    untrusted; where nothing has brought it, it stands by itself.
    """

    v: str = ""
    page: str = ""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop's page says it shows: a hint that proves nothing. Fields that are not listed are passed over."""

    product: ShortText = ""
    """A SKU, or the key of a group of variants."""
    variant: ShortText = ""
    cart: Annotated[tuple[ShortText, ...], msgspec.Meta(max_length=20)] = ()
    """SKUs."""


class ReplyTo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a message answers, of all that this talk has shown."""

    seq: Annotated[int, msgspec.Meta(ge=1)]
    """The frame of a part with cards."""
    sku: ShortText = ""
    """One card of it; without, all of them are meant."""
