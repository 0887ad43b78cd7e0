"""Wordings that a translator can edit, and the choice among them."""

from commerce_agent.agent.phrases.book import LANGUAGES, PhraseBook, find_book, get_book

__all__ = ["LANGUAGES", "PhraseBook", "find_book", "get_book"]
