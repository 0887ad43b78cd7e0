"""What in the cart is meant by words that may mean more."""

import re

import msgspec

from commerce_agent.agent.understanding.english.cues import AND
from commerce_agent.agent.understanding.english.moves import MOVES
from commerce_agent.agent.understanding.english.of_cart import (
    DROPS,
    GOES_OUT,
    LEAVES_OUT,
    LEFT_OUT,
    SETS_TO,
    SWAPPED,
    TAKES_BACK,
    TAKES_RANKED,
)
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.understanding.own_items import (
    PRONOUNS,
    adds_some,
    find_word,
    list_called,
    list_kind_stems,
    names_goods,
    names_part_alone,
)
from conversations.events.entities import Reference
from conversations.ids import EntityRef
from conversations.language.order import has_superlative, list_comparatives
from conversations.language.tokens import list_stems
from conversations.language.tongues import get_tongue
from conversations.state import ConversationState

_SEVERAL = 2
IN_SEVERAL_VERSIONS = "cart.versions"
"""The rule that leaves open which version in the cart is meant, whatever is wished for in its place."""


def settle_in_cart(
    references: tuple[Reference, ...], *, said: str, moves: tuple[Move, ...], state: ConversationState
) -> tuple[Reference, ...]:
    """As in "remove the food": of what is taken out or changed in number, what is in the cart is meant; and as in "take
    that one instead", of what is gone what was named in its place.
    """
    if _INSTEAD.search(said) and (other := state.entities.alternative) and state.entities.find(other):
        references = tuple(_find_alternative(each, other, state=state) for each in references)
    if not any(move.kind in ("take_from_cart", "set_quantity") for move in moves) and not DROPS.search(said):
        return references
    placed = tuple(
        each if adds_some(each, moves=moves) else _in_cart(each, state=state) for each in references
    )
    if not any(move.kind == "take_from_cart" for move in moves):
        return placed
    return tuple(
        Reference(text=reference.text, outcome="unknown", rules=("cart", "nothing_fits"))
        if reference.outcome == "resolved" and names_part_alone(reference, state=state)
        else reference
        for reference in placed
    )


def say_of_cart(said: str, *, state: ConversationState) -> str:
    """The message with what it leaves unsaid of the cart."""
    said = _say_taken_back(_say_left_out(said, state=state), state=state)
    return _say_ranked(said, state=state)


def _say_taken_back(said: str, *, state: ConversationState) -> str:
    """As in "actually, not the iron", with an iron in the cart: that goes out, and no other irons are refused.

    "The blue one" is what was put in just now; of those that are shown, some may be blue as well.
    """
    back = TAKES_BACK.match(said) if state.entities.asked is None else None
    what = next((name for name in back.groups() if name), "") if back else ""
    called = list_called(what, state=state)
    titled = [ref for ref in called if names_goods(what, ref, state=state)]
    return f"remove {what}" if titled or set(called) & {*state.entities.focus} else said


def _say_ranked(said: str, *, state: ConversationState) -> str:
    """As in "remove the heavier one": of what lies in the cart, whatever was shown beside it."""
    taken = TAKES_RANKED.search(said)
    ranked = (taken["what"] or taken["named"]) if taken else ""
    if taken is None or len(state.cart.lines) < _SEVERAL:
        return said
    sure = list_comparatives(ranked) or has_superlative(ranked)
    return f"{said[: taken.end()]} in my cart{said[taken.end() :]}" if sure else said


def _say_left_out(said: str, *, state: ConversationState) -> str:
    """As in "leave out the lamp", "leave it out", with it in the cart: it is to go out, whatever else is left out."""
    left = LEFT_OUT.search(said)
    if left is None:
        return said
    named = left["what"] or left["named"] or left["pronoun"]
    focus = state.entities.focus
    held = (
        bool(focus) and {line.ref for line in state.cart.lines}.issuperset(focus)
        if left["pronoun"]
        else any(list_called(name, state=state) for name in AND.split(named))
    )
    return f"{said[: left.start('leaves')]}remove {named}{said[left.end() :]}" if held else said


def _find_alternative(reference: Reference, other: EntityRef, *, state: ConversationState) -> Reference:
    if len(reference.refs) != 1 or not _is_gone(reference.refs[0], state=state):
        return reference
    return msgspec.structs.replace(reference, refs=(other,), rules=(*reference.rules, "alternative"))


def _is_gone(ref: EntityRef, *, state: ConversationState) -> bool:
    """Whether it is known that it cannot be had, or not as many as the cart holds."""
    doubt = state.cart.doubts.get(ref.key)
    stock = state.facts.find(subject=ref, name="availability")
    gone = stock is not None and stock.value == "out_of_stock"
    return gone or (doubt is not None and doubt.verdict in ("sold_out", "too_few"))


def settle_swapped(
    references: tuple[Reference, ...], *, said: str, state: ConversationState
) -> tuple[Reference, ...]:
    """As in "swap the cot for that one": what goes out is in the cart, whatever else is called so."""
    held = {line.ref for line in state.cart.lines}
    return tuple(
        reference
        if reference.outcome != "resolved"
        or not GOES_OUT.search(said[: find_word(reference.text, said=said)])
        else _in_cart(reference, state=state)
        if held.isdisjoint(reference.refs)
        else _leave_open(reference, state=state)
        for reference in references
    )


def _leave_open(reference: Reference, *, state: ConversationState) -> Reference:
    """As in "swap the boots for size 9", of boots that lie in the cart in two versions: which is asked."""
    meant = state.entities.find(reference.refs[0])
    if reference.rules[:1] != ("category",) or "color" in reference.rules or meant is None or not meant.group:
        return reference
    entities = [entity for line in state.cart.lines if (entity := state.entities.find(line.ref))]
    alike = tuple(entity.ref for entity in entities if entity.group == meant.group)
    if len(alike) < _SEVERAL:
        return reference
    rules = (*reference.rules, IN_SEVERAL_VERSIONS)
    return msgspec.structs.replace(reference, outcome="ambiguous", refs=(), candidates=alike, rules=rules)


def swaps_in_cart(said: str, *, state: ConversationState) -> bool:
    """As in "swap the boots for size 9", of boots that are in the cart: no order that was placed is meant."""
    swapped = SWAPPED.search(said)
    if swapped is None or _BOUGHT.search(said):
        return False
    if swapped["what"].lower() in PRONOUNS:
        return any(line.ref in state.entities.focus for line in state.cart.lines)
    return bool(list_called(swapped["what"], state=state))


def settle_left_out(
    references: tuple[Reference, ...], *, said: str, moves: tuple[Move, ...], state: ConversationState
) -> tuple[tuple[Move, ...], tuple[Reference, ...]]:
    """As in "order it without the lamp": what stands behind "without" is in the cart and goes out, and nothing else.

    Where the cart has no such thing, as in "can I buy it without the box?", nothing goes out, and a question orders
    nothing.
    """
    if any(move.kind == "empty_cart" for move in moves):
        # Whose cart is emptied "except the lamp" chooses nothing of what was shown.
        return moves, tuple(each for each in references if "negation" not in each.rules)
    left_out = LEAVES_OUT.search(said)
    taken = any(move.kind == "take_from_cart" for move in moves)
    if left_out is None or not taken or _takes_otherwise(said, left_out):
        return moves, references
    named = [_find_left_out(name, references, state=state) for name in AND.split(left_out["what"]) if name]
    meant = tuple(reference for reference in named if reference is not None)
    if len(meant) == len(named):
        return moves, meant
    asks = said[left_out.end() : left_out.end() + 1] == "?"
    void = ("take_from_cart", "check_out") if asks else ("take_from_cart",)
    return tuple(move for move in moves if move.kind not in void), references


def _takes_otherwise(said: str, left_out: re.Match[str]) -> bool:
    """Whether other words of the message take something out as well."""
    others = said[: left_out.start()] + " " * len(left_out.group()) + said[left_out.end() :]
    return MOVES["take_from_cart"].search(others.lower()) is not None


def _find_left_out(
    name: str, references: tuple[Reference, ...], *, state: ConversationState
) -> Reference | None:
    held = {line.ref for line in state.cart.lines}
    own = list_called(name, state=state)
    if len(own) == 1:
        return Reference(text=name.strip(), outcome="resolved", refs=tuple(own), rules=("cart", "name"))
    same = [each for each in references if each.text.lower() == name.strip().lower()]
    meant = [each for each in same if each.outcome == "resolved" and held.issuperset(each.refs)]
    unsure = [each for each in same if each.outcome == "ambiguous" and own]
    return next(iter((*meant, *unsure)), None)


def without_miscounted(
    moves: tuple[Move, ...],
    references: tuple[Reference, ...],
    *,
    said: str,
    state: ConversationState,
) -> tuple[Move, ...]:
    """As in "could you lower it to 30?" of one lamp: fewer are less than there are, and only of what is in the cart."""
    sets = SETS_TO.search(said)
    if sets is None or not any(move.kind == "set_quantity" for move in moves):
        return moves
    refs = {ref for each in references for ref in (*each.refs, *each.candidates)} or {*state.entities.focus}
    counts = [line.quantity for line in state.cart.lines if line.ref in refs]
    return tuple(
        move
        for move in moves
        if move.kind != "set_quantity" or not move.topic or _is_count(int(move.topic), sets, counts=counts)
    )


def _is_count(number: int, sets: re.Match[str], *, counts: list[int]) -> bool:
    if sets["down"]:
        return any(number < count for count in counts)
    return any(number > count for count in counts) if sets["up"] else True


def _in_cart(reference: Reference, *, state: ConversationState) -> Reference:
    held = {line.ref: line.title for line in state.cart.lines}
    if (placed := _find_placed(reference, state=state)) is not None:
        return placed
    inside = tuple(ref for ref in (*reference.refs, *reference.candidates) if ref in held)
    if reference.outcome == "ambiguous" and len(inside) == 1:
        return Reference(
            text=reference.text, outcome="resolved", refs=inside, rules=(*reference.rules, "cart")
        )
    if several := _list_several(reference.text, state=state):
        return Reference(text=reference.text, outcome="resolved", refs=several, rules=("cart", "name", "all"))
    if inside and len(inside) < len(reference.refs):
        return Reference(
            text=reference.text, outcome="resolved", refs=inside, rules=(*reference.rules, "cart")
        )
    if (
        reference.text.lower() in PRONOUNS
        or not held
        or {*reference.refs, *reference.candidates} & held.keys()
    ):
        return reference
    named = [
        ref
        for ref in list_called(reference.text, state=state)
        if not _goes_with_such(ref, reference, state=state)
    ]
    if len(named) > 1 and all(state.entities.find(ref) for ref in named):
        # "Remove the gloves", with two pairs of them in the cart in other sizes than were shown.
        return msgspec.structs.replace(
            reference, outcome="ambiguous", refs=(), candidates=tuple(named), rules=("cart", "name", "equals")
        )
    if len(named) != 1:
        return reference
    return Reference(text=reference.text, outcome="resolved", refs=tuple(named), rules=("cart", "name"))


def _goes_with_such(ref: EntityRef, reference: Reference, *, state: ConversationState) -> bool:
    """As in "remove the desk", of a desk lamp: it is for what the words name, and the shop has that as well."""
    noun = list_stems(reference.text)[-1:]
    has, others = list_kind_stems((ref,), state=state), (*reference.refs, *reference.candidates)
    if not noun or not any(noun[0] in kind[:-1] for kind in has) or any(noun[0] == kind[-1] for kind in has):
        return False
    looked_for = reference.outcome == "unknown" and "category" in reference.rules
    return looked_for or any(noun[0] == kind[-1] for kind in list_kind_stems(others, state=state))


_PLACED = re.compile(r"the (?P<place>[a-z]+)(?: (?:one|item|line|thing))?", re.IGNORECASE)


def _find_placed(reference: Reference, *, state: ConversationState) -> Reference | None:
    """As in "remove the first one", where the first that was shown is not in the cart: the first line of that."""
    lines = state.cart.lines
    placed = _PLACED.fullmatch(reference.text) if "position" in reference.rules else None
    meant = {*reference.refs, *reference.candidates}
    if placed is None or meant & {line.ref for line in lines}:
        return None
    tongue = get_tongue("en")
    place = -1 if placed["place"].lower() == "last" else tongue.ordinals.get(placed["place"].lower(), 0)
    if place == 0 or place > len(lines) or not lines:
        return None
    ref = lines[place - 1 if place > 0 else place].ref
    return Reference(text=reference.text, outcome="resolved", refs=(ref,), rules=("position", "cart"))


def settle_both(references: tuple[Reference, ...], *, state: ConversationState) -> tuple[Reference, ...]:
    """As in "one of each then", after "do you have it in green as well?": the item and the version asked for."""
    latest = state.decisions.latest[-1:]
    named = [ref for decision in latest for each in decision.references for ref in each.refs]
    several = tuple(dict.fromkeys(ref for ref in named if state.entities.find(ref)))
    return tuple(
        msgspec.structs.replace(each, refs=several, rules=(*each.rules, "named_before"))
        if each.text.lower() in _BOTH and len(each.refs) == 1 and len(several) > 1
        else each
        for each in references
    )


_BOTH = frozenset({"both", "each"})
_BOUGHT = re.compile(
    r"\b(?:bought|ordered|purchased|received|got|arrived|came|orders?|delivered|delivery)\b|\d{4,}",
    re.IGNORECASE,
)
_INSTEAD = re.compile(r"\b(?:that|this|it)(?: one)?(?:,? (?:then|please))* instead\b", re.IGNORECASE)


def _list_several(text: str, *, state: ConversationState) -> tuple[EntityRef, ...]:
    """As in "remove the desks", with two of them in the cart: a plain plural means both; "the gloves" may be one."""
    words = text.lower().split()
    many = bool(words) and words[-1].endswith("s") and words[-1] not in get_tongue("en").grammar.paired
    plain = len(words) == 2 and words[0] in ("the", "my", "those", "these")
    named = list_called(text, state=state) if many and plain else []
    return tuple(named) if len(named) > 1 else ()


def is_in_cart(references: tuple[Reference, ...], *, state: ConversationState) -> bool:
    """Whether one of the items that are meant is in the cart."""
    held = {line.ref for line in state.cart.lines}
    return any(held & {*reference.refs, *reference.candidates} for reference in references)
