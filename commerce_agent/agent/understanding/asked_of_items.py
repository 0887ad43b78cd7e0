"""What a message asks of items, of a policy or of the goods shown last, apart from what it searches for."""

import re
from typing import Final

import msgspec

from commerce_agent.agent.understanding.english.choices import AND_PART, FITS_IN
from commerce_agent.agent.understanding.english.cues import ASKS_VERSIONS
from commerce_agent.agent.understanding.english.fitting import ANYTHING
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.understanding.settling import asks_promotions, wants_search
from commerce_agent.agent.understanding.sizes_by_rank import find_size_behind, list_sizes_by_rank
from commerce_agent.agent.understanding.wishing import (
    Wishes,
    asks_attribute,
    asks_variant_of_focus,
    find_kind,
    find_part,
    get_focus_reference,
    is_of_item,
    is_size_elsewhere,
    list_asked_among,
    list_item_wishes,
    list_sizes_of_focus,
    list_wishes,
    picks_version,
    settle_versions,
    without_met,
)
from conversations.constraints import ConstraintReading
from conversations.events.constraints import Constraint
from conversations.events.entities import Reference
from conversations.ids import EntityRef
from conversations.language import Vocabulary
from conversations.language.order import find_orders
from conversations.language.tokens import list_stems
from conversations.language.vocabulary import get_kind
from conversations.state import ConversationState

AMONG = (Move(kind="among"),)
_SAYS_SIZE: Final = re.compile(r"\W*(?:in )?size [\w./]+(?: (?:only|please|then))*\W*(?<!\?)", re.IGNORECASE)
CORRECTS: Final = re.compile(r"\b(?:i meant?|sorry|correction|no,? wait|make (?:it|that))\b", re.IGNORECASE)
_OF_CART = frozenset({"show_cart", "empty_cart", "orders"})


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, of which items, and what of it is asked of them and not of a search."""

    moves: tuple[Move, ...]
    references: tuple[Reference, ...]
    reading: ConstraintReading
    wishes: Wishes = ()
    limits: tuple[Constraint, ...] = ()
    kind: str = ""
    kinds: tuple[str, ...] = ()


def find_asked(
    said: str,
    asked: Asked,
    *,
    among: tuple[EntityRef, ...],
    seeks: bool,
    state: ConversationState,
    vocabulary: Vocabulary,
) -> Asked:
    """Takes from the search what is asked of items, of a policy, or of the goods shown last."""
    references, reading, nothing = asked.references, asked.reading, ConstraintReading(rest="")
    change = msgspec.structs.replace
    sized = _find_size_asked(said, asked, state=state, vocabulary=vocabulary)
    if sized is not None:
        return sized
    of_item = is_of_item(said, reading, references, state=state) or picks_version(
        references, reading, state=state
    )
    if references and (of_item or not seeks):
        wishes = list_item_wishes(
            said, reading=reading, references=references, state=state, vocabulary=vocabulary
        )
        meant, wishes = settle_versions(references, wishes=wishes, state=state)
        if ASKS_VERSIONS.search(said):
            wishes = without_met(wishes, references=meant, state=state)
        ended = tuple(end for end in reading.withdrawn if end.reason != "topic_changed")
        kept = ConstraintReading(rest="", withdrawn=ended)
        return change(asked, references=meant, reading=kept, wishes=wishes)
    if _is_of_cart(asked, state=state):
        return change(asked, reading=nothing)
    if not references and asks_promotions(said, asked.moves) and (find_kind(reading) or _names_tier(reading)):
        only = tuple(move for move in asked.moves if move.kind == "promotions")
        return change(asked, moves=only, reading=nothing, kind=find_kind(reading))
    if _asks_policy_only(asked.moves):
        return change(asked, reading=nothing, kind=find_kind(reading), kinds=_list_kinds(reading))
    if among and (reading.stated or reading.rest or find_orders(said)):
        wishes, limits = list_asked_among(reading)
        wishes = tuple(find_part(wish, among, state=state) for wish in wishes)
        return change(asked, moves=AMONG, reading=nothing, wishes=wishes, limits=limits)
    if not references and _asks_of_focus(said, reading, state=state):
        details = (Move(kind="details"),)
        return change(asked, moves=details, references=(get_focus_reference(state),), reading=nothing)
    asks = not (
        ANYTHING.match(said) or _corrects_search(said, reading, state=state)
    ) and asks_variant_of_focus(state, moves=asked.moves, reading=reading, references=references)
    sizes = list_sizes_of_focus(said, asked.moves, state=state, vocabulary=vocabulary)
    if asks or (sizes and not references and not find_kind(reading)):
        wishes = list_wishes(reading) if asks else sizes
        stays = _keep_said(said, reading, state=state) if asks else nothing
        return change(asked, references=(get_focus_reference(state),), reading=stays, wishes=wishes)
    return asked


def _list_kinds(reading: ConstraintReading) -> tuple[str, ...]:
    """Every kind of goods that the message names: "leggings and mats"."""
    values = [term.value for term in (*reading.stated, *reading.again) if term.field == "category"]
    named = [value if isinstance(value, tuple) else (value,) for value in values]
    return tuple(dict.fromkeys(get_kind(str(kind)) for kinds in named for kind in kinds))


def _asks_for_part(said: str, reading: ConstraintReading, *, state: ConversationState) -> bool:
    """As in "and batteries?" of lights that tell "batteries included", in a shop without any."""
    asked = AND_PART.fullmatch(said)
    entity = state.entities.find(state.entities.focus[0]) if len(state.entities.focus) == 1 else None
    if asked is None or entity is None or find_kind(reading):
        return False
    parts = set(list_stems(asked["part"].replace("-", " ")))
    return any(
        parts <= set(list_stems(name.replace("_", " ").replace("-", " "))) for name in entity.attributes
    )


def _asks_of_focus(said: str, reading: ConstraintReading, *, state: ConversationState) -> bool:
    asks = asks_attribute(said, state=state) or _asks_to_fit(said, state=state)
    return asks or _asks_for_part(said, reading, state=state)


def _asks_to_fit(said: str, *, state: ConversationState) -> bool:
    """As in "does my laptop fit in there?", of the one item in hand."""
    return len(state.entities.focus) == 1 and FITS_IN.search(said) is not None


def _corrects_search(said: str, reading: ConstraintReading, *, state: ConversationState) -> bool:
    """As in "in blue … no, I meant yellow": what was just searched for is corrected, whatever one thing was found."""
    replaced = {pair.old for pair in reading.superseded}
    last = state.transcript.turns - 1
    return CORRECTS.search(said) is not None and any(
        term.id in replaced and term.turn == last and term.scope == "search"
        for term in state.constraints.active
    )


def _is_of_cart(asked: Asked, *, state: ConversationState) -> bool:
    """As in "the total without the red", which refuses no red, and in "make it two", right after the item went into the
    cart: pieces, whatever limit was a number as well.
    """
    if _OF_CART & {move.kind for move in asked.moves} and not wants_search(asked.moves):
        return True
    held = {line.ref for line in state.cart.lines} & set(state.entities.focus)
    counts = [move for move in asked.moves if move.kind == "set_quantity"]
    bare = all(
        isinstance(term.value, float | int) and len(term.text.split()) == 1 and term.text.isalnum()
        for term in asked.reading.stated
    )
    return bool(held and counts and asked.reading.superseded) and bare


def _keep_said(said: str, reading: ConstraintReading, *, state: ConversationState) -> ConstraintReading:
    """As in "I meant large", "size 10", "I'm a size 9", and "then in navy" of what was sought: of the search, too.

    A question wishes for nothing: "in navy?".
    """
    sought = bool(state.constraints.list_for("category")) and "?" not in said
    corrected = sought or (bool(reading.superseded) and CORRECTS.search(said) is not None)
    lasting = any(term.scope == "always" for term in reading.stated)
    if not (corrected or lasting or _SAYS_SIZE.fullmatch(said)):
        return ConstraintReading(rest="")
    return ConstraintReading(rest="", stated=reading.stated, superseded=reading.superseded)


def _find_size_asked(
    said: str, asked: Asked, *, state: ConversationState, vocabulary: Vocabulary
) -> Asked | None:
    """As in "add the hardcover too", "the big bottle": another size of what is in hand, by its name or its rank."""
    nothing = ConstraintReading(rest="")
    sizes = list_sizes_of_focus(said, asked.moves, state=state, vocabulary=vocabulary)
    if is_size_elsewhere(asked.references, sizes, state=state):
        # Its words are taken: no other goods are looked up under "the medium ones".
        meant = msgspec.structs.replace(get_focus_reference(state), text=asked.references[0].text)
        return msgspec.structs.replace(asked, references=(meant,), reading=nothing, wishes=sizes)
    if any(move.kind == "add_to_cart" for move in asked.moves) and (
        named := find_size_behind(said, asked.references, state=state)
    ):
        return msgspec.structs.replace(asked, reading=nothing, wishes=named[1])
    ranked, size = list_sizes_by_rank(said, asked.moves, asked.references, state=state)
    if ranked is None:
        return None
    return msgspec.structs.replace(asked, references=(ranked,), reading=nothing, wishes=size)


def _names_tier(reading: ConstraintReading) -> bool:
    """As in "do I get something off with gold?": the name of a tier that is one of a colour, too."""
    return bool(reading.stated) and all(term.field == "color" for term in reading.stated)


def _asks_policy_only(moves: tuple[Move, ...]) -> bool:
    return any(m.kind == "policy" for m in moves) and all(
        move.kind in ("policy", "details", "price", "stock") for move in moves
    )
