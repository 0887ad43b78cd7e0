"""Draws the demo shop's goods: a silhouette for the kind of thing, filled with the variant's colours."""

from commerce_agent.demo.drawing.picture import draw_variant

__all__ = ["draw_variant"]
