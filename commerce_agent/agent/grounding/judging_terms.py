"""Terms of the shop in a sentence: periods, dates, what is for nothing, what is promised, codes."""

import re
from collections.abc import Iterable
from decimal import Decimal

from commerce_agent.agent.grounding.bounds import list_totals
from commerce_agent.agent.grounding.case import Case
from commerce_agent.agent.grounding.claims import list_claims
from commerce_agent.agent.grounding.claims_made import Claim
from commerce_agent.agent.grounding.covered_goods import find_covered, is_left_out
from commerce_agent.agent.grounding.cues import BLANK
from commerce_agent.agent.grounding.deadlines import find_deadline
from commerce_agent.agent.grounding.goods_periods import AGES, GOODS, name_of_goods
from commerce_agent.agent.grounding.item_texts import list_meanings
from commerce_agent.agent.grounding.offer_scope import find_scope
from commerce_agent.agent.grounding.promises import DENIALS, is_declined
from commerce_agent.agent.grounding.reckoning import in_days, is_as_long, is_nearly_as_long, list_longest
from commerce_agent.agent.grounding.services import FEES, FREE_AS, OF_DISCOUNTS, OF_GOODS, SERVICES

_THIS_PRICE = re.compile(r"\b(?:price|preis|precio|prix)\b", re.IGNORECASE)
_OF_ITEM = re.compile(
    rf"\s*(?:(?:the|der|die|das|el|la|le|l['’])\s*)?(?:{BLANK}|(?:it|er|es|il|elle)\b)", re.IGNORECASE
)
_TAKES = re.compile(r"\b(?:you|takes?|dauert|braucht|ihnen|dir|usted|tarda|vous|prend|faut)\b", re.IGNORECASE)
"""With these a period is no property of the item, whatever stands at the head of the clause."""


_ALWAYS = re.compile(
    r"\b(?:always|whatever (?:you|the)|no matter|(?:on|for) (?:any|every|each) order|no minimum|immer|egal|siempre"
    r"|cualquier|toujours|quel que soit|sans minimum)\b",
    re.IGNORECASE,
)
"""With these it is so from no sum on."""
_LETTERS_AND_DIGITS = re.compile(r"[A-Z]+\d+")
_LONGER_BY = re.compile(
    r"\s+(?:longer|extra|more\s+than|on\s+top|länger|zusätzlich|más(?!\s+tarde)|adicional|de\s+plus|supplémentaire)",
    re.IGNORECASE,
)
"""What is added to a period is not the period."""
_FROM_THEN = re.compile(
    r"\b(?:of|after|from|with|upon|since|following|nach|ab|seit|desde|tras|après|dès|depuis|à\s+compter\s+de)\s+"
    r"(?:(?:the|your|its|der|dem|la|su|tu|votre)\s+)?(?:delivery|arrival|lieferung|zustellung|entrega|livraison)\b",
    re.IGNORECASE,
)
"""From when on a period counts: "40 days from delivery" are not how long delivery takes."""
_LATER = re.compile(
    r"\b(?:later|longer|after|until|later than|später|länger|más tarde|plus tard|before|vor)\b", re.IGNORECASE
)
_BOUGHT = re.compile(
    r"\b(?:once|after|when)\s+(?:you(?:['’]ve|\s+have)\s+(?:bought|ordered|paid|received)|(?:the\s+)?(?:purchase|sale|checkout))\b",
    re.IGNORECASE,
)
"""What comes before every return, and qualifies none."""
_SENTENCE = re.compile(r"(?<=[.!?;])\s|\n")
_BUT = re.compile(r"\b(?:but|only|sondern|aber|nur|sino|pero|solo|mais|seulement)\b", re.IGNORECASE)
"""Behind these what was denied before is over: "not only to France, but to Spain"."""
_LEAST_LETTERS = 3
_NEARLY_AS_LONG = Decimal("0.1")


def find_code(claim: Claim, case: Case) -> str | None:
    """Letters and digits without the word "code" are one where a discount is spoken of."""
    if found := case.grounds.codes.get(claim.text):
        return found
    if any(_has_letters_of(claim.text, code) for code in case.grounds.codes):
        return "said" if claim.text in case.grounds.said else None
    is_discount = case.cues.has("discount", text=case.read.text)
    if not claim.unit and not is_discount and _is_written(claim.text, case.grounds.texts):
        return "text"
    is_code = claim.unit or any(
        case.cues.has(each, text=case.read.text) for each in ("discount", "redeeming")
    )
    if not claim.unit and not any(_is_made_alike(claim.text, code) for code in case.grounds.codes):
        is_code = is_code and is_discount
    return "said" if claim.text in case.grounds.said else None if is_code else "no code"


def _is_written(text: str, texts: Iterable[str]) -> bool:
    """Whether the shop itself writes it, as of its goods: "with HDMI2"."""
    word = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
    return any(text in each and word.search(each) for each in texts)


def _is_made_alike(text: str, code: str) -> bool:
    """Letters before digits in both, or in neither."""
    return bool(_LETTERS_AND_DIGITS.fullmatch(text)) is bool(_LETTERS_AND_DIGITS.fullmatch(code))


def _has_letters_of(text: str, code: str) -> bool:
    letters = code.rstrip("0123456789")
    return len(letters) >= _LEAST_LETTERS and text.rstrip("0123456789") == letters


def find_free(claim: Claim, case: Case) -> str | None:
    """By the policy on what it is about, or by a text that says the same of it, or because it costs nothing."""
    if case.is_denied(claim):
        return "denied"
    free = case.grounds.free
    topics = sorted(case.cues.find_topics(case.read.text) or case.spoken & free.keys())
    if topics:
        return next((free[topic] for topic in topics if topic in free and _is_free(topic, claim, case)), None)
    words = frozenset(re.findall(r"[^\W\d_]{4,}", case.read.text.lower()))
    said = next((fact for beside, fact in case.grounds.free_words if beside & words), None)
    nothing = (each.fact for item in case.aim.list_items(claim) for each in item.sums if not each.amount)
    return said or next(nothing, None)


def _is_free(topic: str, claim: Claim, case: Case) -> bool:
    """What is free from a sum on is so for who reaches it, or where the sentence says from which."""
    least = case.grounds.free_above.get(topic)
    if least is not None and _ALWAYS.search(case.read.text):
        return False
    if least is None or case.cues.has("condition", text=case.read.text):
        return True
    sums = [item.price.amount for item in case.aim.list_items(claim) if item.price]
    if not case.read.mentions:
        # "At this price" is that of what the talk is on, whichever of it is meant.
        sums = [min(sums)] if sums and case.about and _THIS_PRICE.search(case.read.text) else []
    sums.extend(each.amount for each in list_totals(case) if case.read.mentions)
    paid = [*sums, *([case.grounds.cart_total] if case.grounds.cart_total is not None else [])]
    told = any(each.kind == "money" for each in list_claims(case.read.text))
    return told or any(amount >= least for amount in paid)


def find_promise(claim: Claim, case: Case) -> str | None:
    """By a text of the shop that promises the same, or because it is not promised at all."""
    if topic := DENIALS.get(claim.unit):
        return _find_denial(claim, case, topic=topic)
    if claim.unit == "destination":
        is_open = case.is_asked(claim) or any(
            case.cues.has(each, text=case.read.text[: claim.start])
            for each in ("unsure", "telling", "condition")
        )
        return "not claimed" if is_open else _find_destination(claim, case)
    if claim.unit.startswith("covers"):
        return find_scope(claim, case)
    if claim.unit == "covered":
        return find_covered(claim, case)
    if claim.unit == "returnable":
        return "asked" if case.is_asked(claim) else None
    if claim.unit in SERVICES:
        return _find_service(claim, case)
    given = case.grounds.promises.get(claim.unit)
    if claim.unit == "lowest_price" and not case.is_asked(claim):
        if case.cues.has("condition", text=case.aim.get_clause(claim)):
            return "condition"
        if case.cues.has("negation", text=claim.text):
            # "No ... cheaper in any shop" says it twice, and means it.
            return given
    rest = case.read.text[claim.start + len(claim.text) : case.read.find_clause(claim.start).end]
    return "denied" if case.is_denied(claim) or is_declined(claim.unit, rest=rest) else given


def _find_destination(claim: Claim, case: Case) -> str | None:
    """The text of the shop's terms that says it of the place as the sentence does: goods are sent there, or are not."""
    is_denied = _is_left_out(case.read.text, at=claim.start, end=claim.start + len(claim.text), case=case)
    place = re.compile(rf"(?<!\w){re.escape(claim.text)}(?!\w)")
    told = [
        _is_left_out(sentence, at=match.start(), end=match.end(), case=case)
        for text in case.grounds.told.terms
        for sentence in _SENTENCE.split(text)
        for match in place.finditer(sentence)
    ]
    # What no text speaks of may be denied in the shopper's own words, and not promised.
    asked = is_denied and not told and place.search(case.grounds.said) is not None
    return "text" if is_denied in told or asked else None


def _is_left_out(sentence: str, *, at: int, end: int, case: Case) -> bool:
    """Whether what stands before the place, back to a "but", denies it, or what stands behind it does."""
    before, behind = _BUT.split(sentence[:at])[-1], re.split(r"[,;]", sentence[end:])[0]
    return case.cues.has("negation", text=before) or case.cues.has("declined", text=behind)


def _find_service(claim: Claim, case: Case) -> str | None:
    """By a text of the shop that speaks of it; what is denied must not be given there."""
    given = case.grounds.promises.get(claim.unit) or case.grounds.free.get(FREE_AS.get(claim.unit, ""))
    if given is None and claim.unit in OF_GOODS and claim.unit not in case.grounds.refused:
        given = next(("text" for text in case.grounds.texts if claim.text.lower() in text.lower()), None)
    clause = case.read.find_clause(claim.start)
    own = case.read.text[clause.start : claim.start]
    rest = case.read.text[claim.start + len(claim.text) : clause.end]
    is_open = case.is_asked(claim) or case.cues.has("unsure", text=case.read.text[: claim.start])
    if is_open or (claim.unit not in OF_DISCOUNTS and case.cues.has("condition", text=own)):
        return "not claimed"
    is_denied = case.cues.has("negation", text=own) or case.cues.has("declined", text=rest)
    is_qualified = any(case.cues.has(each, text=case.read.text) for each in ("qualified", "under"))
    if (
        is_denied
        and claim.unit in FEES
        and not any(case.cues.has(each, text=case.read.text) for each in ("telling", "unsure"))
    ):
        # "There is no restocking fee" promises something as well.
        return case.grounds.refused.get(claim.unit)
    if is_denied and (given is None or is_qualified):
        return "denied"
    return None if is_denied else given


def _find_denial(claim: Claim, case: Case, *, topic: str) -> str | None:
    """That there is no such term: false only where a policy of it was read that does not say so."""
    if topic not in case.grounds.topics:
        return "no such policy"
    if topic == "warranty" and is_left_out(case, skus=case.read.list_about(claim.start)):
        return "policy"
    if claim.unit == "no_free_shipping" and topic not in case.grounds.free:
        return "not said to be free"
    rest = case.read.text[claim.start + len(claim.text) :]
    others = _BOUGHT.sub(" ", case.read.text[: claim.start] + rest)
    is_qualified = any(case.cues.has(each, text=others) for each in ("qualified", "under"))
    if is_qualified or case.is_asked(claim):
        return "condition"
    given = case.grounds.promises.get(claim.unit)
    # Of what was ordered the shop's own system has answered, by the rule of that day.
    return given if given and (case.grounds.orders or _is_denied_of(claim, case)) else None


def _is_denied_of(claim: Claim, case: Case) -> bool:
    """Whether the text that denies it speaks of the same goods: "plants cannot be returned" is not of all."""
    denied = case.grounds.denied_of.get(claim.unit, [])
    called = " ".join(name for name, skus in case.grounds.names.items() if skus & case.about)
    own = list_meanings(f"{case.sentence} {called}")
    return not denied or any(not words or words & own for words in denied)


def find_period(claim: Claim, case: Case) -> str | None:
    """By the term that it is told of; where it is told of none, by any number of the goods."""
    if _LONGER_BY.match(case.read.text, claim.start + len(claim.text)):
        added = re.compile(rf"(?<!\w){re.escape(claim.text)}{_LONGER_BY.pattern}", re.IGNORECASE)
        return next(("text" for text in case.grounds.told.terms if added.search(text)), None)
    periods = case.grounds.periods
    of_item = _is_of_item(claim, case)
    spoken = case.cues.find_topics(_get_told_of(claim, case, of_item=of_item))
    topics = (spoken | {name_of_goods(topic) for topic in spoken}) & periods.keys()
    among = [periods[topic] for topic in sorted(topics or _list_others(case, spoken=spoken, of_item=of_item))]
    if topics and not claim.least and case.is_led_by("at_most", claim):
        if _is_of_refund(claim, case):
            return "text"
        among = [list_longest(known) for known in among]
    for known in among:
        for (number, unit), fact in known.items():
            if any(
                is_as_long(number=value, unit=claim.unit, known=number, known_unit=unit)
                for value in claim.values
            ):
                return fact
    if _is_of_nobody(claim, case) or (case.is_asked(claim) and not spoken):
        return "no term"
    is_bound = case.is_led_by("longer_than", claim) and "shipping" not in spoken
    is_rough = any(case.is_led_by(each, claim) for each in ("roughly", "nearly", "just_over"))
    bounding = (_find_longer(claim, among) if is_bound else None) or (
        _find_nearly(claim, among) if is_rough else None
    )
    if bounding:
        return bounding
    if spoken:
        # A term of the shop that nobody has read is what no number of anything else says.
        return case.find_said(claim) if case.cues.has("negation", text=case.aim.get_clause(claim)) else None
    numbers = {**case.grounds.limits, **case.grounds.numbers}
    return next((numbers[value] for value in claim.values if value in numbers), None)


def _is_of_refund(claim: Claim, case: Case) -> bool:
    """As in "your refund takes up to 7 days", by a sentence of the shop's that says so of refunds."""
    return case.cues.has("refund", text=case.aim.get_clause(claim)) and any(
        claim.text.lower() in sentence.lower() and case.cues.has("refund", text=sentence)
        for text in case.grounds.told.terms
        for sentence in _SENTENCE.split(text)
    )


def _is_of_nobody(claim: Claim, case: Case) -> bool:
    """How often something is done, for whom it is, how long somebody is out: "every two months", "a two-week trip"."""
    rest = case.read.text[claim.start + len(claim.text) :]
    words = re.match(r"[\s-]*((?:[^\W\d_]+[\s-]+){0,1}[^\W\d_]+)", rest)
    is_out = bool(words and case.cues.has("pastime", text=words.group(1)))
    return (is_out or case.is_led_by("routine", claim)) and not case.cues.find_topics(case.read.text)


def _find_nearly(claim: Claim, among: list[dict[tuple[Decimal, str], str]]) -> str | None:
    """A period that is told roughly: "a good six weeks" are 45 days."""
    for known in among:
        for (number, unit), fact in known.items():
            if any(
                is_nearly_as_long(
                    number=value, unit=claim.unit, known=number, known_unit=unit, within=_NEARLY_AS_LONG
                )
                for value in claim.values
            ):
                return fact
    return None


def _find_longer(claim: Claim, among: list[dict[tuple[Decimal, str], str]]) -> str | None:
    """A period that is longer than what is told: "well over a month" are 40 days."""
    return next(
        (
            fact
            for known in among
            for (number, unit), fact in known.items()
            if claim.values and in_days(number, unit=unit) >= in_days(min(claim.values), unit=claim.unit)
        ),
        None,
    )


def _list_others(case: Case, *, spoken: frozenset[str], of_item: bool) -> list[str]:
    """Whose periods count where the sentence names no term that was read: not those of goods for a term of the shop,
    and not those of a term for goods.
    """
    reserved = case.cues.topics
    of_goods = [
        topic for topic in case.grounds.periods if topic == GOODS or topic.startswith(name_of_goods(""))
    ]
    if spoken:
        return [topic for topic in case.grounds.periods if topic not in reserved and topic not in of_goods]
    others = [topic for topic in case.grounds.periods if topic == AGES]
    return [*of_goods, *others] if of_item else list(case.grounds.periods)


def _is_of_item(claim: Claim, case: Case) -> bool:
    """Whether the clause says it of an item: "it runs for 10 hours"."""
    clause = case.read.find_clause(claim.start)
    own = case.read.text[clause.start : clause.end]
    is_term = _TAKES.search(own) or case.is_led_by("at_most", claim) or case.cues.has("delivery", text=own)
    is_of_item = _OF_ITEM.match(own) and not is_term
    return bool(is_of_item)


def _get_told_of(claim: Claim, case: Case, *, of_item: bool) -> str:
    """The sentence; of "it runs for 10 hours and ships with a charger" no more than what it says of the item."""
    clause = case.read.find_clause(claim.start)
    return _FROM_THEN.sub(" ", case.read.text[: clause.end] if of_item else case.read.text)


def find_date(claim: Claim, case: Case) -> str | None:
    """By a day in a text of the shop, or because it is said not to be known."""
    if case.cues.has("unsure", text=case.read.text[: claim.start]):
        return "not claimed"
    if claim.unit in ("ends", "ended", "prolonged"):
        return (
            "asked"
            if case.is_asked(claim)
            else find_deadline(claim, text=case.read.text, grounds=case.grounds)
        )
    before = case.read.text[case.read.find_clause(claim.start).start : claim.start]
    if case.cues.has("declined", text=before) and not _LATER.search(before):
        return "denied"
    if claim.values:
        found = case.grounds.dates.get((int(claim.values[0]), int(claim.values[1])))
        is_end = "promotion" in case.spoken and case.cues.has("ending", text=case.read.text)
        # Today may be named; as the end of an offer it is one only where it is.
        return None if found == "now" and is_end else found
    return case.grounds.days.get(claim.unit)
