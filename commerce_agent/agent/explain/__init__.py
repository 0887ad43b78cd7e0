"""Why a reply is what it is, told from its record: to support staff in full, to the shopper in a few sentences."""

from commerce_agent.agent.explain.account import Account
from commerce_agent.agent.explain.register import Register
from commerce_agent.agent.explain.support import explain_for_support, explain_turn

__all__ = ["Account", "Register", "explain_for_support", "explain_turn"]
