"""The slice of state that remembers why the last replies were given."""

from conversations.decisions.slice import KEPT_DECISIONS, DecisionEvent, Decisions, apply_decisions

__all__ = ["KEPT_DECISIONS", "DecisionEvent", "Decisions", "apply_decisions"]
