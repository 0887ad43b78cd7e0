"""From a message to what it means here: moves, references and changes of the shopper's terms."""

import re
from collections.abc import Iterable

import msgspec

from commerce_agent.agent.english_moves import MOVES, NUMBER_WORDS, POLICIES
from commerce_agent.agent.moves import ITEM_MOVES, WHOLE_MESSAGE, Move, MoveKind
from conversations.constraints import ConstraintReading, read_constraints
from conversations.entities import Entities
from conversations.events.entities import Entity, Reference
from conversations.ids import EntityRef
from conversations.language import Vocabulary
from conversations.references import resolve_references
from conversations.state import ConversationState

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
    entities = _with_open_question(state)
    resolution = resolve_references(
        text=said,
        entities=entities,
        vocabulary=words.vocabulary,
        cart=tuple(line.ref for line in state.cart.lines),
        orders=orders,
    )
    references = resolution.references
    moves = find_moves(said, policies=words.policies)
    answered = entities.asked is not None and any(r.outcome == "resolved" for r in references)
    if answered and not _has_item_move(moves):
        moves = _moves_asked_before(state, policies=words.policies) or moves
    reading = read_constraints(
        text=_without(said, references),
        ledger=state.constraints,
        vocabulary=words.vocabulary,
        currency=state.transcript.currency,
        turn=state.transcript.turns,
        focus_measures=_find_measures(state, references),
    )
    about_item = bool(references) and not resolution.starts_search
    wishes = _list_wishes(reading) if about_item and not _wants_search(moves) else ()
    if about_item and not _wants_search(moves):
        reading = ConstraintReading(rest="")
    elif _asks_variant_of_focus(state, moves=moves, reading=reading, references=references):
        wishes, references = _list_wishes(reading), (_focus_reference(state),)
        reading = ConstraintReading(rest="")
    return Understanding(
        said=said,
        moves=_settle(moves, references=references, reading=reading, wishes=wishes, state=state),
        references=references,
        reading=reading,
        wishes=wishes,
    )


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
        found = [move for move in found if move.kind not in ("take_from_cart",)]
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
    if not references and not state.entities.focus:
        kept = [move for move in kept if move.kind not in _ASIDE or _stands_alone(move, state=state)]
    firm = [move for move in kept if move.kind != "search"]
    if wishes:
        firm = [move for move in firm if move.kind not in ("details", "stock", "variants", "price")]
        return (Move(kind="variants"), *firm) if not _has_item_move(tuple(firm)) else tuple(firm)
    if references and not terms and not _has_item_move(tuple(firm)) and not firm:
        return (Move(kind="details"),)
    if references and not firm and terms:
        return (Move(kind="search"),)
    if not firm and (kept or terms or reading.rest):
        return (Move(kind="search"),)
    if terms and not _has_item_move(tuple(firm)) and not any(m.kind in ("start_over", "recap") for m in firm):
        without_more = tuple(move for move in firm if move.kind != "more")
        return (Move(kind="search"), *without_more)
    return tuple(firm)


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
