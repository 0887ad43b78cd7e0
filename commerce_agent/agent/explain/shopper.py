"""A decision for the shopper, line by line: why an item was shown or left out, what a reply went by.

From the record alone. A line is a key of the phrase book with its values, so that a planner says it in its own way and
a page says it plainly, in each language alike.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

import msgspec
from moneyed import Money

from commerce_agent.agent.phrases import PhraseBook
from commerce_agent.agent.phrases.message import Value
from commerce_agent.agent.wording.terms import find_goods, say_measure, say_money, say_term, say_terms
from conversations.events.constraints import Constraint
from conversations.events.decisions import Candidate, Decision
from conversations.ids import EntityRef

MOST_TOLD = 3
FRESH_SECONDS = 60.0
"""Readings older than this are said to be so."""
_BOUNDS = {"<=": "above", ">=": "below"}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence to be said: its key, what fills it, and what may be named and claimed in it."""

    key: str
    values: dict[str, Value] = {}
    names: tuple[str, ...] = ()
    sums: tuple[Decimal, ...] = ()

    def say(self, book: PhraseBook, *, seed: int) -> str:
        """The sentence, in the wording that the seed picks."""
        return book.say(self.key, seed=seed, wear=None, **self.values)


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """How the values of a record are written for a shopper."""

    book: PhraseBook
    currency: str
    units: dict[str, str] = {}
    """The unit of each measure."""
    name: Callable[[Candidate], str]
    titles: dict[str, str] = {}
    """What the shop calls its policies."""

    def term(self, term: Constraint) -> str:
        """A term in words."""
        return say_term(term, book=self.book, currency=self.currency, units=self.units)

    def terms(self, terms: Sequence[Constraint]) -> str:
        """The terms behind the goods."""
        return say_terms(terms, book=self.book, currency=self.currency, units=self.units)

    def goods(self, terms: Sequence[Constraint], *, query: str) -> str:
        """What was looked for."""
        return find_goods(terms, query=query, book=self.book)

    def put(self, key: str, /, **values: Value) -> str:
        """A part of a sentence."""
        return self.book.put(key, **values)


def explain_items(decision: Decision, refs: Sequence[EntityRef], *, wording: Wording) -> tuple[Line, ...]:
    """Why these items were shown or left out; nothing for those that the decision did not weigh."""
    lines: list[Line] = []
    told: set[tuple[str, str]] = set()
    for candidate in decision.candidates:
        reason = "" if candidate.kept else _say_rule(candidate, decision=decision, wording=wording).text
        key = (wording.name(candidate), reason)
        if candidate.ref not in refs or key in told or len(told) >= MOST_TOLD:
            continue
        told.add(key)
        lines.extend(_explain_candidate(candidate, decision=decision, wording=wording))
    return tuple(lines)


def explain_reply(decision: Decision, *, wording: Wording) -> tuple[Line, ...]:
    """What a reply went by: terms, what was left out, the shop's policies, the age of what was read."""
    if decision.planner == "none":
        return (Line(key="why.closed"),)
    lines: list[Line] = []
    if decision.candidates:
        lines.extend((explain_terms(decision, wording=wording), *_tell_left_out(decision, wording=wording)))
    if decision.policies:
        lines.append(_tell_policies(decision, wording=wording))
    if decision.facts:
        lines.append(_tell_age(decision))
    return tuple(lines) or (Line(key="why.nothing"),)


def explain_terms(decision: Decision, *, wording: Wording) -> Line:
    """The terms that a reply went by."""
    terms = decision.constraints
    if not terms:
        return Line(key="why.no_terms")
    sums = _list_limits(terms)
    if any(term.field == "category" and term.op in ("=", "in") for term in terms):
        told = f"{wording.goods(terms, query='')}{wording.terms(terms)}"
        return Line(key="why.terms", values={"terms": told}, sums=sums)
    said = wording.book.join([wording.term(term) for term in terms])
    return Line(key="why.terms", values={"terms": said}, sums=sums)


def _list_limits(terms: Sequence[Constraint]) -> tuple[Decimal, ...]:
    """The prices that were set as limits; they hold no more, perhaps, and are told as what they were."""
    return tuple(
        Decimal(str(term.value))
        for term in terms
        if term.field == "price" and isinstance(term.value, float | int)
    )


def _explain_candidate(candidate: Candidate, *, decision: Decision, wording: Wording) -> list[Line]:
    name = wording.name(candidate)
    if not candidate.kept:
        rule = _say_rule(candidate, decision=decision, wording=wording)
        values: dict[str, Value] = {"item": name, "reason": rule.text}
        return [Line(key="why.rejected", values=values, names=(name,), sums=rule.sums)]
    terms = decision.constraints
    goods = wording.goods(terms, query=_list_words(candidate))
    line = Line(
        key="why.kept",
        values={"item": name, "goods": goods, "terms": wording.terms(terms)},
        names=(name,),
        sums=_list_limits(terms),
    )
    shown = [each for each in decision.candidates if each.kept]
    if len(shown) == 1:
        return [line]
    place = shown.index(candidate) + 1
    key = "why.place.first" if place == 1 else "why.place"
    return [line, Line(key=key, values={"place": place, "count": len(shown)})]


class _Rule(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    sums: tuple[Decimal, ...] = ()


def _say_rule(candidate: Candidate, *, decision: Decision, wording: Wording) -> _Rule:
    """Why the rule left it out, from what the record keeps: the rule, the margin and the terms of that time."""
    if candidate.rule in ("out_of_stock", "below_cut"):
        return _Rule(text=wording.put(f"why.rule.{candidate.rule}"))
    term = find_missed(candidate, decision=decision)
    if term is None:
        return _Rule(text=candidate.reason.rstrip("."))
    value, margin = term.value, candidate.margin
    if not isinstance(value, float | int) or term.op not in _BOUNDS or margin is None:
        return _Rule(text=wording.put("why.rule.term", term=wording.term(term)))
    if term.field == "price":
        paid = Decimal(str(value)) + Decimal(str(margin))
        price = say_money(Money(paid, wording.currency), language=wording.book.language)
        key = f"why.rule.price.{_BOUNDS[term.op]}"
        return _Rule(
            text=wording.put(key, price=price, term=wording.term(term)), sums=(paid, *_list_limits([term]))
        )
    off = say_measure(abs(margin), unit=wording.units.get(term.field, ""), book=wording.book)
    return _Rule(text=wording.put("why.rule.measure", term=wording.term(term), margin=off))


def find_missed(candidate: Candidate, *, decision: Decision) -> Constraint | None:
    """The term that the item missed, by its id; records from before it was kept have only its field."""
    if candidate.kept:
        return None
    if candidate.term:
        return next((term for term in decision.constraints if term.id == candidate.term), None)
    return next((term for term in decision.constraints if term.field == candidate.rule), None)


def _list_words(candidate: Candidate) -> str:
    """The words of the search that were found in it: the record has them as "title: oak, details: dimmable"."""
    words = [part.partition(":")[2].strip() for part in candidate.reason.split(",") if ":" in part]
    return " ".join(dict.fromkeys(word for word in words if word))


def _tell_left_out(decision: Decision, *, wording: Wording) -> tuple[Line, ...]:
    """Some of what was left out: of each rule one first, and of versions of one product only one."""
    rejected = [candidate for candidate in decision.candidates if not candidate.kept]
    firsts = {candidate.rule: candidate for candidate in reversed(rejected)}
    ordered = sorted(rejected, key=lambda each: firsts[each.rule] is not each)
    told: dict[tuple[str, str], _Rule] = {}
    for candidate in ordered:
        rule = _say_rule(candidate, decision=decision, wording=wording)
        told.setdefault((wording.name(candidate), rule.text), rule)
    some = dict(list(told.items())[:MOST_TOLD])
    if not some:
        return ()
    items = [wording.put("why.item", item=name, reason=reason) for name, reason in some]
    line = Line(
        key="why.rejected.some",
        values={"items": wording.book.join(items)},
        names=tuple(name for name, _ in some),
        sums=tuple(each for rule in some.values() for each in rule.sums),
    )
    return (line,)


def _tell_policies(decision: Decision, *, wording: Wording) -> Line:
    names = [policy.partition("/")[0] for policy in decision.policies]
    titles = tuple(dict.fromkeys(wording.titles.get(name, name.replace("_", " ")) for name in names))
    return Line(
        key="why.policies",
        values={"policies": wording.book.join(titles), "count": len(titles)},
        names=titles,
    )


def _tell_age(decision: Decision) -> Line:
    oldest = max(decision.fact_ages, default=0.0)
    if oldest < FRESH_SECONDS:
        return Line(key="why.read.fresh")
    return Line(key="why.read.old", values={"count": round(oldest / 60)})
