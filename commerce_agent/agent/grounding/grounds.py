"""What may be claimed now: facts by the goods they are about, what was computed from them, the shopper's words."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import chain

import msgspec

from commerce_agent.agent.grounding.claims import list_claims_of_terms
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.cues import get_cues
from commerce_agent.agent.grounding.free_from import find_least
from commerce_agent.agent.grounding.goods_periods import (
    AGES,
    ANSWERED,
    list_periods_of,
    list_topics_of,
)
from commerce_agent.agent.grounding.held import Held, read_held
from commerce_agent.agent.grounding.named_terms import TERM_UNITS, find_day, list_terms
from commerce_agent.agent.grounding.names_of_goods import find_called, list_names, list_nouns, list_shown
from commerce_agent.agent.grounding.numbers import list_numbers_in, list_numbers_said, normalise
from commerce_agent.agent.grounding.promises import (
    list_denied,
    list_given,
    list_refused,
    list_topics_of_free,
    list_words_of_free,
)
from commerce_agent.agent.grounding.short_names import Called, list_called
from commerce_agent.agent.grounding.told import Told, read_told
from conversations.events.carts import Proposal
from conversations.events.decisions import Candidate
from conversations.events.facts import Amount, Fact
from conversations.state import ConversationState

_MERCHANT_KINDS = ("policy", "promotion", "order")
"""What the merchant wrote, and means as terms of the shop."""
_PRICES = ("price", "list_price")
_LOOKS = ("color", "size", "material", "pattern")


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """An amount of money, the fact it stands on, and of which goods in a cart it is."""

    amount: Decimal
    currency: str
    fact: str
    topic: str = ""
    """The policy that it stands in; `promotion` for one of those."""
    in_text: bool = False
    """Whether it stands in a text: then it is a term of the shop, and no item's price."""
    skus: frozenset[str] = frozenset()


class ItemGrounds(msgspec.Struct, kw_only=True):
    """What is known of one item."""

    sums: list[Sum] = []
    price: Sum | None = None
    list_price: Sum | None = None
    count: int | None = None
    count_fact: str = ""
    counts_before: dict[int, str] = {}
    """What was told of it before, which may be told beside what holds now."""
    availability: str = ""
    availability_fact: str = ""


class Grounds(msgspec.Struct, kw_only=True):
    """Everything that a sentence may claim."""

    items: dict[str, ItemGrounds] = {}
    names: dict[str, frozenset[str]] = {}
    """How goods may be called, with the SKUs that each name stands for."""
    called: set[str] = set()
    """Names that say more than those of the shop, such as which of its versions is meant; in small letters."""
    shared: list[Sum] = []
    """Sums that belong to no item: the cart, a proposal, an order, a policy, what was computed."""
    limits: dict[Decimal, str] = {}
    """The shopper's own numbers. They may be said as limits, never as what something costs."""
    measured_limits: set[float] = set()
    """Those of the ledger that limit no price, in base units: "half a pound" is 226.8 g, however it is said."""
    numbers: dict[Decimal, str] = {}
    """Numbers out of attributes and texts of goods."""
    term_numbers: dict[Decimal, str] = {}
    """Those out of the shop's terms: a share may be one of them, and no period is that does not stand there as such."""
    shares: dict[Decimal, str] = {}
    """Percentages of promotions and policies."""
    periods: dict[str, dict[tuple[Decimal, str], str]] = {}
    """Periods by the policy that they stand in, else by `GOODS` and the like."""
    dates: dict[tuple[int, int], str] = {}
    days: dict[str, str] = {}
    """Names of days that stand in a text of the shop: "tomorrow", "friday"."""
    codes: dict[str, str] = {}
    offered: dict[str, str] = {}
    """What each promotion says of itself, by its code."""
    ends: list[tuple[date, str]] = []
    """The last day of each promotion."""
    today: date | None = None
    orders: set[str] = set()
    """The numbers of the shopper's orders that were read, in small letters."""
    short: tuple[Called, ...] = ()
    """The names word by word: see `short_names.py`."""
    held: Held = Held()
    """The shopper's cart and orders."""
    free: dict[str, str] = {}
    """Topics whose policy says that something is free."""
    free_words: list[tuple[frozenset[str], str]] = []
    """Words beside what a text of the shop says is for nothing."""
    promises: dict[str, str] = {}
    """What the shop's texts promise in words."""
    refused: dict[str, str] = {}
    """What the shop's texts say that it does not offer, or does not ask for."""
    denied_of: dict[str, list[frozenset[str]]] = {}
    """The words beside what a text of the shop says that there is not: of what it says it."""
    shown: frozenset[str] = frozenset()
    """The SKUs that this turn chose to show, else those that were put before the shopper last."""
    topics: set[str] = set()
    """The policies that were read."""
    free_above: dict[str, Decimal] = {}
    """From which sum on it is that a topic of `free` costs nothing, where its text names one."""
    cart_total: Decimal | None = None
    looks: dict[str, frozenset[str]] = {}
    """The colours, sizes and materials of each item, in small letters."""
    nouns: frozenset[str] = frozenset()
    """The last words of the names, in small letters: what kind of goods there is talk of."""
    texts: list[str] = []
    """What the shop's systems wrote, in this turn and in facts."""
    said: str = ""
    told: Told = Told()
    """What the shop's data says that its goods are."""

    def list_material(self) -> Iterator[str]:
        """All that names of goods may be made of."""
        yield self.said
        yield from self.names
        yield from self.texts
        for looks in self.looks.values():
            yield from looks

    def get_item(self, sku: str) -> ItemGrounds:
        """What is known of an item, empty at first."""
        return self.items.setdefault(sku, ItemGrounds())


def list_grounds(
    *,
    state: ConversationState,
    at: datetime | None = None,
    sums: Iterable[Decimal] = (),
    past: Iterable[Fact] = (),
    said: str = "",
    texts: Iterable[str] = (),
    weighed: Iterable[Candidate] = (),
    called: Iterable[str] = (),
) -> Grounds:
    """Everything that may be claimed now.

    `sums` were computed from facts, `past` may be told beside what holds now, `texts` are what the shop's own
    systems wrote of its goods in this turn, `weighed` are goods that a search looked at without showing them,
    `called` further names of goods.
    """
    weighed = tuple(weighed)
    grounds = Grounds(
        said=said,
        names=list_names(state, weighed=weighed),
        shown=list_shown(state, weighed),
        held=read_held(state),
    )
    for name in called:
        if name not in grounds.names:
            grounds.names[name] = find_called(name, names=grounds.names)
            grounds.called.add(name.lower())
    currency = state.transcript.currency
    for fact in past:
        _add_fact(grounds, fact)
        if fact.name == "stock" and isinstance(fact.value, int):
            grounds.get_item(fact.subject.key).counts_before[fact.value] = fact.id
    for fact in state.facts.canonical.values():
        _add_fact(grounds, fact)
    _add_cart(grounds, state)
    grounds.shared.extend(Sum(amount=normalise(total), currency=currency, fact="sum") for total in sums)
    _add_said(grounds, state=state, said=said)
    _add_properties(grounds, state)
    grounds.short = list_called(grounds.names, looks=frozenset().union(*grounds.looks.values()))
    texts = tuple(texts)
    for text in texts:
        grounds.texts.append(text)
        _add_description(grounds, text, fact="text")
    grounds.told = read_told(state, noted=texts)
    grounds.nouns = frozenset(list_nouns(state))
    if at is not None:
        grounds.today = at.date()
        grounds.dates.setdefault((at.month, at.day), "now")
        _add_ages(grounds, state=state, at=at)
    return grounds


def _add_missing(grounds: Grounds, *, total: Decimal, currency: str) -> None:
    """What the cart lacks of the sum from which on something is free: "seven pounds more and delivery is free"."""
    for topic, least in grounds.free_above.items():
        if total < least:
            missing = normalise(least - total)
            grounds.shared.append(Sum(amount=missing, currency=currency, fact="cart", topic=topic))


def _add_ages(grounds: Grounds, *, state: ConversationState, at: datetime) -> None:
    """How old an answer is that could not be refreshed may be said, whichever one holds: "as of 12 days ago"."""
    ages = grounds.periods.setdefault(AGES, {})
    for fact in chain(state.facts.canonical.values(), *state.facts.contenders.values()):
        if fact.stale:
            seconds = (at - fact.observed_at).total_seconds()
            ages.setdefault((Decimal(round(seconds / 86_400)), "day"), fact.id)
            ages.setdefault((Decimal(round(seconds / 3_600)), "hour"), fact.id)


def _add_cart(grounds: Grounds, state: ConversationState) -> None:
    if total := state.cart.find_total():
        grounds.cart_total = total.amount
        grounds.shared.append(_make_sum(total, fact="cart", skus=[each.ref.key for each in state.cart.lines]))
        _add_missing(grounds, total=total.amount, currency=total.currency)
    for line in state.cart.lines:
        apiece = _make_sum(line.unit_price, fact="cart", skus=[line.ref.key])
        whole = msgspec.structs.replace(apiece, amount=normalise(apiece.amount * line.quantity))
        grounds.shared.extend((apiece, whole))
    if state.cart.proposal:
        _add_proposal(grounds, state.cart.proposal)


def _add_proposal(grounds: Grounds, proposal: Proposal) -> None:
    for line in (*proposal.lines, *proposal.new_lines):
        grounds.shared.append(_make_sum(line.unit_price, fact="proposal", skus=[line.ref.key]))
    taken_off = (taken.amount for taken in proposal.taken_off)
    for amount in (proposal.total, proposal.shipping, proposal.tax, *taken_off):
        if amount is not None:
            grounds.shared.append(_make_sum(amount, fact="proposal"))
    if proposal.shipping is not None and not proposal.shipping.amount:
        grounds.free.setdefault("shipping", "proposal")


def _add_properties(grounds: Grounds, state: ConversationState) -> None:
    for sku, entry in state.entities.known.items():
        grounds.looks[sku] = frozenset(
            value.lower() for name in _LOOKS for value in entry.entity.attributes.get(name, ())
        )
        for value in entry.entity.measures.values():
            grounds.numbers.setdefault(normalise(Decimal(str(value))), "measure")
        for name, text in (
            (name, text) for name, values in entry.entity.attributes.items() for text in values
        ):
            grounds.texts.append(text)
            if text.isdecimal():
                grounds.numbers.setdefault(Decimal(text), "attribute")
            _add_description(grounds, text, fact="attribute", name=name)


def _make_sum(amount: Amount, *, fact: str, skus: Iterable[str] = ()) -> Sum:
    return Sum(amount=normalise(amount.amount), currency=amount.currency, fact=fact, skus=frozenset(skus))


def _add_said(grounds: Grounds, *, state: ConversationState, said: str) -> None:
    for term in state.constraints.active:
        if isinstance(term.value, float | int):
            grounds.limits.setdefault(normalise(Decimal(str(term.value))), "said")
            if term.field != "price":
                grounds.measured_limits.add(float(term.value))
    for number in list_numbers_said(said):
        grounds.limits.setdefault(number, "said")


def _add_fact(grounds: Grounds, fact: Fact) -> None:
    of_item = fact.subject.kind == "variant"
    if of_item:
        _add_item_fact(grounds.get_item(fact.subject.key), fact)
    if isinstance(fact.value, Amount):
        if not of_item:
            grounds.shared.append(_make_sum(fact.value, fact=fact.id))
    elif isinstance(fact.value, str):
        grounds.texts.append(fact.value)
        if fact.subject.kind in _MERCHANT_KINDS:
            topic = fact.subject.key if fact.subject.kind == "policy" else fact.subject.kind
            _add_text(grounds, fact.value, fact=fact.id, topic=topic)
            _add_text_numbers(grounds.term_numbers, fact.value, fact=fact.id)
            _add_day(grounds, fact.value, fact=fact.id)
        else:
            _add_description(grounds, fact.value, fact=fact.id, name=fact.name)
    elif isinstance(fact.value, int | float) and not isinstance(fact.value, bool):
        _add_number(grounds, fact, number=normalise(Decimal(str(fact.value))))
    if fact.subject.kind == "order":
        grounds.orders.add(fact.subject.key.lower())
    if fact.subject.kind == "promotion":
        _add_promotion(grounds, fact)
    if fact.subject.kind in ("promotion", "policy") and fact.valid_until:
        # Theirs is when they end; an order's is only until when the answer is good.
        grounds.dates.setdefault((fact.valid_until.month, fact.valid_until.day), fact.id)


def _add_promotion(grounds: Grounds, fact: Fact) -> None:
    grounds.codes.setdefault(fact.subject.key, fact.id)
    grounds.offered.setdefault(fact.subject.key, str(fact.value))
    if fact.valid_until:
        grounds.ends.append((fact.valid_until.date(), fact.id))


def _add_item_fact(item: ItemGrounds, fact: Fact) -> None:
    if isinstance(fact.value, Amount) and fact.name in _PRICES:
        told = _make_sum(fact.value, fact=fact.id)
        item.sums.append(told)
        if fact.name == "price":
            item.price = told
        else:
            item.list_price = told
    elif fact.name == "stock" and isinstance(fact.value, int):
        item.count, item.count_fact = fact.value, fact.id
    elif fact.name == "availability":
        item.availability, item.availability_fact = str(fact.value), fact.id


def _add_number(grounds: Grounds, fact: Fact, *, number: Decimal) -> None:
    """A number of a policy's terms is a period or a share by its name: `returns.window_days`."""
    if fact.subject.kind == "variant" and fact.name == "stock":
        return
    grounds.numbers.setdefault(number, fact.id)
    last = fact.name.rsplit("_", 1)[-1]
    if unit := TERM_UNITS.get(last):
        of_goods = fact.subject.kind == "variant"
        for topic in list_topics_of(fact.name) if of_goods else (fact.subject.key,):
            grounds.periods.setdefault(topic, {})[number, unit] = fact.id
    if last == "percent":
        grounds.shares.setdefault(number, fact.id)


def _add_text(grounds: Grounds, text: str, *, fact: str, topic: str) -> None:
    """The claims of a text of the shop are what may be claimed after it."""
    for claim in list_claims_of_terms(text):
        _add_claim(grounds, claim, fact=fact, topic=topic)
    for match in get_cues().words["relative_days"].finditer(text):
        grounds.days.setdefault(match.group().lower(), fact)
    for meaning in list_given(text):
        grounds.promises.setdefault(meaning, fact)
    for meaning, words in list_denied(text):
        grounds.denied_of.setdefault(meaning, []).append(words)
    grounds.topics.add(topic)
    for meaning in list_refused(text):
        grounds.refused.setdefault(meaning, fact)
    if topics := list_topics_of_free(text, topic=topic):
        least = find_least(text)
        for about in sorted(topics):
            grounds.free.setdefault(about, fact)
            if least is not None:
                grounds.free_above.setdefault(about, least)
        grounds.free_words.append((list_words_of_free(text), fact))


def _add_description(grounds: Grounds, text: str, *, fact: str, name: str = "") -> None:
    """What a feed or a review says of goods stands for their properties, never for a price or a discount."""
    for claim, topics in list_periods_of(text, name=name):
        for topic in topics:
            _add_claim(grounds, claim, fact=fact, topic=topic)
    for number, unit in list_terms(text):
        grounds.periods.setdefault(ANSWERED, {}).setdefault((number, unit), fact)
    _add_text_numbers(grounds.numbers, text, fact=fact)
    _add_day(grounds, text, fact=fact)


def _add_claim(grounds: Grounds, claim: Claim, *, fact: str, topic: str) -> None:
    for value in claim.values[:1] if claim.kind == "date" else claim.values:
        match claim.kind:
            case "money":
                grounds.shared.extend(
                    Sum(amount=value, currency=code, fact=fact, topic=topic, in_text=True)
                    for code in claim.currencies or ("",)
                )
            case "percent":
                grounds.shares.setdefault(value, fact)
            case "period":
                grounds.periods.setdefault(topic, {}).setdefault((value, claim.unit), fact)
            case "date":
                grounds.dates.setdefault((int(claim.values[0]), int(claim.values[1])), fact)
            case _:
                pass
    if claim.kind == "date" and not claim.values:
        grounds.days.setdefault(claim.unit, fact)
    if claim.kind == "code":
        grounds.codes.setdefault(claim.text, fact)


def _add_text_numbers(numbers: dict[Decimal, str], text: str, *, fact: str) -> None:
    for number in list_numbers_in(text):
        numbers.setdefault(number, fact)


def _add_day(grounds: Grounds, text: str, *, fact: str) -> None:
    """A text that is a day and nothing else."""
    if len(text) == len("2026-01-01") or "T" in text:
        found = find_day(text)
        if found:
            grounds.dates.setdefault((found.month, found.day), fact)
