"""Runs turns again: with the answers of then, with those of now, and with what is supposed; writes nothing."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Literal

import msgspec
from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from psycopg.errors import LockNotAvailable

from catalog.errors import CatalogError
from catalog.models import Policy
from commerce_agent.console.audit.gate import MOST_DIGITS, Look, looked_at, read_number
from commerce_agent.console.audit.named_goods import find_goods
from commerce_agent.console.audit.place_words import list_place_names
from commerce_agent.console.audit.plain_values import Change, to_change
from commerce_agent.console.audit.shell import show_look
from commerce_agent.release import get_code_version
from commerce_agent.replaying.reading import replay_conversation
from commerce_agent.replaying.rerun import CannotReplay, Outcome
from commerce_agent.replaying.supposing import Supposed, Supposition, suppose
from commerce_agent.tools.answers import NotAsked
from conversations.events import Recorded
from conversations.events.decisions import DecisionMade
from conversations.events.messages import CardsShown, ShopperSpoke, TurnStarted
from conversations.replay import Difference
from conversations.service import KeyFault, UnreadableEvent

SECTIONS = (
    ("references", "What the words meant"),
    ("constraints", "Terms"),
    ("searches", "Search"),
    ("tools", "Tools"),
    ("candidates", "Candidates"),
    ("facts", "Facts told"),
    ("policies", "Policies"),
    ("grounding", "Claims checked"),
    ("shown", "Order of what was shown"),
    ("cards", "Cards"),
    ("text", "Text"),
)
MOST_DIFFERENCES = 200
LONGEST_MESSAGE = 500
LARGEST_STOCK = 1_000_000


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """What differs in one part of a turn."""

    title: str
    differences: tuple[Change, ...]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A turn that was run again."""

    turn: int
    said: str
    outcome: Outcome
    reason: str
    code: str
    """The version that recorded it."""
    sections: tuple[Section, ...]


def group_differences(differences: Iterable[Difference], *, look: Look) -> tuple[Section, ...]:
    """The differences by part, with what is personal covered."""
    titles = dict(SECTIONS)
    names = list_place_names(look.events)
    parts: dict[str, list[Change]] = {}
    for each in list(differences)[:MOST_DIFFERENCES]:
        name = each.path.partition(".")[0].partition("[")[0]
        parts.setdefault(titles.get(name, "Other"), []).append(
            to_change(each, names=names, mask=look.mask, is_headed=name in titles)
        )
    order = [*titles.values(), "Other"]
    return tuple(Section(title=title, differences=tuple(parts[title])) for title in order if title in parts)


@looked_at("replay")
def show_replay(request: HttpRequest, look: Look) -> HttpResponse:
    """Every turn run again with the facts of `facts`, or only `turn`, against what was recorded."""
    facts: Literal["then", "now"] = "now" if request.GET.get("facts") == "now" else "then"
    only = read_number(request.GET.get("turn", ""))
    problem, turns = "", []
    codes = _list_codes(look.events)
    try:
        replay = async_to_sync(replay_conversation)(conversation=look.name, facts=facts, now=look.now)
        turns = [
            Seen(
                turn=each.turn,
                said=look.mask.cover(each.said),
                outcome=each.outcome,
                reason=look.mask.cover(each.reason),
                code=codes.get(each.turn, ""),
                sections=group_differences(each.differences, look=look),
            )
            for each in replay.turns
            if only in (0, each.turn)
        ]
    except (CatalogError, UnreadableEvent, KeyFault) as error:
        problem = str(error)
    return show_look(
        request, "replay", look, tab="replay", facts=facts, only=only, turns=turns, problem=problem,
        different=sum(each.outcome == "different" for each in turns),
        left_out=sum(each.outcome == "not_replayed" for each in turns),
        undecided=sum(each.outcome == "undecided" for each in turns),
        codes=tuple(dict.fromkeys(each.code for each in turns if each.code)), code_now=get_code_version(),
    )  # fmt: skip


def _list_codes(events: tuple[Recorded, ...]) -> dict[int, str]:
    decisions = (each.event.decision for each in events if isinstance(each.event, DecisionMade))
    return {decision.turn: decision.code_version for decision in decisions}


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the form holds: the supposition, as it was typed, and what of it cannot be."""

    supposition: Supposition
    problems: tuple[str, ...]


@looked_at("whatif")
def show_whatif(request: HttpRequest, look: Look) -> HttpResponse:
    """A turn as it would be, had a stock, a price, a policy or the message been otherwise."""
    numbers = [each.event.turn for each in look.events if isinstance(each.event, TurnStarted)]
    asked = read_number(request.GET.get("turn", ""))
    turn = asked if asked in numbers else (numbers[-1] if numbers else 0)
    skus = _list_skus(look.events)
    wish = _read_wish(request, look=look, shown=skus)
    is_asked = wish.supposition != Supposition() and not wish.problems and turn
    supposed, problem = _suppose(look, turn=turn, supposition=wish.supposition) if is_asked else (None, "")
    return show_look(
        request,
        "whatif",
        look,
        tab="whatif",
        turn=turn,
        numbers=numbers,
        said=_find_said(look.events, turn=turn),
        skus=skus,
        policies=sorted(
            set(Policy.objects.filter(merchant=look.row.merchant_id).values_list("name", flat=True))
        ),
        given=request.GET,
        problems=(*wish.problems, *((problem,) if problem else ())),
        supposed=supposed,
        sections=group_differences(supposed.differences, look=look) if supposed else (),
        replies=(look.mask.cover(supposed.reply), look.mask.cover(supposed.supposed_reply))
        if supposed
        else (),
    )


def _read_wish(request: HttpRequest, *, look: Look, shown: Mapping[str, str]) -> Wish:
    given = {
        name: request.GET.get(name, "").replace("\x00", "").strip()
        for name in ("sku", "stock", "price", "policy", "text", "said")
    }
    problems: list[str] = []
    stocks: tuple[tuple[str, int], ...] = ()
    prices: tuple[tuple[str, Decimal], ...] = ()
    if (given["stock"] or given["price"]) and not given["sku"]:
        problems.append("Say of which SKU, or which item by its name, that is the stock or the price.")
    if (given["stock"] or given["price"]) and given["sku"]:
        goods = find_goods(given["sku"][:LONGEST_MESSAGE], merchant=look.row.merchant_id, shown=shown)
        given["sku"] = goods.sku
        if goods.several:
            named = ", ".join(f"{title} ({sku})" for sku, title in goods.several)
            problems.append(f"Several items have that name; give the SKU of one: {named}.")
    if given["stock"] and given["sku"]:
        if given["stock"].isdecimal() and (stock := int(given["stock"][:MOST_DIGITS])) <= LARGEST_STOCK:
            stocks = ((given["sku"], stock),)
        else:
            problems.append("A stock is a whole number, 0 or more.")
    if given["price"] and given["sku"]:
        price = _find_price(given["price"])
        if price is None:
            problems.append("A price is a number such as 89.00.")
        else:
            prices = ((given["sku"], price),)
    policies = ((given["policy"], given["text"]),) if given["policy"] and given["text"] else ()
    said = given["said"][:LONGEST_MESSAGE]
    return Wish(
        supposition=Supposition(said=said, stocks=stocks, prices=prices, policies=policies),
        problems=tuple(problems),
    )


def _find_price(text: str) -> Decimal | None:
    try:
        price = Decimal(text)
    except InvalidOperation:
        return None
    return price if price.is_finite() and 0 <= price < 10**9 else None


def _suppose(look: Look, *, turn: int, supposition: Supposition) -> tuple[Supposed | None, str]:
    try:
        supposed = async_to_sync(suppose)(
            conversation=look.name, turn=turn, supposition=supposition, now=look.now
        )
    except CannotReplay as reason:
        return None, f"Turn {turn} cannot be run again: {reason}."
    except LockNotAvailable:
        return None, "An import is at work on these rows just now; ask again in a moment."
    except (NotAsked, CatalogError, UnreadableEvent, KeyFault) as error:
        return None, str(error)
    return supposed, "".join(f"The shop has no {name!r}; it was left as it is. " for name in supposed.unknown)


def _find_said(events: tuple[Recorded, ...], *, turn: int) -> str:
    cids = next(
        (
            each.event.cids
            for each in events
            if isinstance(each.event, TurnStarted) and each.event.turn == turn
        ),
        (),
    )
    spoken = (each.event for each in events if isinstance(each.event, ShopperSpoke))
    return " / ".join(event.text for event in spoken if event.cid in cids)


def _list_skus(events: tuple[Recorded, ...]) -> dict[str, str]:
    return {
        card.ref.key: card.title
        for each in events
        if isinstance(each.event, CardsShown)
        for card in each.event.cards
    }
