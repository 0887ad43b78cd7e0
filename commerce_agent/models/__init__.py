"""The tables of the project itself: who operates it, how each shop wants its assistant, what that cost."""

from commerce_agent.models.agent_settings import AgentSettings, ModelSpend
from commerce_agent.models.identity import IdentityKey, SpentToken
from commerce_agent.models.membership import Membership, Role
from commerce_agent.models.operator import Operator
from commerce_agent.models.widget_look import WidgetLook

__all__ = [
    "AgentSettings",
    "IdentityKey",
    "Membership",
    "ModelSpend",
    "Operator",
    "Role",
    "SpentToken",
    "WidgetLook",
]
