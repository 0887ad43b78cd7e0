"""What a step of a script is expected to give, as its author writes it beside the step, and what it gave instead."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from commerce_agent.decoding import convert
from commerce_agent.scripted.script import ScriptRefused

Given = dict[str, Any]
"""A played step, in the form that `converse --json` prints."""

_NONE = "none"


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only what is written down is compared; everything else may be as it likes."""

    says: tuple[str, ...] | str = ()
    """Parts of the reply in any case; between slashes, a regular expression."""
    says_not: tuple[str, ...] | str = ()
    cards: tuple[str, ...] | None = None
    """Exactly these, in any order."""
    cards_include: tuple[str, ...] = ()
    cards_exclude: tuple[str, ...] = ()
    references: tuple[str, ...] | None = None
    """For each reference "SKU" or "SKU, SKU", "ambiguous: SKU, SKU" or "unknown"."""
    constraints: tuple[str, ...] | None = None
    """The ones in force, in any order: "price <= 100", "vegan = yes (always)"."""
    cart: dict[str, int] | None = None
    total: Decimal | None = None
    """What the cart comes to."""
    proposal: str | None = None
    """What the open proposal comes to, or "none"."""
    order: str | None = None
    """What the order placed in this step comes to, or "none"."""
    notices: tuple[str, ...] | None = None
    """As "stock.changed MEADOW-G"."""
    kept: tuple[str, ...] | None = None
    """What the decision kept, in any order."""
    left_out: dict[str, str] = {}
    """Items that the decision left out, each with the rule that did."""
    policies: tuple[str, ...] | None = None
    stale: tuple[str, ...] | None = None
    """As "MEADOW-G availability"."""
    table: tuple[str, ...] | None = None
    """The heads of the table's columns."""
    buttons: tuple[str, ...] | None = None
    """The quick replies that are offered."""
    degraded: bool | None = None


class Mismatch(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as expected."""

    what: str
    expected: str
    given: str


def read_expected(raw: object, *, step: int) -> Expected:
    """Reads what stands under `expect`; raises `ScriptRefused` that names the step."""
    try:
        return convert(raw or {}, Expected, strict=False)
    except msgspec.ValidationError as error:
        raise ScriptRefused(f"step {step}: expect: {error}.") from error


def compare(expected: Expected, given: Given) -> list[Mismatch]:
    """Where the step differs from what was expected of it."""
    seen = observe(given)
    found = [
        *_list_withheld(given),
        *_compare_reply(expected, given["reply"] or ""),
        *_compare_lists(expected, seen),
        *_compare_members(expected, given),
    ]
    for what in ("proposal", "order"):
        wanted = getattr(expected, what)
        if wanted is not None and _plain_sum(wanted) != _plain_sum(getattr(seen, what)):
            found.append(Mismatch(what=what, expected=wanted, given=getattr(seen, what) or _NONE))
    if expected.cart is not None and expected.cart != seen.cart:
        found.append(Mismatch(what="cart", expected=_line(expected.cart), given=_line(seen.cart or {})))
    if expected.total is not None and expected.total != (seen.total or 0):
        found.append(Mismatch(what="total", expected=str(expected.total), given=str(seen.total)))
    if expected.degraded is not None and expected.degraded != bool(seen.degraded):
        found.append(Mismatch(what="degraded", expected=str(expected.degraded), given=str(seen.degraded)))
    return found


def observe(given: Given) -> Expected:
    """All that a step gave, its reply's words aside, as somebody would write that it is expected."""
    decision = given["decision"] or {"candidates": [], "policies": []}
    cart = given["cart"]
    return Expected(
        cards=tuple(given["cards"]),
        references=tuple(_say_reference(reference) for reference in given["references"]),
        constraints=tuple(_say_term(term) for term in given["constraints"] if term["active"]),
        cart={line["sku"]: line["quantity"] for line in cart["lines"]} if cart else {},
        total=Decimal(str(cart["total"])) if cart else None,
        proposal=str(given["proposal"]["total"]) if given["proposal"] else _NONE,
        order=str(given["order"]["total"]) if given["order"] else _NONE,
        notices=tuple(f"{notice['kind']} {notice['sku']}" for notice in given["notices"]),
        kept=tuple(each["sku"] for each in decision["candidates"] if each["kept"]),
        left_out={each["sku"]: each["rule"] for each in decision["candidates"] if not each["kept"]},
        policies=tuple(decision["policies"]),
        stale=tuple(f"{fact['subject']} {fact['name']}" for fact in given["facts"] if fact["stale"]),
        table=tuple(given["table"]["columns"]) if given["table"] else (),
        buttons=tuple(given["buttons"]),
        degraded=given["degraded"],
    )


_OF_STATE = ("constraints", "cart", "proposal")
"""What a step leaves standing; written down only where it changed."""
_WORTH_WRITING = ("references", "cards", "policies", "notices", "left_out", "stale", "table")


def write_expected(given: Given, *, before: Given | None) -> dict[str, Any]:
    """What the step gave and is worth holding on to, in the plain form of a script."""
    seen, earlier = observe(given), observe(before) if before else Expected(constraints=(), cart={})
    written = {
        name: msgspec.to_builtins(getattr(seen, name)) for name in _WORTH_WRITING if getattr(seen, name)
    }
    if given["kind"] == "say":
        written.setdefault("cards", [])
    for name in _OF_STATE:
        if getattr(seen, name) != (getattr(earlier, name) or (_NONE if name == "proposal" else ())):
            written[name] = msgspec.to_builtins(getattr(seen, name))
    if written.get("cart") == {} and not earlier.cart:
        del written["cart"]
    if written.get("cart"):
        written["total"] = str(seen.total)
    if given["order"]:
        written["order"] = seen.order
    if given["degraded"]:
        written["degraded"] = True
    return written


def _list_withheld(given: Given) -> list[Mismatch]:
    """A claim that stood on no fact is never expected: the sentence that held it was not said."""
    verdicts = given["decision"]["grounding"] if given["decision"] else []
    return [
        Mismatch(what="grounding", expected="every claim on a fact", given=verdict["claim"])
        for verdict in verdicts
        if not verdict["passed"]
    ]


def _compare_reply(expected: Expected, reply: str) -> list[Mismatch]:
    missing = [part for part in _list_parts(expected.says) if not _says(reply, part)]
    unwanted = [part for part in _list_parts(expected.says_not) if _says(reply, part)]
    return [
        *(Mismatch(what="says", expected=part, given=reply) for part in missing),
        *(Mismatch(what="says_not", expected=part, given=reply) for part in unwanted),
    ]


def _compare_lists(expected: Expected, seen: Expected) -> list[Mismatch]:
    found: list[Mismatch] = []
    for what, ordered in (
        ("cards", False),
        ("references", True),
        ("constraints", False),
        ("notices", True),
        ("kept", False),
        ("policies", False),
        ("stale", False),
        ("table", False),
        ("buttons", True),
    ):
        wanted, given = getattr(expected, what), getattr(seen, what)
        if wanted is None:
            continue
        if (list(wanted) if ordered else sorted(wanted)) != (list(given) if ordered else sorted(given)):
            found.append(Mismatch(what=what, expected=_row(wanted), given=_row(given)))
    return found


def _compare_members(expected: Expected, given: Given) -> list[Mismatch]:
    seen = observe(given)
    cards, left_out = set(seen.cards or ()), seen.left_out
    absent = [sku for sku in expected.cards_include if sku not in cards]
    present = [sku for sku in expected.cards_exclude if sku in cards]
    found = []
    if absent:
        found.append(Mismatch(what="cards_include", expected=_row(absent), given=_row(seen.cards or ())))
    if present:
        found.append(Mismatch(what="cards_exclude", expected=_row(present), given=_row(seen.cards or ())))
    for sku, rule in expected.left_out.items():
        if left_out.get(sku) != rule:
            found.append(
                Mismatch(
                    what="left_out", expected=f"{sku} by {rule}", given=f"{sku} by {left_out.get(sku, _NONE)}"
                )
            )
    return found


def _list_parts(parts: tuple[str, ...] | str) -> tuple[str, ...]:
    return (parts,) if isinstance(parts, str) else parts


def _says(reply: str, part: str) -> bool:
    if len(part) > 2 and part.startswith("/") and part.endswith("/"):
        return re.search(part[1:-1], reply, re.IGNORECASE) is not None
    return " ".join(part.lower().split()) in " ".join(reply.lower().split())


def _say_reference(reference: Given) -> str:
    match reference["outcome"]:
        case "resolved":
            return ", ".join(reference["skus"])
        case "ambiguous":
            return f"ambiguous: {', '.join(reference['candidates'])}"
        case outcome:
            return str(outcome)


def _say_term(term: Given) -> str:
    value = term["value"]
    if isinstance(value, list):
        value = ", ".join(str(each) for each in value)
    elif isinstance(value, float):
        value = f"{value:g}"
    scope = "" if term["scope"] == "search" else f" ({term['scope']})"
    return f"{term['field']} {term['op']} {value}{scope}"


def _plain_sum(written: str | None) -> Decimal | None:
    return None if written in (None, _NONE) else Decimal(str(written))


def _row(values: Iterable[str]) -> str:
    return "[" + ", ".join(values) + "]"


def _line(values: dict[str, int]) -> str:
    return ", ".join(f"{number} × {sku}" for sku, number in values.items()) or "empty"
