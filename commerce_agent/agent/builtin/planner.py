"""The built-in planner: deterministic, offline, driving the same tools as Claude."""

from collections.abc import Awaitable, Callable

import msgspec

from catalog.connectors import ConnectorUnavailable
from commerce_agent.agent.builtin import (
    after_sale,
    among,
    carts,
    codes,
    comparing,
    emptying,
    enough,
    items,
    misses,
    money_back,
    opinions,
    placed_orders,
    receipts,
    recounting,
    sale_terms,
    searching,
    stock,
    sums,
    swapping,
    taking_back,
    talk,
    waiting_offer,
    whys,
)
from commerce_agent.agent.builtin.asked import list_asked
from commerce_agent.agent.builtin.going_on import carry_on, counts_noticed
from commerce_agent.agent.builtin.handed_back import tell_note
from commerce_agent.agent.builtin.items import list_untold
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.choosing import is_nowhere_else
from commerce_agent.agent.understanding.english.moves import AND_OF, ASKS_RANGE, ASKS_WHETHER
from commerce_agent.agent.understanding.english.of_cart import OF_WHOLE_CART
from commerce_agent.agent.understanding.finding_moves import find_moves
from commerce_agent.agent.understanding.moves import ITEM_MOVES, Move, MoveKind
from commerce_agent.agent.understanding.own_items import PRONOUNS, find_word
from commerce_agent.agent.understanding.settling import without_repeats
from commerce_agent.tools.desk import AskAgain, CannotBeDone
from commerce_agent.tools.showing import get_ref
from conversations.events.entities import EntitiesFocused, Reference
from conversations.ids import EntityRef

MOST_MOVES = 3
"""More requests than this in one message are answered in part, the first ones first."""
_WITH_ANOTHER = 2


_Answer = Callable[[Scene], Awaitable[None]]
_ItemAnswer = Callable[[Scene, Move, tuple[EntityRef, ...]], Awaitable[None]]


async def _thank(scene: Scene) -> None:
    await scene.say("thank")


async def _pause(scene: Scene) -> None:
    await scene.say("pause")


async def _help(scene: Scene) -> None:
    if not ASKS_RANGE.search(scene.understanding.said):
        await scene.say("help")
    await talk.suggest_kinds(scene)


async def _never_mind(scene: Scene) -> None:
    taking_back.let_offer_go(scene)
    await scene.say("never_mind")


async def _recall(scene: Scene) -> None:
    """All there is to say was noted where it was looked up; `answering` says it."""


async def _agree(scene: Scene) -> None:
    waiting = scene.desk.trail.state.cart.proposal is not None
    await scene.say("proposal.waiting" if waiting else "agree")


_PLAIN: dict[MoveKind, _Answer] = {
    "greet": talk.greet,
    "thank": _thank,
    "pause": _pause,
    "part": talk.take_leave,
    "help": _help,
    "identity": talk.tell_identity,
    "recap": talk.recap,
    "recall": _recall,
    "start_over": talk.start_over,
    "never_mind": _never_mind,
    "call_person": talk.call_a_person,
    "upset": talk.tell_upset,
    "override": talk.tell_override,
    "off_topic": talk.tell_off_topic,
    "language": talk.turn_to_language,
    "orders": placed_orders.tell_orders,
    "order_total": receipts.tell_total,
    "money_back": money_back.tell_money_back,
    "offer_stands": waiting_offer.tell_offer,
    "show_cart": carts.show,
    "empty_cart": emptying.empty,
    "undo": taking_back.undo,
    "among": among.tell_among,
    "more": searching.show_more,
    "search": searching.search,
    "agree": _agree,
    "decline": taking_back.decline,
}

_ABOUT_ITEMS: dict[MoveKind, _ItemAnswer] = {
    "policy": sale_terms.tell_policy,
    "promotions": sale_terms.tell_promotions,
    "add_to_cart": swapping.add,
    "swap": swapping.swap,
    "take_from_cart": carts.take_out,
    "set_quantity": carts.set_quantity,
    "check_out": carts.check_out,
    "compare": comparing.compare,
    "recommend": comparing.recommend,
    "opinion": opinions.tell_opinion,
    "stock": stock.tell_stock,
    "price": items.tell_price,
    "price_gap": sums.tell_gap,
    "price_sum": sums.tell_sum,
    "variants": swapping.tell_variants,
    "details": enough.tell_details,
}

_NEEDS_NO_ITEM: frozenset[MoveKind] = frozenset(
    {"policy", "promotions", "check_out", "compare", "recommend", "price_gap", "price_sum"}
)
_LEAVES_ALL: frozenset[MoveKind] = frozenset({"never_mind", "undo", "decline"})
_FROM_CART: frozenset[MoveKind] = frozenset({"take_from_cart", "set_quantity", "swap"})
_AFTER_CART: frozenset[MoveKind] = frozenset({"check_out", "show_cart", "policy", "promotions", "search"})
"""What may be asked for in the same breath as a change of the cart."""


async def answer(scene: Scene) -> None:
    """Says the reply and records what it rests on. Every message gets an answer."""
    await tell_note(scene)
    if await talk.follow_shop_rules(scene):
        return
    taking_back.let_dear_offer_go(scene)
    parts = scene.parts
    if parts is None or not parts.begin():
        await _answer_one(scene)
        return
    for number, part in enumerate(parts.parts):
        if number:
            scene.voice.break_line()
        own = msgspec.structs.replace(scene, understanding=await parts.read(part))
        if await _answer_one(own, beside=number > 0):
            return


async def _answer_one(scene: Scene, *, beside: bool = False) -> bool:
    """Answers one request, or what is one; whether it asked back instead, and waits to be told more."""
    lead, held = scene.voice.text, scene.desk.trail.state.cart.lines
    if await _ask_back(scene):
        return True
    scene = await _with_question_before(scene)
    refs = () if counts_noticed(scene) else scene.understanding.resolved
    if refs:
        scene.desk.trail.record(EntitiesFocused(refs=refs))
    moves = without_repeats(carry_on(scene), said=scene.understanding.said)
    if scene.voice.text != lead or scene.desk.trail.state.cart.lines != held:
        # What was to be taken out was settled by the cart; "and check out" is still to be done.
        scene.voice.break_line()
        moves = tuple(move for move in moves if move.kind in _AFTER_CART)
    for number, move in enumerate(moves[:MOST_MOVES]):
        if number:
            scene.voice.break_line()
        await _make(scene, move, refs=_list_own(scene, move, moves=moves, refs=refs))
    await misses.tell_missed(scene)
    _focus_on_picked(scene)
    if scene.voice.text == lead and not beside and not any(move.kind == "recall" for move in moves):
        await talk.tell_unclear(scene)
    return False


def _list_own(
    scene: Scene, move: Move, *, moves: tuple[Move, ...], refs: tuple[EntityRef, ...]
) -> tuple[EntityRef, ...]:
    """As in "take it out and put the other one in": of what is meant, what is said behind this and before the next."""
    kinds = {each.kind for each in moves}
    if "take_from_cart" not in kinds or not kinds & {"add_to_cart", "check_out"} or len(refs) < 2:
        return refs
    after = min((each.at for each in moves if each.at > move.at), default=len(scene.said) + 1)
    own = [
        ref
        for reference in scene.understanding.references
        for ref in reference.refs
        if move.at <= find_word(reference.text.lower(), said=scene.said) < after
    ]
    return tuple(dict.fromkeys(own)) or refs


async def _with_question_before(scene: Scene) -> Scene:
    """As in "is the yellow one thornless? … And the pink one?": the same is asked of another item."""
    understanding, tail = scene.understanding, scene.desk.trail.state.transcript.tail
    plain = [move.kind for move in understanding.moves] == ["details"] and not understanding.wishes
    # "And the lightest?" asks something of its own.
    plain &= not any(rule.startswith("extreme") for each in understanding.references for rule in each.rules)
    if not (plain and tail and understanding.resolved and AND_OF.search(understanding.said)):
        return scene
    before = scene.read_before(tail[-1].said)
    if any(move.kind == "policy" for move in find_moves(before, policies=scene.words.policies)):
        return scene  # "How long is the delivery?" asks for no length.
    asked = msgspec.structs.replace(scene, understanding=msgspec.structs.replace(understanding, said=before))
    offers = await scene.desk.shop.list_offers([ref.key for ref in understanding.resolved[:1]])
    # "And the cedar one, how many frames has it?" asks something of its own, too.
    again = any(list_asked(asked, offer) and not list_asked(scene, offer) for offer in offers)
    return asked if again else scene


def _focus_on_picked(scene: Scene) -> None:
    """Of items that were compared, "which is better rated?" has picked one: the next "it" means that."""
    references = scene.understanding.references
    if _stays_with_it(scene):
        scene.desk.trail.record(EntitiesFocused(refs=references[0].refs))
        return
    named = {ref for reference in references[:-1] for ref in reference.refs}
    picked = references[-1].refs if references else ()
    if len(picked) == 1 and set(picked) <= named and len(named) > 1:
        scene.desk.trail.record(EntitiesFocused(refs=picked))


def _stays_with_it(scene: Scene) -> bool:
    """As in "does it fit the pebble basin? Add it": what "it" was stays what is talked of."""
    references = scene.understanding.references
    about = {move.kind for move in scene.understanding.moves}
    if about != {"details"} or len(references) < _WITH_ANOTHER or len(references[0].refs) != 1:
        return False
    subject, others = references[0], {ref for each in references[1:] for ref in each.refs}
    first = subject.text.lower() in PRONOUNS and ASKS_WHETHER.search(scene.understanding.said) is not None
    return first and bool(others) and subject.refs[0] not in others


async def _ask_back(scene: Scene) -> bool:
    """Asks about a reference that nobody could settle, before anything is done on a guess."""
    kinds = {move.kind for move in scene.understanding.moves}
    needs_items = bool(kinds & ITEM_MOVES or kinds & whys.WHY_MOVES)
    if kinds and kinds <= _LEAVES_ALL:
        return False  # "Don't order it yet": whichever is meant, nothing is done.
    if "why_not" in kinds and whys.find_named(scene):
        return False
    for reference in scene.understanding.unresolved:
        if reference.outcome == "ambiguous":
            if len(reference.candidates) == 1 or whys.points_at_list(scene, reference):
                continue
            if _asks_for_store(scene, reference) or await _holds_for_each(scene, reference):
                continue
            if await _settle_in_cart(scene, reference):
                continue
            if await items.tell_each(scene, reference):
                return True
            await talk.ask_which(scene, reference)
            return True
        if "swap" in kinds or (
            (needs_items or is_nowhere_else(reference)) and not scene.understanding.resolved
        ):
            await talk.ask_unknown(scene, reference)
            return True
    return False


def _asks_for_store(scene: Scene, reference: Reference) -> bool:
    """As in "what if I find it cheaper elsewhere?": the policy holds whichever is meant."""
    moves = scene.understanding.moves
    # "How much is that altogether?": the whole cart.
    only_policy = all(move.kind in ("policy", "show_cart") for move in moves)
    # "Right, order it": what is in the cart.
    orders = scene.desk.trail.state.cart.lines and all(move.kind in ("check_out", "agree") for move in moves)
    return bool(only_policy or orders) and reference.text.lower().removesuffix("'s") in PRONOUNS


async def _holds_for_each(scene: Scene, reference: Reference) -> bool:
    """As in "can I send the grill back?" of several grills: whichever is meant, the same terms hold."""
    moves = scene.understanding.moves
    if not moves or not all(move.kind == "policy" for move in moves):
        return False
    return all([await sale_terms.is_shared(scene, move, reference.candidates) for move in moves])


async def _settle_in_cart(scene: Scene, reference: Reference) -> bool:
    """Of what is taken out of the cart only what is in it can be meant; that may leave one, or none."""
    taking = [move for move in scene.understanding.moves if move.kind in _FROM_CART]
    if not taking:
        return False
    held = {line.ref for line in scene.desk.trail.state.cart.lines}
    meant = tuple(ref for ref in reference.candidates if ref in held)
    if not meant and swapping.goes_out(scene, reference, move=taking[0]):
        await talk.tell_not_in_cart(scene, reference)
        return True
    if taking[0].kind == "swap" or len(meant) > 1:
        return False
    if taking[0].kind == "set_quantity":
        if not meant:
            return False
        await carts.set_quantity(scene, taking[0], meant)
    else:
        await carts.take_out(scene, taking[0], meant or reference.candidates[:1])
    return True


async def _make(scene: Scene, move: Move, *, refs: tuple[EntityRef, ...]) -> None:
    try:
        if move.kind == "why":
            if whys.asks_for_choice(scene):
                await whys.tell_why(scene, refs)
        elif move.kind == "why_not":
            await whys.tell_why_not(scene, refs)
        elif move.kind in after_sale.SALE_MOVES:
            await after_sale.answer(scene, move)
        elif move.kind in codes.CODE_MOVES:
            await codes.CODE_MOVES[move.kind](scene, move)
        elif move.kind in _PLAIN:
            await _PLAIN[move.kind](scene)
        else:
            await _about_items(scene, move, refs=refs)
    except CannotBeDone as refusal:
        await scene.say("proposal.cannot", reason=scene.explain(refusal))
    except AskAgain:
        await scene.say("ask.item")
    except ConnectorUnavailable as outage:
        # Terms have words of their own for it.
        await scene.say(f"{'orders' if outage.connector == 'orders' else 'prices'}.out_of_reach")


async def _about_items(scene: Scene, move: Move, *, refs: tuple[EntityRef, ...]) -> None:
    if await recounting.recount(scene, move):
        return
    focus = scene.desk.trail.state.entities.focus
    if not refs and move.kind == "stock" and OF_WHOLE_CART.search(scene.understanding.said):
        refs = tuple(line.ref for line in scene.desk.trail.state.cart.lines)
    refs = refs or _list_alike(scene, move) or swapping.list_only_line(scene, move)
    at_hand = len(focus) == 1 or (move.kind == "stock" and len(focus) <= stock.MOST_COUNTED)
    meant = refs or (focus if at_hand and move.kind not in _NEEDS_NO_ITEM else ())
    if not meant and move.kind not in _NEEDS_NO_ITEM:
        await scene.say("ask.item")
        return
    if not refs and meant and move.kind == "details" and await _is_off_topic(scene, meant[0]):
        await talk.tell_off_topic(scene)
        return
    await _ABOUT_ITEMS[move.kind](scene, move, meant)
    if OF_WHOLE_CART.search(scene.understanding.said):
        gone = [
            offer
            for offer in await scene.desk.shop.list_offers([r.key for r in meant])
            if not offer.can_be_had
        ]
        if gone:
            # What can be had no more is what the next "it" means.
            scene.desk.trail.record(EntitiesFocused(refs=tuple(get_ref(offer.item.sku) for offer in gone)))


def _list_alike(scene: Scene, move: Move) -> tuple[EntityRef, ...]:
    """As in "can I return it?" of several that were shown: the terms are told of each."""
    if move.kind != "policy":
        return ()
    vague = [each for each in scene.understanding.unresolved if each.outcome == "ambiguous"]
    return vague[0].candidates if len(vague) == 1 else ()


async def _is_off_topic(scene: Scene, ref: EntityRef) -> bool:
    """As in "what's the weather like?" while a lamp is in hand: nothing of it is about the lamp."""
    for offer in await scene.desk.shop.list_offers([ref.key]):
        if not list_asked(scene, offer) and not scene.understanding.wishes:
            return bool(list_untold(scene, offer)) and not ASKS_WHETHER.search(scene.understanding.said)
    return False
