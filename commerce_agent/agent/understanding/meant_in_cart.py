"""What in the cart is meant by words that may mean more."""

from commerce_agent.agent.understanding.english.of_cart import DROPS, GOES_OUT
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.understanding.own_items import PRONOUNS, find_word, list_called
from conversations.events.entities import Reference
from conversations.state import ConversationState


def settle_in_cart(
    references: tuple[Reference, ...], *, said: str, moves: tuple[Move, ...], state: ConversationState
) -> tuple[Reference, ...]:
    """As in "remove the food": of what is taken out or changed in number, what is in the cart is meant."""
    if not any(move.kind in ("take_from_cart", "set_quantity") for move in moves) and not DROPS.search(said):
        return references
    return tuple(_in_cart(reference, state=state) for reference in references)


def settle_swapped(
    references: tuple[Reference, ...], *, said: str, state: ConversationState
) -> tuple[Reference, ...]:
    """As in "swap the cot for that one": what goes out is in the cart, whatever else is called so."""
    held = {line.ref for line in state.cart.lines}
    return tuple(
        _in_cart(reference, state=state)
        if reference.outcome == "resolved"
        and held.isdisjoint(reference.refs)
        and GOES_OUT.search(said[: find_word(reference.text, said=said)])
        else reference
        for reference in references
    )


def _in_cart(reference: Reference, *, state: ConversationState) -> Reference:
    held = {line.ref: line.title for line in state.cart.lines}
    inside = tuple(ref for ref in (*reference.refs, *reference.candidates) if ref in held)
    if reference.outcome == "ambiguous" and len(inside) == 1:
        return Reference(
            text=reference.text, outcome="resolved", refs=inside, rules=(*reference.rules, "cart")
        )
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
    named = list_called(reference.text, state=state)
    if len(named) != 1:
        return reference
    return Reference(text=reference.text, outcome="resolved", refs=tuple(named), rules=("cart", "name"))


def is_in_cart(references: tuple[Reference, ...], *, state: ConversationState) -> bool:
    """Whether one of the items that are meant is in the cart."""
    held = {line.ref for line in state.cart.lines}
    return any(held & {*reference.refs, *reference.candidates} for reference in references)
