"""Who works for which shop, in which role, and what that lets them see and do."""

from commerce_agent.staff.reach import Reach, acting_for_staff, find_reach
from commerce_agent.staff.roles import Role, list_grants

__all__ = ["Reach", "Role", "acting_for_staff", "find_reach", "list_grants"]
