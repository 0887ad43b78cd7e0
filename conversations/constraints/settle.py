"""From what the text says to what changes in the ledger: ids, what is replaced, what a new topic ends."""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from conversations.constraints.measures import list_attributes_of
from conversations.constraints.parts import names_other_part
from conversations.constraints.reading import ConstraintReading, Draft, Superseding, Withdrawal
from conversations.constraints.scan import Scan
from conversations.constraints.whose import is_of_person
from conversations.events.constraints import Constraint, ConstraintValue, list_values
from conversations.language.catalogue import GLOSSED
from conversations.language.glossing import gloss
from conversations.language.order import list_comparatives, opens_with_more
from conversations.language.thesaurus import build_thesaurus, does_cover, get_same
from conversations.language.tokens import get_key, list_tokens
from conversations.language.vocabulary import Vocabulary

_POSITIVE = ("=", "in")
_NO_SHOP = Vocabulary()
_LASTING = frozenset({"price", "rating"})
"""Fields that hold over a change of topic: a budget and a standard are the shopper's, not the category's."""


def settle(
    scan: Scan, drafts: Sequence[Draft], *, dropped: Sequence[Withdrawal], turn: int
) -> ConstraintReading:
    """Answers the terms to state, those said again, the ones they take the place of, and the ones that end."""
    drafts = _without_corrected(drafts)
    stated: list[Constraint] = []
    superseded: list[Superseding] = []
    gone = {ending.id for ending in dropped}
    again: list[Constraint] = []
    allowed: list[Withdrawal] = []
    for draft in drafts:
        ends = _list_allowed(scan, draft, drafts)
        allowed.extend(end for end in ends if end.id not in gone)
        gone |= {end.id for end in ends}
        if ends:
            continue
        widened = _widened(scan, draft, drafts)
        text = scan.get_text(first=draft.first, after=draft.after)
        new = Constraint(
            id=f"c{scan.ledger.count + len(stated) + 1}",
            field=widened.field,
            op=widened.op,
            value=widened.value,
            scope=widened.scope,
            text=text,
            turn=turn,
        )
        same = [held for held in scan.ledger.active if _says_the_same(held, new) and held.id not in gone]
        again.extend(same)
        if same:
            continue
        for held in scan.ledger.active:
            if held.id not in gone and _replaces(new, held, drafts):
                superseded.append(Superseding(old=held.id, new=new.id))
                gone.add(held.id)
        stated.append(new)
    # "Conditioner in 1 l", after shampoo in 1 l: what is said again of the new goods does not end with the old ones.
    kept = gone | {term.id for term in again}
    ended = (*_end_topic(scan, stated, superseded, kept), *_end_narrowing(scan, drafts, kept))
    return ConstraintReading(
        stated=tuple(stated),
        again=tuple(again),
        superseded=tuple(superseded),
        withdrawn=(*dropped, *allowed, *ended),
        rest="",
    )


def _list_allowed(scan: Scan, draft: Draft, drafts: Sequence[Draft]) -> list[Withdrawal]:
    """As in "Acme is ok after all", after "nothing from Acme": that ends, and nothing is asked for."""
    fine = scan.cues.find_starting_at("is_fine", at=draft.after)
    refused = any(other.field == draft.field and other.op not in _POSITIVE for other in drafts)
    if draft.op not in _POSITIVE or fine is None or refused:
        return []
    named, text = set(_lower(draft.value)), scan.get_text(first=draft.first, after=fine.after)
    return [
        Withdrawal(id=held.id, reason="dropped", text=text)
        for held in scan.ledger.active
        if held.field == draft.field and held.op not in _POSITIVE and set(_lower(held.value)) <= named
    ]


def _without_corrected(drafts: Sequence[Draft]) -> list[Draft]:
    """As in "under 50, no wait, 60": of two numbers for one limit the later one holds."""
    kept: list[Draft] = []
    for draft in drafts:
        kept = [before for before in kept if not _corrects(draft, before)]
        kept.append(draft)
    return kept


def _corrects(draft: Draft, before: Draft) -> bool:
    same = draft.field == before.field and draft.scope == before.scope
    if not same or not (isinstance(draft.value, float | int) and isinstance(before.value, float | int)):
        return False
    if draft.op == before.op or "=" in (draft.op, before.op):
        return True
    low, high = (draft, before) if draft.op == ">=" else (before, draft)
    return float(str(low.value)) > float(str(high.value))


def _says_the_same(held: Constraint, new: Constraint) -> bool:
    same = held.field == new.field and held.op == new.op and held.value == new.value
    return (
        same and not names_other_part(held, new=new) and (held.scope == new.scope or held.scope == "always")
    )


def _widened(scan: Scan, draft: Draft, drafts: Sequence[Draft]) -> Draft:
    """As in "Red is fine too" adds red to the colours that were asked for."""
    added = _adds(scan) or (scan.tokens and scan.tokens[0].word in scan.tongue.grammar.either)
    if draft.op not in _POSITIVE or draft.field == "category" or not added:
        return draft
    if any(other.field == "category" for other in drafts):
        return draft
    held = next((c for c in scan.ledger.list_for(draft.field) if c.op in _POSITIVE), None)
    if held is None:
        return draft
    values = tuple(dict.fromkeys((*list_values(held.value), *list_values(draft.value))))
    return msgspec.structs.replace(draft, op="in", value=values)


_ABOUT = frozenset(
    {"around", "about", "roughly", "approximately", "approx", "circa", "near", "~", "so", "ish"}
)
_POLITE = frozenset({"please", "thanks", "then"})


def _adds(scan: Scan) -> bool:
    """Whether the message adds to what was wanted; "too dear" adds nothing."""
    return any(
        scan.tokens[cue.first].word not in scan.tongue.grammar.too
        or cue.after == len(scan.tokens)
        or not scan.tokens[cue.after].is_word
        or scan.tokens[cue.after].word in _POLITE
        for cue in scan.cues.list_of("also")
    )


def _replaces(new: Constraint, held: Constraint, drafts: Sequence[Draft]) -> bool:
    if new.field != held.field and new.scope == held.scope and _rules_out(new, held):
        return True
    if new.field != held.field or (new.scope == "item") != (held.scope == "item"):
        return False  # "Do you have it in red?" asks about one item and leaves the search as it is.
    if isinstance(new.value, float | int) and isinstance(held.value, float | int):
        both_ends = {draft.op for draft in drafts if draft.field == new.field} >= {"<=", ">="}
        if both_ends or new.op == held.op or "=" in (new.op, held.op) or _contradict(new, held):
            return True
        return is_relative(new) and _is_around(held)
    if held.scope == "always" and new.scope != "always" and held.op not in _POSITIVE:
        return False
    mine, theirs = set(_lower(new.value)), set(_lower(held.value))
    if (new.op in _POSITIVE) != (held.op in _POSITIVE):
        return bool(mine & theirs)
    return new.op in _POSITIVE


def _rules_out(new: Constraint, held: Constraint) -> bool:
    """As in "without caffeine" after "with caffeine", where the shop has "caffeine free" and "caffeine"."""
    one, other = (term.field.lower().replace("_", " ").replace("-", " ") for term in (new, held))
    free, contained = (new, held) if len(one) > len(other) else (held, new)
    plain, thing = max(one, other, key=len), min(one, other, key=len)
    return plain in (f"{thing} free", f"free from {thing}") and free.op == "=" and contained.op == ">="


def _is_around(held: Constraint) -> bool:
    """As in "around 40 litres … bigger": who asked for about so much has set no limit."""
    return any(token.word in _ABOUT for token in list_tokens(held.text))


def _contradict(new: Constraint, held: Constraint) -> bool:
    low, high = (new, held) if new.op == ">=" else (held, new)
    return float(str(low.value)) > float(str(high.value))


def _end_topic(
    scan: Scan, stated: Sequence[Constraint], superseded: Sequence[Superseding], gone: set[str]
) -> tuple[Withdrawal, ...]:
    """What a new category ends: the wishes about the old one, but not its price limit, nor refused brands."""
    topic = next((c for c in stated if c.field == "category" and c.op in _POSITIVE), None)
    replaced = {pair.old for pair in superseded if topic and pair.new == topic.id}
    old = next((c for c in scan.ledger.active if c.id in replaced), None)
    if topic is not None and old is None:
        return _end_foreign(scan, stated, gone, topic)
    if topic is None and (foreign := _find_foreign_wish(scan, stated)):
        return _end_all_but_lasting(scan, gone | {term.id for term in stated}, text=foreign.text)
    if topic is None and (widened := _find_other_goods_of(scan, stated)):
        return _end_all_but_lasting(scan, gone, text=widened.text)
    if topic is None or old is None:
        return ()
    if _is_related(scan, old, topic) and not _goes_with_item(scan, topic):
        return ()
    told = list_attributes_of(scan, list(list_values(topic.value)))
    theirs = {term.id for term in scan.ledger.active if is_of_person(term) and _is_told(term, told)}
    return _end_all_but_lasting(scan, gone | theirs, text=topic.text)


def _is_told(term: Constraint, told: Sequence[str]) -> bool:
    """Whether goods say it of themselves: whom a tent is for, no tent says."""
    return term.field == "size" or term.field in told


def _goes_with_item(scan: Scan, topic: Constraint) -> bool:
    """As in "a strap for it", in a shop whose straps are among its watches: other goods, which go with those."""
    words = [token.word for token in scan.tokens]
    kind = [token.word for token in list_tokens(topic.text, language=scan.tongue.stemmer)]
    grammar = scan.tongue.grammar
    for at in range(len(words) - len(kind) - 1):
        behind = at + len(kind)
        if words[at:behind] == kind and words[behind] in grammar.benefiting:
            meant = grammar.pronoun_one | grammar.pronoun_many | grammar.demonstrative_one
            # "A jacket for this winter" is for no item.
            follows = scan.tokens[behind + 2].is_word if behind + 2 < len(words) else False
            return words[behind + 1] in meant and not (
                follows and words[behind + 1] in grammar.demonstrative_one
            )
    return False


def _end_all_but_lasting(scan: Scan, gone: set[str], *, text: str) -> tuple[Withdrawal, ...]:
    return tuple(
        Withdrawal(id=held.id, reason="topic_changed", text=text)
        for held in scan.ledger.active
        if held.id not in gone
        and held.scope != "always"
        and not outlasts_topic(held, active=scan.ledger.active)
    )


def _find_foreign_wish(scan: Scan, stated: Sequence[Constraint]) -> Constraint | None:
    """As in "something for a boy of six" after cookbooks: a wish for what no goods of the kind at hand are told by."""
    something = scan.tongue.grammar.something
    if not stated or not any(token.word in something for token in scan.tokens):
        return None
    told = list_attributes_of(scan, [])
    wishes = (term for term in stated if term.field in scan.vocabulary.attributes and term.field not in told)
    return next(wishes, None) if told else None


def _find_other_goods_of(scan: Scan, stated: Sequence[Constraint]) -> Constraint | None:
    """As in "anything else from Acme?": whatever a maker has, of any kind."""
    makers = [term for term in stated if term.field == "brand" and term.op in _POSITIVE]
    if not makers:
        return None
    others = scan.tongue.grammar.elsewhere - scan.tongue.grammar.something
    return makers[0] if any(token.word in others for token in scan.tokens) else None


def _end_narrowing(scan: Scan, drafts: Sequence[Draft], gone: set[str]) -> tuple[Withdrawal, ...]:
    """As in "show me all chargers": every one of the kind, whatever was asked of it before; a budget stays."""
    kind = next((d for d in drafts if d.field == "category" and d.op in _POSITIVE), None)
    if len(drafts) != 1 or kind is None or not kind.first:
        return ()
    before = scan.tokens[kind.first - 1]
    if before.word not in scan.tongue.grammar.all_of:
        return ()
    return tuple(
        Withdrawal(id=held.id, reason="dropped", text=scan.get_text(first=kind.first - 1, after=kind.after))
        for held in scan.ledger.active
        if held.id not in gone
        and held.scope == "search"
        and held.field != "category"
        and not outlasts_topic(held, active=scan.ledger.active)
    )


def _end_foreign(
    scan: Scan, stated: Sequence[Constraint], gone: set[str], topic: Constraint
) -> tuple[Withdrawal, ...]:
    """As in "lipsticks" after creams for dry skin: what is told of no lipstick is no wish for one."""
    told = list_attributes_of(scan, list(list_values(topic.value)))
    fresh = {term.id for term in stated}
    return tuple(
        Withdrawal(id=held.id, reason="topic_changed", text=topic.text)
        for held in scan.ledger.active
        if told and held.id not in gone | fresh and held.scope == "search"
        if held.field in scan.vocabulary.attributes and held.field not in told
    )


def outlasts_topic(held: Constraint, *, active: Sequence[Constraint]) -> bool:
    """Whether the term is the shopper's own, whatever goods come next: a budget, a standard, a refused maker.

    `active` are the terms that hold beside it.
    """
    refused_brand = held.field == "brand" and held.op not in _POSITIVE
    of_goods = _is_floor(held) or is_relative(held) or _ends_range(held, active=active)
    return (held.field in _LASTING and not of_goods) or refused_brand


def is_relative(held: Constraint) -> bool:
    """True of a limit that something cheaper or better than an item set: it says nothing of other goods."""
    number = isinstance(held.value, float | int)
    return (
        number
        and bool(held.text)
        and not any(letter.isdecimal() for letter in held.text)
        and _compares(held.text)
    )


@lru_cache(maxsize=1024)
def _compares(text: str) -> bool:
    """Whether the words compare, in whichever language they were kept: "cheaper", "moins cher"."""
    readings = (text, *(gloss(text, language=language, vocabulary=_NO_SHOP).text for language in GLOSSED))
    return opens_with_more(text) or any(list_comparatives(reading) for reading in readings)


def _is_floor(held: Constraint) -> bool:
    """A lowest price says how good a tent is wanted; of a sleeping bag it says nothing."""
    return held.field == "price" and held.op == ">="


def _ends_range(held: Constraint, *, active: Sequence[Constraint]) -> bool:
    """As in "between 40 and 70", "around 40": the most, said in one breath with the least, is no budget by itself."""
    return held.field == "price" and any(
        _is_floor(term) and (term.turn, term.text) == (held.turn, held.text) for term in active
    )


def _is_related(scan: Scan, old: Constraint, new: Constraint) -> bool:
    """True where the new category is the old one told more or less exactly."""
    if names_other_part(old, new=new):
        return False
    thesaurus = build_thesaurus(scan.tongue)
    paths = {c.name.lower(): {part.lower() for part in c.path} for c in scan.vocabulary.categories}
    for before in _lower(old.value):
        for after in _lower(new.value):
            if after in paths.get(before, ()) or before in paths.get(after, ()):
                return True
            one, other = (
                get_key(before, language=scan.tongue.stemmer),
                get_key(after, language=scan.tongue.stemmer),
            )
            if other in get_same(one, thesaurus) or does_cover(wide=one, narrow=other, thesaurus=thesaurus):
                return True
            if (
                does_cover(wide=other, narrow=one, thesaurus=thesaurus)
                or one.endswith(other)
                or other.endswith(one)
            ):
                return True
    return False


def _lower(value: ConstraintValue) -> tuple[str, ...]:
    return tuple(part.lower() for part in list_values(value))
