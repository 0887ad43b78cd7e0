"""Which versions of a product are as was wished for, and when two sizes are the same."""

import math
import re

from catalog.products import VariantRecord
from commerce_agent.agent.builtin.chosen_sizes import was_moved_to
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.open_questions import AMOUNT
from commerce_agent.tools.look_at_product import Look
from commerce_agent.tools.showing import get_ref
from conversations.language.amounts import list_amounts
from conversations.language.sizes import find_part, get_normal_size, goes_by
from conversations.language.tokens import list_tokens
from conversations.language.tongues import get_tongue

_RANKS = frozenset({"S", "M", "L"})
_DIMENSIONS = re.compile(r"\d\s*[x×]\s*\d", re.IGNORECASE)


def list_wished(scene: Scene, seen: Look) -> list[VariantRecord]:
    """The versions that are as wished for, in the size that was asked for; then those in stock come first."""
    wishes = scene.understanding.wishes
    matching = [sibling for sibling in seen.siblings if fits(sibling, wishes, base=seen.offer.item)]
    if not matching and len(wishes) == 1 and wishes[0][0] == "size":
        if _is_letter(wishes[0][1], said=scene.understanding.said) or seen.offer.item.size.isdecimal():
            # Nobody means "the biggest" of shoes that are numbered, or of weights, by an L.
            return []
        return _list_ranked(seen, rank=get_normal_size(wishes[0][1], get_tongue("en")))
    item = seen.offer.item
    if size := find_bound_size(scene, seen):
        # "In medium" still holds where red is asked for: another size is for the shopper to choose.
        return sorted(
            (sibling for sibling in matching if sibling.size == size),
            key=lambda sibling: sibling.quantity == 0,
        )
    if was_moved_to(scene, get_ref(item.sku)):
        # Who has chosen the medium and asks for it in red hears of the medium, sold out or not.
        return sorted(matching, key=lambda sibling: (sibling.size != item.size, sibling.quantity == 0))
    return sorted(matching, key=lambda sibling: (sibling.quantity == 0, sibling.size != item.size))


def find_bound_size(scene: Scene, seen: Look) -> str:
    """The size of the item in hand where an active term asks for it, and a colour alone is wished for; or nothing."""
    size = seen.offer.item.size
    if not size or {field for field, _ in scene.understanding.wishes} != {"color"}:
        return ""
    terms = scene.desk.trail.state.constraints.active
    held = any(
        term.field == "size" and term.op == "=" and is_same_size(size, str(term.value)) for term in terms
    )
    return size if held else ""


def _is_letter(size: str, *, said: str) -> bool:
    """Whether the size was said by its letter: "in L" is no "in large"."""
    return size in _RANKS and size.lower() in {token.word for token in list_tokens(said)}


def _list_ranked(seen: Look, *, rank: str) -> list[VariantRecord]:
    """As in "the big bottle": of sizes told in millilitres, grams or pieces the last, the first or the middle."""
    item, sizes = seen.offer.item, dict[float, VariantRecord]()
    for sibling in seen.siblings:
        held = find_measured(sibling.size)
        if held is not None and sibling.color == item.color:
            sizes.setdefault(held, sibling)
    if len(sizes) < 2:
        # The colour in hand comes in one size only: in those that can be had the sizes go on.
        for sibling in (each for each in seen.siblings if each.quantity != 0):
            held = find_measured(sibling.size)
            sizes |= {held: sibling} if held is not None and sizes.get(held, item).color == item.color else {}
    ranked = [sizes[held] for held in sorted(sizes)]
    if len(ranked) < 2 or rank not in _RANKS:
        return []
    middle = ranked[len(ranked) // 2] if len(ranked) % 2 else None
    chosen = {"S": ranked[0], "M": middle, "L": ranked[-1]}[rank]
    return [chosen] if chosen else []


def find_measured(size: str) -> float | None:
    """How much a size holds: "1 l" and "1000 ml" the same, "pack of 6" six; None where it says no number."""
    if (part := find_part(size)) is not None:
        return part
    lengths = [float(length.replace(",", ".")) for length in AMOUNT.findall(size)]
    if len(lengths) > 1 and _DIMENSIONS.search(size):
        return math.prod(lengths)
    amounts = list_amounts(list_tokens(size), get_tongue("en"))
    return amounts[0].value if len(amounts) == 1 else None


def is_same_size(one: str, other: str, /) -> bool:
    """Whether two ways to write a size mean the same: "Large" and "L", "180" and "180x200"."""
    tongue = get_tongue("en")
    same = get_normal_size(one, tongue) == get_normal_size(other, tongue)
    return same or _holds_the_same(one, other) or goes_by(one, number=other) or goes_by(other, number=one)


def _holds_the_same(one: str, other: str, /) -> bool:
    """As of "1 l" and "1000 ml"."""
    held = [list_amounts(list_tokens(size), get_tongue("en")) for size in (one, other)]
    if not all(len(amounts) == 1 and amounts[0].dimension for amounts in held):
        return False
    first, second = held[0][0], held[1][0]
    return first.dimension == second.dimension and math.isclose(first.value, second.value)


def fits(sibling: VariantRecord, wishes: tuple[tuple[str, str], ...], *, base: VariantRecord | None) -> bool:
    """Whether the sibling is as wished, and as the item in focus in what was not wished for."""
    wished = {field for field, _ in wishes}
    for field, value in wishes:
        if field == "size" and not is_same_size(sibling.size, value):
            return False
        if field == "color" and value.lower() not in " ".join((sibling.color, *sibling.colors)).lower():
            return False
        if field == "material" and value.lower() in sibling.material.lower():
            continue
        if field not in ("size", "color") and sibling.attributes.get(field, "").lower() != value.lower():
            return False
    return base is None or "color" in wished or not base.color or sibling.color == base.color
