"""Terms with a word: category, brand, colour, size, material and the shop's own attributes."""

from functools import lru_cache

from msgspec.structs import replace

from conversations.constraints.departments import in_own_department, keep_told_apart, without_sections
from conversations.constraints.joints import are_told_apart
from conversations.constraints.measures import list_named_attributes
from conversations.constraints.quantities import find_bound
from conversations.constraints.reading import Draft
from conversations.constraints.refused_makers import read_refused_makers
from conversations.constraints.refused_parts import read_refused_parts
from conversations.constraints.roles import is_sure, is_wide_name, names_kind
from conversations.constraints.scan import Scan
from conversations.constraints.size_terms import read_sizes
from conversations.constraints.worded_sizes import read_worded_sizes
from conversations.events.constraints import ConstraintValue, Op, list_values
from conversations.language.cue import Cue
from conversations.language.lexicon import Spot
from conversations.language.plurals import is_plural
from conversations.language.sizes import find_size
from conversations.language.tokens import list_stems
from conversations.language.vocabulary import Vocabulary

_BETWEEN_NOT_AND_TERM = 4
_REFUSING = ("!=", "not in")
_PREFERRED = ("category", "color", "brand", "material", "size")


def read_terms(scan: Scan) -> tuple[Draft, ...]:
    """Answers the terms in words in the message; values of one field that stand together are one term."""
    drafts: list[Draft] = []
    named = list_named_attributes(scan)
    for spot in scan.spots:
        within = spot.terms[0].field == "category" and set(range(spot.first, spot.after)) < named
        if (
            within
            or spot.first in scan.pointed
            or _is_counted_into_cart(scan, spot)
            or _is_said_fine(scan, spot)
            or _has_no_number(scan, spot)
        ):
            continue
        covered = bool(drafts) and spot.first < drafts[-1].after
        if covered or not _is_plain(scan, spot) or _is_measured(scan, spot):
            continue
        chosen = _find_meant(scan, spot)
        if chosen is None:
            continue
        field, value = chosen
        many, refused = isinstance(value, tuple), _is_refused(scan, spot, drafts, field)
        if field == "material" and not refused and names_kind(scan, spot):
            continue
        sure = refused or is_sure(scan, spot, field=field) or _goes_on(scan, spot, drafts, field)
        if not sure:
            continue
        op: Op = ("not in" if many else "!=") if refused else ("in" if many else "=")
        after = spot.after + _count_named(scan, spot, field)
        drafts.append(Draft(field=field, op=op, value=value, first=spot.first, after=after))
    drafts.extend(_read_held_kinds(scan, drafts))
    drafts.extend(read_sizes(scan, drafts))
    drafts.extend(read_refused_parts(scan))
    drafts.extend(read_refused_makers(scan))
    drafts.extend(() if any(d.field == "size" for d in drafts) else read_worded_sizes(scan))
    drafts = sorted(drafts, key=lambda draft: draft.first)
    settled = [_in_department(scan, draft) for draft in drafts]
    kinds = _without_departments(scan, _without_half_names(scan, settled))
    return _joined(_without_purposes(scan, _without_wider(scan, kinds)))


def _has_no_number(scan: Scan, spot: Spot) -> bool:
    """As in "which gathers the most light?", in a shop with lights: no goods are meant."""
    kind = spot.terms[0].field == "category" and not is_plural(scan.tokens[spot.after - 1].word)
    return kind and scan.find_word(spot.first - 1) in scan.tongue.grammar.measuring_out


def _without_half_names(scan: Scan, drafts: list[Draft]) -> list[Draft]:
    """As in "I work standing up, what chair do you have?" where desks are "Standing": half a name beside the whole name
    of other goods is only a word, unless its other half stands right behind it.
    """
    kinds = [draft for draft in drafts if draft.field == "category"]
    if not kinds:
        return drafts
    halves = {
        category.name: category.path[-1].lower()
        for category in scan.vocabulary.categories
        if category.says_parent and category.path
    }
    named = {(draft.first, str(draft.value).lower()) for draft in kinds}
    lone = [
        draft
        for draft in kinds
        if draft.value in halves and (draft.after, halves[str(draft.value)]) not in named
    ]
    return [draft for draft in drafts if draft not in lone] if len(lone) < len(kinds) else drafts


def _without_departments(scan: Scan, drafts: list[Draft]) -> list[Draft]:
    """As in "science books": of a kind and the department right behind it, the kind says it all."""
    if sum(draft.field == "category" for draft in drafts) < 2:
        return drafts
    paths = {category.name: category.path for category in scan.vocabulary.categories}
    kinds = [draft for draft in drafts if draft.field == "category" and isinstance(draft.value, str)]
    behind = {
        (draft.first, str(draft.value).lower()): draft.after for draft in drafts if draft.field == "category"
    }
    within = {(kind.after, part.lower()): kind for kind in kinds for part in paths.get(str(kind.value), ())}
    whole = {kind.first: behind[name] for name, kind in within.items() if name in behind}
    return [
        replace(draft, after=whole.get(draft.first, draft.after)) if draft in kinds else draft
        for draft in drafts
        if draft.field != "category" or (draft.first, str(draft.value).lower()) not in within
    ]


def _without_wider(scan: Scan, drafts: list[Draft]) -> list[Draft]:
    """As in "I'm starting with watercolours, what paints do you have?": of a kind and one above it, the narrower."""
    sought = [draft for draft in drafts if draft.field == "category" and draft.op == "="]
    if not sought:
        return drafts
    paths = _list_paths(scan.vocabulary)
    above = {part for draft in sought for part in paths.get(str(draft.value), ())}
    # "Shoes and boots" names both, though boots are shoes.
    wider = [
        draft
        for draft in sought
        if str(draft.value).lower() in above
        and not any(_stands_beside(scan, draft, other) for other in sought)
    ]
    return [draft for draft in drafts if draft not in wider]


@lru_cache(maxsize=64)
def _list_paths(vocabulary: Vocabulary) -> dict[str, frozenset[str]]:
    """Of each kind the names above it, in small letters: a shop has hundreds, and they are read once."""
    return {
        category.name: frozenset(part.lower() for part in category.path) for category in vocabulary.categories
    }


def _stands_beside(scan: Scan, one: Draft, other: Draft) -> bool:
    """Whether nothing stands between the two but "and" or "or"."""
    first, behind = (one, other) if one.first < other.first else (other, one)
    between = scan.tokens[first.after : behind.first]
    joints = scan.tongue.grammar.conjunctions | {","}
    return one is not other and bool(between) and all(token.word in joints for token in between)


def _read_held_kinds(scan: Scan, others: list[Draft]) -> list[Draft]:
    """As in "the gel ones", of a talk about pens: the word makes another kind of those that were sought."""
    if any(draft.field == "category" for draft in others):
        return []
    heads = {
        stem
        for term in scan.ledger.list_for("category")
        if term.op not in _REFUSING
        for value in list_values(term.value)
        for stem in list_stems(value, language=scan.tongue.stemmer)[-1:]
    }
    grammar = scan.tongue.grammar
    for at in range(1, len(scan.tokens)):
        if scan.tokens[at].word not in grammar.standin_one | grammar.standin_many or at in scan.pointed:
            continue
        terms = [
            term
            for head in heads
            for term in scan.lexicon.terms.get(scan.tokens[at - 1].stem + head, ())
            if term.field == "category"
        ]
        refused = scan.cues.find_ending_at("not", at=at - 1) is not None
        if len(terms) == 1:
            op: Op = "!=" if refused else "="
            return [Draft(field="category", op=op, value=terms[0].value, first=at - 1, after=at + 1)]
    return []


def _in_department(scan: Scan, draft: Draft) -> Draft:
    """As in "a bed for my dog", and "toys" in a talk about cats: of several kinds with one name, those of the
    department that the message names, else of the one that was talked about.
    """
    if draft.field != "category":
        return draft
    draft = keep_told_apart(scan, draft)
    if not isinstance(draft.value, tuple):
        return in_own_department(scan, draft)
    paths = {
        category.name: {part.lower() for part in (*category.path, category.name)}
        for category in scan.vocabulary.categories
    }
    named = {
        term.value.lower()
        for spot in scan.spots
        if not draft.first <= spot.first < draft.after
        for term in spot.terms
        if term.field == "category"
    }
    held = {
        part
        for term in scan.ledger.list_for("category")
        if term.op not in _REFUSING
        for value in list_values(term.value)
        for part in paths.get(value, {value.lower()})
    }
    if {value.lower() for value in draft.value} & held:
        return draft  # Who goes from desk lamps to lamps means all of them.
    for department in (named, held):
        within = [value for value in draft.value if paths.get(value, set()) & department]
        most = max((len(paths[value] & department) for value in within), default=0)
        closest = tuple(value for value in within if len(paths[value] & department) == most)
        if closest and len(closest) < len(draft.value):
            value = closest if len(closest) > 1 else closest[0]
            return replace(draft, op="in" if len(closest) > 1 else "=", value=value)
    return without_sections(draft)


def _count_named(scan: Scan, spot: Spot, field: str) -> int:
    """One where the word behind the value is the name of its attribute, or of the wider kind, else none."""
    behind = tuple(token.stem for token in scan.tokens[spot.after : spot.after + 1])
    if field == "category":
        return int(bool(behind) and is_wide_name(scan, behind[0], spot=spot))
    named = field not in _PREFERRED and bool(behind) and list_stems(field.replace("_", " ")) == behind
    return int(named and any(other.first == spot.after for other in scan.spots))


def _is_measured(scan: Scan, spot: Spot) -> bool:
    """As in "60 Nm or more": a number of a measure, whose bound counts, though some goods have this very value."""
    number = next(
        (amount for amount in scan.amounts if amount.first < spot.after and spot.first < amount.after), None
    )
    if number is None:
        return False
    bounded = find_bound(scan, number)[0] is not None
    measures = scan.vocabulary.measures.keys() - set(_PREFERRED)
    return bounded or all(term.field in measures for term in spot.terms)


def _goes_on(scan: Scan, spot: Spot, drafts: list[Draft], field: str) -> bool:
    """As in "from Spain or Italy": a value joined to one that is surely a term."""
    joint = scan.find_word(spot.first - 1)
    joined = joint in scan.tongue.grammar.conjunctions and bool(drafts)
    return joined and drafts[-1].field == field and drafts[-1].after == spot.first - 1


def _is_plain(scan: Scan, spot: Spot) -> bool:
    """False for a word that only attributes use and that says too little alone: "medium" is a size where the
    shop has that size, and where several attributes have a medium one of them must be named.
    """
    fields = {term.field for term in spot.terms}
    if fields & set(_PREFERRED):
        return True
    if len(fields) == 1 and any(scan.has_word(field, first=0, after=len(scan.tokens)) for field in fields):
        return True
    if find_size(scan.tokens, at=spot.first, tongue=scan.tongue, vocabulary=scan.vocabulary) is not None:
        return False
    return len(fields) == 1 or any(scan.has_word(field, first=0, after=len(scan.tokens)) for field in fields)


def _is_counted_into_cart(scan: Scan, spot: Spot) -> bool:
    """As in "add two lamps to my cart": an order for goods that are known, not a search, and the cart is no goods."""
    if set(range(spot.first, spot.after)) <= scan.list_carts():
        return True
    counted = any(amount.after == spot.first for amount in scan.amounts)
    return counted and scan.cues.has("cart")


def _is_said_fine(scan: Scan, spot: Spot) -> bool:
    """As in "lined is fine", in a shop whose nibs are fine, too."""
    return any(cue.first < spot.first and spot.after <= cue.after for cue in scan.cues.list_of("is_fine"))


def _find_meant(scan: Scan, spot: Spot) -> tuple[str, ConstraintValue] | None:
    """One name can serve several fields; the words beside it say which, or else the usual order does.

    A value that several of the shop's own attributes have says too little: it is left to search for.
    """
    fields: dict[str, ConstraintValue] = {}
    for term in spot.terms:
        held = fields.get(term.field)
        fields[term.field] = (*list_values(held), term.value) if held is not None else term.value
    by_maker = spot.first and scan.cues.find_ending_at("from_maker", at=spot.first)
    if by_maker and "brand" in fields:
        return "brand", fields["brand"]
    behind = tuple(token.stem for token in scan.tokens[spot.after : spot.after + 1])
    for field in fields:
        if field not in _PREFERRED and behind and list_stems(field.replace("_", " ")) == behind:
            # "Steel strings" of a guitar that has a word for its strings.
            return None if _names_goods(scan, spot) else (field, fields[field])
    for field in _PREFERRED:
        if field in fields:
            return field, fields[field]
    for field in fields:
        if scan.has_word(field, first=0, after=len(scan.tokens)):
            return field, fields[field]
    words = {token.stem for token in scan.tokens}
    named = [field for field in fields if set(list_stems(field.replace("_", " "))) <= words]
    field = named[0] if named else spot.terms[0].field
    return (field, fields[field]) if named or len(fields) == 1 else None


def _names_goods(scan: Scan, spot: Spot) -> bool:
    """As in "two sets of nylon strings", in a shop that also sells strings: no guitar that has them is meant."""
    kinds = [other for other in scan.spots if other.terms and other.terms[0].field == "category"]
    if not any(kind.first == spot.after for kind in kinds) or len(kinds) > 1:
        return False
    grammar, before = scan.tongue.grammar, scan.find_word(spot.first - 1)
    having = scan.tongue.containing | grammar.having | scan.tongue.introducing
    if before in having and scan.find_word(spot.first - 2) != "you":
        return False
    bought = (
        grammar.taking | grammar.part_of | grammar.indefinite | grammar.adding | scan.tongue.numbers.keys()
    )
    sought = {value for term in scan.ledger.list_for("category") for value in list_values(term.value)}
    return before in bought or before.isdecimal() or sought <= {kinds[0].terms[0].value}


def _is_refused(scan: Scan, spot: Spot, drafts: list[Draft], field: str) -> bool:
    """True after "not", "nothing from", "allergic to", also for what is joined to such a term by "or"."""
    if scan.cues.find_starting_at("free_after", at=spot.after) or (
        spot.after < len(scan.tokens)
        and scan.tokens[spot.after].word == "-"
        and scan.cues.find_starting_at("free_after", at=spot.after + 1)
    ):
        return True
    grammar = scan.tongue.grammar
    for end in range(spot.first, max(spot.first - _BETWEEN_NOT_AND_TERM, -1), -1):
        cue = scan.cues.find_ending_at("not", at=end)
        if cue:
            return not _is_plain_no(scan, cue)
        before = scan.tokens[end - 1].word if end else "."
        if before in grammar.conjunctions and drafts and drafts[-1].after in (end - 1, end - 2):
            return drafts[-1].op in _REFUSING and drafts[-1].field == field and before != ","
        if before not in scan.tongue.stopwords and not scan.has_word(field, first=end - 1, after=end):
            return _is_refused_strongly(scan, end - 1)
    return False


def _is_plain_no(scan: Scan, cue: Cue) -> bool:
    """As in "no, the briefcase in tan": the "no" answers what was said before."""
    alone = cue.after == cue.first + 1 and scan.tokens[cue.first].word in scan.tongue.grammar.denying
    behind = scan.find_word(cue.after)
    return alone and (behind == "," or behind in scan.tongue.grammar.pointing)


def _is_refused_strongly(scan: Scan, at: int) -> bool:
    """As in "I never wear wool": one word of any kind may stand between."""
    cue = scan.cues.find_ending_at("never", at=at)
    return cue is not None


def _without_purposes(scan: Scan, drafts: list[Draft]) -> list[Draft]:
    """As in "A lamp for my desk" asks for a lamp: a second category after a preposition says what the first
    is for.
    """
    kept: list[Draft] = []
    for draft in drafts:
        before = [d for d in kept if d.field == "category" and (d.op in _REFUSING) == (draft.op in _REFUSING)]
        joined = any(_are_joined(scan, kind, draft) for kind in before)
        if draft.field == "category" and before and not joined:
            continue
        kept.append(draft)
    return kept


def _are_joined(scan: Scan, one: Draft, other: Draft) -> bool:
    between = scan.tokens[one.after : other.first]
    joints = [token for token in between if token.word in scan.tongue.grammar.conjunctions]
    small = all(
        token.word in scan.tongue.grammar.conjunctions or token.word in scan.tongue.stopwords
        for token in between
    )
    prepositions = any(token.word in scan.tongue.grammar.prepositions for token in between)
    near = bool(joints) and len(between) <= 3 and small and not prepositions
    return near or are_told_apart(scan, first=one.after, after=other.first)


def _joined(drafts: list[Draft]) -> tuple[Draft, ...]:
    """The drafts, values of one field and one direction made into one term."""
    joined: list[Draft] = []
    for draft in drafts:
        at = next((i for i, d in enumerate(joined) if _can_join(d, draft)), None)
        if at is None:
            joined.append(draft)
            continue
        held = joined[at]
        values = tuple(dict.fromkeys((*list_values(held.value), *list_values(draft.value))))
        joined[at] = _as_term(held, values, draft)
    return tuple(joined)


def _can_join(held: Draft, draft: Draft) -> bool:
    return held.field == draft.field and (held.op in _REFUSING) == (draft.op in _REFUSING)


def _as_term(held: Draft, values: tuple[str, ...], draft: Draft) -> Draft:
    positive = held.op not in _REFUSING
    value: ConstraintValue = values if len(values) > 1 else values[0]
    op: Op = ("in" if positive else "not in") if len(values) > 1 else ("=" if positive else "!=")
    return Draft(field=held.field, op=op, value=value, first=held.first, after=draft.after)
