"""The door: what a message says about the terms of the search."""

from collections.abc import Mapping, Sequence

import msgspec

from conversations.constraints.ages import read_ages
from conversations.constraints.comparisons import read_comparisons
from conversations.constraints.endings import read_endings
from conversations.constraints.free_from import read_free_from
from conversations.constraints.people import read_counts, read_recipients
from conversations.constraints.quantities import list_foreign, read_quantities
from conversations.constraints.ranges import read_ranges
from conversations.constraints.reading import ConstraintReading, Draft
from conversations.constraints.reduced import read_reduced
from conversations.constraints.rest import get_rest
from conversations.constraints.scan import Scan, scan_message
from conversations.constraints.settle import settle
from conversations.constraints.slice import Ledger
from conversations.constraints.terms import read_terms
from conversations.events.constraints import Scope
from conversations.language.cue import Cue
from conversations.language.glossing import gloss
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import Vocabulary

_NOTHING: Mapping[str, float] = {}
_ITEM_FIELDS = frozenset({"size", "color", "material"})
_REACH = 6


def read_constraints(  # noqa: PLR0913
    *,
    text: str,
    ledger: Ledger,
    vocabulary: Vocabulary,
    currency: str,
    turn: int,
    focus_measures: Mapping[str, float] = _NOTHING,
    focus_kind: str = "",
    pointing: bool = True,
    language: str = "en",
) -> ConstraintReading:
    """Answers what the message states, replaces and drops, and the words that are left to search for.

    `currency` is the shop's; amounts in another currency are no terms. `focus_measures` are those of the item in
    focus, for "cheaper" and "lighter", `focus_kind` is its kind. Words inside phrases that point ("the blue one") are
    no terms, unless `pointing` is False: for a phrase that turned out to point at nothing known and is searched for.
    """
    read = gloss(text, language=language, vocabulary=vocabulary)
    scan = scan_message(
        text=read.text,
        ledger=ledger,
        vocabulary=vocabulary,
        currency=currency,
        tongue=get_tongue(language),
        pointing=pointing,
    )
    dropped, ending = read_endings(scan)
    terms = read_terms(scan)
    drafts = _list_drafts(scan, terms)
    taken = frozenset(index for draft in drafts for index in range(draft.first, draft.after))
    compared, unmeasured = read_comparisons(scan, focus_measures=focus_measures, taken=taken)
    compared = (*compared, *_read_compared_kind(scan, compared, drafts, focus_kind=focus_kind))
    drafts = [d for d in (*drafts, *compared) if not ending & set(range(d.first, d.after))]
    drafts = [_scoped(scan, draft, drafts) for draft in sorted(drafts, key=lambda draft: draft.first)]
    settled = settle(scan, drafts, dropped=dropped, turn=turn)
    return msgspec.structs.replace(
        settled,
        stated=tuple(msgspec.structs.replace(term, text=read.find_own(term.text)) for term in settled.stated),
        withdrawn=tuple(
            msgspec.structs.replace(end, text=read.find_own(end.text)) for end in settled.withdrawn
        ),
        rest=get_rest(scan, drafts, ending),
        spans=tuple(
            read.get_own_span(start=scan.tokens[d.first].start, end=scan.tokens[d.after - 1].end)
            for d in drafts
        ),
        foreign=tuple(read.find_own(text) for text in list_foreign(scan)),
        unmeasured=unmeasured,
    )


def _read_compared_kind(
    scan: Scan, compared: Sequence[Draft], drafts: Sequence[Draft], *, focus_kind: str
) -> tuple[Draft, ...]:
    """As in "something lighter" of a camera that was asked for by its name: another camera is sought."""
    named = scan.ledger.list_for("category") or any(draft.field == "category" for draft in drafts)
    if not compared or named or not focus_kind:
        return ()
    first, after = compared[0].first, compared[0].after
    return (Draft(field="category", op="=", value=focus_kind, first=first, after=after),)


def _list_drafts(scan: Scan, terms: tuple[Draft, ...]) -> list[Draft]:
    drafts: list[Draft] = []
    people = read_recipients(scan)
    for found in (
        [term for term in terms if not any(_is_said_by(term, person) for person in people)],
        read_ages(scan),
        read_counts(scan),
        read_ranges(scan),
        read_quantities(scan),
        read_free_from(scan, terms),
        read_reduced(scan),
        people,
    ):
        drafts.extend(draft for draft in found if not _overlaps(draft, drafts))
    return drafts


def _is_said_by(term: Draft, person: Draft) -> bool:
    """As in "men's socks", in a shop that has some for men and others for everybody: both suit."""
    same = term.field == person.field and term.op == "="
    return same and person.first <= term.first and term.after <= person.after


def _overlaps(draft: Draft, others: Sequence[Draft]) -> bool:
    """True where a word is part of a term already; both ends of a range are one stretch, and between two kinds may
    stand what the first is to be like.
    """
    return any(
        draft.first < other.after
        and other.first < draft.after
        and not _stands_between_kinds(draft, other)
        and (
            draft.field != other.field
            or isinstance(draft.value, str | tuple)
            or isinstance(other.value, str | tuple)
        )
        for other in others
    )


def _stands_between_kinds(draft: Draft, kinds: Draft) -> bool:
    several = kinds.field == "category" and isinstance(kinds.value, tuple)
    return several and kinds.first < draft.first and draft.after < kinds.after


def _scoped(scan: Scan, draft: Draft, drafts: Sequence[Draft]) -> Draft:
    """A term holds for this search, unless the words say always, or speak of one item."""
    scope: Scope = "search"
    if _holds_always(scan, draft, others=[other for other in drafts if other != draft]):
        scope = "always"
    elif (draft.field in _ITEM_FIELDS and _speaks_of_item(scan, draft)) or _asks_of_item(scan, draft):
        scope = "item"
    return msgspec.structs.replace(draft, scope=scope)


def _holds_always(scan: Scan, draft: Draft, *, others: Sequence[Draft]) -> bool:
    """As in "I never wear wool": of the terms in that sentence; the goods sought now are not sought for ever."""
    if draft.field == "category" and draft.op in ("=", "in"):
        return False
    unbearable = scan.cues.list_of("unbearable_after")
    always = [
        cue
        for cue in scan.cues.list_of("always")
        if not _is_inside(cue, scan.cues.list_of("forget"))
        # "Without caffeine, I'm lactose intolerant" says of lactose alone that it holds for ever.
        and not (cue in unbearable and _is_inside(cue, others))
    ]
    cues = [*always, *(scan.cues.list_of("my_size") if draft.field == "size" else ())]
    return any(
        not scan.ends_sentence(first=min(cue.first, draft.first), after=max(cue.after, draft.after))
        for cue in cues
    )


def _is_inside(cue: Cue, others: Sequence[Cue | Draft]) -> bool:
    """As in "never mind the dots": its "never" is no word of its own."""
    return any(other.first <= cue.first and cue.after <= other.after for other in others)


def _speaks_of_item(scan: Scan, draft: Draft) -> bool:
    """As in "Do you have it in medium", "this one in red": a pronoun shortly before the term."""
    cues = scan.cues.list_of("this_item")
    changed = scan.cues.list_of("make_it")
    named = [spot.after for spot in scan.spots if any(term.field == "category" for term in spot.terms)]
    return any(
        cue.after <= draft.first <= cue.after + 3
        # "Chairs, four of them, in white": goods that are sought.
        and not any(after <= cue.first and after not in scan.pointed for after in named)
        and not any(change.first < cue.after <= change.after for change in changed)
        for cue in cues
    )


def _asks_of_item(scan: Scan, draft: Draft) -> bool:
    """As in "is it waterproof?": a question about what an item is, whose answer is sought and not other goods."""
    if draft.field in ("category", "price"):
        return False
    return any(
        cue.after <= draft.first <= cue.after + _REACH
        and not scan.ends_sentence(first=cue.first, after=draft.first)
        for cue in scan.cues.list_of("asks_item")
    )
