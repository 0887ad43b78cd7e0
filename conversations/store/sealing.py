"""Stored values, closed under their reader's identity: AES-256-GCM with a data key of the shopper's own.

A sealed value is `format | number of the data key | nonce | ciphertext and tag`. What it was sealed for
(layer, merchant, shopper, conversation, place) is not in it: the reader says who it is, and a value that was
sealed for anybody else does not open.
"""

import os
from collections import Counter
from collections.abc import Sequence
from typing import Literal

import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from conversations.ids import ConversationId, MerchantId
from conversations.metrics import REFUSED_VALUES
from conversations.store.codec import UnreadableEvent

Layer = Literal["journal", "projection", "outline", "shopper", "profile", "profile copy"]

FORMAT = b"\x01"
PLAIN = b"{"
"""What a journal body of the time before sealing begins with: it is JSON."""
NUMBER_BYTES = 8
NONCE_BYTES = 12
TAG_BYTES = 16
PLACE_BYTES = 8
_PLACE_LENGTH = PLACE_BYTES.to_bytes(4, "big")
HEAD_BYTES = len(FORMAT) + NUMBER_BYTES + NONCE_BYTES

log = structlog.get_logger(__name__)


class WrongIdentity(UnreadableEvent):
    """A value does not open for its reader: it was changed, or sealed for another. It is never used."""

    def __init__(self, *, layer: str, conversation: ConversationId) -> None:
        super().__init__(
            reason=f"the {layer} of conversation {conversation} holds a value that was changed or belongs"
            " elsewhere: look for who writes there, and restore the rows from a backup"
        )
        self.layer = layer
        self.conversation = conversation


class KeyDestroyed(UnreadableEvent):
    """The conversation was erased, or let go of after its time: what was said is gone for good. A new one may be
    opened.
    """

    def __init__(self, *, conversation: ConversationId) -> None:
        super().__init__(
            reason=f"conversation {conversation} was erased, or was quiet for longer than talks are kept: open"
            " another one"
        )
        self.conversation = conversation


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who reads: what a value must have been sealed for."""

    merchant: MerchantId
    owner: str
    """The shopper's id; an anonymous shopper goes by the id of the one conversation."""
    conversation: ConversationId


def bind(*parts: bytes) -> bytes:
    """Parts as one string that no other parts make: each with its length before it."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


class Box:
    """Seals and opens what belongs to one conversation."""

    def __init__(
        self,
        *,
        identity: Identity,
        number: int,
        key: bytes | None,
        may_be_plain: bool,
        refused: Counter[str],
    ) -> None:
        self.identity = identity
        self._cipher = AESGCM(key) if key is not None else None
        self._head = FORMAT + number.to_bytes(NUMBER_BYTES, "big")
        self._may_be_plain = may_be_plain
        self._refused = refused
        self._reader = bind(
            identity.merchant.encode(), identity.owner.encode(), identity.conversation.encode()
        )
        self._bounds: dict[Layer, bytes] = {}

    def seal(self, body: bytes, *, layer: Layer, place: int) -> bytes:
        """The body, sealed for this conversation at one place of a layer; raises `KeyDestroyed`."""
        if self._cipher is None:
            raise KeyDestroyed(conversation=self.identity.conversation)
        nonce = os.urandom(NONCE_BYTES)
        return self._head + nonce + self._cipher.encrypt(nonce, body, self._bound(layer=layer, place=place))

    def seal_row(self, bodies: Sequence[bytes], *, layer: Layer, first: int) -> tuple[bytes, ...]:
        """The bodies, sealed each for its own place, which follow one another from the first; raises `KeyDestroyed`."""
        if self._cipher is None:
            raise KeyDestroyed(conversation=self.identity.conversation)
        head, encrypt, before = self._head, self._cipher.encrypt, self._bind_layer(layer)
        drawn = os.urandom(NONCE_BYTES * len(bodies))
        sealed: list[bytes] = []
        for number, body in enumerate(bodies):
            nonce = drawn[number * NONCE_BYTES : (number + 1) * NONCE_BYTES]
            bound = before + (first + number).to_bytes(PLACE_BYTES, "big")
            sealed.append(head + nonce + encrypt(nonce, body, bound))
        return tuple(sealed)

    def open(self, stored: bytes, *, layer: Layer, place: int) -> bytes:
        """The body of a stored value; raises `WrongIdentity` or `KeyDestroyed`.

        A body in the clear is believed only where the conversation may have some, from before sealing.
        """
        if layer == "journal" and self._may_be_plain and stored.startswith(PLAIN):
            return stored
        if self._cipher is None:
            raise KeyDestroyed(conversation=self.identity.conversation)
        if not stored.startswith(self._head):
            raise self._refuse(layer)
        nonce = stored[len(self._head) : HEAD_BYTES]
        try:
            return self._cipher.decrypt(nonce, stored[HEAD_BYTES:], self._bound(layer=layer, place=place))
        except (InvalidTag, ValueError) as error:
            raise self._refuse(layer) from error

    def _bound(self, *, layer: Layer, place: int) -> bytes:
        return self._bind_layer(layer) + place.to_bytes(PLACE_BYTES, "big")

    def _bind_layer(self, layer: Layer) -> bytes:
        """All that a value of the layer is bound to but its place."""
        before = self._bounds.get(layer)
        if before is None:
            before = self._bounds[layer] = bind(FORMAT, layer.encode(), self._reader) + _PLACE_LENGTH
        return before

    def _refuse(self, layer: Layer) -> WrongIdentity:
        """Counts what must never happen, for whoever watches, and answers the error."""
        self._refused[layer] += 1
        REFUSED_VALUES.labels(layer).inc()
        log.error(
            "value.wrong_identity",
            layer=layer,
            conversation=self.identity.conversation,
            refused=self._refused[layer],
        )
        return WrongIdentity(layer=layer, conversation=self.identity.conversation)
