"""The door: what a message says about the terms of the search."""

from collections.abc import Mapping, Sequence

import msgspec

from conversations.constraints.comparisons import read_comparisons
from conversations.constraints.endings import read_endings
from conversations.constraints.quantities import read_quantities
from conversations.constraints.reading import ConstraintReading, Draft
from conversations.constraints.scan import Scan, scan_message
from conversations.constraints.settle import settle
from conversations.constraints.slice import Ledger
from conversations.constraints.terms import read_terms
from conversations.events.constraints import Scope
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import Vocabulary

_NOTHING: Mapping[str, float] = {}
_ITEM_FIELDS = frozenset({"size", "color", "material"})


def read_constraints(
    *,
    text: str,
    ledger: Ledger,
    vocabulary: Vocabulary,
    currency: str,
    turn: int,
    focus_measures: Mapping[str, float] = _NOTHING,
    pointing: bool = True,
    language: str = "en",
) -> ConstraintReading:
    """Answers what the message states, replaces and drops, and the words that are left to search for.

    `currency` is the shop's; amounts in another currency are no terms. `focus_measures` are those of the
    item in focus, for "cheaper" and "lighter". Words inside phrases that point ("the blue one") are no terms,
    unless `pointing` is False: for a phrase that turned out to point at nothing known and is searched for.
    """
    scan = scan_message(
        text=text,
        ledger=ledger,
        vocabulary=vocabulary,
        currency=currency,
        tongue=get_tongue(language),
        pointing=pointing,
    )
    dropped, ending = read_endings(scan)
    drafts = [*read_quantities(scan), *read_terms(scan)]
    taken = frozenset(index for draft in drafts for index in range(draft.first, draft.after))
    compared, unmeasured = read_comparisons(scan, focus_measures=focus_measures, taken=taken)
    drafts = [d for d in (*drafts, *compared) if not ending & set(range(d.first, d.after))]
    drafts = [_scoped(scan, draft) for draft in sorted(drafts, key=lambda draft: draft.first)]
    stated, superseded, withdrawn = settle(scan, drafts, dropped=dropped, turn=turn)
    return ConstraintReading(
        stated=stated,
        superseded=superseded,
        withdrawn=withdrawn,
        rest=_get_rest(scan, drafts, ending),
        spans=tuple((scan.tokens[d.first].start, scan.tokens[d.after - 1].end) for d in drafts),
        unmeasured=unmeasured,
    )


def _scoped(scan: Scan, draft: Draft) -> Draft:
    """A term holds for this search, unless the words say always, or speak of one item."""
    scope: Scope = "search"
    if scan.cues.has("always"):
        scope = "always"
    elif draft.field in _ITEM_FIELDS and _speaks_of_item(scan, draft):
        scope = "item"
    return msgspec.structs.replace(draft, scope=scope)


def _speaks_of_item(scan: Scan, draft: Draft) -> bool:
    """As in "Do you have it in medium", "this one in red": a pronoun shortly before the term."""
    cues = scan.cues.list_of("this_item")
    return any(cue.after <= draft.first <= cue.after + 3 for cue in cues)


def _get_rest(scan: Scan, drafts: Sequence[Draft], ending: frozenset[int]) -> str:
    taken = {index for draft in drafts for index in range(draft.first, draft.after)} | ending | scan.pointed
    cued = {
        index
        for cue in scan.cues.all
        for index in range(cue.first, cue.after)
        if cue.after - cue.first > 1 or cue.kinds & {"at_most", "at_least", "make_it", "not"}
    }
    words = [
        scan.text[token.start : token.end]
        for index, token in enumerate(scan.tokens)
        if index not in taken | cued and token.is_word and token.word not in scan.tongue.stopwords
    ]
    return " ".join(words)
