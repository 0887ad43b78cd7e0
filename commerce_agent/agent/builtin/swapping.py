"""One thing in the cart for another: other goods, or another version of the same."""

import msgspec

from catalog.products import VariantRecord
from commerce_agent.agent.builtin import carts, versions
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.unchecked import tell_unchecked
from commerce_agent.agent.builtin.wished_versions import list_wished
from commerce_agent.agent.understanding.english.counting import SWAPS_SOME, get_number
from commerce_agent.agent.understanding.english.cues import CORRECTS_TO, INSTEAD, OTHERWISE
from commerce_agent.agent.understanding.english.of_cart import (
    CORRECTS_VERSION,
    FOR_THAT,
    GOES_FOR,
    WHAT_GOES_OUT,
)
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.tools import change_cart, look_at_product
from commerce_agent.tools.desk import AskAgain, CannotBeDone
from commerce_agent.tools.look_at_product import Look
from commerce_agent.tools.showing import get_ref, to_entity
from conversations.events.carts import CartLine
from conversations.events.entities import EntitiesFocused, EntitiesIntroduced, Reference
from conversations.ids import EntityRef
from conversations.language.tokens import list_stems
from conversations.language.tongues import get_tongue

_BY_PRODUCT = (("category",), ("name",), ("shop.name",))
"""Rules that find goods by what they are; which version is meant they leave open."""
_BY_VERSION = frozenset({"color", "size", "position"})

_IN_HAND = frozenset({"pronoun", "focus", "in_focus", "implied", "some"})
"""Rules by which something is meant that was not named."""


async def swap(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:
    """Takes the first item out of the cart and puts the second in its place."""
    refs = (*refs, *_list_at_hand(scene, refs))
    if len(refs) == 1 and _is_missing(scene, move, refs[0]):
        entity = scene.desk.trail.state.entities.find(refs[0])
        await scene.say("cart.not_in", item=scene.entity_name(entity) if entity else refs[0].key)
        return
    if len(refs) == 1 and await _swap_one(scene, move, refs[0]):
        return
    if len(refs) != 2:
        await scene.say("ask.item")
        return
    leaving = carts.find_line(scene, refs[0])
    if leaving is None:
        await carts.take_out(scene, move, refs[:1])
        await carts.add(scene, move, refs[1:])
        return
    coming = await carts.find_version(scene, refs[1])
    if coming is None or coming == leaving.ref:
        # Which size has to be asked first: nothing is taken out for nothing.
        await carts.add(scene, move, refs[1:])
        return
    counted = SWAPS_SOME.search(scene.understanding.said)
    if counted and int(get_number(counted["number"])) < leaving.quantity:
        # "Swap one of the mugs for a bowl": the others stay.
        some = msgspec.structs.replace(move, topic=get_number(counted["number"]))
        await carts.take_out(scene, some, refs[:1])
        await carts.add(scene, some, refs[1:])
        return
    await _put_in_place(scene, leaving, coming, count=_find_count(scene, move, refs[1], leaving=leaving))


async def _swap_one(scene: Scene, move: Move, ref: EntityRef) -> bool:
    """Where one thing is named: another version of it as wished for, else itself in the place of another."""
    wished = bool(scene.understanding.wishes)
    if any(line.ref == ref for line in scene.desk.trail.state.cart.lines):
        if line := _find_named_out(scene, ref):
            await _put_in_place(scene, line, ref, count=_find_count(scene, move, ref, leaving=line))
            return True
        # What lies in the cart comes in for nothing else that lies there.
        if not wished or not await _change_version(scene, ref):
            await versions.tell_variants(scene, move, (ref,))
        return True
    if await _exchange(scene, move, ref):
        return True
    if wished and not await _put_in_wished(scene, ref):
        await versions.tell_variants(scene, move, (ref,))
    return wished


def _find_count(scene: Scene, move: Move, ref: EntityRef, *, leaving: CartLine) -> int:
    """How many come in: as many as were said, else as many of another version as go out, of other goods one."""
    said = scene.understanding.find_count(ref) or int(move.topic or 0)
    held, meant = (scene.desk.trail.state.entities.find(each) for each in (leaving.ref, ref))
    alike = held is not None and meant is not None and bool(held.group) and held.group == meant.group
    return said or (leaving.quantity if alike else 1)


def _list_at_hand(scene: Scene, refs: tuple[EntityRef, ...]) -> tuple[EntityRef, ...]:
    """As in "swap the cot for that one": what the talk was of just before; none where the words say what it is."""
    held = any(line.ref in refs for line in scene.desk.trail.state.cart.lines)
    before = [ref for ref in scene.desk.trail.focus_before if ref not in refs]
    return (before[0],) if len(refs) == len(before) == 1 and held and FOR_THAT.search(scene.said) else ()


def goes_out(scene: Scene, reference: Reference, *, move: Move) -> bool:
    """Whether what the words mean is to leave the cart: "take the mouse out", "swap the lamp for another"."""
    if move.kind != "swap":
        return move.kind == "take_from_cart" and len(reference.candidates) > 1
    said, at = scene.understanding.said, scene.understanding.said.find(reference.text)
    return at >= 0 and GOES_FOR.match(said, at + len(reference.text)) is not None


def _is_missing(scene: Scene, move: Move, ref: EntityRef) -> bool:
    """As in "swap the headphones for something cheaper", of a cart without any: nothing goes out for them."""
    held = any(line.ref == ref for line in scene.desk.trail.state.cart.lines)
    meant = [each for each in scene.understanding.references if ref in each.refs]
    leaves = any(goes_out(scene, reference, move=move) for reference in meant)
    return leaves and not held and _find_other_version(scene, ref) is None


async def add(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:
    """Puts the items into the cart; as in "take the blue instead", in place of what was put in before."""
    if len(refs) == 1 and _is_left_behind(scene, refs[0]):
        await scene.say("ask.item")
        return
    if len(refs) == 1 and scene.desk.trail.state.cart.lines and INSTEAD.search(scene.understanding.said):
        if scene.understanding.wishes:
            await tell_variants(scene, move, refs)
            return
        same = next((line for line in scene.desk.trail.state.cart.lines if line.ref == refs[0]), None)
        if same and not move.topic and scene.understanding.find_count(refs[0]) is None:
            # "Take that one instead", of what lies there: no second one is meant.
            await scene.say("cart.in_already", item=same.title)
            return
        replaced = find_put_in(scene) or _find_of_kind(scene, refs[0]) or _find_other_version(scene, refs[0])
        if replaced and await _exchange(scene, move, refs[0]):
            return
    await carts.add(scene, move, refs)


def _is_left_behind(scene: Scene, ref: EntityRef) -> bool:
    """As in "I'll take one", right after kayaks were asked for and none found: what was in hand before is not meant."""
    state = scene.desk.trail.state
    latest = next(iter(state.decisions.latest[-1:]), None)
    searched = latest is not None and any(
        used.tool == "search_products" and not used.dropped for used in latest.tools
    )
    meant = [each for each in scene.understanding.references if ref in each.refs]
    if latest is None or not searched or any(candidate.kept for candidate in latest.candidates):
        return False
    entity = state.entities.find(ref)
    title = set(list_stems(entity.name.rpartition(" in ")[0] or entity.name)) if entity else set()
    replied = {stem for exchange in state.transcript.tail[-1:] for stem in list_stems(exchange.replied)}
    return all(_IN_HAND.issuperset(each.rules) for each in meant) and not title <= replied


async def _exchange(scene: Scene, move: Move, ref: EntityRef) -> bool:
    """Puts the item in the place of another version of it, else of what was put in last or is of its kind.

    False where neither is in the cart.
    """
    line = _find_other_version(scene, ref)
    if line:
        await _put_in_place(scene, line, ref)
        return True
    before = scene.desk.trail.state.cart.lines
    if not before or any(line.ref == ref for line in before):
        return False
    named = WHAT_GOES_OUT.search(scene.understanding.said)
    held = [line for line in before if named is None or _is_called(scene, line, named["goods"])]
    if named and not held:
        # "Swap the atlas for the wheel", of a cart without an atlas: nothing else goes out for it.
        await scene.say("ask.not_in_cart", words=scene.understanding.get_own(named["goods"]))
        return True
    likely = (find_put_in(scene), _find_of_kind(scene, ref))
    replaced = next((line for line in likely if line in held), held[-1])
    chosen = await carts.find_version(scene, ref)
    if chosen is not None and all(line.ref != chosen for line in before):
        count = scene.understanding.find_count(ref) or int(move.topic or 1)
        await _put_in_place(scene, replaced, chosen, count=count)
        return True
    await carts.add(scene, move, (ref,))
    if len(scene.desk.trail.state.cart.lines) > len(before):
        # Where a size has to be asked for first, nothing is taken out for nothing.
        await carts.take_out(scene, msgspec.structs.replace(move, topic=""), (replaced.ref,))
    return True


def _find_named_out(scene: Scene, ref: EntityRef) -> CartLine | None:
    """As in "swap the atlas for the wheel" of a cart with both: the line that is called so, where the other is not."""
    named, lines = WHAT_GOES_OUT.search(scene.understanding.said), scene.desk.trail.state.cart.lines
    words = set(list_stems(named["goods"])) if named else set()
    own = {stem for line in lines if line.ref == ref for stem in list_stems(line.title)}
    others = [line for line in lines if line.ref != ref and (words - own) & set(list_stems(line.title))]
    return others[0] if len(others) == 1 and not words & own else None


def _is_called(scene: Scene, line: CartLine, goods: str) -> bool:
    """Whether one of the words is in the line's name or kind, or none of them names goods: "swap the first one"."""
    known = scene.desk.trail.state.entities.find(line.ref)
    told = [
        line.title,
        *(value for values in (known.attributes.values() if known else ()) for value in values),
    ]
    english = get_tongue("en")
    plain = english.stopwords | english.ordinary | english.grammar.standin_one | english.grammar.standin_many
    named = {stem for word in goods.split() if word.lower() not in plain for stem in list_stems(word)}
    return not named or not named.isdisjoint(list_stems(" ".join(told)))


def find_put_in(scene: Scene) -> CartLine | None:
    """The one line that the last reply put in, or changed; None where it changed none, or others."""
    state = scene.desk.trail.state
    latest = state.decisions.latest[-1:]
    changed = any(used.tool == "change_cart" and not used.dropped for each in latest for used in each.tools)
    lines = [line for line in state.cart.lines if line.ref in scene.desk.trail.focus_before]
    return lines[0] if changed and len(lines) == 1 else None


def _find_of_kind(scene: Scene, ref: EntityRef) -> CartLine | None:
    """The one line that holds goods of the item's own kind."""
    state = scene.desk.trail.state
    kind = _find_kind(scene, ref)
    lines = [line for line in state.cart.lines if kind and _find_kind(scene, line.ref) == kind]
    return lines[0] if len(lines) == 1 else None


def _find_kind(scene: Scene, ref: EntityRef) -> tuple[str, ...]:
    known = scene.desk.trail.state.entities.find(ref)
    return known.attributes.get("category", ()) if known else ()


def list_only_line(scene: Scene, move: Move) -> tuple[EntityRef, ...]:
    """As in "wait, make it two", while the order waits for its confirmation: of the one thing that is ordered; of
    "take one bag of food out" the one line that is food.
    """
    if move.kind == "take_from_cart":
        return carts.find_counted(scene)
    cart = scene.desk.trail.state.cart
    ordered = move.kind == "set_quantity" and cart.proposal is not None and len(cart.lines) == 1
    return (cart.lines[0].ref,) if ordered else ()


async def tell_variants(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:
    """Tells of the versions; as in "make the pen black instead", the cart is changed to the one wished for."""
    said = scene.understanding.said
    corrects = OTHERWISE.search(said) or CORRECTS_TO.search(said) or _takes_back(scene, refs)
    if refs and scene.understanding.wishes and corrects and await _put_in_wished(scene, refs[0]):
        return
    await versions.tell_variants(scene, move, refs)


async def _put_in_wished(scene: Scene, ref: EntityRef) -> bool:
    """Puts the version wished for in the place of the one in the cart; False where there is none of either."""
    seen = await look_at_product.run(scene.desk, look_at_product.Arguments(sku=ref.key))
    for version in _list_in_place(scene, seen):
        wished = get_ref(version.sku)
        offers = await scene.desk.shop.list_offers([version.sku])
        scene.desk.trail.record(EntitiesIntroduced(entities=tuple(to_entity(offer) for offer in offers)))
        if line := _find_other_version(scene, wished):
            await _put_in_place(scene, line, wished)
            return True
    return False


async def _change_version(scene: Scene, ref: EntityRef) -> bool:
    """As in "swap the boots for size 9" with some in the cart: those that are another version leave, and of several
    the shopper says which. False where none of them comes as wished, or all are so already.
    """
    leaving: list[tuple[CartLine, EntityRef]] = []
    for line in _list_meant_lines(scene, ref):
        seen = await look_at_product.run(scene.desk, look_at_product.Arguments(sku=line.ref.key))
        wished = [get_ref(version.sku) for version in _list_in_place(scene, seen)]
        leaving += [(line, each) for each in wished if each != line.ref]
    if len(leaving) > 1:
        options = [scene.line_name(line) for line, _ in leaving]
        await scene.say("ask.which", options=scene.join(options, last="or"))
        return True
    for line, wished_ref in leaving:
        offers = await scene.desk.shop.list_offers([wished_ref.key])
        scene.desk.trail.record(EntitiesIntroduced(entities=tuple(to_entity(offer) for offer in offers)))
        await _put_in_place(scene, line, wished_ref)
    return bool(leaving)


def _list_in_place(scene: Scene, seen: Look) -> list[VariantRecord]:
    """The version that may come in: of goods in a size, in another colour that size, if it can be had, or none."""
    wished, size = list_wished(scene, seen), seen.offer.item.size
    if not size or {field for field, _ in scene.understanding.wishes} != {"color"}:
        return wished[:1]
    return [version for version in wished if version.size == size and version.quantity != 0][:1]


def _list_meant_lines(scene: Scene, ref: EntityRef) -> list[CartLine]:
    """The line of the item, or all of its product where the words name the product alone: "the boots"."""
    state = scene.desk.trail.state
    meant = state.entities.find(ref)
    named = [each.rules for each in scene.understanding.references if ref in each.refs]
    of_product = any(rules[:1] in _BY_PRODUCT and not _BY_VERSION & set(rules) for rules in named)
    return [
        line
        for line in state.cart.lines
        if line.ref == ref
        or (
            of_product
            and meant
            and meant.group
            and (held := state.entities.find(line.ref))
            and held.group == meant.group
        )
    ]


def _takes_back(scene: Scene, refs: tuple[EntityRef, ...]) -> bool:
    """As in "no, actually L", of what the last reply put into the cart."""
    put_in = find_put_in(scene)
    return (
        put_in is not None and put_in.ref in refs and bool(CORRECTS_VERSION.search(scene.understanding.said))
    )


def _find_other_version(scene: Scene, ref: EntityRef) -> CartLine | None:
    """The one line of the cart that holds another version of the item's product."""
    state = scene.desk.trail.state
    meant = state.entities.find(ref)
    lines = [
        line
        for line in state.cart.lines
        if line.ref != ref and meant and (held := state.entities.find(line.ref)) and held.group == meant.group
    ]
    return lines[0] if len(lines) == 1 and meant and meant.group else None


async def _put_in_place(scene: Scene, line: CartLine, ref: EntityRef, *, count: int = 0) -> None:
    """Puts `count` of the other in, else as many as there are, and takes the line out once that worked."""
    held = next((other.quantity for other in scene.desk.trail.state.cart.lines if other.ref == ref), 0)
    quantity = held + (count or line.quantity)
    try:
        await change_cart.run(scene.desk, change_cart.Arguments(sku=ref.key, quantity=quantity))
        cart = await change_cart.run(scene.desk, change_cart.Arguments(sku=line.ref.key, quantity=0))
    except CannotBeDone as refusal:
        await scene.say("cart.cannot", reason=scene.explain(refusal))
        return
    except AskAgain:
        await scene.say("ask.item")
        return
    scene.desk.trail.record(EntitiesFocused(refs=(ref,)))
    scene.voice.allow_sum(cart.priced.total.amount)
    put_in = next(other for other in cart.lines if other.ref == ref)
    await scene.say(
        "cart.swapped",
        quantity=quantity,
        item=scene.line_name(put_in),
        before=scene.line_name(line),
        total=scene.money(cart.priced.total),
    )
    await tell_unchecked(scene, [ref], stale=cart.priced.stale)
