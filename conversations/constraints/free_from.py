"""Terms that rule a thing out where the shop says of its goods whether they have it."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.language.amounts import find_unit
from conversations.language.shop_language import (
    find_contained,
    find_english,
    list_measures_of,
)
from conversations.language.telling_shops import find_shop_language
from conversations.language.tokens import get_key, list_stems
from conversations.language.tongue import Tongue
from conversations.language.vocabulary import NO, YES, Vocabulary

LEAST_CONTAINED = 0.001
"""What goods with any of it have at least."""
_REACH = 4
_MOST_WORDS = 2
_CONTAINED = frozenset({"weight", "share"})
"""What is told of an ingredient is how much of it there is: "caffeine: 200 mg", "sugar: 3 %"."""


def read_free_from(scan: Scan, others: Sequence[Draft]) -> tuple[Draft, ...]:
    """Answers "gluten free" for "allergic to gluten", "without gluten", "lactose intolerant", "sugar-free".

    Only for attributes of the shop's own, and only where the thing itself is no term that was read already. An
    attribute may say that goods are free from it, that they contain it, or how much of it they have.
    """
    taken = {index for draft in others for index in range(draft.first, draft.after)}
    drafts: list[Draft] = []
    for first, at, after in _list_refused(scan, taken):
        for count in range(_MOST_WORDS, 0, -1):
            end = at + count
            if end > len(scan.tokens) or any(not scan.tokens[i].word.isalpha() for i in range(at, end)):
                continue
            draft = _find_without(scan, first=first, at=at, end=end, after=max(end, after))
            if draft and not any(draft.field == other.field for other in (*others, *drafts)):
                drafts.append(draft)
                break
    drafts.extend(_read_contained(scan, others=(*others, *drafts)))
    return tuple(drafts)


def _read_contained(scan: Scan, *, others: Sequence[Draft]) -> Iterator[Draft]:
    """As in "gels with caffeine", where some have none."""
    taken = {index for draft in others for index in range(draft.first, draft.after)}
    for field, stems in _list_shares(scan.vocabulary, scan.tongue):
        if any(draft.field == field for draft in others):
            continue
        for at in range(1, len(scan.tokens)):
            after = at + len(stems)
            named = tuple(token.stem for token in scan.tokens[at:after]) == stems
            if (
                named
                and scan.tokens[at - 1].word in scan.tongue.containing
                and not taken & {*range(at, after)}
            ):
                yield Draft(field=field, op=">=", value=LEAST_CONTAINED, first=at - 1, after=after)
                break


@lru_cache(maxsize=64)
def _list_shares(vocabulary: Vocabulary, tongue: Tongue) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The measures that say how much of something goods have in them, with the stems of what they are called."""
    named = (
        (field, list_stems(field.replace("_", " "), language=tongue.stemmer))
        for field, unit in vocabulary.measures.items()
        if _is_share(field, unit, tongue)
    )
    return tuple((field, stems) for field, stems in named if stems)


def _is_share(field: str, unit: str, tongue: Tongue) -> bool:
    if "weight" in list_measures_of(field):
        return False
    return unit == "%" or (find_unit(unit, tongue) or ("",))[0] in _CONTAINED


def _list_refused(scan: Scan, taken: set[int]) -> Iterator[tuple[int, int, int]]:
    """Where the words of a term begin, where those of the thing itself begin, and where the term's words end."""
    for cue in scan.cues.list_of("not"):
        first = cue.first
        for at in range(cue.after, min(cue.after + _REACH, len(scan.tokens))):
            if at in taken or not scan.tokens[at].is_word:
                break
            yield first, at, at + 1
            first = first if scan.tokens[at].word in scan.tongue.stopwords else at + 1
    for kind in ("free_after", "unbearable_after"):
        for cue in scan.cues.list_of(kind):
            at = cue.first - 1
            if at >= 0 and scan.tokens[at].word == "-":
                at -= 1
            if at >= 0 and at not in taken:
                yield at, at, cue.after


def _find_without(scan: Scan, *, first: int, at: int, end: int, after: int) -> Draft | None:
    words = [scan.tokens[index].word for index in range(at, end)]
    if words[0] in scan.tongue.stopwords:
        return None
    for ending in scan.tongue.cues.get("free_after", ()):
        key = get_key(f"{' '.join(words)} {ending}", language=scan.tongue.stemmer)
        free = next((term for term in scan.lexicon.terms.get(key, ()) if term.field != "category"), None)
        if free:
            return Draft(field=free.field, op="=", value=free.value, first=first, after=after)
    stems = list_stems(" ".join(words), language=scan.tongue.stemmer)
    language = find_shop_language(scan.vocabulary)
    for field, values in scan.vocabulary.attributes.items():
        if not _tells_of(field, stems, scan=scan, language=language):
            continue
        told = {value.lower(): value for value in values}
        no, yes = (next((told[word] for word in words if word in told), None) for words in (NO, YES))
        if no or yes:
            # A shop that only marks what contains it says nothing of the others.
            return Draft(field=field, op="=" if no else "!=", value=no or yes or "", first=first, after=after)
    for field, named in _list_shares(scan.vocabulary, scan.tongue):
        if named == stems:
            return Draft(field=field, op="<=", value=0.0, first=first, after=after)
    return None


def _tells_of(field: str, stems: tuple[str, ...], *, scan: Scan, language: str) -> bool:
    """As in "contains nuts": whether the attribute tells of a thing that goods have it in them."""
    thing = find_contained(field)
    readings = (thing, find_english(thing, language=language)) if thing else ()
    return any(list_stems(each, language=scan.tongue.stemmer) == stems for each in readings if each)
