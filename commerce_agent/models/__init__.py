"""The tables of the project itself: who operates it, how each shop wants its assistant, what that cost, and what
the staff do about conversations.
"""

from commerce_agent.models.agent_settings import AgentSettings, ModelSpend
from commerce_agent.models.audit import (
    ERASED,
    Case,
    CaseFlag,
    CaseNote,
    ConversationTraits,
    Counted,
    FoundBy,
    SavedView,
    SoughtInVain,
)
from commerce_agent.models.identity import IdentityKey, SpentToken
from commerce_agent.models.membership import Membership, Role
from commerce_agent.models.operator import Operator
from commerce_agent.models.outgoing import Listener, Sending, SendingState, Told
from commerce_agent.models.widget_look import WidgetLook

__all__ = [
    "ERASED",
    "AgentSettings",
    "Case",
    "CaseFlag",
    "CaseNote",
    "ConversationTraits",
    "Counted",
    "FoundBy",
    "IdentityKey",
    "Listener",
    "Membership",
    "ModelSpend",
    "Operator",
    "Role",
    "SavedView",
    "Sending",
    "SendingState",
    "SoughtInVain",
    "SpentToken",
    "Told",
    "WidgetLook",
]
