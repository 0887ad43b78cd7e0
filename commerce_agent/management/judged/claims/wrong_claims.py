"""Replies whose every claim is true, and replies with one that is not: how many does the grounding stop.

The replies are made from wordings in `replies/`, over invented shops, with a seed; nothing in them is read by the
code that checks.
"""

import random
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import msgspec
import yaml
from babel.dates import format_date
from babel.numbers import format_currency

from commerce_agent.agent.grounding import Grounds, check_sentence, list_grounds
from commerce_agent.agent.phrases import LANGUAGES
from commerce_agent.decoding import convert
from commerce_agent.management.judged.claims.claimed_shops import Item, Promised, make_state

REPLIES = Path(__file__).parent / "replies"
KINDS = ("price", "stock", "sku", "discount", "date", "policy")
_SLOTS: dict[str, tuple[str, ...]] = {
    "price": ("price",),
    "sku": ("sku",),
    "discount": ("percent", "price", "list", "code"),
    "date": ("until",),
    "policy": ("returns", "warranty", "low", "over"),
}
"""What of a wording may be made untrue."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply in sentences, and which kind of claim in it is untrue; "" where none is."""

    shop: int
    language: str
    sentences: tuple[str, ...]
    wrong: str = ""


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the replies. A reply with a wrong claim is stopped when a sentence of it is held back."""

    wrong: int
    stopped: int
    correct: int
    untouched: int
    p50_ms: float
    p95_ms: float
    missed: tuple[Reply, ...]
    touched: tuple[Reply, ...]


def measure_claims(*, seed: int = 1, wrong: int = 600, correct: int = 1200) -> Measured:
    """Checks so many replies of either sort, in turns over shops, languages and kinds."""
    grounds = [list_grounds(state=make_state(shop)) for shop in list_shops()]
    taken: list[float] = []
    made, told = make_replies(seed=seed, wrong=wrong, correct=correct)
    missed = tuple(reply for reply in made if _passes(reply, grounds[reply.shop], taken))
    touched = tuple(reply for reply in told if not _passes(reply, grounds[reply.shop], taken))
    ordered = sorted(taken)
    return Measured(
        wrong=wrong,
        stopped=wrong - len(missed),
        correct=correct,
        untouched=correct - len(touched),
        p50_ms=round(ordered[len(ordered) // 2], 3),
        p95_ms=round(ordered[int(len(ordered) * 0.95)], 3),
        missed=missed,
        touched=touched,
    )


def make_replies(*, seed: int, wrong: int, correct: int) -> tuple[list[Reply], list[Reply]]:
    """So many replies with one wrong claim each, and so many right ones, in turns over shops, languages and kinds."""
    choose, shops = random.Random(seed), list_shops()
    made = [_make_reply(choose, shops, number=number, is_wrong=True) for number in range(wrong)]
    return made, [_make_reply(choose, shops, number=number, is_wrong=False) for number in range(correct)]


def list_shops() -> tuple[Promised, ...]:
    """The invented shops."""
    text = (REPLIES / "shops.yaml").read_text(encoding="utf-8")
    return convert(yaml.safe_load(text), tuple[Promised, ...])


def _passes(reply: Reply, grounds: Grounds, taken: list[float]) -> bool:
    passed, about = True, frozenset[str]()
    for sentence in reply.sentences:
        started = time.perf_counter()
        checked = check_sentence(sentence, grounds=grounds, about=about)
        taken.append((time.perf_counter() - started) * 1000)
        about = checked.about
        passed &= checked.passed
    return passed


@cache
def _read_wordings(language: str) -> dict[str, tuple[str, ...]]:
    text = (REPLIES / f"{language}.yaml").read_text(encoding="utf-8")
    return convert(yaml.safe_load(text), dict[str, tuple[str, ...]])


def _make_reply(choose: random.Random, shops: Sequence[Promised], *, number: int, is_wrong: bool) -> Reply:
    """A reply of one to three sentences; where it is to be wrong, one value of one of them is changed."""
    language = LANGUAGES[number % len(LANGUAGES)]
    kind = KINDS[number // len(LANGUAGES) % len(KINDS)]
    place = number % len(shops)
    wordings, shop = _read_wordings(language), shops[place]
    sentences = list(_list_others(choose, shop, wordings, language=language, kind=kind))
    told = _tell(choose, shop, wordings, language=language, kind=kind, is_wrong=is_wrong)
    sentences.insert(choose.randrange(len(sentences) + 1), told)
    return Reply(shop=place, language=language, sentences=tuple(sentences), wrong=kind if is_wrong else "")


def _list_others(
    choose: random.Random, shop: Promised, wordings: dict[str, tuple[str, ...]], *, language: str, kind: str
) -> Iterator[str]:
    for _ in range(choose.randrange(3)):
        other = choose.choice((*KINDS, "plain"))
        if other == "plain":
            yield choose.choice(wordings["plain"])
        elif other != kind:
            yield _tell(choose, shop, wordings, language=language, kind=other, is_wrong=False)


def _tell(
    choose: random.Random,
    shop: Promised,
    wordings: dict[str, tuple[str, ...]],
    *,
    language: str,
    kind: str,
    is_wrong: bool,
) -> str:
    item, other = choose.sample(shop.items, 2)
    if kind == "stock":
        return _tell_stock(choose, item, wordings, is_wrong=is_wrong)
    wording = choose.choice(wordings[kind])
    if kind == "discount" and "{list}" in wording:
        item, other = choose.sample([each for each in shop.items if each.list != each.price], 2)
    values = _write_values(shop, item, other=other, language=language)
    if is_wrong:
        slot = choose.choice([slot for slot in _SLOTS[kind] if f"{{{slot}}}" in wording])
        wording = wording.replace(f"{{{slot}}}", _make_untrue(choose, slot, shop, item, language=language))
    return wording.format(**values)


def _tell_stock(
    choose: random.Random, item: Item, wordings: dict[str, tuple[str, ...]], *, is_wrong: bool
) -> str:
    says_in = (item.stock > 0) is not is_wrong
    wording = choose.choice(wordings["stock_in" if says_in else "stock_out"])
    counted = [each for each in wordings["stock_in"] if "{count}" in each]
    if is_wrong and item.stock > 0 and choose.random() < 1 / 2:
        wording = choose.choice(counted)
        return wording.format(name=item.name, count=item.stock + choose.choice((-1, 1, 4, 10)))
    return wording.format(name=item.name, count=item.stock or choose.randrange(2, 9))


def _write_values(shop: Promised, item: Item, *, other: Item, language: str) -> dict[str, str]:
    saving = item.list - item.price
    return {
        "name": item.name,
        "other": other.name,
        "sku": item.sku,
        "price": _write_money(item.price, shop.currency, language),
        "list": _write_money(item.list, shop.currency, language),
        "saving": _write_money(saving, shop.currency, language),
        "other_price": _write_money(other.price, shop.currency, language),
        "code": shop.promotion.code,
        "percent": str(shop.promotion.percent),
        "until": _write_date(shop.promotion.until, language),
        "returns": str(shop.returns.days),
        "warranty": str(shop.warranty.years),
        "low": str(shop.shipping.low),
        "high": str(shop.shipping.high),
        "over": _write_money(shop.shipping.over, shop.currency, language),
    }


def _make_untrue(choose: random.Random, slot: str, shop: Promised, item: Item, *, language: str) -> str:
    """Another value than the true one: near it, another item's, or out of thin air."""
    match slot:
        case "price" | "list" | "over":
            return _write_money(_find_wrong_sum(choose, shop, item), shop.currency, language)
        case "percent":
            return str(
                choose.choice([share for share in (5, 25, 30, 50, 70) if share != shop.promotion.percent])
            )
        case "until":
            return _write_date(
                shop.promotion.until + timedelta(days=choose.choice((-9, 3, 12, 31))), language
            )
        case "code":
            return f"{shop.promotion.code[:-2]}{choose.choice(('75', '99', 'XX'))}"
        case "sku":
            return (
                f"{item.sku[:-1]}{choose.choice('ZXQ')}"
                if choose.random() < 1 / 2
                else f"{item.sku[:3]}-99{choose.randrange(9)}"
            )
        case "warranty":
            return str(shop.warranty.years + choose.choice((2, 5, 7)))
        case "returns":
            return str(shop.returns.days + choose.choice((-7, 5, 15, 60)))
        case _:
            return str(shop.shipping.high + choose.choice((4, 7, 13)))


def _find_wrong_sum(choose: random.Random, shop: Promised, item: Item) -> Decimal:
    """Never a sum that is true of this item, nor one of the shop's terms."""
    true = {item.price, item.list, item.list - item.price, shop.shipping.over}
    near = [
        item.price + step for step in (Decimal("-5.00"), Decimal("1.00"), Decimal("10.00"), Decimal("0.50"))
    ]
    others = [each.price for each in shop.items]
    return choose.choice([value for value in (*near, *others) if value not in true and value > 0])


def _write_money(amount: Decimal, currency: str, language: str) -> str:
    return format_currency(amount, currency, locale=language)


def _write_date(day: date, language: str) -> str:
    return format_date(day, format="d MMMM" if language in ("en", "fr") else "long", locale=language)
