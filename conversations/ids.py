"""Names used across the service. An item of the shop is an opaque entity reference here."""

from typing import NewType

import msgspec

MerchantId = NewType("MerchantId", str)
ConversationId = NewType("ConversationId", str)
ShopperId = NewType("ShopperId", str)
ClientMessageId = NewType("ClientMessageId", str)
"""Chosen by the client, unique within the conversation: the idempotency key of a message."""
DecisionId = NewType("DecisionId", str)


class EntityRef(msgspec.Struct, frozen=True, gc=False, order=True):
    """Something a conversation can point at, named by whoever owns it: `("variant", "SKU-4821")`."""

    kind: str
    key: str
