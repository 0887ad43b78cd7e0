"""The door: what a message says about the terms of the search."""

from collections.abc import Mapping

import msgspec

from conversations.constraints.comparisons import read_comparisons
from conversations.constraints.endings import read_endings
from conversations.constraints.free_from import read_free_from
from conversations.constraints.quantities import read_quantities
from conversations.constraints.reading import ConstraintReading, Draft
from conversations.constraints.rest import get_rest
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
    terms = read_terms(scan)
    drafts = [*read_quantities(scan), *terms, *read_free_from(scan, terms)]
    taken = frozenset(index for draft in drafts for index in range(draft.first, draft.after))
    compared, unmeasured = read_comparisons(scan, focus_measures=focus_measures, taken=taken)
    drafts = [d for d in (*drafts, *compared) if not ending & set(range(d.first, d.after))]
    drafts = [_scoped(scan, draft) for draft in sorted(drafts, key=lambda draft: draft.first)]
    stated, superseded, withdrawn = settle(scan, drafts, dropped=dropped, turn=turn)
    return ConstraintReading(
        stated=stated,
        superseded=superseded,
        withdrawn=withdrawn,
        rest=get_rest(scan, drafts, ending),
        spans=tuple((scan.tokens[d.first].start, scan.tokens[d.after - 1].end) for d in drafts),
        unmeasured=unmeasured,
    )


def _scoped(scan: Scan, draft: Draft) -> Draft:
    """A term holds for this search, unless the words say always, or speak of one item."""
    scope: Scope = "search"
    if _holds_always(scan, draft):
        scope = "always"
    elif draft.field in _ITEM_FIELDS and _speaks_of_item(scan, draft):
        scope = "item"
    return msgspec.structs.replace(draft, scope=scope)


def _holds_always(scan: Scan, draft: Draft) -> bool:
    """As in "I never wear wool": of the terms in that sentence; the goods sought now are not sought for ever."""
    if draft.field == "category" and draft.op in ("=", "in"):
        return False
    return any(
        not scan.ends_sentence(first=min(cue.first, draft.first), after=max(cue.after, draft.after))
        for cue in scan.cues.list_of("always")
    )


def _speaks_of_item(scan: Scan, draft: Draft) -> bool:
    """As in "Do you have it in medium", "this one in red": a pronoun shortly before the term."""
    cues = scan.cues.list_of("this_item")
    return any(cue.after <= draft.first <= cue.after + 3 for cue in cues)
