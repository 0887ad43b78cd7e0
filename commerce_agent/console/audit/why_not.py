"""Why an item was not recommended: from the turn's record, and where that is silent, held against its terms today.

A silent record asks the shop. Why an item was not recommended is told from the turn's record; where nobody weighed
it, from another turn's; where no turn did, it is held against the turn's terms as the shop has it today, and the
page says so. A search answers with one version of a product in a colour, so the others are answered for by the one
that stood for them.
"""

from datetime import datetime
from typing import Literal

import msgspec

from catalog.connectors import build_sources
from catalog.products import Hit, SearchQuery
from commerce_agent.agent.explain import Account, Register, explain_turn
from commerce_agent.agent.explain.account import Weighed
from commerce_agent.agent.explain.plain import SOURCES
from commerce_agent.composition import open_platform
from commerce_agent.console.pictures import show_money
from commerce_agent.tools.applied_terms import list_filters
from commerce_agent.tools.goods import Goods
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.seeking import look_up
from conversations.events import Recorded
from conversations.events.constraints import Constraint
from conversations.events.entities import SearchMade
from conversations.ids import MerchantId
from conversations.language.tokens import list_stems
from conversations.replay import fold_up_to

MOST = 5
HITS = 48
ARTICLES = frozenset({"the", "a", "an"})


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one item."""

    sku: str
    name: str
    says: str
    basis: str
    """`record`: weighed in this turn. `other`: in another one. `today`: in none, so the shop was asked now."""
    outcome: Literal["shown", "left out", "not considered"]
    turn: int = 0
    shown_in: tuple[int, ...] = ()
    """The turns that showed what this one left out."""


class WhyNot(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an item that somebody asks after."""

    asked: str
    verdicts: tuple[Verdict, ...]
    weighed: int
    """How many the turn weighed."""
    more: int = 0
    """So many others have that name, too."""
    nearest: str = ""
    """What the shop has of a name much like it, where it has nothing of that name."""


class Today(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop answers now."""

    verdicts: tuple[Verdict, ...] = ()
    more: int = 0
    nearest: str = ""


def read_name(asked: str) -> str:
    """A name without the article and the quotation marks that somebody may have typed."""
    words = asked.strip(" \"'“”‘’?.").split()
    while len(words) > 1 and words[0].casefold() in ARTICLES:
        words = words[1:]
    return " ".join(words)


def look_up_record(asked: str, *, turn: int, register: Register) -> WhyNot:
    """The answer from the records: this turn's first, then those of the others."""
    numbers = (turn, *(number for number in register.decisions if number != turn))
    for number in numbers:
        account = explain_turn(number, register=register)
        found = _list_named(asked, account) if account else ()
        if account and found:
            verdicts = tuple(
                _tell_across(weighed, account=account, turn=turn, register=register)
                for weighed in found[:MOST]
            )
            more = max(0, len(found) - MOST)
            return WhyNot(asked=asked, verdicts=verdicts, weighed=_count(turn, register), more=more)
    return WhyNot(asked=asked, verdicts=(), weighed=_count(turn, register))


def _count(turn: int, register: Register) -> int:
    made = register.decisions.get(turn)
    return len(made[1].candidates) if made else 0


def _list_named(asked: str, account: Account) -> tuple[Weighed, ...]:
    words = asked.casefold().split()
    weighed = (*account.rejected, *account.kept)
    exact = tuple(each for each in weighed if each.sku.casefold() == asked.casefold())
    return exact or tuple(
        each for each in weighed if words and all(word in each.name.casefold() for word in words)
    )


def _tell_across(weighed: Weighed, *, account: Account, turn: int, register: Register) -> Verdict:
    """One turn's answer, with the turns that showed what it left out."""
    told = _tell(weighed, account=account, is_own=account.turn == turn)
    if weighed.kept:
        return told
    shown = tuple(
        number
        for number, (_, decision) in sorted(register.decisions.items())
        if any(each.kept and each.ref.key == weighed.sku for each in decision.candidates)
    )
    return msgspec.structs.replace(told, shown_in=shown)


def _find_elsewhere(sku: str, *, turn: int, register: Register) -> Verdict | None:
    """The answer of the first other turn that weighed an item."""
    for number in register.decisions:
        account = explain_turn(number, register=register) if number != turn else None
        weighed = next(
            (each for each in (*account.rejected, *account.kept) if each.sku == sku) if account else iter(()),
            None,
        )
        if account and weighed:
            return _tell_across(weighed, account=account, turn=turn, register=register)
    return None


def _tell(weighed: Weighed, *, account: Account, is_own: bool) -> Verdict:
    where = "" if is_own else f" That was in turn {account.turn}; this turn did not consider it."
    if weighed.kept:
        says = f"It was shown. {weighed.reason.rstrip('.')}.{where}"
    else:
        term = _tell_missed(weighed)
        margin = f" By how much: {weighed.margin}." if weighed.margin else ""
        reason = f"“{weighed.rule}”: {weighed.reason.rstrip('.')}."
        says = f"It was considered and left out by the rule {reason}{term}{margin}{where}"
    return Verdict(
        sku=weighed.sku,
        name=weighed.name,
        says=says,
        basis="record" if is_own else "other",
        outcome="shown" if weighed.kept else "left out",
        turn=account.turn,
    )


def _tell_missed(weighed: Weighed) -> str:
    if not weighed.term:
        return ""
    if weighed.source == SOURCES["memory"]:
        return f" The term “{weighed.term}” was {weighed.source}, who did not say it here."
    return f" The shopper's term was “{weighed.term}”."


class _Held(msgspec.Struct, frozen=True, kw_only=True):
    """What a turn held items against."""

    terms: tuple[Constraint, ...]
    searched: str
    """The words of its search."""
    account: Account | None
    register: Register

    @property
    def recorded(self) -> dict[str, Weighed]:
        """What it weighed, by SKU, what was shown first."""
        return (
            {each.sku: each for each in (*self.account.kept, *self.account.rejected)} if self.account else {}
        )


async def ask_today(
    asked: str, *, turn: int, merchant: MerchantId, events: tuple[Recorded, ...], now: datetime
) -> Today:
    """Looks an item up that no record has, and holds it against the terms of the turn. Nothing is written."""
    own = [recorded for recorded in events if recorded.turn == turn]
    register = Register.read(events)
    made = register.decisions.get(turn)
    held = _Held(
        terms=tuple(term for term in made[1].constraints if term.scope != "item") if made else (),
        searched=next((each.event.query for each in own if isinstance(each.event, SearchMade)), ""),
        account=explain_turn(turn, register=register),
        register=register,
    )
    state = fold_up_to(events, seq=own[0].seq if own else 0)
    async with open_platform(clock=lambda: now, quiet=True) as platform:
        shop: Goods = await platform.turns.shops.open_shop(
            merchant=merchant,
            state=state,
            now=now,
            sources=build_sources(pool=platform.pool),
            why="staff ask why an item was not shown",
        )
        offers, more = await shop.list_offers([asked]), 0
        if not offers:
            found = await look_up(shop, SearchQuery(text=asked, limit=MOST, now=now))
            nearest = await shop.list_offers([hit.sku for hit in found.hits])
            # A search forgives a misspelling and a word that it does not know; a name that is asked after is meant.
            offers = tuple(offer for offer in nearest if _is_named(offer, asked=asked))
            if not offers:
                return Today(nearest=nearest[0].item.title if nearest else "")
            more = found.total - len(found.hits) if len(offers) == len(nearest) else 0
        verdicts = [await _answer(offer, shop=shop, held=held, turn=turn) for offer in offers]
        return Today(verdicts=tuple(verdicts), more=more)


def _is_named(offer: Offer, *, asked: str) -> bool:
    """Whether an item says all the words that somebody asks after it by."""
    return set(list_stems(asked)) <= set(list_stems(f"{offer.item.sku} {_list_texts(offer)}"))


async def _answer(offer: Offer, *, shop: Goods, held: _Held, turn: int) -> Verdict:
    own = held.recorded.get(offer.item.sku)
    if own and held.account:
        return _tell_across(own, account=held.account, turn=turn, register=held.register)
    stood = await _find_stand_in(offer, shop=shop, held=held)
    if stood and held.account:
        told = _tell_across(stood, account=held.account, turn=turn, register=held.register)
        says = f"{stood.sku} stood for it, the same product in the same colour. {told.says}"
        return msgspec.structs.replace(told, sku=str(offer.item.sku), name=offer.item.title, says=says)
    elsewhere = _find_elsewhere(str(offer.item.sku), turn=turn, register=held.register)
    return elsewhere or await _judge(offer, shop=shop, held=held)


async def _find_stand_in(offer: Offer, *, shop: Goods, held: _Held) -> Weighed | None:
    """The version of the same product and colour that the turn weighed: a search answers with one of them."""
    sisters = {
        str(each.sku) for each in await shop.list_siblings(offer.item.group) if each.color == offer.item.color
    }
    return next((weighed for sku, weighed in held.recorded.items() if sku in sisters), None)


async def _judge(offer: Offer, *, shop: Goods, held: _Held) -> Verdict:
    reasons = [] if offer.can_be_had else ["it is sold out"]
    broken = [term for term in held.terms if not await _passes(offer, shop=shop, term=term)]
    if broken:
        terms = [f"“{held.register.tell(term)}” ({SOURCES[term.source]} “{term.text}”)" for term in broken]
        *others, last = terms
        reasons.append(
            f"it does not meet {', '.join(others)} or {last}" if others else f"it does not meet {last}"
        )
    price = f" Today it costs {show_money(offer.price.price)}."
    start = "This turn did not consider it"
    if reasons:
        says = f"{start}. As the shop has it today, {', and '.join(reasons)}.{price}"
    elif held.searched:
        missing = await _tell_words(offer, shop=shop, held=held)
        says = f"{start}, though it meets every term today. The search was for “{held.searched}”, and {missing}.{price}"
    elif held.account and held.recorded:
        says = f"{start}, though it meets every term today: others came before it.{price}"
    else:
        says = f"{start}: it looked for no items at all.{price}"
    return Verdict(
        sku=str(offer.item.sku), name=offer.item.title, says=says, basis="today", outcome="not considered"
    )


async def _tell_words(offer: Offer, *, shop: Goods, held: _Held) -> str:
    """How the words of the search fit an item that meets the terms."""
    query = SearchQuery(
        text=held.searched,
        filters=list_filters(held.terms),
        tier=shop.context.tier,
        limit=HITS,
        now=shop.now,
    )
    hits = (await look_up(shop, query)).hits
    place = next(
        (at for at, hit in enumerate(hits, 1) if hit.sku == offer.item.sku or _is_sister(hit, offer)), 0
    )
    if place:
        return f"today that finds it in place {place} of {len(hits)}"
    told = list_stems(_list_texts(offer))
    words = [word for word in held.searched.split() if not set(list_stems(word)) <= set(told)]
    if not words:
        return "others fit these words better"
    named = " and ".join(f"“{word}”" for word in words)
    return f"its name, shelf, details and description do not say {named}"


def _list_texts(offer: Offer) -> str:
    item = offer.item
    told = (
        item.title,
        item.product_title,
        item.brand,
        item.category,
        item.color,
        item.material,
        item.description,
    )
    return " ".join((*told, item.size, *item.attributes, *item.attributes.values()))


async def _passes(offer: Offer, *, shop: Goods, term: Constraint) -> bool:
    query = SearchQuery(
        text=offer.item.title, filters=list_filters((term,)), tier=shop.context.tier, limit=HITS, now=shop.now
    )
    return any(
        hit.sku == offer.item.sku or _is_sister(hit, offer) for hit in (await look_up(shop, query)).hits
    )


def _is_sister(hit: Hit, offer: Offer) -> bool:
    """A search answers with one variant of a product: of the same colour it stands for the other sizes."""
    return hit.group == offer.item.group and hit.color == offer.item.color
