"""What becomes of each thing that a search found: shown or left out, by which rule, and on record."""

import math
from collections.abc import Sequence

import msgspec
from moneyed import Money
from moneyed.l10n import format_money

from catalog.ids import Sku
from catalog.products import Filter, Hit, NearMiss
from commerce_agent.tools.desk import Desk
from commerce_agent.tools.matching import say_matches
from commerce_agent.tools.offers import Offer
from commerce_agent.tools.ranking import Ranking, say_tastes
from commerce_agent.tools.showing import get_ref, record_offer
from conversations.events.constraints import Constraint
from conversations.events.decisions import Candidate

SHOWN_AT_ONCE = 5
"""More cards than this are scrolled past, not read."""
SCORE_DIGITS = 3
"""The search takes scores that differ by less for equal."""
JUST_BELOW = 0.99
"""How "lighter than 262 g" is kept: as the largest value that still is, 261.99."""
MOST_IN_DIGITS = 1e6
"""Of a larger number `g` would leave out digits."""

TOLD_AS_IT_IS = ("color", "brand", "category")
"""What a find has one of; a size it may have others of."""


def weigh_offers(
    desk: Desk, offers: tuple[Offer, ...], *, terms: tuple[Constraint, ...], ranking: Ranking
) -> tuple[list[Offer], list[Offer]]:
    """Those to show and those that are sold out, held against the prices of now; all are put on record."""
    kept: list[Offer] = []
    sold_out: list[Offer] = []
    verdicts: list[Candidate] = []
    for offer in offers:
        over = _find_price_miss(offer, terms=terms)
        if not offer.can_be_had:
            # That it is gone may be told, so it is a fact as any other.
            record_offer(desk.trail, offer)
            sold_out.append(offer)
            verdicts.append(_reject(offer, rule="out_of_stock", reason="It was sold out."))
        elif over is not None:
            term, margin = over
            price = format_money(offer.price.price, locale="en_US")
            reason = f"When it was asked for, its price was {price}, past the limit."
            verdicts.append(_reject(offer, rule="price", reason=reason, margin=margin, term=term.id))
        elif len(kept) >= SHOWN_AT_ONCE:
            shown = [each.item.sku for each in kept]
            reason = say_rank(offer.item.sku, ranking=ranking, shown=shown)
            verdicts.append(_reject(offer, rule="below_cut", reason=reason))
        else:
            kept.append(offer)
            verdicts.append(_keep(offer, ranking=ranking))
    scores = {str(hit.sku): hit.score for hit in ranking.hits}
    desk.trail.weigh(*(msgspec.structs.replace(each, score=scores.get(each.ref.key)) for each in verdicts))
    return kept, sold_out


def weigh_near_misses(desk: Desk, misses: tuple[NearMiss, ...], *, terms: dict[Filter, Constraint]) -> None:
    """Puts on record what failed one term alone, and by how much."""
    weighed = {candidate.ref for candidate in desk.trail.candidates}
    desk.trail.weigh(
        *(
            Candidate(
                ref=get_ref(miss.hit.sku),
                name=miss.hit.title,
                kept=False,
                rule=miss.filter.field,
                reason=say_miss(miss),
                margin=miss.margin,
                term=terms[miss.filter].id if miss.filter in terms else "",
                score=miss.hit.score,
            )
            for miss in misses
            if get_ref(miss.hit.sku) not in weighed
        )
    )


def pass_over(hit: Hit, *, ranking: Ranking, shown: Sequence[Sku]) -> Candidate:
    """What ranked too low to be asked after."""
    return Candidate(
        ref=get_ref(hit.sku),
        name=hit.title,
        kept=False,
        rule="below_cut",
        reason=say_rank(hit.sku, ranking=ranking, shown=shown),
        score=hit.score,
    )


def say_rank(sku: Sku, *, ranking: Ranking, shown: Sequence[Sku]) -> str:
    """Why others were shown before it, in a sentence or two."""
    hits = {hit.sku: hit for hit in ranking.hits}
    own, others = hits[sku], [hits[each] for each in shown]
    stands_for = next((other for other in others if other.group == own.group), None)
    if stands_for is not None:
        told = f" in {stands_for.color}" if stands_for.color and stands_for.color != own.color else ""
        return f"The same product was shown{told}; its other versions come after other products."
    place = list(hits).index(sku)
    start = f"It came in place {place + 1} of {len(hits)}"
    if any(hit.group == own.group for hit in ranking.hits[:place]):
        return f"{start}: another version of it came before, and was not shown either."
    if len(others) < SHOWN_AT_ONCE:
        return f"{start}, too far behind to be asked for its stock."
    return f"{start}, and {len(others)} are shown at once: {_compare(own, others, ranking=ranking)}"


def _compare(own: Hit, others: Sequence[Hit], *, ranking: Ranking) -> str:
    if ranking.order != "relevance":
        return f"those shown come first by {_say_order(ranking.order)}, as the shopper asked."
    least = min(other.score for other in others)
    if round(own.score, SCORE_DIGITS) < round(least, SCORE_DIGITS):
        return f"it fits the words less well ({own.score:.2f}, those shown {least:.2f} or more)."
    if any(_count_met(other, ranking=ranking) > _count_met(own, ranking=ranking) for other in others):
        return "it fits the words as well, and the shopper's likes moved others ahead of it."
    rating = "has no rating" if own.rating is None else f"is rated {own.rating:g}"
    return f"it fits the words as well, and of such the better and more often rated come first (it {rating})."


def _count_met(hit: Hit, *, ranking: Ranking) -> int:
    """Likes for it, less dislikes."""
    return sum(-1 if taste.is_dislike else 1 for taste in ranking.met.get(hit.sku, ()))


def _say_order(order: str) -> str:
    field = order.removeprefix("-").replace("_", " ")
    return f"{field} from {'high to low' if order.startswith('-') else 'low to high'}"


def say_miss(miss: NearMiss) -> str:
    """By what it missed the limit, as a sentence."""
    wanted = miss.filter.value
    value = _say_wanted(wanted)
    name = miss.filter.field.replace("_", " ")
    bounds = {"<=": "above", ">=": "below"}
    if miss.filter.field == "price":
        price = format_money(miss.hit.price, locale="en_US")
        limit = format_money(Money(value, miss.hit.price.currency), locale="en_US")
        return f"At {price} it is {bounds.get(miss.filter.op, 'not at')} the limit of {limit}."
    if miss.filter.op == "<=" and isinstance(wanted, float) and round(wanted % 1, 2) == JUST_BELOW:
        least = math.ceil(wanted)
        return f"Its {name} is {_find_value(miss, least=least)}not under {least}."
    if miss.filter.op in bounds and miss.margin is not None:
        return f"Its {name} is {abs(miss.margin):g} {bounds[miss.filter.op]} the limit of {float(value):g}."
    if miss.filter.op in ("!=", "not in"):
        own = getattr(miss.hit, miss.filter.field, "") or value
        return f"Its {name} is {own}, which was ruled out."
    if value.lower() in ("yes", "true"):
        return f"It is not {name}."
    own = getattr(miss.hit, miss.filter.field, "") if miss.filter.field in TOLD_AS_IT_IS else ""
    if miss.margin is not None and isinstance(wanted, float | int):
        return f"Its {name} is {round(wanted + miss.margin, 2):g}, not {value}."
    return f"Its {name} is {own}, not {value}." if own else f"Its {name} is not {value}."


def _say_wanted(wanted: str | float | tuple[str, ...]) -> str:
    match wanted:
        case tuple():
            return " or ".join(wanted)
        case float():
            return f"{wanted:g}" if abs(wanted) < MOST_IN_DIGITS else f"{wanted}"
        case _:
            return f"{wanted}"


def _find_value(miss: NearMiss, *, least: int) -> str:
    """The measure that was not under a limit."""
    if miss.margin is None:
        return ""
    own = round(float(miss.filter.value) + miss.margin, 2) if isinstance(miss.filter.value, float) else least
    return f"{own:g}, "


def _keep(offer: Offer, *, ranking: Ranking) -> Candidate:
    hit = next(hit for hit in ranking.hits if hit.sku == offer.item.sku)
    reason = say_matches(hit.why) or "It meets every term."
    if tastes := say_tastes(ranking.met.get(hit.sku, ())):
        reason += f" The shopper's likes have moved it: {tastes}."
    return Candidate(
        ref=get_ref(offer.item.sku), name=offer.item.title, kept=True, rule="matched", reason=reason
    )


def _reject(
    offer: Offer, *, rule: str, reason: str, margin: float | None = None, term: str = ""
) -> Candidate:
    return Candidate(
        ref=get_ref(offer.item.sku),
        name=offer.item.title,
        kept=False,
        rule=rule,
        reason=reason,
        margin=margin,
        term=term,
    )


def _find_price_miss(offer: Offer, *, terms: tuple[Constraint, ...]) -> tuple[Constraint, float] | None:
    price = float(offer.price.price.amount)
    for term in terms:
        if term.field == "price" and isinstance(term.value, float | int):
            if term.op == "<=" and price > term.value:
                return term, round(price - term.value, 2)
            if term.op == ">=" and price < term.value:
                return term, round(price - term.value, 2)
    return None
