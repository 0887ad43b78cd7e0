"""What each of many conversations is to be told of what changed: asked of the shop once for all that see it alike."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Protocol, TypeVar

import msgspec

from catalog.connectors import ConnectorUnavailable, Sources
from catalog.events import CatalogEvent, PolicyChanged, ProductChanged, PromotionChanged
from catalog.policies import PolicyAnswer
from catalog.pricing import CartItem, CartPrice, PriceContext
from catalog.promotions import PromotionRecord
from commerce_agent.agent.alternatives import (
    Alternative,
    Gone,
    find_alternative,
    name_offered,
    name_remembered,
)
from commerce_agent.agent.news.carts import list_cart_news
from commerce_agent.agent.news.gone import list_gone_news
from commerce_agent.agent.news.offers import list_offer_news, make_facts
from commerce_agent.agent.news.terms import (
    list_policy_news,
    list_promotion_news,
    tells_policy,
    touches_policy,
)
from commerce_agent.agent.phrases import PhraseBook, find_book
from commerce_agent.agent.shops import Shops
from commerce_agent.tools.customers import KnownTier
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.shop import Shop
from commerce_agent.tools.showing import get_ref, to_entity
from conversations.events import Event
from conversations.events.carts import CartLineChecked, ProposalDoubted
from conversations.events.entities import EntitiesIntroduced
from conversations.events.facts import FactsObserved
from conversations.events.messages import NoticeGiven
from conversations.facts import date_facts
from conversations.ids import ConversationId, EntityRef, MerchantId
from conversations.service import News
from conversations.state import ConversationState

T = TypeVar("T")

MOST_READ = 300
"""SKUs asked for at once."""


class Recall(Protocol):
    """Answers a state with everything that ever came up."""

    async def __call__(self, *, conversation: ConversationId) -> ConversationState:
        """From the journal."""
        ...


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that news concerns, and the items it is about there."""

    conversation: ConversationId
    state: ConversationState
    refs: tuple[EntityRef, ...]
    tier: KnownTier = KnownTier(tier=None)
    recalled: bool = False
    """The state is not the hot one: it holds everything that ever came up."""


class _View(msgspec.Struct, kw_only=True):
    """What the shop answers to all whose prices depend on the same."""

    shop: Shop
    offers: dict[str, Offer] = {}
    promotions: tuple[PromotionRecord, ...] | None = None
    """None where nobody can say: that a promotion is not known of is no news of its end."""
    promotions_teller: int = 0
    alternatives: dict[tuple[object, ...], Alternative | None] = {}
    carts: dict[tuple[CartItem, ...], CartPrice] = {}

    async def price_lines(self, items: tuple[CartItem, ...]) -> CartPrice:
        """What the cart costs; asked once, however many hold the same."""
        if items not in self.carts:
            self.carts[items] = await self.shop.price_lines(items)
        return self.carts[items]


class Deciding:
    """One round of decisions over states that were just loaded: the shop is asked after the states, never before."""

    def __init__(
        self,
        *,
        shops: Shops,
        sources: Sources,
        recall: Recall,
        merchant: MerchantId,
        events: tuple[CatalogEvent, ...],
        now: datetime,
    ) -> None:
        self._shops = shops
        self._sources = sources
        self._recall = recall
        self._merchant = merchant
        self._policies = tuple(event for event in events if isinstance(event, PolicyChanged))
        self._promotions = tuple(event for event in events if isinstance(event, PromotionChanged))
        self._altered = tuple(
            dict.fromkeys(event.sku for event in events if isinstance(event, ProductChanged))
        )
        self._gone: frozenset[str] = frozenset()
        self._now = now
        self._views: dict[PriceContext, _View] = {}
        self._answers: dict[tuple[str, str, str], PolicyAnswer | None] = {}
        self.failed: list[BaseException] = []
        """What kept a conversation from being decided; the others were."""

    async def decide(self, heard: tuple[Heard, ...]) -> tuple[News, ...]:
        """The news of those that have any."""
        known = await self._try_each(self._with_all, heard)
        wanted: dict[PriceContext, set[str]] = {}
        for each in known:
            wanted.setdefault(self._view(each).shop.context, set()).update(self._list_skus(each))
        for context, skus in wanted.items():
            await self._read(self._views[context], skus)
        self._gone = await self._list_gone()
        decided = await self._try_each(self._decide_one, known)
        return tuple(news for news in decided if news.events)

    async def _try_each(self, step: Callable[[Heard], Awaitable[T]], heard: Iterable[Heard]) -> list[T]:
        done: list[T] = []
        for each in heard:
            (came,) = await asyncio.gather(step(each), return_exceptions=True)
            if isinstance(came, BaseException):
                self.failed.append(came)
            else:
                done.append(came)
        return done

    async def _with_all(self, heard: Heard) -> Heard:
        """With an item that was shown too long ago to be at hand: its card may still be seen."""
        hot = heard.state.entities.known.keys() | heard.state.transcript.chips.keys()
        if all(ref.kind != "variant" or ref.key in hot for ref in heard.refs):
            return heard
        state = await self._recall(conversation=heard.conversation)
        return msgspec.structs.replace(heard, state=state, recalled=True)

    def _list_skus(self, heard: Heard) -> list[str]:
        skus = [ref.key for ref in heard.refs if ref.kind == "variant"]
        if self._promotions:
            facts = heard.state.facts.canonical.values()
            skus += [fact.subject.key for fact in facts if fact.name == "price"]
        return list(dict.fromkeys(skus))

    def _view(self, heard: Heard) -> _View:
        known, codes = heard.tier, heard.state.cart.codes
        since = known.since if known.tier is not None else None
        context = PriceContext(now=self._now, tier=known.tier, tier_since=since, codes=codes)
        if context not in self._views:
            shop = self._shops.open_shelf(context, merchant=self._merchant, sources=self._sources)
            self._views[context] = _View(shop=shop)
        return self._views[context]

    async def _list_gone(self) -> frozenset[str]:
        """The altered items that the shop has no more."""
        shop = next((view.shop for view in self._views.values()), None)
        if shop is None or not self._altered:
            return frozenset()
        return frozenset(self._altered) - (await shop.list_items(self._altered)).keys()

    async def _read(self, view: _View, skus: Iterable[str]) -> None:
        for part in _split(sorted(skus), size=MOST_READ):
            for offer in await view.shop.list_offers(part):
                view.offers[offer.item.sku] = offer
        if self._promotions:
            with suppress(ConnectorUnavailable):
                held = await view.shop.list_promotions()
                view.promotions = held.promotions if held.stale_since is None else None
                view.promotions_teller = held.as_of.teller if held.as_of else 0

    async def _decide_one(self, heard: Heard) -> News:
        state, view, book = heard.state, self._view(heard), find_book(heard.state.transcript.locale)
        offers = {sku: view.offers[sku] for sku in self._list_skus(heard) if sku in view.offers}
        events: list[Event] = []
        checked = await list_cart_news(state, offers=offers, price_lines=view.price_lines, book=book)
        lines = {each.ref.key: each for each in checked if isinstance(each, CartLineChecked)}
        others: list[Alternative] = []
        for sku, offer in offers.items():
            news = list_offer_news(state, offer, lines.get(sku))
            other = await self._find_other(heard, view, offer) if _is_of_stock(news) else None
            events += _with_cart_words(news, sku=sku, checked=checked, other=other, book=book)
            others += [other] if other else []
        events += checked
        for ref in heard.refs:
            if ref.kind == "variant" and ref.key in self._gone:
                gone = list_gone_news(state, ref, book=book, at=self._now)
                other = await self._find_other_than_gone(heard, view, ref) if gone else None
                events += _with_cart_words(gone, sku=ref.key, checked=(), other=other, book=book)
                others += [other] if other else []
        for other in others:
            events.append(EntitiesIntroduced(entities=(to_entity(other.offer),), source="alternative"))
            events.append(FactsObserved(facts=make_facts(other.offer, known=state.facts)))
        for policy in self._policies:
            told = touches_policy(state, policy)
            answer = await self._find_policy(policy, shop=view.shop) if told else None
            if answer is not None and tells_policy(state, policy, teller=answer.teller):
                events += list_policy_news(state, policy, answer=answer)
        if view.promotions is not None:
            for promotion in self._promotions:
                events += list_promotion_news(
                    state, promotion, promotions=view.promotions, teller=view.promotions_teller
                )
        return News(
            conversation=heard.conversation,
            events=date_facts(state.facts, events),
            expected_version=state.version,
            shown=tuple(get_ref(other.offer.item.sku) for other in others),
            base=None if heard.recalled else state,
        )

    async def _find_policy(self, event: PolicyChanged, *, shop: Shop) -> PolicyAnswer | None:
        key = (event.name, event.scope, event.scope_value)
        if key not in self._answers:
            self._answers[key] = None
            with suppress(ConnectorUnavailable):
                self._answers[key] = await shop.find_policy(
                    event.name,
                    sku=event.scope_value if event.scope == "sku" else None,
                    category=event.scope_value if event.scope == "category" else None,
                )
        return self._answers[key]

    async def _find_other(self, heard: Heard, view: _View, offer: Offer) -> Alternative | None:
        """What there is instead of what is gone, or is too few of, for whom it matters; None where nobody can say."""
        wanted = _count_wanted(heard.state, get_ref(offer.item.sku))
        if (offer.can_be_had and not offer.falls_short_of(wanted)) or offer.stock.stale:
            return None
        with suppress(ConnectorUnavailable):
            return await self._find_instead(heard, view, name_offered(offer), wanted=wanted)
        return None

    async def _find_other_than_gone(self, heard: Heard, view: _View, ref: EntityRef) -> Alternative | None:
        """What there is instead of what the shop has taken out; nothing where nobody can be asked for it."""
        known = heard.state.entities.find(ref)
        if known is None:
            return None
        wanted = _count_wanted(heard.state, ref)
        with suppress(ConnectorUnavailable):
            return await self._find_instead(heard, view, name_remembered(known), wanted=wanted)
        return None

    async def _find_instead(
        self, heard: Heard, view: _View, gone: Gone, *, wanted: int
    ) -> Alternative | None:
        """Asked for once, however many see it alike. It matters in the cart, or where it is talked about and was not
        bought here.
        """
        ref, state = get_ref(gone.sku), heard.state
        is_bought = any(line.ref == ref for each in state.cart.receipts for line in each.proposal.lines)
        if not wanted and (state.entities.focus != (ref,) or is_bought):
            return None
        terms = state.constraints.active
        key = (ref, wanted, *((term.field, term.op, term.value, term.scope, term.text) for term in terms))
        if key not in view.alternatives:
            view.alternatives[key] = await find_alternative(
                view.shop, gone=gone, ledger=state.constraints, wanted=wanted
            )
        return view.alternatives[key]


def _is_of_stock(news: Iterable[Event]) -> bool:
    """Whether something is said of it."""
    return any(
        isinstance(event, NoticeGiven) and event.notice == "stock.changed" and event.text for event in news
    )


def _count_wanted(state: ConversationState, ref: EntityRef) -> int:
    """So many of it the cart or the proposal holds."""
    proposed = state.cart.proposal.lines if state.cart.proposal else ()
    return max((line.quantity for line in (*state.cart.lines, *proposed) if line.ref == ref), default=0)


def _with_cart_words(
    news: Iterable[Event],
    *,
    sku: str,
    checked: tuple[Event, ...],
    other: Alternative | None,
    book: PhraseBook,
) -> Iterator[Event]:
    """The notice says what it means for the cart and the proposal, and what there is instead."""
    verdicts = {each.ref.key: each.verdict for each in checked if isinstance(each, CartLineChecked)}
    for event in news:
        if not isinstance(event, NoticeGiven) or not event.text:
            yield event
            continue
        said = [event.text]
        if event.notice == "stock.changed" and verdicts.get(sku) in ("sold_out", "too_few"):
            said.append(book.say(f"notice.cart.{verdicts[sku]}", seed=0))
        if any(isinstance(each, ProposalDoubted) for each in checked):
            said.append(book.say("notice.proposal", seed=0))
        if event.notice == "stock.changed" and other is not None:
            said.append(other.say(book))
        yield msgspec.structs.replace(event, text=" ".join(said))


def _split(items: list[str], *, size: int) -> Iterator[list[str]]:
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
