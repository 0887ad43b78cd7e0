"""Holds what a reply claims against the facts: a claim that stands on none does not go out."""

from commerce_agent.agent.grounding.grounds import Grounds, list_grounds
from commerce_agent.agent.grounding.judging import Checked, check_sentence, make_ready
from commerce_agent.agent.grounding.slots import UnknownSlot, fill_slots

__all__ = ["Checked", "Grounds", "UnknownSlot", "check_sentence", "fill_slots", "list_grounds", "make_ready"]
