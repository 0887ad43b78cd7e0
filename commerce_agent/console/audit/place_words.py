"""The places of a record in words: what `constraints.stated[0].value` is for people. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from commerce_agent.agent.explain.plain import tell_constraint, tell_name
from conversations.events import Recorded
from conversations.events.constraints import Constraint, ConstraintStated
from conversations.events.decisions import DecisionMade
from conversations.events.entities import EntitiesIntroduced, EntitiesShown
from conversations.events.facts import FactsObserved, FactSuperseded
from conversations.ids import EntityRef

ONE_OF = {
    "cart": "cart",
    "focus": "“It” means",
    "grounding": "claim",
    "handoff": "request for a person",
    "lines": "line",
    "policies": "policy",
    "proposals": "offer",
    "quick_replies": "suggestion",
    "references": "words that point",
    "rows": "row",
    "searches": "search",
    "showings": "list that was shown",
    "shown": "place",
    "stated": "stated term",
    "superseded": "replaced term",
    "tables": "table",
    "tools": "tool call",
    "withdrawn": "term given up",
}
"""What a place of a list holds."""
SAID_OTHERWISE = {
    "applied": "applied",
    "canonical": "",
    "cids": "messages",
    "ref": "item",
    "refs": "items",
    "skus": "items",
    "status": "how the reply ended",
    "text": "words",
}
STEP = re.compile(r"[^.\[]+")
FACT = re.compile(r"(?P<kind>[a-z]+):(?P<key>.+):(?P<name>[^:]+)")
"""A fact of what the conversation never named."""
NUMBER = re.compile(r"\[(\d+)\]")


def tell_place(path: str, *, names: Mapping[str, str], is_headed: bool = False) -> str:
    """A place in words. `names` say what a key of the record stands for, which may hold any letter; `is_headed` where
    a heading says the first step already.
    """
    odd = [name for name in names if "." in name or "[" in name]
    steps = list(_list_steps(path, odd=odd))
    if is_headed and len(steps) > 1 and not steps[0][1]:
        steps = steps[1:]
    words = (_tell_step(name, numbers, names=names) for name, numbers in steps)
    told = ", ".join(word for word in words if word) or tell_name(path) or "the whole"
    return told[0].upper() + told[1:]


def list_place_names(events: Iterable[Recorded]) -> dict[str, str]:
    """What the keys of these events' records stand for: items, facts of them, terms."""
    titles: dict[EntityRef, str] = {}
    facts: list[tuple[EntityRef, str]] = []
    terms: list[Constraint] = []
    for recorded in events:
        match recorded.event:
            case EntitiesShown(entities=entities) | EntitiesIntroduced(entities=entities):
                titles.update((entity.ref, entity.name) for entity in entities)
            case FactsObserved(facts=seen):
                facts.extend((fact.subject, fact.name) for fact in seen)
            case FactSuperseded(fact=fact):
                facts.append((fact.subject, fact.name))
            case ConstraintStated(constraint=term):
                terms.append(term)
            case DecisionMade(decision=decision):
                terms.extend(decision.constraints)
            case _:
                continue
    items = {ref: f"{title} ({ref.key})" for ref, title in titles.items() if title}
    return (
        {term.id: f"“{tell_constraint(term)}”" for term in terms}
        | {
            f"{ref.kind}:{ref.key}:{name}": _tell_fact_name(name, ref=ref, item=items.get(ref, ref.key))
            for ref, name in facts
        }
        | {f"{ref.kind}:{ref.key}": told for ref, told in items.items()}
        | {ref.key: told for ref, told in items.items()}
    )


def _tell_fact_name(name: str, *, ref: EntityRef, item: str) -> str:
    """A fact, and what it is of; a policy's are named after it, and so is its text."""
    if name == f"{ref.kind}.{ref.key}":
        return f"words of the {ref.kind} {item}"
    if name.startswith(f"{ref.key}."):
        return f"{tell_name(name.removeprefix(f'{ref.key}.'))} of the {ref.kind} {item}"
    return f"{tell_name(name)} of {item}"


def _list_steps(path: str, *, odd: Collection[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Each name of a path with the numbers behind it; `odd` are the names that hold what ends others."""
    rest = path
    while rest:
        known = (
            name
            for name in odd
            if rest.startswith(name) and rest[len(name) : len(name) + 1] in {"", ".", "["}
        )
        found = STEP.match(rest)
        name = max(known, key=len, default="") or (found[0] if found else "")
        rest = rest[len(name) :]
        numbers: list[int] = []
        while number := NUMBER.match(rest):
            numbers.append(int(number[1]))
            rest = rest[number.end() :]
        if not name and not numbers:
            name, rest = rest, ""
        yield name, tuple(numbers)
        rest = rest.removeprefix(".")


def _tell_step(name: str, numbers: tuple[int, ...], *, names: Mapping[str, str]) -> str:
    if not numbers:
        if name not in names and (fact := FACT.fullmatch(name)):
            return f"{tell_name(fact['name'])} of {names.get(fact['key'], fact['key'])}"
        return names.get(name) or SAID_OTHERWISE.get(name, tell_name(name))
    place = " / ".join(str(number + 1) for number in numbers)
    return f"{ONE_OF.get(name, names.get(name) or tell_name(name) or 'entry')} {place}"
