"""What is the shopper's already: goods in the cart, by the words that are said of them."""

import re
from collections.abc import Iterable

import msgspec

from commerce_agent.agent.understanding.english.counting import NUMBER_WORDS
from commerce_agent.agent.understanding.english.taking import NUMBER
from commerce_agent.agent.understanding.moves import Move, MoveKind
from conversations.events.entities import Reference
from conversations.ids import EntityRef
from conversations.language.tokens import list_stems
from conversations.language.tongues import get_tongue
from conversations.language.vocabulary import YES
from conversations.state import ConversationState

PRONOUNS = frozenset({"it", "its", "that", "this", "them", "they", "those", "these"})
_SMALL = get_tongue("en").stopwords | get_tongue("en").grammar.pointing | get_tongue("en").grammar.modal_noise
OF_OWN: frozenset[MoveKind] = frozenset(
    {
        "details", "policy", "price", "stock", "variants", "why", "check_out", "take_from_cart", "set_quantity",
        "agree",
    }
)  # fmt: skip
"""Moves that ask of goods or order them, and seek none."""
_JUST = re.compile(
    rf"\W*(?:(?:ok(?:ay)?|alright|fine|well|then|so|hm+|oh|no|damn|actually|sorry|wait|oops)\W+)*"
    r"(?:just|only|make it(?: just)?|i (?:meant|said|wanted)(?: just| only)?) "
    rf"(?P<number>{NUMBER}) (?!(?:more|others?|another|extra|additional|further)\b)(?P<what>[a-z][\w' -]{{2,40}}?)"
    r"(?:,? (?:then|please|only))*[^\w?]*",
    re.IGNORECASE,
)
"""As in "ok just one sunscreen then": how many of what is in the cart are wanted after all."""
_MY = re.compile(r"\b(?P<my>my|our) (?P<what>[\w'-]+(?: [\w'-]+){0,2})", re.IGNORECASE)


def list_called(text: str, *, state: ConversationState) -> list[EntityRef]:
    """What is in the cart and has all the words that the text says of it."""
    words = _list_telling(text)
    return [
        line.ref
        for line in state.cart.lines
        if words and words <= _list_known(line.ref, line.title, state=state)
    ]


def _list_telling(text: str) -> set[str]:
    return set(list_stems(text)) - {stem for word in _SMALL for stem in list_stems(word)}


def names_goods(text: str, ref: EntityRef, *, state: ConversationState) -> bool:
    """Whether the text has a word of what the item is called or of its kind, and tells no colour or size alone."""
    entity = state.entities.find(ref)
    called = {stem for stems in list_kind_stems((ref,), state=state) for stem in stems}
    called |= set(list_stems(entity.name)) if entity else set()
    return bool(called & _list_telling(text))


def _list_known(ref: EntityRef, title: str, *, state: ConversationState) -> set[str]:
    entity = state.entities.find(ref)
    values = [value for values in entity.attributes.values() for value in values] if entity else []
    return {stem for text in (title, *values) for stem in list_stems(text)}


def names_part_alone(reference: Reference, *, state: ConversationState) -> bool:
    """As in "remove the drawers", of a desk of which only is told how many it has: that is not what it is called."""
    words = _list_telling(reference.text)
    known = [entity for ref in reference.refs if (entity := state.entities.find(ref))]
    values = [(name, value) for entity in known for name, vs in entity.attributes.items() for value in vs]
    called = {
        stem for text in (*(e.name for e in known), *(v for _, v in values)) for stem in list_stems(text)
    }
    # "The waterproof one" is called so.
    parts = {stem for name, value in values if value.lower() not in YES for stem in list_stems(name)}
    return bool(words & parts) and words.isdisjoint(called)


def find_in_own(reference: Reference, *, moves: tuple[Move, ...], state: ConversationState) -> Reference:
    """As in "is the pushchair in stock?", with one in the cart and others shown long ago: the shopper's own is meant.

    Of the list that was shown last, something in it may be meant as well.
    """
    if adds_some(reference, moves=moves):
        return reference
    last = state.entities.showings[-1].refs if state.entities.showings else ()
    about = {move.kind for move in moves} & {"policy", "check_out"}
    if _is_passed_over(reference, last=last, state=state):
        reference = msgspec.structs.replace(
            reference, outcome="ambiguous", refs=(), candidates=reference.refs
        )
    listed = bool(set(reference.candidates) & set(last))
    own = [line.ref for line in state.cart.lines if line.ref in reference.candidates]
    if reference.outcome != "ambiguous" or (listed and not about and not _was_last(own, reference, state)):
        return reference
    if not own and reference.text.lower() not in PRONOUNS:
        kinds = _list_kinds(reference.candidates, state=state)
        # "The desk" is none of the desk lamps in the cart, where desks were shown.
        called = list_called(reference.text, state=state)
        own = [ref for ref in called if not kinds or kinds & _list_kinds((ref,), state=state)]
    if len(own) != 1:
        return reference
    return Reference(
        text=reference.text, outcome="resolved", refs=(own[0],), rules=(*reference.rules, "cart")
    )


def adds_some(reference: Reference, *, moves: tuple[Move, ...]) -> bool:
    """As in "put two of them in the cart", of several that were shown: one that is in there is as likely as others."""
    adds = any(move.kind == "add_to_cart" for move in moves)
    return adds and reference.outcome == "ambiguous" and reference.rules == ("pronoun", "some")


def _list_kinds(refs: Iterable[EntityRef], *, state: ConversationState) -> set[str]:
    entities = (state.entities.find(ref) for ref in refs)
    return {kind for entity in entities if entity for kind in entity.attributes.get("category", ())}


def list_kind_stems(refs: Iterable[EntityRef], *, state: ConversationState) -> list[tuple[str, ...]]:
    """The words of each kind that the items are of."""
    return [stems for kind in _list_kinds(refs, state=state) if (stems := list_stems(kind))]


def _was_last(own: list[EntityRef], reference: Reference, state: ConversationState) -> bool:
    """Whether the talk was of the shopper's own after it was of the others, whatever was shown beside it."""
    touched = {
        ref: known.touched
        for ref in reference.candidates
        if (known := state.entities.known.get(ref.key)) is not None
    }
    return len(own) == 1 and all(touched[own[0]] > at for ref, at in touched.items() if ref != own[0])


def _is_passed_over(reference: Reference, *, last: tuple[EntityRef, ...], state: ConversationState) -> bool:
    """Whether it is one of a kind, shown a while ago, and what lies in the cart of that kind was spoken of since."""
    plain = reference.outcome == "resolved" and reference.rules[:1] == ("category",)
    if not plain or len(reference.refs) != 1 or reference.refs[0] in last or "cart" in reference.rules:
        return False
    own = list_called(reference.text, state=state)
    known = state.entities.known.get(reference.refs[0].key)
    held = state.entities.known.get(own[0].key) if len(own) == 1 else None
    return bool(known and held and held.touched > known.touched)


def find_counted(said: str, *, state: ConversationState) -> tuple[Move, Reference] | None:
    """So many of what is in the cart and was called by its kind or name; None where that is nothing in it."""
    match = _JUST.fullmatch(said)
    own = list_called(match.group("what"), state=state) if match else []
    if match is None or len(own) != 1:
        return None
    number = match.group("number").lower()
    reference = Reference(
        text=match.group("what"), outcome="resolved", refs=(own[0],), rules=("cart", "name")
    )
    return Move(kind="set_quantity", topic=str(NUMBER_WORDS.get(number, number))), reference


def find_own(said: str, *, moves: tuple[Move, ...], state: ConversationState) -> tuple[Reference, ...]:
    """As in "what's the warranty on my drill?", with a drill in the cart; nothing where goods are sought."""
    if not state.cart.lines or not moves or not {move.kind for move in moves} <= OF_OWN:
        return ()
    for match in _MY.finditer(said):
        words = match.group("what").split()
        for count in range(len(words), 0, -1):
            own = list_called(" ".join(words[:count]), state=state)
            if len(own) == 1:
                text = f"{match.group('my')} {' '.join(words[:count])}"
                return (Reference(text=text, outcome="resolved", refs=(own[0],), rules=("cart", "name")),)
    return ()


def find_word(word: str, *, said: str) -> int:
    """Where the word itself stands: the "it" of "what's with the Vista, is it new?" is not in "with"."""
    match = re.search(rf"\b{re.escape(word)}\b", said)
    return match.start() if match else -1
