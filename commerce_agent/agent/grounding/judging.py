"""A verdict for each claim of a sentence."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

import msgspec

from commerce_agent.agent.grounding.aiming import Aim
from commerce_agent.agent.grounding.claims import list_claims, list_days
from commerce_agent.agent.grounding.claims_made import Claim, Kind
from commerce_agent.agent.grounding.cues import BLANK, Cues, get_cues
from commerce_agent.agent.grounding.grounds import Grounds, ItemGrounds, Sum
from commerce_agent.agent.grounding.invented import list_invented
from commerce_agent.agent.grounding.look_alikes import read_plainly, to_plain
from commerce_agent.agent.grounding.mentions import Read, read_sentence
from commerce_agent.agent.grounding.numbers import get_number_pattern, read_number
from commerce_agent.agent.grounding.promises import DENIALS, is_declined
from commerce_agent.agent.grounding.reckoning import (
    is_as_long,
    list_differences,
    list_longest,
    list_multiples,
    match,
    match_nearly,
    match_share,
)
from commerce_agent.agent.grounding.relations import find_relation, list_relations
from conversations.events.decisions import Verdict

_THIS_PRICE = re.compile(r"\b(?:price|preis|precio|prix)\b", re.IGNORECASE)
_FITTING = {"in": ("in_stock", "low_stock"), "out": ("out_of_stock",)}
_LOOK_BACK = 48
_OF_ITEM = re.compile(
    rf"\s*(?:(?:the|der|die|das|el|la|le|l['’])\s*)?(?:{BLANK}|(?:it|er|es|il|elle)\b)", re.IGNORECASE
)
_TAKES = re.compile(r"\b(?:you|takes?|dauert|braucht|ihnen|dir|usted|tarda|vous|prend|faut)\b", re.IGNORECASE)
"""With these a period is no property of the item, whatever stands at the head of the clause."""
_BY_DAY = re.compile(
    r"(?<!\w)(?:before|by|on|until|am|bis|bis zum|vor|vor dem|ab|antes del?|hasta|para|el|avant|d['’]ici|dès)\s+$",
    re.IGNORECASE,
)
_FIRST_OF_SPAN = r"(?:[A-Z$€£¥]{0,3}\s?[\d.,]+\s?\S{0,4}\s*(?:and|to|und|bis|y|et|à|a|–|-)\s*)?"


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
    read = read_sentence(sentence, names=names)
    named = frozenset(sku for mention in read.mentions for sku in mention.skus)
    spoken = find_spoken(read.text, grounds=grounds)
    judge = _Judge(
        sentence=sentence,
        read=read,
        grounds=grounds,
        about=about,
        topics=spoken if named else spoken or topics,
    )
    invented = list_invented(read.text, nouns=grounds.nouns, known=grounds.list_material())
    claims = (*list_claims(read.text), *list_relations(read.text), *invented)
    if is_gone(named or about, grounds=grounds) and not get_cues().has("condition", text=read.text):
        # Of what is sold out a day beside "again" or "by" is the day on which it is back, or goes out.
        read_days = {claim.start for claim in claims}
        claims = (*claims, *(day for day in _list_days_of_return(read) if day.start not in read_days))
    verdicts = [judge.judge(claim) for claim in claims]
    return Checked(
        verdicts=tuple(verdicts), about=named or about, topics=spoken or (topics if not named else spoken)
    )


def _list_days_of_return(read: Read) -> Iterator[Claim]:
    for day in list_days(to_plain(read.text)):
        clause = read.find_clause(day.start)
        own, before = read.text[clause.start : clause.end], read.text[: day.start]
        if get_cues().has("coming", text=own) or _BY_DAY.search(before):
            yield day


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


class _Judge:
    """Judges the claims of one sentence."""

    def __init__(
        self,
        *,
        sentence: str,
        read: Read,
        grounds: Grounds,
        about: frozenset[str],
        topics: frozenset[str],
    ) -> None:
        self._sentence = sentence
        self._read = read
        self._grounds = grounds
        self._about = about
        self._aim = Aim(sentence=sentence, read=read, grounds=grounds, about=about)
        self._spoken = topics
        self._cues: Cues = get_cues()

    def judge(self, claim: Claim) -> Verdict:
        """The fact that the claim stands on, or none."""
        fact = self._find_fact(claim)
        return Verdict(claim=claim.text, fact=fact, passed=fact is not None, kind=claim.kind)

    def _find_fact(self, claim: Claim) -> str | None:
        find: dict[Kind, Callable[[Claim], str | None]] = {
            "money": self._find_sum,
            "percent": self._find_share,
            "count": self._find_count,
            "stock": self._find_availability,
            "period": self._find_period,
            "date": self._find_date,
            "free": self._find_free,
            "promise": self._find_promise,
            "comparison": self._find_relation,
            "code": self._find_code,
            "sku": self._find_sku,
        }
        return find[claim.kind](claim) if claim.kind in find else None

    def _find_code(self, claim: Claim) -> str | None:
        """Letters and digits without the word "code" are one where a discount is spoken of."""
        if found := self._grounds.codes.get(claim.text):
            return found
        is_code = claim.unit or self._cues.has("discount", text=self._read.text)
        return "said" if claim.text in self._grounds.said else None if is_code else "no code"

    def _find_free(self, claim: Claim) -> str | None:
        """By the policy on what it is about, or by a text that says the same of it, or because it costs nothing."""
        if self._is_denied(claim):
            return "denied"
        free = self._grounds.free
        topics = sorted(self._cues.find_topics(self._read.text) or self._spoken & free.keys())
        if topics:
            return next(
                (free[topic] for topic in topics if topic in free and self._is_free(topic, claim)), None
            )
        words = frozenset(re.findall(r"[^\W\d_]{4,}", self._read.text.lower()))
        said = next((fact for beside, fact in self._grounds.free_words if beside & words), None)
        nothing = (each.fact for item in self._aim.list_items(claim) for each in item.sums if not each.amount)
        return said or next(nothing, None)

    def _is_free(self, topic: str, claim: Claim) -> bool:
        """What is free from a sum on is so for who reaches it, or where the sentence says from which."""
        least = self._grounds.free_above.get(topic)
        if least is None or self._cues.has("condition", text=self._read.text):
            return True
        sums = [item.price.amount for item in self._aim.list_items(claim) if item.price]
        if not self._read.mentions:
            # "At this price" is that of what the talk is on, whichever of it is meant.
            sums = [min(sums)] if sums and self._about and _THIS_PRICE.search(self._read.text) else []
        paid = [*sums, *([self._grounds.cart_total] if self._grounds.cart_total is not None else [])]
        told = any(each.kind == "money" for each in list_claims(self._read.text))
        return told or any(amount >= least for amount in paid)

    def _find_promise(self, claim: Claim) -> str | None:
        if topic := DENIALS.get(claim.unit):
            return self._find_denial(claim, topic=topic)
        given = self._grounds.promises.get(claim.unit)
        if claim.unit == "lowest_price" and not self._is_asked():
            if self._cues.has("condition", text=self._aim.get_clause(claim)):
                return "condition"
            if self._cues.has("negation", text=claim.text):
                # "No ... cheaper in any shop" says it twice, and means it.
                return given
        rest = self._read.text[claim.start + len(claim.text) : self._read.find_clause(claim.start).end]
        return "denied" if self._is_denied(claim) or is_declined(claim.unit, rest=rest) else given

    def _find_denial(self, claim: Claim, *, topic: str) -> str | None:
        """That there is no such term: false only where a policy of it was read that does not say so."""
        if topic not in self._grounds.topics:
            return "no such policy"
        rest = self._read.text[claim.start + len(claim.text) :]
        is_qualified = self._cues.has("qualified", text=self._read.text[: claim.start] + rest)
        return "condition" if is_qualified or self._is_asked() else self._grounds.promises.get(claim.unit)

    def _is_asked(self) -> bool:
        return self._sentence.rstrip().endswith("?")

    def _find_relation(self, claim: Claim) -> str | None:
        if self._is_asked() or self._cues.has("condition", text=self._aim.get_clause(claim)):
            return "condition"
        items = self._aim.list_compared(claim)
        return find_relation(claim, read=self._read, items=items, about=self._about, grounds=self._grounds)

    def _is_denied(self, claim: Claim) -> bool:
        """Whether it is only asked, or said not to be so."""
        before = self._read.text[self._read.find_clause(claim.start).start : claim.start]
        return self._is_asked() or self._cues.has("negation", text=before)

    def _find_sum(self, claim: Claim) -> str | None:
        items = self._aim.list_items(claim)
        clause = self._aim.get_clause(claim)
        topics = self._list_topics()
        from_here_on = self._is_led_by("range", claim) or self._is_led_by("limit", claim)
        if topics and from_here_on and self._cues.has("free", text=self._read.text):
            return match([each for each in self._grounds.shared if each.topic in topics], claim)
        own = [each for item in items for each in item.sums]
        every = [each for item in self._grounds.items.values() for each in item.sums]
        among = [*own, *(each for each in self._grounds.shared if self._may_be_told(each))]
        if self._is_led_by("range", claim):
            among.extend(every)
        if found := match(among, claim):
            return found
        if self._cues.has("difference", text=clause):
            told_apart = own if self._is_saving(clause) else every
            if found := match(list_differences(told_apart), claim):
                return found
        if found := match_nearly(
            own,
            claim,
            under=self._is_led_by("nearly", claim),
            over=self._is_led_by("just_over", claim),
        ):
            return found
        if found := match(list_multiples(own, counts=_list_counts(clause)), claim):
            return found
        may_limit = self._is_led_by("limit", claim) or self._cues.has("negation", text=clause)
        return self._find_said(claim) if may_limit else None

    def _is_saving(self, clause: str) -> bool:
        """Whether it is told what an item is below its own price of before, and nothing of another item's."""
        compared = ("cheaper_than", "dearer_than", "range")
        return self._cues.has("saving", text=clause) and not (
            len(self._read.mentions) > 1 or any(self._cues.has(each, text=clause) for each in compared)
        )

    def _may_be_told(self, each: Sum) -> bool:
        """A sum in a text of the shop is what a term comes to; of goods it says nothing."""
        told_of = ("pricing", "points")
        about_goods = self._read.mentions or any(
            self._cues.has(each, text=self._read.text) for each in told_of
        )
        return not (each.in_text and about_goods) or each.topic in self._spoken

    def _is_led_by(self, meaning: str, claim: Claim) -> bool:
        """Whether a word of the meaning stands right before the number, or before the first of a span."""
        words = self._cues.pieces[meaning]
        before = self._read.text[max(0, claim.start - _LOOK_BACK) : claim.start]
        return re.search(rf"(?<!\w)(?:{words})\s+{_FIRST_OF_SPAN}$", before, re.IGNORECASE) is not None

    def _list_topics(self) -> frozenset[str]:
        """The policies that the sentence is about and that were read."""
        known = (
            {each.topic for each in self._grounds.shared}
            | self._grounds.periods.keys()
            | self._grounds.free.keys()
        )
        return self._cues.find_topics(self._read.text) & known

    def _find_said(self, claim: Claim) -> str | None:
        return next(
            (self._grounds.limits[value] for value in claim.values if value in self._grounds.limits), None
        )

    def _find_share(self, claim: Claim) -> str | None:
        grounds = self._grounds
        if claim.unit:
            return match_share(self._aim.list_items(claim), claim) or grounds.shares.get(claim.values[0])
        for value in claim.values:
            if value in grounds.shares:
                return grounds.shares[value]
        if any(code in self._read.text for code in grounds.codes):
            return None
        if self._cues.has("discount", text=self._read.text):
            return match_share(self._aim.list_items(claim), claim)
        numbers = {**grounds.term_numbers, **grounds.numbers}
        return next((numbers[value] for value in claim.values if value in numbers), None)

    def _find_count(self, claim: Claim) -> str | None:
        """How many there are of one of the items; or how many different ones were shown."""
        if not self._read.mentions and Decimal(len(self._grounds.shown)) in claim.values:
            return "shown"
        for item in self._aim.list_items(claim):
            for value in claim.values:
                if item.count is not None and (item.count == value or (claim.least and item.count > value)):
                    return item.count_fact
                if before := item.counts_before.get(int(value)):
                    return before
        return None

    def _find_availability(self, claim: Claim) -> str | None:
        """A condition claims nothing: "if it is sold out, I can ..."."""
        if self._cues.has("condition", text=self._aim.get_clause(claim)) or self._is_asked():
            return "condition"
        items = self._aim.list_items(claim)
        if claim.unit == "out" and self._aim.names_all(claim) and any(_can_be_had(item) for item in items):
            return None
        return next(
            (each.availability_fact for each in items if each.availability in _FITTING[claim.unit]), None
        )

    def _find_period(self, claim: Claim) -> str | None:
        periods = self._grounds.periods
        spoken = self._cues.find_topics(self._get_told_of(claim))
        topics = spoken & periods.keys()
        among = [
            periods[topic]
            for topic in sorted(topics or periods.keys() - (self._cues.topics if spoken else ()))
        ]
        if topics and not claim.least and self._is_led_by("at_most", claim):
            among = [list_longest(known) for known in among]
        for known in among:
            for (number, unit), fact in known.items():
                if any(
                    is_as_long(number=value, unit=claim.unit, known=number, known_unit=unit)
                    for value in claim.values
                ):
                    return fact
        if spoken:
            # A term of the shop that nobody has read is what no number of anything else says.
            return (
                self._find_said(claim)
                if self._cues.has("negation", text=self._aim.get_clause(claim))
                else None
            )
        numbers = {**self._grounds.limits, **self._grounds.numbers}
        return next((numbers[value] for value in claim.values if value in numbers), None)

    def _get_told_of(self, claim: Claim) -> str:
        """The sentence; of "it runs for 10 hours and ships with a charger" no more than what it says of the item."""
        clause = self._read.find_clause(claim.start)
        own = self._read.text[clause.start : clause.end]
        is_of_item = _OF_ITEM.match(own) and not _TAKES.search(own) and not self._is_led_by("at_most", claim)
        return self._read.text[: clause.end] if is_of_item else self._read.text

    def _find_date(self, claim: Claim) -> str | None:
        if self._cues.has("unsure", text=self._read.text[: claim.start]):
            return "not claimed"
        if claim.values:
            return self._grounds.dates.get((int(claim.values[0]), int(claim.values[1])))
        return self._grounds.days.get(claim.unit)

    def _find_sku(self, claim: Claim) -> str | None:
        """A known SKU is blanked as a name is; what is left of that shape must stand in a text or in the question."""
        if claim.text.lower() in self._grounds.said.lower():
            return "said"
        if not claim.unit and not any(_is_alike(claim.text, sku=sku) for sku in self._grounds.items):
            return "no SKU"
        return None


def _list_counts(clause: str) -> list[int]:
    """The whole numbers of a clause, also those in words: how many something may be the price of."""
    pattern = get_number_pattern()
    numbers = (each for found in re.findall(pattern, clause, re.IGNORECASE) for each in read_number(found))
    return [int(number) for number in numbers if number == int(number)]


def is_gone(skus: frozenset[str], *, grounds: Grounds) -> bool:
    """Whether each of these is sold out."""
    known = [grounds.items[sku].availability for sku in skus if sku in grounds.items]
    return bool(known) and all(each in _FITTING["out"] for each in known)


def _can_be_had(item: ItemGrounds) -> bool:
    return item.availability in _FITTING["in"]


def _is_alike(text: str, *, sku: str) -> bool:
    """Whether it is made as the SKU is, or begins as that does."""
    head, mark, _ = sku.rpartition("-")
    return _shape(text) == _shape(sku) or bool(mark and text.startswith(f"{head}-"))


def _shape(text: str) -> str:
    """Letters as A, digits as 0, each run once."""
    return re.sub(r"0+", "0", re.sub(r"A+", "A", re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "0", text))))
