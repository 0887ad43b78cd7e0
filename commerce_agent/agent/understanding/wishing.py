"""What is asked of items that are meant: a colour, a size or another value they may come in or have."""

import re

from commerce_agent.agent.understanding.english.choices import EITHER_OF_IT, is_of_tier
from commerce_agent.agent.understanding.english.cues import (
    AFTER_IN,
    ASKS_FOR_THE,
    ASKS_HOW_MANY,
    ASKS_OF_IT,
    ASKS_WHETHER_HAS,
    ASKS_WHICH_OF_IT,
    BETTER_SIZE,
    INCLUDES,
    LAST_OF_LIST,
)
from commerce_agent.agent.understanding.meant_in_cart import IN_SEVERAL_VERSIONS
from commerce_agent.agent.understanding.moves import Move
from conversations.constraints import ConstraintReading, Ledger, read_constraints
from conversations.events.constraints import Constraint
from conversations.events.entities import Entity, Reference
from conversations.ids import EntityRef
from conversations.language import Vocabulary
from conversations.language.order import find_orders, opens_with_more
from conversations.language.sizes import get_normal_size, goes_by, list_spellings
from conversations.language.tokens import list_stems
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import NO, YES, get_kind
from conversations.state import ConversationState

_MOST_ASKED = 3
_MOST_HAVING = 5
_SMALL = frozenset(stem for word in get_tongue("en").stopwords for stem in list_stems(word))
COMING_WITH = frozenset(
    stem
    for word in ("included", "supplied", "provided", "safe", "friendly", "suitable", "ready")
    for stem in list_stems(word)
)
"""As in "bag included", "bee friendly": words behind what goods come with, or are good for."""
_BARE_SIZE = re.compile(r"(?:the |size )*(\d+(?:\.\d+)?)(?: ones?)?$", re.IGNORECASE)
"""As in "the 40": a size that is a number, and all that is said."""
_NUMBER_THEN = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|so|well|hm+|alright|fine|right|then)\W+)*"
    r"(?:the )?(?P<number>\d+(?:\.\d+)?)(?: one)? then\b",
    re.IGNORECASE,
)
_THE_NUMBER = re.compile(
    r"\bthe (?P<number>\d+(?:\.\d+)?)(?: ones?)?"
    r"(?=\W*$|\s*[.,;!?]"
    r"|,? (?:in (?:stock|the|my)|to (?:the|my)|available|please|then|too|also|as well|back|is|left|and|instead"
    r"|sold)\b)",
    re.IGNORECASE,
)
"""As in "is the 140 in stock?" of desks that come in 120 cm and 140 cm."""
Wishes = tuple[tuple[str, str], ...]


def is_of_item(
    said: str,
    reading: ConstraintReading,
    references: tuple[Reference, ...],
    *,
    state: ConversationState,
) -> bool:
    """Whether the terms are asked about of an item and not of goods to be found."""
    scoped = bool(reading.stated) and all(term.scope == "item" for term in reading.stated)
    if scoped or ASKS_WHICH_OF_IT.search(said) or INCLUDES.search(said):
        return True
    asked = ASKS_OF_IT.search(said) or (ASKS_FOR_THE.search(said) and len(references) == 1)
    return bool(asked) and (not find_kind(reading) or _is_own_part(said, references, state=state))


def find_part(
    wish: tuple[str, str], refs: tuple[EntityRef, ...], *, state: ConversationState
) -> tuple[str, str]:
    """As in "which of these comes with a filter?" of tanks that tell of one, in a shop that sells filters, too."""
    field, value = wish
    value = get_kind(value) if field == "category" else value
    entities = [entity for ref in refs if (entity := state.entities.find(ref))]
    kinds = {kind for entity in entities for kind in entity.attributes.get("category", ())}
    if field != "category" or value in kinds:
        return wish
    words = set(list_stems(value.split(">")[-1]))
    names = {
        name: values for each in entities for name, values in each.attributes.items() if name != "category"
    }
    parts = [name for name in names if words <= set(list_stems(name.replace("_", " ").replace("-", " ")))]
    told = {value.lower() for name in parts for value in names[name]}
    if not parts:
        return wish
    return (parts[0], "yes") if told <= YES | NO else ("", parts[0])


def picks_version(
    references: tuple[Reference, ...], reading: ConstraintReading, *, state: ConversationState
) -> bool:
    """As in "ok, cream. What does it cost?" of what comes in cream as well: a version of it, and no new search."""
    fields = {term.field for term in reading.stated}
    pronouns = all(
        "pronoun" in reference.rules and reference.outcome == "resolved" for reference in references
    )
    refs = {ref for reference in references for ref in reference.refs}
    entity = state.entities.find(next(iter(refs))) if len(refs) == 1 else None
    plain = fields <= {"size", "color"} and all(term.op == "=" for term in reading.stated)
    return bool(pronouns and fields and plain and not reading.rest and entity and entity.group)


def _is_own_part(said: str, references: tuple[Reference, ...], *, state: ConversationState) -> bool:
    """As in "does it have a lock?" of cases that have one or none, in a shop that sells locks as well."""
    meant = [ref for reference in references for ref in (*reference.refs, *reference.candidates)]
    entities = [entity for ref in meant if (entity := state.entities.find(ref))]
    names = [
        set(list_stems(name.replace("_", " "))) - COMING_WITH for each in entities for name in each.attributes
    ]
    words = set(list_stems(said))
    return any(name and name <= words for name in names)


def list_item_wishes(
    said: str,
    *,
    reading: ConstraintReading,
    references: tuple[Reference, ...],
    state: ConversationState,
    vocabulary: Vocabulary,
) -> Wishes:
    """What the items are to be like; what they are already goes without asking where more is wished for."""
    wishes = (*_list_counts(reading, vocabulary), *list_wishes(reading))
    wishes = tuple(wish for wish in wishes if not (wish[0] == "color" and is_of_tier(wish[1], said=said)))
    if _is_own_part(said, references, state=state):
        wishes = tuple(wish for wish in wishes if wish[0] != "category")
    wishes = (*wishes, *_list_wishes_within(references, state, vocabulary))
    if not any(field == "size" for field, _ in wishes):
        wishes = (*wishes, *(("size", size) for size in _list_sizes(said, vocabulary)[:1]))
    meant = [ref for reference in references for ref in (*reference.refs, *reference.candidates)]
    entities = [entity for ref in meant if (entity := state.entities.find(ref))]
    met = tuple(wish for wish in wishes if entities and all(_is_met(wish, each) for each in entities))
    if met and len(met) < len(wishes) and EITHER_OF_IT.search(said):
        return met  # "Is that one A4 or A5?" asks which of them it is.
    unmet = tuple(wish for wish in wishes if not all(_is_met(wish, entity) for entity in entities))
    open_ = {field for field, _ in unmet} & {"color", "size"}
    if len(open_) == 1:
        # "In red medium", of a medium in black: the medium in red is meant.
        unmet = tuple(wish for wish in wishes if wish in unmet or wish[0] in {"color", "size"} - open_)
    return tuple(dict.fromkeys(unmet or wishes))


def settle_versions(
    references: tuple[Reference, ...], *, wishes: Wishes, state: ConversationState
) -> tuple[tuple[Reference, ...], Wishes]:
    """As in "do you have it in navy?" of three sofas, one of them navy, which is meant; and of "the Lark in 12", where
    a size is asked for, any version of the one product stands for it.
    """
    if not wishes:
        return references, wishes
    of_version = any(field in ("size", "color") for field, _ in wishes)
    settled = tuple(
        _settle_version(reference, wishes=wishes, of_version=of_version, state=state)
        for reference in references
    )
    meant = [entity for each in settled for ref in each.refs if (entity := state.entities.find(ref))]
    # "Wipers, the longest ones": of what kind they are is no wish.
    left = tuple(
        wish
        for wish in wishes
        if wish[0] != "category" or not (meant and all(_is_met(wish, each) for each in meant))
    )
    return settled, left


def without_met(wishes: Wishes, *, references: tuple[Reference, ...], state: ConversationState) -> Wishes:
    """As in "what colours does the 40 l come in?": that it holds 40 l is no wish, but says which is meant."""
    meant = [entity for each in references for ref in each.refs if (entity := state.entities.find(ref))]
    return tuple(wish for wish in wishes if not (meant and all(_is_met(wish, each) for each in meant)))


def _settle_version(
    reference: Reference, *, wishes: Wishes, of_version: bool, state: ConversationState
) -> Reference:
    entities = [entity for ref in reference.candidates if (entity := state.entities.find(ref))]
    groups = {entity.group for entity in entities}
    one = of_version and len(groups) == 1 and bool(groups - {""})
    as_wished = [entity.ref for entity in entities if all(_is_met(wish, entity) for wish in wishes)]
    is_left_open = IN_SEVERAL_VERSIONS in reference.rules
    if reference.outcome != "ambiguous" or is_left_open or not (one or len(as_wished) == 1):
        return reference
    refs = tuple(as_wished) if len(as_wished) == 1 else reference.candidates[:1]
    return Reference(text=reference.text, outcome="resolved", refs=refs, rules=(*reference.rules, "alike"))


def _is_met(wish: tuple[str, str], entity: Entity) -> bool:
    field, value = wish
    known = entity.attributes.get(field, ())
    if field == "size":
        tongue = get_tongue("en")
        same = get_normal_size(value, tongue) in {get_normal_size(held, tongue) for held in known}
        return same or any(goes_by(held, number=value) for held in known)
    return value.lower() in {held.lower() for held in known}


def _list_sizes(said: str, vocabulary: Vocabulary) -> list[str]:
    """The sizes after "in": those of the shop, and numbers where its sizes are numbers."""
    sizes = {size.lower(): size for size in vocabulary.sizes}
    numbered = any(size.isdecimal() for size in sizes)
    found = [*AFTER_IN.findall(said), *LAST_OF_LIST.findall(said), *BETTER_SIZE.findall(said)]
    return [
        sizes.get(name.lower(), name)
        for name in found
        if name.lower() in sizes
        or (numbered and name.isdecimal())
        or any(goes_by(size, number=name) for size in sizes)
    ]


def _list_counts(reading: ConstraintReading, vocabulary: Vocabulary) -> Wishes:
    """As in "do you have it with 1000 pieces?": counts, as the shop writes them."""
    return tuple(
        (term.field, f"{term.value:g}")
        for term in reading.stated
        if term.op == "=" and isinstance(term.value, float | int)
        if term.field not in ("price", "rating") and not vocabulary.measures.get(term.field)
    )


def find_kind(reading: ConstraintReading) -> str:
    """The one kind of goods that the message names."""
    terms = (*reading.stated, *reading.again)
    kinds = [term.value for term in terms if term.field == "category" and term.op == "="]
    return next((get_kind(kind) for kind in kinds if isinstance(kind, str)), "")


def _list_wishes_within(
    references: tuple[Reference, ...], state: ConversationState, vocabulary: Vocabulary
) -> Wishes:
    """Sizes and colours that stand inside a reference: "the red Dash in size 11"."""
    wishes: list[tuple[str, str]] = []
    for reference in references:
        # "In grey?" is all tail.
        _, _, tail = f" {reference.text}".partition(" in ")
        if tail and reference.outcome == "resolved":
            reading = read_constraints(
                text=f"in {tail}",
                ledger=Ledger(),
                vocabulary=vocabulary,
                currency=state.transcript.currency,
                turn=state.transcript.turns,
                focus_measures={},
            )
            wishes.extend(wish for wish in list_wishes(reading) if wish[0] in ("size", "color"))
        elif reference.outcome == "resolved":
            wishes.extend(("size", size) for size in _list_named_sizes(reference.text, vocabulary)[:1])
    return tuple(wishes)


def _list_named_sizes(text: str, vocabulary: Vocabulary) -> list[str]:
    """As in "the large red one", "the paperback": a size by its name, where the shop has it."""
    tongue = get_tongue("en")
    said = f" {' '.join(list_stems(text))} "
    own = [
        size
        for size in vocabulary.sizes
        if len(size) > 2 and not size.isdecimal() and f" {' '.join(list_stems(size))} " in said
    ]
    bare = _BARE_SIZE.match(text)
    own = own or [size for size in vocabulary.sizes if bare and size == bare.group(1)]
    own = own or [size for size in vocabulary.sizes if bare and goes_by(size, number=bare.group(1))]
    if own:
        return own
    spelt = list_spellings(vocabulary, tongue)
    named = [tongue.sizes[word] for word in text.lower().split() if len(word) > 1 and word in tongue.sizes]
    return [spelt[size] for size in named if size in spelt]


def list_wishes(reading: ConstraintReading) -> Wishes:
    """The values that the message asks for."""
    return tuple(
        (term.field, value)
        for term in reading.stated
        if term.op in ("=", "in")
        for value in (
            (term.value,)
            if isinstance(term.value, str)
            else term.value
            if isinstance(term.value, tuple)
            else ()
        )
    )


def asks_variant_of_focus(
    state: ConversationState,
    *,
    moves: tuple[Move, ...],
    reading: ConstraintReading,
    references: tuple[Reference, ...],
) -> bool:
    """Whether "in medium?" is asked of the item in focus and of nothing else; "boots in medium" is of all there are."""
    fields = {term.field for term in reading.stated}
    return (
        not references
        and len(state.entities.focus) == 1
        and bool(fields)
        and fields <= {"size", "color"}
        and "category" not in {term.field for term in reading.again}
        and all(term.op in ("=", "in") for term in reading.stated)
        and not set(reading.rest.lower().split()) - get_tongue("en").grammar.acquiring
        and not any(move.kind in ("search", "more") for move in moves)
    )


def list_sizes_of_focus(
    said: str, moves: tuple[Move, ...], *, state: ConversationState, vocabulary: Vocabulary
) -> Wishes:
    """As in "add the hardcover too", with the paperback in hand: the size in which it is wanted as well."""
    entities = [entity for ref in state.entities.focus if (entity := state.entities.find(ref))]
    alone = _NUMBER_THEN.match(said)
    numbered = _THE_NUMBER.search(said) is not None
    wanted = numbered or any(move.kind in ("add_to_cart", "stock", "price") for move in moves)
    # "Fine, 24 then" is all that is said.
    wanted |= alone is not None and not said[alone.end() :].strip(" .!?")
    if not wanted or len(entities) != 1 or not entities[0].attributes.get("size"):
        return ()
    named = _list_named_sizes(said, vocabulary) or _list_sizes_by_number(said, entities[0], vocabulary)
    return tuple(("size", size) for size in named[:1])


def _list_sizes_by_number(said: str, entity: Entity, vocabulary: Vocabulary) -> list[str]:
    """As in "24 then", of paints that come in 12 colours or 24: what is said of the size is its number alone."""
    match = _NUMBER_THEN.match(said) or _THE_NUMBER.search(said)
    held = entity.attributes.get("size", ("",))[0]
    if match is None or not held[:1].isdecimal():
        return []
    unit = held.lstrip("0123456789.,")
    return [size for size in vocabulary.sizes if unit and size == f"{match.group('number')}{unit}"]


def is_size_elsewhere(references: tuple[Reference, ...], sizes: Wishes, *, state: ConversationState) -> bool:
    """As in "add the hardcover too", with a paperback in hand: what goes by a size alone and never lay beside it.

    Its own other sizes come first then; the conversation need not have seen them.
    """
    if len(references) != 1 or not sizes or len(state.entities.focus) != 1:
        return False
    tongue = get_tongue("en")
    normal = get_normal_size(sizes[0][1], tongue)
    # "Medium" names the size that the shop writes "M".
    spelt = {stem for name, size in tongue.sizes.items() if size == normal for stem in list_stems(name)}
    named = {*list_stems(sizes[0][1]), *spelt}
    said = set(list_stems(references[0].text)) - set(tongue.stopwords)
    beside = {
        ref
        for showing in state.entities.showings
        if state.entities.focus[0] in showing.refs
        for ref in showing.refs
    }
    return bool(said) and said <= named and not {*references[0].refs, *references[0].candidates} & beside


def asks_attribute(said: str, *, state: ConversationState) -> bool:
    """As in "how many pages?": something that the shop tells of the items in focus is asked, and no item named."""
    asked = ASKS_HOW_MANY.match(said)
    entities = [entity for ref in state.entities.focus if (entity := state.entities.find(ref))]
    had = ASKS_WHETHER_HAS.match(said)
    if not (asked or had) or not entities or len(entities) > (_MOST_ASKED if asked else _MOST_HAVING):
        return False
    names = {name for entity in entities for name in (*entity.attributes, *entity.measures)}
    told = [list_stems(name.replace("_", " ").replace("-", " ")) for name in names]
    wanted = list_stems(asked.group("name")) if asked else ()
    parts = set(list_stems(had.group("name").replace("-", " "))) - _SMALL if had else set()
    return wanted in told or any(parts and parts <= set(name) for name in told)


def get_focus_reference(state: ConversationState) -> Reference:
    """The item in focus, as what the message means."""
    return Reference(text="", outcome="resolved", refs=state.entities.focus, rules=("in_focus",))


def list_asked_among(reading: ConstraintReading) -> tuple[Wishes, tuple[Constraint, ...]]:
    """What is asked of the goods that were shown, in values or words, and in numbers.

    A comparative asks for the first of them and sets no limit.
    """
    limits = tuple(
        term
        for term in reading.stated
        if isinstance(term.value, float | int)
        if not (find_orders(term.text) or opens_with_more(term.text))
        or any(letter.isdecimal() for letter in term.text)
    )
    rest = without_verbs(" ".join(word for word in reading.rest.split() if not find_orders(word)))
    return list_wishes(reading) or ((("", rest),) if rest and not limits else ()), limits


def without_verbs(words: str) -> str:
    """The words that say with what goods go: "MK4410" of "fits MK4410"."""
    grammar = get_tongue("en").grammar
    return (
        " ".join(word for word in words.split() if word.lower() not in grammar.verbs | grammar.suiting)
        or words
    )
