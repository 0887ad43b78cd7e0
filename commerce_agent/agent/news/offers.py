"""What became of an item's stock and price, held against what this shopper was told."""

from functools import lru_cache

import msgspec

from commerce_agent.agent.news.naming import name_answer
from commerce_agent.agent.phrases import PhraseBook, find_book
from commerce_agent.agent.wording.items import name_offer, name_version
from commerce_agent.agent.wording.terms import say_money
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.showing import (
    LOW_STOCK,
    Availability,
    get_authority,
    get_availability,
    get_ref,
    list_reckoned,
    to_amount,
)
from commerce_agent.tools.table_words import MOST_COUNTED
from conversations.events import Event
from conversations.events.carts import CartLineChecked
from conversations.events.facts import Amount, Fact, FactSuperseded, FactValue
from conversations.events.messages import NoticeGiven
from conversations.facts import Facts, is_like
from conversations.ids import EntityRef
from conversations.state import ConversationState


def list_offer_news(
    state: ConversationState, offer: Offer, checked: CartLineChecked | None = None
) -> tuple[Event, ...]:
    """What changed against what this shopper was told: stock that matters, and the price. `checked` is what became
    of the line of a cart that holds it.

    A reading that is stale or unknown is no news: it takes no known fact's place.
    """
    stock_known = not offer.stock.stale and offer.stock.availability != "unknown"
    stock = _list_stock_news(state, offer, checked) if stock_known else ()
    if stock_known and not any(isinstance(event, NoticeGiven) for event in stock):
        stock += list_chip_news(
            state, offer.item.sku, availability=get_availability(offer), left=offer.stock.quantity
        )
    return (*stock, *(() if offer.price.stale else _list_price_news(state, offer)))


def list_own_news(state: ConversationState, offer: Offer, *, order: str) -> tuple[Event, ...]:
    """The same after an order of the shopper's own, who knows of it: shown, and without a word."""
    return tuple(_by_order(event, order=order) for event in list_offer_news(state, offer))


def _by_order(event: Event, *, order: str) -> Event:
    match event:
        case NoticeGiven():
            return msgspec.structs.replace(event, text="")
        case FactSuperseded():
            return msgspec.structs.replace(event, order=order)
        case _:
            return event


def list_chip_news(
    state: ConversationState, sku: str, *, availability: Availability, left: int | None
) -> tuple[Event, ...]:
    """What a button of a card stands for has sold out, or is back: the button shows it, and nothing is said."""
    sold_out = availability == "out_of_stock"
    if state.transcript.chips.get(sku, sold_out) is sold_out:
        return ()
    notice = NoticeGiven(
        notice="stock.changed", ref=get_ref(sku), text="", stock=left, availability=availability
    )
    return (notice,)


def _list_stock_news(
    state: ConversationState, offer: Offer, checked: CartLineChecked | None
) -> tuple[Event, ...]:
    ref, availability, quantity = get_ref(offer.item.sku), get_availability(offer), offer.stock.quantity
    news: list[Event] = []
    stock = state.facts.find(subject=ref, name="stock")
    seen = state.facts.find(subject=ref, name="availability")
    counted = stock is not None and stock.value != quantity
    if stock and counted:
        news.append(FactSuperseded(id=stock.id, fact=renew(state, stock, value=quantity, offer=offer)))
    if seen and seen.value != availability:
        news.append(FactSuperseded(id=seen.id, fact=renew(state, seen, value=availability, offer=offer)))
    if seen is None:
        return tuple(news)
    text = ""
    short = _is_short(state, offer, checked=checked, counted=counted)
    if seen.value != availability or (counted and availability == "low_stock") or short:
        book = find_book(state.transcript.locale)
        text = _say_stock_news(
            name_version(offer, book=book),
            before=str(seen.value),
            now=availability,
            quantity=quantity,
            short=short,
            book=book,
        )
    was = _get_shown(seen.value, stock.value if stock else None)
    if text or was != _get_shown(availability, quantity):
        news.append(
            NoticeGiven(notice="stock.changed", ref=ref, text=text, stock=quantity, availability=availability)
        )
    return tuple(news)


def list_reread_news(
    ref: EntityRef, *, before: ConversationState, now: ConversationState
) -> tuple[Event, ...]:
    """What a turn read otherwise than it was shown before: its own answer says what matters, and what stands further
    up shows it without a word.
    """
    (was_price, was_cut, was_stated, was_left), (price, cut, stated, left) = (
        _list_stated(known, ref) for known in (before, now)
    )
    news: list[Event] = []
    if was_price and price and (was_price, was_cut) != (price, cut):
        news.append(_tell_price(ref, text="", price=price, cut=cut, stated=(stated, left)))
    if was_stated and stated and _get_shown(was_stated, was_left) != _get_shown(stated, left):
        news.append(NoticeGiven(notice="stock.changed", ref=ref, text="", stock=left, availability=stated))
    return tuple(news)


def _list_stated(
    state: ConversationState, ref: EntityRef
) -> tuple[Amount | None, Amount | None, str | None, int | None]:
    """What a card states by what is known of the item: price, price before, availability, how many."""
    known = {
        name: fact.value
        for name in ("price", "list_price", "availability", "stock")
        if (fact := state.facts.find(subject=ref, name=name)) is not None and not fact.stale
    }
    price, stated, left = known.get("price"), known.get("availability"), known.get("stock")
    return (
        price if isinstance(price, Amount) else None,
        _find_cut(known.get("list_price"), price=price) if isinstance(price, Amount) else None,
        stated if isinstance(stated, str) and stated != "unknown" else None,
        left if isinstance(left, int) else None,
    )


def _get_shown(availability: FactValue, left: FactValue) -> tuple[FactValue, FactValue]:
    """The stock as a card has it in words: of many it does not say how many."""
    counts = availability in ("in_stock", "low_stock") and isinstance(left, int) and left <= MOST_COUNTED
    return availability, left if counts else None


def _is_short(
    state: ConversationState, offer: Offer, *, checked: CartLineChecked | None, counted: bool
) -> bool:
    """Whether the cart holds more of it than there are, which nobody has said yet of so few."""
    ref = get_ref(offer.item.sku)
    if checked is not None:
        known = state.cart.doubts.get(ref.key)
        same = known is not None and (known.verdict, known.left) == (checked.verdict, checked.left)
        return checked.verdict == "too_few" and not same
    held = next((line.quantity for line in state.cart.lines if line.ref == ref), 0)
    return counted and offer.can_be_had and offer.falls_short_of(held)


def _list_price_news(state: ConversationState, offer: Offer) -> tuple[Event, ...]:
    ref, now_costs = get_ref(offer.item.sku), to_amount(offer.price.price)
    listed = state.facts.find(subject=ref, name="list_price")
    before_cut = to_amount(offer.price.list_price)
    news: list[Event] = []
    if listed is not None and listed.value != before_cut:
        news.append(FactSuperseded(id=listed.id, fact=renew(state, listed, value=before_cut, offer=offer)))
    price = state.facts.find(subject=ref, name="price")
    if price is None or not isinstance(price.value, Amount):
        return tuple(news)
    text = ""
    if price.value != now_costs:
        before = _find_price_before(state, price, offer=offer)
        if before is not None and before != now_costs:
            book = find_book(state.transcript.locale)
            name = name_offer(offer, book=book)
            text = _say_price_news(name, now=now_costs, before=before, language=book.language)
        news.append(FactSuperseded(id=price.id, fact=renew(state, price, value=now_costs, offer=offer)))
    cut_from = _find_cut(before_cut, price=now_costs)
    was_cut_from = _find_cut(listed.value, price=price.value) if listed is not None else None
    if price.value != now_costs or cut_from != was_cut_from:
        stated = _state_stock(state, offer)
        news.append(_tell_price(ref, text=text, price=now_costs, cut=cut_from, stated=stated))
    return tuple(news)


def _tell_price(
    ref: EntityRef, *, text: str, price: Amount, cut: Amount | None, stated: tuple[str | None, int | None]
) -> NoticeGiven:
    """Tells how many there are as well: a page loaded before takes what says nothing of it for goods to be had."""
    availability, left = stated
    return NoticeGiven(
        notice="price.changed",
        ref=ref,
        text=text,
        price=price,
        list_price=cut,
        availability=availability,
        stock=left,
    )


def _state_stock(state: ConversationState, offer: Offer) -> tuple[str | None, int | None]:
    """The availability and how many, by the offer; where that is no news, as known."""
    if offer.stock.stale or offer.stock.availability == "unknown":
        return _list_stated(state, get_ref(offer.item.sku))[2:]
    return get_availability(offer), offer.stock.quantity


def _find_cut(listed: FactValue, *, price: Amount) -> Amount | None:
    """The price that a card strikes out beside its own."""
    return listed if isinstance(listed, Amount) and listed.amount > price.amount else None


def _find_price_before(state: ConversationState, price: Fact, *, offer: Offer) -> Amount | None:
    """What it cost before, on the same terms: with a code that is spent or taken out it was less, and that is no news
    of the shop's. None where the like was neither read nor told: nobody was told otherwise.
    """
    fresh = renew(state, price, value=None, offer=offer)
    heads = state.facts.list_heads(subject=price.subject, name="price")
    for fact in (price, *heads, *state.facts.list_told(subject=price.subject, name="price")):
        if isinstance(fact.value, Amount) and is_like(fresh, before=fact):
            return fact.value
    return None


@lru_cache(maxsize=1_024)
def _say_price_news(name: str, *, now: Amount, before: Amount, language: str) -> str:
    """A thousand conversations hear the same of one item; writing money out in words is not cheap."""
    book = find_book(language)
    price, was = (say_money(amount, language=book.language) for amount in (now, before))
    return book.say("notice.price", seed=0, item=name, price=price, before=was)


def _say_stock_news(
    name: str, *, before: str, now: str, quantity: int | None, short: bool, book: PhraseBook
) -> str:
    if now == "out_of_stock":
        return book.say("notice.sold_out", seed=0, item=name)
    if quantity is not None and (short or (now == "low_stock" and quantity <= LOW_STOCK)):
        return book.say("notice.low", seed=0, item=name, count=quantity)
    if before == "out_of_stock":
        return book.say("notice.back", seed=0, item=name)
    return ""


def renew(state: ConversationState, fact: Fact, *, value: Amount | str | int | None, offer: Offer) -> Fact:
    """The fact by the newer reading, dated after what its source said in the same instant."""
    return name_answer(state.facts.date(_make_fact(fact.subject, name=fact.name, value=value, offer=offer)))


def _make_fact(ref: EntityRef, *, name: str, value: Amount | str | int | None, offer: Offer) -> Fact:
    """By a reading, without an id yet."""
    reading = offer.price if name in ("price", "list_price") else offer.stock
    return Fact(
        id="",
        subject=ref,
        name=name,
        value=value,
        source=reading.source,
        observed_at=reading.observed_at,
        valid_until=reading.valid_until,
        version=reading.version,
        stale=reading.stale,
        authority=get_authority(source=reading.source, stale=reading.stale),
        reckoned=list_reckoned(offer, name=name),
        teller=reading.teller or msgspec.UNSET,
    )


def make_facts(offer: Offer, *, known: Facts) -> tuple[Fact, ...]:
    """What was read of an item that news itself brings up; `known` is what is known of it."""
    ref = get_ref(offer.item.sku)
    read: tuple[tuple[str, Amount | str | int | None], ...] = (
        ("price", to_amount(offer.price.price)),
        ("list_price", to_amount(offer.price.list_price)),
        ("stock", offer.stock.quantity),
        ("availability", get_availability(offer)),
    )
    return tuple(
        name_answer(known.date(_make_fact(ref, name=name, value=value, offer=offer))) for name, value in read
    )
