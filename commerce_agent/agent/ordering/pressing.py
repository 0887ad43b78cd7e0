"""The token of a proposal's button: made for the widget on its way out, seen by no model and kept nowhere."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from conversations.events.carts import Proposal
from conversations.ids import ConversationId
from conversations.state import ConversationState


class ButtonTokens:
    """Makes and recognises tokens. One is good for one proposal of one shopper in one conversation.

    That it works once is the order's doing: what a proposal places or changes is unique under its hash.
    """

    def __init__(self, *, secret: str) -> None:
        self._key = hashlib.sha256(b"commerce_agent.button/" + secret.encode()).digest()

    def make(self, *, conversation: ConversationId, state: ConversationState, proposal: Proposal) -> str:
        """The token of this button for whoever the conversation belongs to."""
        bound = (
            state.transcript.merchant,
            state.transcript.shopper or "",
            conversation,
            proposal.id,
            proposal.hash,
        )
        said = b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in bound)
        return urlsafe_b64encode(hmac.digest(self._key, said, "sha256")).rstrip(b"=").decode()

    def is_genuine(
        self, token: str, *, conversation: ConversationId, state: ConversationState, proposal: Proposal
    ) -> bool:
        """Whether this is the proposal's token; it takes as long for every answer."""
        wanted = self.make(conversation=conversation, state=state, proposal=proposal)
        return hmac.compare_digest(wanted.encode(), token.encode("utf-8", "surrogatepass"))
