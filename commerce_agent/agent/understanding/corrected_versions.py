"""A colour or a size put right after it went into the cart: "sorry, I meant navy, not red", "actually, medium"."""

from commerce_agent.agent.understanding.english.of_cart import NOT_THIS_BUT_THAT, THAT_NOT_THIS
from commerce_agent.agent.understanding.understood import ShopWords
from conversations.constraints import Ledger, read_constraints
from conversations.events.constraints import Constraint
from conversations.events.entities import Entity
from conversations.language.sizes import get_normal_size
from conversations.language.tokens import list_stems
from conversations.language.tongues import get_tongue
from conversations.state import ConversationState

_OF_VERSION = frozenset({"color", "size"})


def write_corrected(said: str, *, state: ConversationState, words: ShopWords) -> str:
    """What is meant of what the last reply put into the cart: "swap it for navy"; else the message as it is.

    A version that is named as the wrong one has to be the one put in.
    """
    matched = THAT_NOT_THIS.fullmatch(said) or NOT_THIS_BUT_THAT.fullmatch(said)
    held = _find_put_in(state) if matched else None
    if matched is None or held is None or not (matched["sorry"] or matched["wrong"]):
        return said
    wanted = _read_version(matched["right"], state=state, words=words)
    wrong = _read_version(matched["wrong"] or "", state=state, words=words)
    if not wanted or any(_is_so(held, term) for term in wanted):
        return said
    if matched["wrong"] and not (wrong and all(_is_so(held, term) for term in wrong)):
        return said
    size = "size " if wanted[0].field == "size" else ""
    return f"swap it for {size}{matched['right']}"


def _find_put_in(state: ConversationState) -> Entity | None:
    """The one item at hand, where the last reply put it into the cart or changed it there."""
    changed = any(
        used.tool == "change_cart" and not used.dropped
        for decision in state.decisions.latest[-1:]
        for used in decision.tools
    )
    focus = state.entities.focus
    held = changed and len(focus) == 1 and any(line.ref == focus[0] for line in state.cart.lines)
    return state.entities.find(focus[0]) if held else None


def _read_version(said: str, *, state: ConversationState, words: ShopWords) -> tuple[Constraint, ...]:
    """The colour or the size, where the words name nothing else."""
    reading = read_constraints(
        text=f"in {said}",
        pointing=False,
        ledger=Ledger(),
        vocabulary=words.vocabulary,
        currency=state.transcript.currency,
        turn=state.transcript.turns,
    )
    plain = all(term.field in _OF_VERSION and term.op == "=" for term in reading.stated)
    return reading.stated if said and plain and not reading.rest else ()


def _is_so(entity: Entity, term: Constraint) -> bool:
    tongue, value = get_tongue("en"), str(term.value)
    known = entity.attributes.get(term.field, ())
    if term.field == "size":
        return get_normal_size(value, tongue) in {get_normal_size(size, tongue) for size in known}
    return any(set(list_stems(value)) <= set(list_stems(color)) for color in known)
