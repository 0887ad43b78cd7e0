"""Whether the shopper has said which of a product's sizes is meant."""

import re

from catalog.products import VariantRecord
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.own_items import PRONOUNS
from commerce_agent.agent.understanding.sizes_by_rank import names_rank
from commerce_agent.tools.look_at_product import Look
from commerce_agent.tools.showing import get_ref
from conversations.ids import EntityRef
from conversations.language.sizes import get_normal_size
from conversations.language.tongues import get_tongue

_BACK_IN = re.compile(r"\bback\b", re.IGNORECASE)
_LONGEST_LETTERS = 2
"""A size that is written in letters alone: "M", "XL"."""


def is_chosen(scene: Scene, ref: EntityRef, look: Look) -> bool:
    """Whether the item's size is the one that was named, or the only one with what was asked for."""
    return _has_chosen_size(scene, ref, look.offer.item.size) or _is_measured_out(scene, look)


def asks_size_of(scene: Scene, wished: list[VariantRecord]) -> bool:
    """As in "add the squall in olive", which comes in M and L: a colour alone chooses no size."""
    if any(field != "color" for field, _ in scene.understanding.wishes):
        return False
    had = [version for version in wished if version.quantity != 0]
    sizes = {version.size for version in had if version.size}
    return len(sizes) > 1 and not any(_has_chosen_size(scene, get_ref(v.sku), v.size) for v in had)


def _is_measured_out(scene: Scene, look: Look) -> bool:
    """As in "lights, 24 inch": a measure that was asked for, and that of its sizes only this one has."""
    held = look.offer.item.measures
    return any(
        isinstance(term.value, float | int)
        and term.op == "="
        and held.get(term.field) is not None
        and all(
            other.measures.get(term.field) != held[term.field]
            for other in list_sizes(look)
            if other.size != look.offer.item.size
        )
        for term in scene.desk.trail.state.constraints.active
    )


def list_sizes(look: Look) -> list[VariantRecord]:
    """The sizes that can be had in the colour of the item."""
    color = look.offer.item.color
    return [other for other in look.siblings if other.color == color and other.quantity != 0]


def _was_shown(scene: Scene, size: str) -> bool:
    """As in "the bigger pack … add it": the size that was asked for by rank and that the last reply told."""
    tail = scene.desk.trail.state.transcript.tail
    said = scene.read_before(tail[-1].said) if tail else ""
    measured = any(letter.isdecimal() for letter in size)
    return bool(tail) and measured and names_rank(said) and size in tail[-1].replied


def is_size_held(scene: Scene, size: str) -> bool:
    """As in "I'm a medium … add the selkie": the size that a term of the talk asks for."""
    same = get_normal_size(size, get_tongue("en"))
    return any(
        term.field == "size" and get_normal_size(str(term.value), get_tongue("en")) == same
        for term in scene.desk.trail.state.constraints.active
    )


def _has_chosen_size(scene: Scene, ref: EntityRef, size: str) -> bool:
    """Whether the size was named: in a term that holds, in the question that was just answered, or before."""
    named = is_size_held(scene, size)
    answered = any(
        "asked" in rule and len(reference.refs) == 1
        for reference in scene.understanding.references
        for rule in reference.rules
    )
    held = any(line.ref == ref for line in scene.desk.trail.state.cart.lines)
    tail = scene.desk.trail.state.transcript.tail
    spoken = " ".join(scene.read_before(exchange.said) for exchange in tail[-2:])
    earlier = " ".join(scene.read_before(exchange.said) for exchange in tail[:-2])
    asked_for = (
        bool(size) and re.search(rf"\b(?:size|in) {re.escape(size)}\b", earlier, re.IGNORECASE) is not None
    )
    in_hand = scene.desk.trail.state.entities.focus == (ref,)
    # "Long" may be written small; "M" is no "m" of "I'm".
    case = re.IGNORECASE if len(size) > _LONGEST_LETTERS else re.NOFLAG
    told = (
        bool(size)
        and re.search(rf"\b{re.escape(size)}\b", f"{spoken} {scene.understanding.said}", case) is not None
    ) or (in_hand and scene.desk.trail.focus_before == (ref,) and _is_called_so(size, said=spoken))
    # "7 ft then. Add it", in one message; "put it back in", right after it was taken out.
    picked = ref in scene.desk.trail.list_versions() or (in_hand and _is_put_back(scene))
    picked = picked or (in_hand and was_moved_to(scene, ref))
    return (
        named
        or answered
        or held
        or told
        or picked
        or (asked_for and in_hand)
        or (in_hand and _was_shown(scene, size))
    )


def was_moved_to(scene: Scene, ref: EntityRef) -> bool:
    """As in "medium, please … is it in stock? … two of those": the talk came to this size from another of the same."""
    entities = scene.desk.trail.state.entities
    own = entities.known.get(ref.key)
    # "Add the oatmeal one" chooses by its colour, and asks anew.
    if not all(
        each.text.lower() in {"", *PRONOUNS} for each in scene.understanding.references if ref in each.refs
    ):
        return False
    if own is None or not own.entity.group or any(ref in shown.refs[1:] for shown in entities.showings):
        return False
    color, size = (own.entity.attributes.get(name) for name in ("color", "size"))
    return any(
        other.introduced < own.introduced
        and other.entity.group == own.entity.group
        and other.entity.attributes.get("color") == color
        and other.entity.attributes.get("size") != size
        for other in entities.known.values()
    )


def _is_called_so(size: str, *, said: str) -> bool:
    """As in "do you have that in large?", of what comes in L and is what the talk is of now."""
    words = [
        word
        for word, short in get_tongue("en").sizes.items()
        if short == size.upper() and word != short.lower()
    ]
    number = re.match(r"\d+(?=\s?[a-z]+$)", size)
    if number and re.search(rf"\bthe {number.group()}\b(?! of\b)", said, re.IGNORECASE):
        return True  # "The 18, please" of what comes in 18 cm.
    return any(re.search(rf"\bin (?:an? |size )?{word}\b", said, re.IGNORECASE) for word in words)


def _is_put_back(scene: Scene) -> bool:
    """Whether it is to come back, and the last reply changed the cart: it is taken for what was taken out then."""
    latest = scene.desk.trail.state.decisions.latest[-1:]
    changed = any(used.tool == "change_cart" and not used.dropped for each in latest for used in each.tools)
    return changed and _BACK_IN.search(scene.understanding.said) is not None
