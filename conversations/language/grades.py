"""Grades that shops tell in words, in their order: "mild", "medium", "very hot"; and which of them is asked for."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from conversations.language.order import list_plain_forms
from conversations.language.tokens import list_stems, list_tokens

_NONE: Final = frozenset({"none", "no", "zero", "not"})
_LOW: Final = frozenset({
    "low", "mild", "easy", "simple", "basic", "beginner", "weak", "soft", "quiet", "gentle", "subtle", "delicate",
    "dry", "slight", "minimal", "small",
})  # fmt: skip
_MIDDLE: Final = frozenset(
    {"medium", "moderate", "middle", "average", "intermediate", "balanced", "normal", "mid"}
)
_HIGH: Final = frozenset({
    "high", "hot", "spicy", "complex", "complicated", "hard", "difficult", "challenging", "advanced", "expert",
    "strong", "intense", "bold", "loud", "firm", "sweet", "dark", "rich", "heavy", "robust", "large",
})  # fmt: skip
_VERY: Final = frozenset({"very", "extra", "extremely", "ultra", "super"})
_FILLERS: Final = frozenset({"level", "in", "to", "fairly", "quite"})
_ASPECTS: Final = (
    frozenset({"hot", "spicy", "mild", "heat", "spice", "spiciness", "fiery", "hotness"}),
    frozenset({
        "complex", "complicated", "difficult", "hard", "challenging", "advanced", "expert", "easy", "simple", "basic",
        "beginner", "complexity", "difficulty", "skill",
    }),
    frozenset({"strong", "weak", "intense", "bold", "strength", "intensity", "robust", "mild", "delicate"}),
    frozenset({"loud", "quiet", "noise", "noisy", "volume"}),
    frozenset({"firm", "soft", "hard", "firmness", "softness"}),
    frozenset({"sweet", "dry", "sweetness"}),
    frozenset({"warm", "warmth"}),
)  # fmt: skip
"""Words of one aspect: what a shop calls it and what lies at its ends."""
_MOST: Final = {"most": True, "highest": True, "least": False, "lowest": False}
_MORE: Final = {"more": True, "higher": True, "less": False, "lower": False}
_ALONE: Final = frozenset({"most", "least", "more", "less"})
_STEP: Final = 2


@lru_cache(maxsize=4096)
def find_grade(value: str) -> int | None:
    """Answers how much a value says there is; None where it is no grade: "dual fuel"."""
    words = [word for word in value.lower().replace("-", " ").split() if word not in _FILLERS]
    very = any(word in _VERY for word in words)
    told = [_rank(word) for word in words if word not in _VERY]
    known = [rank for rank in told if rank is not None]
    if not known or len(known) < len(told) or (0 in known and len(known) > 1):
        return None
    # "Medium hot" lies between the two.
    grade = sum(known) * _STEP // len(known)
    if not very:
        return grade
    return grade + 1 if grade > 2 * _STEP else grade - 1


def _rank(word: str) -> int | None:
    ranks = ((_NONE, 0), (_LOW, 1), (_MIDDLE, 2), (_HIGH, 3))
    return next((rank for words, rank in ranks if word in words), None)


def is_graded(values: Iterable[str]) -> bool:
    """Whether the values are grades of one thing, and more than one."""
    grades = [find_grade(value) for value in values]
    return None not in grades and len(set(grades)) > 1


def find_graded(
    said: str, told: Mapping[str, Iterable[str]], *, of_few: bool = False
) -> tuple[str, bool, frozenset[str]] | None:
    """Answers which of what goods tell of themselves the message asks for one end of, whether the most of it is
    asked for, and the words that ask: "the most complex", "your hottest blend", "which has least caffeine?"; with
    `of_few`, of goods that are at hand, "which is hotter?" asks so too.
    """
    ends, endings = (_MOST | _MORE, ("est", "er")) if of_few else (_MOST, ("est",))
    words = [token.word for token in list_tokens(said)]
    graded = {name: tuple(values) for name, values in told.items() if is_graded(values)}
    if not graded:
        return None
    for at, word in enumerate(words):
        most = ends.get(word)
        behind = words[at + 1 : at + 2]
        if most is not None and behind:
            for name, values in graded.items():
                if set(list_stems(behind[0])) & set(list_stems(name.replace("_", " "))):
                    return name, most, frozenset({word, behind[0]})
                if word in _ALONE and _tells_of(behind[0], name=name, values=values):
                    return name, most == _is_high(behind[0]), frozenset({word, behind[0]})
        for form in list_plain_forms(word) if word.endswith(endings) else ():
            for name, values in graded.items():
                if _tells_of(form, name=name, values=values):
                    return name, _is_high(form), frozenset({word})
    return None


def _is_high(word: str) -> bool:
    return word in _HIGH


def _tells_of(word: str, *, name: str, values: Iterable[str]) -> bool:
    """Whether the word lies at one end of what is told under this name."""
    if word not in _HIGH | _LOW:
        return False
    parts = {
        part for text in (name, *values) for part in text.lower().replace("_", " ").replace("-", " ").split()
    }
    own = word in parts and word not in ("high", "low", "large", "small")
    return own or any(word in aspect and aspect & (parts - _MIDDLE) for aspect in _ASPECTS)
