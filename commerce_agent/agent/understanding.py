"""From a message to what it means here: moves, references and changes of the shopper's terms."""

import re
from collections.abc import Iterable

import msgspec

from commerce_agent.agent.english_moves import MOVES, NUMBER_WORDS, PLAIN_YES, POLICIES
from commerce_agent.agent.moves import ITEM_MOVES, WHOLE_MESSAGE, Move, MoveKind
from conversations.constraints import ConstraintReading, Ledger, read_constraints
from conversations.entities import Entities
from conversations.events.entities import Entity, Reference
from conversations.ids import EntityRef
from conversations.language import Vocabulary
from conversations.references import resolve_references
from conversations.state import ConversationState

_WORDS = re.compile(r"[\w.½/-]+")
_LONGEST_ANSWER = 4
"""An answer that only names a value has no more words than this: "the grey one please"."""
_WORD = re.compile(r"[a-z]{4,}")
_ASIDE: frozenset[MoveKind] = frozenset({"price", "stock", "details", "variants", "more", "compare"})
"""Moves whose words also turn up in plain searches; without an item they give way to the search."""


class Understanding(msgspec.Struct, frozen=True, kw_only=True):
    """What one message means in its conversation."""

    said: str
    moves: tuple[Move, ...]
    references: tuple[Reference, ...]
    reading: ConstraintReading
    wishes: tuple[tuple[str, str], ...] = ()
    """Attributes asked of the item that is meant ("in red", "in medium"), not of a search."""
    among: tuple[EntityRef, ...] = ()
    """The items of which some are asked for: "are any of these waterproof?"."""

    @property
    def resolved(self) -> tuple[EntityRef, ...]:
        """The items that were meant, in the order they were named."""
        meant = [ref for reference in self.references for ref in reference.refs]
        return tuple(dict.fromkeys(meant))

    @property
    def unresolved(self) -> tuple[Reference, ...]:
        """References that need a question or an honest "I don't know that one"."""
        return tuple(reference for reference in self.references if reference.outcome != "resolved")


class ShopWords(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What the shop calls things."""

    vocabulary: Vocabulary
    policies: tuple[tuple[str, str], ...] = ()
    """Each policy's name and title."""


def understand(
    *, said: str, state: ConversationState, words: ShopWords, orders: tuple[EntityRef, ...] = ()
) -> Understanding:
    """Reads the message against the state. Pure: the same message and state mean the same, always."""
    said = _find_agreed(said, state) or said
    entities = _with_open_question(state)
    resolution = resolve_references(
        text=MOVES["why_not"].sub(_blanked, said),
        entities=entities,
        vocabulary=words.vocabulary,
        cart=tuple(line.ref for line in state.cart.lines),
        orders=orders,
    )
    moves = find_moves(said, policies=words.policies)
    references = _without_new_goods(resolution.references, moves=moves)
    answer = _find_answer(said, entities=entities)
    references = (answer,) if answer else references
    answered = entities.asked is not None and any(r.outcome == "resolved" for r in references)
    if answered and all(move.kind in ("search", "agree", "add_to_cart") for move in moves):
        moves = _moves_asked_before(state, policies=words.policies) or moves
    reading = read_constraints(
        text=_without(said, references),
        pointing=not (resolution.references and not references),
        ledger=state.constraints,
        vocabulary=words.vocabulary,
        currency=state.transcript.currency,
        turn=state.transcript.turns,
        focus_measures=_find_measures(state, references),
    )
    among = resolution.among if not references else ()
    of_item = bool(reading.stated) and all(term.scope == "item" for term in reading.stated)
    about_item = bool(references) and (of_item or not (resolution.starts_search or _wants_search(moves)))
    wishes = (*_list_wishes(reading), *_list_wishes_within(references, state, words)) if about_item else ()
    if about_item:
        reading = ConstraintReading(rest="")
    elif among and reading.stated:
        wishes = _list_wishes(reading)
        reading = ConstraintReading(rest="")
    elif _asks_variant_of_focus(state, moves=moves, reading=reading, references=references):
        wishes, references = _list_wishes(reading), (_focus_reference(state),)
        reading = ConstraintReading(rest="")
    return Understanding(
        said=said,
        moves=(Move(kind="among"),)
        if among and wishes
        else _settle(moves, references=references, reading=reading, wishes=wishes, state=state),
        references=references,
        reading=reading,
        wishes=wishes,
        among=among,
    )


def _without_new_goods(
    references: tuple[Reference, ...], *, moves: tuple[Move, ...]
) -> tuple[Reference, ...]:
    """Drops what points at nothing where goods are asked for: "what about the purple one?" is a search."""
    asks = any(move.kind == "search" for move in moves) and not _has_item_move(moves)
    if asks and references and all(reference.outcome == "unknown" for reference in references):
        return ()
    return references


def _find_agreed(said: str, state: ConversationState) -> str:
    """What a plain yes agrees to: the first button of the last turn; empty where the message is anything else."""
    transcript = state.transcript
    offered = transcript.offered if transcript.offered_in == transcript.turns - 1 else ()
    return offered[0] if offered and PLAIN_YES.fullmatch(said.strip()) else ""


def _find_answer(said: str, *, entities: Entities) -> Reference | None:
    """The candidate whose value alone the message names: "10" or "the grey" after "which size" or "which colour"."""
    asked = entities.asked
    if asked is None or not asked.question:
        return None
    words = set(_WORDS.findall(said.lower()))
    values = {
        ref: {value.lower() for value in entity.attributes.get(asked.question, ())}
        for ref in asked.candidates
        if (entity := entities.find(ref))
    }
    named = [ref for ref, known in values.items() if known & words]
    if len(named) != 1 or len(words) > _LONGEST_ANSWER:
        return None
    return Reference(text=said, outcome="resolved", refs=(named[0],), rules=(f"asked.{asked.question}",))


def _list_wishes_within(
    references: tuple[Reference, ...], state: ConversationState, words: ShopWords
) -> tuple[tuple[str, str], ...]:
    """Sizes and colours that stand inside a reference: "the red Dash in size 11"."""
    wishes: list[tuple[str, str]] = []
    for reference in references:
        _, _, tail = reference.text.partition(" in ")
        if tail and reference.outcome == "resolved":
            reading = read_constraints(
                text=f"in {tail}",
                ledger=Ledger(),
                vocabulary=words.vocabulary,
                currency=state.transcript.currency,
                turn=state.transcript.turns,
                focus_measures={},
            )
            wishes.extend(wish for wish in _list_wishes(reading) if wish[0] in ("size", "color"))
    return tuple(wishes)


def _with_open_question(state: ConversationState) -> Entities:
    """The entities; a question that the shopper passed over is not open any more."""
    if state.entities.asked_in >= state.transcript.turns - 1:
        return state.entities
    return msgspec.structs.replace(state.entities, asked=None)


def find_moves(said: str, *, policies: Iterable[tuple[str, str]] = ()) -> tuple[Move, ...]:
    """The moves whose words stand in the message, by where they stand."""
    found: list[Move] = []
    for kind, pattern in MOVES.items():
        match = pattern.search(said)
        if match:
            found.append(Move(kind=kind, at=match.start(), topic=_read_number(match)))
    found.extend(_find_policies(said, policies=policies))
    kinds = {move.kind for move in found}
    if "why_not" in kinds:
        found = [move for move in found if move.kind != "why"]
    if "orders" in kinds:
        found = [move for move in found if (move.kind, move.topic) != ("policy", "shipping")]
    if kinds & {"start_over", "never_mind"}:
        found = [move for move in found if move.kind != "take_from_cart"]
    return tuple(sorted(found, key=lambda move: move.at))


def _find_policies(said: str, *, policies: Iterable[tuple[str, str]]) -> list[Move]:
    found = [
        Move(kind="policy", topic=name, at=match.start())
        for name, pattern in POLICIES.items()
        if (match := pattern.search(said))
    ]
    if any(move.topic == "price_match" for move in found):
        found = [move for move in found if move.topic == "price_match"]
    lowered = said.lower()
    for name, title in policies:
        if name in POLICIES:
            continue
        words = _WORD.findall(f"{name.replace('_', ' ')} {title}".lower())
        if words and all(word in lowered for word in _WORD.findall(name.replace("_", " "))):
            found.append(Move(kind="policy", topic=name, at=lowered.find(words[0])))
    return found


def _read_number(match: re.Match[str]) -> str:
    for value in match.groupdict().values():
        if value:
            return str(NUMBER_WORDS.get(value.lower(), value))
    return ""


def _settle(
    moves: tuple[Move, ...],
    *,
    references: tuple[Reference, ...],
    reading: ConstraintReading,
    wishes: tuple[tuple[str, str], ...],
    state: ConversationState,
) -> tuple[Move, ...]:
    """Keeps the moves that mean something together, and adds the plain one where none was named."""
    terms = bool(reading.stated or reading.withdrawn or reading.unmeasured)
    says_more = bool(references or terms or reading.rest)
    kept = [
        move
        for move in moves
        if move.kind not in WHOLE_MESSAGE or not _says_more_than(move, moves, says_more)
    ]
    if "never_mind" in {move.kind for move in kept} and (reading.rest or terms) and len(kept) > 1:
        kept = [move for move in kept if move.kind != "never_mind"]
    if not references and len(state.entities.focus) != 1:
        kept = [move for move in kept if move.kind not in _ASIDE or _stands_alone(move, state=state)]
    if reading.withdrawn and not references:
        # "Any colour is fine" drops a term; it asks for no colours.
        kept = [move for move in kept if move.kind not in _ASIDE]
    firm = _merge([move for move in kept if move.kind != "search"], references=references)
    if wishes:
        return _about_wishes(firm, wishes=wishes)
    if references and not terms and not firm:
        return (Move(kind="details"),)
    if not firm and (kept or terms or reading.rest):
        return (Move(kind="search"),)
    if terms and not _has_item_move(firm) and not any(m.kind in ("start_over", "recap") for m in firm):
        return (Move(kind="search"), *(move for move in firm if move.kind != "more"))
    return firm


def _merge(moves: list[Move], *, references: tuple[Reference, ...]) -> tuple[Move, ...]:
    """Drops moves that another one covers: "how many are left" asks for stock, not for details."""
    kinds = {move.kind for move in moves}
    if "set_quantity" in kinds and "add_to_cart" in kinds:
        number = next(move.topic for move in moves if move.kind == "set_quantity")
        moves = [
            msgspec.structs.replace(move, topic=number) if move.kind == "add_to_cart" else move
            for move in moves
            if move.kind != "set_quantity"
        ]
    named = {ref for reference in references for ref in reference.refs}
    # "Which is the lightest?" has already picked one; there is nothing left to compare.
    if "compare" in kinds and len(named) == 1 and len(references) == 1:
        moves = [msgspec.structs.replace(m, kind="details") if m.kind == "compare" else m for m in moves]
    if kinds & {"stock", "price", "variants", "policy"}:
        moves = [move for move in moves if move.kind != "details"]
    if "policy" in kinds and not named:
        moves = [move for move in moves if move.kind != "price"]
    return tuple(moves)


def _about_wishes(moves: tuple[Move, ...], *, wishes: tuple[tuple[str, str], ...]) -> tuple[Move, ...]:
    """A colour or size asked of an item is a question for another version, any other word one for details."""
    others = tuple(move for move in moves if move.kind not in ("details", "stock", "variants", "price"))
    if _has_item_move(others):
        return others
    versions = {field for field, _ in wishes} <= {"color", "size", "material"}
    return (Move(kind="variants" if versions else "details"), *others)


def _blanked(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _says_more_than(move: Move, moves: tuple[Move, ...], says_more: bool) -> bool:  # noqa: FBT001
    others = [other for other in moves if other.kind not in WHOLE_MESSAGE]
    return bool(others) or (says_more and move.kind != "help")


def _stands_alone(move: Move, *, state: ConversationState) -> bool:
    """Whether the move can be answered from what was shown last, without an item being named."""
    return move.kind in ("more", "compare") and bool(state.entities.showings)


def _has_item_move(moves: tuple[Move, ...]) -> bool:
    return any(move.kind in ITEM_MOVES or move.kind in ("why", "why_not") for move in moves)


def _wants_search(moves: tuple[Move, ...]) -> bool:
    return any(move.kind == "search" for move in moves) and not _has_item_move(moves)


def _moves_asked_before(state: ConversationState, *, policies: Iterable[tuple[str, str]]) -> tuple[Move, ...]:
    """The moves of the message that led to the question which this message answers."""
    if not state.transcript.tail:
        return ()
    before = find_moves(state.transcript.tail[-1].said, policies=policies)
    return tuple(move for move in before if move.kind in ITEM_MOVES)


def _without(said: str, references: tuple[Reference, ...]) -> str:
    """The message with the referring words blanked, so that "the blue one" is no wish for blue."""
    for reference in references:
        if reference.text and len(reference.text) > 2:
            at = said.lower().find(reference.text.lower())
            if at >= 0:
                said = said[:at] + " " * len(reference.text) + said[at + len(reference.text) :]
    return said


def _find_measures(state: ConversationState, references: tuple[Reference, ...]) -> dict[str, float]:
    """What "lighter" or "cheaper" is measured against: the item meant, else the one in focus."""
    meant = [ref for reference in references for ref in reference.refs] or list(state.entities.focus)
    entities = [entity for ref in meant if (entity := state.entities.find(ref))]
    if not entities:
        entities = _list_shown_last(state)
    measures: dict[str, float] = {}
    for entity in entities:
        for name, value in entity.measures.items():
            measures[name] = min(value, measures.get(name, value))
    return measures


def _list_shown_last(state: ConversationState) -> list[Entity]:
    if not state.entities.showings:
        return []
    return [entity for ref in state.entities.showings[-1].refs if (entity := state.entities.find(ref))]


def _list_wishes(reading: ConstraintReading) -> tuple[tuple[str, str], ...]:
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


def _asks_variant_of_focus(
    state: ConversationState,
    *,
    moves: tuple[Move, ...],
    reading: ConstraintReading,
    references: tuple[Reference, ...],
) -> bool:
    """Whether "in medium?" is asked of the item in focus and of nothing else."""
    fields = {term.field for term in reading.stated}
    return (
        not references
        and len(state.entities.focus) == 1
        and bool(fields)
        and fields <= {"size", "color"}
        and not reading.rest
        and not any(move.kind in ("search", "more") for move in moves)
    )


def _focus_reference(state: ConversationState) -> Reference:
    return Reference(text="", outcome="resolved", refs=state.entities.focus, rules=("in_focus",))
