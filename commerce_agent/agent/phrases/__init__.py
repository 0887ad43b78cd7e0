"""Wordings that a translator can edit, and the choice among them."""

from commerce_agent.agent.phrases.book import PhraseBook, get_book

__all__ = ["PhraseBook", "get_book"]
