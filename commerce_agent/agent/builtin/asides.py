"""What of a wish the shop's words say nothing about."""

from commerce_agent.agent.understanding.english.nouns import OCCASIONS
from conversations.language.tongues import get_tongue

_MOST_ASIDE = 3
_EMPTY = frozenset({
    "new", "proper", "decent", "simple", "normal", "usual", "main", "special", "right", "perfect", "ideal", "kinda",
    "sorta", "basically", "literally", "suitable", "thingy", "stuff", "works", "work",
})  # fmt: skip
"""Words that say nothing of goods."""


def name_aside(words: str) -> str:
    """What of the wish the shop's words say nothing about, where nothing of it was searched for."""
    plain = get_tongue("en").ordinary | OCCASIONS | _EMPTY
    kept = [word for word in words.split() if word.lower() not in plain]
    return " ".join(kept) if 0 < len(kept) <= _MOST_ASIDE else ""
