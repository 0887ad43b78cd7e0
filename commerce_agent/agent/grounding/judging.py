"""A verdict for each claim of a sentence."""

import re
from collections.abc import Callable, Iterator
from functools import cache

import msgspec

from commerce_agent.agent.grounding.cart_said import find_in_cart, list_said_of_cart
from commerce_agent.agent.grounding.case import Case
from commerce_agent.agent.grounding.claims import list_claims, list_days, list_months_alone, may_name_money
from commerce_agent.agent.grounding.claims_made import Claim, Kind
from commerce_agent.agent.grounding.counted_among import list_counted_among
from commerce_agent.agent.grounding.counted_parts import list_counted_parts
from commerce_agent.agent.grounding.covered_goods import list_covered, list_kinds_covered
from commerce_agent.agent.grounding.cues import get_cues
from commerce_agent.agent.grounding.deadlines import list_deadlines
from commerce_agent.agent.grounding.grounds import Grounds
from commerce_agent.agent.grounding.invented import list_invented
from commerce_agent.agent.grounding.judging_goods import (
    find_availability,
    find_compared,
    find_count,
    find_sku,
    is_gone,
    without_duration,
    without_politeness,
)
from commerce_agent.agent.grounding.judging_money import find_number, find_share, find_sum
from commerce_agent.agent.grounding.judging_properties import NOTHING_KNOWN, find_property
from commerce_agent.agent.grounding.judging_terms import (
    find_code,
    find_date,
    find_free,
    find_period,
    find_promise,
)
from commerce_agent.agent.grounding.look_alikes import read_plainly, to_plain
from commerce_agent.agent.grounding.loose_numbers import is_unreal, list_loose_numbers
from commerce_agent.agent.grounding.mentions import Read, read_sentence
from commerce_agent.agent.grounding.numbered_goods import list_misnumbered
from commerce_agent.agent.grounding.offer_scope import list_scopes
from commerce_agent.agent.grounding.order_states import find_order_state, list_said_of_orders
from commerce_agent.agent.grounding.properties import list_properties
from commerce_agent.agent.grounding.relations import list_relations
from commerce_agent.agent.grounding.returnable import list_returnable
from conversations.events.decisions import Verdict

_BY_DAY = re.compile(
    r"(?<!\w)(?:before|by|on|until|am|bis|bis zum|vor|vor dem|ab|antes del?|hasta|para|el|avant|d['’]ici|dès)\s+$",
    re.IGNORECASE,
)


_OF_EVERY_KIND = (
    "It is waterproof leather, weighs 2 kg, fits the A 1, costs €1.00 or 5 %, 3 left, free until 3 May."
)


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a sentence."""

    verdicts: tuple[Verdict, ...]
    about: frozenset[str]
    """The SKUs that it named: what the next sentence is about unless it names others."""
    topics: frozenset[str] = frozenset()
    """The terms of the shop that it spoke of: what "it costs" of the next sentence may mean."""

    @property
    def passed(self) -> bool:
        """Whether every claim stands on a fact."""
        return all(verdict.passed for verdict in self.verdicts)


def check_sentence(
    sentence: str,
    *,
    grounds: Grounds,
    about: frozenset[str] = frozenset(),
    topics: frozenset[str] = frozenset(),
) -> Checked:
    """Holds each claim against the facts; `about` are the goods, and `topics` the terms, that the talk is on."""
    sentence, names = read_plainly(sentence, names=grounds.names)
    read = read_sentence(sentence, names=names, called=grounds.short)
    named = frozenset(sku for mention in read.mentions for sku in mention.skus)
    spoken = find_spoken(read.text, grounds=grounds)
    case = Case(
        sentence=sentence,
        read=read,
        grounds=grounds,
        about=about,
        spoken=spoken if named else spoken or topics,
    )
    claims = _list_all(case, topics=topics, is_named=bool(named))
    if is_gone(named or about, grounds=grounds) and not get_cues().has(
        "condition", text=without_duration(without_politeness(read.text))
    ):
        # Of what is sold out a day beside "again" or "by" is the day on which it is back, or goes out.
        read_days = {claim.start for claim in claims}
        claims = (*claims, *(day for day in _list_days_of_return(read) if day.start not in read_days))
        claims = (*claims, *_list_obtainable(read))
    if named or about or grounds.items:
        claims = (*claims, *list_loose_numbers(read.text, claims=claims))
    verdicts = [verdict for claim in claims if (verdict := _judge(claim, case)).fact != NOTHING_KNOWN]
    return Checked(
        verdicts=tuple(verdicts), about=named or about, topics=spoken or (topics if not named else spoken)
    )


def _list_all(case: Case, *, topics: frozenset[str], is_named: bool) -> tuple[Claim, ...]:
    """Every claim of the sentence, but for those that only goods make which are sold out, and numbers by themselves."""
    read, grounds = case.read, case.grounds
    invented = list_invented(
        _restore_nouns(read, case.sentence, nouns=grounds.nouns),
        nouns=grounds.nouns,
        known=grounds.list_material(),
    )
    properties = list_properties(read, flags=grounds.told.list_flags())
    deadlines = tuple(list_deadlines(read, grounds=grounds, on_offer="promotion" in topics and not is_named))
    misnumbered = list_misnumbered(read, sentence=case.sentence, grounds=grounds, about=case.about)
    said = (claim for claim in list_claims(read.text) if not _is_within(claim, deadlines))
    claims = (*said, *deadlines, *list_relations(read.text), *misnumbered, *invented, *properties)
    claims = (
        *claims,
        *list_scopes(read, grounds=grounds),
        *list_returnable(read, grounds=grounds),
        *list_covered(read),
        *list_kinds_covered(read),
    )
    claims = (*claims, *list_counted_parts(read, told=grounds.told))
    among = tuple(list_counted_among(read.text))
    claims = (*(each for each in claims if not _is_inside(each, among)), *among)
    return (*claims, *list_said_of_orders(read.text, orders=grounds.held.orders), *list_said_of_cart(read))


def _is_inside(claim: Claim, others: tuple[Claim, ...]) -> bool:
    """Whether it is what another counts, or the sum right behind that."""
    return any(each.start <= claim.start <= each.start + len(each.text) + 1 for each in others)


def _is_within(claim: Claim, others: tuple[Claim, ...]) -> bool:
    """Whether another claim has read it: what is left of an offer is no term of the shop."""
    return (
        claim.kind in ("period", "date", "promise")
        and not claim.values[1:]
        and any(each.start <= claim.start < each.start + len(each.text) for each in others)
    )


@cache
def make_ready() -> None:
    """Builds what the first sentence of a process would wait for: seconds, on a busy machine."""
    check_sentence(_OF_EVERY_KIND, grounds=Grounds())


def _list_days_of_return(read: Read) -> Iterator[Claim]:
    text = to_plain(read.text)
    yield from list_months_alone(text)
    for day in list_days(text):
        clause = read.find_clause(day.start)
        own, before = read.text[clause.start : clause.end], read.text[: day.start]
        if get_cues().has("coming", text=own) or _BY_DAY.search(before):
            yield day


def _restore_nouns(read: Read, sentence: str, *, nouns: frozenset[str]) -> str:
    """The sentence with its names blanked, but for those that only say what kind of goods it is."""
    text = read.text
    for mention in read.mentions:
        written = sentence[mention.start : mention.end]
        if written.lower() in nouns:
            text = text[: mention.start] + written + text[mention.end :]
    return text


def _list_obtainable(read: Read) -> Iterator[Claim]:
    """As in "can go out to you today", said of what is sold out."""
    cues = get_cues()
    for match in (*cues.words["obtainable"].finditer(read.text), *_get_may_be_had().finditer(read.text)):
        clause = read.find_clause(match.start())
        own = read.text[clause.start : clause.end]
        if (
            _PACKED.match(read.text, match.end())
            or _IN_VERSION.match(read.text, match.end())
            or _IN_VERSION.search(match.group())
            or _DONE_TO_ORDER.search(match.group())
        ):
            continue  # "You can have it in blue, though": another version than the one that is gone.
        if _LISTED.search(read.text[match.start() : clause.end]):
            continue
        if _OF_ORDER.search(read.text[clause.start : match.start()]) or _SENT_BACK.search(
            read.text[match.start() : match.end() + _BACK_WITHIN]
        ):
            continue  # "Your order will arrive", "you can send it back": who bought it before it was sold out.
        is_priced = may_name_money(own)
        # "Nothing stops you from ordering it" denies what stands against it.
        denying = "" if _STOPS.search(match.group()) else own
        if not is_priced and not any(
            cues.has(each, text=denying) for each in ("negation", "unsure", "instead")
        ):
            yield Claim(kind="stock", text=match.group(), start=match.start(), unit="in")


@cache
def _get_may_be_had() -> re.Pattern[str]:
    """As in "you can still order it" and "kann bestellt werden"."""
    pieces = get_cues().pieces
    return re.compile(
        rf"(?<!\w)(?:{pieces['modals']})\s+(?:[\w’'•]+\s+){{0,4}}?(?!(?:{pieces['obliged']})(?!\w))(?:{pieces['acts']})(?!\w)",
        re.IGNORECASE,
    )


def find_spoken(text: str, *, grounds: Grounds) -> frozenset[str]:
    """The terms of the shop that a text speaks of: the four that every shop has, others by a word of their names."""
    cues, lowered = get_cues(), text.lower()
    spoken = set(cues.find_topics(text))
    for topic in {each.topic for each in grounds.shared if each.topic}:
        if any(word in lowered for word in re.findall(r"[^\W\d_]{4,}", topic)):
            spoken.add(topic)
    if cues.has("discount", text=text) or any(code in text for code in grounds.codes):
        spoken.add("promotion")
    return frozenset(spoken)


_IN_VERSION = re.compile(
    r"(?:\s+(?:it|that|this|them|one|the same(?:\s+one)?))?"
    r"\s+(?:in|en|dans)\s+(?!(?:stock|fact|principle|theory|ruhe|effet|kürze|zukunft|future|advance|breve|the|your|an?|no|time|store|person|full"
    r"|our|unser\w*|nuestr\w+|notre|nos|der|die|dem|den|das|la|el|le|les|un|una|une|tu|su"
    r"|almacén|existencias|magasin|boutique)\b|[\w•]+\s+(?:days?|weeks?|hours?|tagen?|wochen|días|semanas|jours|semaines)\b)",
    re.IGNORECASE,
)

_LISTED = re.compile(
    r"\b(?:wait(?:ing|list)?[\s-]*list|wishlist|wish list|notif\w+|warteliste|merkliste|wunschliste"
    r"|lista de (?:espera|deseos)|liste d['’](?:attente|envies))\b",
    re.IGNORECASE,
)
"""Where one may be put for what cannot be had."""
_PACKED = re.compile(r"\s+(?:with|in\s+an?)\s+(?!(?:few|couple|day|week|hour|moment|jiffy)\b)", re.IGNORECASE)
"""What it comes in, or with, whenever it comes: "it ships in a recycled box"."""


_OF_ORDER = re.compile(
    r"\b(?:(?:your|the|this|that) order|(?:deine|ihre|die|diese)r? bestellung|(?:tu|su|el|este) pedido"
    r"|(?:votre|ta|la|cette) commande)\b",
    re.IGNORECASE,
)
"""An order that was placed, of what may be gone since."""

_DONE_TO_ORDER = re.compile(
    r"\b(?:cancel|change|send|have|exchange|return|track|find|see)\b.*\border$", re.IGNORECASE
)
"""As in "I can cancel order 1007", of what may be gone since it was ordered."""

_STOPS = re.compile(r"\bstop(?:s|ping)\b", re.IGNORECASE)
_BACK_WITHIN = 12
_SENT_BACK = re.compile(
    r"\b(?:return(?:ed)?|(?:send|sent|take|bring) (?:it|this|that|them|one)? ?back"
    r"|(?:zurück|ein)(?:zu)?(?:schicken|senden|geben|geschickt|gegeben)|retourn\w+|renvoy\w+|devolv\w+|devuelt\w+)\b",
    re.IGNORECASE,
)

_FINDERS: dict[Kind, Callable[[Claim, Case], str | None]] = {
    "money": find_sum,
    "percent": find_share,
    "count": find_count,
    "stock": find_availability,
    "period": find_period,
    "date": find_date,
    "free": find_free,
    "promise": find_promise,
    "comparison": find_compared,
    "code": find_code,
    "sku": find_sku,
    "property": find_property,
    "number": find_number,
    "order": find_order_state,
    "cart": find_in_cart,
}
_SUPPOSED: frozenset[Kind] = frozenset({"money", "percent", "stock", "count", "comparison", "date", "number"})
"""What may be supposed without being so."""


def _judge(claim: Claim, case: Case) -> Verdict:
    """The fact that the claim stands on, or none."""
    fact = _FINDERS[claim.kind](claim, case) if claim.kind in _FINDERS else None
    if fact is None and claim.kind in _SUPPOSED and is_unreal(case.read.text, before=claim.start):
        fact = "condition"
    return Verdict(claim=claim.text, fact=fact, passed=fact is not None, kind=claim.kind)
