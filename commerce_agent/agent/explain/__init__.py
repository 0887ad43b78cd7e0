"""Why a reply is what it is, told from its record: to support staff in full, to the shopper in a few sentences."""

from commerce_agent.agent.explain.account import Account
from commerce_agent.agent.explain.register import Register
from commerce_agent.agent.explain.shopper import Line, Wording, explain_items, explain_reply, explain_terms
from commerce_agent.agent.explain.support import explain_for_support, explain_turn

__all__ = [
    "Account",
    "Line",
    "Register",
    "Wording",
    "explain_for_support",
    "explain_items",
    "explain_reply",
    "explain_terms",
    "explain_turn",
]
