"""The cart, the proposal and past orders."""

import re
from collections.abc import Sequence

import msgspec

from commerce_agent.agent.builtin.amiss import offer_instead, tell_amiss
from commerce_agent.agent.builtin.changes import MOST_TOLD
from commerce_agent.agent.builtin.chosen_sizes import asks_size_of, is_chosen, is_size_held, list_sizes
from commerce_agent.agent.builtin.receipts import list_parts
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.builtin.size_questions import ask_again, ask_version
from commerce_agent.agent.builtin.unchecked import tell_unchecked, tell_unpriced
from commerce_agent.agent.builtin.wished_versions import list_wished
from commerce_agent.agent.understanding.english.of_cart import (
    PUTS_BACK,
    TIMES,
    WAS_ADDED,
)
from commerce_agent.agent.understanding.moves import Move, MoveKind
from commerce_agent.agent.understanding.own_items import PRONOUNS
from commerce_agent.tools import change_cart, look_at_cart, look_at_product, propose_order
from commerce_agent.tools.change_cart import CartNow
from commerce_agent.tools.desk import AskAgain, CannotBeDone
from commerce_agent.tools.look_at_product import Look
from commerce_agent.tools.showing import get_ref
from conversations.events.carts import CartLine, Proposal
from conversations.events.entities import EntitiesFocused
from conversations.ids import EntityRef
from conversations.language.tokens import list_stems

_SHORTEST_NAMED = 4
_RANKED_WISHES = {("size", rank) for rank in ("small", "medium", "large")}


async def add(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:
    """Puts the items into the cart, as many as the message says, in the version that was asked for.

    A size is the shopper's to choose: where there are several and none was named, it is asked for.
    """
    wanted = _without_other_sizes(scene, refs)
    counts = {ref: count for ref in wanted if (count := scene.understanding.find_count(ref))}
    # "Two soaps and the cream": a number that stands beside one item is not the other's.
    other = int(move.topic) if move.topic and not counts else 1
    added: list[CartNow] = []
    open_: list[EntityRef] = []
    back: list[CartLine] = []
    for ref in wanted:
        chosen = await find_version(scene, ref)
        if chosen is None or any(get_ref(cart.sku) == chosen for cart in added):
            # "In silver, two of them", of a lamp in two colours: two, and not two for each colour.
            open_.extend([ref] if chosen is None else [])
            continue
        held = next((line for line in scene.desk.trail.state.cart.lines if line.ref == chosen), None)
        again = not (move.topic or counts) and PUTS_BACK.search(scene.understanding.said) is not None
        if again and held and _count_before(scene, chosen) <= held.quantity:
            back.append(held)
            continue
        number = (
            _count_before(scene, chosen) if again else (held.quantity if held else 0) + counts.get(ref, other)
        )
        cart = await _change(scene, chosen, quantity=number)
        added.extend([cart] if cart else [])
    if len(added) > 1 and any(len(each.refs) == len(wanted) for each in scene.understanding.references):
        # "Add both": said in one word, they are meant in one word again.
        scene.desk.trail.record(EntitiesFocused(refs=tuple(get_ref(cart.sku) for cart in added)))
    await _tell_added(scene, added)
    if open_:
        await _tell_open(scene, open_)
        await ask_version(scene, open_[0])
    elif added:
        await ask_again(scene)
    elif back:
        await show(scene)  # "Put it back", of what is there already.


def _count_before(scene: Scene, ref: EntityRef) -> int:
    """As in "put them back", after four were taken out: so many as there were; one of what was never in."""
    earlier = reversed(scene.desk.trail.state.cart.earlier)
    counts = (line.quantity for lines in earlier for line in lines if line.ref == ref)
    return next(counts, 1)


async def _tell_open(scene: Scene, open_: list[EntityRef]) -> None:
    """Says that more lack a size than the one that is asked about first."""
    entities = [entity for ref in open_ if (entity := scene.desk.trail.state.entities.find(ref))]
    names = list(dict.fromkeys(scene.entity_name(entity) for entity in entities))
    if len(names) > 1:
        await scene.say("cart.size_open", items=scene.join(names[1:]))


async def _tell_added(scene: Scene, added: list[CartNow]) -> None:
    """Says once what is in the cart now, however many things were put in."""
    if len(added) == 1:
        await _tell_line(scene, added[0], key="cart.added")
    elif added:
        skus = [cart.sku for cart in added]
        lines = [line for line in added[-1].lines if line.ref.key in skus]
        items = [
            scene.book.put(
                "cart.line",
                count=line.quantity,
                item=scene.line_name(line),
                price=scene.money(line.unit_price),
            )
            for line in lines
        ]
        total = added[-1].priced.total
        scene.voice.allow_sum(total.amount)
        await scene.say("cart.added.several", items=scene.join(items), total=scene.money(total))
        await tell_unchecked(scene, [line.ref for line in lines], stale=added[-1].priced.stale)


def _without_other_sizes(scene: Scene, refs: tuple[EntityRef, ...]) -> tuple[EntityRef, ...]:
    """One of each product and colour: nobody means every size there is."""
    kept: dict[object, EntityRef] = {}
    for ref in refs:
        entity = scene.desk.trail.state.entities.find(ref)
        key = (entity.group, entity.attributes.get("color")) if entity and entity.group else ref
        kept.setdefault(key, ref)
    return tuple(kept.values())


async def find_version(scene: Scene, ref: EntityRef) -> EntityRef | None:
    """The variant to put in; None where the shopper has to be asked, or there is no such version."""
    look = await look_at_product.run(scene.desk, look_at_product.Arguments(sku=ref.key))
    if scene.understanding.wishes and not _is_wish_of_another(scene, look):
        wished = list_wished(scene, look)
        if wished and asks_size_of(scene, wished):
            return None
        if wished:
            scene.desk.trail.note_version(ref, version=get_ref(wished[0].sku))
        return get_ref(wished[0].sku) if wished else None
    sizes = {other.size for other in list_sizes(look)}
    if len(sizes) < 2 or is_chosen(scene, ref, look):
        return ref
    held = [get_ref(other.sku) for other in list_sizes(look) if is_size_held(scene, other.size)]
    if len(held) != 1:
        return None
    scene.desk.trail.note_version(ref, version=held[0])
    return held[0]


def _is_wish_of_another(scene: Scene, look: Look) -> bool:
    """As in "the black ink and the fine one": the pen is to be fine, and no ink could be."""
    others = [ref for ref in scene.understanding.resolved if ref != get_ref(look.offer.item.sku)]
    entities = [entity for ref in others if (entity := scene.desk.trail.state.entities.find(ref))]
    ranked = any(wish in _RANKED_WISHES for wish in scene.understanding.wishes)
    return not list_wished(scene, look) and any(
        (ranked and entity.group)
        or all(value in entity.attributes.get(field, ()) for field, value in scene.understanding.wishes)
        for entity in entities
    )


async def set_quantity(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:
    """Sets how many of the item there are in the cart."""
    if len(refs) > 1 and not any(find_line(scene, ref) for ref in refs):
        # "Two of them", after "which size?": the question still stands.
        await add(scene, msgspec.structs.replace(move, kind="add_to_cart"), refs)
        return
    for ref in find_counted(scene) or refs[:1]:
        line = find_line(scene, ref)
        times = None if move.topic else TIMES.search(scene.understanding.said)
        if times and line is None:
            await _tell_not_in(scene, ref)
        elif times and line:
            await _set(scene, line.ref, quantity=_multiply(line.quantity, times))
        else:
            await _set(scene, line.ref if line else ref, quantity=int(move.topic or 1))


def _multiply(count: int, times: re.Match[str]) -> int:
    """As in "double the mugs"; the half of one piece is one."""
    return max(count // 2, 1) if times["half"] else count * (3 if times["three"] else 2)


async def _tell_not_in(scene: Scene, ref: EntityRef) -> None:
    entity = scene.desk.trail.state.entities.find(ref)
    await scene.say("cart.not_in", item=scene.entity_name(entity) if entity else ref.key)


def find_counted(scene: Scene) -> tuple[EntityRef, ...]:
    """As in "make it three towels" of a cart with towels and the duvet just looked at: the one that is named."""
    if scene.understanding.references:
        return ()
    said = {stem for stem in list_stems(scene.understanding.said) if len(stem) >= _SHORTEST_NAMED}
    state = scene.desk.trail.state
    lines = state.cart.lines
    named = [line.ref for line in lines if said & set(list_stems(line.title))]
    # "One bag of food", of a line that is food by its kind alone.
    named = named or [
        line.ref
        for line in lines
        if (entity := state.entities.find(line.ref))
        and any(said & set(list_stems(kind)) for kind in entity.attributes.get("category", ()))
    ]
    return tuple(named) if len(named) == 1 else ()


async def take_out(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:
    """Takes the items out of the cart, all of them or as many as the message says."""
    for ref in find_counted(scene) or refs:
        line = find_line(scene, ref)
        if line is None:
            await _tell_not_in(scene, ref)
            continue
        taken = int(move.topic) if move.topic else line.quantity
        await _set(scene, line.ref, quantity=max(line.quantity - taken, 0), key="cart.left")


async def _set(scene: Scene, ref: EntityRef, *, quantity: int, key: str = "cart.added") -> None:
    cart = await _change(scene, ref, quantity=quantity)
    if cart is not None:
        await _tell_line(scene, cart, key=key)


async def _change(scene: Scene, ref: EntityRef, *, quantity: int) -> CartNow | None:
    """Changes the cart; None, and said why, where that cannot be done."""
    try:
        return await change_cart.run(scene.desk, change_cart.Arguments(sku=ref.key, quantity=quantity))
    except CannotBeDone as refusal:
        await scene.say("cart.cannot", reason=scene.explain(refusal))
    except AskAgain:
        await scene.say("ask.item")
    return None


async def _tell_line(scene: Scene, cart: CartNow, *, key: str) -> None:
    scene.voice.allow_sum(cart.priced.total.amount)
    ref = get_ref(cart.sku)
    entity = scene.desk.trail.state.entities.find(ref)
    name = cart.title if entity is None or scene.language == "en" else scene.held_name(entity)
    if cart.quantity == 0:
        await scene.say("cart.removed", item=name)
        return
    await scene.say(
        key,
        quantity=cart.quantity,
        item=name,
        price=scene.money(_get_line(cart).unit_price),
        total=scene.money(cart.priced.total),
    )
    await tell_unchecked(scene, [ref], stale=cart.priced.stale)


def _get_line(cart: CartNow) -> CartLine:
    """The line that was changed."""
    return next(line for line in cart.lines if line.ref.key == cart.sku)


def find_line(scene: Scene, ref: EntityRef) -> CartLine | None:
    """The line of the item, or of the same product in the same colour: the shopper rarely names the size again."""
    state = scene.desk.trail.state
    exact = next((line for line in state.cart.lines if line.ref == ref), None)
    meant = state.entities.find(ref)
    if exact or meant is None:
        return exact
    same = [
        line
        for line in state.cart.lines
        if (held := state.entities.find(line.ref))
        and held.group == meant.group
        and held.attributes.get("color") == meant.attributes.get("color")
    ]
    return same[0] if len(same) == 1 else None


async def show(scene: Scene) -> None:
    """Says what is in the cart and what it comes to, and what of it cannot be ordered as it stands."""
    if not scene.desk.trail.state.cart.lines:
        await scene.say("cart.empty")
        return
    await _tell_not_added(scene)
    seen = await look_at_cart.run(scene.desk, look_at_cart.Arguments())
    lines = seen.lines
    said = [
        scene.book.put(
            "cart.line",
            count=line.quantity,
            item=scene.line_name(line),
            price=scene.money(line.unit_price),
        )
        for line in lines
    ]
    await scene.say("cart.shows", lines=scene.join(said), total=_say_total(scene, lines))
    await tell_amiss(scene, seen)
    if seen.stale:
        await tell_unpriced(scene)
    for before, now in seen.repriced[:MOST_TOLD]:
        scene.voice.allow_sum(before.unit_price.amount)
        await scene.say(
            "changed.price",
            item=scene.line_name(now),
            before=scene.money(before.unit_price),
            now=scene.money(now.unit_price),
        )


async def _tell_not_added(scene: Scene) -> None:
    """As in "did I add the skates?", of what is not in the cart."""
    if not WAS_ADDED.search(scene.understanding.said):
        return
    for ref in scene.understanding.resolved:
        entity = scene.desk.trail.state.entities.find(ref)
        if entity and find_line(scene, ref) is None:
            await scene.say("cart.not_in", item=scene.entity_name(entity))


async def tell_total(scene: Scene) -> None:
    """Says what the cart comes to, to whoever has chosen everything and bought nothing yet."""
    seen = await look_at_cart.run(scene.desk, look_at_cart.Arguments())
    await scene.say("part.cart", total=_say_total(scene, seen.lines))
    if seen.stale:
        await tell_unpriced(scene)


def _say_total(scene: Scene, lines: Sequence[CartLine]) -> str:
    total = sum(
        (line.unit_price.amount * line.quantity for line in lines[1:]),
        lines[0].unit_price.amount * lines[0].quantity,
    )
    total -= sum(taken.amount.amount for taken in scene.desk.trail.state.cart.taken_off)
    scene.voice.allow_sum(total)
    return scene.money(type(lines[0].unit_price)(amount=total, currency=lines[0].unit_price.currency))


_NAMES_ITS_OWN: frozenset[MoveKind] = frozenset({"add_to_cart", "take_from_cart", "swap", "set_quantity"})


async def check_out(scene: Scene, move: Move, refs: tuple[EntityRef, ...]) -> None:
    """Proposes the order; items named with it go into the cart first."""
    before = scene.desk.trail.state.cart.lines
    held = {line.ref for line in before}
    named = [ref for ref in _list_named_in_order(scene, refs) if ref not in held]
    for ref in named:
        await add(scene, move, (ref,))
    if named and scene.desk.trail.state.cart.lines == before:
        return  # Which version, or why not, was said; an order without it is not what was asked for.
    try:
        proposed = await propose_order.run(scene.desk, propose_order.Arguments())
    except CannotBeDone as refusal:
        await scene.say("proposal.cannot", reason=scene.explain(refusal))
        await _tell_stuck(scene, refusal)
        return
    await _tell_proposal(scene, proposed.proposal)


async def _tell_stuck(scene: Scene, refusal: CannotBeDone) -> None:
    """Names another item for the line that stands in the way, which is what the next "it" means."""
    lines = scene.desk.trail.state.cart.lines
    stuck = [line for line in lines if line.title == refusal.values.get("item")]
    if len(stuck) == 1:
        await offer_instead(scene, stuck[0])
        scene.desk.trail.record(EntitiesFocused(refs=(stuck[0].ref,)))


async def _tell_proposal(scene: Scene, proposal: Proposal) -> None:
    """What it comes to, and what of that is neither goods nor in their prices."""
    parts = list_parts(scene, proposal)
    total = scene.money(proposal.total)
    if parts:
        await scene.say("proposal.made.with", total=total, parts=scene.join(parts))
    else:
        await scene.say("proposal.made", total=total)


def _list_named_in_order(scene: Scene, refs: tuple[EntityRef, ...]) -> tuple[EntityRef, ...]:
    """The items to put in first: with goods in the cart, "order it" means the cart."""
    if any(move.kind in _NAMES_ITS_OWN for move in scene.understanding.moves):
        # "Take the kite out and check out": the item was named for the other half.
        return ()
    texts = {reference.text.lower() for reference in scene.understanding.references}
    meant_cart = scene.desk.trail.state.cart.lines and texts <= PRONOUNS
    return () if meant_cart else refs
