"""Words: tokens, stems, numbers, money, measures, colours, sizes, and a shop's own vocabulary."""

from conversations.language.vocabulary import Category, Vocabulary

__all__ = ["Category", "Vocabulary"]
