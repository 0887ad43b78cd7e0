"""After the sale: cancelling, another address, returns and exchanges, each as a proposal."""

import re
from collections.abc import Awaitable, Callable, Iterable

import msgspec

from catalog.ids import GroupKey, Sku
from catalog.orders import ARRIVED, GONE, ItemCount, OrderedLine, OrderRecord, Swap
from catalog.products import VariantRecord
from commerce_agent.agent.builtin.placed_orders import say_unknown_orders
from commerce_agent.agent.builtin.sale_terms import tell_policy
from commerce_agent.agent.builtin.scene import Scene
from commerce_agent.agent.understanding.english.counting import NUMBER_WORDS
from commerce_agent.agent.understanding.glossed import gloss_message
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.understanding.understand import understand
from commerce_agent.tools import (
    cancel_order,
    change_address,
    change_order_items,
    exchange_items,
    list_orders,
    recall_shopper,
    return_items,
)
from commerce_agent.tools.changing_orders import ChangeProposed
from commerce_agent.tools.desk import CannotBeDone
from conversations.events.carts import CartLine
from conversations.events.entities import EntitiesFocused
from conversations.language.glossing import Gloss

_ORDER_NAMED = re.compile(r"\b(?:my|last|previous|old|earlier) \w*\s?order|\d{3,}", re.IGNORECASE)
_ONLY_THAT = re.compile(
    r"\bcancel (?:it|that|this)\b(?:,? (?:please|then|now|after all))*\W*$", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_ALL = re.compile(r"\b(?:all|everything|both|whole order|entire order)\b", re.IGNORECASE)
_NEWEST = re.compile(r"\b(?:last|latest|newest|most recent)\b", re.IGNORECASE)
_LEAD = r"^.*?\b(?:address(?: is)?|to|instead)\b[\s:,]*"
_BEFORE_ADDRESS = (
    # As in "an eine andere Adresse schicken, Ulmenweg 12": the verb stands behind, and then a comma.
    re.compile(
        r"^\D*\b(?:address|order|send\w*|ship\w*|deliver\w*)\b(?-i:[^\d,:A-Z]*)[,:]\s*(?=[^,:]*\d)",
        re.IGNORECASE,
    ),
    re.compile(rf"{_LEAD}(?=\S*\d|(?-i:[A-Z]))", re.IGNORECASE | re.DOTALL),
    re.compile(rf"{_LEAD}(?=[A-Z])", re.IGNORECASE | re.DOTALL),
)
"""What leads up to an address; the first that is there."""
_AFTER_ADDRESS = re.compile(r"(?:[\s,]+(?:instead|please|now|thanks|thank you)\b)+\W*$", re.IGNORECASE)
_WANTED = re.compile(r"\b(?:for|in|into|instead)\b(?P<wanted>.*)$", re.IGNORECASE | re.DOTALL)


class Bought(msgspec.Struct, frozen=True, kw_only=True):
    """What a line of an order is called, and the words by which a shopper may mean it."""

    name: str
    words: str


Names = dict[Sku, Bought]
_SHORTEST_WORD = 3
MOST_ASKED = 5


async def cancel(scene: Scene) -> None:
    """Proposes to cancel an order; what only waits for the button is none."""
    cart = scene.desk.trail.state.cart
    if cart.proposal is not None and not cart.orders and not _ORDER_NAMED.search(scene.understanding.said):
        await scene.say("proposal.nothing_ordered")
        return
    known = (
        bool(cart.orders) or (await list_orders.run(scene.desk, list_orders.Arguments())).orders is not None
    )
    if _ONLY_THAT.search(scene.understanding.said) and not known:
        await scene.say("never_mind")
        return
    order = await _find_order(scene, fits=lambda order: order.status not in GONE)
    if order is not None:
        run = cancel_order.run(scene.desk, cancel_order.Arguments(number=order.number))
        await tell_proposed(scene, await run)


async def send_elsewhere(scene: Scene) -> None:
    """Proposes another address."""
    order = await _find_order(scene, fits=lambda order: order.status not in GONE)
    if order is None:
        return
    address = _find_address(scene, number=order.number)
    if not address:
        await scene.say("sale.which_address", number=order.number)
        scene.offer_replies(*await _list_addresses(scene))
        return
    arguments = change_address.Arguments(number=order.number, address=address)
    await tell_proposed(scene, await change_address.run(scene.desk, arguments))


async def _list_addresses(scene: Scene) -> list[str]:
    """Where the shopper has had orders sent before, as far as that may be used."""
    remembered = await recall_shopper.run(scene.desk, recall_shopper.Arguments())
    return [kept.value for kept in remembered.kept if kept.kind == "address"] if remembered else []


async def send_back(scene: Scene) -> None:
    """Proposes a return."""
    order = await _find_order(scene, fits=lambda order: order.status in ARRIVED, by_items=True)
    lines = await _find_lines(scene, order) if order else ()
    if order is not None and lines:
        items = tuple(
            ItemCount(sku=line.sku, quantity=_count(scene.understanding.said, line)) for line in lines
        )
        arguments = return_items.Arguments(number=order.number, items=items)
        await tell_proposed(scene, await return_items.run(scene.desk, arguments))


async def exchange(scene: Scene) -> None:
    """Proposes an exchange of what has arrived, or another version of what has not left yet."""
    order = await _find_order(scene, fits=lambda order: order.status in ARRIVED, by_items=True)
    lines = await _find_lines(scene, order) if order else ()
    if order is None or not lines:
        return
    line = lines[0]
    wanted = await _find_version(scene, line)
    if wanted is None:
        return
    swap = Swap(sku=line.sku, for_sku=wanted.sku, quantity=_count(scene.understanding.said, line))
    if order.status in GONE:
        made = await exchange_items.run(
            scene.desk, exchange_items.Arguments(number=order.number, swaps=(swap,))
        )
    else:
        made = await change_order_items.run(
            scene.desk, change_order_items.Arguments(number=order.number, swaps=(swap,))
        )
    await tell_proposed(scene, made)


SALE_MOVES: dict[str, Callable[[Scene], Awaitable[None]]] = {
    "cancel_order": cancel,
    "change_address": send_elsewhere,
    "return_items": send_back,
    "exchange_items": exchange,
}


async def answer(scene: Scene, move: Move) -> None:
    """Does what is asked of an order; a rule that stands against it is said with its reason."""
    try:
        await SALE_MOVES[move.kind](scene)
    except CannotBeDone as refusal:
        await scene.say("proposal.cannot", reason=scene.explain(refusal))
        if refusal.kind == "sale.kept_elsewhere":
            scene.offer_replies(scene.book.put("button.person"))


async def tell_proposed(scene: Scene, proposed: ChangeProposed) -> None:
    """Says what waits for the shopper's button."""
    proposal = proposed.proposal
    # What is said of terms is about these goods, and so is the next "it".
    known = [line.ref for line in proposal.lines if scene.desk.trail.state.entities.find(line.ref)]
    if known:
        scene.desk.trail.record(EntitiesFocused(refs=tuple(known)))
    skus = [line.ref.key for line in (*proposal.lines, *proposal.new_lines)]
    items = await scene.desk.shop.list_items(list(dict.fromkeys(skus)))
    await scene.say(
        f"sale.{proposal.kind}",
        number=proposal.order or "",
        amount=scene.money(proposal.total),
        address=proposal.address,
        items=scene.join([_name(scene, line, items) for line in proposal.lines]),
        new=scene.join([_name(scene, line, items) for line in proposal.new_lines]),
        owed="back" if proposal.goes_back else "due" if proposal.total.amount else "none",
        days=proposed.days or 0,
    )


def _name(scene: Scene, line: CartLine, items: dict[Sku, VariantRecord]) -> str:
    item = items.get(Sku(line.ref.key))
    name = _name_item(scene, line.title, item)
    scene.voice.allow_name(name)
    return f"{line.quantity} × {name}"


def _name_item(scene: Scene, title: str, item: VariantRecord | None) -> str:
    """The title with the colour and the size that tell it from the product's other versions."""
    color, size = (item.color, item.size) if item else ("", "")
    told = [part for part in (color, size) if part and part.lower() not in title.lower()]
    if color in told and scene.language != "en":
        told[0] = scene.color(color)
    return f"{title} ({', '.join(told)})" if told else title


async def _name_lines(scene: Scene, orders: Iterable[OrderRecord]) -> Names:
    """What to call each item that was bought: its title with the colour and the size that tell it from others."""
    lines = {line.sku: line for order in orders for line in order.lines}
    items = await scene.desk.shop.list_items(list(lines)) if lines else {}
    names: Names = {}
    for sku, line in lines.items():
        item = items.get(sku)
        name = _name_item(scene, line.title, item)
        names[sku] = Bought(name=name, words=f"{name} {item.category}" if item else name)
        scene.voice.allow_name(name)
    return names


async def _find_order(
    scene: Scene, *, fits: Callable[[OrderRecord], bool], by_items: bool = False
) -> OrderRecord | None:
    """The order that is meant; None where it was asked for, or nobody knows whose orders these are.

    Where none fits, the newest is meant all the same: the shop's refusal says why it cannot be.
    """
    found = await list_orders.run(scene.desk, list_orders.Arguments())
    if found.out_of_reach:
        await scene.say("orders.out_of_reach")
        return None
    names = await _name_lines(scene, found.orders or ())
    if not found.orders or found.here:
        if by_items:
            await tell_returns(scene)
        if found.orders is None or found.here:
            await say_unknown_orders(scene)
        else:
            await scene.say("orders.none")
        return None
    said = scene.understanding.said
    named = [order for order in found.orders if _names(said, order.number)]
    if named:
        return named[-1]
    fitting = [order for order in found.orders if fits(order)]
    pool = fitting or list(found.orders)
    if by_items:
        matched = [order for order in pool if _match_lines(scene, order.lines, names)]
        matched = matched or [order for order in found.orders if _match_lines(scene, order.lines, names)]
        pool = matched or pool
    if (
        len(pool) == 1
        or not fitting
        or _NEWEST.search(said)
        or (by_items and len(_match_many(scene, pool, names)) == 1)
    ):
        return pool[0]
    listed = [
        f"{order.number} ({scene.join([names[line.sku].name for line in order.lines])})"
        for order in pool[:MOST_ASKED]
    ]
    await scene.say("sale.which_order", orders=scene.join(listed, last="or"))
    scene.offer_replies(*(order.number for order in pool[:MOST_ASKED]))
    return None


async def tell_returns(scene: Scene) -> None:
    """Whoever asks before buying, or for somebody else, wants to know what holds."""
    state = scene.desk.trail.state
    said, read = scene.understanding.said, scene.understanding.read
    meant = understand(said=said, read=read or Gloss(text=said, said=said), state=state, words=scene.words)
    stated = (term.value for term in meant.reading.stated if term.field == "category")
    kind = meant.kind or next((value for value in stated if isinstance(value, str)), "")
    focus = state.entities.focus if len(state.entities.focus) == 1 and not kind else ()
    refs = meant.resolved or focus
    await tell_policy(scene, Move(kind="policy", topic="returns"), refs, kind=kind)


def _names(said: str, number: str) -> bool:
    """Whether the number stands in the message, with or without the shop's letters before it."""
    digits = re.sub(r"^\D+", "", number)
    wanted = [re.escape(number)] + ([re.escape(digits)] if len(digits) > _SHORTEST_WORD else [])
    return any(re.search(rf"(?<![\w]){each}(?![\w])", said, re.IGNORECASE) for each in wanted)


def _match_many(scene: Scene, orders: Iterable[OrderRecord], names: Names) -> list[OrderRecord]:
    """The orders that hold most of what was named."""
    scores = {
        order.number: max((_score(scene, names[line.sku].words) for line in order.lines), default=0)
        for order in orders
    }
    best = max(scores.values(), default=0)
    return [order for order in orders if best and scores[order.number] == best]


def _match_lines(scene: Scene, lines: Iterable[OrderedLine], names: Names) -> tuple[OrderedLine, ...]:
    """The lines that were named best, or that are in focus."""
    held = tuple(lines)
    scores = [_score(scene, names[line.sku].words) for line in held]
    best = max(scores, default=0)
    if best:
        return tuple(line for line, score in zip(held, scores, strict=True) if score == best)
    focus = {ref.key for ref in scene.desk.trail.state.entities.focus}
    return tuple(line for line in held if line.sku in focus)


def _score(scene: Scene, words: str) -> int:
    return len(_list_stems(_get_bought(scene.understanding.said)) & _list_stems(words))


def _get_bought(said: str) -> str:
    """The words about what was bought: what is wanted for it in exchange stands behind "for"."""
    return "\n".join(re.split(r"\bfor\b", part, maxsplit=1)[0] for part in said.split("\n"))


def _list_stems(text: str) -> set[str]:
    """The words without the ending of their plural: "boots" names a boot."""
    words = (word.lower() for word in _WORD.findall(text))
    return {word.removesuffix("s") for word in words if len(word) >= _SHORTEST_WORD and word not in _COMMON}


_COMMON = frozenset((
    "the", "and", "for", "with", "from", "that", "this", "these", "those", "want", "like", "would", "return",
    "exchange", "order", "back", "send", "size", "color", "colour", "other", "different", "please", "can", "you",
    "get", "got", "need", "bought", "ordered", "have", "them", "new", "one",
))  # fmt: skip


async def _find_lines(scene: Scene, order: OrderRecord) -> tuple[OrderedLine, ...]:
    """The lines that are meant; none where it was asked which."""
    names = await _name_lines(scene, (order,))
    matched = _match_lines(scene, order.lines, names)
    if len(order.lines) == 1 or _ALL.search(scene.understanding.said):
        return order.lines
    if len(matched) == 1:
        return matched
    listed = [names[line.sku].name for line in (matched or order.lines)]
    await scene.say("sale.which_item", number=order.number, items=scene.join(listed, last="or"))
    scene.offer_replies(*listed[:MOST_ASKED])
    return ()


def _count(said: str, line: OrderedLine) -> int:
    """How many pieces: as many as the message says, else all that are still there."""
    left = max(line.quantity - line.returned, 1)
    for word in _WORD.findall(said.lower()):
        number = NUMBER_WORDS.get(word)
        if number and number < left and re.search(rf"\b{word} (?:of|pairs?|pieces?)\b", said, re.IGNORECASE):
            return number
    return left


def _find_address(scene: Scene, *, number: str) -> str:
    """The address in the message: what follows "to", or the answer to the question for it, with a digit in it."""
    for part in reversed(scene.understanding.own_said.split("\n")):
        bare = part.replace(number, "").strip()
        if not any(letter.isdigit() for letter in bare):
            continue
        read = gloss_message(bare, state=scene.desk.trail.state, vocabulary=scene.words.vocabulary)
        found = (pattern.match(read.text) for pattern in _BEFORE_ADDRESS)
        before = next((match for match in found if match), None)
        cut = read.get_own(start=before.end(), end=len(read.text)) if before else bare
        cut = _AFTER_ADDRESS.sub("", cut)
        if len(_WORD.findall(cut)) > 1:
            return cut.strip(" .,:;-")
    return ""


async def _find_version(scene: Scene, line: OrderedLine) -> VariantRecord | None:
    """The version of the product that is wanted instead; None where it was asked for."""
    items = await scene.desk.shop.list_items([line.sku])
    item = items.get(Sku(line.sku))
    siblings: tuple[VariantRecord, ...] = ()
    if item is not None:
        siblings = await scene.desk.shop.list_siblings(GroupKey(item.group))
    others = [other for other in siblings if other.sku != line.sku]
    if item is None or not others:
        await scene.say("refused.sale.other_product", item=line.title)
        return None
    wanted = _list_wanted(scene.understanding.said)
    sizes = [other for other in others if other.size and other.size.lower() in wanted]
    colors = [other for other in others if other.color and other.color.lower() in wanted]
    exact = [other for other in sizes if other in colors]
    same_color = [other for other in sizes if other.color == item.color]
    same_size = [other for other in colors if other.size == item.size]
    chosen = exact or same_color or same_size or sizes or colors
    if len(chosen) == 1 or exact or same_color or same_size:
        return chosen[0]
    there = [other for other in others if other.quantity != 0] or others
    english = scene.language == "en"
    names = [
        " ".join(part for part in (other.color if english else scene.color(other.color), other.size) if part)
        for other in there[:MOST_ASKED]
    ]
    await scene.say("sale.which_version", versions=scene.join(names, last="or"))
    scene.offer_replies(*names)
    return None


def _list_wanted(said: str) -> set[str]:
    """The words after "for" or "in", and all of an answer: what stands before them is what was bought."""
    wanted: set[str] = set()
    for place, part in enumerate(said.split("\n")):
        match = _WANTED.search(part)
        text = match.group("wanted") if match else part if place else ""
        wanted.update(word.lower() for word in re.findall(r"[\w.½/-]+", text.strip(" .?!")))
    return {word.strip(".") for word in wanted}
