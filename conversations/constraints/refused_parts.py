"""Refusals of what a shop's value is made of: "not goat" of brushes whose material is goat hair."""

from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.language.tokens import list_stems

_MOST = 3
"""A word that more values share says too little."""
_NEAR = 3
"""So many words before "not" stands what makes a statement of it."""
_IS = frozenset({"is", "are", "was", "were", "am", "i'm", "it's", "they're", "we're", "you're"})
_RELATIVE = frozenset({"that", "which", "who"})
_SHORTEST = 2
"""A relative clause has something before it: "one that is"."""
_FIELDS = ("material", "color")


def read_refused_parts(scan: Scan) -> list[Draft]:
    """Answers a term for each refused word that no value is but some of a field hold beside others."""
    drafts: list[Draft] = []
    spots = {at for spot in scan.spots for at in range(spot.first, spot.after)}
    for cue in scan.cues.list_of("not"):
        at = cue.after
        if at >= len(scan.tokens) or at in spots or at in scan.pointed or not scan.tokens[at].is_word:
            continue
        if scan.tokens[at].word in scan.tongue.stopwords or not _ends(scan, at + 1):
            continue
        if _is_told(scan, cue.first):
            continue
        draft = _find_refused(scan, at)
        drafts.extend([draft] if draft else [])
    return drafts


def _is_told(scan: Scan, at: int) -> bool:
    """As in "is it not stainless?", "my duvet is not soft"; "a brush that is not goat" seeks one of something else."""
    for place in range(max(at - _NEAR, 0), at):
        if scan.tokens[place].word in _IS:
            return place < _SHORTEST or scan.tokens[place - 1].word not in _RELATIVE
    return False


def _ends(scan: Scan, at: int) -> bool:
    """Whether nothing behind the word makes it part of something else: "not goat cheese" refuses no hair."""
    if at >= len(scan.tokens) or not scan.tokens[at].is_word:
        return True
    grammar = scan.tongue.grammar
    return scan.tokens[at].word in grammar.conjunctions | grammar.prepositions | scan.tongue.stopwords


def _find_refused(scan: Scan, at: int) -> Draft | None:
    stem = scan.tokens[at].stem
    for field, told in zip(_FIELDS, (scan.vocabulary.materials, scan.vocabulary.colors), strict=True):
        values = tuple(
            value
            for value in told
            if len(stems := list_stems(value, language=scan.tongue.stemmer)) > 1 and stem in stems
        )
        if 0 < len(values) <= _MOST:
            many = len(values) > 1
            return Draft(
                field=field,
                op="not in" if many else "!=",
                value=values if many else values[0],
                first=at,
                after=at + 1,
            )
    return None
