"""What a model writes as Markdown, cut down to what a shopper may see."""

from commerce_agent.agent.markup.reading import find_rich, read_markup
from commerce_agent.agent.markup.tree import Block, Span
from commerce_agent.agent.markup.writing import tidy, without_marks

__all__ = ["Block", "Span", "find_rich", "read_markup", "tidy", "without_marks"]
