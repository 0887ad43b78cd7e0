"""What a message reaches back for, looked up in what is remembered of the shopper and in what they bought."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from catalog.connectors import ConnectorUnavailable, OrderedLine
from commerce_agent.agent.memory.cues import Cue, find_cue, is_later, is_within
from commerce_agent.agent.phrases.message import Value
from commerce_agent.agent.understanding.moves import Move
from commerce_agent.agent.understanding.understood import Understanding
from commerce_agent.tools.goods import Goods
from commerce_agent.tools.memory import Consented, Forgotten, Remembered
from commerce_agent.tools.naming import shorten
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import get_ref, to_entity
from commerce_agent.tools.trail import Trail
from conversations.constraints import ConstraintReading
from conversations.events.decisions import ToolCalled
from conversations.events.entities import EntitiesIntroduced, Reference
from conversations.language.glossing import Gloss
from conversations.language.tokens import list_tokens
from conversations.language.tongues import get_tongue
from conversations.shoppers import Kept

MOST_MEANT = 4
Button = tuple[str, dict[str, Value]]
"""The key of its wording, and what stands in that."""
_STOPWORDS = get_tongue("en").stopwords


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What the shopper is told about it: memory is never used unseen."""

    key: str
    values: dict[str, Value] = {}
    day: datetime | None = None
    """When it was, where that is told."""
    offers: tuple[Button, ...] = ()
    """Buttons beside it."""


class Recollection(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: the message with the remembered words in it, what it points at, or the whole answer."""

    read: Gloss
    found: tuple[Reference, ...] = ()
    whole: Understanding | None = None
    """Where the message asks for nothing else."""
    notes: tuple[Note, ...] = ()
    put: str = ""
    """The remembered words that stand in the message."""
    own: Gloss | None = None
    """The message without them."""

    def mark(self, understanding: Understanding, *, own: ConstraintReading) -> Understanding:
        """What the message means, with the terms known as remembered that nothing but the remembered words states.

        `own` is what the message states without them: "size 4, in the same width as last time" says the 4 itself.
        """
        put = [token.word for token in list_tokens(self.put)]
        said = {(term.field, term.op, term.value) for term in (*own.stated, *own.again)}
        reading = understanding.reading
        stated = tuple(
            msgspec.structs.replace(term, source="memory")
            if (term.field, term.op, term.value) not in said and _stand_within(term.text, put)
            else term
            for term in reading.stated
        )
        return msgspec.structs.replace(understanding, reading=msgspec.structs.replace(reading, stated=stated))


def _stand_within(text: str, words: Sequence[str]) -> bool:
    """Whether the words of a text stand side by side among these."""
    sought = [token.word for token in list_tokens(text)]
    return bool(sought) and any(
        list(words[at : at + len(sought)]) == sought for at in range(len(words) - len(sought) + 1)
    )


_REMEMBER: Final[tuple[Button, ...]] = (("button.remember", {}),)


async def recollect(read: Gloss, *, shop: Goods, trail: Trail) -> Recollection | None:
    """What the message reaches back for; None where it does not, or where nothing remembered is concerned."""
    cue = find_cue(read.text)
    if cue is None:
        return None
    if cue.kind == "reorder":
        return await _reorder(read, cue, shop=shop, trail=trail)
    remembered = await shop.recall_shopper()
    _record_use(trail, cue, remembered)
    if remembered is None:
        # Anonymous: within the conversation the words may still mean something.
        return None if cue.kind in ("seen", "show", "forget", "size") else _answer(read, "memory.anonymous")
    if cue.kind in ("size", "seen") and not remembered.allowed:
        if cue.kind == "seen":
            return None
        return Recollection(read=read, notes=(Note(key="memory.needs_consent", offers=_REMEMBER),))
    match cue.kind:
        case "size":
            return await _take_size(read, cue, remembered, shop=shop, trail=trail)
        case "seen":
            return await _take_seen(read, cue, remembered, shop=shop, trail=trail)
        case "show":
            return _show(read, remembered)
        case "forget":
            return await _forget(read, cue, remembered, shop=shop, trail=trail)
        case _:
            return await _decide(read, cue, remembered, shop=shop)


def _record_use(trail: Trail, cue: Cue, remembered: Remembered | None) -> None:
    outcome = "anonymous" if remembered is None else f"{len(remembered.kept)} remembered"
    trail.record(ToolCalled(tool="recall_shopper", arguments=f'{{"cue":"{cue.kind}"}}', outcome=outcome))


async def _decide(read: Gloss, cue: Cue, remembered: Remembered, *, shop: Goods) -> Recollection:
    if cue.kind == "forget_all":
        await shop.change_memory(Forgotten(ids=tuple(kept.id for kept in remembered.kept)))
        return _answer(read, "memory.forgot_all")
    given = cue.kind == "allow"
    await shop.change_memory(Consented(given=given))
    return _answer(read, "memory.allowed" if given else "memory.refused")


def _show(read: Gloss, remembered: Remembered) -> Recollection:
    if not remembered.allowed:
        return _answer(read, "memory.needs_consent", offers=_REMEMBER)
    if not remembered.kept:
        return _answer(read, "memory.nothing")
    lines = [_describe(kept) for kept in remembered.kept if kept.kind != "seen"]
    seen = [kept.name for kept in _list_newest(remembered) if kept.kind == "seen"][:5]
    notes = [Note(key="memory.list", values={"items": "; ".join(lines)})] if lines else []
    if seen:
        notes.append(Note(key="memory.seen", values={"items": "; ".join(seen)}))
    sizes = tuple(kept.topic for kept in remembered.kept if kept.kind == "size")
    forget: tuple[Button, ...] = tuple(("button.forget_size", {"topic": topic}) for topic in sizes[:2])
    return Recollection(
        read=read,
        whole=_make_whole(read),
        notes=(*notes, Note(key="memory.how", offers=(*forget, ("button.forget_me", {})))),
    )


def _describe(kept: Kept) -> str:
    if kept.kind == "payment":
        return kept.name or kept.value
    sure = "" if kept.source == "stated" else " (?)"
    return f"{kept.topic}: {kept.value}{sure}"


async def _forget(
    read: Gloss, cue: Cue, remembered: Remembered, *, shop: Goods, trail: Trail
) -> Recollection | None:
    """Takes it out; where it is a term of this conversation too, the message goes on and drops that."""
    wanted = _list_stems(cue.what)
    meant = tuple(
        kept for kept in remembered.kept if wanted and wanted <= _list_stems(f"{_list_all(kept)} {kept.kind}")
    )
    if not meant:
        return None
    await shop.change_memory(Forgotten(ids=tuple(kept.id for kept in meant)))
    items = "; ".join(kept.name or _describe(kept) for kept in meant[:5])
    answered = _answer(read, "memory.forgot", items=items)
    if any(term.field in cue.what.lower() for term in trail.state.constraints.active):
        return msgspec.structs.replace(answered, whole=None)
    return answered


async def _take_size(
    read: Gloss, cue: Cue, remembered: Remembered, *, shop: Goods, trail: Trail
) -> Recollection | None:
    """The size that fits what is talked of: stated before, else the one that was bought."""
    about = _list_context(read, cue=cue, trail=trail)
    sizes = [kept for kept in _list_newest(remembered) if kept.kind == "size"]
    stated = next((kept for kept in sizes if _list_stems(kept.topic) & about), None)
    if stated is not None:
        return _with_size(read, cue, size=stated.value, of=stated.topic)
    bought = await _list_kept(shop)
    offers = {offer.item.sku: offer for offer in await shop.list_offers(_list_skus(bought))}
    for line in bought:
        offer = offers.get(line.sku)
        if offer and offer.item.size and _list_words(offer) & about:
            return _with_size(read, cue, size=offer.item.size, of=shorten(line.title))
    if sizes:
        note = Note(key="memory.size_other", values={"of": sizes[0].topic, "size": sizes[0].value})
        return Recollection(read=_without(read, cue), notes=(note,))
    return Recollection(read=_without(read, cue), notes=(Note(key="memory.size_unknown"),))


def _with_size(read: Gloss, cue: Cue, *, size: str, of: str) -> Recollection:
    note = Note(key="memory.size_used", values={"size": size, "of": of})
    put = f"in size {size}"
    return Recollection(read=_put(read, cue, put), notes=(note,), put=put, own=_without(read, cue))


def _without(read: Gloss, cue: Cue) -> Gloss:
    return _put(read, cue, "") if cue.text.strip() != read.text.strip() else read


def _put(read: Gloss, cue: Cue, english: str) -> Gloss:
    return read.replace(start=cue.start, end=cue.start + len(cue.text), english=english)


async def _take_seen(
    read: Gloss, cue: Cue, remembered: Remembered, *, shop: Goods, trail: Trail
) -> Recollection | None:
    """The item that was looked at in an earlier visit; what this conversation knows itself is left to it."""
    wanted = _list_stems(cue.what)
    seen = [
        kept
        for kept in _list_newest(remembered)
        if kept.kind == "seen" and wanted <= _list_stems(_list_all(kept))
    ]
    if not wanted or any(kept.conversation and kept.topic in trail.state.entities.known for kept in seen):
        return None
    fitting = [kept for kept in seen if is_within(cue, at=kept.at, now=trail.at)] or [
        kept for kept in seen if is_later(cue, at=kept.at, now=trail.at)
    ]
    if not fitting:
        if not seen:
            return None
        note = Note(key="memory.seen_other", values={"item": seen[0].name}, day=seen[0].at)
        return Recollection(read=read, whole=_make_whole(read), notes=(note,))
    offers = await shop.list_offers([kept.topic for kept in fitting[:MOST_MEANT]])
    if not offers:
        return _answer(read, "memory.gone", item=fitting[0].name)
    return Recollection(read=read, found=(_introduce(cue, offers, trail=trail),))


async def _reorder(read: Gloss, cue: Cue, *, shop: Goods, trail: Trail) -> Recollection | None:
    """The item of that name that was bought last, into the cart; two that fit are asked about."""
    try:
        reading = await shop.list_history()
    except ConnectorUnavailable:
        return _answer(read, "orders.out_of_reach")
    if reading is None:
        return _answer(read, "refused.anonymous")
    wanted = _list_stems(cue.what)
    for order in reading.orders:
        if order.status == "cancelled":
            continue
        offers = {offer.item.sku: offer for offer in await shop.list_offers(_list_skus(order.lines))}
        lines = [line for line in order.lines if wanted <= _list_bought_words(line, offers.get(line.sku))]
        if not lines:
            continue
        held = [line for line in lines if line.sku in offers]
        if not held:
            return _answer(read, "memory.gone", item=shorten(lines[0].title))
        reference = _introduce(cue, [offers[line.sku] for line in held], trail=trail)
        several = len(held) == 1 and held[0].quantity > 1
        count = str(held[0].quantity) if several else ""
        size = offers[held[0].sku].item.size if len(held) == 1 else ""
        used = Note(key="memory.reorder", values={"item": shorten(held[0].title)}, day=order.placed_at)
        return Recollection(
            read=read,
            whole=msgspec.structs.replace(
                _make_whole(read),
                moves=(Move(kind="add_to_cart", topic=count),),
                references=(reference,),
                wishes=(("size", size),) if size else (),
            ),
            notes=(used,) if len(held) == 1 else (),
        )
    return (
        _answer(read, "memory.never_bought", what=read.find_own(cue.what))
        if wanted
        else _answer(read, "orders.none")
    )


def _introduce(cue: Cue, offers: Sequence[Offer], *, trail: Trail) -> Reference:
    trail.record(EntitiesIntroduced(entities=tuple(to_entity(offer) for offer in offers), source="named"))
    refs = tuple(get_ref(offer.item.sku) for offer in offers)
    if len(refs) == 1:
        return Reference(text=cue.text, outcome="resolved", refs=refs, rules=("memory",))
    return Reference(text=cue.text, outcome="ambiguous", candidates=refs, rules=("memory", "equals"))


def _list_newest(remembered: Remembered) -> list[Kept]:
    return sorted(remembered.kept, key=lambda kept: kept.at, reverse=True)


async def _list_kept(shop: Goods) -> list[OrderedLine]:
    """What was bought and not sent back, the latest first; nothing where nobody can say."""
    try:
        reading = await shop.list_history()
    except ConnectorUnavailable:
        return []
    bought = (line for order in reading.orders for line in order.lines) if reading else ()
    return [line for line in bought if line.returned < line.quantity]


def _list_skus(lines: Iterable[OrderedLine]) -> list[str]:
    return list(dict.fromkeys(line.sku for line in lines))


def _list_context(read: Gloss, *, cue: Cue, trail: Trail) -> frozenset[str]:
    """What the size is asked for: the message's own words, else the item in hand, else what was looked for."""
    own = _list_stems(_put(read, cue, " ").text)
    state = trail.state
    names = [entity for ref in state.entities.focus if (entity := state.entities.find(ref))]
    focus = " ".join(f"{e.name} {' '.join(e.attributes.get('category', ()))}" for e in names)
    kinds = " ".join(str(term.value) for term in state.constraints.active if term.field == "category")
    query = state.entities.searched.query if state.entities.searched else ""
    return own | _list_stems(f"{focus} {kinds} {query}")


def _list_bought_words(line: OrderedLine, offer: Offer | None) -> frozenset[str]:
    return _list_stems(line.title) | (_list_words(offer) if offer else frozenset())


def _list_words(offer: Offer) -> frozenset[str]:
    return _list_stems(f"{offer.item.product_title} {offer.item.title} {offer.item.category}")


def _list_all(kept: Kept) -> str:
    return " ".join((kept.topic, kept.name, kept.value, *kept.words))


def _list_stems(text: str) -> frozenset[str]:
    return frozenset(
        token.stem for token in list_tokens(text) if token.is_word and token.word not in _STOPWORDS
    )


def _make_whole(read: Gloss) -> Understanding:
    return Understanding(
        said=read.text,
        moves=(Move(kind="recall"),),
        references=(),
        reading=ConstraintReading(rest=""),
        read=read if read.pieces else None,
    )


def _answer(read: Gloss, key: str, *, offers: tuple[Button, ...] = (), **values: Value) -> Recollection:
    note = Note(key=key, values=values, offers=offers)
    return Recollection(read=read, whole=_make_whole(read), notes=(note,))
