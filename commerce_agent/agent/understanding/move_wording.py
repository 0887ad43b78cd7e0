"""The wordings of one move: many patterns as one, without a look at most of them where none can stand."""

import re
from collections.abc import Iterable
from functools import cached_property


class Wording:
    """Alternatives of one pattern, for a text in small letters: that is found in half the time.

    What `search` answers is what one pattern of them all would. That one tries each of them at every letter; so it is
    asked only where some of them stand, which a pattern tells that tries those which begin a text, or a word, there.
    """

    def __init__(self, *alternatives: str) -> None:
        self.alternatives = alternatives

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    @cached_property
    def _some(self) -> re.Pattern[str]:
        alternatives = self.alternatives
        at_start = [each for each in alternatives if each.startswith("^") and not _is_choice(each)]
        at_word = [each for each in alternatives if each.startswith(r"\b") and not _is_choice(each)]
        others = [each for each in alternatives if each not in (*at_start, *at_word)]
        first = [f"^(?:{_either([each[1:] for each in at_start])})"] if at_start else []
        within = [rf"\b(?:{_either([each[2:] for each in at_word])})"] if at_word else []
        return re.compile(_either([*first, *within, *others]))

    def search(self, said: str) -> re.Match[str] | None:
        """The first of them in the text; of several there, the one that was named first."""
        return self._whole.search(said) if self._some.search(said) else None

    @property
    def pattern(self) -> str:
        """All of them."""
        return _either(self.alternatives)


def _either(alternatives: Iterable[str]) -> str:
    return "|".join(f"(?:{each})" for each in alternatives)


def _is_choice(pattern: str) -> bool:
    """Whether it is several beside one another, of which only the first begins as it does."""
    depth, in_class, at = 0, False, 0
    while at < len(pattern):
        letter = pattern[at]
        if letter == "\\":
            at += 1
        elif in_class:
            in_class = letter != "]"
        elif letter == "[":
            in_class = True
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == "|" and depth == 0:
            return True
        at += 1
    return False
