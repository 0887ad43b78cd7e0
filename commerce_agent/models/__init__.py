"""The tables of the project itself: who operates it."""

from commerce_agent.models.operator import Operator

__all__ = ["Operator"]
