"""Terms that rule a thing out where the shop says of its goods that they are free from it."""

from collections.abc import Sequence

from conversations.constraints.reading import Draft
from conversations.constraints.scan import Scan
from conversations.language.lexicon import Term
from conversations.language.tokens import get_key

_REACH = 4


def read_free_from(scan: Scan, others: Sequence[Draft]) -> tuple[Draft, ...]:
    """Answers "gluten free" for "allergic to gluten", "without gluten", "no gluten please".

    Only for attributes of the shop's own, and only where the thing itself is no term that was read already.
    """
    taken = {index for draft in others for index in range(draft.first, draft.after)}
    drafts: list[Draft] = []
    for cue in scan.cues.list_of("not"):
        for at in range(cue.after, min(cue.after + _REACH, len(scan.tokens))):
            if at in taken or scan.ends_sentence(first=cue.first, after=at + 1):
                break
            term = _find_free_from(scan, scan.tokens[at].word)
            if term and not any(draft.field == term.field for draft in (*others, *drafts)):
                drafts.append(
                    Draft(field=term.field, op="=", value=term.value, first=cue.first, after=at + 1)
                )
    return tuple(drafts)


def _find_free_from(scan: Scan, word: str) -> Term | None:
    if word in scan.tongue.stopwords or not word.isalpha():
        return None
    for ending in scan.tongue.cues.get("free_after", ()):
        key = get_key(f"{word} {ending}", language=scan.tongue.stemmer)
        found = [term for term in scan.lexicon.terms.get(key, ()) if term.field != "category"]
        if found:
            return found[0]
    return None
