"""Why an order that stands proposed would not be met: its button shows that, and whoever presses it hears more."""

from commerce_agent.agent.phrases import PhraseBook
from commerce_agent.agent.wording.items import name_line
from commerce_agent.tools.cart_lines import SHORT
from conversations.events.carts import CartLine, Proposal, ProposalDoubted
from conversations.state import ConversationState


def make_doubt(proposal: Proposal, *, reason: str, book: PhraseBook) -> ProposalDoubted:
    """The word that the shopper reads where the button was."""
    return ProposalDoubted(id=proposal.id, text=book.say("proposal.off", seed=0, reason=reason))


def say_doubt(line: CartLine, *, verdict: str, state: ConversationState, book: PhraseBook) -> str:
    """Why a line of it does not hold."""
    return book.say(f"cart.doubt.{verdict}", seed=0, item=name_line(line, state=state, book=book))


def list_doubts(state: ConversationState, *, book: PhraseBook) -> tuple[ProposalDoubted, ...]:
    """The word about an order that stands, of which a line cannot be had as the cart is known to be; once."""
    proposal = state.cart.proposal
    if proposal is None or proposal.kind != "order" or state.cart.off:
        return ()
    for line in proposal.lines:
        known = state.cart.doubts.get(line.ref.key)
        if known is not None and known.verdict in SHORT:
            reason = say_doubt(line, verdict=known.verdict, state=state, book=book)
            return (make_doubt(proposal, reason=reason, book=book),)
    return ()
