"""Claims as people say them rather than print them: sums in words, comparisons, the last one, half off, tomorrow.

Each wording says when it is true of an item, so that the same wordings make right replies and wrong ones. Neither the
shops nor the wordings are those of `evaluate grounding`.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import yaml

from commerce_agent.decoding import convert
from commerce_agent.management.judged.claims.claimed_shops import Item, Promised

Judge = Callable[["Said"], bool]
Numbers = Callable[["Said"], tuple[int, ...]]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a wording is filled from."""

    shop: Promised
    item: Item
    other: Item
    number: int
    """A number that is told; of what, the wording says."""


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence with places, and when it is true."""

    kind: str
    text: str
    true: Judge
    numbers: Numbers
    """Numbers worth telling: the right one, and some that are wrong."""
    fits: Judge
    """Whether the sentence makes sense of the item at all."""


def read_shops(rows: object) -> tuple[Promised, ...]:
    """Shops as they are written down in YAML."""
    return convert(rows, tuple[Promised, ...], strict=False)


def _read(name: str) -> Any:
    return yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))


SHOPS = read_shops(_read("prose_shops.yaml"))
_SMALL = (
    *(
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_MONEY = {"GBP": "pounds", "USD": "dollars", "EUR": "euros"}


def spell(number: int) -> str:
    """A number below a thousand in English words."""
    if number < len(_SMALL):
        return _SMALL[number]
    tens, unit = divmod(number, 10)
    if number < 100:
        return _TENS[tens] + (f"-{_SMALL[unit]}" if unit else "")
    rest = number % 100
    return f"{_SMALL[number // 100]} hundred" + (f" and {spell(rest)}" if rest else "")


def _near_price(said: Said) -> tuple[int, ...]:
    price = int(said.item.price)
    return (price, price + 5, max(2, price - 4), price + 20)


def _of(number: Callable[[Said], int]) -> Numbers:
    def list_numbers(said: Said) -> tuple[int, ...]:
        right = number(said)
        return (right, right + 1, right + 3, right * 2 + 5)

    return list_numbers


def _is_price(said: Said) -> bool:
    return said.item.price == said.number


def _is_whole(said: Said) -> bool:
    return said.item.price == int(said.item.price)


def _is_in(said: Said) -> bool:
    return said.item.stock > 0


def _is_out(said: Said) -> bool:
    return said.item.stock == 0


def _is_last(said: Said) -> bool:
    return said.item.stock == 1


def _is_half(said: Said) -> bool:
    return said.item.price * 2 == said.item.list


def _is_reduced(said: Said) -> bool:
    return said.item.price < said.item.list


def _is_cheaper(said: Said) -> bool:
    return said.item.price < said.other.price


def _is_dearer(said: Said) -> bool:
    return said.item.price > said.other.price


def _is_cheapest(said: Said) -> bool:
    return said.item.price == min(item.price for item in said.shop.items)


def _is_dearest(said: Said) -> bool:
    return said.item.price == max(item.price for item in said.shop.items)


def _never(said: Said) -> bool:
    return False


def _always(said: Said) -> bool:
    return True


def _is_returns(said: Said) -> bool:
    return said.number == said.shop.returns.days


def _is_warranty(said: Said) -> bool:
    return said.number == said.shop.warranty.years


def _is_percent(said: Said) -> bool:
    return said.number == said.shop.promotion.percent


def _is_delivery(said: Said) -> bool:
    return said.number == said.shop.shipping.high


def _is_count(said: Said) -> bool:
    return said.number == said.item.stock


_COUNTED = _of(lambda said: said.item.stock)
_RETURNS = _of(lambda said: said.shop.returns.days)
_YEARS = _of(lambda said: said.shop.warranty.years)
_SHARE = _of(lambda said: said.shop.promotion.percent)
_DAYS = _of(lambda said: said.shop.shipping.high)


def _number_nothing(said: Said) -> tuple[int, ...]:
    return (0,)


_JUDGED: dict[str, tuple[Judge, Numbers, Judge]] = {
    "price": (_is_price, _near_price, _is_whole),
    "cheaper": (_is_cheaper, _number_nothing, _always),
    "dearer": (_is_dearer, _number_nothing, _always),
    "cheapest": (_is_cheapest, _number_nothing, _always),
    "dearest": (_is_dearest, _number_nothing, _always),
    "half": (_is_half, _number_nothing, _always),
    "reduced": (_is_reduced, _number_nothing, _always),
    "last": (_is_last, _number_nothing, _always),
    "in": (_is_in, _number_nothing, _always),
    "out": (_is_out, _number_nothing, _always),
    "count": (_is_count, _COUNTED, lambda said: said.item.stock > 1),
    "tomorrow": (_never, _number_nothing, _always),
    "delivery": (_is_delivery, _DAYS, _always),
    "returns": (_is_returns, _RETURNS, _always),
    "warranty": (_is_warranty, _YEARS, _always),
    "denied": (_never, _number_nothing, _always),
    "percent": (_is_percent, _SHARE, _always),
    "free": (_never, _number_nothing, _always),
    "plain": (_always, _number_nothing, _always),
}
"""When each kind is true, the numbers worth telling, and of which items it makes sense."""
WORDINGS: tuple[Wording, ...] = tuple(
    Wording(kind=kind, text=text, true=true, numbers=numbers, fits=fits)
    for kind, texts in _read("prose_wordings.yaml").items()
    for true, numbers, fits in (_JUDGED[kind],)
    for text in texts
)


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence, of which shop, and whether it is true."""

    shop: int
    kind: str
    sentence: str
    true: bool
    about: str


def list_claimed(*, seed: int, count: int, true: bool) -> list[Claimed]:
    """So many sentences that are all true, or all false, in turns over the wordings."""
    dice = random.Random(seed)
    made: list[Claimed] = []
    wordings = [each for each in WORDINGS if (each.true is not _never if true else each.true is not _always)]
    number = 0
    while len(made) < count:
        wording = wordings[number % len(wordings)]
        number += 1
        options = [option for option in _list_options(wording) if wording.true(option[1]) is true]
        if not options:
            continue
        place, said = dice.choice(options)
        made.append(
            Claimed(
                shop=place,
                kind=wording.kind,
                sentence=_fill(wording, said),
                true=true,
                about=said.item.sku,
            )
        )
    return made


def _list_options(wording: Wording) -> list[tuple[int, Said]]:
    options: list[tuple[int, Said]] = []
    for place, shop in enumerate(SHOPS):
        for item in shop.items:
            for other in shop.items:
                said = Said(shop=shop, item=item, other=other, number=0)
                if other is item or not wording.fits(said) or other.price == item.price:
                    continue
                options.extend(
                    (place, msgspec.structs.replace(said, number=number)) for number in wording.numbers(said)
                )
    if " Euro" in wording.text or " euros" in wording.text:
        return [(place, said) for place, said in options if said.shop.currency == "EUR"]
    return options


def _fill(wording: Wording, said: Said) -> str:
    money = _MONEY[said.shop.currency]
    return wording.text.format(
        name=said.item.name,
        other=said.other.name,
        number=said.number,
        words=spell(said.number),
        money=money,
        one=money.removesuffix("s"),
        years="year" if said.number == 1 else "years",
        code=said.shop.promotion.code,
    )
